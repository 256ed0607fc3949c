/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "replica-changes.h"

#define MAX_IDS 4096

static SatchelChanges *
changes_ref (SatchelChanges *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
changes_clear (gpointer data)
{
  SatchelChanges *self = data;

  g_clear_pointer (&self->ids, g_hash_table_unref);
}

static void
changes_unref (SatchelChanges *self)
{
  g_atomic_rc_box_release_full (self, changes_clear);
}

G_DEFINE_BOXED_TYPE (SatchelChanges, satchel_changes, changes_ref, changes_unref)

SatchelChanges *
replica_changes_new (void)
{
  SatchelChanges *self = g_atomic_rc_box_new0 (SatchelChanges);

  self->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  return self;
}

void
replica_changes_unref (SatchelChanges *self)
{
  changes_unref (self);
}

void
replica_changes_add_type (SatchelChanges *self, guint number)
{
  self->types |= G_GUINT64_CONSTANT (1) << number;
}

/* So many ids that nobody will go through them become "anything". */
void
replica_changes_add (SatchelChanges *self, guint number, const char *id)
{
  replica_changes_add_type (self, number);

  if (self->ids == NULL)
    return;

  if (g_hash_table_size (self->ids) < MAX_IDS)
    g_hash_table_add (self->ids, g_strdup (id));
  else
    g_clear_pointer (&self->ids, g_hash_table_unref);
}

void
replica_changes_add_everything (SatchelChanges *self)
{
  g_clear_pointer (&self->ids, g_hash_table_unref);
  self->types = G_MAXUINT64;
  self->outbox = TRUE;
}

gboolean
replica_changes_is_empty (const SatchelChanges *self)
{
  return self->types == 0 && !self->outbox;
}

void
replica_changes_merge (SatchelChanges *self, const SatchelChanges *other)
{
  GHashTableIter iter;
  gpointer id;

  self->types |= other->types;
  self->outbox |= other->outbox;

  if (other->ids == NULL || self->ids == NULL ||
      g_hash_table_size (self->ids) + g_hash_table_size (other->ids) > MAX_IDS)
    {
      g_clear_pointer (&self->ids, g_hash_table_unref);
      return;
    }

  g_hash_table_iter_init (&iter, other->ids);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    g_hash_table_add (self->ids, g_strdup (id));
}

/**
 * satchel_changes_has_type:
 * @self: what changed
 * @type: a type
 *
 * Returns: whether records of the type may have changed
 */
gboolean
satchel_changes_has_type (const SatchelChanges *self, const SatchelType *type)
{
  return (self->types & (G_GUINT64_CONSTANT (1) << satchel_type_get_number (type))) != 0;
}

/**
 * satchel_changes_has_id:
 * @self: what changed
 * @id: a record's id
 *
 * Returns: whether the record may have changed
 */
gboolean
satchel_changes_has_id (const SatchelChanges *self, const char *id)
{
  return self->ids == NULL || g_hash_table_contains (self->ids, id);
}
