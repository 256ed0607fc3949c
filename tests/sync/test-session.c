/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib/gstdio.h>
#include <string.h>

#include "../replica/replica-fixture.h"
#include "client/satchel-session.h"
#include "fake-server.h"
#include "records/satchel-id.h"
#include "script.h"

#define DAY (24 * 60 * 60)

/* A server that says yes to everything, and a session that talks to it. */
typedef struct
{
  Fixture replica;
  FakeServer *server;
  SatchelSession *session;
  char *ca_file;
  char *device;
  char *user;

  /* Of the server; guarded by the mutex. */
  GMutex mutex;
  guint status; /* what it answers; 200: as it should */
  guint n_groups; /* that have come */
  guint n_pages;
  SoupServerMessage *held; /* (nullable): a request that waits for news */
} Team;

#define SESSION_TEST(path, function) g_test_add (path, Team, NULL, team_set_up, function, team_tear_down)

/* ---- The server ---- */

static void
answer_sync (Team *self, SoupServerMessage *message, ScriptRequest *request, SatchelRecord *news)
{
  g_autoptr (ScriptAnswer) answer = script_answer_new ();
  g_autofree char *cursor = g_strdup_printf ("page-%u", ++self->n_pages);
  g_autoptr (GBytes) body = NULL;
  const char *nonce = NULL;

  for (guint i = 0; request != NULL && i < request->groups->len; i++)
    {
      script_answer_applied (answer, script_request_get_n (request, i), self->user, "e.2");
      self->n_groups = script_request_get_n (request, i);
      nonce = script_request_get (request, "proposed");
    }
  if (news != NULL)
    script_answer_put (answer, news, "e.1");
  script_answer_page (answer, cursor, self->n_groups, SCRIPT_HEAD, nonce);
  body = script_answer_finish (answer);
  fake_server_answer (message, 200, SATCHEL_FRAMES_MEDIA_TYPE, g_bytes_get_data (body, NULL), g_bytes_get_size (body));
}

/* A newer request ends the one that is held. With the mutex held. */
static void
release (Team *self, SatchelRecord *news)
{
  if (self->held == NULL)
    return;

  answer_sync (self, self->held, NULL, news);
  fake_server_answer_later (self->server, self->held);
  g_clear_object (&self->held);
}

static void
finished_cb (SoupServerMessage *message, Team *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (self->held == message)
    g_clear_object (&self->held);
}

static void
sync_cb (Team *self, SoupServerMessage *message)
{
  SoupMessageBody *sent = soup_server_message_get_request_body (message);
  g_autoptr (GBytes) body = g_bytes_new (sent->data, sent->length);
  g_autoptr (ScriptRequest) request = script_request_new (body);

  g_assert_cmpstr (soup_message_headers_get_one (soup_server_message_get_request_headers (message), "Authorization"),
                   ==, "Bearer secret");
  release (self, NULL);
  if (script_request_get_number (request, "wait") > 0)
    {
      self->held = g_object_ref (message);
      g_signal_connect (message, "finished", G_CALLBACK (finished_cb), self);
      soup_server_message_pause (message);
    }
  else
    {
      answer_sync (self, message, request, NULL);
    }
}

static void
sign_in_cb (Team *self, SoupServerMessage *message)
{
  g_autofree char *body = g_strdup_printf ("{\"device\":\"%s\",\"token\":\"secret\",\"user\":{\"id\":\"%s\",\"name\":"
                                           "\"nancy\"},\"organisation\":\"Northwind\",\"epoch\":\"e\"}",
                                           self->device, self->user);

  fake_server_answer (message, 201, "application/json", body, strlen (body));
}

static void
refuse (SoupServerMessage *message, guint status)
{
  const char *body = status == 401 ? "{\"error\":{\"code\":\"token\",\"message\":\"Who?\"}}"
                                   : "{\"error\":{\"code\":\"busy\",\"message\":\"Later.\"}}";

  fake_server_answer (message, status, "application/json", body, strlen (body));
}

static void
request_cb (FakeServer *server, SoupServerMessage *message, gpointer data)
{
  Team *self = data;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (self->status != 200)
    refuse (message, self->status);
  else if (strcmp (g_uri_get_path (soup_server_message_get_uri (message)), "/v1/devices") == 0)
    sign_in_cb (self, message);
  else if (strcmp (g_uri_get_path (soup_server_message_get_uri (message)), "/v1/devices/self") == 0)
    fake_server_answer (message, 204, NULL, NULL, 0);
  else
    sync_cb (self, message);
}

static void
set_status (Team *self, guint status)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  self->status = status;
}

/* ---- The test's side ---- */

typedef gboolean (*Condition) (Team *self, gconstpointer data);

/* Runs the main context until something is so. */
static void
wait_until (Team *self, Condition condition, gconstpointer data, const char *what)
{
  gint64 deadline = g_get_monotonic_time () + 30 * G_TIME_SPAN_SECOND;

  while (!condition (self, data))
    {
      if (g_get_monotonic_time () > deadline)
        g_error ("It never came to this: %s (state %d: %s)", what, satchel_session_get_state (self->session),
                 satchel_session_get_message (self->session));
      if (!g_main_context_iteration (NULL, FALSE))
        g_thread_yield ();
    }
}

#define WAIT_UNTIL(self, condition, data) wait_until (self, condition, data, #condition)

static gboolean
is_in_state (Team *self, gconstpointer state)
{
  return satchel_session_get_state (self->session) == GPOINTER_TO_UINT (state);
}

static void
wait_for_state (Team *self, SatchelSessionState state)
{
  WAIT_UNTIL (self, is_in_state, GUINT_TO_POINTER (state));
}

static gboolean
is_listening (Team *self, gconstpointer data)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return self->held != NULL && satchel_session_get_state (self->session) == SATCHEL_SESSION_IDLE;
}

static gboolean
has_groups (Team *self, gconstpointer n)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return self->n_groups >= GPOINTER_TO_UINT (n);
}

static gboolean
holds_record (Team *self, gconstpointer id)
{
  return fixture_has (&self->replica, id);
}

static gboolean
has_sent_everything (Team *self, gconstpointer data)
{
  return fixture_count_pending (&self->replica) == 0;
}

typedef struct
{
  gboolean done;
  GError *error;
} Enrolment;

static void
enrolled_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Enrolment *enrolment = data;

  satchel_session_enroll_finish (SATCHEL_SESSION (source), result, &enrolment->error);
  enrolment->done = TRUE;
}

static gboolean
is_enrolled (Team *self, gconstpointer enrolment)
{
  return ((const Enrolment *) enrolment)->done;
}

static GError *
enroll (Team *self)
{
  Enrolment enrolment = { FALSE, NULL };

  satchel_session_enroll_async (self->session, fake_server_get_address (self->server), self->ca_file, "nancy", "secret",
                                "Nancy's phone", SATCHEL_TOKEN_PLACE_FILE, NULL, enrolled_cb, &enrolment);
  WAIT_UNTIL (self, is_enrolled, &enrolment);

  return enrolment.error;
}

static void
enroll_well (Team *self)
{
  g_autoptr (GError) error = enroll (self);

  g_assert_no_error (error);
  WAIT_UNTIL (self, is_listening, NULL);
}

static void
team_set_up (Team *self, gconstpointer data)
{
  g_autoptr (TestCertificate) authority = test_certificate_new_authority ("Satchel test authority");
  g_autoptr (TestCertificate) certificate = test_certificate_new (authority, "127.0.0.1", -DAY, DAY);

  fixture_set_up (&self->replica, data);
  g_mutex_init (&self->mutex);
  self->status = 200;
  self->device = satchel_id_new ();
  self->user = satchel_id_new ();
  self->ca_file = test_certificate_write (authority, self->replica.folder, "ca.pem");
  self->server = fake_server_new (certificate, request_cb, self);
  self->session = satchel_session_new (self->replica.replica);
  satchel_session_start (self->session);
}

static void
team_tear_down (Team *self, gconstpointer data)
{
  satchel_session_stop (self->session);
  g_assert_finalize_object (self->session);
  g_clear_pointer (&self->server, fake_server_free);
  g_clear_object (&self->held);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  fixture_tear_down (&self->replica, data);
  g_mutex_clear (&self->mutex);
  g_free (self->device);
  g_free (self->user);
  g_free (self->ca_file);
}

/* ---- Tests ---- */

static void
test_not_connected (Team *self, gconstpointer data)
{
  wait_for_state (self, SATCHEL_SESSION_NOT_CONNECTED);
  g_assert_cmpuint (fake_server_count_requests (self->server), ==, 0);
}

static void
test_enroll (Team *self, gconstpointer data)
{
  g_autoptr (SatchelLink) link = NULL;
  g_autofree char *token = NULL;
  g_autofree char *last_sync = NULL;

  enroll_well (self);
  link = satchel_replica_get_link (self->replica.replica, NULL);
  g_assert_cmpstr (link->device_id, ==, self->device);
  g_assert_cmpstr (link->user_id, ==, self->user);
  g_assert_cmpstr (link->user_name, ==, "nancy");
  g_assert_cmpstr (link->server, ==, fake_server_get_address (self->server));
  g_assert_cmpstr (link->ca_file, ==, self->ca_file);
  token = satchel_token_store_load (self->device, NULL, NULL);
  g_assert_cmpstr (token, ==, "secret");
  g_object_get (self->session, "last-sync", &last_sync, NULL);
  g_assert_nonnull (last_sync);
}

/* What is written goes out while the session listens; listening goes on afterwards. */
static void
test_push_while_listening (Team *self, gconstpointer data)
{
  enroll_well (self);
  for (guint n = 1; n <= 5; n++)
    {
      g_autofree char *id = fixture_create (&self->replica, "account", "name", "Alpha", NULL);

      WAIT_UNTIL (self, has_groups, GUINT_TO_POINTER (n));
      WAIT_UNTIL (self, has_sent_everything, NULL);
      WAIT_UNTIL (self, is_listening, NULL);
    }

  /* Signing in needs one wire; then one listens and one sends. */
  g_assert_cmpuint (fake_server_count_connections (self->server), <=, 4);
}

static void
test_news (Team *self, gconstpointer data)
{
  enroll_well (self);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (SatchelRecord) news = fixture_record (&self->replica, "account", NULL, "name", "Theirs", NULL);

      g_mutex_lock (&self->mutex);
      release (self, news);
      g_mutex_unlock (&self->mutex);
      WAIT_UNTIL (self, holds_record, satchel_record_get_id (news));
      WAIT_UNTIL (self, is_listening, NULL);
    }
}

/* A session that was stopped and started again goes on where it was. */
static void
test_stop_and_start (Team *self, gconstpointer data)
{
  g_autofree char *id = NULL;

  enroll_well (self);
  satchel_session_stop (self->session);
  id = fixture_create (&self->replica, "account", "name", "Alpha", NULL);
  satchel_session_start (self->session);
  WAIT_UNTIL (self, has_groups, GUINT_TO_POINTER (1));
  WAIT_UNTIL (self, is_listening, NULL);
}

static void
test_busy (Team *self, gconstpointer data)
{
  g_autofree char *id = NULL;

  enroll_well (self);
  set_status (self, 503);
  id = fixture_create (&self->replica, "account", "name", "Alpha", NULL);
  wait_for_state (self, SATCHEL_SESSION_OFFLINE);
  g_assert_nonnull (satchel_session_get_message (self->session));
  g_assert_cmpuint (fixture_count_pending (&self->replica), ==, 1);

  set_status (self, 200);
  satchel_session_sync_now (self->session);
  WAIT_UNTIL (self, has_groups, GUINT_TO_POINTER (1));
  WAIT_UNTIL (self, is_listening, NULL);
  g_assert_null (satchel_session_get_message (self->session));
}

/* Nobody asks for anything: it tries again by itself. */
static void
test_back_by_itself (Team *self, gconstpointer data)
{
  enroll_well (self);
  set_status (self, 503);
  g_mutex_lock (&self->mutex);
  release (self, NULL);
  g_mutex_unlock (&self->mutex);
  wait_for_state (self, SATCHEL_SESSION_OFFLINE);
  set_status (self, 200);
  WAIT_UNTIL (self, is_listening, NULL);
}

static void
test_signed_out (Team *self, gconstpointer data)
{
  g_autofree char *id = NULL;
  guint n_requests;

  enroll_well (self);
  set_status (self, 401);
  id = fixture_create (&self->replica, "account", "name", "Alpha", NULL);
  wait_for_state (self, SATCHEL_SESSION_SIGNED_OUT);
  g_assert_nonnull (satchel_session_get_message (self->session));

  /* What is written meanwhile waits for the person. */
  n_requests = fake_server_count_requests (self->server);
  fixture_change (&self->replica, id, "phone", "1", NULL);
  g_assert_false (has_groups (self, GUINT_TO_POINTER (1)));
  g_assert_cmpuint (fake_server_count_requests (self->server), ==, n_requests);

  set_status (self, 200);
  enroll_well (self);
  WAIT_UNTIL (self, has_groups, GUINT_TO_POINTER (2));
  WAIT_UNTIL (self, has_sent_everything, NULL);
}

static void
test_untrusted (Team *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->ca_file, g_free);
  error = enroll (self);
  g_assert_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_UNTRUSTED);
  wait_for_state (self, SATCHEL_SESSION_NOT_CONNECTED);
  g_assert_cmpuint (fake_server_count_requests (self->server), ==, 0);
}

static void
test_wrong_password (Team *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelLink) link = NULL;

  set_status (self, 401);
  error = enroll (self);
  g_assert_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_SIGNED_OUT);
  link = satchel_replica_get_link (self->replica.replica, NULL);
  g_assert_null (link->server);
}

/* Two people on one device: the work of one never goes out as the other's. */
static void
test_another_person (Team *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelLink) link = NULL;
  g_autofree char *first = NULL;

  enroll_well (self);
  g_mutex_lock (&self->mutex);
  first = g_strdup (self->user);
  g_free (self->user);
  self->user = satchel_id_new ();
  g_mutex_unlock (&self->mutex);

  error = enroll (self);
  g_assert_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_REFUSED);
  link = satchel_replica_get_link (self->replica.replica, NULL);
  g_assert_cmpstr (link->user_id, ==, first);
}

typedef struct
{
  const char *path;
  const SatchelVocabulary *vocabulary;
  gboolean done;
  GError *error;
} OtherProcess;

static gpointer
sync_beside (gpointer data)
{
  OtherProcess *other = data;
  g_autoptr (SatchelReplica) replica = satchel_replica_open (other->path, other->vocabulary, SATCHEL_OPEN_MUST_EXIST,
                                                             &other->error);

  if (replica != NULL)
    satchel_sync_run (replica, 0, NULL, NULL, &other->error);
  g_atomic_int_set (&other->done, TRUE);

  return NULL;
}

static gboolean
is_done (Team *self, gconstpointer other)
{
  return g_atomic_int_get (&((OtherProcess *) other)->done);
}

static void
sync_in_another_process (Team *self)
{
  OtherProcess other = { satchel_replica_get_path (self->replica.replica),
                         satchel_replica_get_vocabulary (self->replica.replica), FALSE, NULL };
  GThread *thread = g_thread_new ("other-process", sync_beside, &other);

  WAIT_UNTIL (self, is_done, &other);
  g_thread_join (thread);
  g_assert_no_error (other.error);
}

/* What a session does not need, it does not hold; and it goes on from where the other one has left. */
static void
test_beside_another_process (Team *self, gconstpointer data)
{
  g_autoptr (SatchelRecord) news = fixture_record (&self->replica, "account", NULL, "name", "Theirs", NULL);
  g_autofree char *id = NULL;

  enroll_well (self);
  for (guint i = 0; i < 3; i++)
    {
      sync_in_another_process (self);
      WAIT_UNTIL (self, is_listening, NULL);
    }
  id = fixture_create (&self->replica, "account", "name", "Alpha", NULL);
  WAIT_UNTIL (self, has_groups, GUINT_TO_POINTER (1));
  WAIT_UNTIL (self, is_listening, NULL);

  g_mutex_lock (&self->mutex);
  release (self, news);
  g_mutex_unlock (&self->mutex);
  WAIT_UNTIL (self, holds_record, satchel_record_get_id (news));
}

/* It waits for another one that is at it, shows it, and leaves when it is asked to. */
static void
test_waits_for_another_process (Team *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelReplica) other = NULL;
  g_autofree char *id = NULL;

  enroll_well (self);
  other = satchel_replica_open (satchel_replica_get_path (self->replica.replica),
                                satchel_replica_get_vocabulary (self->replica.replica), SATCHEL_OPEN_MUST_EXIST,
                                &error);
  g_assert_no_error (error);
  satchel_replica_lock_sync (other, &error);
  g_assert_no_error (error);
  id = fixture_create (&self->replica, "account", "name", "Alpha", NULL);
  wait_for_state (self, SATCHEL_SESSION_SYNCING);
  g_assert_cmpuint (self->n_groups, ==, 0);
  satchel_session_stop (self->session);

  satchel_session_start (self->session);
  satchel_replica_unlock_sync (other);
  WAIT_UNTIL (self, has_groups, GUINT_TO_POINTER (1));
  WAIT_UNTIL (self, is_listening, NULL);
  g_assert_null (satchel_session_get_message (self->session));
}

static void
count_cb (GObject *object, GParamSpec *pspec, gpointer count)
{
  g_assert_true (g_main_context_is_owner (g_main_context_default ()));
  (*(guint *) count)++;
}

static void
test_notifies_in_main_context (Team *self, gconstpointer data)
{
  guint n_states = 0, n_syncs = 0;

  g_signal_connect (self->session, "notify::state", G_CALLBACK (count_cb), &n_states);
  g_signal_connect (self->session, "notify::last-sync", G_CALLBACK (count_cb), &n_syncs);
  enroll_well (self);
  g_assert_cmpuint (n_states, >, 0);
  g_assert_cmpuint (n_syncs, >, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  SESSION_TEST ("/session/not-connected", test_not_connected);
  SESSION_TEST ("/session/enroll", test_enroll);
  SESSION_TEST ("/session/push-while-listening", test_push_while_listening);
  SESSION_TEST ("/session/news", test_news);
  SESSION_TEST ("/session/stop-and-start", test_stop_and_start);
  SESSION_TEST ("/session/busy", test_busy);
  SESSION_TEST ("/session/back-by-itself", test_back_by_itself);
  SESSION_TEST ("/session/signed-out", test_signed_out);
  SESSION_TEST ("/session/untrusted", test_untrusted);
  SESSION_TEST ("/session/wrong-password", test_wrong_password);
  SESSION_TEST ("/session/another-person", test_another_person);
  SESSION_TEST ("/session/beside-another-process", test_beside_another_process);
  SESSION_TEST ("/session/waits-for-another-process", test_waits_for_another_process);
  SESSION_TEST ("/session/notifies-in-main-context", test_notifies_in_main_context);

  return g_test_run ();
}
