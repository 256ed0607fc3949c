/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "crash-subject.h"
#include "server/core/server-sync.h"

G_BEGIN_DECLS

/* The server's core over a store. Its epoch is "aaaaa". */
typedef struct
{
  CrashSubject base;
  SatchelStore *store; /* %NULL: not open */
  SatchelStoreSession *writer;
  SatchelServer *server;
} CrashServer;

extern const CrashKind crash_server_kind;

#define CRASH_SERVER(subject) ((CrashServer *) (subject))

/* Makes nothing where something is missing. */
gboolean crash_server_open_as_it_is (CrashSubject *self, GError **error);

/* Chance as the server draws it: the same in each run. */
void crash_server_tame_chance (void);

/* Steps: each is one transaction. Ids are those of crash_id(). */
gboolean crash_server_grant (CrashSubject *self, guint user, guint territory, gboolean granted, GError **error);
/* Devices are those of crash_device_token(). */
gboolean crash_server_enrol (CrashSubject *self, guint user, GError **error);
char *crash_device_token (guint user);
gboolean crash_server_push (CrashSubject *self, guint user, GBytes *request, GError **error);
/* All that the device may see; no step. */
gboolean crash_server_pull (CrashSubject *self, guint user, GError **error);

/* Records to put as an administrator; fields are pairs of name and text, ended by %NULL. */
GPtrArray *crash_records_new (void);
void crash_records_add (GPtrArray *self, const char *type, guint id, ...) G_GNUC_NULL_TERMINATED;
gboolean crash_server_put (CrashSubject *self, GPtrArray *records, GError **error);

G_END_DECLS
