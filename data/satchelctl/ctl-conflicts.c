/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What waits for a person: conflicts, resolve, tray. */

#include "satchel-config.h"

#include "ctl-private.h"

#include <stdio.h>

#include <glib/gi18n-lib.h>

#include "records/satchel-error.h"

/* conflicts */

static SatchelRecord *
get_target (Ctl *ctl, const SatchelRecord *conflict, GError **error)
{
  return satchel_replica_get (ctl->replica, satchel_record_get_text (conflict, "target_id"), error);
}

static JsonObject *
dup_current (Ctl *ctl, const SatchelRecord *conflict)
{
  g_autoptr (SatchelRecord) target = get_target (ctl, conflict, NULL);
  const char *unit = satchel_record_get_text (conflict, "unit");
  JsonObject *deleted;

  if (target == NULL)
    return json_object_new ();
  if (!g_str_equal (unit, "deleted"))
    return satchel_record_dup_unit (target, unit);

  deleted = json_object_new ();
  json_object_set_boolean_member (deleted, "deleted", satchel_record_get_deleted_at (target) != NULL);
  return deleted;
}

static JsonArray *
get_values (const SatchelRecord *conflict, JsonNode **parsed)
{
  const char *text = satchel_record_get_text (conflict, "values");

  *parsed = text == NULL ? NULL : satchel_json_parse (text, -1, 32, NULL);
  return *parsed != NULL && JSON_NODE_HOLDS_ARRAY (*parsed) ? json_node_get_array (*parsed) : NULL;
}

static void
print_line (const char *label, JsonNode *node)
{
  g_autofree char *text = node == NULL ? g_strdup ("") : json_to_string (node, FALSE);

  printf ("  %-9s %s\n", label, text);
}

static void
print_conflict_text (Ctl *ctl, const SatchelRecord *conflict, JsonObject *current)
{
  g_autoptr (SatchelRecord) target = get_target (ctl, conflict, NULL);
  g_autofree char *title = target == NULL ? NULL : satchel_record_dup_title (target);
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), current);
  g_autoptr (JsonNode) parsed = NULL;
  JsonArray *values = get_values (conflict, &parsed);

  printf ("%s\t%s\t%s\t%s\n", satchel_record_get_id (conflict), satchel_record_get_text (conflict, "target_type"),
          title == NULL ? satchel_record_get_text (conflict, "target_id") : title,
          satchel_record_get_text (conflict, "unit"));
  print_line (_ ("current"), node);
  for (guint i = 0; values != NULL && i < json_array_get_length (values); i++)
    {
      JsonObject *value = json_array_get_object_element (values, i);
      g_autofree char *number = g_strdup_printf ("%u", i + 1);

      print_line (number, json_object_get_member (value, "fields"));
    }
}

static void
print_conflict (Ctl *ctl, const SatchelRecord *conflict)
{
  g_autoptr (JsonObject) current = dup_current (ctl, conflict);
  g_autoptr (JsonNode) node = NULL;

  if (!ctl->json)
    {
      print_conflict_text (ctl, conflict, current);
      return;
    }

  node = satchel_record_to_json (conflict);
  json_object_set_object_member (json_node_get_object (node), "current", json_object_ref (current));
  ctl_print_json (node);
}

static CtlExit
run_conflicts (Ctl *ctl, GError **error)
{
  g_autoptr (GPtrArray) conflicts = NULL;

  if (!ctl_check_args (ctl, 0, 0, error) || !ctl_open_replica (ctl, TRUE, error) ||
      (conflicts = satchel_replica_list_conflicts (ctl->replica, error)) == NULL)
    return CTL_FAILED;

  for (guint i = 0; i < conflicts->len; i++)
    print_conflict (ctl, g_ptr_array_index (conflicts, i));

  return ctl_exit_of_waiting (ctl, error);
}

/* resolve */

static char *resolve_keep;
static char **resolve_value;

static GOptionEntry resolve_options[] = {
  { "keep",  0, 0, G_OPTION_ARG_STRING,       &resolve_keep,  N_ ("“current”, or the number of one of its values"),
   N_ ("WHICH")                                                                                                                        },
  { "value", 0, 0, G_OPTION_ARG_STRING_ARRAY, &resolve_value, N_ ("Another value"),                                 N_ ("FIELD=VALUE") },
  G_OPTION_ENTRY_NULL,
};

static gboolean
lay_assignments (Ctl *ctl, SatchelRecord *target, char **words, GError **error)
{
  const SatchelType *type = satchel_record_get_record_type (target);
  g_autoptr (GPtrArray) assignments = ctl_parse_assignments (words, error);

  if (assignments == NULL)
    return FALSE;

  for (guint i = 0; i < assignments->len; i++)
    {
      const CtlAssignment *assignment = g_ptr_array_index (assignments, i);
      const SatchelField *field = satchel_type_find_field (type, assignment->field, error);
      g_autofree char *value = NULL;

      if (field == NULL || (value = ctl_resolve_value (ctl, field, assignment->value, error)) == NULL ||
          !satchel_record_set_from_text (target, field->name, value, error))
        return FALSE;
    }

  return TRUE;
}

/* The words of --value, and those after them. */
static char **
dup_value_words (Ctl *ctl)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();

  g_strv_builder_addv (words, (const char **) resolve_value);
  g_strv_builder_addv (words, (const char **) ctl->args + 1);
  return g_strv_builder_end (words);
}

static gboolean
resolve_with_value (Ctl *ctl, SatchelEdit *edit, const SatchelRecord *conflict, const SatchelRecord *target,
                    GError **error)
{
  g_autoptr (SatchelRecord) wanted = satchel_record_copy (target);
  g_auto (GStrv) words = dup_value_words (ctl);
  g_autoptr (JsonObject) value = NULL;

  if (!lay_assignments (ctl, wanted, words, error))
    return FALSE;

  value = satchel_record_dup_unit (wanted, satchel_record_get_text (conflict, "unit"));
  return satchel_edit_resolve_with (edit, conflict, target, value, error);
}

static gboolean
resolve_keeping (SatchelEdit *edit, const SatchelRecord *conflict, const SatchelRecord *target, GError **error)
{
  guint64 number;

  if (g_str_equal (resolve_keep, "current"))
    {
      satchel_edit_resolve_keep_current (edit, conflict, target);
      return TRUE;
    }
  if (!g_ascii_string_to_unsigned (resolve_keep, 10, 1, G_MAXUINT16, &number, NULL))
    {
      g_set_error (error, CTL_USAGE_ERROR, 0, _ ("--keep takes “current” or the number of a value, not “%s”."),
                   resolve_keep);
      return FALSE;
    }

  return satchel_edit_resolve_keep_value (edit, conflict, target, (guint) number, error);
}

static SatchelRecord *
get_open_conflict (Ctl *ctl, const char *id, GError **error)
{
  g_autoptr (SatchelRecord) conflict = ctl_get_record (ctl, id, error);

  if (conflict == NULL)
    return NULL;
  if (!g_str_equal (satchel_type_get_name (satchel_record_get_record_type (conflict)), "conflict"))
    g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_NOT_FOUND, _ ("%s is not a conflict."), id);
  else if (g_strcmp0 (satchel_record_get_text (conflict, "state"), "open") != 0)
    g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_NOT_FOUND, _ ("This conflict is settled already."));
  else
    return g_steal_pointer (&conflict);

  return NULL;
}

static gboolean
check_resolve_usage (Ctl *ctl, GError **error)
{
  if (!ctl_check_args (ctl, 1, resolve_value == NULL ? 1 : G_MAXUINT, error))
    return FALSE;
  if ((resolve_keep == NULL) != (resolve_value == NULL))
    return TRUE;

  g_set_error (error, CTL_USAGE_ERROR, 0, _ ("Say either --keep or --value."));
  return FALSE;
}

static CtlExit
run_resolve (Ctl *ctl, GError **error)
{
  g_autoptr (SatchelRecord) conflict = NULL;
  g_autoptr (SatchelRecord) target = NULL;
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();

  if (!check_resolve_usage (ctl, error) || !ctl_open_replica (ctl, TRUE, error) ||
      (conflict = get_open_conflict (ctl, ctl->args[0], error)) == NULL ||
      (target = get_target (ctl, conflict, error)) == NULL)
    return CTL_FAILED;

  if (resolve_keep != NULL ? !resolve_keeping (edit, conflict, target, error)
                           : !resolve_with_value (ctl, edit, conflict, target, error))
    return CTL_FAILED;
  if (!satchel_replica_commit (ctl->replica, edit, NULL, error))
    return CTL_FAILED;

  return ctl_exit_of_waiting (ctl, error);
}

/* tray */

static JsonArray *
mutations_to_json (const GPtrArray *mutations)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < mutations->len; i++)
    json_array_add_object_element (array, satchel_mutation_to_json (g_ptr_array_index (mutations, i)));

  return array;
}

static void
print_work_json (const SatchelWork *work)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "id", work->id);
  json_object_set_string_member (object, "reason", work->reason);
  json_object_set_string_member (object, "code", work->code);
  json_object_set_string_member (object, "at", work->at);
  json_object_set_boolean_member (object, "strict", work->strict);
  json_object_set_array_member (object, "mutations", mutations_to_json (work->mutations));
  ctl_print_json_object (object);
}

static void
print_work (Ctl *ctl, const SatchelWork *work)
{
  if (ctl->json)
    {
      print_work_json (work);
      return;
    }

  printf ("%s\t%s\n", work->id, work->reason);
  for (guint i = 0; i < work->mutations->len; i++)
    ctl_print_mutation (ctl, g_ptr_array_index (work->mutations, i));
}

static CtlExit
list_tray (Ctl *ctl, GError **error)
{
  g_autoptr (GPtrArray) tray = satchel_replica_list_tray (ctl->replica, error);

  if (tray == NULL)
    return CTL_FAILED;

  for (guint i = 0; i < tray->len; i++)
    print_work (ctl, g_ptr_array_index (tray, i));

  return ctl_exit_of_waiting (ctl, error);
}

static CtlExit
run_tray (Ctl *ctl, GError **error)
{
  const char *verb = ctl_count_args (ctl) > 0 ? ctl->args[0] : NULL;
  gboolean retry = g_strcmp0 (verb, "retry") == 0;

  if (verb != NULL && !retry && !g_str_equal (verb, "drop"))
    {
      g_set_error (error, CTL_USAGE_ERROR, 0, _ ("“tray” takes retry or drop, not “%s”."), verb);
      return CTL_USAGE;
    }
  if (verb != NULL && !ctl_check_args (ctl, 2, 2, error))
    return CTL_USAGE;
  if (!ctl_open_replica (ctl, TRUE, error))
    return CTL_FAILED;
  if (verb == NULL)
    return list_tray (ctl, error);
  if (retry ? !satchel_replica_tray_retry (ctl->replica, ctl->args[1], error)
            : !satchel_replica_tray_drop (ctl->replica, ctl->args[1], error))
    return CTL_FAILED;

  return ctl_exit_of_waiting (ctl, error);
}

const CtlCommand ctl_conflict_commands[] = {
  { "conflicts", "", N_ ("Lists what two people changed differently"), NULL, run_conflicts },
  { "resolve", "CONFLICT --keep current | --keep N | --value FIELD=VALUE…", N_ ("Settles a conflict"), resolve_options,
   run_resolve },
  { "tray", "[retry ID | drop ID]", N_ ("Lists what the server refused, sends it again or lets it go"), NULL,
   run_tray },
  { NULL },
};
