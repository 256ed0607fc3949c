/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "both-ends.h"

#include <glib/gstdio.h>
#include <string.h>

#include "records/satchel-id.h"
#include "test-record.h"

/* ---- The server ---- */

static SatchelPush *
push (Rep *self, const SatchelSyncRequest *request)
{
  g_autoptr (GHashTable) touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GError) error = NULL;
  SatchelPush *pushed;

  g_assert_true (satchel_store_begin (self->server->writer, &error));
  pushed = satchel_server_push (self->server->server, self->server->writer, self->token, request, touched, &error);
  g_assert_no_error (error);
  satchel_store_commit (self->server->writer, &error);
  g_assert_no_error (error);

  return pushed;
}

static SatchelPull *
pull (Rep *self, const SatchelSyncRequest *request, const SatchelPush *pushed)
{
  g_autoptr (GError) error = NULL;
  SatchelPull *pulled = satchel_server_pull (self->server->server, self->server->reader, self->token, request, pushed,
                                             &error);

  g_assert_no_error (error);

  return pulled;
}

/* What the server's shell does with a request. */
static GBytes *
serve (Rep *self, GBytes *body)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelSyncRequest) request = satchel_sync_request_parse (body, &error);
  g_autoptr (SatchelPush) pushed = NULL;
  g_autoptr (SatchelPull) pulled = NULL;

  g_assert_no_error (error);
  if (satchel_sync_request_writes (request))
    pushed = push (self, request);
  pulled = pull (self, request, pushed);
  if (pulled->status == SATCHEL_PULL_FORK)
    {
      g_clear_pointer (&pulled, satchel_pull_free);
      g_clear_pointer (&pushed, satchel_push_free);
      pushed = push (self, request);
      pulled = pull (self, request, pushed);
    }

  return g_bytes_ref (pulled->answer);
}

/* ---- The way between ---- */

static gboolean
take_fork (Rep *self)
{
  g_autoptr (GError) error = NULL;

  g_set_str (&self->token, satchel_sync_core_get_fork_token (self->core));
  satchel_sync_core_accept_fork (self->core, &error);
  g_assert_no_error (error);

  return TRUE;
}

static gboolean
receive (Rep *self, GBytes *answer, SatchelSyncStep *step)
{
  g_autoptr (GError) error = NULL;

  satchel_sync_core_receive (self->core, answer, step, &error);
  g_assert_no_error (error);

  return *step != SATCHEL_SYNC_STEP_FORKED || take_fork (self);
}

static gboolean
receive_cut (Rep *self, GBytes *answer, SatchelSyncStep *step)
{
  gsize length = g_test_rand_int_range (0, (gint32) g_bytes_get_size (answer));
  g_autoptr (GBytes) cut = g_bytes_new_from_bytes (answer, 0, length);
  g_autoptr (GError) error = NULL;

  g_assert_false (satchel_sync_core_receive (self->core, cut, step, &error));
  g_assert_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_UNREACHABLE);

  return FALSE;
}

static gboolean
lose (Rep *self)
{
  satchel_sync_core_fail (self->core);

  return FALSE;
}

gboolean
rep_exchange (Rep *self, Way way, SatchelSyncStep *step)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) request = satchel_sync_core_prepare (self->core, 0, &error);
  g_autoptr (GBytes) answer = NULL;

  g_assert_no_error (error);
  if (way == WAY_REQUEST_LOST)
    return lose (self);
  answer = serve (self, request);
  if (way == WAY_ANSWER_LOST)
    return lose (self);
  if (way == WAY_ANSWER_CUT)
    return receive_cut (self, answer, step);
  if (way == WAY_REQUEST_TWICE)
    {
      g_clear_pointer (&answer, g_bytes_unref);
      answer = serve (self, request);
    }

  return receive (self, answer, step);
}

gboolean
rep_try_exchange (Rep *self, SatchelSyncStep *step, GError **error)
{
  g_autoptr (GBytes) request = satchel_sync_core_prepare (self->core, 0, error);
  g_autoptr (GBytes) answer = request != NULL ? serve (self, request) : NULL;

  return answer != NULL && satchel_sync_core_receive (self->core, answer, step, error);
}

void
rep_exchange_meanwhile (Rep *self, RepFunc func, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) request = satchel_sync_core_prepare (self->core, 0, &error);
  g_autoptr (GBytes) answer = NULL;
  SatchelSyncStep step;

  g_assert_no_error (error);
  answer = serve (self, request);
  func (self, data);
  g_assert_true (receive (self, answer, &step));
}

void
rep_sync (Rep *self)
{
  SatchelSyncStep step = SATCHEL_SYNC_STEP_AGAIN;

  for (guint i = 0; i < 1000 && step != SATCHEL_SYNC_STEP_DONE; i++)
    g_assert_true (rep_exchange (self, WAY_CLEAR, &step));
  g_assert_cmpint (step, ==, SATCHEL_SYNC_STEP_DONE);
}

/* ---- The device ---- */

static void
open_replica (Rep *self)
{
  g_autoptr (GError) error = NULL;

  self->replica = satchel_replica_open (self->path, self->vocabulary, SATCHEL_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
  self->core = satchel_sync_core_new (self->replica);
}

static Rep *
rep_alloc (Fixture *server, const char *token)
{
  Rep *self = g_new0 (Rep, 1);
  g_autoptr (GError) error = NULL;

  self->server = server;
  self->vocabulary = server->vocabulary;
  self->token = g_strdup (token);
  self->folder = g_dir_make_tmp ("satchel-rep-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->folder, "replica.db", NULL);

  return self;
}

Rep *
rep_new (Fixture *server, const char *user)
{
  g_autoptr (Device) device = device_new (server, user);
  Rep *self = rep_alloc (server, device->token);
  g_autoptr (SatchelLink) link = NULL;
  g_autoptr (GError) error = NULL;

  open_replica (self);
  link = satchel_replica_get_link (self->replica, &error);
  g_assert_no_error (error);
  link->server = g_strdup ("https://127.0.0.1");
  link->device_id = g_strdup (device->id);
  link->user_id = g_strdup (user);
  link->user_name = g_strdup ("somebody");
  link->epoch = g_strdup (satchel_server_get_epoch (server->server));
  satchel_replica_set_link (self->replica, link, &error);
  g_assert_no_error (error);

  return self;
}

static void
close_replica (Rep *self)
{
  g_clear_pointer (&self->core, satchel_sync_core_free);
  satchel_replica_close (self->replica);
  g_clear_object (&self->replica);
}

Rep *
rep_clone (Rep *self)
{
  Rep *clone = rep_alloc (self->server, self->token);
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  close_replica (self);
  g_file_get_contents (self->path, &content, &length, &error);
  g_assert_no_error (error);
  g_file_set_contents (clone->path, content, (gssize) length, &error);
  g_assert_no_error (error);
  open_replica (self);
  open_replica (clone);

  return clone;
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

void
rep_free (Rep *self)
{
  if (self == NULL)
    return;

  close_replica (self);
  remove_folder (self->folder);
  g_free (self->folder);
  g_free (self->path);
  g_free (self->token);
  g_free (self);
}

void
rep_restart (Rep *self)
{
  close_replica (self);
  open_replica (self);
}

void
rep_update (Rep *self, const SatchelVocabulary *vocabulary)
{
  close_replica (self);
  self->vocabulary = vocabulary;
  open_replica (self);
}

void
rep_enroll_again (Rep *self)
{
  g_autoptr (SatchelLink) link = satchel_replica_get_link (self->replica, NULL);
  g_autoptr (Device) device = device_new (self->server, link->user_id);
  g_autoptr (SatchelLink) restarted = NULL;
  g_autoptr (GError) error = NULL;

  satchel_replica_restart (self->replica, satchel_server_get_epoch (self->server->server), &error);
  g_assert_no_error (error);
  restarted = satchel_replica_get_link (self->replica, &error);
  g_assert_no_error (error);
  g_set_str (&restarted->device_id, device->id);
  satchel_replica_set_link (self->replica, restarted, &error);
  g_assert_no_error (error);
  g_set_str (&self->token, device->token);
}

void
rep_go_on (Rep *self)
{
  g_autoptr (SatchelLink) link = satchel_replica_get_link (self->replica, NULL);
  g_autoptr (Device) device = device_new_after (self->server, link->user_id, link->device_id);
  g_autoptr (GError) error = NULL;

  g_set_str (&link->device_id, device->id);
  g_clear_pointer (&link->nonce, g_free);
  g_clear_pointer (&link->proposed_nonce, g_free);
  satchel_replica_set_link (self->replica, link, &error);
  g_assert_no_error (error);
  g_set_str (&self->token, device->token);
}

/* ---- What a person does ---- */

static void
commit (Rep *self, SatchelEdit *edit)
{
  g_autoptr (GError) error = NULL;

  satchel_replica_commit (self->replica, edit, NULL, &error);
  g_assert_no_error (error);
}

char *
rep_create (Rep *self, const char *type, ...)
{
  g_autofree char *id = satchel_id_new ();
  g_autoptr (SatchelRecord) record = satchel_record_new (satchel_vocabulary_lookup (self->vocabulary, type), id);
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  va_list fields;

  va_start (fields, type);
  test_record_set_fields (record, fields);
  va_end (fields);
  satchel_edit_create (edit, record);
  commit (self, edit);

  return g_steal_pointer (&id);
}

SatchelRecord *
rep_get (Rep *self, const char *id)
{
  return satchel_replica_get (self->replica, id, NULL);
}

void
rep_change (Rep *self, const char *id, ...)
{
  g_autoptr (SatchelRecord) seen = rep_get (self, id);
  g_autoptr (SatchelRecord) changed = NULL;
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  va_list fields;

  g_assert_nonnull (seen);
  changed = satchel_record_copy (seen);
  va_start (fields, id);
  test_record_set_fields (changed, fields);
  va_end (fields);
  satchel_edit_update (edit, seen, changed);
  if (!satchel_edit_is_empty (edit))
    commit (self, edit);
}

void
rep_add_member (Rep *self, const char *id, const char *field, const char *member)
{
  g_autoptr (SatchelRecord) seen = rep_get (self, id);
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  const char *const members[] = { member, NULL };
  g_autoptr (GError) error = NULL;

  satchel_edit_add_members (edit, seen, field, members, &error);
  g_assert_no_error (error);
  commit (self, edit);
}

void
rep_remove_member (Rep *self, const char *id, const char *field, const char *member)
{
  g_autoptr (SatchelRecord) seen = rep_get (self, id);
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  const char *const members[] = { member, NULL };
  g_autoptr (GError) error = NULL;

  satchel_edit_remove_members (edit, seen, field, members, &error);
  g_assert_no_error (error);
  commit (self, edit);
}

static void
add_change (Rep *self, SatchelEdit *edit, const char *id, const char *field, const char *text)
{
  g_autoptr (SatchelRecord) seen = rep_get (self, id);
  g_autoptr (SatchelRecord) changed = satchel_record_copy (seen);
  g_autoptr (GError) error = NULL;

  satchel_record_set_from_text (changed, field, text, &error);
  g_assert_no_error (error);
  satchel_edit_update (edit, seen, changed);
}

void
rep_change_together (Rep *self, const char *id, const char *field, const char *text, const char *other_id,
                     const char *other_field, const char *other_text)
{
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();

  satchel_edit_set_strict (edit, TRUE);
  add_change (self, edit, id, field, text);
  add_change (self, edit, other_id, other_field, other_text);
  commit (self, edit);
}

void
rep_delete (Rep *self, const char *id)
{
  g_autoptr (SatchelRecord) seen = rep_get (self, id);
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();

  satchel_edit_delete (edit, seen);
  commit (self, edit);
}

void
rep_resolve (Rep *self, const char *conflict_id, const char *keep)
{
  g_autoptr (SatchelRecord) conflict = rep_get (self, conflict_id);
  g_autoptr (SatchelRecord) current = rep_get (self, satchel_record_get_text (conflict, "target_id"));
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (GError) error = NULL;

  if (strcmp (keep, "current") == 0)
    satchel_edit_resolve_keep_current (edit, conflict, current);
  else
    satchel_edit_resolve_keep_value (edit, conflict, current, (guint) atoi (keep), &error);
  g_assert_no_error (error);
  commit (self, edit);
}

/* ---- What a person sees ---- */

char *
rep_dup_text (Rep *self, const char *id, const char *field)
{
  g_autoptr (SatchelRecord) record = rep_get (self, id);
  const SatchelType *type;
  guint index;

  if (record == NULL)
    return NULL;
  type = satchel_record_get_record_type (record);
  g_assert_true (satchel_type_lookup_field (type, field, &index));

  return satchel_value_to_text (satchel_type_get_field (type, index), satchel_record_get_value (record, index));
}

GPtrArray *
rep_list_conflicts (Rep *self)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *conflicts = satchel_replica_list_conflicts (self->replica, &error);

  g_assert_no_error (error);

  return conflicts;
}

guint
rep_count_pending (Rep *self)
{
  g_autoptr (GPtrArray) pending = satchel_replica_list_pending (self->replica, NULL);

  return pending->len;
}

guint
rep_count_tray (Rep *self)
{
  g_autoptr (GPtrArray) tray = satchel_replica_list_tray (self->replica, NULL);

  return tray->len;
}

void
rep_retry_tray (Rep *self)
{
  g_autoptr (GPtrArray) tray = satchel_replica_list_tray (self->replica, NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < tray->len; i++)
    {
      satchel_replica_tray_retry (self->replica, ((SatchelWork *) g_ptr_array_index (tray, i))->id, &error);
      g_assert_no_error (error);
    }
}

static gboolean
append_cb (const char *type, const char *id, const char *canonical, gpointer data)
{
  g_string_append_printf (data, "%s\n", canonical);

  return TRUE;
}

char *
rep_dump (Rep *self)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) buckets = satchel_replica_list_buckets (self->replica, &error);
  GString *text = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; buckets[i] != NULL; i++)
    {
      g_string_append_printf (text, "bucket %s\n", buckets[i]);
      satchel_replica_foreach_canonical (self->replica, buckets[i], append_cb, text, &error);
      g_assert_no_error (error);
    }

  return g_string_free_and_steal (text);
}
