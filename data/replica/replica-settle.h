/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-schema.h"
#include "satchel-replica-sync.h"

G_BEGIN_DECLS

/* Keeps what the server decided until a page covers it. */
gboolean replica_settle_store (ReplicaTransaction *tx, GPtrArray *outcomes, GError **error);
/* Retires the decided groups up to @through into the journal: what was refused goes to the tray. Adds the ids of the
 * records that they touched to @touched, and counts. @at: by the server's clock. */
gboolean replica_settle (ReplicaTransaction *tx, gint64 through, const char *at, GHashTable *touched,
                         SatchelDeliveryResult *result, GError **error);

G_END_DECLS
