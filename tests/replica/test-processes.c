/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Several processes and threads on one replica: announcements, locks, kills, and the thread that must not wait. */

#include "replica-fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "records/satchel-error.h"
#include "records/satchel-id.h"

#define PATIENCE_US (20 * G_USEC_PER_SEC)

/* ---- Announcements -------------------------------------------------------------------------------- */

typedef struct
{
  GMainContext *context;
  GThread *thread;
  guint n;
  guint64 types;
  gboolean outbox;
  gboolean anything;
  GHashTable *ids;
} Heard;

static void
changed_cb (SatchelReplica *replica, SatchelChanges *changes, gpointer data)
{
  Heard *heard = data;
  GHashTableIter iter;
  gpointer id;

  g_assert_true (g_thread_self () == heard->thread);
  heard->n++;
  heard->types |= changes->types;
  heard->outbox |= changes->outbox;
  heard->anything |= changes->ids == NULL;
  if (changes->ids == NULL)
    return;

  g_hash_table_iter_init (&iter, changes->ids);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    g_hash_table_add (heard->ids, g_strdup (id));
}

static void
heard_init (Heard *heard, Fixture *self)
{
  *heard = (Heard) { .context = g_main_context_default (), .thread = g_thread_self () };
  heard->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_signal_connect (self->replica, "changed", G_CALLBACK (changed_cb), heard);
}

static void
heard_clear (Heard *heard)
{
  g_clear_pointer (&heard->ids, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Heard, heard_clear)

static gboolean
wake_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* Waits for a condition, with a bound. */
#define WAIT_UNTIL(condition)                                  \
  G_STMT_START                                                 \
  {                                                            \
    gint64 deadline = g_get_monotonic_time () + PATIENCE_US;   \
    guint timeout = g_timeout_add (50, wake_cb, NULL);         \
    while (!(condition) && g_get_monotonic_time () < deadline) \
      g_main_context_iteration (NULL, TRUE);                   \
    g_source_remove (timeout);                                 \
    g_assert_true (condition);                                 \
  }                                                            \
  G_STMT_END

static void
test_announced (Fixture *self, gconstpointer data)
{
  g_auto (Heard) heard = { 0 };
  g_autofree char *id = NULL;
  guint n;

  heard_init (&heard, self);
  id = fixture_create (self, "account", "name", "Alfreds", NULL);
  WAIT_UNTIL (g_hash_table_contains (heard.ids, id));
  g_assert_cmphex (heard.types, ==, G_GUINT64_CONSTANT (1) << satchel_type_get_number (self->account));
  g_assert_true (heard.outbox);
  g_assert_false (heard.anything);

  /* What does not happen is not announced. */
  n = heard.n;
  {
    g_autoptr (SatchelRecord) bad = fixture_record (self, "account", id, "name", "Again", NULL);
    g_autoptr (SatchelEdit) edit = satchel_edit_new ();

    satchel_edit_create (edit, bad);
    g_assert_false (satchel_replica_commit (self->replica, edit, NULL, NULL));
  }
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (heard.n, ==, n);
}

static void
test_announced_many (Fixture *self, gconstpointer data)
{
  g_auto (Heard) heard = { 0 };
  Page *page = page_new (self);

  heard_init (&heard, self);
  for (guint i = 0; i < 6000; i++)
    {
      g_autoptr (SatchelRecord) record = fixture_record (self, "account", NULL, "name", "Somebody", NULL);

      page_put (page, record, "e.1");
    }
  page_apply (page, 0);
  WAIT_UNTIL (heard.n > 0);
  g_assert_true (heard.anything);
  g_assert_cmpuint (heard.n, ==, 1);
}

static gpointer
commit_thread (gpointer data)
{
  return fixture_create (data, "account", "name", "From elsewhere", NULL);
}

static void
test_announced_in_context (Fixture *self, gconstpointer data)
{
  g_auto (Heard) heard = { 0 };
  g_autofree char *id = NULL;

  heard_init (&heard, self);
  id = g_thread_join (g_thread_new ("commit", commit_thread, self));
  WAIT_UNTIL (g_hash_table_contains (heard.ids, id));
}

/* ---- Threads -------------------------------------------------------------------------------------- */

#define N_THREADS 8
#define N_EACH 25

static gpointer
write_and_read_thread (gpointer data)
{
  Fixture *self = data;

  for (guint i = 0; i < N_EACH; i++)
    {
      g_autofree char *id = fixture_create (self, "account", "name", "Somebody", NULL);
      g_autoptr (GPtrArray) found = satchel_replica_search (self->replica, "somebody", NULL, 5, NULL);

      g_assert_true (fixture_has (self, id));
      g_assert_nonnull (found);
      fixture_change (self, id, "phone", "123", NULL);
    }

  return NULL;
}

static void
test_threads (Fixture *self, gconstpointer data)
{
  GThread *threads[N_THREADS];
  g_autoptr (GPtrArray) groups = NULL;

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("both", write_and_read_thread, self);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  groups = fixture_take_groups (self, G_MAXINT);
  g_assert_cmpuint (groups->len, ==, N_THREADS * N_EACH * 2);
  for (guint i = 0; i < groups->len; i++)
    g_assert_cmpint (((SatchelGroup *) g_ptr_array_index (groups, i))->n, ==, i + 1);
}

static void
forbid_and_query (Fixture *self)
{
  g_autoptr (SatchelQuery) query = satchel_query_new (self->account);
  guint64 count;

  satchel_replica_forbid_queries ();
  satchel_replica_count (self->replica, query, &count, NULL);
}

static void
test_forbidden (Fixture *self, gconstpointer data)
{
#ifdef SATCHEL_RELEASE
  g_test_skip ("not in a release");
#else
  if (g_test_subprocess ())
    {
      forbid_and_query (self);
      return;
    }

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*thread that must not wait*");
#endif
}

/* ---- Processes ------------------------------------------------------------------------------------ */

/* This program again, doing one thing to the replica. */
static GSubprocess *
spawn_helper (Fixture *self, const char *task)
{
  g_autoptr (GError) error = NULL;
  GSubprocess *helper = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, "/proc/self/exe", "--helper", task,
                                          self->path, NULL);

  g_assert_no_error (error);

  return helper;
}

static char *
read_line (GDataInputStream *stream)
{
  g_autoptr (GError) error = NULL;
  char *line = g_data_input_stream_read_line (stream, NULL, NULL, &error);

  g_assert_no_error (error);

  return line;
}

static void
test_external_change (Fixture *self, gconstpointer data)
{
  g_auto (Heard) heard = { 0 };
  g_autoptr (GSubprocess) helper = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *id = NULL;

  heard_init (&heard, self);
  helper = spawn_helper (self, "create");
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (helper));
  id = read_line (lines);
  g_assert_nonnull (id);
  g_assert_true (g_subprocess_wait_check (helper, NULL, NULL));

  WAIT_UNTIL (heard.anything);
  g_assert_true (heard.outbox);
  g_assert_true (fixture_has (self, id));

  /* Both write in turn, and the groups stay one chain. */
  g_free (fixture_create (self, "account", "name", "And here", NULL));
  {
    g_autoptr (GPtrArray) groups = fixture_take_groups (self, 10);
    const SatchelGroup *first = g_ptr_array_index (groups, 0);
    const SatchelGroup *second = g_ptr_array_index (groups, 1);
    g_autofree char *hash = satchel_group_compute_hash (second, first->hash);

    g_assert_cmpuint (groups->len, ==, 2);
    g_assert_cmpstr (second->hash, ==, hash);
  }
}

static void
test_sync_lock (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) helper = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *line = NULL;

  satchel_replica_lock_sync (self->replica, &error);
  g_assert_no_error (error);
  g_assert_false (satchel_replica_lock_sync (self->replica, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_BUSY);
  g_clear_error (&error);

  /* Opening it once more gives nobody the lock, and takes it from nobody. */
  {
    g_autoptr (SatchelReplica) again = satchel_replica_open (self->path, self->vocabulary, SATCHEL_OPEN_DEFAULT, NULL);

    g_assert_false (satchel_replica_lock_sync (again, &error));
    g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_BUSY);
    g_clear_error (&error);
  }
  satchel_replica_unlock_sync (self->replica);

  /* It ends with the process that held it. */
  helper = spawn_helper (self, "lock");
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (helper));
  line = read_line (lines);
  g_assert_cmpstr (line, ==, "locked");
  g_assert_false (satchel_replica_lock_sync (self->replica, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_BUSY);
  g_clear_error (&error);

  g_subprocess_force_exit (helper);
  g_subprocess_wait (helper, NULL, NULL);
  satchel_replica_lock_sync (self->replica, &error);
  g_assert_no_error (error);
}

/* A process that commits without end is killed: each edit that it said was done is there, in one chain. */
static void
test_killed (Fixture *self, gconstpointer data)
{
  satchel_replica_close (self->replica);
  g_clear_object (&self->replica);

  for (guint round = 1; round <= 8; round++)
    {
      g_autoptr (GSubprocess) helper = spawn_helper (self, "commit");
      g_autoptr (GDataInputStream) lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (helper));
      g_autoptr (GPtrArray) said = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GPtrArray) groups = NULL;
      g_autoptr (GError) error = NULL;
      const char *previous = NULL;
      char *line;

      for (guint i = 0; i < round * 7; i++)
        g_ptr_array_add (said, read_line (lines));
      g_subprocess_force_exit (helper);
      while ((line = read_line (lines)) != NULL)
        g_ptr_array_add (said, line);
      g_subprocess_wait (helper, NULL, NULL);

      self->replica = satchel_replica_open (self->path, self->vocabulary, SATCHEL_OPEN_MUST_EXIST, &error);
      g_assert_no_error (error);
      for (guint i = 0; i < said->len; i++)
        if (satchel_id_is_valid (g_ptr_array_index (said, i)))
          g_assert_true (fixture_has (self, g_ptr_array_index (said, i)));

      groups = fixture_take_groups (self, G_MAXINT);
      g_assert_cmpuint (groups->len, >=, said->len - 1);
      for (guint i = 0; i < groups->len; i++)
        {
          SatchelGroup *group = g_ptr_array_index (groups, i);
          g_autofree char *hash = satchel_group_compute_hash (group, previous);

          g_assert_cmpint (group->n, ==, i + 1);
          g_assert_cmpstr (group->hash, ==, hash);
          previous = group->hash;
        }

      if (round == 8)
        break;
      satchel_replica_close (self->replica);
      g_clear_object (&self->replica);
    }
}

/* ---- The helper ----------------------------------------------------------------------------------- */

static void
say (const char *line)
{
  g_print ("%s\n", line);
  fflush (stdout);
}

static void
help_create (Fixture *self)
{
  g_autofree char *id = fixture_create (self, "account", "name", "By another process", NULL);

  say (id);
}

static int
help (const char *task, const char *path)
{
  g_autoptr (SatchelVocabulary) vocabulary = satchel_test_vocabulary_new ();
  g_autoptr (GError) error = NULL;
  Fixture self = { .vocabulary = vocabulary };

  self.replica = satchel_replica_open (path, vocabulary, SATCHEL_OPEN_DEFAULT, &error);
  g_assert_no_error (error);

  if (strcmp (task, "create") == 0)
    {
      help_create (&self);
    }
  else if (strcmp (task, "commit") == 0)
    {
      for (;;)
        help_create (&self);
    }
  else if (strcmp (task, "lock") == 0)
    {
      satchel_replica_lock_sync (self.replica, &error);
      g_assert_no_error (error);
      say ("locked");
      pause ();
    }

  g_clear_object (&self.replica);

  return 0;
}

int
main (int argc, char *argv[])
{
  if (argc == 4 && strcmp (argv[1], "--helper") == 0)
    return help (argv[2], argv[3]);

  g_test_init (&argc, &argv, NULL);

  REPLICA_TEST ("/processes/announced", test_announced);
  REPLICA_TEST ("/processes/announced-many", test_announced_many);
  REPLICA_TEST ("/processes/announced-in-context", test_announced_in_context);
  REPLICA_TEST ("/processes/threads", test_threads);
  REPLICA_TEST ("/processes/forbidden", test_forbidden);
  REPLICA_TEST ("/processes/external-change", test_external_change);
  REPLICA_TEST ("/processes/sync-lock", test_sync_lock);
  REPLICA_TEST ("/processes/killed", test_killed);

  return g_test_run ();
}
