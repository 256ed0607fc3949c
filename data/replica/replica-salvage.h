/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-kept.h"
#include "replica-schema.h"

G_BEGIN_DECLS

/* What can still be read of the unsettled work of a damaged replica, from itself and from its spare copy. */
ReplicaKept *replica_salvage_gather (const char *path);
/* Puts it into a new replica. */
gboolean replica_salvage_restore (ReplicaTransaction *tx, const ReplicaKept *kept, GError **error);

G_END_DECLS
