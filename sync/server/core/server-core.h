/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "records/satchel-mutation.h"
#include "server/store/satchel-store.h"

G_BEGIN_DECLS

/**
 * SatchelServerError: why a request as a whole is not answered. Codes and statuses are those of PROTOCOL.md.
 */
typedef enum
{
  SATCHEL_SERVER_ERROR_MALFORMED,
  SATCHEL_SERVER_ERROR_LIMITS,
  SATCHEL_SERVER_ERROR_PROTOCOL,
  SATCHEL_SERVER_ERROR_CREDENTIALS,
  SATCHEL_SERVER_ERROR_CODE,
  SATCHEL_SERVER_ERROR_TOKEN,
  SATCHEL_SERVER_ERROR_DISABLED,
  SATCHEL_SERVER_ERROR_PERMISSION,
  SATCHEL_SERVER_ERROR_NOT_FOUND,
  SATCHEL_SERVER_ERROR_BUSY,
  SATCHEL_SERVER_ERROR_INTERNAL,
} SatchelServerError;
#define SATCHEL_SERVER_ERROR (satchel_server_error_quark ())
GQuark satchel_server_error_quark (void);

/**
 * SatchelServer:
 *
 * What all requests share: the vocabulary, the store's epochs, the settings
 * that decide. Immutable once made, so any thread may use it. Everything of
 * the core is free of HTTP and of threads: it runs on the session that it is
 * given, in a transaction that the caller began and commits.
 */
typedef struct _SatchelServer SatchelServer;

SatchelServer *satchel_server_new (const SatchelVocabulary *vocabulary, SatchelStoreSession *session, GError **error);
void satchel_server_free (SatchelServer *self);
void satchel_server_set_token_lifetime (SatchelServer *self, gint64 seconds);
gint64 satchel_server_get_token_lifetime (const SatchelServer *self);
/* The most records of one page; fewer where they are long. */
void satchel_server_set_page_records (SatchelServer *self, guint n_records);
guint satchel_server_get_page_records (const SatchelServer *self);
const SatchelVocabulary *satchel_server_get_vocabulary (const SatchelServer *self);
const char *satchel_server_get_epoch (const SatchelServer *self);
const char *satchel_server_get_organisation (const SatchelServer *self);

/* The store of a new organisation: its first epoch. In a transaction. */
gboolean satchel_server_found (SatchelStoreSession *session, const char *organisation, GError **error);

/* A store that was brought back from a backup: a new epoch. In a transaction. */
gboolean satchel_server_refound (SatchelStoreSession *session, GError **error);

/* Where an epoch was cut off; -1: it is the present one, or none that is known. */
gint64 satchel_server_get_cut (const SatchelServer *self, const char *epoch);

gboolean satchel_server_knows_epoch (const SatchelServer *self, const char *epoch);

/* Revisions. */
gboolean satchel_revision_parse (const char *text, SatchelRevision *revision);
char *satchel_revision_to_string (const char *epoch, gint64 n);
/* Whether what was last changed at @changed is unchanged since @base. */
gboolean satchel_server_is_unchanged (const SatchelServer *self, const SatchelRevision *changed,
                                      const SatchelRevision *base);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelServer, satchel_server_free)

G_END_DECLS
