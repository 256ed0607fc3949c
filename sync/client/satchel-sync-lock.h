/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica/satchel-replica-sync.h"

G_BEGIN_DECLS

/* As satchel_replica_lock_sync(), but waits a while for whoever holds it: an app that is open holds it only while it
 * sends or receives. */
gboolean satchel_sync_lock (SatchelReplica *replica, GCancellable *cancellable, GError **error);

G_END_DECLS
