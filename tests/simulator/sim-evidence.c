/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "sim-evidence.h"

#include <string.h>

static void
row_free (gpointer data)
{
  SimRow *self = data;

  g_free (self->id);
  g_free (self->type);
  g_free (self->bucket);
  g_free (self->rev);
  g_free (self->text);
  json_object_unref (self->body);
  g_free (self);
}

static void
change_free (gpointer data)
{
  SimChange *self = data;

  g_free (self->rev);
  g_free (self->unit);
  g_free (self->kind);
  g_array_unref (self->before);
  g_array_unref (self->after);
  g_free (self);
}

const char *
sim_row_get (const SimRow *row, const char *member)
{
  JsonNode *node = json_object_get_member (row->body, member);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

gboolean
sim_evidence_has (GHashTable *tokens, guint token)
{
  return g_hash_table_contains (tokens, GUINT_TO_POINTER (token));
}

static void
add_tokens (GHashTable *set, const OracleTokens *tokens)
{
  for (guint i = 0; i < tokens->len; i++)
    g_hash_table_add (set, GUINT_TO_POINTER (g_array_index (tokens, guint, i)));
}

static void
add_text (GHashTable *set, const char *text)
{
  g_autoptr (GArray) tokens = oracle_tokens_of_text (text);

  add_tokens (set, tokens);
}

/* ---- The store ------------------------------------------------------------------------------------ */

static char *
column (sqlite3_stmt *statement, int index)
{
  return g_strdup ((const char *) sqlite3_column_text (statement, index));
}

static void
read_row (SimEvidence *self, sqlite3_stmt *statement)
{
  SimRow *row = g_new0 (SimRow, 1);
  g_autoptr (JsonNode) node = NULL;

  row->id = column (statement, 0);
  row->type = column (statement, 1);
  row->bucket = column (statement, 2);
  row->rev = column (statement, 3);
  row->text = column (statement, 4);
  node = json_from_string (row->text, NULL);
  row->body = json_node_dup_object (node);
  g_hash_table_insert (self->rows, row->id, row);
  g_ptr_array_add (self->ids, row->id);

  add_text (self->found, row->text);
  if (strcmp (row->type, "conflict") != 0)
    add_text (self->applied, row->text);
}

static void
read_change (SimEvidence *self, sqlite3_stmt *statement)
{
  SimChange *change = g_new0 (SimChange, 1);

  change->row = g_hash_table_lookup (self->rows, sqlite3_column_text (statement, 0));
  change->unit = column (statement, 1);
  change->kind = column (statement, 2);
  change->before = oracle_tokens_of_text ((const char *) sqlite3_column_text (statement, 3));
  change->after = oracle_tokens_of_text ((const char *) sqlite3_column_text (statement, 4));
  change->noted = sqlite3_column_type (statement, 3) == SQLITE_NULL;
  change->rev = column (statement, 5);
  g_ptr_array_add (self->changes, change);

  add_tokens (self->found, change->before);
  add_tokens (self->found, change->after);
  if (strcmp (change->row->type, "conflict") == 0)
    return;
  add_tokens (self->applied, change->before);
  add_tokens (self->applied, change->after);
}

static void
read_all (SimEvidence *self, const char *sql, void (*read) (SimEvidence *self, sqlite3_stmt *statement))
{
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2 (self->sim->server.eye, sql, -1, &statement, NULL);

  g_assert (code == SQLITE_OK);
  while (sqlite3_step (statement) == SQLITE_ROW)
    read (self, statement);
  sqlite3_finalize (statement);
}

/* ---- The devices ---------------------------------------------------------------------------------- */

static void
add_work (SimEvidence *self, GPtrArray *list)
{
  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      const SatchelWork *work = g_ptr_array_index (list, i);

      for (guint m = 0; m < work->mutations->len; m++)
        {
          g_autoptr (JsonObject) object = satchel_mutation_to_json (g_ptr_array_index (work->mutations, m));
          g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);
          g_autofree char *text = json_to_string (node, FALSE);

          g_string_append_printf (self->kept_aside, "%s\n", text);
        }
    }
}

static void
read_device (SimEvidence *self, SimDevice *device)
{
  g_autoptr (GPtrArray) tray = satchel_replica_list_tray (device->replica, NULL);
  g_autoptr (GPtrArray) pending = satchel_replica_list_pending (device->replica, NULL);

  if (tray == NULL || pending == NULL)
    sim_trace_fail (&self->sim->trace, "device %u cannot be read", device->number);
  if (pending != NULL && pending->len > 0 && !device->refused)
    sim_trace_fail (&self->sim->trace, "device %u at rest has %u groups that were not settled", device->number,
                    pending->len);
  add_work (self, tray);
  add_work (self, pending);
}

void
sim_evidence_init (SimEvidence *self, Sim *sim)
{
  *self = (SimEvidence) { .sim = sim };
  self->rows = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, row_free);
  self->ids = g_ptr_array_new ();
  self->changes = g_ptr_array_new_with_free_func (change_free);
  self->applied = g_hash_table_new (NULL, NULL);
  self->found = g_hash_table_new (NULL, NULL);
  self->kept_aside = g_string_new (NULL);

  read_all (self,
            "SELECT r.id, r.type, b.name, r.epoch || '.' || r.n, r.body FROM record r JOIN bucket b"
            " ON b.number = r.bucket ORDER BY r.id",
            read_row);
  read_all (self,
            "SELECT r.id, h.unit, h.kind, h.old, h.new, h.epoch || '.' || h.n FROM history h JOIN record r ON r.number "
            "= h.record"
            " ORDER BY h.number",
            read_change);
  for (guint i = 0; i < sim->devices->len; i++)
    {
      SimDevice *device = g_ptr_array_index (sim->devices, i);

      if (device->replica != NULL)
        read_device (self, device);
    }
  add_text (self->found, self->kept_aside->str);
}

void
sim_evidence_clear (SimEvidence *self)
{
  g_hash_table_unref (self->rows);
  g_ptr_array_unref (self->ids);
  g_ptr_array_unref (self->changes);
  g_hash_table_unref (self->applied);
  g_hash_table_unref (self->found);
  g_string_free (self->kept_aside, TRUE);
}
