/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One record: its values, its bookkeeping, what of it is pending, what it is called and whether it is whole.
 * Its JSON forms are in satchel-record-json.c. */

#include "satchel-config.h"

#include "satchel-record-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "satchel-error.h"
#include "satchel-id.h"

#define TITLE_MAX_LETTERS 80
#define SHOWN_LETTERS 64
#define ALL_UNITS "*"

const char *const satchel_bookkeeping_names[SATCHEL_N_BOOKKEEPING] = {
  "id", "type", "rev", "bucket", "created_at", "created_by", "updated_at", "updated_by", "deleted_at", "deleted_with",
};

G_DEFINE_BOXED_TYPE (SatchelRecord, satchel_record, satchel_record_ref, satchel_record_unref)

/* ---- Life ----------------------------------------------------------------------------------------- */

SatchelRecord *
satchel_record_new_without_id (const SatchelType *type)
{
  guint n_fields = satchel_type_get_n_fields (type);
  SatchelRecord *self = g_malloc0 (sizeof (SatchelRecord) + n_fields * sizeof (SatchelValue));

  g_atomic_ref_count_init (&self->ref_count);
  self->type = type;
  self->n_fields = n_fields;

  return self;
}

/**
 * satchel_record_new:
 * @type: what it is a record of; its vocabulary must outlive the record
 * @id: its id
 *
 * Makes a record whose fields are all null.
 *
 * Returns: (transfer full): the record
 */
SatchelRecord *
satchel_record_new (const SatchelType *type, const char *id)
{
  SatchelRecord *self = satchel_record_new_without_id (type);

  g_assert (id != NULL);

  self->bookkeeping[SATCHEL_BOOKKEEPING_ID] = g_strdup (id);

  return self;
}

static GHashTable *
pending_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static GHashTable *
pending_copy (GHashTable *pending)
{
  GHashTable *copy;
  GHashTableIter iter;
  gpointer unit, group;

  if (pending == NULL)
    return NULL;

  copy = pending_new ();
  g_hash_table_iter_init (&iter, pending);
  while (g_hash_table_iter_next (&iter, &unit, &group))
    g_hash_table_insert (copy, g_strdup (unit), g_memdup2 (group, sizeof (gint64)));

  return copy;
}

/**
 * satchel_record_copy:
 * @self: a record
 *
 * Returns: (transfer full): a record of the same values, bookkeeping and pending work
 */
SatchelRecord *
satchel_record_copy (const SatchelRecord *self)
{
  SatchelRecord *copy = satchel_record_new (self->type, satchel_record_get_id (self));

  for (guint i = SATCHEL_BOOKKEEPING_REV; i < SATCHEL_N_BOOKKEEPING; i++)
    copy->bookkeeping[i] = g_strdup (self->bookkeeping[i]);

  for (guint i = 0; i < self->n_fields; i++)
    satchel_value_copy (&self->values[i], &copy->values[i]);

  copy->extra = g_strdup (self->extra);
  copy->pending = pending_copy (self->pending);

  return copy;
}

/**
 * satchel_record_ref:
 * @self: a record
 *
 * May be called from any thread.
 *
 * Returns: (transfer full): @self
 */
SatchelRecord *
satchel_record_ref (SatchelRecord *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

/**
 * satchel_record_unref:
 * @self: (transfer full): a record
 *
 * May be called from any thread.
 */
void
satchel_record_unref (SatchelRecord *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  for (guint i = 0; i < SATCHEL_N_BOOKKEEPING; i++)
    g_free (self->bookkeeping[i]);
  for (guint i = 0; i < self->n_fields; i++)
    satchel_value_clear (&self->values[i]);

  g_free (self->extra);
  g_clear_pointer (&self->pending, g_hash_table_unref);
  g_free (self);
}

/* ---- Bookkeeping ---------------------------------------------------------------------------------- */

gboolean
satchel_bookkeeping_find (const char *name, SatchelBookkeeping *found)
{
  for (guint i = 0; i < SATCHEL_N_BOOKKEEPING; i++)
    if (strcmp (name, satchel_bookkeeping_names[i]) == 0)
      {
        *found = i;
        return TRUE;
      }

  return FALSE;
}

/**
 * satchel_record_get_record_type:
 * @self: a record
 *
 * Returns: what it is a record of
 */
const SatchelType *
satchel_record_get_record_type (const SatchelRecord *self)
{
  return self->type;
}

/**
 * satchel_record_get_id:
 * @self: a record
 *
 * Returns: its id
 */
const char *
satchel_record_get_id (const SatchelRecord *self)
{
  return self->bookkeeping[SATCHEL_BOOKKEEPING_ID];
}

/**
 * satchel_record_get_rev:
 * @self: a record
 *
 * Returns: (nullable): the server's revision that the values stand on; %NULL before it has one
 */
const char *
satchel_record_get_rev (const SatchelRecord *self)
{
  return self->bookkeeping[SATCHEL_BOOKKEEPING_REV];
}

void
satchel_record_set_rev (SatchelRecord *self, const char *rev)
{
  g_set_str (&self->bookkeeping[SATCHEL_BOOKKEEPING_REV], rev);
}

const char *
satchel_record_get_bucket (const SatchelRecord *self)
{
  return self->bookkeeping[SATCHEL_BOOKKEEPING_BUCKET];
}

void
satchel_record_set_bucket (SatchelRecord *self, const char *bucket)
{
  g_set_str (&self->bookkeeping[SATCHEL_BOOKKEEPING_BUCKET], bucket);
}

const char *
satchel_record_get_created_at (const SatchelRecord *self)
{
  return self->bookkeeping[SATCHEL_BOOKKEEPING_CREATED_AT];
}

const char *
satchel_record_get_created_by (const SatchelRecord *self)
{
  return self->bookkeeping[SATCHEL_BOOKKEEPING_CREATED_BY];
}

const char *
satchel_record_get_updated_at (const SatchelRecord *self)
{
  return self->bookkeeping[SATCHEL_BOOKKEEPING_UPDATED_AT];
}

const char *
satchel_record_get_updated_by (const SatchelRecord *self)
{
  return self->bookkeeping[SATCHEL_BOOKKEEPING_UPDATED_BY];
}

/**
 * satchel_record_set_created:
 * @self: a record
 * @at: (nullable): the instant
 * @by: (nullable): the user's id
 */
void
satchel_record_set_created (SatchelRecord *self, const char *at, const char *by)
{
  g_set_str (&self->bookkeeping[SATCHEL_BOOKKEEPING_CREATED_AT], at);
  g_set_str (&self->bookkeeping[SATCHEL_BOOKKEEPING_CREATED_BY], by);
}

/**
 * satchel_record_set_updated:
 * @self: a record
 * @at: (nullable): the instant
 * @by: (nullable): the user's id
 */
void
satchel_record_set_updated (SatchelRecord *self, const char *at, const char *by)
{
  g_set_str (&self->bookkeeping[SATCHEL_BOOKKEEPING_UPDATED_AT], at);
  g_set_str (&self->bookkeeping[SATCHEL_BOOKKEEPING_UPDATED_BY], by);
}

/**
 * satchel_record_get_deleted_at:
 * @self: a record
 *
 * Returns: (nullable): since when it is in the bin; %NULL when it is not
 */
const char *
satchel_record_get_deleted_at (const SatchelRecord *self)
{
  return self->bookkeeping[SATCHEL_BOOKKEEPING_DELETED_AT];
}

void
satchel_record_set_deleted_at (SatchelRecord *self, const char *at)
{
  g_set_str (&self->bookkeeping[SATCHEL_BOOKKEEPING_DELETED_AT], at);
}

const char *
satchel_record_get_deleted_with (const SatchelRecord *self)
{
  return self->bookkeeping[SATCHEL_BOOKKEEPING_DELETED_WITH];
}

void
satchel_record_set_deleted_with (SatchelRecord *self, const char *account_id)
{
  g_set_str (&self->bookkeeping[SATCHEL_BOOKKEEPING_DELETED_WITH], account_id);
}

/* ---- Values --------------------------------------------------------------------------------------- */

static const SatchelValue *
get_named_value (const SatchelRecord *self, const char *field)
{
  guint index = 0;
  gboolean known = satchel_type_lookup_field (self->type, field, &index);

  g_assert (known);

  return &self->values[index];
}

/**
 * satchel_record_get_value:
 * @self: a record
 * @field_index: the field's index in its type
 *
 * Returns: (transfer none): the value, valid until it is changed
 */
const SatchelValue *
satchel_record_get_value (const SatchelRecord *self, guint field_index)
{
  g_assert (field_index < self->n_fields);

  return &self->values[field_index];
}

/**
 * satchel_record_set_value:
 * @self: a record
 * @field_index: the field's index in its type
 * @value: a value that fits the field; it is copied
 */
void
satchel_record_set_value (SatchelRecord *self, guint field_index, const SatchelValue *value)
{
  SatchelValue copy = SATCHEL_VALUE_INIT;

  satchel_value_copy (value, &copy);
  satchel_record_take_value (self, field_index, &copy);
}

/**
 * satchel_record_take_value:
 * @self: a record
 * @field_index: the field's index in its type
 * @value: (inout): a value that fits the field; what it owns is taken out of it and it is null afterwards
 */
void
satchel_record_take_value (SatchelRecord *self, guint field_index, SatchelValue *value)
{
  g_assert (field_index < self->n_fields);

  satchel_value_clear (&self->values[field_index]);
  self->values[field_index] = *value;
  *value = (SatchelValue) SATCHEL_VALUE_INIT;
}

/**
 * satchel_record_get_text:
 * @self: a record
 * @field: the name of one of its type's fields that holds text
 *
 * Returns: (nullable): the text; %NULL when it is null
 */
const char *
satchel_record_get_text (const SatchelRecord *self, const char *field)
{
  const SatchelValue *value = get_named_value (self, field);

  if (satchel_value_is_null (value))
    return NULL;

  g_assert (value->storage == SATCHEL_STORAGE_TEXT);

  return value->text;
}

/**
 * satchel_record_get_integer:
 * @self: a record
 * @field: the name of one of its type's fields that holds a whole number
 *
 * Returns: the number; 0 when it is null
 */
gint64
satchel_record_get_integer (const SatchelRecord *self, const char *field)
{
  const SatchelValue *value = get_named_value (self, field);

  if (satchel_value_is_null (value))
    return 0;

  g_assert (value->storage == SATCHEL_STORAGE_INTEGER);

  return value->integer;
}

/**
 * satchel_record_has:
 * @self: a record
 * @field: the name of one of its type's fields
 *
 * Returns: whether it has a value
 */
gboolean
satchel_record_has (const SatchelRecord *self, const char *field)
{
  return !satchel_value_is_null (get_named_value (self, field));
}

/**
 * satchel_record_set_from_text:
 * @self: a record
 * @field: what should be the name of one of its type's fields
 * @text: the value in the machine's written form; "" is null
 * @error: %SATCHEL_DATA_ERROR_UNKNOWN_FIELD, or why the text does not fit the field
 *
 * Returns: whether it was set; on an error nothing has changed
 */
gboolean
satchel_record_set_from_text (SatchelRecord *self, const char *field, const char *text, GError **error)
{
  const SatchelField *declared = satchel_type_find_field (self->type, field, error);
  SatchelValue value = SATCHEL_VALUE_INIT;
  guint index = 0;

  if (declared == NULL)
    return FALSE;
  if (!satchel_value_parse (declared, text, &value, error))
    return FALSE;

  satchel_type_lookup_field (self->type, field, &index);
  satchel_record_take_value (self, index, &value);

  return TRUE;
}

/**
 * satchel_record_get_extra:
 * @self: a record
 *
 * Returns: (nullable): custom and unknown fields, the canonical text of a JSON object; %NULL when there are none
 */
const char *
satchel_record_get_extra (const SatchelRecord *self)
{
  return self->extra;
}

/**
 * satchel_record_set_extra:
 * @self: a record
 * @extra: (nullable): the canonical text of a JSON object; "{}" is as good as %NULL
 */
void
satchel_record_set_extra (SatchelRecord *self, const char *extra)
{
  g_set_str (&self->extra, g_strcmp0 (extra, "{}") == 0 ? NULL : extra);
}

/* ---- Pending work --------------------------------------------------------------------------------- */

/**
 * satchel_record_get_pending:
 * @self: a record
 *
 * Returns: whether it shows work that is not settled with the server
 */
gboolean
satchel_record_get_pending (const SatchelRecord *self)
{
  return self->pending != NULL && g_hash_table_size (self->pending) > 0;
}

/**
 * satchel_record_set_unit_pending:
 * @self: a record
 * @unit: a unit's name; `*` for every unit that is not named (the record's creation is pending)
 * @group: the device's own group that set it; 0 when it is settled
 */
void
satchel_record_set_unit_pending (SatchelRecord *self, const char *unit, gint64 group)
{
  g_assert (group >= 0);

  if (group == 0)
    {
      if (self->pending != NULL)
        g_hash_table_remove (self->pending, unit);
      return;
    }

  if (self->pending == NULL)
    self->pending = pending_new ();
  g_hash_table_replace (self->pending, g_strdup (unit), g_memdup2 (&group, sizeof group));
}

static const gint64 *
find_newest_group (const SatchelRecord *self)
{
  const gint64 *newest = NULL;
  GHashTableIter iter;
  gpointer group;

  g_hash_table_iter_init (&iter, self->pending);
  while (g_hash_table_iter_next (&iter, NULL, &group))
    if (newest == NULL || *(const gint64 *) group > *newest)
      newest = group;

  return newest;
}

static const gint64 *
find_pending_group (const SatchelRecord *self, const char *unit)
{
  const gint64 *group;

  if (self->pending == NULL)
    return NULL;
  if (unit == NULL)
    return find_newest_group (self);

  group = g_hash_table_lookup (self->pending, unit);

  return group != NULL ? group : g_hash_table_lookup (self->pending, ALL_UNITS);
}

/**
 * satchel_record_dup_base:
 * @self: a record
 * @unit: (nullable): a unit's name; %NULL: for an edit of the whole record
 *
 * Names what an edit of the unit is made on when it is made on what this
 * record shows.
 *
 * Returns: (transfer full) (nullable): "@N" for the device's own group N,
 *   else the revision; %NULL for a record that has neither
 */
char *
satchel_record_dup_base (const SatchelRecord *self, const char *unit)
{
  const gint64 *group = find_pending_group (self, unit);

  if (group != NULL)
    return g_strdup_printf ("@%" G_GINT64_FORMAT, *group);

  return g_strdup (satchel_record_get_rev (self));
}

/* ---- What it is called ---------------------------------------------------------------------------- */

static gboolean
is_prose (const SatchelField *field)
{
  switch (field->kind)
    {
    case SATCHEL_KIND_TEXT:
    case SATCHEL_KIND_LONG_TEXT:
    case SATCHEL_KIND_PHONE:
    case SATCHEL_KIND_EMAIL:
    case SATCHEL_KIND_URI:
      return (field->flags & SATCHEL_FIELD_HIDDEN) == 0;

    case SATCHEL_KIND_INTEGER:
    case SATCHEL_KIND_NUMBER:
    case SATCHEL_KIND_BOOLEAN:
    case SATCHEL_KIND_MONEY:
    case SATCHEL_KIND_CURRENCY:
    case SATCHEL_KIND_DATE:
    case SATCHEL_KIND_TIME:
    case SATCHEL_KIND_CHOICE:
    case SATCHEL_KIND_REFERENCE:
    case SATCHEL_KIND_SET:
    case SATCHEL_KIND_JSON:
    default:
      return FALSE;
    }
}

/* The first line that says something, of at most that many letters; NULL when there is none. */
static char *
dup_first_line (const char *text, glong max_letters)
{
  const char *line = text;
  gsize length;
  g_autofree char *copy = NULL;

  while (*line != '\0' && g_unichar_isspace (g_utf8_get_char (line)))
    line = g_utf8_next_char (line);

  length = strcspn (line, "\r\n");
  if (length == 0)
    return NULL;

  copy = g_strchomp (g_strndup (line, length));
  if (g_utf8_strlen (copy, -1) <= max_letters)
    return g_steal_pointer (&copy);

  return g_utf8_substring (copy, 0, max_letters);
}

static const char *
get_filled_text (const SatchelRecord *self, guint index)
{
  const SatchelValue *value = &self->values[index];

  return value->storage == SATCHEL_STORAGE_TEXT && value->text[0] != '\0' ? value->text : NULL;
}

static char *
dup_title_fields (const SatchelRecord *self)
{
  g_autoptr (GString) title = g_string_new (NULL);

  for (guint i = 0; i < self->n_fields; i++)
    {
      const char *text = get_filled_text (self, i);

      if (text == NULL || (satchel_type_get_field (self->type, i)->flags & SATCHEL_FIELD_TITLE) == 0)
        continue;

      if (title->len > 0)
        g_string_append_c (title, ' ');
      g_string_append (title, text);
    }

  return dup_first_line (title->str, G_MAXLONG);
}

/**
 * satchel_record_dup_title:
 * @self: a record
 *
 * Says what the record is called in a list: its title fields joined; without
 * them the first line of another text; without any, what its type is called.
 *
 * Returns: (transfer full): the title, never empty
 */
char *
satchel_record_dup_title (const SatchelRecord *self)
{
  char *title = dup_title_fields (self);

  for (guint i = 0; title == NULL && i < self->n_fields; i++)
    {
      const char *text = get_filled_text (self, i);

      if (text != NULL && is_prose (satchel_type_get_field (self->type, i)))
        title = dup_first_line (text, TITLE_MAX_LETTERS);
    }

  return title != NULL ? title : g_strdup (satchel_type_get_display_label (self->type));
}

/* ---- Whether it is whole -------------------------------------------------------------------------- */

static gboolean
is_blank (const SatchelValue *value)
{
  if (value->storage != SATCHEL_STORAGE_TEXT)
    return satchel_value_is_null (value);

  for (const char *p = value->text; *p != '\0'; p = g_utf8_next_char (p))
    if (!g_unichar_isspace (g_utf8_get_char (p)))
      return FALSE;

  return TRUE;
}

static gboolean
report_missing (const SatchelRecord *self, const guint *fields, guint n_fields, SatchelFieldFlags flag, GError **error)
{
  g_autoptr (GString) labels = g_string_new (NULL);
  guint n_labels = 0;

  for (guint i = 0; i < n_fields; i++)
    {
      const SatchelField *field = satchel_type_get_field (self->type, fields != NULL ? fields[i] : i);

      if ((field->flags & flag) == 0)
        continue;
      if (n_labels++ > 0)
        g_string_append (labels, ", ");
      g_string_append_printf (labels, "“%s”", satchel_field_get_display_label (field));
    }

  if (n_labels == 1)
    g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_MISSING, _ ("%s is required. Please fill it in."),
                 labels->str);
  else
    g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_MISSING,
                 _ ("One of these is required: %s. Please fill one in."), labels->str);

  return FALSE;
}

/* Of the fields with the flag, one must have a value; no fields, no duty. */
static gboolean
check_one_of (const SatchelRecord *self, const guint *fields, guint n_fields, SatchelFieldFlags flag, GError **error)
{
  gboolean asked = FALSE;

  for (guint i = 0; i < n_fields; i++)
    {
      guint index = fields != NULL ? fields[i] : i;

      if ((satchel_type_get_field (self->type, index)->flags & flag) == 0)
        continue;
      if (!is_blank (&self->values[index]))
        return TRUE;
      asked = TRUE;
    }

  return !asked || report_missing (self, fields, n_fields, flag, error);
}

static gboolean
report_bad_reference (const SatchelField *field, const char *id, GError **error)
{
  g_autofree char *shown = g_utf8_truncate_middle (id, SHOWN_LETTERS);

  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID,
               _ ("“%s” cannot point at “%s”: that is not an id."), satchel_field_get_display_label (field), shown);

  return FALSE;
}

static gboolean
check_references (const SatchelRecord *self, guint index, GError **error)
{
  const SatchelField *field = satchel_type_get_field (self->type, index);
  const SatchelValue *value = &self->values[index];
  g_auto (GStrv) members = NULL;

  if (field->target == NULL || value->storage != SATCHEL_STORAGE_TEXT)
    return TRUE;

  if (field->kind == SATCHEL_KIND_REFERENCE)
    return satchel_id_is_valid (value->text) || report_bad_reference (field, value->text, error);

  members = satchel_value_dup_set (value);
  for (guint i = 0; members != NULL && members[i] != NULL; i++)
    if (!satchel_id_is_valid (members[i]))
      return report_bad_reference (field, members[i], error);

  return TRUE;
}

/**
 * satchel_record_validate:
 * @self: a record
 * @error: %SATCHEL_DATA_ERROR_MISSING or %SATCHEL_DATA_ERROR_INVALID, in words for a person
 *
 * Checks what no single value can tell: that every unit with required fields
 * has one of them, that one of the type's either-fields is there, and that
 * references look like ids.
 *
 * Returns: whether the record is whole
 */
gboolean
satchel_record_validate (const SatchelRecord *self, GError **error)
{
  for (guint i = 0; i < satchel_type_get_n_units (self->type); i++)
    {
      const SatchelUnit *unit = satchel_type_get_unit (self->type, i);

      if (!check_one_of (self, unit->fields, unit->n_fields, SATCHEL_FIELD_REQUIRED, error))
        return FALSE;
    }

  if (!check_one_of (self, NULL, self->n_fields, SATCHEL_FIELD_EITHER, error))
    return FALSE;

  for (guint i = 0; i < self->n_fields; i++)
    if (!check_references (self, i, error))
      return FALSE;

  return TRUE;
}
