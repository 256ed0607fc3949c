/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Groups that were settled in an epoch that ended. What came of them then is known, and the revisions that they were
 * given say what of that is here. */

#include "satchel-config.h"

#include "server-replay.h"

#include <string.h>

#include "server-units.h"

/* ---- What came of it then ------------------------------------------------------------------------- */

static const char *
get_text (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

static JsonObject *
get_object (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static JsonObject *
get_mutation (JsonObject *outcome, guint index, const char *record)
{
  JsonNode *node = json_object_get_member (outcome, "mutations");
  JsonArray *mutations = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  JsonNode *mutation = mutations != NULL && index < json_array_get_length (mutations)
                           ? json_array_get_element (mutations, index)
                           : NULL;

  if (mutation == NULL || !JSON_NODE_HOLDS_OBJECT (mutation) ||
      g_strcmp0 (get_text (json_node_get_object (mutation), "id"), record) != 0)
    return NULL;

  return json_node_get_object (mutation);
}

static gboolean
was (JsonObject *unit, const char *outcome)
{
  return g_strcmp0 (get_text (unit, "outcome"), outcome) == 0;
}

gboolean
satchel_replay_refuse_group (SatchelSender *sender)
{
  if (sender->replay == NULL || g_strcmp0 (get_text (sender->replay, "result"), "refused") != 0)
    return FALSE;

  satchel_group_outcome_refuse (sender->outcome, satchel_refused_code (get_text (sender->replay, "code")),
                                get_text (sender->replay, "reason"));

  return TRUE;
}

/* Only a revision of an epoch that ended says something: the present one lost nothing. */
void
satchel_replay_begin_mutation (SatchelSender *sender, guint index, const char *record)
{
  SatchelServer *server = satchel_view_get_server (satchel_ledger_get_view (sender->ledger));
  SatchelRevision given;
  const char *rev;

  sender->replayed = sender->replay != NULL ? get_mutation (sender->replay, index, record) : NULL;
  rev = get_text (sender->replayed, "rev");
  if (rev != NULL && satchel_revision_parse (rev, &given) &&
      strcmp (given.epoch, satchel_server_get_epoch (server)) != 0)
    satchel_ledger_set_given (sender->ledger, record, &given);
}

gboolean
satchel_replay_refuse_mutation (SatchelSender *sender, const SatchelMutation *mutation, SatchelMutationOutcome *outcome)
{
  JsonObject *units = get_object (sender->replayed, "units");
  JsonObjectIter iter;
  const char *unit;
  JsonNode *node;

  if (units == NULL || get_text (sender->replayed, "rev") != NULL)
    return FALSE;

  json_object_iter_init_ordered (&iter, units);
  while (json_object_iter_next_ordered (&iter, &unit, &node))
    if (JSON_NODE_HOLDS_OBJECT (node))
      satchel_mutation_outcome_refuse (outcome, unit,
                                       satchel_refused_code (get_text (json_node_get_object (node), "code")),
                                       get_text (json_node_get_object (node), "reason"));

  return outcome->units->len > 0;
}

/* ---- One unit ------------------------------------------------------------------------------------- */

static gboolean
stay_refused (JsonObject *then, SatchelMutationOutcome *outcome, const char *told_as)
{
  if (!was (then, "refused"))
    return FALSE;

  satchel_mutation_outcome_refuse (outcome, told_as, satchel_refused_code (get_text (then, "code")),
                                   get_text (then, "reason"));

  return TRUE;
}

/* A conflict that is not here, or not as it was with that value in its list, does not keep the value: it is decided
 * anew. */
static gboolean
stay_in_conflict (SatchelSender *sender, JsonObject *then, SatchelMutationOutcome *outcome, const char *told_as)
{
  const char *id = was (then, "conflict") ? get_text (then, "conflict") : NULL;
  const char *joined = get_text (then, "joined");
  const SatchelRow *conflict = id != NULL ? satchel_ledger_find (sender->ledger, id) : NULL;
  SatchelRevision revision;

  if (conflict == NULL || (joined != NULL && satchel_revision_parse (joined, &revision) &&
                           !satchel_row_knows (conflict, "values", &revision)))
    return FALSE;

  satchel_mutation_outcome_conflict (outcome, told_as, id, joined);

  return TRUE;
}

gboolean
satchel_replay_was_merged (SatchelSender *sender, const char *unit)
{
  return was (get_object (get_object (sender->replayed, "units"), unit), "merged");
}

gboolean
satchel_replay_stood_aside (SatchelSender *sender, const char *unit)
{
  return was (get_object (get_object (sender->replayed, "units"), unit), "conflict");
}

static gboolean
is_not_after (const SatchelRevision *given, const SatchelRevision *other)
{
  return strcmp (given->epoch, other->epoch) == 0 && given->n <= other->n;
}

/* Known here, or something stands over it that was typed on sight of it; or something newer, where the newer wins anyway.
 * What was merged into a text on sight of something is not known to hold that; of a set only what was built on all of it
 * says so. */
static gboolean
is_overtaken (SatchelSender *sender, const SatchelRow *row, const char *unit, const SatchelRevision *given)
{
  SatchelServer *server = satchel_view_get_server (satchel_ledger_get_view (sender->ledger));
  SatchelPolicy policy = satchel_unit_get_policy (row->type, unit);
  gboolean whole = policy != SATCHEL_POLICY_TEXT;
  SatchelUnitRevision changed;

  if (!satchel_row_get_unit_revision (row, unit, &changed))
    return FALSE;
  if (is_not_after (given, &changed.at))
    return TRUE;
  if (changed.past.revision.n > 0 && (changed.past.same || whole) && is_not_after (given, &changed.past.revision))
    return TRUE;

  return policy == SATCHEL_POLICY_LATEST && !satchel_unit_revision_is_known (server, &changed, given);
}

gboolean
satchel_replay_unit (SatchelSender *sender, SatchelRow *row, const char *unit, JsonObject *value,
                     SatchelMutationOutcome *outcome, const char *told_as)
{
  JsonObject *then = get_object (get_object (sender->replayed, "units"), told_as);
  SatchelRevision given;

  if (!satchel_ledger_get_given (sender->ledger, satchel_record_get_id (row->record), &given))
    return FALSE;
  if (stay_refused (then, outcome, told_as) || stay_in_conflict (sender, then, outcome, told_as))
    return TRUE;
  if (!is_overtaken (sender, row, unit, &given))
    return FALSE;

  if (value != NULL)
    satchel_ledger_note (sender->ledger, row, unit, &given, value);
  satchel_mutation_outcome_apply (outcome, told_as,
                                  was (then, "merged") ? SATCHEL_OUTCOME_MERGED : SATCHEL_OUTCOME_APPLIED);

  return TRUE;
}

/* What others have built on it since is not what its author had seen. */
char *
satchel_replay_dup_given (SatchelSender *sender)
{
  const char *given = get_text (sender->replayed, "given");

  return g_strdup (given != NULL ? given : get_text (sender->replayed, "rev"));
}

/* ---- Whole records -------------------------------------------------------------------------------- */

gboolean
satchel_replay_create (SatchelSender *sender, const SatchelMutation *mutation, SatchelMutationOutcome *outcome)
{
  SatchelView *view = satchel_ledger_get_view (sender->ledger);
  SatchelRow *row = sender->replayed != NULL ? satchel_ledger_find (sender->ledger, mutation->id) : NULL;
  SatchelRevision given;

  if (row == NULL || !satchel_ledger_get_given (sender->ledger, mutation->id, &given) ||
      !satchel_view_sees_bucket (view, row->bucket) || strcmp (satchel_type_get_name (row->type), mutation->type) != 0)
    return FALSE;

  for (guint i = 0; i < mutation->units->len; i++)
    satchel_mutation_outcome_apply (outcome, ((SatchelUnitChange *) g_ptr_array_index (mutation->units, i))->unit,
                                    SATCHEL_OUTCOME_APPLIED);
  outcome->rev = satchel_row_dup_revision (row);
  outcome->given = satchel_replay_dup_given (sender);

  return TRUE;
}

static gboolean
says (const char *text, JsonObject *value)
{
  g_autoptr (JsonObject) told = text != NULL ? satchel_unit_value_from_text (text) : NULL;

  return told != NULL && satchel_unit_value_equal (told, value);
}

static gboolean
is_told (SatchelSender *sender, const SatchelRow *row, const char *unit, JsonObject *value)
{
  g_autoptr (JsonObject) here = satchel_unit_dup_value (row->record, unit, value);
  g_autoptr (GPtrArray) changes = NULL;

  if (satchel_unit_value_equal (here, value))
    return TRUE;

  changes = satchel_ledger_list_changes (sender->ledger, row, unit, NULL);
  for (guint i = 0; i < changes->len; i++)
    {
      const SatchelStoredChange *change = g_ptr_array_index (changes, i);

      if (says (change->old_value, value) || says (change->new_value, value))
        return TRUE;
    }

  return FALSE;
}

void
satchel_replay_note_creation (SatchelSender *sender, const SatchelRecord *made)
{
  const SatchelRow *row = satchel_ledger_find (sender->ledger, satchel_record_get_id (made));
  SatchelRevision given;

  if (!satchel_ledger_get_given (sender->ledger, satchel_record_get_id (made), &given))
    return;
  for (guint i = 0; i < satchel_type_get_n_units (row->type); i++)
    {
      const SatchelUnit *unit = satchel_type_get_unit (row->type, i);
      g_autoptr (JsonObject) value = satchel_unit_dup_value (made, unit->name, NULL);

      if (unit->policy != SATCHEL_POLICY_DERIVED && !is_told (sender, row, unit->name, value))
        satchel_ledger_note (sender->ledger, row, unit->name, &given, value);
    }
}

gboolean
satchel_replay_delete (SatchelSender *sender, const SatchelMutation *mutation, SatchelMutationOutcome *outcome)
{
  if (sender->replayed == NULL || satchel_ledger_find (sender->ledger, mutation->id) != NULL)
    return FALSE;

  satchel_mutation_outcome_apply (outcome, SATCHEL_UNIT_DELETED, SATCHEL_OUTCOME_APPLIED);

  return TRUE;
}
