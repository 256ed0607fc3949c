/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What pages ask the replica for. */

#include "satchel-services-private.h"

/**
 * satchel_services_spawn:
 * @fiber: what to run on the UI thread, waiting where it has to
 * @data: handed to @fiber
 * @data_free: (nullable): frees @data when the fiber has ended
 *
 * Starts a fiber that nobody waits for. It ends with %NULL; what it cannot
 * deal with it says to the person itself.
 */
void
satchel_services_spawn (DexFiberFunc fiber, gpointer data, GDestroyNotify data_free)
{
  dex_future_disown (dex_scheduler_spawn (NULL, 0, fiber, data, data_free));
}

DexFuture *
satchel_services_read (SatchelServices *self, SatchelReadFunc func, gpointer data, GDestroyNotify data_free,
                       GDestroyNotify answer_free)
{
  g_return_val_if_fail (SATCHEL_IS_SERVICES (self), NULL);
  return satchel_jobs_read (self->jobs, func, data, data_free, answer_free);
}

static gpointer
read_record (SatchelReplica *replica, gpointer data, GError **error)
{
  return satchel_replica_get (replica, data, error);
}

DexFuture *
satchel_services_get (SatchelServices *self, const char *id)
{
  return satchel_services_read (self, read_record, g_strdup (id), g_free, (GDestroyNotify) satchel_record_unref);
}

typedef struct
{
  SatchelQuery *query;
  SatchelRecord *after;
  guint limit;
} PageRequest;

static void
page_request_free (PageRequest *request)
{
  satchel_query_unref (request->query);
  g_clear_pointer (&request->after, satchel_record_unref);
  g_free (request);
}

static gpointer
read_page (SatchelReplica *replica, gpointer data, GError **error)
{
  PageRequest *request = data;

  return satchel_replica_page (replica, request->query, request->after, request->limit, error);
}

/**
 * satchel_services_page:
 * @self: the services
 * @query: what to list; not changed any more afterwards
 * @after: (nullable): the last record of the page before
 * @limit: at most how many
 *
 * Returns: (transfer full): a future of a #GPtrArray of #SatchelRecord
 */
DexFuture *
satchel_services_page (SatchelServices *self, SatchelQuery *query, const SatchelRecord *after, guint limit)
{
  PageRequest *request = g_new0 (PageRequest, 1);

  request->query = satchel_query_ref (query);
  request->after = after != NULL ? satchel_record_ref ((SatchelRecord *) after) : NULL;
  request->limit = limit;
  return satchel_services_read (self, read_page, request, (GDestroyNotify) page_request_free,
                                (GDestroyNotify) g_ptr_array_unref);
}

typedef struct
{
  char *text;
  const SatchelType **types;
  guint limit;
} SearchRequest;

static void
search_request_free (SearchRequest *request)
{
  g_free (request->text);
  g_free (request->types);
  g_free (request);
}

static gpointer
read_search (SatchelReplica *replica, gpointer data, GError **error)
{
  SearchRequest *request = data;

  return satchel_replica_search (replica, request->text, request->types, request->limit, error);
}

static const SatchelType **
copy_types (const SatchelType *const *types)
{
  g_autoptr (GPtrArray) copy = g_ptr_array_new ();

  if (types == NULL)
    return NULL;
  for (guint i = 0; types[i] != NULL; i++)
    g_ptr_array_add (copy, (gpointer) types[i]);
  g_ptr_array_add (copy, NULL);
  return (const SatchelType **) g_ptr_array_steal (copy, NULL);
}

/**
 * satchel_services_search:
 * @self: the services
 * @text: what was typed
 * @types: (nullable) (array zero-terminated=1): the types to look in
 * @limit: at most how many
 *
 * Returns: (transfer full): a future of a #GPtrArray of #SatchelRecord, best first
 */
DexFuture *
satchel_services_search (SatchelServices *self, const char *text, const SatchelType *const *types, guint limit)
{
  SearchRequest *request = g_new0 (SearchRequest, 1);

  request->text = g_strdup (text);
  request->types = copy_types (types);
  request->limit = limit;
  return satchel_services_read (self, read_search, request, (GDestroyNotify) search_request_free,
                                (GDestroyNotify) g_ptr_array_unref);
}

static gpointer
read_titles (SatchelReplica *replica, gpointer data, GError **error)
{
  char **ids = data;
  g_autoptr (GHashTable) titles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 0; ids[i] != NULL; i++)
    {
      g_autoptr (SatchelRecord) record = satchel_replica_get (replica, ids[i], NULL);

      if (record != NULL)
        g_hash_table_insert (titles, g_strdup (ids[i]), satchel_record_dup_title (record));
    }
  return g_steal_pointer (&titles);
}

/**
 * satchel_services_titles:
 * @self: the services
 * @ids: (array zero-terminated=1): ids of records of any type
 *
 * What to write where a field refers to another record.
 *
 * Returns: (transfer full): a future of a #GHashTable from id to title
 */
DexFuture *
satchel_services_titles (SatchelServices *self, const char *const *ids)
{
  return satchel_services_read (self, read_titles, g_strdupv ((char **) ids), (GDestroyNotify) g_strfreev,
                                (GDestroyNotify) g_hash_table_unref);
}
