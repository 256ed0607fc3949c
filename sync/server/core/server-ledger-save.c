/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writing what was changed in a ledger into the store. */

#include "satchel-config.h"

#include "server-ledger-private.h"

#include <string.h>

/* ---- Writing -------------------------------------------------------------------------------------- */

static SatchelStoredConflict *
make_conflict (const char *key, const char *id)
{
  SatchelStoredConflict *conflict = g_new0 (SatchelStoredConflict, 1);
  const char *line_end = strchr (key, '\n');

  conflict->target = g_strndup (key, (gsize) (line_end - key));
  conflict->unit = g_strdup (line_end + 1);
  conflict->conflict = g_strdup (id);

  return conflict;
}

static void
collect_conflicts (SatchelLedger *self, SatchelStoreBatch *batch)
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, self->conflicts);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const SatchelLedgerConflict *conflict = value;

      if (g_strcmp0 (conflict->stored, conflict->now) == 0)
        continue;
      if (conflict->stored != NULL)
        g_ptr_array_add (batch->closed, make_conflict (key, conflict->stored));
      if (conflict->now != NULL)
        g_ptr_array_add (batch->opened, make_conflict (key, conflict->now));
    }
}

static void
collect (SatchelLedger *self, SatchelStoreBatch *batch, GHashTable *touched)
{
  for (guint i = 0; i < self->dirty->len; i++)
    {
      SatchelRow *row = g_ptr_array_index (self->dirty, i);

      g_assert (row->bucket != NULL);
      g_ptr_array_add (row->is_new ? batch->created : batch->changed, satchel_row_to_stored (row));
      g_hash_table_add (touched, g_strdup (row->bucket));
      if (row->stored_bucket != NULL)
        g_hash_table_add (touched, g_strdup (row->stored_bucket));
    }

  g_ptr_array_extend_and_steal (batch->history, g_steal_pointer (&self->history));
  g_ptr_array_extend_and_steal (batch->groups, g_steal_pointer (&self->groups));
  collect_conflicts (self, batch);
}

/* What the server itself must know of people and places. */
static gboolean
save_person_or_place (SatchelLedger *self, const SatchelRow *row, GError **error)
{
  const char *type = satchel_type_get_name (row->type);
  const char *id = satchel_record_get_id (row->record);

  if (strcmp (type, "user") == 0)
    {
      const char *role = satchel_record_get_text (row->record, "role");
      guint index;
      SatchelStoredUser user = {
        .id = (char *) id,
        .name = (char *) satchel_record_get_text (row->record, "name"),
        .role = (char *) (role != NULL ? role : "rep"),
      };

      satchel_type_lookup_field (row->type, "active", &index);
      user.active = !satchel_row_is_binned (row) && (!satchel_record_has (row->record, "active") ||
                                                     satchel_record_get_integer (row->record, "active") != 0);

      return satchel_store_save_user (self->session, &user, error);
    }

  if (strcmp (type, "territory") == 0)
    {
      SatchelStoredTerritory territory = {
        .id = (char *) id,
        .name = (char *) satchel_record_get_text (row->record, "name"),
        .parent = (char *) satchel_record_get_text (row->record, "parent"),
        .manager = (char *) satchel_record_get_text (row->record, "manager"),
      };

      return satchel_store_save_territory (self->session, &territory, error);
    }

  return TRUE;
}

GPtrArray *
satchel_ledger_list_changed (SatchelLedger *self, const char *type)
{
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < self->dirty->len; i++)
    {
      const SatchelRow *row = g_ptr_array_index (self->dirty, i);

      if (strcmp (satchel_type_get_name (row->type), type) == 0)
        g_ptr_array_add (ids, g_strdup (satchel_record_get_id (row->record)));
    }

  return ids;
}

/**
 * satchel_ledger_save:
 * @self: a ledger; it cannot be used any more
 * @touched: (element-type utf8): gets the names of the buckets that have news
 * @error: why not
 *
 * Writes everything that was changed. The caller commits.
 *
 * Returns: whether it was written; if not, the caller must roll back
 */
gboolean
satchel_ledger_save (SatchelLedger *self, GHashTable *touched, GError **error)
{
  g_auto (SatchelStoreBatch) batch = { 0 };

  if (self->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      return FALSE;
    }

  for (guint i = 0; i < self->dirty->len; i++)
    if (!save_person_or_place (self, g_ptr_array_index (self->dirty, i), error))
      return FALSE;

  satchel_store_batch_init (&batch);
  collect (self, &batch, touched);

  return satchel_store_save (self->session, &batch, error);
}
