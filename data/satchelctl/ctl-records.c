/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Records: add, set, delete, restore, show, list, search. */

#include "satchel-config.h"

#include "ctl-private.h"

#include <stdio.h>

#include <glib/gi18n-lib.h>

#include "client/satchel-connection.h"
#include "client/satchel-token-store.h"
#include "records/satchel-error.h"
#include "records/satchel-id.h"

/* add */

static gboolean
fill (Ctl *ctl, SatchelRecord *record, const GPtrArray *assignments, GError **error)
{
  const SatchelType *type = satchel_record_get_record_type (record);

  for (guint i = 0; i < assignments->len; i++)
    {
      const CtlAssignment *assignment = g_ptr_array_index (assignments, i);
      const SatchelField *field = satchel_type_find_field (type, assignment->field, error);
      g_autofree char *value = NULL;

      if (field == NULL || (value = ctl_resolve_value (ctl, field, assignment->value, error)) == NULL ||
          !satchel_record_set_from_text (record, field->name, value, error))
        return FALSE;
    }

  return TRUE;
}

static CtlExit
run_add (Ctl *ctl, GError **error)
{
  const SatchelType *type;
  g_autoptr (GPtrArray) assignments = NULL;
  g_autoptr (SatchelRecord) record = NULL;
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autofree char *new_id = NULL;

  if (!ctl_check_args (ctl, 1, G_MAXUINT, error) ||
      (type = satchel_vocabulary_find (ctl->vocabulary, ctl->args[0], error)) == NULL ||
      (assignments = ctl_parse_assignments (ctl->args + 1, error)) == NULL || !ctl_open_replica (ctl, FALSE, error))
    return CTL_FAILED;

  new_id = satchel_id_new ();
  record = satchel_record_new (type, new_id);
  if (!fill (ctl, record, assignments, error))
    return CTL_FAILED;

  satchel_edit_create (edit, record);
  if (!satchel_replica_commit (ctl->replica, edit, NULL, error))
    return CTL_FAILED;

  puts (new_id);
  return CTL_DONE;
}

/* set */

static gboolean
change_members (SatchelEdit *edit, const SatchelRecord *seen, const CtlAssignment *assignment, GError **error)
{
  g_auto (GStrv) members = g_strsplit (assignment->value, ",", -1);

  for (guint i = 0; members[i] != NULL; i++)
    g_strstrip (members[i]);

  if (assignment->operation == '+')
    return satchel_edit_add_members (edit, seen, assignment->field, (const char *const *) members, error);

  return satchel_edit_remove_members (edit, seen, assignment->field, (const char *const *) members, error);
}

static gboolean
change_fields (Ctl *ctl, SatchelEdit *edit, const SatchelRecord *seen, const GPtrArray *assignments, GError **error)
{
  const SatchelType *type = satchel_record_get_record_type (seen);
  g_autoptr (SatchelRecord) changed = satchel_record_copy (seen);

  for (guint i = 0; i < assignments->len; i++)
    {
      const CtlAssignment *assignment = g_ptr_array_index (assignments, i);
      const SatchelField *field = satchel_type_find_field (type, assignment->field, error);
      g_autofree char *value = NULL;

      if (field == NULL)
        return FALSE;
      if (assignment->operation != '=')
        {
          if (!change_members (edit, seen, assignment, error))
            return FALSE;
          continue;
        }
      if ((value = ctl_resolve_value (ctl, field, assignment->value, error)) == NULL ||
          !satchel_record_set_from_text (changed, field->name, value, error))
        return FALSE;
    }

  satchel_edit_update (edit, seen, changed);
  return TRUE;
}

static CtlExit
run_set (Ctl *ctl, GError **error)
{
  g_autoptr (GPtrArray) assignments = NULL;
  g_autoptr (SatchelRecord) seen = NULL;
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();

  if (!ctl_check_args (ctl, 2, G_MAXUINT, error) ||
      (assignments = ctl_parse_assignments (ctl->args + 1, error)) == NULL || !ctl_open_replica (ctl, TRUE, error) ||
      (seen = ctl_get_record (ctl, ctl->args[0], error)) == NULL ||
      !change_fields (ctl, edit, seen, assignments, error))
    return CTL_FAILED;

  if (!satchel_edit_is_empty (edit) && !satchel_replica_commit (ctl->replica, edit, NULL, error))
    return CTL_FAILED;

  return CTL_DONE;
}

/* delete, restore */

static CtlExit
run_on_one (Ctl *ctl, void (*change) (SatchelEdit *, const SatchelRecord *), GError **error)
{
  g_autoptr (SatchelRecord) seen = NULL;
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();

  if (!ctl_check_args (ctl, 1, 1, error) || !ctl_open_replica (ctl, TRUE, error) ||
      (seen = ctl_get_record (ctl, ctl->args[0], error)) == NULL)
    return CTL_FAILED;

  change (edit, seen);
  return satchel_replica_commit (ctl->replica, edit, NULL, error) ? CTL_DONE : CTL_FAILED;
}

static CtlExit
run_delete (Ctl *ctl, GError **error)
{
  return run_on_one (ctl, satchel_edit_delete, error);
}

static CtlExit
run_restore (Ctl *ctl, GError **error)
{
  return run_on_one (ctl, satchel_edit_restore, error);
}

/* show */

static gboolean show_history;

static GOptionEntry show_options[] = {
  { "history", 0, 0, G_OPTION_ARG_NONE, &show_history, N_ ("What was changed, when and by whom; asks the server"),
   NULL },
  G_OPTION_ENTRY_NULL,
};

static SatchelConnection *
connect_signed_in (Ctl *ctl, GError **error)
{
  g_autoptr (SatchelLink) link = satchel_replica_get_link (ctl->replica, error);
  g_autoptr (SatchelConnection) connection = NULL;
  g_autofree char *token = NULL;

  if (link == NULL)
    return NULL;
  if (link->server == NULL)
    {
      g_set_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_NOT_CONNECTED,
                   _ ("These accounts are not connected to a server. Use “enroll” first."));
      return NULL;
    }

  token = satchel_token_store_load (link->device_id, NULL, NULL);
  connection = satchel_connection_new (link->server, link->ca_file, error);
  if (connection != NULL)
    satchel_connection_set_token (connection, token);

  return g_steal_pointer (&connection);
}

static const char *
get_member (JsonObject *object, const char *name)
{
  return json_object_get_string_member_with_default (object, name, "");
}

static char *
dup_member_text (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node == NULL ? g_strdup ("") : json_to_string (node, FALSE);
}

static void
print_change (Ctl *ctl, JsonObject *change)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (SatchelRecord) author = NULL;
  g_autofree char *name = NULL;

  if (ctl->json)
    {
      ctl_print_json_object (change);
      return;
    }

  before = dup_member_text (change, "old");
  after = dup_member_text (change, "new");
  author = satchel_replica_get (ctl->replica, get_member (change, "by"), NULL);
  name = author == NULL ? g_strdup (get_member (change, "by")) : satchel_record_dup_title (author);
  printf ("%s\t%s\t%s\t%s\t%s → %s\n", get_member (change, "at"), name, get_member (change, "kind"),
          get_member (change, "unit"), before, after);
}

static CtlExit
print_history (Ctl *ctl, const SatchelRecord *record, GError **error)
{
  const SatchelType *type = satchel_record_get_record_type (record);
  g_autoptr (SatchelConnection) connection = connect_signed_in (ctl, error);
  g_autoptr (GPtrArray) changes = NULL;

  if (connection == NULL)
    return CTL_FAILED;

  changes = satchel_connection_get_history (connection, satchel_type_get_name (type), satchel_record_get_id (record),
                                            NULL, error);
  if (changes == NULL)
    return CTL_FAILED;

  for (guint i = 0; i < changes->len; i++)
    print_change (ctl, g_ptr_array_index (changes, i));

  return CTL_DONE;
}

static CtlExit
run_show (Ctl *ctl, GError **error)
{
  g_autoptr (SatchelRecord) record = NULL;

  if (!ctl_check_args (ctl, 1, 1, error) || !ctl_open_replica (ctl, TRUE, error) ||
      (record = ctl_get_record (ctl, ctl->args[0], error)) == NULL)
    return CTL_FAILED;

  if (show_history)
    return print_history (ctl, record, error);

  ctl_print_record (ctl, record);
  return CTL_DONE;
}

/* list */

static char **list_where;
static char *list_sort;
static int list_limit = -1;
static gboolean list_csv;

static GOptionEntry list_options[] = {
  { "where", 0, 0, G_OPTION_ARG_STRING_ARRAY, &list_where, N_ ("Only those with this value"),                     N_ ("FIELD=VALUE") },
  { "sort",  0, 0, G_OPTION_ARG_STRING,       &list_sort,  N_ ("In the order of a field; -FIELD: from the last"),
   N_ ("FIELD")                                                                                                                      },
  { "limit", 0, 0, G_OPTION_ARG_INT,          &list_limit, N_ ("At most so many"),                                N_ ("N")           },
  { "csv",   0, 0, G_OPTION_ARG_NONE,         &list_csv,   N_ ("Print as CSV with a header"),                     NULL               },
  G_OPTION_ENTRY_NULL,
};

static gboolean
add_condition (Ctl *ctl, SatchelQuery *query, const CtlAssignment *condition, GError **error)
{
  const SatchelType *type = satchel_query_get_record_type (query);
  g_autofree char *value = g_strdup (condition->value);
  guint index;

  if (satchel_type_lookup_field (type, condition->field, &index))
    {
      g_free (value);
      value = ctl_resolve_value (ctl, satchel_type_get_field (type, index), condition->value, error);
    }

  return value != NULL && satchel_query_where_text (query, condition->field, value, error);
}

static SatchelQuery *
make_query (Ctl *ctl, const SatchelType *type, GError **error)
{
  g_autoptr (SatchelQuery) query = satchel_query_new (type);
  g_autoptr (GPtrArray) conditions = ctl_parse_assignments (list_where, error);
  gboolean descending = list_sort != NULL && *list_sort == '-';

  if (conditions == NULL)
    return NULL;

  for (guint i = 0; i < conditions->len; i++)
    if (!add_condition (ctl, query, g_ptr_array_index (conditions, i), error))
      return NULL;

  if (list_sort != NULL && !satchel_query_set_sort (query, list_sort + descending, descending, error))
    return NULL;

  return g_steal_pointer (&query);
}

static gboolean
print_page (Ctl *ctl, GPtrArray *records, gpointer data, GError **error)
{
  for (guint i = 0; i < records->len; i++)
    ctl_print_record_line (ctl, g_ptr_array_index (records, i));

  return TRUE;
}

static CtlExit
run_list (Ctl *ctl, GError **error)
{
  const SatchelType *type;
  guint64 limit = list_limit < 0 ? G_MAXUINT64 : (guint64) list_limit;
  g_autoptr (SatchelQuery) query = NULL;
  g_autoptr (SatchelCsvWriter) writer = NULL;

  if (!ctl_check_args (ctl, 1, 1, error) ||
      (type = satchel_vocabulary_find (ctl->vocabulary, ctl->args[0], error)) == NULL ||
      !ctl_open_replica (ctl, TRUE, error) || (query = make_query (ctl, type, error)) == NULL)
    return CTL_FAILED;

  if (!list_csv)
    return ctl_foreach_page (ctl, query, limit, print_page, NULL, error) ? CTL_DONE : CTL_FAILED;

  writer = ctl_csv_writer_for_stdout (type);
  return ctl_foreach_page (ctl, query, limit, ctl_write_csv_page, writer, error) &&
                 satchel_csv_writer_finish (writer, error)
             ? CTL_DONE
             : CTL_FAILED;
}

/* search */

static char *search_type;
static int search_limit = 50;

static GOptionEntry search_options[] = {
  { "type",  0, 0, G_OPTION_ARG_STRING, &search_type,  N_ ("Look only in this type"), N_ ("TYPE") },
  { "limit", 0, 0, G_OPTION_ARG_INT,    &search_limit, N_ ("At most so many (50)"),   N_ ("N")    },
  G_OPTION_ENTRY_NULL,
};

static CtlExit
run_search (Ctl *ctl, GError **error)
{
  const SatchelType *types[2] = { NULL, NULL };
  g_autoptr (GPtrArray) found = NULL;
  g_autofree char *text = NULL;

  if (!ctl_check_args (ctl, 1, G_MAXUINT, error) ||
      (search_type != NULL && (types[0] = satchel_vocabulary_find (ctl->vocabulary, search_type, error)) == NULL) ||
      !ctl_open_replica (ctl, TRUE, error))
    return CTL_FAILED;

  text = g_strjoinv (" ", ctl->args);
  found = satchel_replica_search (ctl->replica, text, search_type == NULL ? NULL : types, (guint) MAX (search_limit, 0),
                                  error);
  if (found == NULL)
    return CTL_FAILED;

  if (found->len == 0)
    ctl_say (_ ("Nothing found for “%s”."), text);
  print_page (ctl, found, NULL, NULL);
  return found->len == 0 ? CTL_FAILED : CTL_DONE;
}

const CtlCommand ctl_records_commands[] = {
  { "add", "TYPE FIELD=VALUE…", N_ ("Adds one and prints its id"), NULL, run_add },
  { "set", "ID FIELD=VALUE… FIELD+=V FIELD-=V", N_ ("Changes fields; FIELD= clears, += and -= change sets"), NULL,
   run_set },
  { "delete", "ID", N_ ("Puts it into the bin"), NULL, run_delete },
  { "restore", "ID", N_ ("Takes it back out of the bin"), NULL, run_restore },
  { "show", "ID", N_ ("Shows all of it"), show_options, run_show },
  { "list", "TYPE", N_ ("Lists those of a type"), list_options, run_list },
  { "search", "TEXT", N_ ("Finds text anywhere, telephone numbers in any spacing"), search_options, run_search },
  { NULL },
};
