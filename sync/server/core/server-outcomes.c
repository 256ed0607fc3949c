/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What became of groups, and how it is told. */

#include "satchel-config.h"

#include "server-outcomes.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "records/satchel-value.h"

static const char *const kind_names[] = {
  [SATCHEL_OUTCOME_APPLIED] = "applied",
  [SATCHEL_OUTCOME_MERGED] = "merged",
  [SATCHEL_OUTCOME_CONFLICT] = "conflict",
  [SATCHEL_OUTCOME_REFUSED] = "refused",
};

const char *
satchel_refused_code (const char *name)
{
  static const char *const codes[] = {
    SATCHEL_REFUSED_PERMISSION, SATCHEL_REFUSED_VALIDATION, SATCHEL_REFUSED_GONE,       SATCHEL_REFUSED_EXISTS,
    SATCHEL_REFUSED_TOO_LARGE,  SATCHEL_REFUSED_STALE,      SATCHEL_REFUSED_DEPENDENCY, SATCHEL_REFUSED_UNKNOWN_TYPE,
  };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_strcmp0 (codes[i], name) == 0)
      return codes[i];

  return SATCHEL_REFUSED_VALIDATION;
}

/* ---- Life ----------------------------------------------------------------------------------------- */

static void
unit_outcome_free (gpointer data)
{
  SatchelUnitOutcome *self = data;

  g_free (self->unit);
  g_free (self->conflict);
  g_free (self->joined);
  g_free (self->reason);
  g_free (self);
}

static void
mutation_outcome_free (gpointer data)
{
  SatchelMutationOutcome *self = data;

  g_free (self->id);
  g_free (self->rev);
  g_free (self->given);
  g_free (self->seen);
  g_ptr_array_unref (self->units);
  g_free (self);
}

SatchelGroupOutcome *
satchel_group_outcome_new (gint64 n)
{
  SatchelGroupOutcome *self = g_new0 (SatchelGroupOutcome, 1);

  self->n = n;
  self->mutations = g_ptr_array_new_with_free_func (mutation_outcome_free);

  return self;
}

void
satchel_group_outcome_free (SatchelGroupOutcome *self)
{
  g_ptr_array_unref (self->mutations);
  g_free (self->reason);
  g_free (self);
}

SatchelMutationOutcome *
satchel_group_outcome_add (SatchelGroupOutcome *self, const char *id)
{
  SatchelMutationOutcome *mutation = g_new0 (SatchelMutationOutcome, 1);

  mutation->id = g_strdup (id);
  mutation->units = g_ptr_array_new_with_free_func (unit_outcome_free);
  g_ptr_array_add (self->mutations, mutation);

  return mutation;
}

/* ---- Filling in ----------------------------------------------------------------------------------- */

static SatchelUnitOutcome *
add_unit (SatchelMutationOutcome *self, const char *unit, SatchelOutcomeKind kind)
{
  SatchelUnitOutcome *outcome = g_new0 (SatchelUnitOutcome, 1);

  outcome->unit = g_strdup (unit);
  outcome->kind = kind;
  g_ptr_array_add (self->units, outcome);

  return outcome;
}

void
satchel_mutation_outcome_apply (SatchelMutationOutcome *self, const char *unit, SatchelOutcomeKind kind)
{
  add_unit (self, unit, kind);
}

void
satchel_mutation_outcome_conflict (SatchelMutationOutcome *self, const char *unit, const char *conflict,
                                   const char *joined)
{
  SatchelUnitOutcome *outcome = add_unit (self, unit, SATCHEL_OUTCOME_CONFLICT);

  outcome->conflict = g_strdup (conflict);
  outcome->joined = g_strdup (joined);
}

void
satchel_mutation_outcome_refuse (SatchelMutationOutcome *self, const char *unit, const char *code, const char *reason)
{
  SatchelUnitOutcome *outcome = add_unit (self, unit, SATCHEL_OUTCOME_REFUSED);

  outcome->code = code;
  outcome->reason = g_strdup (reason);
}

void
satchel_group_outcome_refuse (SatchelGroupOutcome *self, const char *code, const char *reason)
{
  g_autofree char *copy = g_strdup (reason); /* may be of one of the mutations */

  g_ptr_array_set_size (self->mutations, 0);
  self->code = code;
  g_free (self->reason);
  self->reason = g_steal_pointer (&copy);
}

/* ---- Asking --------------------------------------------------------------------------------------- */

typedef gboolean (*UnitFunc) (const SatchelUnitOutcome *unit);

static const SatchelUnitOutcome *
find_unit (const SatchelGroupOutcome *self, UnitFunc func)
{
  for (guint i = 0; i < self->mutations->len; i++)
    {
      const SatchelMutationOutcome *mutation = g_ptr_array_index (self->mutations, i);

      for (guint j = 0; j < mutation->units->len; j++)
        if (func (g_ptr_array_index (mutation->units, j)))
          return g_ptr_array_index (mutation->units, j);
    }

  return NULL;
}

static gboolean
is_refused (const SatchelUnitOutcome *unit)
{
  return unit->kind == SATCHEL_OUTCOME_REFUSED;
}

static gboolean
is_obstacle (const SatchelUnitOutcome *unit)
{
  return unit->kind == SATCHEL_OUTCOME_REFUSED || unit->kind == SATCHEL_OUTCOME_CONFLICT;
}

static gboolean
is_not_refused (const SatchelUnitOutcome *unit)
{
  return !is_refused (unit);
}

static gboolean
is_not_plain (const SatchelUnitOutcome *unit)
{
  return unit->kind != SATCHEL_OUTCOME_APPLIED;
}

gboolean
satchel_group_outcome_find_obstacle (const SatchelGroupOutcome *self, gboolean conflicts_count, const char **code,
                                     const char **reason)
{
  const SatchelUnitOutcome *refused = find_unit (self, is_refused);
  const SatchelUnitOutcome *obstacle = refused != NULL || !conflicts_count ? refused : find_unit (self, is_obstacle);

  if (obstacle == NULL)
    return FALSE;

  *code = refused != NULL ? refused->code : SATCHEL_REFUSED_STALE;
  *reason = refused != NULL ? refused->reason : _ ("Somebody else has changed the same in the meantime.");

  return TRUE;
}

/* Whether everything was simply applied: then later groups need nothing but the revisions. */
gboolean
satchel_group_outcome_is_plain (const SatchelGroupOutcome *self)
{
  return self->code == NULL && find_unit (self, is_not_plain) == NULL;
}

/* ---- Telling -------------------------------------------------------------------------------------- */

static void
set_text (JsonObject *object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
}

static JsonObject *
unit_to_json (const SatchelUnitOutcome *self)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "outcome", kind_names[self->kind]);
  set_text (object, "conflict", self->conflict);
  set_text (object, "joined", self->joined);
  set_text (object, "code", self->code);
  set_text (object, "reason", self->reason);

  return object;
}

static gboolean
is_simply_applied (const SatchelMutationOutcome *self)
{
  for (guint i = 0; i < self->units->len; i++)
    if (is_not_plain (g_ptr_array_index (self->units, i)))
      return FALSE;

  return TRUE;
}

static JsonObject *
mutation_to_json (const SatchelMutationOutcome *self)
{
  JsonObject *object = json_object_new ();
  JsonObject *units;

  set_text (object, "id", self->id);
  set_text (object, "rev", self->rev);
  set_text (object, "given", self->given);
  if (is_simply_applied (self))
    return object;

  units = json_object_new ();
  for (guint i = 0; i < self->units->len; i++)
    {
      const SatchelUnitOutcome *unit = g_ptr_array_index (self->units, i);

      json_object_set_object_member (units, unit->unit, unit_to_json (unit));
    }
  json_object_set_object_member (object, "units", units);

  return object;
}

static gboolean
is_wholly_refused (const SatchelGroupOutcome *self)
{
  return self->code != NULL || (find_unit (self, is_refused) != NULL && find_unit (self, is_not_refused) == NULL);
}

const char *
satchel_group_outcome_get_result (const SatchelGroupOutcome *self)
{
  if (is_wholly_refused (self))
    return "refused";

  return find_unit (self, is_obstacle) != NULL ? "partial" : "applied";
}

static void
set_result (const SatchelGroupOutcome *self, JsonObject *object)
{
  const SatchelUnitOutcome *refused = find_unit (self, is_refused);

  json_object_set_string_member (object, "result", satchel_group_outcome_get_result (self));
  if (is_wholly_refused (self))
    {
      set_text (object, "code", self->code != NULL ? self->code : refused->code);
      set_text (object, "reason", self->code != NULL ? self->reason : refused->reason);
    }
}

/* The body of the outcome frame. */
char *
satchel_group_outcome_to_text (const SatchelGroupOutcome *self)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  JsonArray *mutations = json_array_new ();

  json_object_set_int_member (object, "n", self->n);
  set_result (self, object);
  for (guint i = 0; i < self->mutations->len; i++)
    json_array_add_object_element (mutations, mutation_to_json (g_ptr_array_index (self->mutations, i)));
  json_object_set_array_member (object, "mutations", mutations);
  node = json_node_init_object (json_node_alloc (), object);

  return json_to_string (node, FALSE);
}

char *
satchel_group_outcome_dup_seen (const SatchelGroupOutcome *self)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = NULL;

  for (guint i = 0; i < self->mutations->len; i++)
    {
      const SatchelMutationOutcome *mutation = g_ptr_array_index (self->mutations, i);

      if (mutation->seen != NULL)
        json_object_set_string_member (object, mutation->id, mutation->seen);
    }
  if (json_object_get_size (object) == 0)
    return NULL;
  node = json_node_init_object (json_node_alloc (), object);

  return json_to_string (node, FALSE);
}
