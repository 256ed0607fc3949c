/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-line.h"
#include "satchel-replica-sync.h"

G_BEGIN_DECLS

/* Lays down what the server says, within one transaction of the writer. */
typedef struct _ReplicaLanding ReplicaLanding;

ReplicaLanding *replica_landing_new (ReplicaTransaction *tx, GError **error);
void replica_landing_free (ReplicaLanding *self);
gboolean replica_landing_lay (ReplicaLanding *self, ReplicaLine *line, GError **error);
/* What the server says that a record is now: of one that was put since the beginning. */
gboolean replica_landing_recall (ReplicaLanding *self, const char *id, SatchelRecord **record, GError **error);
/* Settles what is decided, shows anew what that touches, and stores where the device stands.
 * @outcomes: (element-type SatchelOutcome) */
gboolean replica_landing_end (ReplicaLanding *self, const SatchelDeliveryEnd *end, GPtrArray *outcomes,
                              SatchelDeliveryResult *result, GError **error);
/* What the server has given is removed at the end of the next arriving, but for what it gives again until then. */
gboolean replica_mark_all_stale (ReplicaTransaction *tx, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReplicaLanding, replica_landing_free)

G_END_DECLS
