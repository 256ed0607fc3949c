/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "replica-status.h"

#include "replica-lists.h"
#include "replica-rows.h"

/* ---- Conflicts ------------------------------------------------------------------------------------ */

/* %NULL when the vocabulary has no conflicts. */
static SatchelQuery *
open_conflicts_query_new (const ReplicaSchema *schema)
{
  const SatchelType *type = satchel_vocabulary_lookup (schema->vocabulary, "conflict");
  g_autoptr (SatchelQuery) query = NULL;

  if (type == NULL)
    return NULL;

  query = satchel_query_new (type);
  satchel_query_where_text (query, "state", "open", NULL);
  satchel_query_set_sort (query, "created_at", FALSE, NULL);

  return g_steal_pointer (&query);
}

GPtrArray *
replica_status_list_conflicts (ReplicaConnection *connection, const ReplicaSchema *schema, GError **error)
{
  g_autoptr (SatchelQuery) query = open_conflicts_query_new (schema);

  if (query == NULL)
    return g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_record_unref);

  return replica_lists_page (connection, schema, query, NULL, G_MAXUINT, error);
}

/* ---- Status --------------------------------------------------------------------------------------- */

static gboolean
count_rows (ReplicaConnection *connection, const char *sql, guint *count, GError **error)
{
  gint64 number;

  if (!replica_query_integer (connection, sql, &number, error))
    return FALSE;

  *count = (guint) number;

  return TRUE;
}

static gboolean
count_conflicts (ReplicaConnection *connection, const ReplicaSchema *schema, guint *count, GError **error)
{
  g_autoptr (SatchelQuery) query = open_conflicts_query_new (schema);
  guint64 number = 0;

  if (query != NULL && !replica_lists_count (connection, schema, query, &number, error))
    return FALSE;

  *count = (guint) number;

  return TRUE;
}

static gboolean
count_records (ReplicaConnection *connection, const ReplicaSchema *schema, guint64 *records, GError **error)
{
  for (guint i = 0; i < REPLICA_MAX_TYPES; i++)
    {
      g_autoptr (SatchelQuery) query = NULL;

      if (schema->tables[i] == NULL)
        continue;

      query = satchel_query_new (schema->tables[i]->type);
      if (!replica_lists_count (connection, schema, query, &records[i], error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
read_link (ReplicaConnection *connection, SatchelStatus *status, GError **error)
{
  gint64 arriving;

  if (!replica_meta_get_integer (connection, "arriving", &arriving, error))
    return FALSE;

  status->arriving = arriving != 0;

  return replica_meta_get (connection, "server", &status->server, error) &&
         replica_meta_get (connection, "user_id", &status->user_id, error) &&
         replica_meta_get (connection, "user_name", &status->user_name, error) &&
         replica_meta_get (connection, "device_id", &status->device_id, error) &&
         replica_meta_get (connection, "last_sync", &status->last_sync, error);
}

SatchelStatus *
replica_status_new (ReplicaConnection *connection, const ReplicaSchema *schema, GError **error)
{
  g_autoptr (SatchelStatus) status = g_new0 (SatchelStatus, 1);

  status->records = g_new0 (guint64, REPLICA_MAX_TYPES);

  if (!read_link (connection, status, error) ||
      !count_rows (connection, "SELECT count(*) FROM _outbox", &status->pending, error) ||
      !count_rows (connection, "SELECT count(*) FROM _tray", &status->tray, error) ||
      !count_conflicts (connection, schema, &status->conflicts, error) ||
      !count_records (connection, schema, status->records, error))
    return NULL;

  return g_steal_pointer (&status);
}

/**
 * satchel_status_free:
 * @status: (transfer full): a status
 */
void
satchel_status_free (SatchelStatus *status)
{
  g_free (status->server);
  g_free (status->user_id);
  g_free (status->user_name);
  g_free (status->device_id);
  g_free (status->last_sync);
  g_free (status->records);
  g_free (status);
}
