/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What must hold when everything is at rest: no value is lost, none was overwritten by somebody who had not seen it,
 * what belongs together came together, and nothing came twice. */

#include <string.h>

#include "sim-evidence.h"

#define MAX_CHAIN 64

static const char *
describe (const SimEvidence *self, const char *record, const char *unit)
{
  static char text[160];

  g_snprintf (text, sizeof text, "%s of %s", unit, sim_name (self->sim, record));

  return text;
}

/* ---- Nothing is lost ------------------------------------------------------------------------------ */

/* Of a record that a restored server was given back there is no history. */
static gboolean
was_binned (const SimEvidence *self, const Typed *typed)
{
  const SimRow *row = g_hash_table_lookup (self->rows, typed->record);

  if (row != NULL && sim_row_get (row, "deleted_at") != NULL)
    return TRUE;
  for (guint i = 0; i < self->changes->len; i++)
    {
      const SimChange *change = g_ptr_array_index (self->changes, i);

      if (strcmp (change->unit, "deleted") == 0 && strcmp (change->row->id, typed->record) == 0)
        return TRUE;
    }

  return FALSE;
}

static gboolean
has_conflict (const SimEvidence *self, const Typed *typed, const char *unit)
{
  for (guint i = 0; i < self->ids->len; i++)
    {
      const SimRow *row = g_hash_table_lookup (self->rows, g_ptr_array_index (self->ids, i));

      if (strcmp (row->type, "conflict") == 0 && g_strcmp0 (sim_row_get (row, "target_id"), typed->record) == 0 &&
          g_strcmp0 (sim_row_get (row, "unit"), unit) == 0)
        return TRUE;
    }

  return FALSE;
}

static void
check_deletion (const SimEvidence *self, const Typed *typed)
{
  if (!typed->let_go && !was_binned (self, typed) && !has_conflict (self, typed, "deleted") &&
      strstr (self->kept_aside->str, typed->record) == NULL)
    sim_trace_fail (&self->sim->trace, "the deletion of %s at step %u on device %u is lost",
                    sim_name (self->sim, typed->record), typed->step, typed->device);
}

/* Only the device itself can bring it back to a server that has lost it, and it may not. */
static gboolean
waits_on_refused_device (const SimEvidence *self, const Typed *typed)
{
  for (guint i = 0; self->sim->server.was_restored && i < self->sim->devices->len; i++)
    {
      const SimDevice *device = g_ptr_array_index (self->sim->devices, i);

      if (device->lineage == typed->lineage && device->refused)
        return TRUE;
    }

  return FALSE;
}

/* A person saw it in a list of values and chose. */
static gboolean
was_chosen_from (const SimEvidence *self, const Typed *typed)
{
  GPtrArray *list = oracle_list_of_unit (&self->sim->oracle, typed->record, typed->unit);

  for (guint i = 0; self->sim->server.was_restored && list != NULL && i < list->len; i++)
    {
      const Typed *later = g_ptr_array_index (list, i);

      if (later->listed != NULL && oracle_tokens_contain (later->listed, typed->token))
        return TRUE;
    }

  return FALSE;
}

/* By its own author's later value, on top of it: a server that lost both gets the later one back, and with it all that
 * counts. */
static gboolean
was_superseded (const SimEvidence *self, const Typed *typed)
{
  GPtrArray *list = oracle_list_of_unit (&self->sim->oracle, typed->record, typed->unit);

  for (guint i = 0; self->sim->server.was_restored && list != NULL && i < list->len; i++)
    {
      const Typed *later = g_ptr_array_index (list, i);

      const OracleTokens *under = later->kind == TYPED_REMOVE ? later->made : later->saw;

      if (later->number > typed->number && later->lineage == typed->lineage && under != NULL &&
          oracle_tokens_contain (under, typed->token))
        return TRUE;
    }

  return FALSE;
}

static void
check_typed (const SimEvidence *self, const Typed *typed)
{
  if (waits_on_refused_device (self, typed))
    return;
  if (typed->kind == TYPED_DELETE)
    check_deletion (self, typed);
  else if (typed->token != 0 && !typed->let_go && !sim_evidence_has (self->found, typed->token) &&
           !was_superseded (self, typed) && !was_chosen_from (self, typed))
    sim_trace_fail (&self->sim->trace, "%u, typed at step %u on device %u into %s, is lost", typed->token, typed->step,
                    typed->device, describe (self, typed->record, typed->unit));
}

/* ---- Nothing is overwritten unseen ---------------------------------------------------------------- */

/* @anybody: what a server lost comes back in one piece, whoever had typed the steps between. */
static const Typed *
find_earlier (GPtrArray *list, const Typed *later, gboolean anybody)
{
  for (guint i = list->len; i > 0; i--)
    {
      const Typed *typed = g_ptr_array_index (list, i - 1);

      if (typed->number < later->number && (anybody || typed->lineage == later->lineage) && typed->made != NULL &&
          oracle_tokens_equal (typed->made, later->saw))
        return typed;
    }

  return NULL;
}

/* What was typed was typed on @before, or on what the same replica had typed on it. */
static gboolean
stands_on (GPtrArray *list, const Typed *typed, const OracleTokens *before, gboolean anybody)
{
  for (guint i = 0; typed != NULL && typed->saw != NULL && i < MAX_CHAIN; i++)
    {
      if (oracle_tokens_equal (typed->saw, before))
        return TRUE;
      typed = find_earlier (list, typed, anybody);
    }

  return FALSE;
}

static gboolean
is_knowing (GPtrArray *list, const SimChange *change, gboolean anybody)
{
  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      const Typed *typed = g_ptr_array_index (list, i);

      if (typed->made != NULL && oracle_tokens_equal (typed->made, change->after) &&
          stands_on (list, typed, change->before, anybody))
        return TRUE;
    }

  return FALSE;
}

static void
check_ask (const SimEvidence *self, const SimChange *change, GPtrArray *list)
{
  if (!oracle_tokens_equal (change->before, change->after) &&
      !is_knowing (list, change, self->sim->server.was_restored))
    sim_trace_fail (&self->sim->trace, "%s was overwritten (%s) by somebody who had not seen %u (now %u)",
                    describe (self, change->row->id, change->unit), change->kind,
                    change->before->len > 0 ? g_array_index (change->before, guint, 0) : 0,
                    change->after->len > 0 ? g_array_index (change->after, guint, 0) : 0);
}

static gboolean
took_away (const Typed *typed, guint token)
{
  if (typed->kind == TYPED_REMOVE)
    return oracle_tokens_contain (typed->made, token);

  return typed->saw != NULL && typed->made != NULL && oracle_tokens_contain (typed->saw, token) &&
         !oracle_tokens_contain (typed->made, token);
}

static gboolean
somebody_took_away (GPtrArray *list, guint token)
{
  for (guint i = 0; list != NULL && i < list->len; i++)
    if (took_away (g_ptr_array_index (list, i), token))
      return TRUE;

  return FALSE;
}

/* Of texts and sets: what went was taken away by somebody who saw it. */
static void
check_parts (const SimEvidence *self, const SimChange *change, GPtrArray *list)
{
  for (guint i = 0; i < change->before->len; i++)
    {
      guint token = g_array_index (change->before, guint, i);

      if (!oracle_tokens_contain (change->after, token) && !somebody_took_away (list, token))
        sim_trace_fail (&self->sim->trace, "%u went from %s, and nobody took it away", token,
                        describe (self, change->row->id, change->unit));
    }
}

/* ---- Conflicts keep their values until somebody settled them -------------------------------------- */

static gboolean
contains (const Typed *typed, guint token)
{
  return typed->token == token ||
         (typed->kind != TYPED_REMOVE && typed->made != NULL && oracle_tokens_contain (typed->made, token));
}

/* A device's next value of a unit takes the place of its earlier one. */
static gboolean
was_followed (GPtrArray *list, const Typed *later, guint token)
{
  for (guint i = 0; i < list->len; i++)
    {
      const Typed *typed = g_ptr_array_index (list, i);

      if (typed->number < later->number && typed->lineage == later->lineage && contains (typed, token))
        return TRUE;
    }

  return FALSE;
}

static gboolean
is_settled (const SimEvidence *self, const SimChange *change, guint token)
{
  const char *unit = sim_row_get (change->row, "unit");
  GPtrArray *list = oracle_list_of_unit (&self->sim->oracle, sim_row_get (change->row, "target_id"), unit);

  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      const Typed *typed = g_ptr_array_index (list, i);

      if (typed->kind == TYPED_RESOLVE && g_strcmp0 (typed->conflict, change->row->id) == 0 &&
          oracle_tokens_contain (typed->listed, token))
        return TRUE;
      if (typed->kind != TYPED_DELETE && was_followed (list, typed, token))
        return TRUE;
      /* Of a set the whole stands in a conflict, whatever was changed in it. */
      if (typed->kind == TYPED_REMOVE && took_away (typed, token))
        return TRUE;
    }

  return FALSE;
}

static void
check_list (const SimEvidence *self, const SimChange *change)
{
  for (guint i = 0; i < change->before->len; i++)
    {
      guint token = g_array_index (change->before, guint, i);

      if (!oracle_tokens_contain (change->after, token) && !is_settled (self, change, token))
        sim_trace_fail (&self->sim->trace, "%u left a conflict on %s, and nobody settled it", token,
                        describe (self, sim_row_get (change->row, "target_id"), sim_row_get (change->row, "unit")));
    }
}

static void
check_change (const SimEvidence *self, const SimChange *change)
{
  const SatchelType *type = satchel_vocabulary_lookup (self->sim->start->vocabulary, change->row->type);
  const SatchelUnit *unit = satchel_type_lookup_unit (type, change->unit);
  GPtrArray *list = oracle_list_of_unit (&self->sim->oracle, change->row->id, change->unit);

  if (strcmp (change->row->type, "conflict") == 0)
    {
      if (strcmp (change->unit, "values") == 0)
        check_list (self, change);
    }
  else if (unit != NULL && unit->policy == SATCHEL_POLICY_ASK)
    check_ask (self, change, list);
  else if (unit != NULL && unit->policy != SATCHEL_POLICY_LATEST)
    check_parts (self, change, list);
}

/* ---- What was taken away is away ------------------------------------------------------------------ */

/* It was taken back. */
static gboolean
was_added_later (const SimEvidence *self, const Typed *removal, guint token)
{
  GPtrArray *list = oracle_list_of_unit (&self->sim->oracle, removal->record, removal->unit);

  for (guint i = 0; i < list->len; i++)
    {
      const Typed *typed = g_ptr_array_index (list, i);

      if (typed->number > removal->number && typed->kind == TYPED_ADD && typed->token == token)
        return TRUE;
    }

  return FALSE;
}

static void
check_removal (const SimEvidence *self, const Typed *typed)
{
  const SimRow *row = g_hash_table_lookup (self->rows, typed->record);
  g_autoptr (GArray) there = row != NULL ? oracle_tokens_of_text (row->text) : NULL;
  g_autoptr (GArray) aside = oracle_tokens_of_text (self->kept_aside->str);

  for (guint i = 0; there != NULL && i < typed->made->len; i++)
    {
      guint token = g_array_index (typed->made, guint, i);

      if (!typed->let_go && !was_added_later (self, typed, token) && !has_conflict (self, typed, typed->unit) &&
          oracle_tokens_contain (there, token) && !oracle_tokens_contain (aside, token))
        sim_trace_fail (&self->sim->trace, "%u is back in %s, though step %u on device %u took it away", token,
                        describe (self, typed->record, typed->unit), typed->step, typed->device);
    }
}

/* ---- What is in the bin was seen ------------------------------------------------------------------ */

static gboolean
was_seen_by_whoever_deleted (const SimEvidence *self, const SimRow *row, guint token)
{
  GPtrArray *list = oracle_list_of_unit (&self->sim->oracle, row->id, "deleted");

  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      const Typed *typed = g_ptr_array_index (list, i);

      if (typed->saw != NULL && oracle_tokens_contain (typed->saw, token))
        return TRUE;
    }

  return FALSE;
}

static void
check_bin (const SimEvidence *self, const SimRow *row)
{
  g_autoptr (GArray) tokens = NULL;

  if (sim_row_get (row, "deleted_at") == NULL || sim_row_get (row, "deleted_with") != NULL)
    return;
  tokens = oracle_tokens_of_text (row->text);
  for (guint i = 0; i < tokens->len; i++)
    if (!was_seen_by_whoever_deleted (self, row, g_array_index (tokens, guint, i)))
      sim_trace_fail (&self->sim->trace, "%s is in the bin with %u, which nobody who deleted it had seen",
                      sim_name (self->sim, row->id), g_array_index (tokens, guint, i));
}

/* ---- All or nothing ------------------------------------------------------------------------------- */

/* Whether it came from nowhere else: a later value of a unit with several fields has it too. */
static gboolean
tells (const SimEvidence *self, const Typed *typed)
{
  GPtrArray *list = oracle_list_of_unit (&self->sim->oracle, typed->record, typed->unit);
  guint n = 0;

  for (guint i = 0; list != NULL && i < list->len; i++)
    n += contains (g_ptr_array_index (list, i), typed->token);

  return typed->token != 0 && n == 1;
}

static void
check_whole (const SimEvidence *self, const Typed *first, const Typed *typed)
{
  if (sim_evidence_has (self->applied, first->token) == sim_evidence_has (self->applied, typed->token))
    return;
  sim_trace_fail (&self->sim->trace, "of what was saved together at step %u on device %u only a part was applied",
                  typed->step, typed->device);
}

static void
check_together (const SimEvidence *self)
{
  const Typed *first = NULL;

  for (guint i = 0; i < self->sim->oracle.typed->len; i++)
    {
      const Typed *typed = g_ptr_array_index (self->sim->oracle.typed, i);

      if (!typed->strict || !tells (self, typed))
        continue;
      if (first != NULL && first->group == typed->group)
        check_whole (self, first, typed);
      else
        first = typed;
    }
}

/* ---- Nothing twice -------------------------------------------------------------------------------- */

static guint
count_typings (const SimEvidence *self, const SimChange *change, guint token)
{
  GPtrArray *list = oracle_list_of_unit (&self->sim->oracle, change->row->id, change->unit);
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->sim->oracle.again, GUINT_TO_POINTER (token)));

  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      const Typed *typed = g_ptr_array_index (list, i);

      n += typed->token == token || (typed->made != NULL && oracle_tokens_contain (typed->made, token));
    }

  return n;
}

/* What others brought back may still come from its author, who never heard what became of it. */
static gboolean
counts_once (const SimChange *change)
{
  return strcmp (change->row->type, "conflict") != 0 && !change->noted && strcmp (change->kind, "recover") != 0;
}

/* Copies of one replica that a restored server takes for devices that it never knew number their groups anew, each for
 * itself: nothing tells that they have some in common. */
static gboolean
was_typed_on_strangers (const SimEvidence *self, guint token)
{
  for (guint i = 0; i < self->sim->oracle.typed->len; i++)
    {
      const Typed *typed = g_ptr_array_index (self->sim->oracle.typed, i);

      if (typed->token == token)
        return GPOINTER_TO_UINT (g_hash_table_lookup (self->sim->enrolled_anew, GUINT_TO_POINTER (typed->lineage))) > 1;
    }

  return FALSE;
}

static void
check_twice (const SimEvidence *self)
{
  g_autoptr (GHashTable) counts = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < self->changes->len; i++)
    {
      const SimChange *change = g_ptr_array_index (self->changes, i);

      for (guint t = 0; counts_once (change) && t < change->after->len; t++)
        {
          guint token = g_array_index (change->after, guint, t);
          gpointer key = GUINT_TO_POINTER (token);
          guint n = GPOINTER_TO_UINT (g_hash_table_lookup (counts, key)) + 1;

          if (oracle_tokens_contain (change->before, token))
            continue;
          g_hash_table_insert (counts, key, GUINT_TO_POINTER (n));
          if (n > count_typings (self, change, token) && !was_typed_on_strangers (self, token))
            sim_trace_fail (&self->sim->trace, "%u was applied %u times to %s", token, n,
                            describe (self, change->row->id, change->unit));
        }
    }
}

/* ---- All of it ------------------------------------------------------------------------------------ */

static void
check_store (Sim *sim)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);

  if (!satchel_store_check (sim->server.reader, problems, NULL) || problems->len > 0)
    sim_trace_fail (&sim->trace, "the store is not sound: %s",
                    problems->len > 0 ? (char *) g_ptr_array_index (problems, 0) : "it cannot be read");
}

/* To one who looks for a reason: what the server made of it, in its order. */
static void
tell_history (const SimEvidence *self)
{
  for (guint i = 0; i < self->changes->len; i++)
    {
      const SimChange *change = g_ptr_array_index (self->changes, i);
      gboolean is_conflict = strcmp (change->row->type, "conflict") == 0;
      const char *record = is_conflict ? sim_row_get (change->row, "target_id") : change->row->id;
      g_autofree char *before = oracle_tokens_write (change->before);
      g_autofree char *after = oracle_tokens_write (change->after);

      sim_trace_tell (&self->sim->trace, "history %s of %s%s%s: %s after %s (%s, %s)", change->unit,
                      sim_name (self->sim, record), is_conflict ? ", a conflict on " : "",
                      is_conflict ? sim_row_get (change->row, "unit") : "", after, before, change->kind, change->rev);
    }
}

void
sim_check (Sim *sim)
{
  g_auto (SimEvidence) evidence;

  sim_evidence_init (&evidence, sim);
  for (guint i = 0; i < sim->oracle.typed->len; i++)
    {
      const Typed *typed = g_ptr_array_index (sim->oracle.typed, i);

      check_typed (&evidence, typed);
      if (typed->kind == TYPED_REMOVE)
        check_removal (&evidence, typed);
    }
  for (guint i = 0; i < evidence.changes->len; i++)
    check_change (&evidence, g_ptr_array_index (evidence.changes, i));
  for (guint i = 0; i < evidence.ids->len; i++)
    check_bin (&evidence, g_hash_table_lookup (evidence.rows, g_ptr_array_index (evidence.ids, i)));
  /* What a restored server lost comes back record by record, from whoever has it. */
  if (!sim->server.was_restored)
    check_together (&evidence);
  check_twice (&evidence);
  sim_check_scope (&evidence);
  check_store (sim);
  if (sim_trace_has_failed (&sim->trace))
    tell_history (&evidence);
}
