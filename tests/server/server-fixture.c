/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "server-fixture.h"

#include "postgres.h"

#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>

#include "records/satchel-id.h"
#include "server/core/server-tokens.h"
#include "test-vocabulary.h"
#include "wire/satchel-frames.h"

/* ---- The server ----------------------------------------------------------------------------------- */

static void
open_sessions (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  self->writer = satchel_store_open_session (self->store, SATCHEL_STORE_WRITE, &error);
  g_assert_no_error (error);
  self->reader = satchel_store_open_session (self->store, SATCHEL_STORE_READ, &error);
  g_assert_no_error (error);
}

static void
close_sessions (Fixture *self)
{
  g_clear_pointer (&self->reader, satchel_store_session_close);
  g_clear_pointer (&self->writer, satchel_store_session_close);
}

static void
found (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  satchel_store_begin (self->writer, &error);
  g_assert_no_error (error);
  satchel_server_found (self->writer, "Northwind Traders", &error);
  g_assert_no_error (error);
  satchel_store_commit (self->writer, &error);
  g_assert_no_error (error);
  self->server = satchel_server_new (self->vocabulary, self->writer, &error);
  g_assert_no_error (error);
}

static char *
add_user (Fixture *self, const char *name, const char *role, const char *territory)
{
  char *id = fixture_add (self, "user", "name", name, "role", role, "active", "true", NULL);

  if (territory != NULL)
    fixture_grant (self, id, territory, TRUE);

  return id;
}

static void
choose_database (Fixture *self, const char *store)
{
  if (g_strcmp0 (store, FIXTURE_POSTGRES) == 0)
    self->postgres = postgres_take ();
  self->database = self->postgres != NULL ? postgres_dup_url (self->postgres)
                                          : g_strdup_printf ("sqlite:%s/satchel.db", self->folder);
}

void
fixture_set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (sodium_init (), >=, 0);
  self->folder = g_dir_make_tmp ("satchel-server-XXXXXX", &error);
  g_assert_no_error (error);
  self->vocabulary = satchel_test_vocabulary_new ();
  choose_database (self, data);
  self->store = satchel_store_open (self->database, SATCHEL_STORE_CREATE, &error);
  g_assert_no_error (error);
  open_sessions (self);
  found (self);

  self->mara = add_user (self, "mara", "manager", NULL);
  self->eastern = fixture_add (self, "territory", "name", "Eastern", "manager", self->mara, NULL);
  self->western = fixture_add (self, "territory", "name", "Western", NULL);
  self->nancy = add_user (self, "nancy", "rep", self->eastern);
  self->olga = add_user (self, "olga", "rep", self->eastern);
  self->wim = add_user (self, "wim", "rep", self->western);
  self->adam = add_user (self, "adam", "admin", NULL);
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
fixture_tear_down (Fixture *self, gconstpointer data)
{
  close_sessions (self);
  g_clear_pointer (&self->server, satchel_server_free);
  g_clear_pointer (&self->store, satchel_store_free);
  g_clear_pointer (&self->vocabulary, satchel_vocabulary_free);
  remove_folder (self->folder);
  g_clear_pointer (&self->postgres, postgres_give_back);
  g_free (self->folder);
  g_free (self->database);
  g_free (self->eastern);
  g_free (self->western);
  g_free (self->nancy);
  g_free (self->olga);
  g_free (self->wim);
  g_free (self->mara);
  g_free (self->adam);
}

Fixture *
fixture_new_process (Fixture *self)
{
  Fixture *other = g_memdup2 (self, sizeof *self);
  g_autoptr (GError) error = NULL;

  open_sessions (other);
  other->server = satchel_server_new (other->vocabulary, other->writer, &error);
  g_assert_no_error (error);

  return other;
}

void
fixture_end_process (Fixture *self)
{
  close_sessions (self);
  satchel_server_free (self->server);
  g_free (self);
}

void
fixture_reopen (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  close_sessions (self);
  g_clear_pointer (&self->server, satchel_server_free);
  open_sessions (self);
  self->server = satchel_server_new (self->vocabulary, self->writer, &error);
  g_assert_no_error (error);
}

/* What it is called in PostgreSQL. */
static char *
dup_copy_name (Fixture *self, const char *name)
{
  return g_strdelimit (g_strdup_printf ("%s_%s", self->postgres, name), ".-", '_');
}

static void
copy_database (Fixture *self, const char *name)
{
  g_autofree char *copy = dup_copy_name (self, name);

  close_sessions (self);
  postgres_drop (copy);
  postgres_copy (self->postgres, copy);
  open_sessions (self);
}

static void
bring_database_back (Fixture *self, const char *name)
{
  g_autofree char *copy = dup_copy_name (self, name);

  postgres_drop (self->postgres);
  postgres_copy (copy, self->postgres);
}

void
fixture_backup (Fixture *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  if (self->postgres != NULL)
    {
      copy_database (self, name);
      return;
    }
  satchel_store_backup (self->writer, path, &error);
  g_assert_no_error (error);
}

static void
bring_back (Fixture *self, const char *name)
{
  g_autofree char *from = g_build_filename (self->folder, name, NULL);
  g_autofree char *to = g_build_filename (self->folder, "satchel.db", NULL);
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  if (self->postgres != NULL)
    {
      bring_database_back (self, name);
      return;
    }
  g_file_get_contents (from, &content, &length, &error);
  g_assert_no_error (error);
  g_file_set_contents (to, content, (gssize) length, &error);
  g_assert_no_error (error);
}

void
fixture_restore (Fixture *self, const char *name)
{
  g_autoptr (GError) error = NULL;

  close_sessions (self);
  bring_back (self, name);
  open_sessions (self);
  satchel_store_begin (self->writer, &error);
  g_assert_no_error (error);
  satchel_server_refound (self->writer, &error);
  g_assert_no_error (error);
  satchel_store_commit (self->writer, &error);
  g_assert_no_error (error);
  fixture_reopen (self);
}

static void
put (Fixture *self, SatchelRecord *record)
{
  g_autoptr (SatchelView) view = satchel_view_open_administration (self->server, self->writer);
  g_autoptr (GPtrArray) records = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (records, record);
  satchel_store_begin (self->writer, &error);
  g_assert_no_error (error);
  satchel_server_put_records (view, records, NULL, NULL, &error);
  g_assert_no_error (error);
  satchel_store_commit (self->writer, &error);
  g_assert_no_error (error);
}

char *
fixture_add (Fixture *self, const char *type, ...)
{
  g_autofree char *id = satchel_id_new ();
  g_autoptr (SatchelRecord) record = satchel_record_new (satchel_vocabulary_lookup (self->vocabulary, type), id);
  g_autoptr (GError) error = NULL;
  const char *field;
  va_list list;

  va_start (list, type);
  while ((field = va_arg (list, const char *)) != NULL)
    {
      const char *text = va_arg (list, const char *);

      if (strcmp (field, "created_by") == 0)
        satchel_record_set_created (record, NULL, text);
      else
        satchel_record_set_from_text (record, field, text, &error);
      g_assert_no_error (error);
    }
  va_end (list);
  put (self, record);

  return g_steal_pointer (&id);
}

void
fixture_grant (Fixture *self, const char *user, const char *territory, gboolean granted)
{
  SatchelStoredGrant grant = { (char *) user, (char *) territory };
  g_autoptr (GError) error = NULL;

  satchel_store_begin (self->writer, &error);
  satchel_store_set_grant (self->writer, &grant, granted, &error);
  g_assert_no_error (error);
  satchel_store_commit (self->writer, &error);
  g_assert_no_error (error);
}

char *
server_body (Fixture *self, const char *id)
{
  const char *ids[] = { id, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found_records = NULL;

  satchel_store_begin (self->reader, &error);
  found_records = satchel_store_load_records (self->reader, ids, &error);
  satchel_store_rollback (self->reader);
  g_assert_no_error (error);

  return found_records->len > 0 ? g_strdup (((SatchelStored *) g_ptr_array_index (found_records, 0))->body) : NULL;
}

/* ---- A device ------------------------------------------------------------------------------------- */

static void
object_unref (gpointer object)
{
  json_object_unref (object);
}

static Device *
device_alloc (Fixture *fixture, const char *id, const char *token, const char *user)
{
  Device *self = g_new0 (Device, 1);

  self->fixture = fixture;
  self->id = g_strdup (id);
  self->token = g_strdup (token);
  self->user = g_strdup (user);
  self->hash = g_strdup ("");
  self->records = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, object_unref);
  self->frames = g_ptr_array_new_with_free_func (g_free);

  return self;
}

Device *
device_new_after (Fixture *fixture, const char *user, const char *previous)
{
  g_autofree char *id = satchel_id_new ();
  g_autofree char *token = satchel_token_new ();
  g_autofree char *hash = satchel_token_hash (token);
  SatchelStoredDevice device = { .id = id,
                                 .user = (char *) user,
                                 .name = (char *) "phone",
                                 .token_hash = hash,
                                 .token_expires = satchel_time_now_unix_ms () / 1000 + 1000,
                                 .created_at = (char *) "2026-11-22T00:00:00.000Z",
                                 .forked_from = (char *) previous };
  g_autoptr (GError) error = NULL;

  satchel_store_begin (fixture->writer, &error);
  satchel_store_save_device (fixture->writer, &device, &error);
  g_assert_no_error (error);
  satchel_store_commit (fixture->writer, &error);
  g_assert_no_error (error);

  return device_alloc (fixture, id, token, user);
}

Device *
device_new (Fixture *fixture, const char *user)
{
  return device_new_after (fixture, user, NULL);
}

static SatchelStoredDevice *
find_device (GPtrArray *devices, const char *name)
{
  for (guint i = 0; i < devices->len; i++)
    {
      SatchelStoredDevice *device = g_ptr_array_index (devices, i);

      if (strcmp (device->name, name) == 0)
        return device;
    }

  g_assert_not_reached ();
}

Device *
device_resume (Fixture *fixture, const char *name)
{
  g_autofree char *token = satchel_token_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) devices = NULL;
  SatchelStoredDevice *device;
  Device *self;

  satchel_store_begin (fixture->writer, &error);
  devices = satchel_store_list_devices (fixture->writer, &error);
  g_assert_no_error (error);
  device = find_device (devices, name);
  g_free (device->token_hash);
  device->token_hash = satchel_token_hash (token);
  device->token_expires = satchel_time_now_unix_ms () / 1000 + 1000;
  satchel_store_save_device (fixture->writer, device, &error);
  g_assert_no_error (error);
  satchel_store_commit (fixture->writer, &error);
  g_assert_no_error (error);

  self = device_alloc (fixture, device->id, token, device->user);
  self->n = device->last_n;
  g_set_str (&self->hash, device->last_hash);
  self->nonce = g_strdup (device->nonce);

  return self;
}

Device *
device_copy (Device *self)
{
  Device *copy = device_alloc (self->fixture, self->id, self->token, self->user);
  GHashTableIter iter;
  gpointer id, record;

  copy->n = self->n;
  g_set_str (&copy->hash, self->hash);
  copy->nonce = g_strdup (self->nonce);
  copy->cursor = g_strdup (self->cursor);
  g_hash_table_iter_init (&iter, self->records);
  while (g_hash_table_iter_next (&iter, &id, &record))
    g_hash_table_insert (copy->records, g_strdup (id), json_object_ref (record));

  return copy;
}

void
device_free (Device *self)
{
  g_free (self->id);
  g_free (self->token);
  g_free (self->user);
  g_free (self->hash);
  g_free (self->nonce);
  g_free (self->cursor);
  g_hash_table_unref (self->records);
  g_ptr_array_unref (self->frames);
  g_clear_pointer (&self->outcome, json_object_unref);
  g_clear_pointer (&self->page, json_object_unref);
  g_clear_pointer (&self->last_request, g_bytes_unref);
  g_free (self);
}

/* ---- Requests ------------------------------------------------------------------------------------- */

static JsonNode *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (text, &error);

  g_assert_no_error (error);

  return node;
}

static char *
compute_hash (const char *previous, const char *canonical)
{
  g_autofree char *text = g_strconcat (previous, "\n", canonical, NULL);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

char *
device_make_group (Device *self, gboolean strict, const char *mutations)
{
  g_autofree char *text = g_strdup_printf ("{\"n\":%" G_GINT64_FORMAT
                                           ",\"strict\":%s,\"at\":\"2026-11-20T08:00:00.000Z\",\"mutations\":%s}",
                                           self->n + 1, strict ? "true" : "false", mutations);
  g_autoptr (JsonNode) node = parse (text);
  g_autofree char *canonical = satchel_json_to_canonical (node);
  g_autofree char *hash = compute_hash (self->hash, canonical);

  self->n++;
  g_set_str (&self->hash, hash);
  json_object_set_string_member (json_node_get_object (node), "hash", hash);

  return json_to_string (node, FALSE);
}

GBytes *
device_make_request (Device *self, const char *groups)
{
  g_autoptr (SatchelFrameWriter) writer = satchel_frame_writer_new ();
  g_autoptr (JsonObject) begin = json_object_new ();
  g_auto (GStrv) lines = groups != NULL ? g_strsplit (groups, "\n", -1) : NULL;
  g_autofree char *proposed = satchel_id_new ();

  json_object_set_int_member (begin, "protocol", 1);
  if (self->cursor != NULL)
    json_object_set_string_member (begin, "cursor", self->cursor);
  if (self->nonce != NULL)
    json_object_set_string_member (begin, "nonce", self->nonce);
  json_object_set_string_member (begin, "proposed", proposed);
  satchel_frame_writer_add (writer, "begin", begin);
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
    satchel_frame_writer_add_text (writer, "group", lines[i], -1);

  return satchel_frame_writer_finish (writer);
}

/* ---- Answers -------------------------------------------------------------------------------------- */

static void
drop_bucket (Device *self, const char *bucket)
{
  GHashTableIter iter;
  gpointer record;

  g_hash_table_iter_init (&iter, self->records);
  while (g_hash_table_iter_next (&iter, NULL, &record))
    if (strcmp (json_object_get_string_member (record, "bucket"), bucket) == 0)
      g_hash_table_iter_remove (&iter);
}

static void
take_exit (Device *self, JsonObject *body)
{
  const char *id = json_object_get_string_member (body, "id");
  JsonObject *record = g_hash_table_lookup (self->records, id);

  if (record != NULL &&
      g_strcmp0 (json_object_get_string_member (record, "bucket"), json_object_get_string_member (body, "from")) == 0)
    g_hash_table_remove (self->records, id);
}

static void
take_fork (Device *self, JsonObject *body)
{
  self->forked = TRUE;
  g_set_str (&self->id, json_object_get_string_member (body, "device"));
  g_set_str (&self->token, json_object_get_string_member (body, "token"));
  g_clear_pointer (&self->nonce, g_free);
}

static void
take_page (Device *self, JsonObject *body)
{
  g_clear_pointer (&self->page, json_object_unref);
  self->page = json_object_ref (body);
  g_set_str (&self->cursor, json_object_get_string_member (body, "cursor"));
  if (json_object_has_member (body, "nonce"))
    g_set_str (&self->nonce, json_object_get_string_member (body, "nonce"));
}

static void
take_frame (Device *self, const char *kind, JsonObject *body)
{
  if (strcmp (kind, "put") == 0)
    g_hash_table_replace (self->records, g_strdup (json_object_get_string_member (body, "id")), json_object_ref (body));
  else if (strcmp (kind, "exit") == 0)
    take_exit (self, body);
  else if (strcmp (kind, "drop") == 0)
    drop_bucket (self, json_object_get_string_member (body, "bucket"));
  else if (strcmp (kind, "fork") == 0)
    take_fork (self, body);
  else if (strcmp (kind, "page") == 0)
    take_page (self, body);
  else if (strcmp (kind, "outcome") == 0)
    {
      g_clear_pointer (&self->outcome, json_object_unref);
      self->outcome = json_object_ref (body);
    }
}

static void
take_answer (Device *self, GBytes *answer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelFrameReader) reader = satchel_frame_reader_new (answer, SATCHEL_ANSWER_MAX_DECODED, &error);
  const char *kind;
  JsonObject *body;

  g_assert_no_error (error);
  self->forked = FALSE;
  g_ptr_array_set_size (self->frames, 0);
  while (satchel_frame_reader_next (reader, &kind, &body, &error))
    {
      g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), body);
      g_autofree char *text = json_to_string (node, FALSE);

      g_ptr_array_add (self->frames, g_strdup_printf ("%s %s", kind, text));
      take_frame (self, kind, body);
    }
  g_assert_no_error (error);
}

typedef struct
{
  Device *device;
  const SatchelSyncRequest *request;
  SatchelPush *push;
} Pushing;

static gboolean
push_once (SatchelStoreSession *session, gpointer data, GError **error)
{
  Pushing *self = data;
  g_autoptr (GHashTable) touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_clear_pointer (&self->push, satchel_push_free);
  self->push = satchel_server_push (self->device->fixture->server, session, self->device->token, self->request, touched,
                                    error);

  return self->push != NULL;
}

static SatchelPush *
push (Device *self, const SatchelSyncRequest *request, GError **error)
{
  Pushing pushing = { .device = self, .request = request };

  if (!satchel_store_transact (self->fixture->writer, push_once, &pushing, error))
    g_clear_pointer (&pushing.push, satchel_push_free);

  return pushing.push;
}

gboolean
device_send (Device *self, GBytes *request, GError **error)
{
  Fixture *fixture = self->fixture;
  g_autoptr (SatchelSyncRequest) parsed = satchel_sync_request_parse (request, error);
  g_autoptr (SatchelPush) pushed = NULL;
  g_autoptr (SatchelPull) pulled = NULL;

  if (parsed == NULL)
    return FALSE;
  if (satchel_sync_request_writes (parsed))
    {
      pushed = push (self, parsed, error);
      if (pushed == NULL)
        return FALSE;
    }

  pulled = satchel_server_pull (fixture->server, fixture->reader, self->token, parsed, pushed, error);
  if (pulled != NULL && pulled->status == SATCHEL_PULL_FORK)
    {
      pushed = push (self, parsed, error);
      g_clear_pointer (&pulled, satchel_pull_free);
      if (pushed != NULL)
        pulled = satchel_server_pull (fixture->server, fixture->reader, self->token, parsed, pushed, error);
    }
  if (pulled == NULL)
    return FALSE;
  take_answer (self, pulled->answer);

  return TRUE;
}

const char *
device_push (Device *self, gboolean strict, const char *mutations, ...)
{
  g_autofree char *text = NULL;
  g_autofree char *group = NULL;
  g_autoptr (GError) error = NULL;
  va_list list;

  va_start (list, mutations);
  text = g_strdelimit (g_strdup_vprintf (mutations, list), "'", '"');
  va_end (list);

  group = device_make_group (self, strict, text);
  g_clear_pointer (&self->last_request, g_bytes_unref);
  self->last_request = device_make_request (self, group);
  g_clear_pointer (&self->outcome, json_object_unref);
  device_send (self, self->last_request, &error);
  g_assert_no_error (error);

  return self->outcome != NULL ? json_object_get_string_member (self->outcome, "result") : NULL;
}

gboolean
device_pull_once (Device *self, GError **error)
{
  g_autoptr (GBytes) request = device_make_request (self, NULL);

  return device_send (self, request, error);
}

void
device_sync (Device *self)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 1000; i++)
    {
      device_pull_once (self, &error);
      g_assert_no_error (error);
      if (!self->forked && json_object_get_boolean_member (self->page, "head"))
        return;
    }
  g_assert_not_reached ();
}

/* ---- Asking --------------------------------------------------------------------------------------- */

static JsonObject *
find_mutation (Device *self, const char *id)
{
  JsonArray *mutations = json_object_get_array_member (self->outcome, "mutations");

  for (guint i = 0; i < json_array_get_length (mutations); i++)
    {
      JsonObject *mutation = json_array_get_object_element (mutations, i);

      if (strcmp (json_object_get_string_member (mutation, "id"), id) == 0)
        return mutation;
    }

  return NULL;
}

static JsonObject *
find_unit (Device *self, const char *id, const char *unit)
{
  JsonObject *mutation = find_mutation (self, id);
  JsonObject *units;

  if (mutation == NULL || !json_object_has_member (mutation, "units"))
    return NULL;
  units = json_object_get_object_member (mutation, "units");

  return json_object_has_member (units, unit) ? json_object_get_object_member (units, unit) : NULL;
}

const char *
device_unit_outcome (Device *self, const char *id, const char *unit)
{
  JsonObject *object = find_unit (self, id, unit);

  if (find_mutation (self, id) == NULL)
    return NULL;

  return object != NULL ? json_object_get_string_member (object, "outcome") : "applied";
}

const char *
device_unit_code (Device *self, const char *id, const char *unit)
{
  JsonObject *object = find_unit (self, id, unit);

  return object != NULL ? json_object_get_string_member_with_default (object, "code", NULL) : NULL;
}

const char *
device_code (Device *self)
{
  return json_object_get_string_member_with_default (self->outcome, "code", NULL);
}

gboolean
device_has (Device *self, const char *id)
{
  return g_hash_table_contains (self->records, id);
}

const char *
device_get (Device *self, const char *id, const char *field)
{
  JsonObject *record = g_hash_table_lookup (self->records, id);
  JsonNode *node = record != NULL ? json_object_get_member (record, field) : NULL;
  g_autofree char *text = NULL;

  if (node == NULL)
    return NULL;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_get_string (node);
  text = json_to_string (node, FALSE);

  return g_intern_string (text);
}

const char *
device_rev (Device *self, const char *id)
{
  const char *rev = device_get (self, id, "rev");

  g_assert_nonnull (rev);

  return g_intern_string (rev);
}

char *
device_find_conflict (Device *self, const char *target, const char *unit)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, self->records);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    if (g_strcmp0 (device_get (self, id, "type"), "conflict") == 0 &&
        g_strcmp0 (device_get (self, id, "target_id"), target) == 0 &&
        g_strcmp0 (device_get (self, id, "unit"), unit) == 0 && g_strcmp0 (device_get (self, id, "state"), "open") == 0)
      return g_strdup (id);

  return NULL;
}

guint
device_count_values (Device *self, const char *conflict)
{
  JsonObject *record = g_hash_table_lookup (self->records, conflict);

  g_assert_nonnull (record);
  if (!json_object_has_member (record, "values"))
    return 0;

  return json_array_get_length (json_object_get_array_member (record, "values"));
}
