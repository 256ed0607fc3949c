/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Deciding groups: per unit, by comparing revisions, never by clocks or by places in the feed. */

#include "satchel-config.h"

#include "server-decide.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "records/satchel-error.h"
#include "records/satchel-merge.h"
#include "server-buckets.h"
#include "server-replay.h"
#include "server-units.h"

/* ---- Refusing ------------------------------------------------------------------------------------- */

static const char *
code_of (const GError *error)
{
  if (g_error_matches (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_TOO_LARGE))
    return SATCHEL_REFUSED_TOO_LARGE;
  if (g_error_matches (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_READ_ONLY))
    return SATCHEL_REFUSED_PERMISSION;

  return SATCHEL_REFUSED_VALIDATION;
}

void
satchel_decide_refuse_error (SatchelMutationOutcome *outcome, const char *unit, const GError *error)
{
  satchel_mutation_outcome_refuse (outcome, unit, code_of (error), error->message);
}

void
satchel_decide_refuse_error_all (const SatchelMutation *mutation, SatchelMutationOutcome *outcome, const GError *error)
{
  satchel_decide_refuse_all (mutation, outcome, code_of (error), error->message);
}

static const char *
name_whole (SatchelMutationKind kind)
{
  switch (kind)
    {
    case SATCHEL_MUTATION_DELETE:
    case SATCHEL_MUTATION_RESTORE:
      return SATCHEL_UNIT_DELETED;
    case SATCHEL_MUTATION_RESOLVE:
      return SATCHEL_UNIT_RESOLUTION;
    case SATCHEL_MUTATION_CREATE:
    case SATCHEL_MUTATION_PATCH:
    default:
      return SATCHEL_UNIT_WHOLE;
    }
}

void
satchel_decide_refuse_all (const SatchelMutation *mutation, SatchelMutationOutcome *outcome, const char *code,
                           const char *reason)
{
  g_ptr_array_set_size (outcome->units, 0);
  for (guint i = 0; i < mutation->units->len; i++)
    satchel_mutation_outcome_refuse (outcome, ((SatchelUnitChange *) g_ptr_array_index (mutation->units, i))->unit,
                                     code, reason);
  if (mutation->units->len == 0)
    satchel_mutation_outcome_refuse (outcome, name_whole (mutation->kind), code, reason);
}

/* ---- Finding -------------------------------------------------------------------------------------- */

/* What may not be seen is as if it were not there. */
SatchelRow *
satchel_decide_find_row (SatchelSender *sender, const SatchelMutation *mutation, SatchelMutationOutcome *outcome)
{
  SatchelView *view = satchel_ledger_get_view (sender->ledger);
  SatchelRow *row = satchel_ledger_find (sender->ledger, mutation->id);
  g_autofree char *reason = NULL;

  if (row == NULL || !satchel_view_sees_bucket (view, row->bucket) ||
      strcmp (satchel_type_get_name (row->type), mutation->type) != 0)
    {
      satchel_decide_refuse_all (mutation, outcome, SATCHEL_REFUSED_GONE,
                                 _ ("This entry is not there any more, or is not yours to see."));
      return NULL;
    }

  if (mutation->kind == SATCHEL_MUTATION_RESOLVE)
    return row;

  if ((satchel_type_get_flags (row->type) & SATCHEL_TYPE_APPEND_ONLY) != 0)
    reason = g_strdup (_ ("These entries are only added, never changed."));
  if (reason != NULL || !satchel_view_may_edit (view, row->record, &reason))
    {
      satchel_decide_refuse_all (mutation, outcome, SATCHEL_REFUSED_PERMISSION, reason);
      return NULL;
    }

  return row;
}

/* ---- Checking ------------------------------------------------------------------------------------- */

/* The first one to call themselves so keeps the name. */
static gboolean
login_is_free (SatchelSender *sender, const SatchelRecord *record)
{
  const SatchelType *type = satchel_record_get_record_type (record);

  return strcmp (satchel_type_get_name (type), "user") != 0 || !satchel_record_has (record, "name") ||
         !satchel_ledger_has_login (sender->ledger, satchel_record_get_text (record, "name"),
                                    satchel_record_get_id (record));
}

/* Code and reason when a record cannot be as it is; NULL when it can. */
const char *
satchel_decide_find_flaw (SatchelSender *sender, const SatchelRecord *record, const SatchelRecord *before,
                          char **reason)
{
  g_autoptr (GError) error = NULL;

  /* What was not whole before this change is not this change's fault. */
  if (!satchel_record_validate (record, &error) && (before == NULL || satchel_record_validate (before, NULL)))
    {
      *reason = g_strdup (error->message);
      return code_of (error);
    }
  if (!login_is_free (sender, record))
    {
      *reason = g_strdup (_ ("Another user has this name already."));
      return SATCHEL_REFUSED_VALIDATION;
    }

  return NULL;
}

const char *
satchel_decide_find_place_flaw (SatchelSender *sender, const SatchelRecord *record, const SatchelRow *row,
                                const char *unit, SatchelPlace *place, char **reason)
{
  SatchelView *view = satchel_ledger_get_view (sender->ledger);
  GError *error = NULL;

  satchel_place_find (sender->ledger, record, unit, place);
  if (place->gone)
    {
      *reason = g_strdup (_ ("What this hangs on is in the bin, was never there, or is not yours to see."));
      return SATCHEL_REFUSED_GONE;
    }
  if (place->bucket == NULL)
    {
      *reason = g_strdup (_ ("It needs an owner or a territory."));
      return SATCHEL_REFUSED_VALIDATION;
    }
  if (!satchel_view_may_place (view, record, row != NULL ? row->bucket : NULL, place->bucket, reason, &error))
    {
      if (error != NULL)
        satchel_ledger_fail (sender->ledger, error);
      return SATCHEL_REFUSED_PERMISSION;
    }

  return NULL;
}

gboolean
satchel_decide_check_unit (SatchelSender *sender, SatchelRow *row, SatchelRecord *changed, const char *unit,
                           SatchelMutationOutcome *outcome, const char *told_as)
{
  g_autofree char *reason = NULL;
  const char *code = satchel_decide_find_flaw (sender, changed, row->record, &reason);

  if (code == NULL && satchel_unit_places (row->type, unit))
    {
      g_auto (SatchelPlace) place = { 0 };

      code = satchel_decide_find_place_flaw (sender, changed, row, unit, &place, &reason);
    }

  if (code != NULL)
    satchel_mutation_outcome_refuse (outcome, told_as, code, reason);

  return code == NULL;
}

void
satchel_decide_apply (SatchelSender *sender, SatchelRow *row, SatchelRecord *changed, const char *unit,
                      const SatchelPast *past, JsonObject *old_value, JsonObject *new_value)
{
  satchel_ledger_change (sender->ledger, row, changed, unit, past, old_value, new_value);
  if (satchel_unit_places (row->type, unit))
    satchel_row_settle (sender->ledger, row);
}

/* ---- Create --------------------------------------------------------------------------------------- */

static SatchelRecord *
build_record (SatchelSender *sender, const SatchelType *type, const SatchelMutation *mutation, GError **error)
{
  g_autoptr (SatchelRecord) record = satchel_record_new (type, mutation->id);
  const char *at = satchel_ledger_get_at (sender->ledger);
  const char *user = satchel_view_get_user (satchel_ledger_get_view (sender->ledger));

  satchel_record_set_created (record, at, user);
  satchel_record_set_updated (record, at, user);
  for (guint i = 0; i < mutation->units->len; i++)
    {
      SatchelRecord *next = satchel_unit_try (record, g_ptr_array_index (mutation->units, i), error);

      if (next == NULL)
        return NULL;
      satchel_record_unref (record);
      record = next;
    }
  satchel_record_give_owner (sender->ledger, record);

  return g_steal_pointer (&record);
}

static const char *
find_create_right (SatchelSender *sender, const SatchelRecord *record, const SatchelMutation *mutation, char **reason)
{
  SatchelView *view = satchel_ledger_get_view (sender->ledger);

  if (!satchel_view_may_create (view, satchel_record_get_record_type (record), reason))
    return SATCHEL_REFUSED_PERMISSION;
  for (guint i = 0; i < mutation->units->len; i++)
    if (!satchel_view_may_set (view, record, ((SatchelUnitChange *) g_ptr_array_index (mutation->units, i))->unit, TRUE,
                               reason))
      return SATCHEL_REFUSED_PERMISSION;

  return NULL;
}

static void
add_record (SatchelSender *sender, SatchelRecord *record, const SatchelPlace *place, SatchelMutationOutcome *outcome)
{
  SatchelRow *row;

  satchel_record_complete (sender->ledger, record, place);
  row = satchel_ledger_add (sender->ledger, record);
  satchel_ledger_move (sender->ledger, row, place->bucket, place->account, place->target);
  outcome->rev = satchel_row_dup_revision (row);
}

static void
note_creation (SatchelSender *sender, const SatchelType *type, const SatchelMutation *mutation)
{
  g_autoptr (SatchelRecord) made = build_record (sender, type, mutation, NULL);

  if (made != NULL)
    satchel_replay_note_creation (sender, made);
}

void
satchel_decide_create (SatchelSender *sender, const SatchelMutation *mutation, SatchelMutationOutcome *outcome)
{
  SatchelServer *server = satchel_view_get_server (satchel_ledger_get_view (sender->ledger));
  const SatchelType *type = satchel_vocabulary_lookup (satchel_server_get_vocabulary (server), mutation->type);
  g_autoptr (SatchelRecord) record = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *reason = NULL;
  g_auto (SatchelPlace) place = { 0 };
  const char *code;

  g_assert (type != NULL);

  if (satchel_replay_create (sender, mutation, outcome))
    {
      note_creation (sender, type, mutation);
      return;
    }
  if (satchel_ledger_find (sender->ledger, mutation->id) != NULL)
    {
      satchel_decide_refuse_all (mutation, outcome, SATCHEL_REFUSED_EXISTS,
                                 _ ("There is an entry of this id already."));
      return;
    }

  if (satchel_ledger_is_buried (sender->ledger, mutation->id))
    {
      satchel_decide_refuse_all (mutation, outcome, SATCHEL_REFUSED_GONE,
                                 _ ("An entry of this id was deleted for good."));
      return;
    }

  record = build_record (sender, type, mutation, &error);
  if (record == NULL)
    {
      satchel_decide_refuse_error_all (mutation, outcome, error);
      return;
    }

  code = find_create_right (sender, record, mutation, &reason);
  if (code == NULL)
    code = satchel_decide_find_flaw (sender, record, NULL, &reason);
  if (code == NULL)
    code = satchel_decide_find_place_flaw (sender, record, NULL, NULL, &place, &reason);
  if (code != NULL)
    {
      satchel_decide_refuse_all (mutation, outcome, code, reason);
      return;
    }

  for (guint i = 0; i < mutation->units->len; i++)
    satchel_mutation_outcome_apply (outcome, ((SatchelUnitChange *) g_ptr_array_index (mutation->units, i))->unit,
                                    SATCHEL_OUTCOME_APPLIED);
  if (mutation->units->len == 0)
    satchel_mutation_outcome_apply (outcome, SATCHEL_UNIT_WHOLE, SATCHEL_OUTCOME_APPLIED);
  add_record (sender, g_steal_pointer (&record), &place, outcome);
}

/* ---- One unit of a patch -------------------------------------------------------------------------- */

/* What is known while a unit is decided. */
typedef struct
{
  SatchelSender *sender;
  SatchelRow *row;
  const SatchelUnitChange *change;
  SatchelMutationOutcome *outcome;
  SatchelBase base;
  SatchelRecord *changed;
  JsonObject *old_value;
  JsonObject *new_value;
} Deciding;

static void
deciding_clear (Deciding *self)
{
  satchel_base_clear (&self->base);
  g_clear_pointer (&self->changed, satchel_record_unref);
  g_clear_pointer (&self->old_value, json_object_unref);
  g_clear_pointer (&self->new_value, json_object_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Deciding, deciding_clear)

/* What the unit will be of an epoch that ended: what it was there when this was settled first, or changed on sight of
 * it. */
static void
find_past (Deciding *self, SatchelPast *past)
{
  SatchelServer *server = satchel_view_get_server (satchel_ledger_get_view (self->sender->ledger));

  *past = (SatchelPast) { 0 };
  if (satchel_replay_stood_aside (self->sender, self->change->unit))
    return;
  if (satchel_ledger_get_given (self->sender->ledger, satchel_record_get_id (self->row->record), &past->revision))
    past->same = self->change->value != NULL && satchel_unit_value_equal (self->change->value, self->new_value) &&
                 !satchel_replay_was_merged (self->sender, self->change->unit);
  else if (self->base.kind == SATCHEL_BASE_REVISION &&
           strcmp (self->base.revision.epoch, satchel_server_get_epoch (server)) != 0)
    past->revision = self->base.revision;
  if (!past->same && satchel_unit_get_change_policy (self->row->type, self->change) == SATCHEL_POLICY_SET)
    past->revision.n = 0;
}

static void
lay (Deciding *self, SatchelOutcomeKind kind)
{
  SatchelPast past;

  if (!satchel_decide_check_unit (self->sender, self->row, self->changed, self->change->unit, self->outcome,
                                  self->change->unit))
    return;

  find_past (self, &past);
  satchel_decide_apply (self->sender, self->row, g_steal_pointer (&self->changed), self->change->unit, &past,
                        self->old_value, self->new_value);
  satchel_mutation_outcome_apply (self->outcome, self->change->unit, kind);
}

static void
leave_to_a_person (Deciding *self)
{
  g_autoptr (JsonObject) base = satchel_base_dup_value (self->sender, self->row, self->change->unit, &self->base,
                                                        self->change->value);

  satchel_conflict_join (self->sender, self->row, self->change->unit, base, self->new_value, self->outcome,
                         self->change->unit);
}

/* The text as merged, laid in the place of the text as sent. FALSE: an overlap, or nothing known to merge against. */
static gboolean
merge (Deciding *self)
{
  const char *unit = self->change->unit;
  g_autoptr (JsonObject) base = satchel_base_dup_value (self->sender, self->row, unit, &self->base,
                                                        self->change->value);
  g_autoptr (JsonObject) value = NULL;
  g_autofree char *merged = NULL;
  g_autoptr (GError) error = NULL;
  SatchelRecord *changed;

  if (base == NULL ||
      !satchel_merge_text (satchel_unit_value_get_text (self->row->type, unit, base),
                           satchel_unit_value_get_text (self->row->type, unit, self->old_value),
                           satchel_unit_value_get_text (self->row->type, unit, self->new_value), &merged))
    return FALSE;

  value = satchel_unit_value_new_text (self->row->type, unit, merged);
  changed = satchel_unit_try_value (self->row->record, unit, value, &error);
  if (changed == NULL)
    return FALSE; /* too large together: a person must choose */

  satchel_record_unref (self->changed);
  self->changed = changed;
  json_object_unref (self->new_value);
  self->new_value = satchel_unit_dup_value (changed, unit, NULL);

  return TRUE;
}

static void
decide_by_policy (Deciding *self)
{
  switch (satchel_unit_get_change_policy (self->row->type, self->change))
    {
    case SATCHEL_POLICY_LATEST:
    case SATCHEL_POLICY_SET:
      lay (self, SATCHEL_OUTCOME_APPLIED);
      break;
    case SATCHEL_POLICY_TEXT:
      if (merge (self))
        lay (self, SATCHEL_OUTCOME_MERGED);
      else
        leave_to_a_person (self);
      break;
    case SATCHEL_POLICY_ASK:
    case SATCHEL_POLICY_DERIVED:
    default:
      leave_to_a_person (self);
      break;
    }
}

/* The unit is still what its author had typed before: then nobody else came between. */
static gboolean
is_still_own (Deciding *self)
{
  return self->base.submitted != NULL && satchel_unit_value_equal (self->base.submitted, self->old_value);
}

/* The author's value before this one is in an open conflict: this one takes its place. */
static gboolean
is_in_conflict (Deciding *self)
{
  return self->base.kind == SATCHEL_BASE_CONFLICT && self->base.conflict != NULL &&
         g_strcmp0 (satchel_ledger_find_conflict (self->sender->ledger, satchel_record_get_id (self->row->record),
                                                  self->change->unit),
                    self->base.conflict) == 0;
}

static void
decide (Deciding *self)
{
  gboolean equal = satchel_unit_value_equal (self->old_value, self->new_value);

  if (is_in_conflict (self))
    leave_to_a_person (self);
  else if (equal)
    satchel_mutation_outcome_apply (self->outcome, self->change->unit, SATCHEL_OUTCOME_APPLIED);
  else if (satchel_row_is_binned (self->row))
    leave_to_a_person (self);
  else if (is_still_own (self) || satchel_base_is_unchanged (self->sender, self->row, self->change->unit, &self->base))
    lay (self, SATCHEL_OUTCOME_APPLIED);
  else
    decide_by_policy (self);
}

static GStrv
members_missing (char **members, char **in)
{
  GStrvBuilder *builder = g_strv_builder_new ();
  GStrv missing;

  for (guint i = 0; members != NULL && members[i] != NULL; i++)
    if (in == NULL || !g_strv_contains ((const char *const *) in, members[i]))
      g_strv_builder_add (builder, members[i]);
  missing = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);

  return missing;
}

static GStrv
dup_members (const SatchelRecord *record, const char *unit, JsonObject *value)
{
  const SatchelType *type = satchel_record_get_record_type (record);
  guint index = satchel_type_lookup_unit (type, unit)->fields[0];
  g_auto (SatchelValue) set = SATCHEL_VALUE_INIT;
  const SatchelField *field = satchel_type_get_field (type, index);
  JsonNode *node = value != NULL ? json_object_get_member (value, field->name) : NULL;

  if (node == NULL || !satchel_value_from_json (field, node, &set, NULL))
    return NULL;

  return satchel_value_dup_set (&set);
}

/* A set that was sent whole is as good as what it gained and lost against its base. */
static SatchelUnitChange *
make_set_change (SatchelSender *sender, const SatchelRow *row, const SatchelUnitChange *change, const SatchelBase *base)
{
  g_autoptr (JsonObject) base_value = NULL;
  g_auto (GStrv) before = NULL;
  g_auto (GStrv) after = NULL;
  SatchelUnitChange *set_change;

  if (change->value == NULL || satchel_unit_get_policy (row->type, change->unit) != SATCHEL_POLICY_SET)
    return NULL;

  base_value = satchel_base_dup_value (sender, row, change->unit, base, NULL);
  before = dup_members (row->record, change->unit, base_value);
  after = dup_members (row->record, change->unit, change->value);
  set_change = satchel_unit_change_new (change->unit, change->base);
  set_change->add = members_missing (after, before);
  set_change->remove = members_missing (before, after);

  return set_change;
}

static gboolean
prepare (Deciding *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelUnitChange) set_change = make_set_change (self->sender, self->row, self->change, &self->base);
  g_autoptr (JsonObject) like = satchel_unit_change_dup_like (self->row->type, self->change);
  const char *unit = self->change->unit;

  self->changed = satchel_unit_try (self->row->record, set_change != NULL ? set_change : self->change, &error);
  if (self->changed == NULL)
    {
      satchel_decide_refuse_error (self->outcome, unit, error);
      return FALSE;
    }
  self->old_value = satchel_unit_dup_value (self->row->record, unit, like);
  self->new_value = satchel_unit_dup_value (self->changed, unit, like);

  return TRUE;
}

/* Sets and what the last one wins need nothing of their base. */
static gboolean
needs_base (const SatchelType *type, const SatchelUnitChange *change)
{
  SatchelPolicy policy = satchel_unit_get_change_policy (type, change);

  return policy != SATCHEL_POLICY_SET && policy != SATCHEL_POLICY_LATEST;
}

void
satchel_decide_unit (SatchelSender *sender, SatchelRow *row, const SatchelUnitChange *change,
                     SatchelMutationOutcome *outcome)
{
  g_auto (Deciding) deciding = { .sender = sender, .row = row, .change = change, .outcome = outcome };
  g_autofree char *reason = NULL;

  if (satchel_replay_unit (sender, row, change->unit, change->value, outcome, change->unit))
    return;
  satchel_base_find (sender, change->base, satchel_record_get_id (row->record), change->unit, &deciding.base);
  if (!satchel_view_may_set (satchel_ledger_get_view (sender->ledger), row->record, change->unit, FALSE, &reason))
    satchel_mutation_outcome_refuse (outcome, change->unit, SATCHEL_REFUSED_PERMISSION, reason);
  else if (deciding.base.kind == SATCHEL_BASE_REFUSED)
    satchel_mutation_outcome_refuse (outcome, change->unit, SATCHEL_REFUSED_DEPENDENCY,
                                     _ ("It builds on a change that was refused."));
  else if (deciding.base.kind == SATCHEL_BASE_UNKNOWN && needs_base (row->type, change))
    satchel_mutation_outcome_refuse (outcome, change->unit, SATCHEL_REFUSED_VALIDATION,
                                     _ ("It does not say what it was made on."));
  else if (prepare (&deciding))
    decide (&deciding);
}

/* ---- Patch ---------------------------------------------------------------------------------------- */

/* The newest of the revisions that the units were made on: what the author had seen of the record. */
static char *
find_seen (SatchelSender *sender, const SatchelMutation *mutation)
{
  SatchelServer *server = satchel_view_get_server (satchel_ledger_get_view (sender->ledger));
  SatchelRevision newest = { .n = 0 };

  for (guint i = 0; i < mutation->units->len; i++)
    {
      const SatchelUnitChange *change = g_ptr_array_index (mutation->units, i);
      g_auto (SatchelBase) base = { 0 };

      satchel_base_find (sender, change->base, mutation->id, NULL, &base);
      if (base.kind == SATCHEL_BASE_REVISION &&
          (newest.n == 0 || satchel_server_is_unchanged (server, &newest, &base.revision)))
        newest = base.revision;
    }

  return newest.n > 0 ? satchel_revision_to_string (newest.epoch, newest.n) : NULL;
}

void
satchel_decide_patch (SatchelSender *sender, const SatchelMutation *mutation, SatchelMutationOutcome *outcome)
{
  SatchelRow *row = satchel_decide_find_row (sender, mutation, outcome);

  if (row == NULL)
    return;

  for (guint i = 0; i < mutation->units->len; i++)
    satchel_decide_unit (sender, row, g_ptr_array_index (mutation->units, i), outcome);

  outcome->rev = satchel_row_dup_revision (row);
  outcome->given = satchel_replay_dup_given (sender);
  outcome->seen = find_seen (sender, mutation);
}

/* ---- A group -------------------------------------------------------------------------------------- */

static gboolean
type_is_known (SatchelSender *sender, const char *type)
{
  SatchelServer *server = satchel_view_get_server (satchel_ledger_get_view (sender->ledger));

  return satchel_vocabulary_lookup (satchel_server_get_vocabulary (server), type) != NULL;
}

static void
decide_mutation (SatchelSender *sender, const SatchelMutation *mutation, SatchelMutationOutcome *outcome)
{
  if (!type_is_known (sender, mutation->type))
    {
      satchel_decide_refuse_all (mutation, outcome, SATCHEL_REFUSED_UNKNOWN_TYPE,
                                 _ ("The server is too old to know this kind of entry."));
      return;
    }
  if (satchel_replay_refuse_mutation (sender, mutation, outcome))
    return;

  switch (mutation->kind)
    {
    case SATCHEL_MUTATION_CREATE:
      satchel_decide_create (sender, mutation, outcome);
      break;
    case SATCHEL_MUTATION_PATCH:
      satchel_decide_patch (sender, mutation, outcome);
      break;
    case SATCHEL_MUTATION_DELETE:
      satchel_decide_delete (sender, mutation, outcome);
      break;
    case SATCHEL_MUTATION_RESTORE:
      satchel_decide_restore (sender, mutation, outcome);
      break;
    case SATCHEL_MUTATION_RESOLVE:
    default:
      satchel_decide_resolve (sender, mutation, outcome);
      break;
    }
}

/**
 * satchel_decide_group:
 * @sender: who sent it
 * @group: the group
 *
 * Decides a group and lays on the ledger what goes through. A strict group with
 * any obstacle leaves nothing behind. One that went through in an epoch that
 * ended is not taken back from its author because of what others did since: its
 * values may wait in conflicts like any other.
 */
void
satchel_decide_group (SatchelSender *sender, const SatchelGroup *group)
{
  const char *code, *reason;

  if (satchel_replay_refuse_group (sender))
    return;
  if (group->strict)
    satchel_ledger_mark (sender->ledger);

  for (guint i = 0; i < group->mutations->len; i++)
    {
      const SatchelMutation *mutation = g_ptr_array_index (group->mutations, i);

      satchel_ledger_begin_mutation (sender->ledger, satchel_mutation_kind_to_string (mutation->kind), group->at);
      satchel_replay_begin_mutation (sender, i, mutation->id);
      decide_mutation (sender, mutation, satchel_group_outcome_add (sender->outcome, mutation->id));
    }

  if (!group->strict)
    return;
  if (satchel_group_outcome_find_obstacle (sender->outcome, sender->replay == NULL, &code, &reason))
    {
      satchel_ledger_take_back (sender->ledger);
      satchel_group_outcome_refuse (sender->outcome, code, reason);
    }
  else
    satchel_ledger_unmark (sender->ledger);
}
