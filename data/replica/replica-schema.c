/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The tables of the replica and the statements on them, made from the vocabulary. Names of types and fields come from
 * our own declarations only and are quoted all the same: "order" and "case" are words of SQL. */

#include "satchel-config.h"

#include "replica-schema.h"

#include <string.h>

static const char *const fixed_columns[REPLICA_N_COLUMNS] = {
  "_key",       "id",         "rev",        "_bucket",      "created_at", "created_by",
  "updated_at", "updated_by", "deleted_at", "deleted_with", "_extra",     "_pending",
};

/* ---- One table ------------------------------------------------------------------------------------ */

static char *
quote (const char *name)
{
  return g_strdup_printf ("\"%s\"", name);
}

static gboolean
field_has (const SatchelField *field, SatchelFieldFlags flag)
{
  return (field->flags & flag) != 0;
}

gboolean
replica_field_is_indexed (const SatchelField *field)
{
  return field->kind == SATCHEL_KIND_REFERENCE &&
         (field_has (field, SATCHEL_FIELD_ANCHOR) || g_strcmp0 (field->target, "user") == 0);
}

gboolean
replica_field_is_searchable (const SatchelField *field)
{
  if (!field_has (field, SATCHEL_FIELD_SEARCHABLE))
    return FALSE;

  switch (field->kind)
    {
    case SATCHEL_KIND_TEXT:
    case SATCHEL_KIND_LONG_TEXT:
    case SATCHEL_KIND_PHONE:
    case SATCHEL_KIND_EMAIL:
    case SATCHEL_KIND_URI:
    case SATCHEL_KIND_SET:
      return TRUE;

    case SATCHEL_KIND_INTEGER:
    case SATCHEL_KIND_NUMBER:
    case SATCHEL_KIND_BOOLEAN:
    case SATCHEL_KIND_MONEY:
    case SATCHEL_KIND_CURRENCY:
    case SATCHEL_KIND_DATE:
    case SATCHEL_KIND_TIME:
    case SATCHEL_KIND_CHOICE:
    case SATCHEL_KIND_REFERENCE:
    case SATCHEL_KIND_JSON:
    default:
      return FALSE;
    }
}

/* With %NULL: the index of the type's own order. */
char *
replica_table_dup_index_name (const ReplicaTable *table, const char *field)
{
  const char *type = satchel_type_get_name (table->type);

  return field != NULL ? g_strdup_printf ("\"%s/%s\"", type, field) : g_strdup_printf ("\"%s/\"", type);
}

gboolean
replica_table_has_column (const ReplicaTable *table, const char *column)
{
  guint index;

  for (guint i = 0; i < REPLICA_N_COLUMNS; i++)
    if (strcmp (column, fixed_columns[i]) == 0)
      return TRUE;

  return strcmp (column, "_order") == 0 || satchel_type_lookup_field (table->type, column, &index);
}

/* What has a required time is read by time; what has a title is read by title; the rest as it came. */
static void
choose_order (ReplicaTable *table)
{
  gboolean has_title = FALSE;

  table->time_field = -1;

  for (guint i = 0; i < satchel_type_get_n_fields (table->type); i++)
    {
      const SatchelField *field = satchel_type_get_field (table->type, i);

      has_title |= field_has (field, SATCHEL_FIELD_TITLE);
      if (table->time_field < 0 && field->kind == SATCHEL_KIND_TIME && field_has (field, SATCHEL_FIELD_REQUIRED))
        table->time_field = (int) i;
    }

  table->by_time = table->time_field >= 0 || !has_title;
}

static void
choose_searchable (ReplicaTable *table)
{
  GString *columns = g_string_new (NULL);
  guint n = 0;

  for (guint i = 0; i < satchel_type_get_n_fields (table->type); i++)
    {
      const SatchelField *field = satchel_type_get_field (table->type, i);

      if (!replica_field_is_searchable (field))
        continue;

      g_assert (n < 64);
      g_string_append_printf (columns, "%s\"%s\"", n > 0 ? ", " : "", field->name);
      table->search_titles |= (guint64) field_has (field, SATCHEL_FIELD_TITLE) << n;
      table->search_phones |= (guint64) (field->kind == SATCHEL_KIND_PHONE) << n;
      n++;
    }

  table->is_searchable = n > 0;
  table->search_columns = g_string_free_and_steal (columns);
  table->select_searchable = g_strdup_printf ("SELECT %s FROM %s WHERE _key = ?", table->search_columns, table->quoted);
}

static char *
make_columns (const SatchelType *type)
{
  GString *columns = g_string_new (NULL);

  for (guint i = 0; i < REPLICA_N_COLUMNS; i++)
    g_string_append_printf (columns, "%s%s", i > 0 ? ", " : "", fixed_columns[i]);
  for (guint i = 0; i < satchel_type_get_n_fields (type); i++)
    g_string_append_printf (columns, ", \"%s\"", satchel_type_get_field (type, i)->name);

  return g_string_free_and_steal (columns);
}

/* The parameters stand in the order of the columns, the order's key last. */
static char *
make_insert (const ReplicaTable *table)
{
  guint n = REPLICA_N_COLUMNS + satchel_type_get_n_fields (table->type);
  GString *insert = g_string_new (NULL);

  g_string_append_printf (insert, "INSERT INTO %s (%s, _order) VALUES (?", table->quoted, table->columns);
  for (guint i = 0; i < n; i++)
    g_string_append (insert, ", ?");
  g_string_append (insert, ") ON CONFLICT (id) DO NOTHING");

  return g_string_free_and_steal (insert);
}

static char *
make_update (const ReplicaTable *table)
{
  guint n_fields = satchel_type_get_n_fields (table->type);
  GString *update = g_string_new (NULL);

  g_string_append_printf (update, "UPDATE %s SET ", table->quoted);
  for (guint i = REPLICA_COLUMN_ID; i < REPLICA_N_COLUMNS; i++)
    g_string_append_printf (update, "%s = ?%u, ", fixed_columns[i], i + 1);
  for (guint i = 0; i < n_fields; i++)
    g_string_append_printf (update, "\"%s\" = ?%u, ", satchel_type_get_field (table->type, i)->name,
                            REPLICA_N_COLUMNS + i + 1);
  g_string_append_printf (update, "_order = ?%u WHERE _key = ?1", REPLICA_N_COLUMNS + n_fields + 1);

  return g_string_free_and_steal (update);
}

static ReplicaTable *
table_new (const SatchelType *type)
{
  ReplicaTable *table = g_new0 (ReplicaTable, 1);

  table->type = type;
  table->number = satchel_type_get_number (type);
  table->quoted = quote (satchel_type_get_name (type));
  table->columns = make_columns (type);
  table->select_key = g_strdup_printf ("SELECT _key FROM %s WHERE id = ?", table->quoted);
  table->select_by_id = g_strdup_printf ("SELECT %s FROM %s WHERE id = ?", table->columns, table->quoted);
  table->select_by_key = g_strdup_printf ("SELECT %s FROM %s WHERE _key = ?", table->columns, table->quoted);
  table->insert = make_insert (table);
  table->update = make_update (table);
  table->delete = g_strdup_printf ("DELETE FROM %s WHERE _key = ?", table->quoted);
  choose_order (table);
  choose_searchable (table);

  return table;
}

static void
table_free (ReplicaTable *table)
{
  g_free (table->quoted);
  g_free (table->columns);
  g_free (table->search_columns);
  g_free (table->select_searchable);
  g_free (table->select_key);
  g_free (table->select_by_id);
  g_free (table->select_by_key);
  g_free (table->insert);
  g_free (table->update);
  g_free (table->delete);
  g_free (table);
}

/* ---- All tables ----------------------------------------------------------------------------------- */

static char *
make_locate (const ReplicaSchema *self)
{
  GString *locate = g_string_new (NULL);

  for (guint i = 0; i < REPLICA_MAX_TYPES; i++)
    if (self->tables[i] != NULL)
      g_string_append_printf (locate, "%sSELECT %u, _key, deleted_at FROM %s WHERE id = ?1",
                              locate->len > 0 ? " UNION ALL " : "", i, self->tables[i]->quoted);
  g_string_append (locate, " LIMIT 1");

  return g_string_free_and_steal (locate);
}

static char *
make_last_key (const ReplicaSchema *self)
{
  GString *last = g_string_new ("SELECT max(ifnull(key, 0)) FROM (");
  gsize start = last->len;

  for (guint i = 0; i < REPLICA_MAX_TYPES; i++)
    if (self->tables[i] != NULL)
      g_string_append_printf (last, "%sSELECT max(_key) AS key FROM %s", last->len > start ? " UNION ALL " : "",
                              self->tables[i]->quoted);
  g_string_append (last, " UNION ALL SELECT max(key) FROM _unindexed)");

  return g_string_free_and_steal (last);
}

/**
 * replica_schema_new:
 * @vocabulary: the vocabulary, which must outlive the schema
 *
 * Returns: (transfer full): the tables that hold the vocabulary's records
 */
ReplicaSchema *
replica_schema_new (const SatchelVocabulary *vocabulary)
{
  ReplicaSchema *self = g_new0 (ReplicaSchema, 1);

  self->vocabulary = vocabulary;
  for (guint i = 0; i < satchel_vocabulary_get_n_types (vocabulary); i++)
    {
      const SatchelType *type = satchel_vocabulary_get_type_at (vocabulary, i);
      guint number = satchel_type_get_number (type);

      g_assert (number > 0 && number < REPLICA_MAX_TYPES);
      self->tables[number] = table_new (type);
    }

  self->locate = make_locate (self);
  self->last_key = make_last_key (self);

  return self;
}

void
replica_schema_free (ReplicaSchema *self)
{
  for (guint i = 0; i < REPLICA_MAX_TYPES; i++)
    if (self->tables[i] != NULL)
      table_free (self->tables[i]);

  g_free (self->locate);
  g_free (self->last_key);
  g_free (self);
}

const ReplicaTable *
replica_schema_find (const ReplicaSchema *self, const char *type_name)
{
  const SatchelType *type = satchel_vocabulary_lookup (self->vocabulary, type_name);

  return type != NULL ? replica_schema_get (self, type) : NULL;
}

const ReplicaTable *
replica_schema_get (const ReplicaSchema *self, const SatchelType *type)
{
  return self->tables[satchel_type_get_number (type)];
}
