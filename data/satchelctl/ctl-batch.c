/* SPDX-License-Identifier: GPL-3.0-or-later */

/* batch: many changes from a file, one strict group a block. */

#include "satchel-config.h"

#include "ctl-private.h"

#include <stdio.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "records/satchel-error.h"
#include "records/satchel-id.h"
#include "terminal/satchel-password.h"

#define MAX_LINE_DEPTH 32

/**
 * Batch: how far the file has come.
 * @edit: the block that is being read
 * @records: (element-type utf8 SatchelRecord): what this block has added or changed so far, by id
 */
typedef struct
{
  Ctl *ctl;
  guint line;
  guint n_blocks;
  SatchelEdit *edit;
  GHashTable *records;
  GPtrArray *added;
} Batch;

static void
batch_begin_block (Batch *batch)
{
  g_clear_object (&batch->edit);
  batch->edit = satchel_edit_new ();
  satchel_edit_set_strict (batch->edit, TRUE);
  g_hash_table_remove_all (batch->records);
  g_ptr_array_set_size (batch->added, 0);
}

static gboolean
batch_end_block (Batch *batch, GError **error)
{
  if (satchel_edit_is_empty (batch->edit))
    return TRUE;
  if (!satchel_replica_commit (batch->ctl->replica, batch->edit, NULL, error))
    return FALSE;

  for (guint i = 0; i < batch->added->len; i++)
    puts (g_ptr_array_index (batch->added, i));

  batch->n_blocks++;
  batch_begin_block (batch);
  return TRUE;
}

static gboolean
set_field (Ctl *ctl, SatchelRecord *record, const char *name, JsonNode *node, GError **error)
{
  const SatchelType *type = satchel_record_get_record_type (record);
  const SatchelField *field = satchel_type_find_field (type, name, error);
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  guint index;

  if (field == NULL || !satchel_value_from_json (field, node, &value, error))
    return FALSE;

  satchel_type_lookup_field (type, name, &index);
  satchel_record_take_value (record, index, &value);
  return TRUE;
}

static gboolean
set_fields (Ctl *ctl, SatchelRecord *record, JsonObject *line, GError **error)
{
  JsonNode *fields = json_object_get_member (line, "fields");
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (fields == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (fields))
    {
      g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID, _ ("“fields” is not an object."));
      return FALSE;
    }

  json_object_iter_init (&iter, json_node_get_object (fields));
  while (json_object_iter_next (&iter, &name, &value))
    if (!set_field (ctl, record, name, value, error))
      return FALSE;

  return TRUE;
}

static const char *
get_text (JsonObject *line, const char *name, GError **error)
{
  const char *text = NULL;

  if (json_object_has_member (line, name) && JSON_NODE_HOLDS_VALUE (json_object_get_member (line, name)))
    text = json_node_get_string (json_object_get_member (line, name));
  if (text == NULL)
    g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID, _ ("“%s” is missing."), name);

  return text;
}

static gboolean
do_add (Batch *batch, JsonObject *line, GError **error)
{
  const char *type_name = get_text (line, "type", error);
  const char *given_id = get_text (line, "id", NULL);
  g_autofree char *id = given_id == NULL ? satchel_id_new () : g_strdup (given_id);
  const SatchelType *type;
  g_autoptr (SatchelRecord) record = NULL;

  if (type_name == NULL || (type = satchel_vocabulary_find (batch->ctl->vocabulary, type_name, error)) == NULL)
    return FALSE;
  if (!satchel_id_is_valid (id))
    {
      g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID, _ ("“%s” is not an id."), id);
      return FALSE;
    }

  record = satchel_record_new (type, id);
  if (!set_fields (batch->ctl, record, line, error))
    return FALSE;

  satchel_edit_create (batch->edit, record);
  g_ptr_array_add (batch->added, g_strdup (id));
  g_hash_table_insert (batch->records, g_strdup (id), g_steal_pointer (&record));
  return TRUE;
}

static SatchelRecord *
get_seen (Batch *batch, JsonObject *line, GError **error)
{
  const char *id = get_text (line, "id", error);
  SatchelRecord *seen = id == NULL ? NULL : g_hash_table_lookup (batch->records, id);

  if (id == NULL)
    return NULL;

  return seen != NULL ? satchel_record_ref (seen) : ctl_get_record (batch->ctl, id, error);
}

static gboolean
do_set (Batch *batch, JsonObject *line, GError **error)
{
  g_autoptr (SatchelRecord) seen = get_seen (batch, line, error);
  g_autoptr (SatchelRecord) changed = NULL;

  if (seen == NULL)
    return FALSE;

  changed = satchel_record_copy (seen);
  if (!set_fields (batch->ctl, changed, line, error))
    return FALSE;

  satchel_edit_update (batch->edit, seen, changed);
  g_hash_table_insert (batch->records, g_strdup (satchel_record_get_id (seen)), g_steal_pointer (&changed));
  return TRUE;
}

static gboolean
do_delete (Batch *batch, JsonObject *line, GError **error)
{
  g_autoptr (SatchelRecord) seen = get_seen (batch, line, error);

  if (seen == NULL)
    return FALSE;

  satchel_edit_delete (batch->edit, seen);
  return TRUE;
}

static gboolean
do_line (Batch *batch, const char *text, gsize length, GError **error)
{
  g_autoptr (JsonNode) node = satchel_json_parse (text, (gssize) length, MAX_LINE_DEPTH, error);
  const char *verb;

  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID, _ ("not a JSON object."));
      return FALSE;
    }

  verb = get_text (json_node_get_object (node), "do", error);
  if (verb == NULL)
    return FALSE;
  if (g_str_equal (verb, "add"))
    return do_add (batch, json_node_get_object (node), error);
  if (g_str_equal (verb, "set"))
    return do_set (batch, json_node_get_object (node), error);
  if (g_str_equal (verb, "delete"))
    return do_delete (batch, json_node_get_object (node), error);

  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID, _ ("“do” is add, set or delete, not “%s”."),
               verb);
  return FALSE;
}

static gboolean
is_blank (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isspace (text[i]))
      return FALSE;

  return TRUE;
}

static gboolean
do_lines (Batch *batch, const char *contents, gsize length, GError **error)
{
  const char *end = contents + length;

  for (const char *start = contents; start < end;)
    {
      const char *newline = memchr (start, '\n', end - start);
      gsize n = (newline == NULL ? end : newline) - start;

      batch->line++;
      if (is_blank (start, n) ? !batch_end_block (batch, error) : !do_line (batch, start, n, error))
        return FALSE;
      start += n + 1;
    }

  return batch_end_block (batch, error);
}

static CtlExit
run_batch (Ctl *ctl, GError **error)
{
  g_autofree char *contents = NULL;
  gsize length;
  Batch batch = { .ctl = ctl };
  gboolean done;

  if (!ctl_check_args (ctl, 1, 1, error) || !satchel_read_input (ctl->args[0], &contents, &length, error) ||
      !ctl_open_replica (ctl, FALSE, error))
    return CTL_FAILED;

  batch.records = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) satchel_record_unref);
  batch.added = g_ptr_array_new_with_free_func (g_free);
  batch_begin_block (&batch);

  done = do_lines (&batch, contents, length, error);
  if (!done)
    {
      g_prefix_error (error, _ ("Line %u: "), batch.line);
      ctl_say (g_dngettext (GETTEXT_PACKAGE, "%u block before this one was kept; this one and the rest were not.",
                            "%u blocks before this one were kept; this one and the rest were not.", batch.n_blocks),
               batch.n_blocks);
    }

  g_clear_object (&batch.edit);
  g_hash_table_unref (batch.records);
  g_ptr_array_unref (batch.added);
  return done ? CTL_DONE : CTL_FAILED;
}

const CtlCommand ctl_batch_commands[] = {
  { "batch", "FILE|-", N_ ("Adds, sets and deletes from lines of JSON; blank lines part blocks that hold together"),
   NULL, run_batch },
  { NULL },
};
