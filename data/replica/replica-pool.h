/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-connection.h"

G_BEGIN_DECLS

/* Connections for reading; each is used by one thread at a time. Thread-safe. */
typedef struct _ReplicaPool ReplicaPool;

ReplicaPool *replica_pool_new (const char *path);
void replica_pool_free (ReplicaPool *self);
ReplicaConnection *replica_pool_take (ReplicaPool *self, GError **error);
void replica_pool_give (ReplicaPool *self, ReplicaConnection *connection);

G_END_DECLS
