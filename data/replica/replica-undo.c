/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "replica-undo.h"

/* Of @members, those that the set had, or had not. */
static char **
filter_members (char **members, char **set, gboolean had)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; members != NULL && members[i] != NULL; i++)
    if (g_strv_contains ((const char *const *) set, members[i]) == had)
      g_strv_builder_add (builder, members[i]);

  return g_strv_builder_end (builder);
}

static void
undo_set (const SatchelUnitChange *change, const SatchelRecord *before, SatchelUnitChange *undone)
{
  const SatchelUnit *unit = satchel_type_lookup_unit (satchel_record_get_record_type (before), change->unit);
  g_auto (GStrv) set = satchel_value_dup_set (satchel_record_get_value (before, unit->fields[0]));

  undone->add = filter_members (change->remove, set, TRUE);
  undone->remove = filter_members (change->add, set, FALSE);
}

static SatchelUnitChange *
undo_unit (const SatchelUnitChange *change, const char *base, const SatchelRecord *before)
{
  SatchelUnitChange *undone = satchel_unit_change_new (change->unit, base);

  if (change->value != NULL)
    undone->value = satchel_record_dup_unit (before, change->unit);
  else
    undo_set (change, before, undone);

  return undone;
}

static SatchelMutation *
undo_whole (const SatchelMutation *mutation, SatchelMutationKind kind, const char *base)
{
  SatchelMutation *undone = satchel_mutation_new (kind, mutation->type, mutation->id);

  undone->base = g_strdup (base);

  return undone;
}

SatchelMutation *
replica_undo_mutation (const SatchelMutation *mutation, gint64 n, const SatchelRecord *before)
{
  g_autofree char *base = g_strdup_printf ("@%" G_GINT64_FORMAT, n);
  SatchelMutation *undone;

  switch (mutation->kind)
    {
    case SATCHEL_MUTATION_CREATE:
    case SATCHEL_MUTATION_RESTORE:
      return undo_whole (mutation, SATCHEL_MUTATION_DELETE, base);
    case SATCHEL_MUTATION_DELETE:
      return undo_whole (mutation, SATCHEL_MUTATION_RESTORE, base);

    case SATCHEL_MUTATION_PATCH:
      undone = undo_whole (mutation, SATCHEL_MUTATION_PATCH, NULL);
      for (guint i = 0; i < mutation->units->len; i++)
        g_ptr_array_add (undone->units, undo_unit (g_ptr_array_index (mutation->units, i), base, before));
      return undone;

    case SATCHEL_MUTATION_RESOLVE:
    default:
      return NULL;
    }
}
