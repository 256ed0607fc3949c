/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-history.h"

#include <glib/gi18n.h>

#include "client/satchel-record-history.h"
#include "satchel-sync-words.h"
#include "widgets/satchel-preview.h"

#define DELETED_UNIT "deleted"

/* ---- Reading ---- */

void
satchel_history_free (SatchelHistory *self)
{
  g_clear_pointer (&self->record, satchel_record_unref);
  g_clear_pointer (&self->changes, g_ptr_array_unref);
  g_clear_pointer (&self->titles, g_hash_table_unref);
  g_free (self->user_id);
  g_free (self->device_id);
  g_free (self);
}

static JsonObject *
get_change (const SatchelHistory *self, guint change)
{
  return g_ptr_array_index (self->changes, change);
}

static const char *
get_text (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

static JsonObject *
get_value (JsonObject *change, const char *member)
{
  JsonNode *node = json_object_get_member (change, member);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static const SatchelUnit *
get_unit (const SatchelHistory *self, JsonObject *change)
{
  const char *unit = get_text (change, "unit");

  return unit != NULL ? satchel_type_lookup_unit (satchel_record_get_record_type (self->record), unit) : NULL;
}

static void
add_title (SatchelHistory *self, SatchelReplica *replica, const char *id)
{
  g_autoptr (SatchelRecord) record = NULL;

  if (id == NULL || g_hash_table_contains (self->titles, id))
    return;
  record = satchel_replica_get (replica, id, NULL);
  if (record != NULL)
    g_hash_table_insert (self->titles, g_strdup (id), satchel_record_dup_title (record));
}

static void
add_titles_of_value (SatchelHistory *self, SatchelReplica *replica, const SatchelUnit *unit, JsonObject *value)
{
  const SatchelType *type = satchel_record_get_record_type (self->record);

  for (guint i = 0; unit != NULL && value != NULL && i < unit->n_fields; i++)
    {
      const SatchelField *field = satchel_type_get_field (type, unit->fields[i]);

      if (field->kind == SATCHEL_KIND_REFERENCE)
        add_title (self, replica, get_text (value, field->name));
    }
}

static void
add_titles (SatchelHistory *self, SatchelReplica *replica)
{
  for (guint i = 0; i < self->changes->len; i++)
    {
      JsonObject *change = get_change (self, i);

      add_title (self, replica, get_text (change, "by"));
      add_titles_of_value (self, replica, get_unit (self, change), get_value (change, "old"));
      add_titles_of_value (self, replica, get_unit (self, change), get_value (change, "new"));
    }
}

static gboolean
read_viewer (SatchelHistory *self, SatchelReplica *replica, GError **error)
{
  g_autoptr (SatchelStatus) status = satchel_replica_get_status (replica, error);

  if (status == NULL)
    return FALSE;
  self->user_id = g_strdup (status->user_id);
  self->device_id = g_strdup (status->device_id);
  return TRUE;
}

/**
 * satchel_history_read:
 * @replica: a replica
 * @type: the name of a record type
 * @id: the record's id
 * @cancellable: (nullable): stops it
 * @error: as of satchel_history_fetch()
 *
 * Asks the server what happened to a record, and looks up the names in it. Blocks.
 *
 * Returns: (transfer full) (nullable): the history
 */
SatchelHistory *
satchel_history_read (SatchelReplica *replica, const char *type, const char *id, GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (SatchelHistory) self = g_new0 (SatchelHistory, 1);

  self->titles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->changes = satchel_history_fetch (replica, type, id, cancellable, error);
  if (self->changes == NULL || !read_viewer (self, replica, error))
    return NULL;
  self->record = satchel_replica_get (replica, id, error);
  if (self->record == NULL)
    return NULL;
  add_titles (self, replica);
  return g_steal_pointer (&self);
}

/* ---- Words ---- */

static gboolean
says_deleted (JsonObject *value)
{
  return value != NULL && json_object_get_boolean_member_with_default (value, DELETED_UNIT, FALSE);
}

/**
 * satchel_history_dup_what:
 * @self: a history
 * @change: the position of one of its changes
 *
 * Returns: (transfer full): what was changed, such as "Phone"
 */
char *
satchel_history_dup_what (const SatchelHistory *self, guint change)
{
  JsonObject *body = get_change (self, change);
  const char *unit = get_text (body, "unit");

  if (g_strcmp0 (unit, DELETED_UNIT) == 0)
    return g_strdup (says_deleted (get_value (body, "new")) ? _ ("Deleted") : _ ("Brought back"));
  return satchel_sync_dup_unit_label (satchel_record_get_record_type (self->record), unit != NULL ? unit : "");
}

static char *
dup_value (const SatchelHistory *self, const SatchelUnit *unit, JsonObject *value)
{
  const SatchelType *type = satchel_record_get_record_type (self->record);
  g_autoptr (GString) words = g_string_new (NULL);
  g_autofree char *preview = NULL;

  for (guint i = 0; value != NULL && i < unit->n_fields; i++)
    {
      g_autofree char *part = satchel_sync_dup_field_value (satchel_type_get_field (type, unit->fields[i]), value,
                                                            self->titles);

      if (part != NULL && words->len > 0)
        g_string_append (words, C_ ("list of fields", ", "));
      g_string_append (words, part != NULL ? part : "");
    }
  preview = satchel_preview_dup (words->str);
  return g_strdup (*preview != '\0' ? preview : _ ("Nothing"));
}

/**
 * satchel_history_dup_values:
 * @self: a history
 * @change: the position of one of its changes
 *
 * Returns: (transfer full): the value before and after, "" where there is none to show
 */
char *
satchel_history_dup_values (const SatchelHistory *self, guint change)
{
  JsonObject *body = get_change (self, change);
  const SatchelUnit *unit = get_unit (self, body);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  if (unit == NULL)
    return g_strdup ("");
  after = dup_value (self, unit, get_value (body, "new"));
  if (get_value (body, "old") == NULL)
    return g_steal_pointer (&after);
  before = dup_value (self, unit, get_value (body, "old"));
  /* Translators: a value before and after a change. */
  return g_strdup_printf (_ ("%s → %s"), before, after);
}

static const char *
find_author (const SatchelHistory *self, JsonObject *change)
{
  const char *by = get_text (change, "by");
  const char *device = get_text (change, "device");

  if (by == NULL)
    return NULL;
  if (g_strcmp0 (by, self->user_id) != 0)
    return g_hash_table_lookup (self->titles, by);
  if (device == NULL)
    return _ ("You");
  return g_strcmp0 (device, self->device_id) == 0 ? _ ("You, on this device") : _ ("You, on another device");
}

/**
 * satchel_history_dup_who:
 * @self: a history
 * @change: the position of one of its changes
 * @now: the time it is
 *
 * Returns: (transfer full): who changed it and when
 */
char *
satchel_history_dup_who (const SatchelHistory *self, guint change, GDateTime *now)
{
  JsonObject *body = get_change (self, change);
  const char *author = find_author (self, body);
  const char *at = get_text (body, "at");
  g_autofree char *ago = at != NULL ? satchel_sync_dup_time_words (at, now) : NULL;

  return satchel_preview_join (author, ago);
}

/* ---- Going back ---- */

static gboolean
can_be_set (const SatchelHistory *self, const SatchelUnit *unit)
{
  const SatchelType *type = satchel_record_get_record_type (self->record);

  if (unit == NULL || unit->policy == SATCHEL_POLICY_DERIVED || satchel_type_get_rights (type) > SATCHEL_RIGHTS_OWN ||
      (satchel_type_get_flags (type) & SATCHEL_TYPE_APPEND_ONLY) != 0 ||
      satchel_record_get_deleted_at (self->record) != NULL)
    return FALSE;
  for (guint i = 0; i < unit->n_fields; i++)
    if ((satchel_type_get_field (type, unit->fields[i])->flags & (SATCHEL_FIELD_SERVER | SATCHEL_FIELD_REASSIGN)) != 0)
      return FALSE;
  return TRUE;
}

/**
 * satchel_history_dup_restored:
 * @self: a history
 * @change: the position of one of its changes
 *
 * Returns: (transfer full) (nullable): the record with the value that the change made; %NULL when it has that value
 *   now, or when nobody may set it here
 */
SatchelRecord *
satchel_history_dup_restored (const SatchelHistory *self, guint change)
{
  JsonObject *body = get_change (self, change);
  const SatchelUnit *unit = get_unit (self, body);
  JsonObject *value = get_value (body, "new");
  g_autoptr (SatchelRecord) restored = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  if (value == NULL || !can_be_set (self, unit))
    return NULL;
  restored = satchel_record_copy (self->record);
  if (!satchel_record_apply_unit (restored, unit->name, value, NULL))
    return NULL;
  before = satchel_record_to_canonical (self->record);
  after = satchel_record_to_canonical (restored);
  return g_str_equal (before, after) ? NULL : g_steal_pointer (&restored);
}
