/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Files that are damaged, of a newer version, read-only or on a full disk: a clear word, and nothing typed is lost. */

#include "replica-fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "records/satchel-error.h"
#include "replica/replica-files.h"
#include "replica/replica-private.h"

#define N_GROUPS 40

/* ---- Files ---------------------------------------------------------------------------------------- */

static void
close_replica (Fixture *self)
{
  satchel_replica_close (self->replica);
  g_assert_finalize_object (self->replica);
  self->replica = NULL;
}

static void
overwrite (Fixture *self, goffset offset, gsize length)
{
  g_autofree char *noise = g_strnfill (length, 'x');
  int fd = g_open (self->path, O_WRONLY, 0);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (pwrite (fd, noise, length, offset), ==, length);
  close (fd);
}

static goffset
get_size (Fixture *self)
{
  GStatBuf info;

  g_assert_no_errno (g_stat (self->path, &info));

  return info.st_size;
}

static SatchelReplica *
try_open (Fixture *self, SatchelOpenFlags flags, GError **error)
{
  return satchel_replica_open (self->path, self->vocabulary, flags, error);
}

static void
assert_opens_with (Fixture *self, SatchelDataError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (try_open (self, SATCHEL_OPEN_DEFAULT, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, (gint) code);
  g_assert_cmpuint (strlen (error->message), >, 20);
}

/* ---- Damage --------------------------------------------------------------------------------------- */

typedef struct
{
  char *created[N_GROUPS];
  char *given;
} Work;

static void
work_clear (Work *work)
{
  for (guint i = 0; i < N_GROUPS; i++)
    g_free (work->created[i]);
  g_free (work->given);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

static void
link_device (Fixture *self)
{
  g_autoptr (SatchelLink) link = satchel_replica_get_link (self->replica, NULL);
  g_autoptr (GError) error = NULL;

  g_set_str (&link->server, "https://example.com");
  g_set_str (&link->user_name, "nancy");
  g_set_str (&link->device_id, "device-1");
  satchel_replica_set_link (self->replica, link, &error);
  g_assert_no_error (error);
}

/* Unsent work of every sort: groups, one of them settled before, and a tray. */
static void
make_work (Fixture *self, Work *work)
{
  g_autoptr (SatchelRecord) given = fixture_given (self, "account", "name", "Given", "phone", "1", NULL);
  g_autoptr (SatchelRecord) landed = NULL;
  Page *page;

  link_device (self);
  work->given = g_strdup (satchel_record_get_id (given));
  for (guint i = 0; i < N_GROUPS; i++)
    {
      g_autofree char *name = g_strdup_printf ("Typed %u", i);

      work->created[i] = fixture_create (self, "account", "name", name, NULL);
    }
  fixture_change (self, work->given, "phone", "2", NULL);

  landed = fixture_record (self, "account", work->created[0], "name", "Typed 0", NULL);
  page = page_new (self);
  page_put (page, landed, "e.1");
  page_outcome (page, 1, "applied", NULL, NULL);
  page_outcome (page, 2, "refused", "permission", NULL);
  page_apply (page, 2);
  g_assert_cmpuint (fixture_count_pending (self), ==, N_GROUPS - 1);
}

static void
assert_salvaged (Fixture *self, const Work *work)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelLink) link = NULL;
  g_autoptr (SatchelRecord) given = NULL;
  g_autoptr (GPtrArray) groups = NULL;
  const char *aside, *previous;
  guint n_salvaged;

  self->replica = try_open (self, SATCHEL_OPEN_SET_ASIDE, &error);
  g_assert_no_error (error);
  aside = satchel_replica_get_set_aside (self->replica, &n_salvaged);
  g_assert_nonnull (aside);
  g_assert_true (g_file_test (aside, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (n_salvaged, ==, N_GROUPS - 1);

  link = satchel_replica_get_link (self->replica, NULL);
  g_assert_cmpstr (link->server, ==, "https://example.com");
  g_assert_cmpstr (link->device_id, ==, "device-1");
  g_assert_null (link->cursor);

  for (guint i = 2; i < N_GROUPS; i++)
    g_assert_true (fixture_has (self, work->created[i]));
  g_assert_cmpuint (fixture_count_tray (self), ==, 1);
  g_assert_cmpuint (fixture_count_pending (self), ==, N_GROUPS - 1);

  /* The chain goes on. */
  g_free (fixture_create (self, "account", "name", "Typed after", NULL));
  groups = fixture_take_groups (self, 100);
  previous = link->last_hash != NULL ? link->last_hash : ((SatchelGroup *) g_ptr_array_index (groups, 0))->hash;
  for (guint i = link->last_hash != NULL ? 0 : 1; i < groups->len; i++)
    {
      SatchelGroup *group = g_ptr_array_index (groups, i);
      g_autofree char *hash = satchel_group_compute_hash (group, previous);

      g_assert_cmpint (group->n, ==, 3 + i);
      g_assert_cmpstr (group->hash, ==, hash);
      previous = group->hash;
    }

  /* What was typed on what the server has shows when that is here again. */
  g_assert_false (fixture_has (self, work->given));
  given = fixture_record (self, "account", work->given, "name", "Given", "phone", "1", NULL);
  fixture_land (self, given, "e.1");
  fixture_assert_text (self, work->given, "phone", "2");
}

static void
test_header (Fixture *self, gconstpointer data)
{
  g_auto (Work) work = { 0 };

  make_work (self, &work);
  close_replica (self);
  overwrite (self, 0, 100);

  assert_opens_with (self, SATCHEL_DATA_ERROR_CORRUPT);
  assert_salvaged (self, &work);
}

static void
test_cut (Fixture *self, gconstpointer data)
{
  g_auto (Work) work = { 0 };

  make_work (self, &work);
  close_replica (self);
  g_assert_no_errno (truncate (self->path, get_size (self) / 3));

  assert_opens_with (self, SATCHEL_DATA_ERROR_CORRUPT);
  assert_salvaged (self, &work);
}

static void
test_emptied (Fixture *self, gconstpointer data)
{
  g_auto (Work) work = { 0 };

  make_work (self, &work);
  close_replica (self);
  g_assert_no_errno (truncate (self->path, 0));

  assert_opens_with (self, SATCHEL_DATA_ERROR_CORRUPT);
  assert_salvaged (self, &work);
}

static void
test_schema (Fixture *self, gconstpointer data)
{
  g_auto (Work) work = { 0 };

  make_work (self, &work);
  close_replica (self);
  overwrite (self, 100, 3996);

  assert_opens_with (self, SATCHEL_DATA_ERROR_CORRUPT);
  assert_salvaged (self, &work);
}

/* Without the spare copy what can be read of the file itself is taken, and the other way round. */
static void
test_without_spare (Fixture *self, gconstpointer data)
{
  g_auto (Work) work = { 0 };
  g_autofree char *spare = g_strconcat (self->path, ".outbox", NULL);

  make_work (self, &work);
  close_replica (self);
  g_assert_no_errno (g_unlink (spare));
  replica_files_set_suspicious (self->path, TRUE);

  /* The free pages at the end belong to nobody, so that only the look at all of it finds this. */
  overwrite (self, get_size (self) / 4096 / 2 * 4096, 4096);
  assert_opens_with (self, SATCHEL_DATA_ERROR_CORRUPT);
  assert_salvaged (self, &work);
}

static char *
read_spare (Fixture *self)
{
  g_autofree char *spare = g_strconcat (self->path, ".outbox", NULL);
  char *text = NULL;

  g_assert_true (g_file_get_contents (spare, &text, NULL, NULL));

  return text;
}

static void
write_spare (Fixture *self, const char *text)
{
  g_autofree char *spare = g_strconcat (self->path, ".outbox", NULL);

  g_assert_true (g_file_set_contents (spare, text, -1, NULL));
}

/* Earlier versions wrote groups and nothing beside them. */
static void
test_earlier_spare (Fixture *self, gconstpointer data)
{
  g_auto (Work) work = { 0 };
  g_autoptr (GRegex) marks = g_regex_new ("\"kept\":[0-9]+,|,\"(kept|previous)\":(\"[^\"]*\"|[0-9]+)", G_REGEX_DEFAULT,
                                          0, NULL);
  g_autofree char *text = NULL;
  g_autofree char *earlier = NULL;

  make_work (self, &work);
  close_replica (self);
  text = read_spare (self);
  g_assert_nonnull (strstr (text, "\"kept\""));
  earlier = g_regex_replace (marks, text, -1, 0, "", 0, NULL);
  g_assert_null (strstr (earlier, "\"kept\""));
  g_assert_null (strstr (earlier, "\"previous\""));
  write_spare (self, earlier);
  overwrite (self, 0, 4096);

  assert_salvaged (self, &work);
}

/* A line of each file is damaged, and it is the same group: what came behind it cannot be sent by itself. */
static void
test_missing_group (Fixture *self, gconstpointer data)
{
  g_auto (Work) work = { 0 };
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) groups = NULL;
  g_autofree char *after = NULL;

  make_work (self, &work);
  close_replica (self);
  text = read_spare (self);
  memset (strstr (text, "Typed 20"), '"', 8);
  write_spare (self, text);
  overwrite (self, 0, 4096);

  self->replica = try_open (self, SATCHEL_OPEN_SET_ASIDE, &error);
  g_assert_no_error (error);
  after = fixture_create (self, "account", "name", "Typed after", NULL);
  groups = fixture_take_groups (self, 100);
  g_assert_cmpuint (groups->len, ==, 19);
  for (guint i = 0; i < groups->len; i++)
    g_assert_cmpint (((SatchelGroup *) g_ptr_array_index (groups, i))->n, ==, 3 + i);
  g_assert_cmpuint (fixture_count_tray (self), ==, 1 + N_GROUPS - 20);
}

static void
test_torn_spare (Fixture *self, gconstpointer data)
{
  g_auto (Work) work = { 0 };
  g_autofree char *spare = g_strconcat (self->path, ".outbox", NULL);
  g_autofree char *text = NULL;
  g_autofree char *torn = NULL;

  make_work (self, &work);
  close_replica (self);
  g_assert_true (g_file_get_contents (spare, &text, NULL, NULL));
  torn = g_strdup_printf ("%s{\"group\":{\"n\":99,\"mut", text);
  g_assert_true (g_file_set_contents (spare, torn, -1, NULL));
  overwrite (self, 0, 4096);

  assert_salvaged (self, &work);
}

static void
overwrite_table (Fixture *self, const char *table)
{
  sqlite3_stmt *statement;
  guint n_pages = 0;
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (self->path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (db, "SELECT pageno FROM dbstat WHERE name = ?", -1, &statement, NULL), ==,
                   SQLITE_OK);
  sqlite3_bind_text (statement, 1, table, -1, SQLITE_STATIC);
  while (sqlite3_step (statement) == SQLITE_ROW)
    {
      overwrite (self, (sqlite3_column_int64 (statement, 0) - 1) * 4096, 4096);
      n_pages++;
    }

  g_assert_cmpuint (n_pages, >, 0);
  sqlite3_finalize (statement);
  sqlite3_close (db);
}

/* Damage in a file that was closed well shows when it is read, and is found when it is opened again. */
static void
test_middle (Fixture *self, gconstpointer data)
{
  g_auto (Work) work = { 0 };
  g_autoptr (SatchelQuery) query = satchel_query_new (self->account);
  g_autoptr (GPtrArray) page = NULL;
  g_autoptr (GError) error = NULL;

  make_work (self, &work);
  close_replica (self);
  overwrite_table (self, "account");

  self->replica = try_open (self, SATCHEL_OPEN_SET_ASIDE, &error);
  g_assert_no_error (error);
  g_assert_null (satchel_replica_get_set_aside (self->replica, NULL));
  page = satchel_replica_page (self->replica, query, NULL, 1000, &error);
  g_assert_null (page);
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_CORRUPT);
  close_replica (self);

  assert_opens_with (self, SATCHEL_DATA_ERROR_CORRUPT);
  assert_salvaged (self, &work);
}

/* A replica that others have open is not moved away under them. */
static void
test_in_use (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture_reopen (self); /* what it holds is in the file itself then, not in its log */
  replica_files_set_suspicious (self->path, TRUE);
  overwrite (self, 4096, 4096 * 3);
  g_assert_null (try_open (self, SATCHEL_OPEN_SET_ASIDE, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_BUSY);
}

/* ---- Versions ------------------------------------------------------------------------------------- */

static void
run_sql (Fixture *self, const char *sql)
{
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (self->path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
}

static void
assert_newer_and_untouched (Fixture *self)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  gsize length_before, length_after;

  g_assert_true (g_file_get_contents (self->path, &before, &length_before, NULL));
  g_assert_null (try_open (self, SATCHEL_OPEN_SET_ASIDE, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_NEWER);
  g_assert_true (g_file_get_contents (self->path, &after, &length_after, NULL));
  g_assert_cmpmem (before, length_before, after, length_after);
}

static void
test_newer_version (Fixture *self, gconstpointer data)
{
  close_replica (self);
  run_sql (self, "PRAGMA user_version = 999");
  assert_newer_and_untouched (self);
}

static void
test_newer_vocabulary (Fixture *self, gconstpointer data)
{
  close_replica (self);
  run_sql (self, "ALTER TABLE account ADD COLUMN shoe_size INTEGER; UPDATE _meta SET value = 'x' WHERE name = "
                 "'vocabulary'");
  assert_newer_and_untouched (self);
}

/* ---- Places that cannot be written to ------------------------------------------------------------- */

static void
test_read_only (Fixture *self, gconstpointer data)
{
  static const char *const places[] = { "/proc/replica.db", "/sys/replica.db" };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (satchel_replica_open (places[i], self->vocabulary, SATCHEL_OPEN_DEFAULT, &error));
      g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_IO);
      g_assert_nonnull (strstr (error->message, places[i]));
    }
}

static void
test_read_only_folder (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  if (geteuid () == 0)
    {
      g_test_skip ("root may write everywhere");
      return;
    }

  close_replica (self);
  g_assert_no_errno (chmod (self->folder, 0500));
  self->replica = try_open (self, SATCHEL_OPEN_DEFAULT, &error);
  g_assert_no_errno (chmod (self->folder, 0700));
  g_assert_null (self->replica);
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_IO);
}

static gboolean
fill_disk_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  g_autofree char *sql = NULL;
  gint64 n_pages;

  if (!replica_query_integer (tx->connection, "PRAGMA page_count", &n_pages, error))
    return FALSE;

  sql = g_strdup_printf ("PRAGMA max_page_count = %" G_GINT64_FORMAT, data != NULL ? G_MAXINT32 : n_pages);

  return replica_run (tx->connection, error, sql, "");
}

static void
test_full_disk (Fixture *self, gconstpointer data)
{
  g_autofree char *before = fixture_create (self, "account", "name", "Before", NULL);
  g_autofree char *text = g_strnfill (300000, 'a');
  g_autoptr (SatchelRecord) record = fixture_record (self, "note", NULL, "title", "Long", "body", text, NULL);
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (replica_writer_run (self->replica->writer, REPLICA_DURABILITY_FULL, fill_disk_cb, NULL, NULL));
  satchel_edit_create (edit, record);
  g_assert_false (satchel_replica_commit (self->replica, edit, NULL, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_FULL);
  g_clear_error (&error);
  g_assert_true (fixture_has (self, before));
  g_assert_false (fixture_has (self, satchel_record_get_id (record)));
  g_assert_cmpuint (fixture_count_pending (self), ==, 1);

  /* With room again the same edit is done. */
  g_assert_true (replica_writer_run (self->replica->writer, REPLICA_DURABILITY_FULL, fill_disk_cb, self, NULL));
  satchel_replica_commit (self->replica, edit, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (fixture_has (self, satchel_record_get_id (record)));
  g_assert_cmpuint (fixture_count_pending (self), ==, 2);
}

/* A page that does not fit leaves nothing, streamed or held. */
static void
test_full_disk_page (Fixture *self, gconstpointer data)
{
  g_autofree char *text = g_strnfill (100000, 'a');

  for (guint round = 0; round < 2; round++)
    {
      Page *page = page_new (self);
      g_autoptr (GError) error = NULL;

      g_assert_true (replica_writer_run (self->replica->writer, REPLICA_DURABILITY_FULL, fill_disk_cb, NULL, NULL));
      for (guint i = 0; i < 300; i++)
        {
          g_autoptr (SatchelRecord) note = fixture_record (self, "note", NULL, "title", "Long", "body", text, NULL);

          page_put (page, note, "e.1");
        }
      g_assert_false (satchel_delivery_apply (page->delivery, &page->end, &page->result, &error));
      g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_FULL);
      page_free (page);

      g_assert_true (replica_writer_run (self->replica->writer, REPLICA_DURABILITY_FULL, fill_disk_cb, self, NULL));
      if (round == 0)
        satchel_record_unref (fixture_given (self, "account", "name", "Makes the next page a held one", NULL));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  REPLICA_TEST ("/damage/header", test_header);
  REPLICA_TEST ("/damage/cut", test_cut);
  REPLICA_TEST ("/damage/emptied", test_emptied);
  REPLICA_TEST ("/damage/schema", test_schema);
  REPLICA_TEST ("/damage/without-spare", test_without_spare);
  REPLICA_TEST ("/damage/torn-spare", test_torn_spare);
  REPLICA_TEST ("/damage/earlier-spare", test_earlier_spare);
  REPLICA_TEST ("/damage/missing-group", test_missing_group);
  REPLICA_TEST ("/damage/middle", test_middle);
  REPLICA_TEST ("/damage/in-use", test_in_use);
  REPLICA_TEST ("/damage/newer-version", test_newer_version);
  REPLICA_TEST ("/damage/newer-vocabulary", test_newer_vocabulary);
  REPLICA_TEST ("/damage/read-only", test_read_only);
  REPLICA_TEST ("/damage/read-only-folder", test_read_only_folder);
  REPLICA_TEST ("/damage/full-disk", test_full_disk);
  REPLICA_TEST ("/damage/full-disk-page", test_full_disk_page);

  return g_test_run ();
}
