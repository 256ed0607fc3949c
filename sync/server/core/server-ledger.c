/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What one transaction reads and changes, in memory. */

#include "satchel-config.h"

#include "server-ledger-private.h"

#include <string.h>

#include "records/satchel-id.h"

typedef struct
{
  SatchelRow *row;
  SatchelRow *copy; /* NULL: it was not there */
} SavedRow;

/* ---- Life ----------------------------------------------------------------------------------------- */

static void
open_conflict_free (gpointer data)
{
  SatchelLedgerConflict *self = data;

  g_free (self->stored);
  g_free (self->now);
  g_free (self);
}

static void
saved_row_free (gpointer data)
{
  SavedRow *self = data;

  satchel_row_free (self->copy);
  g_free (self);
}

/**
 * satchel_ledger_new:
 * @view: who works; it must outlive the ledger
 *
 * Returns: (transfer full): a ledger with nothing read or changed yet
 */
SatchelLedger *
satchel_ledger_new (SatchelView *view)
{
  SatchelLedger *self = g_new0 (SatchelLedger, 1);

  self->view = view;
  self->server = satchel_view_get_server (view);
  self->session = satchel_view_get_session (view);
  self->rows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, satchel_row_free);
  self->dirty = g_ptr_array_new ();
  self->conflicts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, open_conflict_free);
  self->conflicts_of = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->history = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_stored_change_free);
  self->groups = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_stored_group_free);
  self->before = g_ptr_array_new_with_free_func (saved_row_free);
  self->conflicts_before = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  return self;
}

void
satchel_ledger_free (SatchelLedger *self)
{
  g_ptr_array_unref (self->before);
  g_hash_table_unref (self->conflicts_before);
  g_ptr_array_unref (self->dirty);
  g_hash_table_unref (self->rows);
  g_hash_table_unref (self->conflicts);
  g_hash_table_unref (self->conflicts_of);
  g_clear_pointer (&self->history, g_ptr_array_unref);
  g_clear_pointer (&self->groups, g_ptr_array_unref);
  g_clear_error (&self->error);
  g_free (self->kind);
  g_free (self->at);
  g_free (self->given_record);
  g_free (self);
}

SatchelView *
satchel_ledger_get_view (SatchelLedger *self)
{
  return self->view;
}

const GError *
satchel_ledger_get_error (SatchelLedger *self)
{
  return self->error;
}

void
satchel_ledger_fail (SatchelLedger *self, GError *error)
{
  if (self->error == NULL)
    self->error = error;
  else
    g_error_free (error);
}

/* ---- Reading -------------------------------------------------------------------------------------- */

static SatchelRow *
read_stored (SatchelLedger *self, const SatchelStored *stored)
{
  GError *error = NULL;
  SatchelRow *row = satchel_row_new_from_stored (satchel_server_get_vocabulary (self->server), stored, &error);

  if (row == NULL)
    satchel_ledger_fail (self, error);

  return row;
}

/* What is known already stays as it is known: it may have been changed since. */
static SatchelRow *
take_stored (SatchelLedger *self, const SatchelStored *stored)
{
  gpointer known;

  if (!g_hash_table_lookup_extended (self->rows, stored->id, NULL, &known) || known == NULL)
    {
      known = read_stored (self, stored);
      g_hash_table_insert (self->rows, g_strdup (stored->id), known);
    }

  return known;
}

static char **
select_unknown (SatchelLedger *self, GPtrArray *ids)
{
  g_autoptr (GPtrArray) unknown = g_ptr_array_new ();
  const char *last = NULL;

  g_ptr_array_sort_values (ids, (GCompareFunc) strcmp);
  for (guint i = 0; i < ids->len; i++)
    {
      char *id = g_ptr_array_index (ids, i);

      if (g_strcmp0 (id, last) != 0 && !g_hash_table_contains (self->rows, id))
        g_ptr_array_add (unknown, id);
      last = id;
    }
  g_ptr_array_add (unknown, NULL);

  return (char **) g_ptr_array_free (g_steal_pointer (&unknown), FALSE);
}

/**
 * satchel_ledger_load:
 * @self: a ledger
 * @ids: (element-type utf8): ids; sorted by this
 *
 * Reads many records at once, in the order of their ids: in this order they
 * are locked where a store locks rows.
 */
void
satchel_ledger_load (SatchelLedger *self, GPtrArray *ids)
{
  g_autofree char **unknown = select_unknown (self, ids);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = satchel_store_load_records (self->session, (const char *const *) unknown, &error);

  if (found == NULL)
    {
      satchel_ledger_fail (self, g_steal_pointer (&error));
      return;
    }

  for (guint i = 0; i < found->len; i++)
    take_stored (self, g_ptr_array_index (found, i));
  for (guint i = 0; unknown[i] != NULL; i++)
    if (!g_hash_table_contains (self->rows, unknown[i]))
      g_hash_table_insert (self->rows, g_strdup (unknown[i]), NULL);
}

SatchelRow *
satchel_ledger_find (SatchelLedger *self, const char *id)
{
  gpointer row;

  if (!g_hash_table_lookup_extended (self->rows, id, NULL, &row))
    {
      g_autoptr (GPtrArray) ids = g_ptr_array_new ();

      g_ptr_array_add (ids, (gpointer) id);
      satchel_ledger_load (self, ids);
      row = g_hash_table_lookup (self->rows, id);
    }

  return row;
}

typedef GPtrArray *(*ListFunc) (SatchelStoreSession *session, const char *id, GError **error);

/* What the store has, as it is now, and what it does not have yet. */
static GPtrArray *
list_rows (SatchelLedger *self, ListFunc func, gsize offset, const char *id)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) stored = func (self->session, id, &error);

  if (stored == NULL)
    {
      satchel_ledger_fail (self, g_steal_pointer (&error));
      return g_steal_pointer (&rows);
    }

  for (guint i = 0; i < stored->len; i++)
    {
      SatchelRow *row = take_stored (self, g_ptr_array_index (stored, i));

      if (row != NULL && !row->dirty && g_strcmp0 (G_STRUCT_MEMBER (char *, row, offset), id) == 0)
        g_ptr_array_add (rows, row);
    }
  for (guint i = 0; i < self->dirty->len; i++)
    {
      SatchelRow *row = g_ptr_array_index (self->dirty, i);

      if (g_strcmp0 (G_STRUCT_MEMBER (char *, row, offset), id) == 0)
        g_ptr_array_add (rows, row);
    }

  return g_steal_pointer (&rows);
}

GPtrArray *
satchel_ledger_list_hanging (SatchelLedger *self, const char *account)
{
  return list_rows (self, satchel_store_list_hanging, G_STRUCT_OFFSET (SatchelRow, account), account);
}

GPtrArray *
satchel_ledger_list_about (SatchelLedger *self, const char *target)
{
  return list_rows (self, satchel_store_list_about, G_STRUCT_OFFSET (SatchelRow, target), target);
}

static SatchelLedgerConflict *
get_conflict (SatchelLedger *self, const char *target, const char *unit)
{
  g_autofree char *key = g_strconcat (target, "\n", unit, NULL);
  SatchelLedgerConflict *conflict = g_hash_table_lookup (self->conflicts, key);

  if (conflict == NULL)
    {
      conflict = g_new0 (SatchelLedgerConflict, 1);
      g_hash_table_insert (self->conflicts, g_steal_pointer (&key), conflict);
    }

  return conflict;
}

static void
load_conflicts (SatchelLedger *self, const char *target)
{
  const char *targets[] = { target, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = NULL;

  if (!g_hash_table_add (self->conflicts_of, g_strdup (target)))
    return;

  found = satchel_store_list_conflicts (self->session, targets, &error);
  if (found == NULL)
    {
      satchel_ledger_fail (self, g_steal_pointer (&error));
      return;
    }

  for (guint i = 0; i < found->len; i++)
    {
      const SatchelStoredConflict *stored = g_ptr_array_index (found, i);
      SatchelLedgerConflict *conflict = get_conflict (self, stored->target, stored->unit);

      conflict->stored = g_strdup (stored->conflict);
      conflict->now = g_strdup (stored->conflict);
    }
}

const char *
satchel_ledger_find_conflict (SatchelLedger *self, const char *target, const char *unit)
{
  load_conflicts (self, target);

  return get_conflict (self, target, unit)->now;
}

static gboolean
row_signs_in_as (const SatchelRow *row, const char *name)
{
  return strcmp (satchel_type_get_name (row->type), "user") == 0 &&
         g_strcmp0 (satchel_record_get_text (row->record, "name"), name) == 0;
}

gboolean
satchel_ledger_has_login (SatchelLedger *self, const char *name, const char *except)
{
  g_autoptr (SatchelStoredUser) stored = NULL;
  g_autoptr (GError) error = NULL;
  SatchelRow *row;

  for (guint i = 0; i < self->dirty->len; i++)
    {
      row = g_ptr_array_index (self->dirty, i);
      if (row_signs_in_as (row, name) && strcmp (satchel_record_get_id (row->record), except) != 0)
        return TRUE;
    }

  if (!satchel_store_find_user (self->session, name, &stored, &error))
    {
      satchel_ledger_fail (self, g_steal_pointer (&error));
      return FALSE;
    }
  if (stored == NULL || strcmp (stored->id, except) == 0)
    return FALSE;

  /* Unless that one is about to be called something else. */
  row = g_hash_table_lookup (self->rows, stored->id);

  return row == NULL || row_signs_in_as (row, name);
}

gboolean
satchel_ledger_is_buried (SatchelLedger *self, const char *id)
{
  GError *error = NULL;
  gboolean buried = FALSE;

  if (!satchel_store_is_buried (self->session, id, &buried, &error))
    satchel_ledger_fail (self, error);

  return buried;
}

static SatchelStoredChange *
change_copy (const SatchelStoredChange *self)
{
  SatchelStoredChange *copy = g_memdup2 (self, sizeof *self);

  copy->record = g_strdup (self->record);
  copy->epoch = g_strdup (self->epoch);
  copy->unit = g_strdup (self->unit);
  copy->kind = g_strdup (self->kind);
  copy->at = g_strdup (self->at);
  copy->by = g_strdup (self->by);
  copy->device = g_strdup (self->device);
  copy->old_value = g_strdup (self->old_value);
  copy->new_value = g_strdup (self->new_value);
  copy->past_epoch = g_strdup (self->past_epoch);

  return copy;
}

static gboolean
is_news (SatchelLedger *self, const SatchelStoredChange *change, const SatchelRevision *after)
{
  SatchelUnitRevision revision = { .at.n = change->n };

  g_strlcpy (revision.at.epoch, change->epoch, sizeof revision.at.epoch);
  if (change->past_epoch != NULL)
    {
      revision.past.same = TRUE;
      revision.past.revision.n = change->past_n;
      g_strlcpy (revision.past.revision.epoch, change->past_epoch, sizeof revision.past.revision.epoch);
    }

  return after == NULL || !satchel_unit_revision_is_known (self->server, &revision, after);
}

GPtrArray *
satchel_ledger_list_changes (SatchelLedger *self, const SatchelRow *row, const char *unit, const SatchelRevision *after)
{
  const char *id = satchel_record_get_id (row->record);
  g_autoptr (GError) error = NULL;
  GPtrArray *changes = satchel_store_list_changes (self->session, id, unit, after, G_MAXINT, FALSE, &error);

  if (changes == NULL)
    {
      satchel_ledger_fail (self, g_steal_pointer (&error));
      return g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_stored_change_free);
    }

  for (guint i = 0; i < self->history->len; i++)
    {
      const SatchelStoredChange *change = g_ptr_array_index (self->history, i);

      if (strcmp (change->record, id) == 0 && is_news (self, change, after) &&
          (unit == NULL || strcmp (change->unit, unit) == 0))
        g_ptr_array_add (changes, change_copy (change));
    }

  return changes;
}

/* ---- Taking back ---------------------------------------------------------------------------------- */

void
satchel_ledger_mark (SatchelLedger *self)
{
  self->marked = TRUE;
  self->history_mark = self->history->len;
}

void
satchel_ledger_unmark (SatchelLedger *self)
{
  self->marked = FALSE;
  g_ptr_array_set_size (self->before, 0);
  g_hash_table_remove_all (self->conflicts_before);
}

static void
remember (SatchelLedger *self, SatchelRow *row, gboolean was_there)
{
  SavedRow *saved;

  if (!self->marked)
    return;
  for (guint i = 0; i < self->before->len; i++)
    if (((SavedRow *) g_ptr_array_index (self->before, i))->row == row)
      return;

  saved = g_new0 (SavedRow, 1);
  saved->row = row;
  saved->copy = was_there ? satchel_row_copy (row) : NULL;
  g_ptr_array_add (self->before, saved);
}

static void
take_back_row (SatchelLedger *self, SavedRow *saved)
{
  if (saved->copy == NULL)
    {
      g_autofree char *id = g_strdup (satchel_record_get_id (saved->row->record));

      g_ptr_array_remove (self->dirty, saved->row);
      g_hash_table_replace (self->rows, g_steal_pointer (&id), NULL);
      return;
    }

  if (!saved->copy->dirty)
    g_ptr_array_remove (self->dirty, saved->row);
  satchel_row_clear (saved->row);
  *saved->row = *saved->copy;
  g_free (g_steal_pointer (&saved->copy));
}

void
satchel_ledger_take_back (SatchelLedger *self)
{
  GHashTableIter iter;
  gpointer key, id;

  g_assert (self->marked);

  for (guint i = self->before->len; i > 0; i--)
    take_back_row (self, g_ptr_array_index (self->before, i - 1));
  g_ptr_array_set_size (self->history, (int) self->history_mark);

  g_hash_table_iter_init (&iter, self->conflicts_before);
  while (g_hash_table_iter_next (&iter, &key, &id))
    g_set_str (&((SatchelLedgerConflict *) g_hash_table_lookup (self->conflicts, key))->now, id);

  satchel_ledger_unmark (self);
}

/* ---- Changing ------------------------------------------------------------------------------------- */

/* When something happened is what the device says, for showing; but nothing happened in the future. */
void
satchel_ledger_begin_mutation (SatchelLedger *self, const char *kind, const char *at)
{
  g_autofree char *now = satchel_time_now ();
  g_autofree char *happened = at != NULL ? satchel_time_normalise (at) : NULL;

  self->mutation++;
  g_clear_pointer (&self->given_record, g_free);
  g_set_str (&self->kind, kind);
  g_set_str (&self->at, happened != NULL && strcmp (happened, now) < 0 ? happened : now);
}

const char *
satchel_ledger_get_at (SatchelLedger *self)
{
  return self->at;
}

void
satchel_ledger_set_given (SatchelLedger *self, const char *record, const SatchelRevision *given)
{
  g_set_str (&self->given_record, record);
  self->given = *given;
}

gboolean
satchel_ledger_get_given (SatchelLedger *self, const char *record, SatchelRevision *given)
{
  *given = self->given;

  return g_strcmp0 (self->given_record, record) == 0;
}

static const char *
get_device_id (SatchelLedger *self)
{
  const SatchelStoredDevice *device = satchel_view_get_device (self->view);

  return device != NULL ? device->id : NULL;
}

static void
make_dirty (SatchelLedger *self, SatchelRow *row)
{
  remember (self, row, TRUE);
  if (row->dirty)
    return;

  row->dirty = TRUE;
  g_ptr_array_add (self->dirty, row);
}

static void
write_history (SatchelLedger *self, const SatchelRow *row, const SatchelUnitRevision *revision, const char *unit,
               char *old_value, char *new_value)
{
  SatchelStoredChange *change = g_new0 (SatchelStoredChange, 1);

  change->record = g_strdup (satchel_record_get_id (row->record));
  change->epoch = g_strdup (revision->at.epoch);
  change->n = revision->at.n;
  change->past_epoch = revision->past.same ? g_strdup (revision->past.revision.epoch) : NULL;
  change->past_n = revision->past.revision.n;
  change->unit = g_strdup (unit);
  change->kind = g_strdup (self->kind);
  change->at = g_strdup (self->at);
  change->by = g_strdup (satchel_view_get_user (self->view));
  change->device = g_strdup (get_device_id (self));
  change->old_value = old_value;
  change->new_value = new_value;
  g_ptr_array_add (self->history, change);
}

/**
 * satchel_ledger_add:
 * @self: a ledger
 * @record: (transfer full): a record that is not there yet, checked and complete but for its place
 *
 * Adds a new record. Its first values are told by the record itself; the
 * history begins with what changes them.
 *
 * Returns: (transfer none): its row, which has no place yet
 */
SatchelRow *
satchel_ledger_add (SatchelLedger *self, SatchelRecord *record)
{
  SatchelRevision revision;
  SatchelRow *row;

  if (!satchel_ledger_get_given (self, satchel_record_get_id (record), &revision))
    {
      g_strlcpy (revision.epoch, satchel_server_get_epoch (self->server), sizeof revision.epoch);
      revision.n = 1;
    }
  row = satchel_row_new (record, &revision);
  row->device = g_strdup (get_device_id (self));
  row->dirty = TRUE;
  row->changed_in = self->mutation;

  g_hash_table_replace (self->rows, g_strdup (satchel_record_get_id (record)), row);
  g_ptr_array_add (self->dirty, row);
  remember (self, row, FALSE);

  return row;
}

static char *
to_text (JsonObject *value)
{
  g_autoptr (JsonNode) node = NULL;

  if (value == NULL)
    return NULL;
  node = json_node_init_object (json_node_alloc (), value);

  return satchel_json_to_canonical (node);
}

static void
bump (SatchelLedger *self, SatchelRow *row)
{
  if (row->changed_in == self->mutation)
    return;

  row->changed_in = self->mutation;
  row->n++;
  g_set_str (&row->epoch, satchel_server_get_epoch (self->server));
}

static gboolean
is_of_ended_epoch (SatchelLedger *self, const SatchelRevision *revision)
{
  return revision->n > 0 && strcmp (revision->epoch, satchel_server_get_epoch (self->server)) != 0;
}

/* What was known of an ended epoch when the unit was changed before is known of it still. */
static void
find_past (SatchelLedger *self, const SatchelRow *row, const char *unit, const SatchelPast *past, SatchelPast *found)
{
  SatchelUnitRevision before;
  const SatchelRevision *known;

  *found = past != NULL ? *past : (SatchelPast) { 0 };
  if (found->same || !satchel_row_get_unit_revision (row, unit, &before))
    return;

  known = is_of_ended_epoch (self, &before.at) ? &before.at : &before.past.revision;
  if (known->n > 0 &&
      (found->revision.n == 0 || (strcmp (found->revision.epoch, known->epoch) == 0 && found->revision.n < known->n)))
    *found = (SatchelPast) { .revision = *known };
}

/**
 * satchel_ledger_change:
 * @self: a ledger
 * @row: what changes
 * @changed: (transfer full): the record as it shall be
 * @unit: the unit in which it differs
 * @past: (nullable): what that is of an epoch that ended
 * @old_value: (nullable): for the history
 * @new_value: (nullable): for the history
 *
 * Changes one unit of a record, under the revision of the mutation that was
 * begun.
 */
void
satchel_ledger_change (SatchelLedger *self, SatchelRow *row, SatchelRecord *changed, const char *unit,
                       const SatchelPast *past, JsonObject *old_value, JsonObject *new_value)
{
  SatchelUnitRevision revision;

  make_dirty (self, row);
  bump (self, row);
  satchel_row_get_revision (row, &revision.at);
  find_past (self, row, unit, past, &revision.past);

  satchel_record_set_updated (changed, self->at, satchel_view_get_user (self->view));
  satchel_record_unref (row->record);
  row->record = changed;

  satchel_row_set_unit_revision (row, unit, &revision);
  write_history (self, row, &revision, unit, to_text (old_value), to_text (new_value));
}

static gboolean
has_change (SatchelLedger *self, const SatchelRow *row, const char *unit, const SatchelRevision *revision)
{
  g_autoptr (GPtrArray) changes = satchel_ledger_list_changes (self, row, unit, NULL);

  for (guint i = 0; i < changes->len; i++)
    {
      const SatchelStoredChange *change = g_ptr_array_index (changes, i);

      if ((change->n == revision->n && strcmp (change->epoch, revision->epoch) == 0) ||
          (change->past_n == revision->n && g_strcmp0 (change->past_epoch, revision->epoch) == 0))
        return TRUE;
    }

  return FALSE;
}

/**
 * satchel_ledger_note:
 * @self: a ledger
 * @row: a record
 * @unit: one of its units
 * @revision: what the value was given once
 * @value: a value that the unit had then
 *
 * Writes a value into the history that something newer stands over already.
 */
void
satchel_ledger_note (SatchelLedger *self, const SatchelRow *row, const char *unit, const SatchelRevision *revision,
                     JsonObject *value)
{
  const SatchelUnitRevision noted = { .at = *revision };

  if (!has_change (self, row, unit, revision))
    write_history (self, row, &noted, unit, NULL, to_text (value));
}

/* Puts a record where it belongs. Moving is not a change of the record: it keeps its revision. */
void
satchel_ledger_move (SatchelLedger *self, SatchelRow *row, const char *bucket, const char *account, const char *target)
{
  if (g_strcmp0 (row->bucket, bucket) == 0 && g_strcmp0 (row->account, account) == 0 &&
      g_strcmp0 (row->target, target) == 0)
    return;

  make_dirty (self, row);
  g_set_str (&row->bucket, bucket);
  g_set_str (&row->account, account);
  g_set_str (&row->target, target);
}

/* @conflict: NULL when none is open any more. */
void
satchel_ledger_set_conflict (SatchelLedger *self, const char *target, const char *unit, const char *conflict)
{
  g_autofree char *key = g_strconcat (target, "\n", unit, NULL);
  SatchelLedgerConflict *open;

  load_conflicts (self, target);
  open = get_conflict (self, target, unit);
  if (self->marked && !g_hash_table_contains (self->conflicts_before, key))
    g_hash_table_insert (self->conflicts_before, g_steal_pointer (&key), g_strdup (open->now));
  g_set_str (&open->now, conflict);
}

void
satchel_ledger_add_group (SatchelLedger *self, SatchelStoredGroup *group)
{
  g_ptr_array_add (self->groups, group);
}

SatchelStoredGroup *
satchel_ledger_find_group (SatchelLedger *self, const char *device, gint64 n)
{
  for (guint i = self->groups->len; i > 0; i--)
    {
      SatchelStoredGroup *group = g_ptr_array_index (self->groups, i - 1);

      if (group->n == n && strcmp (group->device, device) == 0)
        return group;
    }

  return NULL;
}
