/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-account-gather.h"

static GPtrArray *
list_of_account (SatchelReplica *replica, const char *type_name, const char *account_id, const char *sort,
                 gboolean descending, guint limit, GError **error)
{
  const SatchelType *type = satchel_vocabulary_lookup (satchel_replica_get_vocabulary (replica), type_name);
  g_autoptr (SatchelQuery) query = satchel_query_new (type);

  if (!satchel_query_where_text (query, "account", account_id, error) ||
      (sort != NULL && !satchel_query_set_sort (query, sort, descending, error)))
    return NULL;

  return satchel_replica_page (replica, query, NULL, limit, error);
}

gboolean
satchel_task_is_open (SatchelRecord *task)
{
  const char *status = satchel_record_get_text (task, "status");

  return status == NULL || g_str_equal (status, "open");
}

/**
 * satchel_task_get_due:
 * @task: a task
 *
 * Returns: (nullable): the day, or the time, by which it is due
 */
const char *
satchel_task_get_due (SatchelRecord *task)
{
  const char *due_at = satchel_record_get_text (task, "due_at");

  return due_at != NULL ? due_at : satchel_record_get_text (task, "due_on");
}

static gboolean
is_type (SatchelRecord *record, const char *type)
{
  return g_str_equal (satchel_type_get_name (satchel_record_get_record_type (record)), type);
}

static const char *
first_text (const char *a, const char *b)
{
  return a != NULL ? a : b != NULL ? b : "";
}

/**
 * satchel_timeline_get_moment:
 * @record: an activity, a note, a task that is done, or an order
 *
 * Returns: when it happened
 */
const char *
satchel_timeline_get_moment (SatchelRecord *record)
{
  const char *created = satchel_record_get_created_at (record);

  if (is_type (record, "activity"))
    return first_text (satchel_record_get_text (record, "starts_at"), created);
  if (is_type (record, "order"))
    return first_text (satchel_record_get_text (record, "placed_at"), created);
  if (is_type (record, "task"))
    return first_text (satchel_record_get_text (record, "done_at"), satchel_record_get_updated_at (record));
  return first_text (created, satchel_record_get_updated_at (record));
}

static gint
compare_moments (gconstpointer a, gconstpointer b)
{
  SatchelRecord *first = *(SatchelRecord *const *) a, *second = *(SatchelRecord *const *) b;
  int order = g_strcmp0 (satchel_timeline_get_moment (second), satchel_timeline_get_moment (first));

  return order != 0 ? order : g_strcmp0 (satchel_record_get_id (second), satchel_record_get_id (first));
}

/* Those without a day come last. */
static gint
compare_due (gconstpointer a, gconstpointer b)
{
  SatchelRecord *first = *(SatchelRecord *const *) a, *second = *(SatchelRecord *const *) b;
  const char *due = satchel_task_get_due (first), *other = satchel_task_get_due (second);

  if ((due == NULL) != (other == NULL))
    return due == NULL ? 1 : -1;
  return due != NULL && !g_str_equal (due, other)
             ? g_strcmp0 (due, other)
             : g_strcmp0 (satchel_record_get_id (first), satchel_record_get_id (second));
}

static GPtrArray *
records_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_record_unref);
}

static void
add_some (GPtrArray *all, GPtrArray *records, gboolean open_tasks)
{
  for (guint i = 0; i < records->len; i++)
    if (!is_type (records->pdata[i], "task") || satchel_task_is_open (records->pdata[i]) == open_tasks)
      g_ptr_array_add (all, satchel_record_ref (records->pdata[i]));
}

/* Tasks of which nobody said that they are done, whether their status says open or nothing. */
static gboolean
add_open_tasks (GPtrArray *all, SatchelReplica *replica, const char *account_id, const char *status, guint limit,
                GError **error)
{
  const SatchelType *type = satchel_vocabulary_lookup (satchel_replica_get_vocabulary (replica), "task");
  g_autoptr (SatchelQuery) query = satchel_query_new (type);
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  g_autoptr (GPtrArray) tasks = NULL;

  if (status != NULL)
    satchel_value_set_text (&value, status);
  satchel_query_where (query, "status", &value);
  if (!satchel_query_where_text (query, "account", account_id, error))
    return FALSE;
  tasks = satchel_replica_page (replica, query, NULL, limit, error);
  if (tasks == NULL)
    return FALSE;

  add_some (all, tasks, TRUE);
  return TRUE;
}

GPtrArray *
satchel_gather_next_steps (SatchelReplica *replica, const char *account_id, guint limit, GError **error)
{
  g_autoptr (GPtrArray) open = records_new ();

  if (!add_open_tasks (open, replica, account_id, "open", limit, error) ||
      !add_open_tasks (open, replica, account_id, NULL, limit, error))
    return NULL;
  g_ptr_array_sort (open, compare_due);
  if (open->len > limit)
    g_ptr_array_set_size (open, (gint) limit);

  return g_steal_pointer (&open);
}

/* The newest of each kind are enough to find the newest of all. */
GPtrArray *
satchel_gather_timeline (SatchelReplica *replica, const char *account_id, guint limit, GError **error)
{
  static const struct
  {
    const char *type;
    const char *sort;
  } kinds[] = {
    { "activity", "starts_at"  },
    { "note",     "created_at" },
    { "order",    "placed_at"  },
    { "task",     "updated_at" },
  };
  g_autoptr (GPtrArray) all = records_new ();

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GPtrArray) records = list_of_account (replica, kinds[i].type, account_id, kinds[i].sort, TRUE, limit,
                                                       error);

      if (records == NULL)
        return NULL;
      add_some (all, records, FALSE);
    }

  g_ptr_array_sort (all, compare_moments);
  if (all->len > limit)
    g_ptr_array_set_size (all, (gint) limit);

  return g_steal_pointer (&all);
}

GPtrArray *
satchel_gather_people (SatchelReplica *replica, const char *account_id, guint limit, GError **error)
{
  return list_of_account (replica, "contact", account_id, NULL, FALSE, limit, error);
}

GPtrArray *
satchel_gather_notes (SatchelReplica *replica, const char *account_id, guint limit, GError **error)
{
  return list_of_account (replica, "note", account_id, "updated_at", TRUE, limit, error);
}
