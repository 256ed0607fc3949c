/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The disks that fail, with plain SQLite on them: what they promise, and that they do lose what may be lost. */

#define _GNU_SOURCE /* locks that belong to the open file */

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault-vfs.h"

#define N_ROWS 12

/* ---- A database ----------------------------------------------------------------------------------- */

static sqlite3 *
open_database (FaultDisk *disk)
{
  g_autofree char *path = fault_disk_build_path (disk, "test.db");
  sqlite3 *db;

  g_assert_cmpint (
      sqlite3_open_v2 (path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE, NULL), ==,
      SQLITE_OK);

  return db;
}

static int
run (sqlite3 *db, const char *sql)
{
  return sqlite3_exec (db, sql, NULL, NULL, NULL);
}

static void
assert_runs (sqlite3 *db, const char *sql)
{
  g_assert_cmpint (run (db, sql), ==, SQLITE_OK);
}

/* -1: it cannot be read. */
static gint64
read_number (sqlite3 *db, const char *sql)
{
  sqlite3_stmt *statement = NULL;
  gint64 number = -1;

  if (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step (statement) == SQLITE_ROW)
    number = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);

  return number;
}

static gboolean
is_whole (sqlite3 *db)
{
  return read_number (db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check") == 1;
}

static sqlite3 *
make_table (FaultDisk *disk, const char *settings)
{
  sqlite3 *db = open_database (disk);

  assert_runs (db, settings);
  assert_runs (db, "CREATE TABLE t (a INTEGER PRIMARY KEY, b)");

  return db;
}

/* Inserts until something fails; returns how many rows were acknowledged. */
static gint64
insert_rows (sqlite3 *db)
{
  gint64 n = 0;

  while (n < N_ROWS && run (db, "INSERT INTO t (b) VALUES (hex (zeroblob (3000)))") == SQLITE_OK)
    n++;

  return n;
}

/* ---- Without faults ------------------------------------------------------------------------------- */

static void
test_connections (void)
{
  g_autoptr (FaultDisk) disk = fault_disk_new (1);
  sqlite3 *first = make_table (disk, "PRAGMA journal_mode = WAL");
  sqlite3 *second = open_database (disk);

  assert_runs (first, "BEGIN IMMEDIATE; INSERT INTO t (b) VALUES ('x')");
  g_assert_cmpint (run (second, "BEGIN IMMEDIATE"), ==, SQLITE_BUSY);
  g_assert_cmpint (read_number (second, "SELECT count (*) FROM t"), ==, 0);
  assert_runs (first, "COMMIT");
  g_assert_cmpint (read_number (second, "SELECT count (*) FROM t"), ==, 1);
  assert_runs (second, "BEGIN; SELECT * FROM t");
  g_assert_cmpint (insert_rows (first), ==, N_ROWS);
  g_assert_cmpint (read_number (second, "SELECT count (*) FROM t"), ==, 1);
  assert_runs (second, "COMMIT; PRAGMA wal_checkpoint (TRUNCATE)");
  g_assert_cmpint (fault_disk_get_size (disk, "test.db-wal"), ==, 0);
  g_assert_true (is_whole (first));

  sqlite3_close (first);
  sqlite3_close (second);
  g_assert_cmpint (fault_disk_get_size (disk, "test.db-wal"), ==, -1);
  g_assert_cmpint (fault_disk_get_size (disk, "test.db"), >, 0);
}

#define N_THREADS 4
#define N_EACH 50

static gpointer
insert_thread (gpointer data)
{
  sqlite3 *db = open_database (data);

  sqlite3_busy_timeout (db, 20000);
  for (guint i = 0; i < N_EACH; i++)
    assert_runs (db, "INSERT INTO t (b) SELECT count (*) FROM t");
  sqlite3_close (db);

  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (FaultDisk) disk = fault_disk_new (1);
  sqlite3 *db = make_table (disk, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 5");
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("insert", insert_thread, disk);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  g_assert_cmpint (read_number (db, "SELECT count (DISTINCT b) FROM t"), ==, N_THREADS * N_EACH);
  g_assert_true (is_whole (db));
  sqlite3_close (db);
}

static void
test_snapshot (void)
{
  g_autoptr (FaultDisk) disk = fault_disk_new (1);
  g_autoptr (FaultDisk) other = fault_disk_new (2);
  g_autoptr (FaultSnapshot) snapshot = NULL;
  sqlite3 *db = make_table (disk, "PRAGMA journal_mode = WAL");

  g_assert_cmpint (insert_rows (db), ==, N_ROWS);
  snapshot = fault_disk_snapshot (disk);
  g_assert_cmpint (insert_rows (db), ==, N_ROWS);
  sqlite3_close (db);

  fault_disk_restore (other, snapshot);
  db = open_database (other);
  g_assert_cmpint (read_number (db, "SELECT count (*) FROM t"), ==, N_ROWS);
  sqlite3_close (db);
}

/* ---- Kills and power ------------------------------------------------------------------------------ */

typedef void (*Revival) (FaultDisk *disk);

typedef struct
{
  guint n_rounds;
  guint n_lost;
  guint n_damaged;
} Losses;

/* Each round ends one point later, until nothing is left to end. */
static Losses
die_everywhere (const char *settings, Revival revive, guint64 seed)
{
  Losses losses = { 0 };
  gboolean died = TRUE;

  while (died)
    {
      g_autoptr (FaultDisk) disk = fault_disk_new (seed * 1000 + losses.n_rounds);
      sqlite3 *db = make_table (disk, settings);
      gint64 acknowledged, found;

      losses.n_rounds++;
      fault_disk_plan (disk, FAULT_KILL, FAULT_POINTS, losses.n_rounds, 1);
      acknowledged = insert_rows (db);
      died = fault_disk_is_dead (disk);
      sqlite3_close (db);
      revive (disk);

      db = open_database (disk);
      found = read_number (db, "SELECT count (*) FROM t");
      losses.n_damaged += !is_whole (db);
      losses.n_lost += found < acknowledged;
      g_assert_cmpint (found, <=, acknowledged + 1);
      sqlite3_close (db);
    }

  return losses;
}

static const char *const durable[] = {
  "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 6",
  "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA",
  "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = EXTRA",
};

static void
test_kill (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (durable); i++)
    {
      Losses losses = die_everywhere (durable[i], fault_disk_restart, i);

      g_assert_cmpuint (losses.n_rounds, >, 2 * N_ROWS);
      g_assert_cmpuint (losses.n_lost, ==, 0);
      g_assert_cmpuint (losses.n_damaged, ==, 0);
    }
}

static void
test_power (void)
{
  for (guint i = 0; i < 5 * G_N_ELEMENTS (durable); i++)
    {
      Losses losses = die_everywhere (durable[i % G_N_ELEMENTS (durable)], fault_disk_lose_power, i);

      g_assert_cmpuint (losses.n_rounds, >, 2 * N_ROWS);
      g_assert_cmpuint (losses.n_lost, ==, 0);
      g_assert_cmpuint (losses.n_damaged, ==, 0);
    }
}

/* Who does not sync all loses: without that the tests above would show nothing. SQLite documents each of these. */
static void
test_power_without_sync (void)
{
  Losses normal = die_everywhere ("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", fault_disk_lose_power, 1);
  Losses folder = die_everywhere ("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL", fault_disk_lose_power, 1);
  Losses off = die_everywhere ("PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF", fault_disk_lose_power, 1);
  Losses killed = die_everywhere ("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF", fault_disk_restart, 1);

  g_assert_cmpuint (normal.n_lost, >, 5);
  g_assert_cmpuint (normal.n_damaged, ==, 0);
  g_assert_cmpuint (folder.n_lost, >, 5);
  g_assert_cmpuint (off.n_damaged, >, 0);
  g_assert_cmpuint (killed.n_lost, ==, 0);
}

static GBytes *
make_wreck (guint64 seed)
{
  g_autoptr (FaultDisk) disk = fault_disk_new (seed);
  g_autofree char *path = fault_disk_build_path (disk, "test.db");
  sqlite3 *db;
  char *contents;
  gsize length;

  fault_vfs_seed (1);
  db = make_table (disk, "PRAGMA journal_mode = PERSIST; PRAGMA synchronous = OFF");
  insert_rows (db);
  fault_disk_kill (disk);
  sqlite3_close (db);
  fault_disk_lose_power (disk);
  if (!g_file_get_contents (path, &contents, &length, NULL))
    return g_bytes_new (NULL, 0);

  return g_bytes_new_take (contents, length);
}

static void
test_seeds (void)
{
  g_autoptr (GHashTable) wrecks = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref,
                                                         NULL);

  for (guint64 seed = 1; seed <= 10; seed++)
    {
      g_autoptr (GBytes) wreck = make_wreck (seed);
      g_autoptr (GBytes) again = make_wreck (seed);

      g_assert_true (g_bytes_equal (wreck, again));
      g_hash_table_add (wrecks, g_bytes_ref (wreck));
    }
  g_assert_cmpuint (g_hash_table_size (wrecks), >, 3);
}

/* ---- Errors --------------------------------------------------------------------------------------- */

typedef struct
{
  FaultEffect effect;
  guint kinds;
  int code;
} Failure;

static const Failure failures[] = {
  { FAULT_NO_SPACE, FAULT_BIT (FAULT_WRITE), SQLITE_FULL        },
  { FAULT_IO_ERROR, FAULT_BIT (FAULT_WRITE), SQLITE_IOERR_WRITE },
  { FAULT_IO_ERROR, FAULT_BIT (FAULT_SYNC),  SQLITE_IOERR_FSYNC },
  { FAULT_IO_ERROR, FAULT_BIT (FAULT_READ),  SQLITE_IOERR_READ  },
};

static void
test_failures (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      g_autoptr (FaultDisk) disk = fault_disk_new (i);
      sqlite3 *db = make_table (disk, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");

      assert_runs (db, "INSERT INTO t (b) VALUES (zeroblob (9000)); PRAGMA wal_checkpoint (TRUNCATE)");
      sqlite3_db_release_memory (db);
      fault_disk_plan (disk, failures[i].effect, failures[i].kinds, 1, FAULT_FOR_EVER);
      g_assert_cmpint (run (db, "UPDATE t SET b = zeroblob (length (b) + 1)"), ==, failures[i].code);
      g_assert_cmpuint (fault_disk_count_faults (disk, failures[i].effect), >, 0);

      fault_disk_clear_plans (disk);
      g_assert_true (is_whole (db));
      g_assert_cmpint (read_number (db, "SELECT length (b) FROM t"), ==, 9000);
      sqlite3_close (db);
    }
}

/* SQLite takes what is missing of a page for zeros. */
static void
test_bad_reads (void)
{
  static const FaultEffect effects[] = { FAULT_BAD_READ, FAULT_SHORT_READ };

  for (guint i = 0; i < G_N_ELEMENTS (effects); i++)
    {
      g_autoptr (FaultDisk) disk = fault_disk_new (1);
      sqlite3 *db = make_table (disk, "PRAGMA journal_mode = WAL");
      guint n_wrong = 0;

      assert_runs (db, "INSERT INTO t (b) VALUES (zeroblob (9000) || 'end'); PRAGMA wal_checkpoint (TRUNCATE)");
      fault_disk_plan (disk, effects[i], FAULT_BIT (FAULT_READ), 1, FAULT_FOR_EVER);
      for (guint round = 0; round < 20; round++)
        {
          sqlite3_db_release_memory (db);
          n_wrong += read_number (db, "SELECT sum (b = zeroblob (9000) || 'end') FROM t") != 1;
        }
      g_assert_cmpuint (n_wrong, >, 10);
      sqlite3_close (db);
    }
}

static void
test_read_only (void)
{
  g_autoptr (FaultDisk) disk = fault_disk_new (1);
  g_autofree char *path = fault_disk_build_path (disk, "test.db");
  sqlite3 *db = make_table (disk, "PRAGMA journal_mode = DELETE");

  fault_disk_set_read_only (disk, TRUE);
  g_assert_cmpint (run (db, "INSERT INTO t (b) VALUES (1)"), !=, SQLITE_OK);
  sqlite3_close (db);

  db = open_database (disk);
  g_assert_cmpint (run (db, "INSERT INTO t (b) VALUES (1)"), ==, SQLITE_READONLY);
  g_assert_cmpint (read_number (db, "SELECT count (*) FROM t"), ==, 0);
  sqlite3_close (db);
  g_assert_cmpint (g_open (path, O_RDWR, 0), ==, -1);
  g_assert_cmpint (errno, ==, EROFS);
}

static void
test_damage (void)
{
  g_autoptr (FaultDisk) disk = fault_disk_new (1);
  sqlite3 *db = make_table (disk, "PRAGMA journal_mode = DELETE");

  g_assert_cmpint (insert_rows (db), ==, N_ROWS);
  sqlite3_close (db);
  fault_disk_damage (disk, "test.db", 4096, 4096);

  db = open_database (disk);
  g_assert_false (is_whole (db));
  sqlite3_close (db);
}

/* A sync that failed may have lost what it was to write, and the next one does not bring it back. */
static void
test_failed_sync_loses (void)
{
  guint n_lost = 0;

  for (guint seed = 0; seed < 20; seed++)
    {
      g_autoptr (FaultDisk) disk = fault_disk_new (seed);
      sqlite3 *db = make_table (disk, "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL");

      fault_disk_plan (disk, FAULT_IO_ERROR, FAULT_BIT (FAULT_SYNC), 1, 4);
      for (guint i = 0; i < 5; i++)
        run (db, "INSERT INTO t (b) VALUES (zeroblob (20000))");
      assert_runs (db, "PRAGMA synchronous = OFF; INSERT INTO t (b) VALUES (1)");
      sqlite3_close (db);
      fault_disk_lose_power (disk);

      db = open_database (disk);
      n_lost += !is_whole (db) || read_number (db, "SELECT count (*) FROM t") < 2;
      sqlite3_close (db);
    }
  g_assert_cmpuint (n_lost, >, 0);
}

/* ---- What is done beside SQLite ------------------------------------------------------------------- */

static int
try_lock (int fd)
{
  struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1 };

  return fcntl (fd, F_OFD_SETLK, &range);
}

static void
test_locks (void)
{
  g_autoptr (FaultDisk) disk = fault_disk_new (1);
  g_autofree char *path = fault_disk_build_path (disk, "lock");
  int first = g_open (path, O_RDWR | O_CREAT, 0600);
  int second = g_open (path, O_RDWR | O_CREAT, 0600);

  g_assert_cmpint (try_lock (first), ==, 0);
  g_assert_cmpint (try_lock (second), ==, -1);
  close (first);
  g_assert_cmpint (try_lock (second), ==, 0);
  close (second);
}

static void
append (const char *path, const char *text)
{
  int fd = g_open (path, O_WRONLY | O_CREAT | O_APPEND, 0600);
  GStatBuf before, after;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (fstat (fd, &before), ==, 0);
  g_assert_cmpint (write (fd, text, strlen (text)), ==, strlen (text));
  g_assert_cmpint (fstat (fd, &after), ==, 0);
  g_assert_cmpint (after.st_size - before.st_size, ==, strlen (text));
  close (fd);
}

static void
assert_contents (const char *path, const char *expected)
{
  g_autofree char *contents = NULL;

  g_assert_cmpint (g_file_test (path, G_FILE_TEST_EXISTS), ==, expected != NULL);
  g_assert_cmpint (g_file_get_contents (path, &contents, NULL, NULL), ==, expected != NULL);
  g_assert_cmpstr (contents, ==, expected);
}

static void
test_calls (void)
{
  g_autoptr (FaultDisk) disk = fault_disk_new (1);
  g_autofree char *path = fault_disk_build_path (disk, "a");
  g_autofree char *other = fault_disk_build_path (disk, "b");

  assert_contents (path, NULL);
  append (path, "one");
  append (path, "two");
  assert_contents (path, "onetwo");
  g_assert_cmpint (g_open (path, O_WRONLY | O_CREAT | O_EXCL, 0600), ==, -1);
  g_assert_cmpint (errno, ==, EEXIST);

  g_assert_cmpint (truncate (path, 3), ==, 0);
  assert_contents (path, "one");
  g_assert_cmpint (g_rename (path, other), ==, 0);
  assert_contents (path, NULL);
  assert_contents (other, "one");
  g_assert_true (g_file_set_contents_full (other, "new", -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
  assert_contents (other, "new");
  g_assert_true (g_file_set_contents_full (other, "newer", -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  assert_contents (other, "newer");
  g_assert_cmpint (g_unlink (other), ==, 0);
  assert_contents (other, NULL);

  fault_disk_plan (disk, FAULT_NO_SPACE, FAULT_BIT (FAULT_WRITE), 1, 1);
  g_assert_false (g_file_set_contents_full (path, "x", -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
  assert_contents (path, NULL);
}

/* A file that was replaced is the old one or the new one, whatever happens. */
static void
test_replaced (void)
{
  guint n_new = 0;

  for (guint seed = 0; seed < 40; seed++)
    {
      g_autoptr (FaultDisk) disk = fault_disk_new (seed);
      g_autofree char *path = fault_disk_build_path (disk, "a");
      g_autofree char *contents = NULL;

      g_file_set_contents_full (path, "old", -1, G_FILE_SET_CONTENTS_DURABLE, 0600, NULL);
      fault_disk_plan (disk, FAULT_KILL, FAULT_POINTS, 1 + seed % 4, 1);
      g_file_set_contents_full (path, "new", -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
      fault_disk_kill (disk);
      fault_disk_lose_power (disk);

      g_assert_true (g_file_get_contents (path, &contents, NULL, NULL));
      n_new += g_str_equal (contents, "new");
      if (!g_str_equal (contents, "new"))
        g_assert_cmpstr (contents, ==, "old");
    }
  g_assert_cmpuint (n_new, >, 0);
  g_assert_cmpuint (n_new, <, 40);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  fault_vfs_register ();

  g_test_add_func ("/fault-vfs/connections", test_connections);
  g_test_add_func ("/fault-vfs/threads", test_threads);
  g_test_add_func ("/fault-vfs/snapshot", test_snapshot);
  g_test_add_func ("/fault-vfs/kill", test_kill);
  g_test_add_func ("/fault-vfs/power", test_power);
  g_test_add_func ("/fault-vfs/power-without-sync", test_power_without_sync);
  g_test_add_func ("/fault-vfs/seeds", test_seeds);
  g_test_add_func ("/fault-vfs/failures", test_failures);
  g_test_add_func ("/fault-vfs/bad-reads", test_bad_reads);
  g_test_add_func ("/fault-vfs/read-only", test_read_only);
  g_test_add_func ("/fault-vfs/damage", test_damage);
  g_test_add_func ("/fault-vfs/failed-sync-loses", test_failed_sync_loses);
  g_test_add_func ("/fault-vfs/locks", test_locks);
  g_test_add_func ("/fault-vfs/calls", test_calls);
  g_test_add_func ("/fault-vfs/replaced", test_replaced);

  return g_test_run ();
}
