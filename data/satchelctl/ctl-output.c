/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is printed: data on standard output, one record a line or one field a line. */

#include "satchel-config.h"

#include "ctl-private.h"

#include <stdio.h>
#include <unistd.h>

#include <gio/gunixoutputstream.h>
#include <glib/gi18n-lib.h>

#define PAGE_SIZE 1000

void
ctl_print_json (JsonNode *node)
{
  g_autofree char *text = json_to_string (node, FALSE);

  puts (text);
}

void
ctl_print_json_object (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);

  ctl_print_json (node);
}

static const char *
find_currency (const SatchelRecord *record)
{
  const SatchelType *type = satchel_record_get_record_type (record);

  return satchel_type_lookup_field (type, "currency", NULL) ? satchel_record_get_text (record, "currency") : NULL;
}

static char *
display_reference (Ctl *ctl, const char *id)
{
  g_autoptr (SatchelRecord) target = satchel_replica_get (ctl->replica, id, NULL);
  g_autofree char *title = target == NULL ? NULL : satchel_record_dup_title (target);

  return title == NULL ? g_strdup (id) : g_strdup_printf ("%s (%s)", title, id);
}

static char *
display_value (Ctl *ctl, const SatchelRecord *record, guint index)
{
  const SatchelField *field = satchel_type_get_field (satchel_record_get_record_type (record), index);
  const SatchelValue *value = satchel_record_get_value (record, index);

  if (field->kind == SATCHEL_KIND_REFERENCE)
    return display_reference (ctl, value->text);

  return satchel_value_to_display (field, value, find_currency (record));
}

static void
print_pair (const char *name, const char *value)
{
  if (value != NULL)
    printf ("%-18s %s\n", name, value);
}

static void
print_fields (Ctl *ctl, const SatchelRecord *record)
{
  const SatchelType *type = satchel_record_get_record_type (record);

  for (guint i = 0; i < satchel_type_get_n_fields (type); i++)
    {
      g_autofree char *text = NULL;

      if (satchel_value_is_null (satchel_record_get_value (record, i)))
        continue;

      text = display_value (ctl, record, i);
      print_pair (satchel_type_get_field (type, i)->name, text);
    }
}

void
ctl_print_record (Ctl *ctl, const SatchelRecord *record)
{
  if (ctl->json)
    {
      g_autoptr (JsonNode) node = satchel_record_to_json (record);

      ctl_print_json (node);
      return;
    }

  print_pair ("id", satchel_record_get_id (record));
  print_pair ("type", satchel_type_get_name (satchel_record_get_record_type (record)));
  print_fields (ctl, record);
  print_pair ("extra", satchel_record_get_extra (record));
  print_pair ("rev", satchel_record_get_rev (record));
  print_pair ("created_at", satchel_record_get_created_at (record));
  print_pair ("updated_at", satchel_record_get_updated_at (record));
  print_pair ("deleted_at", satchel_record_get_deleted_at (record));
  print_pair ("pending", satchel_record_get_pending (record) ? _ ("yes, not sent yet") : NULL);
}

void
ctl_print_record_line (Ctl *ctl, const SatchelRecord *record)
{
  g_autofree char *title = NULL;

  if (ctl->json)
    {
      ctl_print_record (ctl, record);
      return;
    }

  title = satchel_record_dup_title (record);
  printf ("%s\t%s\t%s\n", satchel_record_get_id (record),
          satchel_type_get_name (satchel_record_get_record_type (record)), title);
}

static void
print_unit_change (const SatchelUnitChange *change)
{
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *value = NULL;
  g_autofree char *added = change->add == NULL ? NULL : g_strjoinv (", ", change->add);
  g_autofree char *removed = change->remove == NULL ? NULL : g_strjoinv (", ", change->remove);

  if (change->value != NULL)
    {
      node = json_node_init_object (json_node_alloc (), change->value);
      value = json_to_string (node, FALSE);
      printf ("    %s: %s\n", change->unit, value);
    }
  if (added != NULL && *added != '\0')
    printf ("    %s: + %s\n", change->unit, added);
  if (removed != NULL && *removed != '\0')
    printf ("    %s: - %s\n", change->unit, removed);
}

void
ctl_print_mutation (Ctl *ctl, const SatchelMutation *mutation)
{
  printf ("  %s %s %s\n", satchel_mutation_kind_to_string (mutation->kind), mutation->type, mutation->id);
  for (guint i = 0; mutation->units != NULL && i < mutation->units->len; i++)
    print_unit_change (g_ptr_array_index (mutation->units, i));
}

gboolean
ctl_foreach_page (Ctl *ctl, SatchelQuery *query, guint64 limit, CtlPageFunc func, gpointer data, GError **error)
{
  g_autoptr (SatchelRecord) last = NULL;

  while (limit > 0)
    {
      guint wanted = (guint) MIN (limit, PAGE_SIZE);
      g_autoptr (GPtrArray) page = satchel_replica_page (ctl->replica, query, last, wanted, error);

      if (page == NULL || !func (ctl, page, data, error))
        return FALSE;
      if (page->len < wanted)
        break;

      limit -= page->len;
      g_clear_pointer (&last, satchel_record_unref);
      last = satchel_record_ref (g_ptr_array_index (page, page->len - 1));
    }

  return TRUE;
}

gboolean
ctl_write_csv_page (Ctl *ctl, GPtrArray *records, gpointer writer, GError **error)
{
  for (guint i = 0; i < records->len; i++)
    if (!satchel_csv_writer_add (writer, g_ptr_array_index (records, i), error))
      return FALSE;

  return TRUE;
}

SatchelCsvWriter *
ctl_csv_writer_for_stdout (const SatchelType *type)
{
  g_autoptr (GOutputStream) output = g_unix_output_stream_new (STDOUT_FILENO, FALSE);

  return satchel_csv_writer_new (type, output);
}
