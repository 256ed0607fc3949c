/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lists: how many, a page by its key, the outline of all pages. A page is never found by counting rows. */

#include "satchel-config.h"

#include "replica-lists.h"

#include <string.h>

#include "records/satchel-text.h"
#include "replica-plan.h"
#include "replica-rows.h"

/* The first byte of a page's key says what follows: where to go on after (the order's key, a NUL, the id; nothing for
 * the first page), or the keys of its rows. */
#define PAGE_SEEKS 's'
#define PAGE_LISTS 'l'

static GPtrArray *
records_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_record_unref);
}

gboolean
replica_lists_count (ReplicaConnection *connection, const ReplicaSchema *schema, const SatchelQuery *query,
                     guint64 *count, GError **error)
{
  g_autoptr (ReplicaPlan) plan = replica_plan_new (connection, schema, query, error);
  g_autoptr (ReplicaStatement) statement = NULL;

  if (plan != NULL)
    statement = replica_plan_select (plan, connection, "count(*)", NULL, FALSE, FALSE, NULL, error);
  if (statement == NULL || replica_step (statement, error) != REPLICA_ROW)
    return FALSE;

  *count = (guint64) replica_column_integer (statement, 0);

  return TRUE;
}

/* ---- Pages ---------------------------------------------------------------------------------------- */

static GPtrArray *
read_records (ReplicaConnection *connection, const ReplicaTable *table, ReplicaStatement *statement, GError **error)
{
  g_autoptr (GPtrArray) records = records_new ();
  ReplicaStep step;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    {
      SatchelRecord *record = replica_rows_read (connection, table, statement, error);

      if (record == NULL)
        return NULL;
      g_ptr_array_add (records, record);
    }

  return step == REPLICA_DONE ? g_steal_pointer (&records) : NULL;
}

static GPtrArray *
read_after (const ReplicaPlan *plan, ReplicaConnection *connection, const char *order, const char *id, guint limit,
            GError **error)
{
  const char *more = plan->descending ? " AND (_order, id) < (?, ?)" : " AND (_order, id) > (?, ?)";
  g_autoptr (ReplicaStatement) statement = NULL;
  int n;

  statement = replica_plan_select (plan, connection, plan->table->columns, id != NULL ? more : NULL, TRUE, TRUE, &n,
                                   error);
  if (statement == NULL)
    return NULL;

  if (id != NULL)
    {
      sqlite3_bind_text (statement, n + 1, order, -1, SQLITE_TRANSIENT);
      sqlite3_bind_text (statement, n + 2, id, -1, SQLITE_TRANSIENT);
      n += 2;
    }
  sqlite3_bind_int64 (statement, n + 1, limit);

  return read_records (connection, plan->table, statement, error);
}

/* As the order's expression has it, of a record in memory. */
static void
get_sort_value (const SatchelQuery *query, const SatchelRecord *record, SatchelValue *value)
{
  guint index = 0;

  if (query->sort == NULL)
    {
      satchel_value_set_text (value, strcmp (query->sort_column, "created_at") == 0
                                         ? satchel_record_get_created_at (record)
                                         : satchel_record_get_updated_at (record));
      return;
    }

  satchel_type_lookup_field (query->type, query->sort->name, &index);
  satchel_value_copy (satchel_record_get_value (record, index), value);
}

/* Records without a value come last, by id. Text goes through the same function as the column. */
static GPtrArray *
read_after_value (const ReplicaPlan *plan, ReplicaConnection *connection, const SatchelQuery *query,
                  const SatchelRecord *after, guint limit, GError **error)
{
  const char *sign = plan->descending ? "<" : ">";
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  g_autofree char *more = NULL;
  g_autoptr (ReplicaStatement) statement = NULL;
  int n;

  get_sort_value (query, after, &value);
  if (satchel_value_is_null (&value))
    more = g_strdup_printf (" AND ?%u IS NULL AND %s IS NULL AND id %s ?", plan->values->len + 1, plan->order, sign);
  else if (g_str_has_prefix (plan->order, "satchel_order"))
    more = g_strdup_printf (" AND (%s IS NULL OR (%s, id) %s (satchel_order (?), ?))", plan->order, plan->order, sign);
  else
    more = g_strdup_printf (" AND (%s IS NULL OR (%s, id) %s (?, ?))", plan->order, plan->order, sign);

  statement = replica_plan_select (plan, connection, plan->table->columns, more, TRUE, TRUE, &n, error);
  if (statement == NULL)
    return NULL;

  replica_plan_bind_value (statement, n + 1, &value);
  sqlite3_bind_text (statement, n + 2, satchel_record_get_id (after), -1, SQLITE_TRANSIENT);
  sqlite3_bind_int64 (statement, n + 3, limit);

  return read_records (connection, plan->table, statement, error);
}

GPtrArray *
replica_lists_page (ReplicaConnection *connection, const ReplicaSchema *schema, const SatchelQuery *query,
                    const SatchelRecord *after, guint limit, GError **error)
{
  g_autoptr (ReplicaPlan) plan = replica_plan_new (connection, schema, query, error);
  g_autofree char *order = NULL;

  if (plan == NULL)
    return NULL;
  if (after == NULL)
    return read_after (plan, connection, NULL, NULL, limit, error);
  if (!plan->own_order)
    return read_after_value (plan, connection, query, after, limit, error);

  order = replica_table_dup_order (plan->table, after);

  return read_after (plan, connection, order, satchel_record_get_id (after), limit, error);
}

/* ---- The outline ---------------------------------------------------------------------------------- */

typedef struct
{
  SatchelOutline *outline;
  GByteArray *page; /* the page that is being filled */
  char last_first[8]; /* the first letter of the row before */
  gboolean has_sections;
} Outlining;

static SatchelOutline *
outline_new (guint page_size)
{
  SatchelOutline *outline = g_new0 (SatchelOutline, 1);

  outline->page_size = page_size;
  outline->pages = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  outline->sections = g_array_new (FALSE, TRUE, sizeof (SatchelSection));

  return outline;
}

/**
 * satchel_outline_free:
 * @outline: (transfer full): an outline
 */
void
satchel_outline_free (SatchelOutline *outline)
{
  g_ptr_array_unref (outline->pages);
  g_array_unref (outline->sections);
  g_free (outline);
}

static void
begin_section (Outlining *self, const char *first)
{
  g_autofree char *heading = satchel_text_section (first);
  SatchelSection section = { .start = self->outline->n_records };
  GArray *sections = self->outline->sections;

  g_strlcpy (section.heading, heading, sizeof section.heading);
  if (sections->len > 0 &&
      strcmp (g_array_index (sections, SatchelSection, sections->len - 1).heading, section.heading) == 0)
    return;

  g_array_append_val (sections, section);
}

/* Only where the first letter differs from the row's before may a section begin. */
static void
look_for_section (Outlining *self, const char *order)
{
  gsize length = *order != '\0' ? (gsize) (g_utf8_next_char (order) - order) : 0;

  if (!self->has_sections)
    return;
  if (self->outline->n_records > 0 && strncmp (order, self->last_first, length) == 0 &&
      self->last_first[length] == '\0')
    return;

  memcpy (self->last_first, order, length);
  self->last_first[length] = '\0';
  begin_section (self, self->last_first);
}

static void
begin_page (Outlining *self, char kind)
{
  self->page = g_byte_array_new ();
  g_byte_array_append (self->page, (const guint8 *) &kind, 1);
}

static void
end_page (Outlining *self)
{
  if (self->page != NULL)
    g_ptr_array_add (self->outline->pages, g_byte_array_free_to_bytes (g_steal_pointer (&self->page)));
}

/* Where the next page begins: behind this row. */
static void
begin_page_behind (Outlining *self, ReplicaStatement *statement)
{
  const char *order = replica_column_text (statement, 0);
  const char *id = replica_column_text (statement, 1);

  begin_page (self, PAGE_SEEKS);
  g_byte_array_append (self->page, (const guint8 *) order, strlen (order) + 1);
  g_byte_array_append (self->page, (const guint8 *) id, strlen (id) + 1);
}

static gboolean
outline_by_seeking (Outlining *self, const ReplicaPlan *plan, ReplicaConnection *connection, GError **error)
{
  g_autoptr (ReplicaStatement) statement = NULL;
  SatchelOutline *outline = self->outline;
  ReplicaStep step;

  statement = replica_plan_select (plan, connection, "_order, id", NULL, TRUE, FALSE, NULL, error);
  if (statement == NULL)
    return FALSE;

  begin_page (self, PAGE_SEEKS);
  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    {
      if (outline->n_records % outline->page_size == 0)
        end_page (self);

      look_for_section (self, replica_column_text (statement, 0));
      outline->n_records++;

      if (outline->n_records % outline->page_size == 0)
        begin_page_behind (self, statement);
    }

  return step == REPLICA_DONE;
}

/* Without an index that has the order, the rows of each page are remembered by their keys, eight bytes each. */
static gboolean
outline_by_listing (Outlining *self, const ReplicaPlan *plan, ReplicaConnection *connection, GError **error)
{
  g_autoptr (ReplicaStatement) statement = NULL;
  SatchelOutline *outline = self->outline;
  ReplicaStep step;

  statement = replica_plan_select (plan, connection, "_key, _order", NULL, TRUE, FALSE, NULL, error);
  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    {
      gint64 key = replica_column_integer (statement, 0);

      if (outline->n_records % outline->page_size == 0)
        {
          end_page (self);
          begin_page (self, PAGE_LISTS);
        }

      g_byte_array_append (self->page, (const guint8 *) &key, sizeof key);
      look_for_section (self, replica_column_text (statement, 1));
      outline->n_records++;
    }

  end_page (self);

  return step == REPLICA_DONE;
}

SatchelOutline *
replica_lists_outline (ReplicaConnection *connection, const ReplicaSchema *schema, const SatchelQuery *query,
                       guint page_size, GError **error)
{
  g_autoptr (ReplicaPlan) plan = replica_plan_new (connection, schema, query, error);
  g_autoptr (SatchelOutline) outline = outline_new (page_size);
  Outlining self = { .outline = outline };
  gboolean done;

  if (plan == NULL)
    return NULL;

  self.has_sections = plan->has_sections;
  if (plan->seekable)
    done = outline_by_seeking (&self, plan, connection, error);
  else
    done = outline_by_listing (&self, plan, connection, error);

  g_clear_pointer (&self.page, g_byte_array_unref);

  return done ? g_steal_pointer (&outline) : NULL;
}

/* ---- Pages of an outline -------------------------------------------------------------------------- */

static GPtrArray *
read_listed (const ReplicaTable *table, ReplicaConnection *connection, const SatchelQuery *query, const guint8 *keys,
             gsize n_keys, GError **error)
{
  g_autoptr (GPtrArray) records = records_new ();
  ReplicaRow *row;

  for (gsize i = 0; i < n_keys; i++)
    {
      g_autoptr (ReplicaRow) found = NULL;
      gint64 key;

      memcpy (&key, keys + i * sizeof key, sizeof key);
      if (!replica_rows_find_by_key (connection, table, key, &row, error))
        return NULL;

      found = row;
      if (found != NULL && (satchel_record_get_deleted_at (found->record) != NULL) == query->in_bin)
        g_ptr_array_add (records, g_steal_pointer (&found->record));
    }

  return g_steal_pointer (&records);
}

GPtrArray *
replica_lists_page_at (ReplicaConnection *connection, const ReplicaSchema *schema, const SatchelQuery *query,
                       const SatchelOutline *outline, guint page, GError **error)
{
  g_autoptr (ReplicaPlan) plan = NULL;
  gsize size;
  const guint8 *key;
  const char *order = NULL, *id = NULL;

  if (page >= outline->pages->len)
    return records_new ();

  key = g_bytes_get_data (g_ptr_array_index (outline->pages, page), &size);
  if (key[0] == PAGE_LISTS)
    return read_listed (replica_schema_get (schema, query->type), connection, query, key + 1,
                        (size - 1) / sizeof (gint64), error);

  if (size > 1)
    {
      order = (const char *) key + 1;
      id = order + strlen (order) + 1;
    }

  plan = replica_plan_new (connection, schema, query, error);

  return plan != NULL ? read_after (plan, connection, order, id, outline->page_size, error) : NULL;
}
