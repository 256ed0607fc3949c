/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crash-replica.h"

#include <string.h>

#include "records/satchel-error.h"
#include "replica/replica-outbox.h"
#include "replica/replica-overlay.h"
#include "replica/replica-private.h"
#include "replica/replica-spare.h"
#include "test-record.h"

#define FILE_NAME "replica.db"

/* ---- Opening -------------------------------------------------------------------------------------- */

static gboolean
open_replica (CrashSubject *subject, GError **error)
{
  CrashReplica *self = CRASH_REPLICA (subject);
  g_autofree char *path = fault_disk_build_path (subject->disk, FILE_NAME);

  self->replica = satchel_replica_open (path, self->vocabulary, self->flags, error);

  return self->replica != NULL;
}

static void
close_replica (CrashSubject *subject)
{
  CrashReplica *self = CRASH_REPLICA (subject);

  if (self->replica != NULL)
    satchel_replica_close (self->replica);
  g_clear_object (&self->replica);
}

/* ---- What is in it -------------------------------------------------------------------------------- */

/* The search and how far it has got are made anew at will; what is kept is counted once more when a step is done twice. */
static const char *const ignored_tables[] = { "_search*", "sqlite_*", "_unindexed", NULL };
#define IGNORED_ROWS "^(_meta name=(search|indexes|kept)|_bucket) "

/* Each pending group stands in the spare copy. */
static void
assert_spare (CrashReplica *self)
{
  g_autoptr (ReplicaKept) spare = replica_spare_read (satchel_replica_get_path (self->replica));
  g_autoptr (GPtrArray) groups = satchel_replica_list_pending (self->replica, NULL);
  g_autoptr (GHashTable) kept = g_hash_table_new (g_int64_hash, g_int64_equal);

  for (guint i = 0; i < spare->groups->len; i++)
    g_hash_table_add (kept, &((SatchelGroup *) g_ptr_array_index (spare->groups, i))->n);
  for (guint i = 0; i < groups->len; i++)
    g_assert_true (g_hash_table_contains (kept, &((SatchelWork *) g_ptr_array_index (groups, i))->n));
}

/* Each group's hash is that of what it holds and of the one before. */
static void
assert_chain (CrashReplica *self)
{
  g_autoptr (SatchelLink) link = satchel_replica_get_link (self->replica, NULL);
  ReplicaConnection *reader = replica_pool_take (self->replica->readers, NULL);
  g_autoptr (GPtrArray) groups = replica_outbox_read (reader, 0, G_MAXUINT, NULL);
  const char *previous = link->last_hash;

  for (guint i = 0; i < groups->len; i++)
    {
      const SatchelGroup *group = g_ptr_array_index (groups, i);
      g_autofree char *hash = satchel_group_compute_hash (group, previous);

      if (previous != NULL || group->n == 1)
        g_assert_cmpstr (group->hash, ==, hash);
      previous = group->hash;
    }
  replica_pool_give (self->replica->readers, reader);
}

/* Buckets have other numbers when a step was done twice. */
static void
name_buckets (ReplicaConnection *connection, GString *dump)
{
  g_autoptr (ReplicaStatement) statement = replica_query (connection, NULL, "SELECT number, name FROM _bucket", "");

  while (replica_step (statement, NULL) == REPLICA_ROW)
    {
      g_autofree char *number = g_strdup_printf (" _bucket=%s ", replica_column_text (statement, 0));
      g_autofree char *name = g_strdup_printf (" _bucket=%s ", replica_column_text (statement, 1));

      g_string_replace (dump, number, name, 0);
    }
}

static char *
dump_connection (ReplicaConnection *connection)
{
  GString *dump = g_string_new_take (
      crash_dump_tables (replica_connection_get_db (connection), ignored_tables, IGNORED_ROWS));

  name_buckets (connection, dump);

  return g_string_free_and_steal (dump);
}

static gboolean
show_all_anew (ReplicaTransaction *tx, GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  ReplicaStatement *statement = replica_query (tx->connection, error, "SELECT DISTINCT id FROM _mutation", "");
  ReplicaStep step;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    g_ptr_array_add (ids, replica_column_dup_text (statement, 0));
  replica_statement_release (statement);

  for (guint i = 0; i < ids->len; i++)
    if (!replica_overlay_recompute (tx, g_ptr_array_index (ids, i), NULL, NULL, error))
      return FALSE;

  return step == REPLICA_DONE;
}

/* Fails, so that nothing of it stays. */
static gboolean
compare_overlay_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  g_autofree char *before = dump_connection (tx->connection);
  g_autofree char *after = NULL;

  if (!show_all_anew (tx, error))
    return FALSE;
  after = dump_connection (tx->connection);
  g_assert_cmpstr (before, ==, after);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "seen");

  return FALSE;
}

/* The rows as shown are the server's version with the outbox laid over it. */
static void
assert_overlay (CrashReplica *self)
{
  g_autoptr (GError) error = NULL;

  replica_writer_run (self->replica->writer, REPLICA_DURABILITY_NORMAL, compare_overlay_cb, NULL, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* By a connection of its own: one that has checked the search before remembers how it was. */
static char *
dump_replica (CrashSubject *subject)
{
  CrashReplica *self = CRASH_REPLICA (subject);
  g_autoptr (GError) error = NULL;
  g_autoptr (ReplicaConnection) reader = replica_connection_open (satchel_replica_get_path (self->replica),
                                                                  REPLICA_ACCESS_READ, &error);

  g_assert_no_error (error);
  assert_chain (self);
  crash_assert_whole (replica_connection_get_db (reader));

  return dump_connection (reader);
}

static void
verify_replica (CrashSubject *subject)
{
  assert_spare (CRASH_REPLICA (subject));
  assert_overlay (CRASH_REPLICA (subject));
}

const CrashKind crash_replica_kind = {
  .open = open_replica,
  .close = close_replica,
  .dump = dump_replica,
  .verify = verify_replica,
  .get_domain = satchel_data_error_quark,
  .n_chances = 4,
};

/* ---- Steps ---------------------------------------------------------------------------------------- */

static SatchelRecord *
make_record (CrashReplica *self, const char *type, guint id, va_list fields)
{
  SatchelRecord *record = satchel_record_new (satchel_vocabulary_lookup (self->vocabulary, type), crash_id (id));

  test_record_set_fields (record, fields);

  return record;
}

gboolean
crash_create (CrashSubject *self, GError **error, const char *type, guint id, ...)
{
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (SatchelRecord) record = NULL;
  va_list fields;

  va_start (fields, id);
  record = make_record (CRASH_REPLICA (self), type, id, fields);
  va_end (fields);
  satchel_edit_create (edit, record);

  return satchel_replica_commit (CRASH_REPLICA (self)->replica, edit, NULL, error);
}

SatchelRecord *
crash_get (CrashSubject *self, guint id, GError **error)
{
  return satchel_replica_get (CRASH_REPLICA (self)->replica, crash_id (id), error);
}

gboolean
crash_change (CrashSubject *self, GError **error, guint id, ...)
{
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (SatchelRecord) seen = crash_get (self, id, error);
  g_autoptr (SatchelRecord) changed = NULL;
  va_list fields;

  if (seen == NULL)
    return FALSE;

  changed = satchel_record_copy (seen);
  va_start (fields, id);
  test_record_set_fields (changed, fields);
  va_end (fields);
  satchel_edit_update (edit, seen, changed);

  return satchel_replica_commit (CRASH_REPLICA (self)->replica, edit, NULL, error);
}

static gboolean
commit_on (CrashSubject *self, guint id, void (*add) (SatchelEdit *edit, const SatchelRecord *seen), GError **error)
{
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (SatchelRecord) seen = crash_get (self, id, error);

  if (seen == NULL)
    return FALSE;

  add (edit, seen);

  return satchel_replica_commit (CRASH_REPLICA (self)->replica, edit, NULL, error);
}

gboolean
crash_delete (CrashSubject *self, GError **error, guint id)
{
  return commit_on (self, id, satchel_edit_delete, error);
}

gboolean
crash_restore (CrashSubject *self, GError **error, guint id)
{
  return commit_on (self, id, satchel_edit_restore, error);
}

gboolean
crash_link (CrashSubject *self, GError **error, const char *proposed_nonce)
{
  SatchelReplica *replica = CRASH_REPLICA (self)->replica;
  g_autoptr (SatchelLink) link = satchel_replica_get_link (replica, error);

  if (link == NULL)
    return FALSE;

  g_set_str (&link->server, "https://example.com");
  g_set_str (&link->user_id, crash_id (999));
  g_set_str (&link->user_name, "nancy");
  g_set_str (&link->device_id, "device-1");
  g_set_str (&link->proposed_nonce, proposed_nonce);

  return satchel_replica_set_link (replica, link, error);
}

/* ---- Pages ---------------------------------------------------------------------------------------- */

CrashPage *
crash_page_new (CrashSubject *self)
{
  CrashPage *page = g_new0 (CrashPage, 1);

  page->replica = CRASH_REPLICA (self);
  page->delivery = satchel_delivery_new (page->replica->replica);

  return page;
}

void
crash_page_put (CrashPage *self, const char *bucket, const char *rev, const char *type, guint id, ...)
{
  g_autoptr (SatchelRecord) record = NULL;
  g_autoptr (JsonObject) wire = NULL;
  va_list fields;

  if (self->error != NULL)
    return;

  va_start (fields, id);
  record = make_record (self->replica, type, id, fields);
  va_end (fields);
  satchel_record_set_rev (record, rev);
  satchel_record_set_bucket (record, bucket);
  satchel_record_set_created (record, "2026-01-01T00:00:00.000Z", NULL);
  wire = satchel_record_to_wire (record);
  satchel_delivery_add_put (self->delivery, wire, &self->error);
}

void
crash_page_outcome (CrashPage *self, gint64 n, const char *result, const char *code, const char *mutations)
{
  SatchelOutcome *outcome = g_new0 (SatchelOutcome, 1);

  outcome->n = n;
  outcome->result = g_strdup (result);
  outcome->code = g_strdup (code);
  outcome->reason = code != NULL ? g_strdup ("That is not for you to change.") : NULL;
  outcome->mutations = mutations != NULL ? json_from_string (mutations, NULL) : NULL;
  satchel_delivery_add_outcome (self->delivery, outcome);
}

static gboolean
end_page (CrashPage *self, gboolean done, GError **error)
{
  satchel_delivery_free (self->delivery);
  if (self->error != NULL)
    g_propagate_error (error, self->error);
  g_free (self);

  return done;
}

gboolean
crash_page_stage (CrashPage *self, GError **error)
{
  return end_page (self, self->error == NULL && satchel_delivery_stage (self->delivery, &self->error), error);
}

static gboolean
apply (CrashPage *self, const SatchelDeliveryEnd *end, GError **error)
{
  SatchelDeliveryResult result;

  return end_page (self, self->error == NULL && satchel_delivery_apply (self->delivery, end, &result, &self->error),
                   error);
}

gboolean
crash_page_apply (CrashPage *self, const char *cursor, gint64 applied_through, GError **error)
{
  SatchelDeliveryEnd end = { .cursor = cursor, .epoch = "e", .applied_through = applied_through };

  return apply (self, &end, error);
}

gboolean
crash_page_arrive (CrashPage *self, const char *cursor, GError **error)
{
  SatchelDeliveryEnd end = { .cursor = cursor, .epoch = "e", .arriving = TRUE };

  return apply (self, &end, error);
}
