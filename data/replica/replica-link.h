/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-schema.h"
#include "satchel-replica-sync.h"

G_BEGIN_DECLS

SatchelLink *replica_link_read (ReplicaConnection *connection, GError **error);
gboolean replica_link_write (ReplicaTransaction *tx, const SatchelLink *link, GError **error);

G_END_DECLS
