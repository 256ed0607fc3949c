/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What was found with failing disks, each by its name, and what a damaged or read-only disk must not do. */

#define _GNU_SOURCE /* locks that belong to the open file */

#include "crash-replica.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>

#include "records/satchel-error.h"
#include "test-vocabulary.h"

#define N_SEEDS 24
#define PAGE 4096

static SatchelVocabulary *vocabulary;

/* ---- A replica ------------------------------------------------------------------------------------ */

static void
set_up (CrashReplica *self, gconstpointer data)
{
  *self = (CrashReplica) { .base.kind = &crash_replica_kind, .vocabulary = vocabulary };
  self->base.disk = fault_disk_new (1);
  crash_chance_begin (1);
}

static void
close_replica (CrashReplica *self)
{
  self->base.kind->close (&self->base);
}

static void
tear_down (CrashReplica *self, gconstpointer data)
{
  close_replica (self);
  fault_disk_free (self->base.disk);
}

static void
assert_opens (CrashReplica *self)
{
  g_autoptr (GError) error = NULL;

  self->base.kind->open (&self->base, &error);
  g_assert_no_error (error);
}

static void
assert_types (CrashReplica *self, guint id)
{
  g_autoptr (GError) error = NULL;

  crash_create (&self->base, &error, "account", id, "name", "Typed", NULL);
  g_assert_no_error (error);
}

static void
land (CrashReplica *self, guint first, guint n)
{
  CrashPage *page = crash_page_new (&self->base);
  g_autofree char *story = g_strnfill (3000, 's');
  g_autoptr (GError) error = NULL;

  for (guint i = first; i < first + n; i++)
    crash_page_put (page, CRASH_BUCKET, "e.1", "note", i, "title", "Landed", "body", story, NULL);
  crash_page_apply (page, "1", 0, &error);
  g_assert_no_error (error);
}

static void
assert_has (CrashReplica *self, guint id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelRecord) record = crash_get (&self->base, id, &error);

  g_assert_no_error (error);
  g_assert_nonnull (record);
}

static guint
count_pending (CrashReplica *self)
{
  g_autoptr (GPtrArray) pending = satchel_replica_list_pending (self->replica, NULL);

  return pending != NULL ? pending->len : 0;
}

static void
link_device (CrashReplica *self)
{
  g_autoptr (GError) error = NULL;

  crash_link (&self->base, &error, "nonce-1");
  g_assert_no_error (error);
}

/* ---- Salvage -------------------------------------------------------------------------------------- */

#define N_TYPED 5

static void
make_work (CrashReplica *self)
{
  assert_opens (self);
  link_device (self);
  land (self, 500, 4);
  for (guint i = 0; i < N_TYPED; i++)
    assert_types (self, 20 + i);
  close_replica (self);
}

static void
assert_all_work (CrashReplica *self)
{
  g_assert_cmpuint (count_pending (self), ==, N_TYPED);
  for (guint i = 0; i < N_TYPED; i++)
    assert_has (self, 20 + i);
}

/* The disk was full while what was not sent was taken out of a damaged file: the next opening found a new file, whole
 * and empty, and forgot all of it. */
static void
test_salvage_cut_short (CrashReplica *self, gconstpointer data)
{
  g_autoptr (FaultSnapshot) damaged = NULL;
  guint n_failed = 0;

  make_work (self);
  fault_disk_damage (self->base.disk, "replica.db", 0, PAGE);
  damaged = fault_disk_snapshot (self->base.disk);
  self->flags = SATCHEL_OPEN_SET_ASIDE | SATCHEL_OPEN_MUST_EXIST;

  for (guint at = 1; at < 120; at++)
    {
      g_autoptr (GError) error = NULL;

      fault_disk_restore (self->base.disk, damaged);
      fault_disk_plan (self->base.disk, FAULT_NO_SPACE, FAULT_POINTS, at, FAULT_FOR_EVER);
      n_failed += !self->base.kind->open (&self->base, &error);
      close_replica (self);
      fault_disk_clear_plans (self->base.disk);

      assert_opens (self);
      assert_all_work (self);
      close_replica (self);
    }
  g_assert_cmpuint (n_failed, >, 20);
}

/* Only the last line of the spare copy was looked for. */
static void
test_gap_in_spare (CrashReplica *self, gconstpointer data)
{
  goffset size;

  make_work (self);
  size = fault_disk_get_size (self->base.disk, "replica.db.outbox");
  fault_disk_damage (self->base.disk, "replica.db.outbox", (gsize) size / 2, 40);
  assert_opens (self);
  close_replica (self);

  fault_disk_damage (self->base.disk, "replica.db", 0, PAGE);
  self->flags = SATCHEL_OPEN_SET_ASIDE;
  assert_opens (self);
  assert_all_work (self);
}

/* ---- Damage in the log ----------------------------------------------------------------------------- */

#define LOG_HEADER 32
#define FRAME (24 + PAGE)

/* What was not settled, as it is sent. */
static char *
describe_work (CrashReplica *self)
{
  g_autoptr (GPtrArray) groups = satchel_replica_take_groups (self->replica, 0, 100, G_MAXSIZE, NULL);
  g_autoptr (GPtrArray) tray = satchel_replica_list_tray (self->replica, NULL);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < groups->len; i++)
    g_string_append_printf (text, "%s\n", ((SatchelOutgoing *) g_ptr_array_index (groups, i))->text);
  for (guint i = 0; i < tray->len; i++)
    g_string_append_printf (text, "refused: %" G_GINT64_FORMAT "\n", ((SatchelWork *) g_ptr_array_index (tray, i))->n);

  return g_string_free_and_steal (text);
}

static void
kill_and_reopen (CrashReplica *self)
{
  fault_disk_kill (self->base.disk);
  close_replica (self);
  fault_disk_restart (self->base.disk);
}

static void
settle_three (CrashReplica *self)
{
  CrashPage *page = crash_page_new (&self->base);
  g_autoptr (GError) error = NULL;

  crash_page_put (page, CRASH_BUCKET, "e.1", "account", 20, "name", "Typed", NULL);
  crash_page_outcome (page, 1, "applied", NULL, NULL);
  crash_page_outcome (page, 2, "refused", "permission", NULL);
  crash_page_outcome (page, 3, "refused", "permission", NULL);
  crash_page_apply (page, "2", 3, &error);
  g_assert_no_error (error);
}

static void
retry_first (CrashReplica *self)
{
  g_autoptr (GPtrArray) tray = satchel_replica_list_tray (self->replica, NULL);
  g_autoptr (GError) error = NULL;

  satchel_replica_tray_retry (self->replica, ((SatchelWork *) g_ptr_array_index (tray, 0))->id, &error);
  g_assert_no_error (error);
}

static void
type_on (CrashReplica *self)
{
  for (guint i = 0; i < 12; i++)
    assert_types (self, 20 + i);
}

/* Five groups are typed, three of them are settled, one that was refused is sent again, and two more are typed. */
static void
live (CrashReplica *self)
{
  for (guint i = 0; i < 5; i++)
    assert_types (self, 20 + i);
  g_free (describe_work (self));
  settle_three (self);
  retry_first (self);
  assert_types (self, 30);
  assert_types (self, 31);
}

/* It becomes another device. */
static void
live_anew (CrashReplica *self)
{
  g_autoptr (SatchelLink) link = NULL;
  g_autoptr (GError) error = NULL;

  live (self);
  link = satchel_replica_get_link (self->replica, NULL);
  g_set_str (&link->device_id, "device-2");
  satchel_replica_set_link (self->replica, link, &error);
  g_assert_no_error (error);
  satchel_replica_restart (self->replica, "e", &error);
  g_assert_no_error (error);
  assert_types (self, 40);
  assert_types (self, 41);
}

static guint
count_lines (const char *text, const char *prefix)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint n = 0;

  for (char **line = lines; *line != NULL; line++)
    n += g_str_has_prefix (*line, prefix);

  return n;
}

/* All that was not settled is there, under its own number, and nothing of it twice. */
static void
assert_nothing_lost (CrashReplica *self, const char *work)
{
  g_autofree char *found = describe_work (self);
  g_auto (GStrv) lines = g_strsplit (work, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    if (strstr (found, *line) == NULL)
      g_error ("Not there: %s\nbut: %s", *line, found);
  g_assert_cmpuint (count_lines (found, "refused"), ==, count_lines (work, "refused"));
  g_free (self->base.kind->dump (&self->base));
  self->base.kind->verify (&self->base);
}

/* @is_plain: all of it can be brought back into the replica that is there */
typedef struct
{
  void (*run) (CrashReplica *self);
  gboolean is_plain;
} Life;

/* The process is killed; then a page of SQLite's log cannot be read as it was written. SQLite goes on as if nothing
 * behind it had ever been there. */
static void
test_damaged_log (CrashReplica *self, gconstpointer data)
{
  const Life *life = data;
  g_autoptr (FaultSnapshot) killed = NULL;
  g_autofree char *work = NULL;
  guint n_frames, n_aside = 0;

  assert_opens (self);
  link_device (self);
  land (self, 500, 4);
  close_replica (self);
  assert_opens (self);
  life->run (self);
  work = describe_work (self);
  kill_and_reopen (self);
  killed = fault_disk_snapshot (self->base.disk);
  n_frames = (guint) (fault_disk_get_size (self->base.disk, "replica.db-wal") - LOG_HEADER) / FRAME;
  g_assert_cmpuint (n_frames, >, 20);
  self->flags = SATCHEL_OPEN_SET_ASIDE;

  for (guint i = 0; i < n_frames; i++)
    {
      fault_disk_restore (self->base.disk, killed);
      fault_disk_damage (self->base.disk, "replica.db-wal", LOG_HEADER + (gsize) i * FRAME + 100, 100);
      assert_opens (self);
      n_aside += satchel_replica_get_set_aside (self->replica, NULL) != NULL;
      assert_nothing_lost (self, work);
      assert_types (self, 60);
      close_replica (self);
    }
  g_test_message ("%u pages of the log, %u files set aside", n_frames, n_aside);
  g_assert_cmpuint (n_aside, <, life->is_plain ? 1 : n_frames);
}

static const Life plain_life = { type_on, TRUE };
static const Life long_life = { live, FALSE };
static const Life two_lives = { live_anew, FALSE };

/* ---- What was refused stays so -------------------------------------------------------------------- */

static gboolean
try_to_type (CrashReplica *self, guint id)
{
  g_autoptr (GError) error = NULL;

  return crash_create (&self->base, &error, "account", id, "name", "Typed", NULL);
}

static void
assert_has_not (CrashReplica *self, guint id)
{
  g_autoptr (SatchelRecord) record = crash_get (&self->base, id, NULL);

  g_assert_null (record);
}

/* Who was told that it could not be saved types it again, perhaps elsewhere: it does not come back by itself when the
 * process is killed then, out of SQLite's log or out of the spare copy. */
static void
test_refused_stays_away (CrashReplica *self, gconstpointer data)
{
  static const struct
  {
    FaultEffect effect;
    guint kinds;
  } faults[] = {
    { FAULT_NO_SPACE, FAULT_BIT (FAULT_WRITE) | FAULT_BIT (FAULT_CREATE) },
    { FAULT_NO_SPACE, FAULT_POINTS                                       },
    { FAULT_IO_ERROR, FAULT_BIT (FAULT_SYNC)                             },
  };
  guint n_refused = 0;

  assert_opens (self);
  assert_types (self, 20);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    for (guint at = 1; at < 12; at++)
      {
        guint id = 100 * (i + 1) + at;
        gboolean typed;

        fault_disk_plan (self->base.disk, faults[i].effect, faults[i].kinds, at, 1);
        typed = try_to_type (self, id);
        n_refused += !typed;
        fault_disk_clear_plans (self->base.disk);
        kill_and_reopen (self);
        assert_opens (self);
        if (typed)
          assert_has (self, id);
        else
          assert_has_not (self, id);
      }
  g_assert_cmpuint (n_refused, >, 5);
  assert_has (self, 20);
}

/* ---- Syncs that fail ------------------------------------------------------------------------------ */

/* What a failed sync was to write is not written by the next one: what was acknowledged afterwards stood behind it in
 * the log, and went with the power. */
static void
test_failed_sync (CrashReplica *self, gconstpointer data)
{
  for (guint seed = 0; seed < N_SEEDS; seed++)
    {
      g_autoptr (GError) error = NULL;

      fault_disk_free (self->base.disk);
      self->base.disk = fault_disk_new (seed);
      assert_opens (self);
      land (self, 500, 10);
      fault_disk_plan (self->base.disk, FAULT_IO_ERROR, FAULT_BIT (FAULT_SYNC), 1, 1);
      g_assert_false (crash_create (&self->base, &error, "account", 20, "name", "Typed", NULL));
      g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_IO);
      assert_types (self, 21);

      fault_disk_kill (self->base.disk);
      close_replica (self);
      fault_disk_lose_power (self->base.disk);
      assert_opens (self);
      assert_has (self, 21);
      close_replica (self);
    }
}

/* The process ends, and what it wrote cannot be taken in: the next one does not know what is missing in the log, and
 * took pages out of it while the power could go. */
static void
test_failed_sync_at_end (CrashReplica *self, gconstpointer data)
{
  gboolean typed = FALSE;

  for (guint at = 1; !typed; at++)
    {
      fault_disk_free (self->base.disk);
      self->base.disk = fault_disk_new (at);
      assert_opens (self);
      assert_types (self, 20);
      close_replica (self);
      assert_opens (self);
      land (self, 500, 10);
      fault_disk_plan (self->base.disk, FAULT_IO_ERROR, FAULT_BIT (FAULT_SYNC), 1, FAULT_FOR_EVER);
      close_replica (self);

      fault_disk_clear_plans (self->base.disk);
      fault_disk_plan (self->base.disk, FAULT_KILL, FAULT_POINTS, at, 1);
      typed = self->base.kind->open (&self->base, NULL) &&
              crash_create (&self->base, NULL, "account", 21, "name", "Typed", NULL);
      close_replica (self);
      fault_disk_kill (self->base.disk);
      fault_disk_lose_power (self->base.disk);
      assert_opens (self);
      assert_has (self, 20);
      if (typed)
        assert_has (self, 21);
      g_free (self->base.kind->dump (&self->base));
      close_replica (self);
    }
}

/* It fails for somebody else, who has the replica open too. */
static void
test_failed_sync_elsewhere (CrashReplica *self, gconstpointer data)
{
  for (guint seed = 0; seed < N_SEEDS; seed++)
    {
      CrashReplica other = { .base.kind = &crash_replica_kind, .vocabulary = vocabulary };
      g_autoptr (GError) error = NULL;

      fault_disk_free (self->base.disk);
      other.base.disk = self->base.disk = fault_disk_new (seed);
      assert_opens (self);
      assert_opens (&other);
      land (self, 500, 10);
      fault_disk_plan (self->base.disk, FAULT_IO_ERROR, FAULT_BIT (FAULT_SYNC), 1, 1);
      g_assert_false (crash_create (&other.base, &error, "account", 20, "name", "Typed", NULL));
      close_replica (&other);
      assert_types (self, 21);

      fault_disk_kill (self->base.disk);
      close_replica (self);
      fault_disk_lose_power (self->base.disk);
      assert_opens (self);
      assert_has (self, 21);
      close_replica (self);
    }
}

/* As long as syncs fail, nothing is taken. */
static void
test_failing_syncs (CrashReplica *self, gconstpointer data)
{
  assert_opens (self);
  fault_disk_plan (self->base.disk, FAULT_IO_ERROR, FAULT_BIT (FAULT_SYNC), 1, FAULT_FOR_EVER);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (crash_create (&self->base, &error, "account", 20 + i, "name", "Typed", NULL));
      g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_IO);
      g_assert_cmpuint (count_pending (self), ==, 0);
    }
  fault_disk_clear_plans (self->base.disk);
  assert_types (self, 20);
}

/* ---- Names ---------------------------------------------------------------------------------------- */

/* The file of what was not sent had its name in memory only when the replica was emptied. The second file that is made
 * after that is the new spare copy. */
static void
test_kept_name (CrashReplica *self, gconstpointer data)
{
  for (guint seed = 0; seed < N_SEEDS; seed++)
    {
      g_autofree char *path = NULL;
      g_autofree char *kept = NULL;

      fault_disk_free (self->base.disk);
      self->base.disk = fault_disk_new (seed);
      path = fault_disk_build_path (self->base.disk, "kept.ndjson");
      assert_opens (self);
      assert_types (self, 20);
      fault_disk_plan (self->base.disk, FAULT_KILL, FAULT_BIT (FAULT_CREATE), 2, 1);
      satchel_replica_sign_out (self->replica, path, NULL);
      close_replica (self);
      fault_disk_lose_power (self->base.disk);

      assert_opens (self);
      g_assert_cmpuint (count_pending (self), ==, 0);
      g_assert_true (g_file_get_contents (path, &kept, NULL, NULL));
      g_assert_nonnull (strstr (kept, crash_id (20)));
      close_replica (self);
    }
}

/* ---- Locks ---------------------------------------------------------------------------------------- */

static gboolean
is_locked (const char *path)
{
  struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  int fd = g_open (path, O_RDWR | O_CLOEXEC, 0);

  g_assert_cmpint (fcntl (fd, F_OFD_GETLK, &range), ==, 0);
  /* Not closed: that would take the locks away which are asked for. */

  return range.l_type != F_UNLCK;
}

/* Opening a replica a second time took away SQLite's locks on it for the process: closing any descriptor of a file
 * does. */
static void
test_locks_stay (void)
{
  g_autofree char *folder = g_dir_make_tmp ("satchel-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "replica.db", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelReplica) first = satchel_replica_open (path, vocabulary, SATCHEL_OPEN_DEFAULT, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) problem = NULL;

      g_assert_null (satchel_replica_open (path, satchel_vocabulary_get_default (), SATCHEL_OPEN_DEFAULT, &problem));
    }
  g_assert_true (is_locked (path));

  satchel_replica_close (first);
  for (guint i = 0; i < 3; i++)
    {
      static const char *const suffixes[] = { "", ".lock", ".outbox" };
      g_autofree char *file = g_strconcat (path, suffixes[i], NULL);

      g_unlink (file);
    }
  g_assert_no_errno (g_rmdir (folder));
}

/* ---- Reads that fail ------------------------------------------------------------------------------ */

/* More than are laid down at once. */
#define N_EXITS 140

static gboolean
exit_many (CrashReplica *self, GError **error)
{
  CrashPage *page = crash_page_new (&self->base);

  for (guint i = 0; i < N_EXITS; i++)
    satchel_delivery_add_exit (page->delivery, "note", crash_id (500 + i), CRASH_BUCKET, NULL);

  return crash_page_apply (page, "2", 0, error);
}

/* When reading how far the device had got failed, a page was laid down past those that were staged before it. */
static void
test_page_after_failed_read (CrashReplica *self, gconstpointer data)
{
  for (guint at = 1; at < 12; at++)
    {
      CrashPage *page;
      g_autoptr (GError) error = NULL;
      g_autoptr (SatchelRecord) record = NULL;

      fault_disk_free (self->base.disk);
      self->base.disk = fault_disk_new (at);
      assert_opens (self);
      land (self, 500, 2);
      page = crash_page_new (&self->base);
      crash_page_put (page, CRASH_BUCKET, "e.2", "note", 500, "title", "Staged", NULL);
      crash_page_stage (page, &error);
      g_assert_no_error (error);

      fault_disk_plan (self->base.disk, FAULT_IO_ERROR, FAULT_BIT (FAULT_READ) | FAULT_BIT (FAULT_OPEN), at, 1);
      if (!exit_many (self, &error))
        {
          g_clear_error (&error);
          exit_many (self, &error);
          g_assert_no_error (error);
        }
      fault_disk_clear_plans (self->base.disk);
      land (self, 900, 1);

      record = crash_get (&self->base, 500, &error);
      g_assert_null (record);
      close_replica (self);
    }
}

/* ---- Damage --------------------------------------------------------------------------------------- */

/* Reads all that a rep may come by; what is damaged says so and is found when the replica is opened again. */
static void
read_all (CrashReplica *self)
{
  g_autoptr (SatchelQuery) accounts = satchel_query_new (satchel_vocabulary_lookup (vocabulary, "account"));
  g_autoptr (SatchelQuery) notes = satchel_query_new (satchel_vocabulary_lookup (vocabulary, "note"));
  g_autoptr (GPtrArray) some = satchel_replica_page (self->replica, accounts, NULL, 1000, NULL);
  g_autoptr (GPtrArray) more = satchel_replica_page (self->replica, notes, NULL, 1000, NULL);
  g_autoptr (GPtrArray) tray = satchel_replica_list_tray (self->replica, NULL);
  g_autoptr (GPtrArray) groups = satchel_replica_take_groups (self->replica, 0, 100, G_MAXSIZE, NULL);

  for (guint i = 0; i < N_TYPED; i++)
    {
      g_autoptr (SatchelRecord) record = crash_get (&self->base, 20 + i, NULL);
    }
}

/* Each page of the file is damaged once, after it was closed well. */
static void
test_every_page (CrashReplica *self, gconstpointer data)
{
  g_autoptr (FaultSnapshot) whole = NULL;
  guint n_aside = 0, n_pages;

  make_work (self);
  whole = fault_disk_snapshot (self->base.disk);
  n_pages = (guint) fault_disk_get_size (self->base.disk, "replica.db") / PAGE;
  self->flags = SATCHEL_OPEN_SET_ASIDE;

  for (guint i = 0; i < n_pages; i++)
    {
      fault_disk_restore (self->base.disk, whole);
      fault_disk_damage (self->base.disk, "replica.db", (gsize) i * PAGE, PAGE);
      assert_opens (self);
      read_all (self);
      close_replica (self);

      assert_opens (self);
      n_aside += satchel_replica_get_set_aside (self->replica, NULL) != NULL;
      assert_all_work (self);
      close_replica (self);
    }
  g_test_message ("%u pages, %u files set aside", n_pages, n_aside);
  g_assert_cmpuint (n_aside, >, 5);
}

/* ---- Disks that cannot be written to -------------------------------------------------------------- */

static void
test_read_only (CrashReplica *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  make_work (self);
  fault_disk_set_read_only (self->base.disk, TRUE);
  g_assert_false (self->base.kind->open (&self->base, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_IO);

  fault_disk_set_read_only (self->base.disk, FALSE);
  assert_opens (self);
  assert_all_work (self);
}

/* A disk that the system makes read-only after an error: what is there is read on. */
static void
test_becomes_read_only (CrashReplica *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  make_work (self);
  assert_opens (self);
  fault_disk_set_read_only (self->base.disk, TRUE);
  g_assert_false (crash_create (&self->base, &error, "account", 40, "name", "Typed", NULL));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_IO);
  assert_all_work (self);

  fault_disk_set_read_only (self->base.disk, FALSE);
  assert_types (self, 40);
  assert_has (self, 40);
}

#define DAMAGED(path, life) g_test_add (path, CrashReplica, &life, set_up, test_damaged_log, tear_down)
#define FOUND(path, function) g_test_add (path, CrashReplica, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  fault_vfs_register ();
  vocabulary = satchel_test_vocabulary_new ();

  FOUND ("/crash/found/salvage-cut-short", test_salvage_cut_short);
  FOUND ("/crash/found/gap-in-spare", test_gap_in_spare);
  DAMAGED ("/crash/found/damaged-log", plain_life);
  DAMAGED ("/crash/found/damaged-log-with-tray", long_life);
  DAMAGED ("/crash/found/damaged-log-of-new-device", two_lives);
  FOUND ("/crash/found/refused-stays-away", test_refused_stays_away);
  FOUND ("/crash/found/failed-sync", test_failed_sync);
  FOUND ("/crash/found/failed-sync-at-end", test_failed_sync_at_end);
  FOUND ("/crash/found/failed-sync-elsewhere", test_failed_sync_elsewhere);
  FOUND ("/crash/found/failing-syncs", test_failing_syncs);
  FOUND ("/crash/found/kept-name", test_kept_name);
  g_test_add_func ("/crash/found/locks-stay", test_locks_stay);
  FOUND ("/crash/found/page-after-failed-read", test_page_after_failed_read);
  FOUND ("/crash/damage/every-page", test_every_page);
  FOUND ("/crash/damage/read-only", test_read_only);
  FOUND ("/crash/damage/becomes-read-only", test_becomes_read_only);

  status = g_test_run ();
  satchel_vocabulary_free (vocabulary);

  return status;
}
