/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From a query to SQL. Only names of the vocabulary become part of the SQL; every value is a parameter. */

#include "satchel-config.h"

#include "replica-plan.h"

#include <string.h>

#include "replica-needle.h"

#define FEW_MATCHES 1000
#define LAST_LETTER "\364\217\277\277" /* U+10FFFF */

static void
add_value (ReplicaPlan *self, const SatchelValue *value)
{
  SatchelValue copy = SATCHEL_VALUE_INIT;

  satchel_value_copy (value, &copy);
  g_array_append_val (self->values, copy);
}

static void
add_text (ReplicaPlan *self, const char *text)
{
  SatchelValue value = SATCHEL_VALUE_INIT;

  satchel_value_set_text (&value, text);
  g_array_append_val (self->values, value);
}

/* ---- Conditions ----------------------------------------------------------------------------------- */

static void
add_condition (ReplicaPlan *self, const ReplicaCondition *condition)
{
  if (condition->negated)
    {
      g_string_append_printf (self->where, " AND \"%s\" IS NOT ?", condition->column);
      add_value (self, &condition->value);
      return;
    }

  if (satchel_value_is_null (&condition->value))
    {
      g_string_append_printf (self->where, " AND \"%s\" IS NULL", condition->column);
      return;
    }

  if (condition->field != NULL && condition->field->kind == SATCHEL_KIND_SET)
    g_string_append_printf (self->where, " AND EXISTS (SELECT 1 FROM json_each (\"%s\") AS m WHERE m.value = ?)",
                            condition->column);
  else
    g_string_append_printf (self->where, " AND \"%s\" = ?", condition->column);

  add_value (self, &condition->value);
}

/* Few matches are read by their keys; among many the rows are taken in order, those that match. */
static gboolean
add_indexed_search (ReplicaPlan *self, ReplicaConnection *connection, const ReplicaNeedle *needle, const char *typed,
                    GError **error)
{
  SatchelValue nothing = SATCHEL_VALUE_INIT;
  g_autofree char *keys = NULL;

  self->matches = replica_matches_new (connection, self->table, needle, typed, error);
  if (self->matches == NULL)
    return FALSE;

  self->has_few_matches = replica_matches_count (self->matches) < FEW_MATCHES;
  if (!self->has_few_matches)
    {
      g_string_append (self->where, " AND satchel_has (?, _key)");
      g_array_append_val (self->values, nothing);
      return TRUE;
    }

  keys = replica_matches_dup_keys (self->matches);
  g_string_append (self->where, " AND _key IN (SELECT value FROM json_each (?))");
  add_text (self, keys);

  return TRUE;
}

static void
add_compared_search (ReplicaPlan *self, const char *typed)
{
  g_string_append_printf (self->where, " AND satchel_matches (?, %" G_GUINT64_FORMAT ", %s)",
                          self->table->search_phones, self->table->search_columns);
  add_text (self, typed);
}

/* Any consonant may still come in between. */
static void
add_thai_prefix (ReplicaPlan *self, const char *prefix)
{
  glong length = g_utf8_strlen (prefix, -1);
  g_autofree char *head = g_utf8_substring (prefix, 0, length - 1);
  g_autofree char *vowel = g_utf8_substring (prefix, length - 1, length);
  g_autofree char *first = g_strconcat (head, "\340\270\201", NULL); /* ก */
  g_autofree char *last = g_strconcat (head, "\340\270\257", NULL); /* behind ฮ */

  g_string_append_printf (self->where, " AND _order >= ? AND _order < ? AND substr (_order, %ld, 1) = ?", length + 1);
  add_text (self, first);
  add_text (self, last);
  add_text (self, vowel);
}

/* Only what stands at the beginning of the table's own order. */
void
replica_plan_add_prefix (ReplicaPlan *self, const ReplicaNeedle *needle)
{
  g_autofree char *last = g_strconcat (needle->prefix, LAST_LETTER, NULL);

  if (needle->awaits_consonant)
    {
      add_thai_prefix (self, needle->prefix);
      return;
    }

  g_string_append (self->where, " AND _order >= ? AND _order < ?");
  add_text (self, needle->prefix);
  add_text (self, last);
}

static gboolean
add_search (ReplicaPlan *self, ReplicaConnection *connection, const char *typed, GError **error)
{
  g_autoptr (ReplicaNeedle) needle = replica_needle_new (typed);

  if (replica_needle_is_empty (needle))
    return TRUE;

  if (!self->table->is_searchable)
    {
      g_string_append (self->where, " AND 0");
    }
  else if (replica_needle_has_grams (needle))
    {
      if (!add_indexed_search (self, connection, needle, typed, error))
        return FALSE;
      if (needle->short_words->len > 0)
        add_compared_search (self, typed);
    }
  else if (self->table->by_time)
    {
      add_compared_search (self, typed);
    }
  else
    {
      replica_plan_add_prefix (self, needle);
    }

  return TRUE;
}

/* ---- Order ---------------------------------------------------------------------------------------- */

static gboolean
is_ordered_as_text (const SatchelField *field)
{
  switch (field->kind)
    {
    case SATCHEL_KIND_TEXT:
    case SATCHEL_KIND_LONG_TEXT:
    case SATCHEL_KIND_EMAIL:
    case SATCHEL_KIND_URI:
      return TRUE;

    case SATCHEL_KIND_PHONE:
    case SATCHEL_KIND_INTEGER:
    case SATCHEL_KIND_NUMBER:
    case SATCHEL_KIND_BOOLEAN:
    case SATCHEL_KIND_MONEY:
    case SATCHEL_KIND_CURRENCY:
    case SATCHEL_KIND_DATE:
    case SATCHEL_KIND_TIME:
    case SATCHEL_KIND_CHOICE:
    case SATCHEL_KIND_REFERENCE:
    case SATCHEL_KIND_SET:
    case SATCHEL_KIND_JSON:
    default:
      return FALSE;
    }
}

/* Whether sorting by the field is the table's own order by another name. */
static gboolean
is_own_order (const ReplicaTable *table, const SatchelField *sort)
{
  guint index = 0, n_titles = 0;

  satchel_type_lookup_field (table->type, sort->name, &index);
  if (table->by_time)
    return table->time_field == (int) index;

  for (guint i = 0; i < satchel_type_get_n_fields (table->type); i++)
    n_titles += (satchel_type_get_field (table->type, i)->flags & SATCHEL_FIELD_TITLE) != 0;

  return n_titles == 1 && (sort->flags & SATCHEL_FIELD_TITLE) != 0 && (sort->flags & SATCHEL_FIELD_REQUIRED) != 0;
}

static void
choose_order (ReplicaPlan *self, const SatchelQuery *query)
{
  self->descending = query->descending;
  self->own_order = query->sort_column == NULL || (query->sort != NULL && is_own_order (self->table, query->sort));

  if (query->sort_column == NULL && self->table->by_time)
    self->descending = !query->descending;

  if (self->own_order)
    self->order = g_strdup ("_order");
  else if (query->sort != NULL && is_ordered_as_text (query->sort))
    self->order = g_strdup_printf ("satchel_order (\"%s\")", query->sort_column);
  else
    self->order = g_strdup_printf ("\"%s\"", query->sort_column);

  self->has_sections = self->own_order && !self->table->by_time;
}

/* The index that has the rows of one value of a field in the table's own order, or that of all rows. */
static void
choose_index (ReplicaPlan *self, const SatchelQuery *query)
{
  const char *field = NULL;
  g_autofree char *index = NULL;

  for (guint i = 0; i < query->conditions->len; i++)
    {
      const ReplicaCondition *condition = &g_array_index (query->conditions, ReplicaCondition, i);

      if (strcmp (condition->column, "id") == 0)
        return;
      if (field == NULL && condition->field != NULL && replica_field_is_indexed (condition->field) &&
          !satchel_value_is_null (&condition->value))
        field = condition->column;
    }

  index = replica_table_dup_index_name (self->table, field);
  g_string_append_printf (self->from, " INDEXED BY %s", index);

  /* A page of matches is cheaper remembered than found again. */
  self->seekable = self->matches == NULL;
}

/* ---- Doors ---------------------------------------------------------------------------------------- */

/**
 * replica_plan_new:
 * @connection: the connection that it is for
 * @schema: the tables
 * @query: what a list shows
 *
 * Returns: (transfer full): the query as SQL
 */
ReplicaPlan *
replica_plan_new (ReplicaConnection *connection, const ReplicaSchema *schema, const SatchelQuery *query, GError **error)
{
  g_autoptr (ReplicaPlan) self = g_new0 (ReplicaPlan, 1);

  self->table = replica_schema_get (schema, query->type);
  g_assert (self->table != NULL && self->table->type == query->type);
  self->from = g_string_new (self->table->quoted);
  self->where = g_string_new (query->in_bin ? "deleted_at IS NOT NULL" : "deleted_at IS NULL");
  self->values = g_array_new (FALSE, TRUE, sizeof (SatchelValue));
  g_array_set_clear_func (self->values, (GDestroyNotify) satchel_value_clear);

  choose_order (self, query);
  for (guint i = 0; i < query->conditions->len; i++)
    add_condition (self, &g_array_index (query->conditions, ReplicaCondition, i));
  if (query->search != NULL && !add_search (self, connection, query->search, error))
    return NULL;

  if (self->own_order && !query->in_bin && !self->has_few_matches && replica_schema_has_indexes (connection))
    choose_index (self, query);

  return g_steal_pointer (&self);
}

void
replica_plan_free (ReplicaPlan *self)
{
  g_string_free (self->from, TRUE);
  g_string_free (self->where, TRUE);
  g_array_unref (self->values);
  g_clear_pointer (&self->matches, replica_matches_free);
  g_free (self->order);
  g_free (self);
}

void
replica_plan_bind_value (ReplicaStatement *statement, int parameter, const SatchelValue *value)
{
  switch (value->storage)
    {
    case SATCHEL_STORAGE_INTEGER:
      sqlite3_bind_int64 (statement, parameter, value->integer);
      break;
    case SATCHEL_STORAGE_REAL:
      sqlite3_bind_double (statement, parameter, value->real);
      break;
    case SATCHEL_STORAGE_TEXT:
      sqlite3_bind_text (statement, parameter, value->text, -1, SQLITE_TRANSIENT);
      break;
    case SATCHEL_STORAGE_NULL:
    default:
      sqlite3_bind_null (statement, parameter);
      break;
    }
}

static void
bind_parameter (const ReplicaPlan *self, ReplicaStatement *statement, int parameter, const SatchelValue *value)
{
  if (satchel_value_is_null (value))
    sqlite3_bind_pointer (statement, parameter, self->matches, REPLICA_MATCHES_POINTER, NULL);
  else
    replica_plan_bind_value (statement, parameter, value);
}

ReplicaStatement *
replica_plan_select (const ReplicaPlan *self, ReplicaConnection *connection, const char *columns, const char *more,
                     gboolean ordered, gboolean limited, int *n_bound, GError **error)
{
  g_autoptr (GString) sql = g_string_new (NULL);
  const char *direction = self->descending ? "DESC" : "ASC";
  ReplicaStatement *statement;

  g_string_append_printf (sql, "SELECT %s FROM %s WHERE %s%s", columns, self->from->str, self->where->str,
                          more != NULL ? more : "");
  if (ordered && self->own_order)
    g_string_append_printf (sql, " ORDER BY _order %s, id %s", direction, direction);
  else if (ordered)
    g_string_append_printf (sql, " ORDER BY %s IS NULL, %s %s, id %s", self->order, self->order, direction, direction);
  if (limited)
    g_string_append (sql, " LIMIT ?");

  statement = replica_prepare (connection, sql->str, error);
  if (statement == NULL)
    return NULL;

  for (guint i = 0; i < self->values->len; i++)
    bind_parameter (self, statement, (int) i + 1, &g_array_index (self->values, SatchelValue, i));
  if (n_bound != NULL)
    *n_bound = (int) self->values->len;

  return statement;
}
