/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-conflict-case.h"

#include <glib/gi18n.h>

#include "records/satchel-error.h"
#include "satchel-sync-words.h"

#define DELETED_UNIT "deleted"
#define EXTRA_PREFIX "extra."

static void
satchel_version_free (SatchelVersion *self)
{
  g_clear_pointer (&self->fields, json_object_unref);
  g_free (self->author);
  g_free (self->at);
  g_free (self);
}

static SatchelVersion *
satchel_version_new (SatchelVersionKind kind, JsonObject *fields)
{
  SatchelVersion *self = g_new0 (SatchelVersion, 1);

  self->kind = kind;
  self->fields = fields != NULL ? json_object_ref (fields) : NULL;
  return self;
}

/* ---- Reading ---- */

typedef struct
{
  SatchelReplica *replica;
  SatchelStatus *status;
} Reading;

static char *
dup_title_of (Reading *reading, const char *id)
{
  g_autoptr (SatchelRecord) record = satchel_replica_get (reading->replica, id, NULL);

  return record != NULL ? satchel_record_dup_title (record) : NULL;
}

/* The JSON value of a conflict's field, as it was sent. */
static JsonNode *
get_json (const SatchelRecord *conflict, const char *field)
{
  const char *text = satchel_record_get_text (conflict, field);

  return text != NULL ? satchel_json_parse (text, -1, 32, NULL) : NULL;
}

static JsonObject *
get_object (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static const char *
get_string (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

static gboolean
says_deleted (JsonObject *fields)
{
  return fields != NULL && json_object_get_boolean_member_with_default (fields, DELETED_UNIT, FALSE);
}

static void
sign (Reading *reading, SatchelVersion *version, const char *author, const char *device, const char *at)
{
  version->mine = author != NULL && g_strcmp0 (author, reading->status->user_id) == 0;
  version->here = version->mine && device != NULL && g_strcmp0 (device, reading->status->device_id) == 0;
  version->author = author != NULL ? dup_title_of (reading, author) : NULL;
  version->at = g_strdup (at);
}

static void
add_before (SatchelConflictCase *self)
{
  g_autoptr (JsonNode) node = get_json (self->conflict, "base");

  g_ptr_array_add (self->versions, satchel_version_new (SATCHEL_VERSION_BEFORE, get_object (node)));
}

static void
add_current (Reading *reading, SatchelConflictCase *self)
{
  g_autoptr (JsonObject) fields = NULL;
  SatchelVersion *version;

  if (self->unit != NULL || g_str_has_prefix (self->unit_name, EXTRA_PREFIX))
    fields = satchel_record_dup_unit (self->target, self->unit_name);
  version = satchel_version_new (SATCHEL_VERSION_CURRENT, fields);
  version->deleted = satchel_record_get_deleted_at (self->target) != NULL;
  sign (reading, version, satchel_record_get_updated_by (self->target), NULL,
        satchel_record_get_updated_at (self->target));
  g_ptr_array_add (self->versions, version);
}

static void
add_value (Reading *reading, SatchelConflictCase *self, JsonObject *value, guint number)
{
  JsonObject *fields = get_object (json_object_get_member (value, "fields"));
  SatchelVersion *version = satchel_version_new (SATCHEL_VERSION_VALUE, fields);

  version->number = number;
  version->deleted = says_deleted (fields);
  sign (reading, version, get_string (value, "author"), get_string (value, "device"),
        get_string (value, "happened_at"));
  g_ptr_array_add (self->versions, version);
}

static void
add_values (Reading *reading, SatchelConflictCase *self)
{
  g_autoptr (JsonNode) node = get_json (self->conflict, "values");
  JsonArray *values = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  for (guint i = 0; values != NULL && i < json_array_get_length (values); i++)
    {
      JsonObject *value = get_object (json_array_get_element (values, i));

      if (value != NULL)
        add_value (reading, self, value, i + 1);
    }
}

static JsonNode *
get_node (const SatchelVersion *self, const char *name)
{
  JsonNode *node = self->fields != NULL ? json_object_get_member (self->fields, name) : NULL;

  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

static gboolean
has_value (SatchelConflictCase *self, const SatchelField *field)
{
  for (guint i = 0; i < self->versions->len; i++)
    if (get_node (g_ptr_array_index (self->versions, i), field->name) != NULL)
      return TRUE;
  return FALSE;
}

static void
find_rows (SatchelConflictCase *self)
{
  const SatchelType *type = satchel_record_get_record_type (self->target);

  for (guint i = 0; self->unit != NULL && i < self->unit->n_fields; i++)
    {
      const SatchelField *field = satchel_type_get_field (type, self->unit->fields[i]);

      if (has_value (self, field))
        g_ptr_array_add (self->rows, (gpointer) field);
    }
  if (self->unit == NULL && g_str_has_prefix (self->unit_name, EXTRA_PREFIX))
    g_ptr_array_add (self->rows, NULL);
}

/* Names of what the versions point at. */
static void
read_titles (Reading *reading, SatchelConflictCase *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      const SatchelField *field = g_ptr_array_index (self->rows, i);

      for (guint j = 0; field != NULL && field->kind == SATCHEL_KIND_REFERENCE && j < self->versions->len; j++)
        {
          SatchelVersion *version = g_ptr_array_index (self->versions, j);
          const char *id = get_node (version, field->name) != NULL ? get_string (version->fields, field->name) : NULL;

          if (id != NULL && !g_hash_table_contains (self->titles, id))
            g_hash_table_insert (self->titles, g_strdup (id), dup_title_of (reading, id));
        }
    }
}

static SatchelConflictCase *
read_case (Reading *reading, SatchelRecord *conflict)
{
  const char *target_id = satchel_record_get_text (conflict, "target_id");
  g_autoptr (SatchelRecord) target = NULL;
  SatchelConflictCase *self;

  if (target_id != NULL)
    target = satchel_replica_get (reading->replica, target_id, NULL);
  if (target == NULL)
    return NULL;
  self = g_new0 (SatchelConflictCase, 1);
  self->conflict = satchel_record_ref (conflict);
  self->target = g_steal_pointer (&target);
  self->title = satchel_record_dup_title (self->target);
  self->unit_name = satchel_record_get_text (conflict, "unit");
  self->unit = satchel_type_lookup_unit (satchel_record_get_record_type (self->target), self->unit_name);
  self->versions = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_version_free);
  self->rows = g_ptr_array_new ();
  self->titles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  add_before (self);
  add_current (reading, self);
  add_values (reading, self);
  find_rows (self);
  read_titles (reading, self);
  return self;
}

/**
 * satchel_conflict_cases_read:
 * @replica: a replica
 * @error: return location
 *
 * Gathers every open conflict with all that a person needs to settle it. Blocks; not for the UI thread.
 *
 * Returns: (transfer full) (nullable) (element-type SatchelConflictCase): the cases
 */
GPtrArray *
satchel_conflict_cases_read (SatchelReplica *replica, GError **error)
{
  g_autoptr (SatchelStatus) status = satchel_replica_get_status (replica, error);
  g_autoptr (GPtrArray) conflicts = NULL;
  g_autoptr (GPtrArray) cases = NULL;
  Reading reading = { replica, status };

  if (status == NULL)
    return NULL;
  conflicts = satchel_replica_list_conflicts (replica, error);
  if (conflicts == NULL)
    return NULL;
  cases = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_conflict_case_free);
  for (guint i = 0; i < conflicts->len; i++)
    {
      SatchelConflictCase *self = read_case (&reading, g_ptr_array_index (conflicts, i));

      if (self != NULL)
        g_ptr_array_add (cases, self);
    }
  return g_steal_pointer (&cases);
}

void
satchel_conflict_case_free (SatchelConflictCase *self)
{
  satchel_record_unref (self->conflict);
  satchel_record_unref (self->target);
  g_free (self->title);
  g_ptr_array_unref (self->rows);
  g_ptr_array_unref (self->versions);
  g_hash_table_unref (self->titles);
  g_free (self);
}

static gboolean
is_same_record (const SatchelRecord *a, const SatchelRecord *b)
{
  g_autofree char *one = satchel_record_to_canonical (a);
  g_autofree char *other = satchel_record_to_canonical (b);

  return g_str_equal (one, other);
}

/**
 * satchel_conflict_case_equal:
 * @a: a case
 * @b: another
 *
 * Returns: whether both show the same, so that what is on the screen may stay
 */
gboolean
satchel_conflict_case_equal (const SatchelConflictCase *a, const SatchelConflictCase *b)
{
  return is_same_record (a->conflict, b->conflict) && is_same_record (a->target, b->target);
}

/* ---- Words ---- */

/**
 * satchel_conflict_case_dup_question:
 * @self: a case
 *
 * Returns: (transfer full): what it is about, such as "Account · Phone"
 */
char *
satchel_conflict_case_dup_question (const SatchelConflictCase *self)
{
  const SatchelType *type = satchel_record_get_record_type (self->target);
  g_autofree char *unit = NULL;

  if (g_strcmp0 (self->unit_name, DELETED_UNIT) == 0)
    return g_strdup_printf (_ ("%s · keep or delete"), satchel_type_get_display_label (type));
  unit = satchel_sync_dup_unit_label (type, self->unit_name);
  /* Translators: a kind of record and the name of its field, such as "Account · Phone". */
  return g_strdup_printf (_ ("%s · %s"), satchel_type_get_display_label (type), unit);
}

static const char *
get_author_words (const SatchelVersion *self)
{
  if (self->mine && self->kind == SATCHEL_VERSION_CURRENT)
    return _ ("You");
  if (self->here)
    return _ ("You, on this device");
  if (self->mine)
    return _ ("You, on another device");
  return self->author;
}

/**
 * satchel_version_dup_heading:
 * @self: a version
 * @now: the time it is
 *
 * Returns: (transfer full): whose it is and since when
 */
char *
satchel_version_dup_heading (const SatchelVersion *self, GDateTime *now)
{
  g_autofree char *ago = self->at != NULL ? satchel_sync_dup_time_words (self->at, now) : NULL;
  const char *author = get_author_words (self);

  if (author != NULL && ago != NULL)
    /* Translators: a person and a time, such as "Nancy Davolio, 5 minutes ago". */
    return g_strdup_printf (_ ("%s, %s"), author, ago);
  return g_strdup (author != NULL ? author : ago != NULL ? ago : "");
}

static const char *
get_row_name (const SatchelConflictCase *self, guint row)
{
  const SatchelField *field = g_ptr_array_index (self->rows, row);

  return field != NULL ? field->name : self->unit_name + strlen (EXTRA_PREFIX);
}

/**
 * satchel_conflict_case_get_row_label:
 * @self: a case
 * @row: the position of one of its rows
 *
 * Returns: what the row is called
 */
const char *
satchel_conflict_case_get_row_label (const SatchelConflictCase *self, guint row)
{
  const SatchelField *field = g_ptr_array_index (self->rows, row);

  return field != NULL ? satchel_field_get_display_label (field) : get_row_name (self, row);
}

/* Amounts are in the currency that their own version has. */
static const char *
get_currency (const SatchelVersion *self, const SatchelConflictCase *of)
{
  for (guint i = 0; i < of->rows->len; i++)
    {
      const SatchelField *field = g_ptr_array_index (of->rows, i);

      if (field != NULL && field->kind == SATCHEL_KIND_CURRENCY && get_node (self, field->name) != NULL)
        return get_string (self->fields, field->name);
    }
  return NULL;
}

static char *
dup_unknown (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_string (node) != NULL ? g_strdup (json_node_get_string (node))
                                                                             : satchel_json_to_canonical (node);
}

/**
 * satchel_version_dup_value:
 * @self: a version
 * @of: its case
 * @row: the position of one of the case's rows
 *
 * Returns: (transfer full) (nullable): the value as a person reads it; %NULL for none
 */
char *
satchel_version_dup_value (const SatchelVersion *self, const SatchelConflictCase *of, guint row)
{
  const SatchelField *field = g_ptr_array_index (of->rows, row);
  JsonNode *node = get_node (self, get_row_name (of, row));
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;

  if (node == NULL)
    return NULL;
  if (field == NULL || !satchel_value_from_json (field, node, &value, NULL))
    return dup_unknown (node);
  if (satchel_value_is_null (&value))
    return NULL;
  if (field->kind == SATCHEL_KIND_REFERENCE && g_hash_table_lookup (of->titles, value.text) != NULL)
    return g_strdup (g_hash_table_lookup (of->titles, value.text));
  return satchel_value_to_display (field, &value, get_currency (self, of));
}

/**
 * satchel_version_dup_summary:
 * @self: a version
 * @of: its case
 *
 * Returns: (transfer full): all its values in a line
 */
char *
satchel_version_dup_summary (const SatchelVersion *self, const SatchelConflictCase *of)
{
  g_autoptr (GString) summary = g_string_new (NULL);

  if (self->deleted)
    return g_strdup (_ ("Deleted"));
  for (guint i = 0; i < of->rows->len; i++)
    {
      g_autofree char *value = satchel_version_dup_value (self, of, i);

      if (value != NULL && summary->len > 0)
        g_string_append (summary, C_ ("list of fields", ", "));
      g_string_append (summary, value != NULL ? value : "");
    }
  return summary->len > 0 ? g_string_free_and_steal (g_steal_pointer (&summary)) : g_strdup (_ ("Nothing"));
}

/**
 * satchel_version_differs:
 * @self: a version
 * @other: another of the same case
 * @of: their case
 * @row: the position of one of the case's rows
 *
 * Returns: whether the two versions differ there
 */
gboolean
satchel_version_differs (const SatchelVersion *self, const SatchelVersion *other, const SatchelConflictCase *of,
                         guint row)
{
  g_autofree char *one = satchel_version_dup_value (self, of, row);
  g_autofree char *two = satchel_version_dup_value (other, of, row);

  return g_strcmp0 (one, two) != 0;
}

gboolean
satchel_conflict_case_is_text (const SatchelConflictCase *self)
{
  return self->unit != NULL && self->unit->policy == SATCHEL_POLICY_TEXT;
}
