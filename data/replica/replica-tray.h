/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "records/satchel-mutation.h"
#include "replica-schema.h"

G_BEGIN_DECLS

#define REPLICA_TRAY_SELECT "SELECT id, n, at, strict, code, reason, body FROM _tray ORDER BY number"

/* Mutations as they are kept: a list of JSON. (element-type SatchelMutation) */
char *replica_tray_mutations_to_body (GPtrArray *mutations);
GPtrArray *replica_tray_mutations_from_body (const char *body, GError **error);

/* The entry of a row of that. */
SatchelWork *replica_tray_read_entry (ReplicaStatement *statement, GError **error);
/* An entry as it was in another file. */
gboolean replica_tray_restore (ReplicaTransaction *tx, const SatchelWork *entry, GError **error);
/* (element-type SatchelWork) */
GPtrArray *replica_tray_list (ReplicaConnection *connection, GError **error);
/* Adds what was refused of a group. @group: as sent, or with only what was refused of it. */
gboolean replica_tray_add (ReplicaTransaction *tx, const SatchelGroup *group, const char *code, const char *reason,
                           GError **error);
gboolean replica_tray_retry (ReplicaTransaction *tx, const char *id, GError **error);
/* Takes out an entry that the group @n is in the place of. */
gboolean replica_tray_give_way (ReplicaTransaction *tx, const char *id, gint64 n, GError **error);
gboolean replica_tray_drop (ReplicaTransaction *tx, const char *id, GError **error);

G_END_DECLS
