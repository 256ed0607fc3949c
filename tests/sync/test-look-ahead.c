/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The request that follows an answer is on its way while the answer is laid down. */

#include "script-device.h"

static void
test_look_ahead (Device *self, gconstpointer data)
{
  g_autoptr (SatchelRecord) first = fixture_record (&self->replica, "account", NULL, "name", "Alpha", NULL);
  g_autoptr (ScriptAnswer) page = script_answer_new ();
  g_autoptr (ScriptAnswer) last = script_answer_new ();
  g_autoptr (ScriptRequest) request = device_send (self);
  g_autoptr (GBytes) page_body = NULL;
  g_autoptr (GBytes) last_body = NULL;
  g_autoptr (GBytes) ahead = NULL;
  g_autoptr (GBytes) next = NULL;
  g_autoptr (ScriptRequest) sent = NULL;
  SatchelSyncStep step;

  script_answer_put (page, first, "e.1");
  script_answer_page (page, "one", 0, SCRIPT_ARRIVING, NULL);
  page_body = script_answer_finish (page);
  ahead = satchel_sync_core_look_ahead (self->core, page_body);
  g_assert_nonnull (ahead);
  sent = script_request_new (ahead);
  g_assert_cmpstr (script_request_get (sent, "cursor"), ==, "one");
  g_assert_true (satchel_sync_core_receive (self->core, page_body, &step, NULL));
  g_assert_cmpint (step, ==, SATCHEL_SYNC_STEP_AGAIN);
  device_assert_name (self, satchel_record_get_id (first), "Alpha");
  next = satchel_sync_core_prepare (self->core, 0, NULL);
  g_assert_true (next == ahead);

  script_answer_page (last, "two", 0, SCRIPT_HEAD, NULL);
  last_body = script_answer_finish (last);
  g_assert_null (satchel_sync_core_look_ahead (self->core, last_body));
  g_assert_true (satchel_sync_core_receive (self->core, last_body, &step, NULL));
  g_assert_cmpint (step, ==, SATCHEL_SYNC_STEP_DONE);
}

/* What was written does not wait for the end of a long arriving. */
static void
test_look_ahead_with_work (Device *self, gconstpointer data)
{
  g_autofree char *id = fixture_create (&self->replica, "account", "name", "Mine", NULL);
  g_autoptr (ScriptRequest) first = device_send (self);
  g_autoptr (ScriptAnswer) answer = script_answer_new ();
  g_autoptr (ScriptRequest) next = NULL;
  g_autoptr (GBytes) body = NULL;
  SatchelSyncStep step;

  fixture_change (&self->replica, id, "phone", "1", NULL);
  script_answer_applied (answer, 1, id, "e.1");
  script_answer_page (answer, "one", 1, SCRIPT_ARRIVING, script_request_get (first, "proposed"));
  body = script_answer_finish (answer);
  g_assert_null (satchel_sync_core_look_ahead (self->core, body));
  g_assert_true (satchel_sync_core_receive (self->core, body, &step, NULL));
  next = device_send (self);
  g_assert_cmpuint (next->groups->len, ==, 1);
  g_assert_cmpint (script_request_get_n (next, 0), ==, 2);
  g_assert_cmpstr (script_request_get (next, "cursor"), ==, "one");
}

/* More work is on its way while what was decided is laid down; the nonce of the first half stays until it is confirmed. */
static void
test_look_ahead_with_more_work (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (ScriptRequest) first = NULL;
  g_autoptr (ScriptRequest) second = NULL;
  g_autoptr (ScriptAnswer) answer = script_answer_new ();
  g_autoptr (ScriptAnswer) last = script_answer_new ();
  g_autoptr (SatchelRecord) record = NULL;
  g_autoptr (SatchelLink) link = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GBytes) ahead = NULL;
  g_autoptr (GBytes) next = NULL;
  gint64 n;
  SatchelSyncStep step;

  fixture_change (&self->replica, id, "phone", "1", NULL);
  first = device_send (self);
  n = script_request_get_n (first, 0);
  fixture_change (&self->replica, id, "phone", "2", NULL);
  record = fixture_record (&self->replica, "account", id, "name", "Alpha", "phone", "1", NULL);
  script_answer_applied (answer, n, id, "e.8");
  script_answer_put (answer, record, "e.8");
  script_answer_page (answer, "eight", n, SCRIPT_HEAD, script_request_get (first, "proposed"));
  body = script_answer_finish (answer);
  ahead = satchel_sync_core_look_ahead (self->core, body);
  g_assert_nonnull (ahead);
  second = script_request_new (ahead);
  g_assert_cmpuint (second->groups->len, ==, 1);
  g_assert_cmpint (script_request_get_n (second, 0), ==, n + 1);
  g_assert_cmpstr (script_request_get (second, "cursor"), ==, "eight");
  g_assert_cmpstr (script_request_get (second, "proposed"), ==, script_request_get (first, "proposed"));

  g_assert_true (satchel_sync_core_receive (self->core, body, &step, NULL));
  g_assert_cmpint (step, ==, SATCHEL_SYNC_STEP_AGAIN);
  device_assert_phone (self, id, "2");
  g_assert_cmpuint (fixture_count_pending (&self->replica), ==, 1);
  next = satchel_sync_core_prepare (self->core, 0, NULL);
  g_assert_true (next == ahead);

  script_answer_applied (last, n + 1, id, "e.9");
  script_answer_page (last, "nine", n + 1, SCRIPT_HEAD, script_request_get (first, "proposed"));
  g_assert_cmpint (device_receive (self, last), ==, SATCHEL_SYNC_STEP_DONE);
  g_assert_cmpuint (fixture_count_pending (&self->replica), ==, 0);
  link = device_get_link (self);
  g_assert_cmpstr (link->nonce, ==, script_request_get (first, "proposed"));
  g_assert_null (link->proposed_nonce);
}

/* The answer before it is of no use: both are sent again, as they were. */
static void
test_look_ahead_with_more_work_and_fail (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (ScriptRequest) first = NULL;
  g_autoptr (ScriptRequest) again = NULL;
  g_autoptr (ScriptAnswer) answer = script_answer_new ();
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GBytes) ahead = NULL;
  gint64 n;
  SatchelSyncStep step;

  fixture_change (&self->replica, id, "phone", "1", NULL);
  first = device_send (self);
  n = script_request_get_n (first, 0);
  fixture_change (&self->replica, id, "phone", "2", NULL);
  script_answer_applied (answer, n, id, "e.8");
  script_answer_add (answer, "put", "{\"no\":\"record\"}");
  script_answer_page (answer, "eight", n, SCRIPT_HEAD, script_request_get (first, "proposed"));
  body = script_answer_finish (answer);
  ahead = satchel_sync_core_look_ahead (self->core, body);
  g_assert_nonnull (ahead);
  g_assert_false (satchel_sync_core_receive (self->core, body, &step, NULL));

  again = device_send (self);
  g_assert_cmpuint (again->groups->len, ==, 2);
  g_assert_cmpint (script_request_get_n (again, 0), ==, n);
  g_assert_cmpstr (script_request_get_hash (again, 0), ==, script_request_get_hash (first, 0));
  g_assert_cmpstr (script_request_get (again, "proposed"), ==, script_request_get (first, "proposed"));
}

/* What was asked for ahead is of no use when the page before it was not taken in. */
static void
test_look_ahead_and_fail (Device *self, gconstpointer data)
{
  g_autoptr (ScriptAnswer) page = script_answer_new ();
  g_autoptr (ScriptRequest) request = device_send (self);
  g_autoptr (ScriptRequest) again = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GBytes) ahead = NULL;
  SatchelSyncStep step;

  script_answer_add (page, "put", "{\"no\":\"record\"}");
  script_answer_page (page, "one", 0, SCRIPT_ARRIVING, NULL);
  body = script_answer_finish (page);
  ahead = satchel_sync_core_look_ahead (self->core, body);
  g_assert_nonnull (ahead);
  g_assert_false (satchel_sync_core_receive (self->core, body, &step, NULL));
  again = device_send (self);
  g_assert_null (script_request_get (again, "cursor"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  CORE_TEST ("/look-ahead/taken", test_look_ahead);
  CORE_TEST ("/look-ahead/with-work", test_look_ahead_with_work);
  CORE_TEST ("/look-ahead/with-more-work", test_look_ahead_with_more_work);
  CORE_TEST ("/look-ahead/with-more-work-failed", test_look_ahead_with_more_work_and_fail);
  CORE_TEST ("/look-ahead/failed", test_look_ahead_and_fail);

  return g_test_run ();
}
