/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crash-server.h"

#include <glib/gstdio.h>
#include <sodium.h>

#include "server/core/server-administration.h"
#include "server/core/server-tokens.h"
#include "test-record.h"
#include "wire/satchel-frames.h"

#define FILE_NAME "satchel.db"

/* ---- Chance --------------------------------------------------------------------------------------- */

static const char *
get_chance_name (void)
{
  return "crash";
}

static uint32_t
draw (void)
{
  return crash_chance_draw ();
}

static uint32_t
draw_below (const uint32_t below)
{
  return 0;
}

static void
draw_bytes (void *const bytes, const size_t length)
{
  for (size_t i = 0; i < length; i++)
    ((guint8 *) bytes)[i] = (guint8) (crash_chance_draw () >> 8);
}

static randombytes_implementation tame = {
  .implementation_name = get_chance_name,
  .random = draw,
  .uniform = draw_below,
  .buf = draw_bytes,
};

void
crash_server_tame_chance (void)
{
  randombytes_set_implementation (&tame);
  g_assert_cmpint (sodium_init (), >=, 0);
}

/* ---- Opening -------------------------------------------------------------------------------------- */

static gboolean
commit_or_roll_back (CrashServer *self, gboolean done, GError **error)
{
  if (done && satchel_store_commit (self->writer, error))
    return TRUE;

  satchel_store_rollback (self->writer);

  return FALSE;
}

static gboolean
open_store (CrashServer *self, SatchelStoreOpen mode, GError **error)
{
  g_autofree char *path = fault_disk_build_path (self->base.disk, FILE_NAME);
  g_autofree char *database = g_strconcat ("sqlite:", path, NULL);

  self->store = satchel_store_open (database, mode, error);
  if (self->store == NULL)
    return FALSE;

  self->writer = satchel_store_open_session (self->store, SATCHEL_STORE_WRITE, error);

  return self->writer != NULL;
}

static void
close_server (CrashSubject *subject)
{
  CrashServer *self = CRASH_SERVER (subject);

  g_clear_pointer (&self->server, satchel_server_free);
  g_clear_pointer (&self->writer, satchel_store_session_close);
  g_clear_pointer (&self->store, satchel_store_free);
}

/* What the server asks for where founding it was cut short. */
static void
remove_files (CrashServer *self)
{
  static const char *const names[] = { FILE_NAME, FILE_NAME "-wal" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = fault_disk_build_path (self->base.disk, names[i]);

      g_unlink (path);
    }
}

static gboolean
found (CrashServer *self, GError **error)
{
  return open_store (self, SATCHEL_STORE_CREATE, error) && satchel_store_begin (self->writer, error) &&
         commit_or_roll_back (self, satchel_server_found (self->writer, "Northwind Traders", error), error);
}

static gboolean
start (CrashServer *self, GError **error)
{
  self->server = satchel_server_new (satchel_vocabulary_get_default (), self->writer, error);

  return self->server != NULL;
}

gboolean
crash_server_open_as_it_is (CrashSubject *subject, GError **error)
{
  CrashServer *self = CRASH_SERVER (subject);

  if (open_store (self, SATCHEL_STORE_OPEN, error) && start (self, error))
    return TRUE;

  close_server (subject);

  return FALSE;
}

static gboolean
open_server (CrashSubject *subject, GError **error)
{
  CrashServer *self = CRASH_SERVER (subject);
  g_autoptr (GError) unfinished = NULL;

  if (fault_disk_get_size (subject->disk, FILE_NAME) < 0)
    return found (self, error) && start (self, error);
  if (!open_store (self, SATCHEL_STORE_OPEN, error))
    return FALSE;
  if (start (self, &unfinished))
    return TRUE;

  close_server (subject);
  if (!g_error_matches (unfinished, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_CORRUPT))
    {
      g_propagate_error (error, g_steal_pointer (&unfinished));
      return FALSE;
    }

  remove_files (self);

  return found (self, error) && start (self, error);
}

/* ---- What is in it -------------------------------------------------------------------------------- */

static const char *const ignored_tables[] = { "sqlite_*", NULL };
/* When it began is SQLite's time. */
#define IGNORED_ROWS "^epoch number=1 name=aaaaa "

static char *
dump_server (CrashSubject *subject)
{
  g_autofree char *path = fault_disk_build_path (subject->disk, FILE_NAME);
  sqlite3 *db = NULL;
  char *dump;

  g_assert_cmpint (sqlite3_open_v2 (path, &db, SQLITE_OPEN_READWRITE, NULL), ==, SQLITE_OK);
  sqlite3_db_config (db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  crash_assert_whole (db);
  dump = crash_dump_tables (db, ignored_tables, IGNORED_ROWS);
  sqlite3_close (db);

  return dump;
}

static void
verify_server (CrashSubject *subject)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  satchel_store_check (CRASH_SERVER (subject)->writer, problems, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (problems->len, ==, 0);
}

const CrashKind crash_server_kind = {
  .open = open_server,
  .close = close_server,
  .dump = dump_server,
  .verify = verify_server,
  .get_domain = satchel_store_error_quark,
  .n_chances = 16,
};

/* ---- Steps ---------------------------------------------------------------------------------------- */

gboolean
crash_server_grant (CrashSubject *self, guint user, guint territory, gboolean granted, GError **error)
{
  SatchelStoreSession *writer = CRASH_SERVER (self)->writer;
  SatchelStoredGrant grant = { (char *) crash_id (user), (char *) crash_id (territory) };

  return satchel_store_begin (writer, error) &&
         commit_or_roll_back (CRASH_SERVER (self), satchel_store_set_grant (writer, &grant, granted, error), error);
}

char *
crash_device_token (guint user)
{
  return g_strdup_printf ("token-of-%u", user);
}

gboolean
crash_server_enrol (CrashSubject *self, guint user, GError **error)
{
  SatchelStoreSession *writer = CRASH_SERVER (self)->writer;
  g_autofree char *token = crash_device_token (user);
  g_autofree char *hash = satchel_token_hash (token);
  SatchelStoredDevice device = { .id = (char *) crash_id (1000 + user),
                                 .user = (char *) crash_id (user),
                                 .name = (char *) "phone",
                                 .token_hash = hash,
                                 .token_expires = G_MAXINT32,
                                 .created_at = (char *) "2026-01-01T00:00:00.000Z" };

  return satchel_store_begin (writer, error) &&
         commit_or_roll_back (CRASH_SERVER (self), satchel_store_save_device (writer, &device, error), error);
}

gboolean
crash_server_push (CrashSubject *subject, guint user, GBytes *request, GError **error)
{
  CrashServer *self = CRASH_SERVER (subject);
  g_autoptr (GHashTable) touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (SatchelSyncRequest) parsed = satchel_sync_request_parse (request, error);
  g_autoptr (SatchelPush) push = NULL;
  g_autofree char *token = crash_device_token (user);

  if (parsed == NULL || !satchel_store_begin (self->writer, error))
    return FALSE;

  push = satchel_server_push (self->server, self->writer, token, parsed, touched, error);

  return commit_or_roll_back (self, push != NULL, error);
}

static GBytes *
make_pull (void)
{
  g_autoptr (SatchelFrameWriter) writer = satchel_frame_writer_new ();
  g_autoptr (JsonObject) begin = json_object_new ();

  json_object_set_int_member (begin, "protocol", 1);
  json_object_set_string_member (begin, "proposed", "nobody");
  satchel_frame_writer_add (writer, "begin", begin);

  return satchel_frame_writer_finish (writer);
}

gboolean
crash_server_pull (CrashSubject *subject, guint user, GError **error)
{
  CrashServer *self = CRASH_SERVER (subject);
  g_autoptr (SatchelStoreSession) reader = satchel_store_open_session (self->store, SATCHEL_STORE_READ, error);
  g_autoptr (GBytes) request = make_pull ();
  g_autoptr (SatchelSyncRequest) parsed = satchel_sync_request_parse (request, error);
  g_autofree char *token = crash_device_token (user);
  g_autoptr (SatchelPull) pull = NULL;

  if (reader == NULL || parsed == NULL)
    return FALSE;

  pull = satchel_server_pull (self->server, reader, token, parsed, NULL, error);

  return pull != NULL;
}

/* ---- Records -------------------------------------------------------------------------------------- */

GPtrArray *
crash_records_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_record_unref);
}

void
crash_records_add (GPtrArray *self, const char *type, guint id, ...)
{
  SatchelRecord *record = satchel_record_new (satchel_vocabulary_lookup (satchel_vocabulary_get_default (), type),
                                              crash_id (id));
  va_list fields;

  va_start (fields, id);
  test_record_set_fields (record, fields);
  va_end (fields);
  g_ptr_array_add (self, record);
}

/* @records: (transfer full) */
gboolean
crash_server_put (CrashSubject *subject, GPtrArray *records, GError **error)
{
  CrashServer *self = CRASH_SERVER (subject);
  g_autoptr (SatchelView) view = satchel_view_open_administration (self->server, self->writer);
  g_autoptr (GPtrArray) list = records;

  return satchel_store_begin (self->writer, error) &&
         commit_or_roll_back (self, satchel_server_put_records (view, list, NULL, NULL, error), error);
}
