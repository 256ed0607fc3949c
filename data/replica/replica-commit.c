/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One local transaction: rows, outbox, and how it is taken back. */

#include "satchel-config.h"

#include "replica-commit.h"

#include <string.h>

#include "replica-check.h"
#include "replica-effects.h"
#include "replica-outbox.h"
#include "replica-overlay.h"
#include "replica-undo.h"

/* ---- Rows ----------------------------------------------------------------------------------------- */

static gboolean
write_shown (ReplicaTransaction *tx, const ReplicaRow *row, SatchelRecord *record, const char *pending, GError **error)
{
  gboolean inserted;

  if (row != NULL)
    return replica_overlay_keep_base (tx, row, error) &&
           replica_rows_update (tx, row->key, record, NULL, pending, error);

  return replica_rows_insert (tx, record, NULL, pending, &inserted, error);
}

/* Lays an effect over the record that it is on; one that is not here has nothing to show it on. */
static gboolean
commit_effect (ReplicaTransaction *tx, const SatchelMutation *effect, const ReplicaLayer *layer, GError **error)
{
  g_autoptr (ReplicaRow) row = NULL;
  g_autoptr (SatchelRecord) record = NULL;
  g_autofree char *pending = NULL;

  if (!replica_rows_find (tx->connection, tx->schema, effect->id, &row, error))
    return FALSE;
  if (row == NULL)
    return TRUE;

  record = satchel_record_copy (row->record);
  pending = g_strdup (row->pending);
  replica_overlay_lay (tx->schema, effect, layer, &record, &pending);

  return write_shown (tx, row, record, pending, error) &&
         replica_outbox_add (tx, layer->n, effect, layer->cause, error);
}

static gboolean
commit_effects (ReplicaTransaction *tx, const SatchelMutation *mutation, const ReplicaRow *row,
                const ReplicaLayer *layer, GError **error)
{
  g_autoptr (GPtrArray) effects = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_mutation_free);
  ReplicaLayer effect_layer = *layer;

  effect_layer.cause = mutation->kind == SATCHEL_MUTATION_RESOLVE ? "" : mutation->id;
  if (row != NULL && !replica_effects_list (tx, mutation, row->record, effects, error))
    return FALSE;

  for (guint i = 0; i < effects->len; i++)
    if (!commit_effect (tx, g_ptr_array_index (effects, i), &effect_layer, error))
      return FALSE;

  return TRUE;
}

/* ---- Defaults ------------------------------------------------------------------------------------- */

/* Who makes an account owns it, who makes a task does it, unless it says otherwise. */
static const char *
get_owning_field (const SatchelType *type)
{
  guint index;

  if (satchel_type_get_home (type) == SATCHEL_HOME_ACCOUNT && satchel_type_lookup_field (type, "owner", &index))
    return "owner";
  if (satchel_type_lookup_field (type, "assignee", &index))
    return "assignee";

  return NULL;
}

static void
add_owner (const ReplicaTransaction *tx, SatchelMutation *mutation, const char *user)
{
  const SatchelType *type = satchel_vocabulary_lookup (tx->schema->vocabulary, mutation->type);
  const char *field = type != NULL ? get_owning_field (type) : NULL;
  SatchelUnitChange *change;

  if (mutation->kind != SATCHEL_MUTATION_CREATE || field == NULL || user == NULL ||
      satchel_mutation_find_unit (mutation, field) != NULL)
    return;

  change = satchel_unit_change_new (field, NULL);
  change->value = json_object_new ();
  json_object_set_string_member (change->value, field, user);
  g_ptr_array_add (mutation->units, change);
}

/* ---- One mutation --------------------------------------------------------------------------------- */

/* Unlike replica_overlay_lay(), says so when a value does not fit. */
static gboolean
check_values (const SatchelMutation *mutation, const SatchelRecord *before, const SatchelType *type, GError **error)
{
  g_autoptr (SatchelRecord) tried = NULL;

  tried = before != NULL ? satchel_record_copy (before) : satchel_record_new (type, mutation->id);
  for (guint i = 0; i < mutation->units->len; i++)
    if (!satchel_unit_change_apply (g_ptr_array_index (mutation->units, i), tried, error))
      return FALSE;

  return TRUE;
}

static gboolean
check_mutation (ReplicaTransaction *tx, const SatchelMutation *mutation, const SatchelRecord *before, GError **error)
{
  const SatchelType *type = satchel_vocabulary_lookup (tx->schema->vocabulary, mutation->type);

  return replica_check_mutation (tx, mutation, before, error) && check_values (mutation, before, type, error);
}

/* The mutation, and what it shows. */
static gboolean
write_mutation (ReplicaTransaction *tx, const SatchelMutation *mutation, const ReplicaRow *row, SatchelRecord *record,
                const char *pending, const ReplicaLayer *layer, GError **error)
{
  return write_shown (tx, row, record, pending, error) && replica_outbox_add (tx, layer->n, mutation, NULL, error) &&
         commit_effects (tx, mutation, row, layer, error);
}

static gboolean
commit_mutation (ReplicaTransaction *tx, const SatchelMutation *mutation, const ReplicaLayer *layer, SatchelGroup *undo,
                 GError **error)
{
  g_autoptr (ReplicaRow) row = NULL;
  g_autoptr (SatchelRecord) record = NULL;
  g_autofree char *pending = NULL;
  SatchelMutation *undone = NULL;

  if (!replica_rows_find (tx->connection, tx->schema, mutation->id, &row, error) ||
      !check_mutation (tx, mutation, row != NULL ? row->record : NULL, error))
    return FALSE;

  if (row != NULL)
    {
      record = satchel_record_copy (row->record);
      pending = g_strdup (row->pending);
    }

  replica_overlay_lay (tx->schema, mutation, layer, &record, &pending);
  g_assert (record != NULL);

  if (undo != NULL)
    undone = replica_undo_mutation (mutation, layer->n, row != NULL ? row->record : NULL);
  if (undone != NULL)
    g_ptr_array_insert (undo->mutations, 0, undone);

  return replica_check_result (tx, mutation, row != NULL ? row->record : NULL, record, error) &&
         write_mutation (tx, mutation, row, record, pending, layer, error);
}

/* What it was made on may not be here any more: then it shows nothing until that is. */
static gboolean
repeat_mutation (ReplicaTransaction *tx, const SatchelMutation *mutation, const ReplicaLayer *layer, GError **error)
{
  g_autoptr (ReplicaRow) row = NULL;
  g_autoptr (SatchelRecord) record = NULL;
  g_autofree char *pending = NULL;

  if (!replica_rows_find (tx->connection, tx->schema, mutation->id, &row, error))
    return FALSE;

  if (row != NULL)
    {
      record = satchel_record_copy (row->record);
      pending = g_strdup (row->pending);
    }
  replica_overlay_lay (tx->schema, mutation, layer, &record, &pending);

  return record != NULL ? write_mutation (tx, mutation, row, record, pending, layer, error)
                        : replica_outbox_add (tx, layer->n, mutation, NULL, error);
}

/**
 * replica_commit_group:
 * @tx: a transaction
 * @group: what was done; its number, time and hash are set, and what new records have by default
 * @undo: (nullable): an empty group that becomes the one which takes it back
 * @error: why it cannot be done, for a person; then nothing of the transaction may be kept
 */
gboolean
replica_commit_group (ReplicaTransaction *tx, SatchelGroup *group, SatchelGroup *undo, GError **error)
{
  g_autofree char *previous_hash = NULL;
  g_autofree char *user = NULL;
  ReplicaLayer layer = { 0 };

  if (!replica_meta_get (tx->connection, "user_id", &user, error) ||
      !replica_outbox_begin_group (tx, group, &previous_hash, error))
    return FALSE;

  layer = (ReplicaLayer) { .n = group->n, .at = group->at, .user = user };
  for (guint i = 0; i < group->mutations->len; i++)
    {
      SatchelMutation *mutation = g_ptr_array_index (group->mutations, i);

      add_owner (tx, mutation, user);
      if (!commit_mutation (tx, mutation, &layer, undo, error))
        return FALSE;
    }

  return replica_outbox_end_group (tx, group, previous_hash, error);
}

/**
 * replica_commit_repeat:
 * @tx: a transaction
 * @group: a group that was made before, as it was then
 * @previous_hash: (nullable): of the group before it, which is the last one here
 * @error: what went wrong with the file
 *
 * Does what replica_commit_group() did when the group was made, and looks at
 * nothing that was looked at then.
 */
gboolean
replica_commit_repeat (ReplicaTransaction *tx, SatchelGroup *group, const char *previous_hash, GError **error)
{
  g_autofree char *user = NULL;
  ReplicaLayer layer = { 0 };

  if (!replica_meta_get (tx->connection, "user_id", &user, error))
    return FALSE;

  layer = (ReplicaLayer) { .n = group->n, .at = group->at, .user = user };
  for (guint i = 0; i < group->mutations->len; i++)
    if (!repeat_mutation (tx, g_ptr_array_index (group->mutations, i), &layer, error))
      return FALSE;

  return replica_outbox_end_group (tx, group, previous_hash, error);
}
