/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Records from and to JSON text without building objects between: the two loops that a first sync runs for each
 * record. The reader takes plain text only: known fields and flat values, no white space, no rare escapes, nothing
 * twice. Whatever else it meets, right or wrong, it leaves to json-glib, which also words the errors. */

#include "satchel-record-private.h"

#include <stdlib.h>
#include <string.h>

#include "satchel-error.h"
#include "satchel-id.h"
#include "satchel-value-private.h"

#define NAME_MAX_BYTES 64
#define TYPE_MARK "\"type\":\""

/* ---- Reading plain text --------------------------------------------------------------------------- */

typedef struct
{
  const char *cursor;
  const char *end;
  SatchelRecord *record;
  guint place; /* behind the last member, in the order of the wire */
  gboolean has_type;
  GString *scratch; /* the string that was read last */
  JsonObject *extra; /* (nullable): flat members that no field declares */
} Reading;

typedef enum
{
  TOKEN_STRING,
  TOKEN_NUMBER,
  TOKEN_TRUE,
  TOKEN_FALSE,
  TOKEN_NULL,
  TOKEN_ARRAY,
} Token;

static gboolean
take_letter (Reading *self, char letter)
{
  if (self->cursor == self->end || *self->cursor != letter)
    return FALSE;

  self->cursor++;

  return TRUE;
}

static gboolean
take_word (Reading *self, const char *word)
{
  gsize length = strlen (word);

  if ((gsize) (self->end - self->cursor) < length || memcmp (self->cursor, word, length) != 0)
    return FALSE;

  self->cursor += length;

  return TRUE;
}

static gboolean
append_escape (Reading *self)
{
  static const char escapes[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  const char *found;

  if (self->cursor + 1 >= self->end || self->cursor[1] == '\0')
    return FALSE;

  found = strchr (escapes, self->cursor[1]);
  if (found == NULL)
    return FALSE;

  g_string_append_c (self->scratch, meanings[found - escapes]);
  self->cursor += 2;

  return TRUE;
}

/* A string, behind its opening quote, into scratch. Whether it is UTF-8 is left to who takes it. */
static gboolean
read_string (Reading *self)
{
  g_string_truncate (self->scratch, 0);

  for (;;)
    {
      const char *run = self->cursor;

      while (self->cursor < self->end && (guchar) *self->cursor >= 0x20 && *self->cursor != '"' &&
             *self->cursor != '\\')
        self->cursor++;

      g_string_append_len (self->scratch, run, self->cursor - run);
      if (take_letter (self, '"'))
        return TRUE;
      if (self->cursor == self->end || *self->cursor != '\\' || !append_escape (self))
        return FALSE;
    }
}

static gboolean
take_digits (Reading *self, guint max_digits)
{
  const char *start = self->cursor;

  while (self->cursor < self->end && g_ascii_isdigit (*self->cursor))
    self->cursor++;

  return self->cursor > start && self->cursor <= start + max_digits;
}

/* A decimal of few digits into scratch; others are rare. */
static gboolean
read_number (Reading *self)
{
  const char *start = self->cursor;
  const char *digits;

  take_letter (self, '-');
  digits = self->cursor;
  if (!take_digits (self, 17) || (*digits == '0' && (self->cursor > digits + 1 || digits > start)))
    return FALSE;
  if (take_letter (self, '.') && !take_digits (self, 17))
    return FALSE;

  g_string_truncate (self->scratch, 0);
  g_string_append_len (self->scratch, start, self->cursor - start);

  return TRUE;
}

static gboolean
read_token (Reading *self, Token *token)
{
  if (take_letter (self, '"'))
    {
      *token = TOKEN_STRING;
      return read_string (self);
    }
  if (take_letter (self, '['))
    {
      *token = TOKEN_ARRAY;
      return TRUE;
    }
  if (take_word (self, "true"))
    *token = TOKEN_TRUE;
  else if (take_word (self, "false"))
    *token = TOKEN_FALSE;
  else if (take_word (self, "null"))
    *token = TOKEN_NULL;
  else
    {
      *token = TOKEN_NUMBER;
      return read_number (self);
    }

  return TRUE;
}

/* ---- What a member means -------------------------------------------------------------------------- */

static gboolean
scratch_is_ascii (const Reading *self)
{
  guchar bits = 0;

  for (gsize i = 0; i < self->scratch->len; i++)
    bits |= (guchar) self->scratch->str[i];

  return bits < 0x80;
}

static gboolean
take_bookkeeping (Reading *self, SatchelBookkeeping which, Token token)
{
  char **place = &self->record->bookkeeping[which];

  if (*place != NULL)
    return FALSE;
  if (token == TOKEN_NULL)
    return which > SATCHEL_BOOKKEEPING_TYPE;
  if (token != TOKEN_STRING || !scratch_is_ascii (self))
    return FALSE;

  if (which == SATCHEL_BOOKKEEPING_TYPE)
    {
      const gboolean first = !self->has_type;

      self->has_type = TRUE;
      return first && strcmp (self->scratch->str, satchel_type_get_name (self->record->type)) == 0;
    }

  *place = g_strndup (self->scratch->str, self->scratch->len);

  return TRUE;
}

static gboolean
read_members (Reading *self, GPtrArray *members)
{
  if (take_letter (self, ']'))
    return TRUE;

  do
    {
      if (!take_letter (self, '"') || !read_string (self))
        return FALSE;
      g_ptr_array_add (members, g_strndup (self->scratch->str, self->scratch->len));
    }
  while (take_letter (self, ','));

  return take_letter (self, ']');
}

static gboolean
take_set (Reading *self, const SatchelField *field, SatchelValue *value)
{
  g_autoptr (GPtrArray) members = g_ptr_array_new_with_free_func (g_free);

  return read_members (self, members) && satchel_value_take_texts (field, members, value, NULL);
}

static gboolean
holds_text (const SatchelField *field)
{
  switch (field->kind)
    {
    case SATCHEL_KIND_TEXT:
    case SATCHEL_KIND_LONG_TEXT:
    case SATCHEL_KIND_PHONE:
    case SATCHEL_KIND_EMAIL:
    case SATCHEL_KIND_URI:
    case SATCHEL_KIND_CURRENCY:
    case SATCHEL_KIND_DATE:
    case SATCHEL_KIND_TIME:
    case SATCHEL_KIND_CHOICE:
    case SATCHEL_KIND_REFERENCE:
      return TRUE;

    case SATCHEL_KIND_INTEGER:
    case SATCHEL_KIND_NUMBER:
    case SATCHEL_KIND_BOOLEAN:
    case SATCHEL_KIND_MONEY:
    case SATCHEL_KIND_SET:
    case SATCHEL_KIND_JSON:
    default:
      return FALSE;
    }
}

static gboolean
holds_number (const SatchelField *field)
{
  return field->kind == SATCHEL_KIND_INTEGER || field->kind == SATCHEL_KIND_MONEY || field->kind == SATCHEL_KIND_NUMBER;
}

/* A text and a number are written in JSON as in the machine's written form. */
static gboolean
take_field (Reading *self, guint index, Token token)
{
  const SatchelField *field = satchel_type_get_field (self->record->type, index);
  SatchelValue *value = &self->record->values[index];

  if (field->policy == SATCHEL_POLICY_DERIVED || !satchel_value_is_null (value))
    return FALSE;

  switch (token)
    {
    case TOKEN_STRING:
      return holds_text (field) && satchel_value_parse (field, self->scratch->str, value, NULL);
    case TOKEN_NUMBER:
      return holds_number (field) && satchel_value_parse (field, self->scratch->str, value, NULL);
    case TOKEN_ARRAY:
      return field->kind == SATCHEL_KIND_SET && take_set (self, field, value);
    case TOKEN_TRUE:
    case TOKEN_FALSE:
      satchel_value_set_integer (value, token == TOKEN_TRUE);
      return field->kind == SATCHEL_KIND_BOOLEAN;
    case TOKEN_NULL:
      return TRUE;
    default:
      g_assert_not_reached ();
    }
}

static gboolean
take_unknown (Reading *self, const char *name, Token token)
{
  if (self->extra == NULL)
    self->extra = json_object_new ();
  if (json_object_has_member (self->extra, name))
    return FALSE;

  switch (token)
    {
    case TOKEN_STRING:
      json_object_set_string_member (self->extra, name, self->scratch->str);
      return g_utf8_validate (self->scratch->str, (gssize) self->scratch->len, NULL);
    case TOKEN_TRUE:
    case TOKEN_FALSE:
      json_object_set_boolean_member (self->extra, name, token == TOKEN_TRUE);
      return TRUE;
    case TOKEN_NUMBER:
      json_object_set_int_member (self->extra, name, g_ascii_strtoll (self->scratch->str, NULL, 10));
      return strchr (self->scratch->str, '.') == NULL;
    case TOKEN_NULL:
      return TRUE;
    case TOKEN_ARRAY:
    default:
      return FALSE;
    }
}

/* ---- Members -------------------------------------------------------------------------------------- */

/* A short name of plain letters, behind its opening quote, and the colon behind it. */
static gboolean
read_name (Reading *self, char *name)
{
  gsize length = 0;

  for (; self->cursor < self->end && *self->cursor != '"'; self->cursor++)
    {
      if (length == NAME_MAX_BYTES || !g_ascii_isgraph (*self->cursor) || *self->cursor == '\\')
        return FALSE;
      name[length++] = *self->cursor;
    }
  name[length] = '\0';

  return length > 0 && take_letter (self, '"') && take_letter (self, ':');
}

static gboolean
read_member (Reading *self)
{
  char name[NAME_MAX_BYTES + 1];
  guint place;
  Token token;

  if (!take_letter (self, '"') || !read_name (self, name) || !read_token (self, &token))
    return FALSE;

  if (!satchel_wire_find_place (self->record, name, &self->place, &place))
    return take_unknown (self, name, token);
  if (place < SATCHEL_N_BOOKKEEPING)
    return take_bookkeeping (self, place, token);

  return take_field (self, place - SATCHEL_N_BOOKKEEPING, token);
}

static gboolean
read_object (Reading *self)
{
  if (!take_letter (self, '{'))
    return FALSE;

  do
    if (!read_member (self))
      return FALSE;
  while (take_letter (self, ','));

  return take_letter (self, '}') && self->cursor == self->end;
}

static gboolean
is_complete (const Reading *self)
{
  const char *id = satchel_record_get_id (self->record);

  return self->has_type && id != NULL && satchel_id_is_valid (id);
}

static gboolean
store_extra (Reading *self)
{
  return self->extra == NULL || satchel_record_take_extra_object (self->record, self->extra, NULL);
}

/* The type is needed before the members that may stand in front of it. What looks like it may be something else;
 * the member itself must say the same. */
static const SatchelType *
guess_type (const SatchelVocabulary *vocabulary, const char *text, gsize length)
{
  const char *start = memmem (text, length, TYPE_MARK, strlen (TYPE_MARK));
  const char *end = text + length;
  char name[NAME_MAX_BYTES + 1];
  gsize n = 0;

  if (start == NULL)
    return NULL;

  for (start += strlen (TYPE_MARK); start < end && *start != '"' && n < NAME_MAX_BYTES; start++)
    name[n++] = *start;
  name[n] = '\0';

  return satchel_vocabulary_lookup (vocabulary, name);
}

/* The record, or NULL when the text is not plain. */
static SatchelRecord *
read_plain (const SatchelVocabulary *vocabulary, const char *text, gsize length)
{
  const SatchelType *type = guess_type (vocabulary, text, length);
  g_autoptr (SatchelRecord) record = NULL;
  Reading reading;
  gboolean plain;

  if (type == NULL)
    return NULL;

  record = satchel_record_new_without_id (type);
  reading = (Reading) { .cursor = text, .end = text + length, .record = record, .scratch = g_string_sized_new (64) };

  plain = read_object (&reading) && is_complete (&reading) && store_extra (&reading);

  g_string_free (reading.scratch, TRUE);
  g_clear_pointer (&reading.extra, json_object_unref);

  return plain ? g_steal_pointer (&record) : NULL;
}

static SatchelRecord *
read_any (const SatchelVocabulary *vocabulary, const char *text, gsize length, GError **error)
{
  g_autoptr (JsonNode) node = satchel_json_parse (text, (gssize) length, SATCHEL_JSON_VALUE_MAX_DEPTH, error);
  g_autoptr (JsonObject) object = NULL;

  if (node == NULL)
    return NULL;

  /* What is no object lacks a type, and is refused for that. */
  object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_dup_object (node) : json_object_new ();

  return satchel_record_from_wire (vocabulary, object, error);
}

/**
 * satchel_record_from_wire_text:
 * @vocabulary: the vocabulary, which must outlive the record
 * @text: the JSON text of a wire object, from anywhere
 * @length: its bytes
 * @error: as of satchel_record_from_wire()
 *
 * Reads a record as it arrives, see satchel_record_from_wire(), several times
 * as fast where the text is as a Satchel writes it.
 *
 * Returns: (transfer full) (nullable): the record
 */
SatchelRecord *
satchel_record_from_wire_text (const SatchelVocabulary *vocabulary, const char *text, gsize length, GError **error)
{
  SatchelRecord *record = read_plain (vocabulary, text, length);

  return record != NULL ? record : read_any (vocabulary, text, length, error);
}

/* ---- Writing text --------------------------------------------------------------------------------- */

/* A member as it will stand in the text: of the record by its place, or of what it carries by its node. */
typedef struct
{
  const char *name;
  guint place;
  JsonNode *node;
} Member;

static int
compare_members (const void *a, const void *b)
{
  return strcmp (((const Member *) a)->name, ((const Member *) b)->name);
}

static gboolean
is_written (const SatchelRecord *self, guint place)
{
  guint index = place - SATCHEL_N_BOOKKEEPING;

  if (place == SATCHEL_BOOKKEEPING_TYPE)
    return TRUE;
  if (place < SATCHEL_N_BOOKKEEPING)
    return self->bookkeeping[place] != NULL;

  return !satchel_value_is_null (&self->values[index]) &&
         satchel_type_get_field (self->type, index)->policy != SATCHEL_POLICY_DERIVED;
}

static void
append_value (GString *json, const SatchelField *field, const SatchelValue *value)
{
  switch (value->storage)
    {
    case SATCHEL_STORAGE_INTEGER:
      if (field->kind == SATCHEL_KIND_BOOLEAN)
        g_string_append (json, value->integer != 0 ? "true" : "false");
      else
        g_string_append_printf (json, "%" G_GINT64_FORMAT, value->integer);
      break;
    case SATCHEL_STORAGE_REAL:
      satchel_json_append_double (json, value->real);
      break;
    case SATCHEL_STORAGE_TEXT:
      /* Sets and JSON are stored as canonical text. */
      if (field->kind == SATCHEL_KIND_SET || field->kind == SATCHEL_KIND_JSON)
        g_string_append (json, value->text);
      else
        satchel_json_append_string (json, value->text);
      break;
    case SATCHEL_STORAGE_NULL:
    default:
      g_assert_not_reached ();
    }
}

static void
append_node (GString *json, JsonNode *node)
{
  g_autofree char *text = satchel_json_to_canonical (node);

  g_string_append (json, text);
}

static void
append_member (GString *json, const SatchelRecord *self, const Member *member)
{
  guint index = member->place - SATCHEL_N_BOOKKEEPING;

  if (json->len > 1)
    g_string_append_c (json, ',');
  satchel_json_append_string (json, member->name);
  g_string_append_c (json, ':');

  if (member->node != NULL)
    append_node (json, member->node);
  else if (member->place == SATCHEL_BOOKKEEPING_TYPE)
    satchel_json_append_string (json, satchel_type_get_name (self->type));
  else if (member->place < SATCHEL_N_BOOKKEEPING)
    satchel_json_append_string (json, self->bookkeeping[member->place]);
  else
    append_value (json, satchel_type_get_field (self->type, index), &self->values[index]);
}

static guint
collect_own_members (const SatchelRecord *self, gboolean with_bucket, Member *members)
{
  guint n = 0;

  for (guint place = 0; place < SATCHEL_N_BOOKKEEPING + self->n_fields; place++)
    if (is_written (self, place) && (with_bucket || place != SATCHEL_BOOKKEEPING_BUCKET))
      members[n++] = (Member) { .name = satchel_wire_get_name (self, place), .place = place };

  return n;
}

/* What is a field by now, and filled in, wins over what was carried while it was not known. */
static guint
collect_extra_members (const SatchelRecord *self, JsonObject *extra, Member *members)
{
  JsonObjectIter iter;
  Member member = { 0 };
  guint n = 0;

  json_object_iter_init (&iter, extra);
  while (json_object_iter_next (&iter, &member.name, &member.node))
    {
      SatchelBookkeeping taken;
      guint index;

      if (satchel_bookkeeping_find (member.name, &taken) ||
          (satchel_type_lookup_field (self->type, member.name, &index) &&
           is_written (self, SATCHEL_N_BOOKKEEPING + index)))
        continue;
      members[n++] = member;
    }

  return n;
}

static char *
write_text (const SatchelRecord *self, gboolean canonical)
{
  g_autoptr (JsonObject) extra = self->extra != NULL ? satchel_record_dup_extra_object (self) : NULL;
  guint n_extra = extra != NULL ? json_object_get_size (extra) : 0;
  g_autofree Member *members = g_new (Member, SATCHEL_N_BOOKKEEPING + self->n_fields + n_extra);
  guint n_members = collect_own_members (self, !canonical, members);
  GString *json = g_string_sized_new (512);

  if (extra != NULL)
    n_members += collect_extra_members (self, extra, members + n_members);
  if (canonical)
    qsort (members, n_members, sizeof (Member), compare_members);

  g_string_append_c (json, '{');
  for (guint i = 0; i < n_members; i++)
    append_member (json, self, &members[i]);
  g_string_append_c (json, '}');

  return g_string_free_and_steal (json);
}

/**
 * satchel_record_to_canonical:
 * @self: a record
 *
 * Makes the bytes that digests run over: the canonical text of the wire object
 * without its bucket. The same on every device and on the server, whichever of
 * the fields they know.
 *
 * Returns: (transfer full): the text
 */
char *
satchel_record_to_canonical (const SatchelRecord *self)
{
  return write_text (self, TRUE);
}

/**
 * satchel_record_to_wire_text:
 * @self: a record
 *
 * Makes the text of the wire object, see satchel_record_to_wire(), in the
 * order in which it is read fastest.
 *
 * Returns: (transfer full): the text
 */
char *
satchel_record_to_wire_text (const SatchelRecord *self)
{
  return write_text (self, FALSE);
}
