/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "replica-pool.h"

#define MAX_IDLE 4

struct _ReplicaPool
{
  char *path;
  GMutex mutex;
  GPtrArray *idle; /* (element-type ReplicaConnection) */
};

ReplicaPool *
replica_pool_new (const char *path)
{
  ReplicaPool *self = g_new0 (ReplicaPool, 1);

  self->path = g_strdup (path);
  self->idle = g_ptr_array_new_with_free_func ((GDestroyNotify) replica_connection_close);
  g_mutex_init (&self->mutex);

  return self;
}

void
replica_pool_free (ReplicaPool *self)
{
  g_ptr_array_unref (self->idle);
  g_mutex_clear (&self->mutex);
  g_free (self->path);
  g_free (self);
}

static ReplicaConnection *
take_idle (ReplicaPool *self)
{
  ReplicaConnection *connection = NULL;

  g_mutex_lock (&self->mutex);
  if (self->idle->len > 0)
    connection = g_ptr_array_steal_index (self->idle, self->idle->len - 1);
  g_mutex_unlock (&self->mutex);

  return connection;
}

/* The last one that was given back first: its cache is warm. */
ReplicaConnection *
replica_pool_take (ReplicaPool *self, GError **error)
{
  ReplicaConnection *connection = take_idle (self);

  return connection != NULL ? connection : replica_connection_open (self->path, REPLICA_ACCESS_READ, error);
}

void
replica_pool_give (ReplicaPool *self, ReplicaConnection *connection)
{
  gboolean keep;

  g_mutex_lock (&self->mutex);
  keep = self->idle->len < MAX_IDLE;
  if (keep)
    g_ptr_array_add (self->idle, connection);
  g_mutex_unlock (&self->mutex);

  if (!keep)
    replica_connection_close (connection);
}
