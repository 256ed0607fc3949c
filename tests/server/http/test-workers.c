/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The threads behind the one that serves: works that share a transaction, works that spoil it, news, and the end. */

#include "satchel-config.h"

#include <gio/gio.h>

#include "server-fixture.h"
#include "server/http/http-workers.h"

#define PATIENCE_SECONDS 60

typedef struct
{
  Fixture base;
  HttpWorkers *workers;
  GMutex mutex;
  GCond cond;
  gboolean blocked; /* the writer is at work, until it is let go */
  gboolean let_go;
  guint n_open;
  guint n_news;
  guint n_vague_news;
} Test;

typedef enum
{
  WORK_GOOD,
  WORK_REFUSED, /* by the core: the others do not mind */
  WORK_SPOILING, /* the store failed */
  WORK_REPEATED, /* others are in the way, the first three times */
  WORK_BLOCKING,
} WorkKind;

typedef struct
{
  HttpWork work;
  Test *test;
  WorkKind kind;
  char *key;
  guint n_writes;
  GError *error;
  gboolean done;
} Work;

static void
block (Test *test)
{
  g_mutex_lock (&test->mutex);
  test->blocked = TRUE;
  g_cond_broadcast (&test->cond);
  while (!test->let_go)
    g_cond_wait (&test->cond, &test->mutex);
  g_mutex_unlock (&test->mutex);
}

static HttpStep
work_read (HttpWork *base, SatchelServer *server, SatchelStoreSession *session)
{
  return HTTP_STEP_CHECK;
}

static HttpStep
work_check (HttpWork *base)
{
  return HTTP_STEP_WRITE;
}

static HttpStep
work_write (HttpWork *base, SatchelServer *server, SatchelStoreSession *session, GHashTable *touched)
{
  Work *self = (Work *) base;

  self->n_writes++;
  if (self->kind == WORK_BLOCKING)
    block (self->test);
  else if (self->kind == WORK_REFUSED)
    g_set_error_literal (&base->error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_TOKEN, "no");
  else
    satchel_store_set_meta (session, self->key, "written", &base->error);

  if (self->kind == WORK_SPOILING)
    g_set_error_literal (&base->error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_FULL, "full");
  if (self->kind == WORK_REPEATED && self->n_writes <= 3)
    g_set_error_literal (&base->error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_AGAIN, "again");
  if (self->kind == WORK_GOOD)
    g_hash_table_add (touched, g_strdup ("org"));

  return HTTP_STEP_DONE;
}

static void
work_done (HttpWork *base)
{
  Work *self = (Work *) base;

  g_assert_false (self->done);
  self->done = TRUE;
  self->error = g_steal_pointer (&base->error);
  self->test->n_open--;
}

static const HttpWorkClass work_class = { work_read, work_check, work_write, work_done };

static Work *
start (Test *test, WorkKind kind, const char *key, HttpStep first)
{
  Work *self = g_new0 (Work, 1);

  self->work.class = &work_class;
  self->test = test;
  self->kind = kind;
  self->key = g_strdup (key);
  test->n_open++;
  http_workers_start (test->workers, &self->work, first);

  return self;
}

static void
work_free (Work *self)
{
  g_clear_error (&self->error);
  g_free (self->key);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Work, work_free)

static void
news_cb (GHashTable *touched, gpointer data)
{
  Test *test = data;

  if (touched == NULL)
    test->n_vague_news++;
  else
    test->n_news++;
}

static gboolean
impatient_cb (gpointer data)
{
  g_error ("This takes too long");

  return G_SOURCE_REMOVE;
}

/* Turns the main loop until it is so. */
static void
await (gboolean (*is_so) (Test *test), Test *test)
{
  guint timeout = g_timeout_add_seconds (PATIENCE_SECONDS, impatient_cb, NULL);

  while (!is_so (test))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timeout);
}

static gboolean
is_all_done (Test *test)
{
  return test->n_open == 0;
}

static gboolean
is_vaguely_news (Test *test)
{
  return test->n_vague_news > 0;
}

/* Holds the writer up, so that what comes meanwhile gathers. */
static Work *
hold_up (Test *test)
{
  Work *blocker = start (test, WORK_BLOCKING, NULL, HTTP_STEP_WRITE);

  g_mutex_lock (&test->mutex);
  while (!test->blocked)
    g_cond_wait (&test->cond, &test->mutex);
  g_mutex_unlock (&test->mutex);

  return blocker;
}

static void
let_go (Test *test)
{
  g_mutex_lock (&test->mutex);
  test->let_go = TRUE;
  g_cond_broadcast (&test->cond);
  g_mutex_unlock (&test->mutex);
}

static gboolean
is_written (Test *test, const char *key)
{
  g_autofree char *value = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (satchel_store_begin (test->base.reader, &error));
  g_assert_true (satchel_store_get_meta (test->base.reader, key, &value, &error));
  satchel_store_rollback (test->base.reader);

  return value != NULL;
}

static void
set_up (Test *test, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture_set_up (&test->base, data);
  g_mutex_init (&test->mutex);
  g_cond_init (&test->cond);
  test->workers = http_workers_new (test->base.server, test->base.store, test->base.writer, news_cb, test, &error);
  g_assert_no_error (error);
}

static void
tear_down (Test *test, gconstpointer data)
{
  g_clear_pointer (&test->workers, http_workers_free);
  g_mutex_clear (&test->mutex);
  g_cond_clear (&test->cond);
  fixture_tear_down (&test->base, data);
}

static void
test_one_spoils (Test *test, gconstpointer data)
{
  g_autoptr (Work) blocker = hold_up (test);
  g_autoptr (Work) first = start (test, WORK_GOOD, "first", HTTP_STEP_WRITE);
  g_autoptr (Work) refused = start (test, WORK_REFUSED, "refused", HTTP_STEP_WRITE);
  g_autoptr (Work) spoiling = start (test, WORK_SPOILING, "spoiling", HTTP_STEP_WRITE);
  g_autoptr (Work) last = start (test, WORK_GOOD, "last", HTTP_STEP_WRITE);

  let_go (test);
  await (is_all_done, test);

  g_assert_no_error (first->error);
  g_assert_error (refused->error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_TOKEN);
  g_assert_error (spoiling->error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_FULL);
  g_assert_no_error (last->error);
  g_assert_true (is_written (test, "first"));
  g_assert_true (is_written (test, "last"));
  g_assert_false (is_written (test, "spoiling"));
  /* Together they were taken back, then each was written alone. */
  g_assert_cmpuint (first->n_writes, ==, 2);
  g_assert_cmpuint (last->n_writes, ==, 1);
  g_assert_cmpuint (test->n_news, ==, 2);
}

static void
test_they_share (Test *test, gconstpointer data)
{
  g_autoptr (GPtrArray) works = g_ptr_array_new_with_free_func ((GDestroyNotify) work_free);
  guint before = http_workers_get_n_commits (test->workers);

  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *key = g_strdup_printf ("key %u", i);

      g_ptr_array_add (works, start (test, WORK_GOOD, key, HTTP_STEP_READ));
    }
  await (is_all_done, test);

  for (guint i = 0; i < works->len; i++)
    {
      Work *work = g_ptr_array_index (works, i);

      g_assert_no_error (work->error);
      g_assert_cmpuint (work->n_writes, ==, 1);
      g_assert_true (is_written (test, work->key));
    }
  g_assert_cmpuint (http_workers_get_n_commits (test->workers) - before, <=, works->len);
}

/* It is done again from the beginning, and nobody hears of it; who shared the transaction is written too. */
static void
test_others_are_in_the_way (Test *test, gconstpointer data)
{
  g_autoptr (Work) blocker = hold_up (test);
  g_autoptr (Work) first = start (test, WORK_GOOD, "first", HTTP_STEP_WRITE);
  g_autoptr (Work) repeated = start (test, WORK_REPEATED, "repeated", HTTP_STEP_WRITE);

  let_go (test);
  await (is_all_done, test);

  g_assert_no_error (first->error);
  g_assert_no_error (repeated->error);
  g_assert_cmpuint (repeated->n_writes, ==, 4);
  g_assert_true (is_written (test, "first"));
  g_assert_true (is_written (test, "repeated"));
}

/* One's own commits are no news to look for; another process's are. */
static void
test_news_of_others (Test *test, gconstpointer data)
{
  g_autoptr (Work) own = start (test, WORK_GOOD, "own", HTTP_STEP_READ);
  g_autoptr (Work) later = NULL;
  g_autoptr (GError) error = NULL;
  SatchelStoreSession *other;

  await (is_all_done, test);
  http_workers_look (test->workers);
  later = start (test, WORK_GOOD, "later", HTTP_STEP_READ); /* done after the look */
  await (is_all_done, test);
  g_assert_cmpuint (test->n_vague_news, ==, 0);

  other = satchel_store_open_session (test->base.store, SATCHEL_STORE_WRITE, &error);
  g_assert_no_error (error);
  g_assert_true (satchel_store_begin (other, &error));
  g_assert_true (satchel_store_set_meta (other, "other", "written", &error));
  g_assert_true (satchel_store_commit (other, &error));
  satchel_store_session_close (other);

  http_workers_look (test->workers);
  await (is_vaguely_news, test);
}

/* Everything that was started is done at the end, written or cancelled, and told which. */
static void
test_the_end (Test *test, gconstpointer data)
{
  g_autoptr (GPtrArray) works = g_ptr_array_new_with_free_func ((GDestroyNotify) work_free);

  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *key = g_strdup_printf ("key %u", i);

      g_ptr_array_add (works, start (test, WORK_GOOD, key, HTTP_STEP_READ));
    }
  g_clear_pointer (&test->workers, http_workers_free);

  g_assert_cmpuint (test->n_open, ==, 0);
  for (guint i = 0; i < works->len; i++)
    {
      Work *work = g_ptr_array_index (works, i);

      g_assert_error (work->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  store_test_full ("/http/workers/one-spoils", Test, set_up, test_one_spoils, tear_down);
  store_test_full ("/http/workers/they-share", Test, set_up, test_they_share, tear_down);
  store_test_full ("/http/workers/others-are-in-the-way", Test, set_up, test_others_are_in_the_way, tear_down);
  store_test_full ("/http/workers/news-of-others", Test, set_up, test_news_of_others, tear_down);
  store_test_full ("/http/workers/the-end", Test, set_up, test_the_end, tear_down);

  return g_test_run ();
}
