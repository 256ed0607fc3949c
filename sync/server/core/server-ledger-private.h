/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server-ledger.h"

G_BEGIN_DECLS

/* The open conflict of a unit, none where NULL. */
typedef struct
{
  char *stored; /* what the store has */
  char *now;
} SatchelLedgerConflict;

struct _SatchelLedger
{
  SatchelView *view;
  SatchelServer *server;
  SatchelStoreSession *session;
  GError *error;

  GHashTable *rows; /* id -> SatchelRow, or NULL for what is not there */
  GPtrArray *dirty; /* (unowned) rows, in the order that they were first changed */
  GHashTable *conflicts; /* "TARGET\nUNIT" -> SatchelLedgerConflict */
  GHashTable *conflicts_of; /* set: targets whose conflicts were read */
  GPtrArray *history;
  GPtrArray *groups;

  guint mutation;
  char *kind;
  char *at;
  char *given_record; /* NULL: nothing was given before */
  SatchelRevision given;

  gboolean marked;
  GPtrArray *before; /* SavedRow, of rows changed since the mark */
  guint history_mark;
  GHashTable *conflicts_before; /* key -> id or NULL */
};

G_END_DECLS
