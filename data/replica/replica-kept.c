/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "replica-kept.h"

#include <string.h>

#include "replica-link.h"
#include "replica-outbox.h"
#include "replica-tray.h"

#define LINE_MAX_DEPTH 48

static void
mark_free (gpointer data)
{
  ReplicaKeptMark *mark = data;

  g_free (mark->previous);
  g_free (mark->retried);
  g_free (mark);
}

ReplicaKept *
replica_kept_new (void)
{
  ReplicaKept *self = g_new0 (ReplicaKept, 1);

  self->version = REPLICA_KEPT_NO_VERSION;
  self->marks = g_hash_table_new_full (NULL, NULL, NULL, mark_free);
  self->groups = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_group_free);
  self->tray = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_work_free);

  return self;
}

static void
replace (GPtrArray **place, GPtrArray *array)
{
  g_ptr_array_unref (*place);
  *place = array;
}

ReplicaKept *
replica_kept_gather (ReplicaConnection *connection, GError **error)
{
  g_autoptr (ReplicaKept) self = replica_kept_new ();
  g_autoptr (GPtrArray) groups = replica_outbox_read (connection, 0, G_MAXINT, error);
  g_autoptr (GPtrArray) tray = groups != NULL ? replica_tray_list (connection, error) : NULL;

  if (tray == NULL)
    return NULL;

  replace (&self->groups, g_steal_pointer (&groups));
  replace (&self->tray, g_steal_pointer (&tray));
  self->link = replica_link_read (connection, error);
  if (self->link == NULL || !replica_meta_get_integer (connection, "kept", &self->version, error))
    return NULL;

  return g_steal_pointer (&self);
}

void
replica_kept_free (ReplicaKept *self)
{
  g_clear_pointer (&self->link, satchel_link_free);
  g_hash_table_unref (self->marks);
  g_ptr_array_unref (self->groups);
  g_ptr_array_unref (self->tray);
  g_free (self);
}

gboolean
replica_kept_is_empty (const ReplicaKept *self)
{
  return self->groups->len == 0 && self->tray->len == 0;
}

const char *
replica_kept_get_previous_hash (const ReplicaKept *self, guint index)
{
  const SatchelGroup *group = g_ptr_array_index (self->groups, index);
  const SatchelGroup *before = index > 0 ? g_ptr_array_index (self->groups, index - 1) : NULL;

  if (before != NULL && before->n == group->n - 1)
    return before->hash;
  if (group->n == 1)
    return "";

  return self->link != NULL && self->link->acknowledged == group->n - 1 ? self->link->last_hash : NULL;
}

/* ---- Writing -------------------------------------------------------------------------------------- */

static void
set_string (JsonObject *object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
}

/* @object: (transfer full) */
static char *
make_line (const char *name, JsonObject *object, const ReplicaKeptMark *mark)
{
  g_autoptr (JsonObject) line = json_object_new ();
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), line);
  g_autofree char *text = NULL;

  json_object_set_object_member (line, name, object);
  if (mark->version != REPLICA_KEPT_NO_VERSION)
    json_object_set_int_member (line, "kept", mark->version);
  set_string (line, "previous", mark->previous);
  set_string (line, "retried", mark->retried);
  text = satchel_json_to_canonical (node);

  return g_strconcat (text, "\n", NULL);
}

static void
append_line (GString *text, const char *name, JsonObject *object, const ReplicaKeptMark *mark)
{
  g_autofree char *line = make_line (name, object, mark);

  g_string_append (text, line);
}

static JsonObject *
entry_to_json (const SatchelWork *entry)
{
  JsonObject *object = json_object_new ();
  JsonArray *mutations = json_array_new ();

  for (guint i = 0; i < entry->mutations->len; i++)
    json_array_add_object_element (mutations, satchel_mutation_to_json (g_ptr_array_index (entry->mutations, i)));

  set_string (object, "id", entry->id);
  set_string (object, "at", entry->at);
  set_string (object, "code", entry->code);
  set_string (object, "reason", entry->reason);
  json_object_set_int_member (object, "n", entry->n);
  json_object_set_boolean_member (object, "strict", entry->strict);
  json_object_set_array_member (object, "mutations", mutations);

  return object;
}

char *
replica_kept_group_to_line (const SatchelGroup *group, const ReplicaKeptMark *mark)
{
  return make_line ("group", satchel_group_to_json (group), mark);
}

static void
append_group (GString *text, const ReplicaKept *self, guint index)
{
  ReplicaKeptMark mark = { self->version, NULL, NULL };

  if (self->version != REPLICA_KEPT_NO_VERSION)
    mark.previous = (char *) replica_kept_get_previous_hash (self, index);
  append_line (text, "group", satchel_group_to_json (g_ptr_array_index (self->groups, index)), &mark);
}

char *
replica_kept_to_text (const ReplicaKept *self)
{
  GString *text = g_string_new (NULL);
  const ReplicaKeptMark mark = { self->version, NULL, NULL };

  if (self->link != NULL)
    append_line (text, "link", replica_link_to_json (self->link), &mark);
  for (guint i = 0; i < self->groups->len; i++)
    append_group (text, self, i);
  for (guint i = 0; i < self->tray->len; i++)
    append_line (text, "tray", entry_to_json (g_ptr_array_index (self->tray, i)), &mark);

  return g_string_free_and_steal (text);
}

/* ---- Reading -------------------------------------------------------------------------------------- */

static gboolean
read_mutation (JsonNode *node, GPtrArray *mutations)
{
  SatchelMutation *mutation = NULL;

  if (JSON_NODE_HOLDS_OBJECT (node))
    mutation = satchel_mutation_from_json (json_node_get_object (node), NULL);
  if (mutation != NULL)
    g_ptr_array_add (mutations, mutation);

  return mutation != NULL;
}

static gboolean
read_mutations (JsonObject *object, GPtrArray *mutations)
{
  JsonNode *node = json_object_get_member (object, "mutations");
  JsonArray *array;

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return FALSE;

  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!read_mutation (json_array_get_element (array, i), mutations))
      return FALSE;

  return TRUE;
}

static char *
dup_string (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_dup_string (node)
             : NULL;
}

static SatchelWork *
entry_from_json (JsonObject *object)
{
  g_autoptr (SatchelWork) entry = g_new0 (SatchelWork, 1);

  entry->id = dup_string (object, "id");
  entry->at = dup_string (object, "at");
  entry->code = dup_string (object, "code");
  entry->reason = dup_string (object, "reason");
  entry->n = json_object_get_int_member_with_default (object, "n", 0);
  entry->strict = json_object_get_boolean_member_with_default (object, "strict", FALSE);
  entry->sent = TRUE;
  entry->mutations = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_mutation_free);

  return entry->id != NULL && read_mutations (object, entry->mutations) ? g_steal_pointer (&entry) : NULL;
}

/* The member of that name when it is an object. */
static JsonObject *
get_object (JsonObject *line, const char *name)
{
  JsonNode *node = json_object_get_member (line, name);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static ReplicaKeptMark *
read_mark (JsonObject *line)
{
  ReplicaKeptMark *mark = g_new0 (ReplicaKeptMark, 1);

  mark->version = json_object_get_int_member_with_default (line, "kept", REPLICA_KEPT_NO_VERSION);
  mark->previous = dup_string (line, "previous");
  mark->retried = dup_string (line, "retried");

  return mark;
}

static void
add_object (ReplicaKept *self, JsonObject *line)
{
  JsonObject *link = get_object (line, "link");
  JsonObject *group = get_object (line, "group");
  JsonObject *tray = get_object (line, "tray");
  SatchelGroup *read_group = group != NULL ? satchel_group_from_json (group, NULL) : NULL;
  SatchelWork *read_entry = tray != NULL ? entry_from_json (tray) : NULL;

  if (link != NULL && self->link == NULL)
    {
      self->link = replica_link_from_json (link);
      self->version = json_object_get_int_member_with_default (line, "kept", REPLICA_KEPT_NO_VERSION);
    }
  if (read_group != NULL)
    {
      g_ptr_array_add (self->groups, read_group);
      g_hash_table_insert (self->marks, read_group, read_mark (line));
    }
  if (read_entry != NULL)
    g_ptr_array_add (self->tray, read_entry);
}

void
replica_kept_add_text (ReplicaKept *self, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      g_autoptr (JsonNode) node = satchel_json_parse (*line, -1, LINE_MAX_DEPTH, NULL);

      if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
        add_object (self, json_node_get_object (node));
    }
}

/* ---- Two copies ----------------------------------------------------------------------------------- */

static gboolean
has_group (const ReplicaKept *self, const SatchelGroup *group)
{
  for (guint i = 0; i < self->groups->len; i++)
    if (((const SatchelGroup *) g_ptr_array_index (self->groups, i))->n == group->n)
      return TRUE;

  return FALSE;
}

static gboolean
has_entry (const ReplicaKept *self, const SatchelWork *entry)
{
  for (guint i = 0; i < self->tray->len; i++)
    if (strcmp (((const SatchelWork *) g_ptr_array_index (self->tray, i))->id, entry->id) == 0)
      return TRUE;

  return FALSE;
}

static int
compare_groups (gconstpointer a, gconstpointer b)
{
  const SatchelGroup *first = *(SatchelGroup *const *) a, *second = *(SatchelGroup *const *) b;

  return (first->n > second->n) - (first->n < second->n);
}

void
replica_kept_merge (ReplicaKept *self, ReplicaKept *other)
{
  self->version = MAX (self->version, other->version);
  if (self->link == NULL)
    self->link = g_steal_pointer (&other->link);

  for (guint i = other->groups->len; i > 0; i--)
    if (!has_group (self, g_ptr_array_index (other->groups, i - 1)))
      g_ptr_array_add (self->groups, g_ptr_array_steal_index (other->groups, i - 1));

  for (guint i = other->tray->len; i > 0; i--)
    if (!has_entry (self, g_ptr_array_index (other->tray, i - 1)))
      g_ptr_array_add (self->tray, g_ptr_array_steal_index (other->tray, i - 1));

  g_ptr_array_sort (self->groups, compare_groups);
}
