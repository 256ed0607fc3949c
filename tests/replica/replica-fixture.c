/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "replica-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#include "records/satchel-error.h"
#include "records/satchel-id.h"
#include "test-record.h"

void
fixture_set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("satchel-test-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->folder, "replica.db", NULL);
  self->vocabulary = satchel_test_vocabulary_new ();
  self->account = satchel_vocabulary_lookup (self->vocabulary, "account");
  self->specimen = satchel_vocabulary_lookup (self->vocabulary, "specimen");
  self->replica = satchel_replica_open (self->path, self->vocabulary, SATCHEL_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_no_errno (g_remove (path));
    }

  g_assert_no_errno (g_rmdir (folder));
}

void
fixture_tear_down (Fixture *self, gconstpointer data)
{
  if (self->replica != NULL)
    {
      satchel_replica_close (self->replica);
      g_assert_finalize_object (self->replica);
    }

  remove_folder (self->folder);
  g_free (self->folder);
  g_free (self->path);
  satchel_vocabulary_free (self->vocabulary);
}

void
fixture_reopen (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  g_clear_object (&self->replica);
  self->replica = satchel_replica_open (self->path, self->vocabulary, SATCHEL_OPEN_MUST_EXIST, &error);
  g_assert_no_error (error);
}

/* ---- Records -------------------------------------------------------------------------------------- */

static SatchelRecord *
make_record (Fixture *self, const char *type, const char *id, va_list fields)
{
  g_autofree char *own_id = id == NULL ? satchel_id_new () : NULL;
  SatchelRecord *record = satchel_record_new (satchel_vocabulary_lookup (self->vocabulary, type),
                                              id != NULL ? id : own_id);

  test_record_set_fields (record, fields);

  return record;
}

SatchelRecord *
fixture_record (Fixture *self, const char *type, const char *id, ...)
{
  SatchelRecord *record;
  va_list fields;

  va_start (fields, id);
  record = make_record (self, type, id, fields);
  va_end (fields);

  return record;
}

void
fixture_commit (Fixture *self, SatchelEdit *edit)
{
  g_autoptr (GError) error = NULL;

  satchel_replica_commit (self->replica, edit, NULL, &error);
  g_assert_no_error (error);
}

char *
fixture_create (Fixture *self, const char *type, ...)
{
  g_autoptr (SatchelRecord) record = NULL;
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  va_list fields;

  va_start (fields, type);
  record = make_record (self, type, NULL, fields);
  va_end (fields);

  satchel_edit_create (edit, record);
  fixture_commit (self, edit);

  return g_strdup (satchel_record_get_id (record));
}

void
fixture_change (Fixture *self, const char *id, ...)
{
  g_autoptr (SatchelRecord) seen = fixture_get (self, id);
  g_autoptr (SatchelRecord) changed = satchel_record_copy (seen);
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  va_list fields;

  va_start (fields, id);
  test_record_set_fields (changed, fields);
  va_end (fields);

  satchel_edit_update (edit, seen, changed);
  fixture_commit (self, edit);
}

void
fixture_delete (Fixture *self, const char *id)
{
  g_autoptr (SatchelRecord) seen = fixture_get (self, id);
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();

  satchel_edit_delete (edit, seen);
  fixture_commit (self, edit);
}

SatchelRecord *
fixture_get (Fixture *self, const char *id)
{
  g_autoptr (GError) error = NULL;
  SatchelRecord *record = satchel_replica_get (self->replica, id, &error);

  g_assert_no_error (error);

  return record;
}

gboolean
fixture_has (Fixture *self, const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelRecord) record = satchel_replica_get (self->replica, id, &error);

  if (record == NULL)
    g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_NOT_FOUND);

  return record != NULL;
}

char *
fixture_dup_text (Fixture *self, const char *id, const char *field)
{
  g_autoptr (SatchelRecord) record = fixture_get (self, id);
  guint index = 0;

  g_assert_true (satchel_type_lookup_field (satchel_record_get_record_type (record), field, &index));

  return satchel_value_to_text (satchel_type_get_field (satchel_record_get_record_type (record), index),
                                satchel_record_get_value (record, index));
}

void
fixture_assert_text (Fixture *self, const char *id, const char *field, const char *expected)
{
  g_autofree char *text = fixture_dup_text (self, id, field);

  g_assert_cmpstr (text, ==, expected);
}

/* ---- Work ----------------------------------------------------------------------------------------- */

GPtrArray *
fixture_take_groups (Fixture *self, guint max_groups)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) outgoing = satchel_replica_take_groups (self->replica, 0, max_groups, G_MAXSIZE, &error);
  GPtrArray *groups = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_group_free);

  g_assert_no_error (error);
  for (guint i = 0; i < outgoing->len; i++)
    {
      const SatchelOutgoing *sent = g_ptr_array_index (outgoing, i);
      g_autoptr (JsonNode) node = satchel_json_parse (sent->text, -1, 32, &error);
      SatchelGroup *group;

      g_assert_no_error (error);
      group = satchel_group_from_json (json_node_get_object (node), &error);
      g_assert_no_error (error);
      g_assert_cmpint (group->n, ==, sent->n);
      g_ptr_array_add (groups, group);
    }

  return groups;
}

guint
fixture_count_pending (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = satchel_replica_list_pending (self->replica, &error);

  g_assert_no_error (error);

  return list->len;
}

guint
fixture_count_tray (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = satchel_replica_list_tray (self->replica, &error);

  g_assert_no_error (error);

  return list->len;
}

/* ---- A server ------------------------------------------------------------------------------------- */

Page *
page_new (Fixture *fixture)
{
  Page *self = g_new0 (Page, 1);

  self->fixture = fixture;
  self->delivery = satchel_delivery_new (fixture->replica);
  self->end = (SatchelDeliveryEnd) { .cursor = "1", .epoch = "e" };

  return self;
}

void
page_free (Page *self)
{
  g_clear_pointer (&self->delivery, satchel_delivery_free);
  g_free (self);
}

void
page_put (Page *self, const SatchelRecord *record, const char *rev)
{
  page_put_in (self, record, rev, PAGE_BUCKET);
}

void
page_put_in (Page *self, const SatchelRecord *record, const char *rev, const char *bucket)
{
  g_autoptr (SatchelRecord) put = satchel_record_copy (record);
  g_autoptr (JsonObject) wire = NULL;
  g_autoptr (GError) error = NULL;

  satchel_record_set_rev (put, rev);
  satchel_record_set_bucket (put, bucket);
  if (satchel_record_get_created_at (put) == NULL)
    satchel_record_set_created (put, "2026-01-01T00:00:00.000Z", NULL);

  wire = satchel_record_to_wire (put);
  satchel_delivery_add_put (self->delivery, wire, &error);
  g_assert_no_error (error);
}

void
page_put_text (Page *self, const char *text)
{
  g_autoptr (GError) error = NULL;

  satchel_delivery_add_put_text (self->delivery, text, strlen (text), &error);
  g_assert_no_error (error);
}

void
page_outcome (Page *self, gint64 n, const char *result, const char *code, const char *mutations)
{
  SatchelOutcome *outcome = g_new0 (SatchelOutcome, 1);

  outcome->n = n;
  outcome->result = g_strdup (result);
  outcome->code = g_strdup (code);
  outcome->reason = code != NULL ? g_strdup ("That is not for you to change.") : NULL;
  outcome->mutations = mutations != NULL ? json_from_string (mutations, NULL) : NULL;
  satchel_delivery_add_outcome (self->delivery, outcome);
}

void
page_stage (Page *self)
{
  g_autoptr (GError) error = NULL;

  satchel_delivery_stage (self->delivery, &error);
  g_assert_no_error (error);
}

static void
apply (Page *self)
{
  g_autoptr (GError) error = NULL;

  satchel_delivery_apply (self->delivery, &self->end, &self->result, &error);
  g_assert_no_error (error);
}

void
page_apply (Page *self, gint64 applied_through)
{
  self->end.applied_through = applied_through;
  apply (self);
  page_free (self);
}

void
page_arrive (Page *self)
{
  self->end.arriving = TRUE;
  apply (self);
  page_free (self);
}

void
fixture_land (Fixture *self, const SatchelRecord *record, const char *rev)
{
  Page *page = page_new (self);

  page_put (page, record, rev);
  page_apply (page, 0);
}

SatchelRecord *
fixture_given (Fixture *self, const char *type, ...)
{
  SatchelRecord *record;
  va_list fields;

  va_start (fields, type);
  record = make_record (self, type, NULL, fields);
  va_end (fields);

  fixture_land (self, record, "e.1");

  return record;
}

void
fixture_settle (Fixture *self, gint64 n, const SatchelRecord *record, const char *rev)
{
  Page *page = page_new (self);

  page_put (page, record, rev);
  page_outcome (page, n, "applied", NULL, NULL);
  page_apply (page, n);
}

char *
join_titles (GPtrArray *records)
{
  GString *titles = g_string_new (NULL);

  for (guint i = 0; i < records->len; i++)
    {
      g_autofree char *title = satchel_record_dup_title (g_ptr_array_index (records, i));

      g_string_append_printf (titles, "%s%s", i > 0 ? "," : "", title);
    }

  return g_string_free_and_steal (titles);
}
