/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-schema.h"
#include "satchel-replica-sync.h"

G_BEGIN_DECLS

SatchelLink *replica_link_read (ReplicaConnection *connection, GError **error);
gboolean replica_link_write (ReplicaTransaction *tx, const SatchelLink *link, GError **error);
/* Everything but the cursor. */
JsonObject *replica_link_to_json (const SatchelLink *link);
SatchelLink *replica_link_from_json (JsonObject *object);
/* Everything but the cursor, also what is counted here. */
gboolean replica_link_restore (ReplicaTransaction *tx, const SatchelLink *link, GError **error);

G_END_DECLS
