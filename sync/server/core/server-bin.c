/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Deleting and restoring. What is deleted stays in the bin with its content; an account takes along what hangs on it,
 * and brings it back. */

#include "satchel-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "server-buckets.h"
#include "server-decide.h"
#include "server-replay.h"

/* ---- In and out ----------------------------------------------------------------------------------- */

static JsonObject *
make_deleted_value (gboolean deleted)
{
  JsonObject *value = json_object_new ();

  json_object_set_boolean_member (value, SATCHEL_UNIT_DELETED, deleted);

  return value;
}

static void
set_deleted (SatchelSender *sender, SatchelRow *row, gboolean deleted, const char *with)
{
  SatchelRecord *changed = satchel_record_copy (row->record);
  g_autoptr (JsonObject) old_value = make_deleted_value (!deleted);
  g_autoptr (JsonObject) new_value = make_deleted_value (deleted);
  SatchelPast past = { .same = TRUE };
  gboolean is_given = satchel_ledger_get_given (sender->ledger, satchel_record_get_id (row->record), &past.revision);

  satchel_record_set_deleted_at (changed, deleted ? satchel_ledger_get_at (sender->ledger) : NULL);
  satchel_record_set_deleted_with (changed, with);
  satchel_ledger_change (sender->ledger, row, changed, SATCHEL_UNIT_DELETED, is_given ? &past : NULL, old_value,
                         new_value);
}

/* Conflicts stay where they are: what is in them waits for a person, whatever becomes of its target. */
static gboolean
goes_along (const SatchelRow *row)
{
  return satchel_type_get_rights (row->type) != SATCHEL_RIGHTS_SERVER;
}

void
satchel_bin_put (SatchelSender *sender, SatchelRow *row)
{
  g_autofree char *id = g_strdup (satchel_record_get_id (row->record)); /* the record is about to be another one */
  g_autoptr (GPtrArray) hanging = NULL;

  set_deleted (sender, row, TRUE, NULL);
  if (satchel_type_get_home (row->type) != SATCHEL_HOME_ACCOUNT)
    return;

  hanging = satchel_ledger_list_hanging (sender->ledger, id);
  for (guint i = 0; i < hanging->len; i++)
    {
      SatchelRow *child = g_ptr_array_index (hanging, i);

      if (goes_along (child) && !satchel_row_is_binned (child))
        set_deleted (sender, child, TRUE, id);
    }
}

void
satchel_bin_put_with (SatchelSender *sender, SatchelRow *row, const char *account)
{
  set_deleted (sender, row, TRUE, account);
}

static void
take_out_what_went_along (SatchelSender *sender, const char *id)
{
  g_autoptr (GPtrArray) hanging = satchel_ledger_list_hanging (sender->ledger, id);

  for (guint i = 0; i < hanging->len; i++)
    {
      SatchelRow *child = g_ptr_array_index (hanging, i);

      if (g_strcmp0 (satchel_record_get_deleted_with (child->record), id) == 0)
        set_deleted (sender, child, FALSE, NULL);
    }
}

gboolean
satchel_bin_take_out (SatchelSender *sender, SatchelRow *row)
{
  g_autofree char *id = g_strdup (satchel_record_get_id (row->record));
  g_auto (SatchelPlace) place = { 0 };

  satchel_place_find (sender->ledger, row->record, NULL, &place);
  if (place.gone)
    return FALSE;

  set_deleted (sender, row, FALSE, NULL);
  if (satchel_type_get_home (row->type) == SATCHEL_HOME_ACCOUNT)
    take_out_what_went_along (sender, id);

  return TRUE;
}

/* Deleting means the whole record, so all of it must be as it was seen. */
gboolean
satchel_bin_is_unchanged (SatchelSender *sender, const SatchelRow *row, const SatchelBase *base)
{
  return satchel_base_is_unchanged (sender, row, NULL, base);
}

/* ---- Delete --------------------------------------------------------------------------------------- */

static gboolean
base_is_usable (const SatchelMutation *mutation, const SatchelBase *base, SatchelMutationOutcome *outcome)
{
  if (base->kind == SATCHEL_BASE_REFUSED)
    satchel_decide_refuse_all (mutation, outcome, SATCHEL_REFUSED_DEPENDENCY,
                               _ ("It builds on a change that was refused."));
  else if (base->kind == SATCHEL_BASE_UNKNOWN)
    satchel_decide_refuse_all (mutation, outcome, SATCHEL_REFUSED_VALIDATION,
                               _ ("It does not say what it was made on."));
  else
    return TRUE;

  return FALSE;
}

/* What is decided on the record later, on sight of this, is decided on what its author had seen then: not on what others
 * had written meanwhile. */
static void
note_seen (SatchelMutationOutcome *outcome, const SatchelBase *base)
{
  if (base->kind == SATCHEL_BASE_REVISION)
    outcome->seen = satchel_revision_to_string (base->revision.epoch, base->revision.n);
}

void
satchel_decide_delete (SatchelSender *sender, const SatchelMutation *mutation, SatchelMutationOutcome *outcome)
{
  SatchelRow *row;
  g_auto (SatchelBase) base = { 0 };

  if (satchel_replay_delete (sender, mutation, outcome))
    return;
  row = satchel_decide_find_row (sender, mutation, outcome);
  if (row == NULL)
    return;
  satchel_base_find (sender, mutation->base, mutation->id, NULL, &base);
  if (!base_is_usable (mutation, &base, outcome))
    return;

  if (satchel_replay_unit (sender, row, SATCHEL_UNIT_DELETED, NULL, outcome, SATCHEL_UNIT_DELETED))
    ;
  else if (satchel_row_is_binned (row))
    satchel_mutation_outcome_apply (outcome, SATCHEL_UNIT_DELETED, SATCHEL_OUTCOME_APPLIED);
  else if (satchel_bin_is_unchanged (sender, row, &base))
    {
      satchel_bin_put (sender, row);
      satchel_mutation_outcome_apply (outcome, SATCHEL_UNIT_DELETED, SATCHEL_OUTCOME_APPLIED);
    }
  else
    {
      g_autoptr (JsonObject) before = make_deleted_value (FALSE);
      g_autoptr (JsonObject) after = make_deleted_value (TRUE);

      satchel_conflict_join (sender, row, SATCHEL_UNIT_DELETED, before, after, outcome, SATCHEL_UNIT_DELETED);
    }

  note_seen (outcome, &base);
  outcome->rev = satchel_row_dup_revision (row);
  outcome->given = satchel_replay_dup_given (sender);
}

/* ---- Restore -------------------------------------------------------------------------------------- */

void
satchel_decide_restore (SatchelSender *sender, const SatchelMutation *mutation, SatchelMutationOutcome *outcome)
{
  SatchelRow *row = satchel_decide_find_row (sender, mutation, outcome);
  g_auto (SatchelBase) base = { 0 };

  if (row == NULL)
    return;

  satchel_base_find (sender, mutation->base, mutation->id, NULL, &base);
  if (!satchel_replay_unit (sender, row, SATCHEL_UNIT_DELETED, NULL, outcome, SATCHEL_UNIT_DELETED))
    {
      if (satchel_row_is_binned (row) && !satchel_bin_take_out (sender, row))
        {
          satchel_decide_refuse_all (mutation, outcome, SATCHEL_REFUSED_GONE,
                                     _ ("What this hangs on is in the bin. Please restore that first."));
          return;
        }
      satchel_mutation_outcome_apply (outcome, SATCHEL_UNIT_DELETED, SATCHEL_OUTCOME_APPLIED);
    }
  note_seen (outcome, &base);
  outcome->rev = satchel_row_dup_revision (row);
  outcome->given = satchel_replay_dup_given (sender);
}
