/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "oracle.h"

#include <string.h>

#define TOKEN_DIGITS 9

/* ---- Tokens --------------------------------------------------------------------------------------- */

static int
compare_tokens (gconstpointer a, gconstpointer b)
{
  guint left = *(const guint *) a, right = *(const guint *) b;

  return left < right ? -1 : left > right;
}

static void
sort_out (OracleTokens *tokens)
{
  g_array_sort (tokens, compare_tokens);
  for (guint i = tokens->len; i > 1; i--)
    if (g_array_index (tokens, guint, i - 1) == g_array_index (tokens, guint, i - 2))
      g_array_remove_index (tokens, i - 1);
}

static void
add_token (OracleTokens *tokens, guint token)
{
  g_array_append_val (tokens, token);
}

static void
scan (const char *text, OracleTokens *tokens)
{
  for (const char *c = text; c != NULL && *c != '\0';)
    {
      gsize length = strspn (c, "0123456789");

      guint64 token = length == TOKEN_DIGITS ? g_ascii_strtoull (c, NULL, 10) : 0;

      /* Nine other digits may be part of an id. */
      if (token > ORACLE_FIRST_TOKEN && token < ORACLE_LAST_TOKEN)
        add_token (tokens, (guint) token);
      c += MAX (length, 1);
    }
}

OracleTokens *
oracle_tokens_of_text (const char *text)
{
  OracleTokens *tokens = g_array_new (FALSE, FALSE, sizeof (guint));

  scan (text, tokens);
  sort_out (tokens);

  return tokens;
}

static void
scan_value (const SatchelRecord *record, guint index, OracleTokens *tokens)
{
  const SatchelField *field = satchel_type_get_field (satchel_record_get_record_type (record), index);
  g_autofree char *text = NULL;

  if (field->kind == SATCHEL_KIND_REFERENCE)
    return;
  text = satchel_value_to_text (field, satchel_record_get_value (record, index));
  scan (text, tokens);
}

/* A unit that the version of this device does not know. */
static void
scan_unknown (const SatchelRecord *record, const char *unit, OracleTokens *tokens)
{
  const char *extra = satchel_record_get_extra (record);
  g_autoptr (JsonNode) node = extra != NULL ? json_from_string (extra, NULL) : NULL;
  JsonNode *member = node != NULL ? json_object_get_member (json_node_get_object (node), unit) : NULL;
  g_autofree char *text = member != NULL ? json_to_string (member, FALSE) : NULL;

  scan (text, tokens);
}

OracleTokens *
oracle_tokens_of_unit (const SatchelRecord *record, const char *unit)
{
  const SatchelUnit *declared = satchel_type_lookup_unit (satchel_record_get_record_type (record), unit);
  OracleTokens *tokens = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; declared != NULL && i < declared->n_fields; i++)
    scan_value (record, declared->fields[i], tokens);
  if (declared == NULL)
    scan_unknown (record, unit, tokens);
  sort_out (tokens);

  return tokens;
}

OracleTokens *
oracle_tokens_of_record (const SatchelRecord *record)
{
  OracleTokens *tokens = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < satchel_type_get_n_fields (satchel_record_get_record_type (record)); i++)
    scan_value (record, i, tokens);
  scan (satchel_record_get_extra (record), tokens);
  sort_out (tokens);

  return tokens;
}

char *
oracle_tokens_write (const OracleTokens *self)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; self != NULL && i < self->len; i++)
    g_string_append_printf (text, "%s%u", i == 0 ? "" : " ", g_array_index (self, guint, i));
  if (self != NULL && self->len == 0)
    g_string_append (text, "nothing");

  return g_string_free_and_steal (text);
}

gboolean
oracle_tokens_contain (const OracleTokens *self, guint token)
{
  return g_array_binary_search ((GArray *) self, &token, compare_tokens, NULL);
}

gboolean
oracle_tokens_equal (const OracleTokens *a, const OracleTokens *b)
{
  return a->len == b->len && (a->len == 0 || memcmp (a->data, b->data, a->len * sizeof (guint)) == 0);
}

/* ---- Life ----------------------------------------------------------------------------------------- */

static void
typed_free (gpointer data)
{
  Typed *self = data;

  g_free (self->record);
  g_free (self->type);
  g_free (self->unit);
  g_free (self->conflict);
  g_clear_pointer (&self->saw, g_array_unref);
  g_clear_pointer (&self->made, g_array_unref);
  g_clear_pointer (&self->listed, g_array_unref);
  g_free (self);
}

void
oracle_init (Oracle *self, SimTrace *trace)
{
  *self = (Oracle) { .trace = trace, .last_token = ORACLE_FIRST_TOKEN };
  self->typed = g_ptr_array_new_with_free_func (typed_free);
  self->by_unit = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->again = g_hash_table_new (NULL, NULL);
}

void
oracle_clear (Oracle *self)
{
  g_hash_table_unref (self->again);
  g_hash_table_unref (self->by_unit);
  g_ptr_array_unref (self->typed);
}

guint
oracle_new_token (Oracle *self)
{
  return ++self->last_token;
}

/* ---- What people do ------------------------------------------------------------------------------- */

OracleSave *
oracle_save_new (guint lineage, guint device, gboolean strict)
{
  OracleSave *self = g_new0 (OracleSave, 1);

  self->lineage = lineage;
  self->device = device;
  self->strict = strict;
  self->typed = g_ptr_array_new_with_free_func (typed_free);

  return self;
}

void
oracle_save_free (OracleSave *self)
{
  g_ptr_array_unref (self->typed);
  g_free (self);
}

Typed *
oracle_save_add (OracleSave *self, TypedKind kind, const SatchelRecord *record, const char *unit)
{
  const SatchelType *type = satchel_record_get_record_type (record);
  const SatchelUnit *declared = satchel_type_lookup_unit (type, unit);
  Typed *typed = g_new0 (Typed, 1);

  typed->kind = kind;
  typed->lineage = self->lineage;
  typed->device = self->device;
  typed->strict = self->strict;
  typed->record = g_strdup (satchel_record_get_id (record));
  typed->type = g_strdup (satchel_type_get_name (type));
  typed->unit = g_strdup (unit);
  typed->policy = declared != NULL ? declared->policy : SATCHEL_POLICY_ASK;
  g_ptr_array_add (self->typed, typed);

  return typed;
}

/* @saw: NULL for a new record. */
void
oracle_save_value (OracleSave *self, const SatchelRecord *saw, const SatchelRecord *made, const char *unit, guint token)
{
  Typed *typed = oracle_save_add (self, TYPED_VALUE, made, unit);

  typed->saw = saw != NULL ? oracle_tokens_of_unit (saw, unit) : oracle_tokens_of_text ("");
  typed->made = oracle_tokens_of_unit (made, unit);
  typed->token = token;
  typed->creates = saw == NULL;
}

static Typed *
reverse_typed (const Typed *self)
{
  Typed *reverse = g_memdup2 (self, sizeof *self);

  reverse->record = g_strdup (self->record);
  reverse->type = g_strdup (self->type);
  reverse->unit = g_strdup (self->unit);
  reverse->conflict = NULL;
  reverse->listed = NULL;
  reverse->saw = self->made != NULL ? g_array_copy (self->made) : NULL;
  reverse->made = self->saw != NULL ? g_array_copy (self->saw) : NULL;
  reverse->token = 0;

  return reverse;
}

static Typed *
reverse_member (const Typed *self)
{
  Typed *reverse = reverse_typed (self);

  g_clear_pointer (&reverse->saw, g_array_unref);
  if (self->kind == TYPED_ADD)
    {
      reverse->kind = TYPED_REMOVE;
      reverse->made = g_array_new (FALSE, FALSE, sizeof (guint));
      g_array_append_val (reverse->made, self->token);
    }
  else
    {
      reverse->kind = TYPED_ADD;
      reverse->token = g_array_index (self->made, guint, 0);
    }

  return reverse;
}

/* What was made goes to the bin, what was deleted comes out. */
static Typed *
reverse_whole (const Typed *self)
{
  Typed *reverse = reverse_typed (self);

  g_set_str (&reverse->unit, "deleted");
  reverse->kind = self->kind == TYPED_DELETE ? TYPED_RESTORE : TYPED_DELETE;
  if (!self->creates)
    {
      g_array_unref (reverse->made);
      reverse->made = NULL;
      reverse->saw = g_array_copy (self->saw);
    }

  return reverse;
}

static Typed *
reverse_one (const Typed *self)
{
  if (self->creates || self->kind == TYPED_DELETE || self->kind == TYPED_RESTORE)
    return reverse_whole (self);
  if (self->kind == TYPED_ADD || self->kind == TYPED_REMOVE)
    return reverse_member (self);

  return reverse_typed (self);
}

OracleSave *
oracle_save_reverse (const OracleSave *self)
{
  OracleSave *reverse = oracle_save_new (self->lineage, self->device, FALSE);

  for (guint i = 0; i < self->typed->len; i++)
    g_ptr_array_add (reverse->typed, reverse_one (g_ptr_array_index (self->typed, i)));

  return reverse;
}

static void
index_typed (Oracle *self, Typed *typed)
{
  g_autofree char *key = g_strconcat (typed->record, " ", typed->unit, NULL);
  GPtrArray *list = g_hash_table_lookup (self->by_unit, key);

  if (list == NULL)
    {
      list = g_ptr_array_new ();
      g_hash_table_insert (self->by_unit, g_steal_pointer (&key), list);
    }
  g_ptr_array_add (list, typed);
}

void
oracle_keep (Oracle *self, OracleSave *save)
{
  self->last_group++;
  while (save->typed->len > 0)
    {
      Typed *typed = g_ptr_array_steal_index (save->typed, 0);

      typed->number = self->typed->len;
      typed->step = self->trace->step;
      typed->group = self->last_group;
      g_ptr_array_add (self->typed, typed);
      index_typed (self, typed);
    }
  oracle_save_free (save);
}

GPtrArray *
oracle_list_of_unit (Oracle *self, const char *record, const char *unit)
{
  g_autofree char *key = g_strconcat (record, " ", unit, NULL);

  return g_hash_table_lookup (self->by_unit, key);
}

/* ---- Trays ---------------------------------------------------------------------------------------- */

static gboolean
is_named (const Typed *typed, const OracleTokens *tokens, const char *text)
{
  if (typed->token != 0)
    return oracle_tokens_contain (tokens, typed->token);

  return strstr (text, typed->conflict != NULL ? typed->conflict : typed->record) != NULL;
}

void
oracle_let_go (Oracle *self, guint device, const char *text)
{
  OracleTokens *tokens = oracle_tokens_of_text (text);

  for (guint i = 0; i < self->typed->len; i++)
    {
      Typed *typed = g_ptr_array_index (self->typed, i);

      if (is_named (typed, tokens, text))
        typed->let_go = TRUE;
    }
  g_array_unref (tokens);
}

void
oracle_send_again (Oracle *self, const char *text)
{
  OracleTokens *tokens = oracle_tokens_of_text (text);

  for (guint i = 0; i < tokens->len; i++)
    {
      gpointer key = GUINT_TO_POINTER (g_array_index (tokens, guint, i));

      g_hash_table_insert (self->again, key,
                           GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (self->again, key)) + 1));
    }
  g_array_unref (tokens);
}
