/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What hangs on an account: what names it, and what names that. */

#include "satchel-config.h"

#include "replica-children.h"

#include <string.h>

typedef struct
{
  ReplicaConnection *connection;
  const ReplicaSchema *schema;
  GHashTable *seen; /* ids, owned by children */
  GPtrArray *children;
  GPtrArray *types; /* (element-type SatchelType): of each child */
} Gathering;

gboolean
replica_type_has_children (const SatchelType *type)
{
  return satchel_type_get_home (type) == SATCHEL_HOME_ACCOUNT;
}

static void
take_child (Gathering *self, const SatchelType *type, const char *id)
{
  char *child;

  if (g_hash_table_contains (self->seen, id))
    return;

  child = g_strdup (id);
  g_hash_table_add (self->seen, child);
  g_ptr_array_add (self->children, child);
  g_ptr_array_add (self->types, (gpointer) type);
}

static gboolean
gather_by_field (Gathering *self, const ReplicaTable *table, const char *field, const char *id, GError **error)
{
  g_autofree char *sql = g_strdup_printf ("SELECT id FROM %s WHERE \"%s\" = ? AND deleted_at IS NULL", table->quoted,
                                          field);
  g_autoptr (ReplicaStatement) statement = replica_query (self->connection, error, sql, "s", id);
  ReplicaStep step;

  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    take_child (self, table->type, replica_column_text (statement, 0));

  return step == REPLICA_DONE;
}

static gboolean
gather_in (Gathering *self, const ReplicaTable *table, const char *target, const char *id, GError **error)
{
  for (guint i = 0; i < satchel_type_get_n_fields (table->type); i++)
    {
      const SatchelField *field = satchel_type_get_field (table->type, i);

      if ((field->flags & SATCHEL_FIELD_ANCHOR) != 0 && g_strcmp0 (field->target, target) == 0 &&
          !gather_by_field (self, table, field->name, id, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
gather_children_of (Gathering *self, const SatchelType *type, const char *id, GError **error)
{
  for (guint i = 0; i < REPLICA_MAX_TYPES; i++)
    if (self->schema->tables[i] != NULL &&
        !gather_in (self, self->schema->tables[i], satchel_type_get_name (type), id, error))
      return FALSE;

  return TRUE;
}

gboolean
replica_children_list (ReplicaConnection *connection, const ReplicaSchema *schema, const SatchelType *type,
                       const char *id, GPtrArray *children, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) types = g_ptr_array_new ();
  Gathering self = { connection, schema, seen, children, types };

  if (!gather_children_of (&self, type, id, error))
    return FALSE;

  for (guint i = 0; i < children->len; i++)
    if (!gather_children_of (&self, g_ptr_array_index (types, i), g_ptr_array_index (children, i), error))
      return FALSE;

  return TRUE;
}

static gboolean
list_binned_in (ReplicaConnection *connection, const ReplicaTable *table, const char *id, GPtrArray *children,
                GError **error)
{
  g_autofree char *sql = g_strdup_printf ("SELECT id FROM %s WHERE deleted_at > '' AND deleted_with = ?",
                                          table->quoted);
  g_autoptr (ReplicaStatement) statement = replica_query (connection, error, sql, "s", id);
  ReplicaStep step;

  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    g_ptr_array_add (children, replica_column_dup_text (statement, 0));

  return step == REPLICA_DONE;
}

gboolean
replica_children_list_binned (ReplicaConnection *connection, const ReplicaSchema *schema, const char *id,
                              GPtrArray *children, GError **error)
{
  for (guint i = 0; i < REPLICA_MAX_TYPES; i++)
    if (schema->tables[i] != NULL && !list_binned_in (connection, schema->tables[i], id, children, error))
      return FALSE;

  return TRUE;
}
