/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-work-item.h"

#include <glib/gi18n.h>

#include "satchel-sync-words.h"

void
satchel_work_item_free (SatchelWorkItem *self)
{
  satchel_work_free (self->work);
  g_hash_table_unref (self->titles);
  g_free (self);
}

/* ---- Reading ---- */

static void
add_title (SatchelReplica *replica, SatchelWorkItem *self, const char *id)
{
  g_autoptr (SatchelRecord) record = NULL;

  if (id == NULL || g_hash_table_contains (self->titles, id))
    return;
  record = satchel_replica_get (replica, id, NULL);
  if (record != NULL)
    g_hash_table_insert (self->titles, g_strdup (id), satchel_record_dup_title (record));
}

/* A settled conflict goes by the name of what it was about. */
static void
add_conflict_title (SatchelReplica *replica, SatchelWorkItem *self, const char *id)
{
  g_autoptr (SatchelRecord) conflict = satchel_replica_get (replica, id, NULL);
  g_autoptr (SatchelRecord) target = NULL;
  const char *target_id = conflict != NULL ? satchel_record_get_text (conflict, "target_id") : NULL;

  if (target_id != NULL)
    target = satchel_replica_get (replica, target_id, NULL);
  if (target != NULL)
    g_hash_table_insert (self->titles, g_strdup (id), satchel_record_dup_title (target));
}

/* Of a record that was refused before it ever was there, the name stands in the change itself. */
static void
add_own_title (SatchelReplica *replica, SatchelWorkItem *self, const SatchelMutation *mutation)
{
  const SatchelType *type = satchel_vocabulary_lookup (satchel_replica_get_vocabulary (replica), mutation->type);
  g_autoptr (SatchelRecord) record = NULL;

  if (g_hash_table_contains (self->titles, mutation->id) || type == NULL || mutation->kind != SATCHEL_MUTATION_CREATE)
    return;
  record = satchel_record_new (type, mutation->id);
  for (guint i = 0; i < mutation->units->len; i++)
    satchel_unit_change_apply (g_ptr_array_index (mutation->units, i), record, NULL);
  g_hash_table_insert (self->titles, g_strdup (mutation->id), satchel_record_dup_title (record));
}

static void
add_reference_titles (SatchelReplica *replica, SatchelWorkItem *self, const SatchelMutation *mutation)
{
  const SatchelType *type = satchel_vocabulary_lookup (satchel_replica_get_vocabulary (replica), mutation->type);

  for (guint i = 0; type != NULL && i < mutation->units->len; i++)
    {
      const SatchelUnitChange *change = g_ptr_array_index (mutation->units, i);
      const SatchelUnit *unit = satchel_type_lookup_unit (type, change->unit);

      for (guint j = 0; unit != NULL && change->value != NULL && j < unit->n_fields; j++)
        {
          const SatchelField *field = satchel_type_get_field (type, unit->fields[j]);

          if (field->kind == SATCHEL_KIND_REFERENCE && json_object_has_member (change->value, field->name))
            add_title (replica, self, json_object_get_string_member_with_default (change->value, field->name, NULL));
        }
    }
}

static SatchelWorkItem *
read_item (SatchelReplica *replica, SatchelWork *work)
{
  SatchelWorkItem *self = g_new0 (SatchelWorkItem, 1);

  self->work = work;
  self->titles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < work->mutations->len; i++)
    {
      const SatchelMutation *mutation = g_ptr_array_index (work->mutations, i);

      if (mutation->kind == SATCHEL_MUTATION_RESOLVE)
        add_conflict_title (replica, self, mutation->id);
      else
        add_title (replica, self, mutation->id);
      add_own_title (replica, self, mutation);
      add_reference_titles (replica, self, mutation);
    }
  return self;
}

static GPtrArray *
read_items (SatchelReplica *replica, GPtrArray *works)
{
  GPtrArray *items;

  if (works == NULL)
    return NULL;
  items = g_ptr_array_new_full (works->len, (GDestroyNotify) satchel_work_item_free);
  g_ptr_array_set_free_func (works, NULL);
  for (guint i = 0; i < works->len; i++)
    g_ptr_array_add (items, read_item (replica, g_ptr_array_index (works, i)));
  g_ptr_array_unref (works);
  return items;
}

/**
 * satchel_work_items_read_pending:
 * @replica: a replica
 * @error: return location
 *
 * Returns: (transfer full) (nullable) (element-type SatchelWorkItem): what waits to be sent, oldest first
 */
GPtrArray *
satchel_work_items_read_pending (SatchelReplica *replica, GError **error)
{
  return read_items (replica, satchel_replica_list_pending (replica, error));
}

/**
 * satchel_work_items_read_tray:
 * @replica: a replica
 * @error: return location
 *
 * Returns: (transfer full) (nullable) (element-type SatchelWorkItem): what the server did not accept
 */
GPtrArray *
satchel_work_items_read_tray (SatchelReplica *replica, GError **error)
{
  return read_items (replica, satchel_replica_list_tray (replica, error));
}

/* ---- Words ---- */

static const char *
get_title (const SatchelWorkItem *self, const char *id)
{
  const char *title = id != NULL ? g_hash_table_lookup (self->titles, id) : NULL;

  return title != NULL ? title : _ ("Something that is not here any more");
}

/**
 * satchel_work_item_dup_title:
 * @self: an item
 *
 * Returns: (transfer full): what it is about
 */
char *
satchel_work_item_dup_title (const SatchelWorkItem *self)
{
  const SatchelMutation *first = g_ptr_array_index (self->work->mutations, 0);
  guint n_more = self->work->mutations->len - 1;

  if (n_more == 0)
    return g_strdup (get_title (self, first->id));
  /* Translators: %s is a name, %u how many others were changed with it. */
  return g_strdup_printf (ngettext ("%s and %u more", "%s and %u more", n_more), get_title (self, first->id), n_more);
}

/**
 * satchel_work_item_dup_subtitle:
 * @self: an item
 * @vocabulary: the vocabulary
 * @now: the time it is
 *
 * Returns: (transfer full): what was changed, and when
 */
char *
satchel_work_item_dup_subtitle (const SatchelWorkItem *self, const SatchelVocabulary *vocabulary, GDateTime *now)
{
  const SatchelMutation *first = g_ptr_array_index (self->work->mutations, 0);
  g_autofree char *what = satchel_sync_dup_change_words (vocabulary, first);
  g_autofree char *when = satchel_sync_dup_time_words (self->work->at, now);

  /* Translators: what was changed and when, such as "Phone · 5 minutes ago". */
  return g_strdup_printf (_ ("%s · %s"), what, when);
}

static void
add_line (GString *lines, const char *label, const char *value)
{
  if (lines->len > 0)
    g_string_append_c (lines, '\n');
  /* Translators: the name of a field and its value. */
  g_string_append_printf (lines, C_ ("field and value", "%s: %s"), label, value);
}

static void
add_members (GString *lines, const char *label, char **members, const char *sign)
{
  for (guint i = 0; members != NULL && members[i] != NULL; i++)
    {
      g_autofree char *value = g_strconcat (sign, members[i], NULL);

      add_line (lines, label, value);
    }
}

static void
add_unit (const SatchelWorkItem *self, GString *lines, const SatchelType *type, const SatchelUnitChange *change)
{
  const SatchelUnit *unit = satchel_type_lookup_unit (type, change->unit);

  for (guint i = 0; unit != NULL && i < unit->n_fields; i++)
    {
      const SatchelField *field = satchel_type_get_field (type, unit->fields[i]);
      const char *label = satchel_field_get_display_label (field);
      g_autofree char *value = change->value != NULL ? satchel_sync_dup_field_value (field, change->value, self->titles)
                                                     : NULL;

      if (value != NULL)
        add_line (lines, label, value);
      else if (change->value != NULL && unit->n_fields == 1)
        add_line (lines, label, _ ("Nothing"));
      add_members (lines, label, change->add, "+");
      add_members (lines, label, change->remove, "−");
    }
}

static void
add_mutation (const SatchelWorkItem *self, GString *lines, const SatchelVocabulary *vocabulary,
              const SatchelMutation *mutation, gboolean with_title)
{
  const SatchelType *type = satchel_vocabulary_lookup (vocabulary, mutation->type);
  g_autofree char *what = satchel_sync_dup_change_words (vocabulary, mutation);

  if (with_title || mutation->units->len == 0 || type == NULL)
    add_line (lines, get_title (self, mutation->id), what);
  for (guint i = 0; type != NULL && i < mutation->units->len; i++)
    add_unit (self, lines, type, g_ptr_array_index (mutation->units, i));
}

/**
 * satchel_work_item_dup_values:
 * @self: an item
 * @vocabulary: the vocabulary
 *
 * Returns: (transfer full): everything that was typed in it, one line a value
 */
char *
satchel_work_item_dup_values (const SatchelWorkItem *self, const SatchelVocabulary *vocabulary)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint i = 0; i < self->work->mutations->len; i++)
    add_mutation (self, lines, vocabulary, g_ptr_array_index (self->work->mutations, i),
                  self->work->mutations->len > 1);
  return g_string_free_and_steal (g_steal_pointer (&lines));
}
