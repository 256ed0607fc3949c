/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "client/satchel-connection.h"
#include "records/satchel-id.h"
#include "script-device.h"

/* ---- Arriving and staging ---- */

static void
test_not_connected (Device *self, gconstpointer data)
{
  g_autoptr (SatchelLink) link = device_get_link (self);
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&link->server, g_free);
  g_assert_true (satchel_replica_set_link (self->replica.replica, link, NULL));
  g_assert_null (satchel_sync_core_prepare (self->core, 0, &error));
  g_assert_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_NOT_CONNECTED);
}

static void
test_first_sync (Device *self, gconstpointer data)
{
  g_autoptr (SatchelRecord) first = fixture_record (&self->replica, "account", NULL, "name", "Alpha", NULL);
  g_autoptr (SatchelRecord) second = fixture_record (&self->replica, "account", NULL, "name", "Beta", NULL);
  g_autoptr (ScriptAnswer) page = script_answer_new ();
  g_autoptr (ScriptAnswer) last = script_answer_new ();
  g_autoptr (ScriptRequest) request = device_send_waiting (self, 55);
  g_autoptr (ScriptRequest) next = NULL;
  g_autoptr (SatchelLink) link = NULL;

  g_assert_null (script_request_get (request, "cursor"));
  g_assert_null (script_request_get (request, "nonce"));
  g_assert_null (script_request_get (request, "proposed"));
  g_assert_cmpint (script_request_get_number (request, "wait"), ==, 0);

  script_answer_put (page, first, "e.1");
  script_answer_page (page, "one", 0, SCRIPT_ARRIVING, NULL);
  g_assert_cmpint (device_receive (self, page), ==, SATCHEL_SYNC_STEP_AGAIN);
  g_assert_true (satchel_sync_core_get_arriving (self->core));
  device_assert_name (self, satchel_record_get_id (first), "Alpha");

  next = device_send (self);
  g_assert_cmpstr (script_request_get (next, "cursor"), ==, "one");
  script_answer_put (last, second, "e.1");
  script_answer_page (last, "two", 0, SCRIPT_HEAD, NULL);
  g_assert_cmpint (device_receive (self, last), ==, SATCHEL_SYNC_STEP_DONE);
  g_assert_false (satchel_sync_core_get_arriving (self->core));
  device_assert_name (self, satchel_record_get_id (second), "Beta");

  link = device_get_link (self);
  g_assert_cmpstr (link->cursor, ==, "two");
  g_assert_cmpstr (link->epoch, ==, "e");
  g_assert_nonnull (link->last_sync);
  g_assert_cmpuint (satchel_sync_core_get_counts (self->core)->pulled, ==, 2);
  g_assert_cmpuint (satchel_sync_core_get_counts (self->core)->requests, ==, 2);
}

static void
test_waits_only_at_the_head (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (ScriptRequest) waiting = device_send_waiting (self, 55);
  g_autoptr (ScriptRequest) with_work = NULL;

  g_assert_cmpint (script_request_get_number (waiting, "wait"), ==, 55);
  fixture_change (&self->replica, id, "phone", "1", NULL);
  with_work = device_send_waiting (self, 55);
  g_assert_cmpint (script_request_get_number (with_work, "wait"), ==, 0);
  g_assert_cmpuint (with_work->groups->len, ==, 1);
}

/* Nothing is shown before the head. */
static void
test_staging (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (SatchelRecord) changed = fixture_record (&self->replica, "account", id, "name", "Omega", NULL);
  g_autoptr (SatchelRecord) other = fixture_record (&self->replica, "account", NULL, "name", "Beta", NULL);
  g_autoptr (ScriptAnswer) middle = script_answer_new ();
  g_autoptr (ScriptAnswer) head = script_answer_new ();
  g_autoptr (ScriptRequest) next = NULL;
  g_autoptr (SatchelLink) link = NULL;

  script_answer_put (middle, changed, "e.2");
  script_answer_page (middle, "three", 0, SCRIPT_MIDDLE, NULL);
  g_assert_cmpint (device_exchange (self, middle), ==, SATCHEL_SYNC_STEP_AGAIN);
  device_assert_name (self, id, "Alpha");
  link = device_get_link (self);
  g_assert_cmpstr (link->cursor, ==, "settled");

  next = device_send (self);
  g_assert_cmpstr (script_request_get (next, "cursor"), ==, "three");
  script_answer_put (head, other, "e.1");
  script_answer_page (head, "four", 0, SCRIPT_HEAD, NULL);
  g_assert_cmpint (device_receive (self, head), ==, SATCHEL_SYNC_STEP_DONE);
  device_assert_name (self, id, "Omega");
  device_assert_name (self, satchel_record_get_id (other), "Beta");
}

/* Staged pages of a sync that failed are as if they had never come. */
static void
test_staged_and_failed (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (SatchelRecord) changed = fixture_record (&self->replica, "account", id, "name", "Omega", NULL);
  g_autoptr (ScriptAnswer) middle = script_answer_new ();
  g_autoptr (ScriptAnswer) head = script_answer_new ();
  g_autoptr (ScriptRequest) lost = NULL;
  g_autoptr (ScriptRequest) again = NULL;

  script_answer_put (middle, changed, "e.2");
  script_answer_page (middle, "three", 0, SCRIPT_MIDDLE, NULL);
  device_exchange (self, middle);
  lost = device_send (self);
  satchel_sync_core_fail (self->core);

  again = device_send (self);
  g_assert_cmpstr (script_request_get (again, "cursor"), ==, "settled");
  script_answer_page (head, "settled", 0, SCRIPT_HEAD, NULL);
  g_assert_cmpint (device_receive (self, head), ==, SATCHEL_SYNC_STEP_DONE);
  device_assert_name (self, id, "Alpha");
}

static void
test_staged_and_killed (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (ScriptAnswer) middle = script_answer_new ();
  g_autoptr (ScriptAnswer) head = script_answer_new ();
  g_autoptr (SatchelRecord) changed = fixture_record (&self->replica, "account", id, "name", "Omega", NULL);
  g_autoptr (ScriptRequest) again = NULL;

  script_answer_put (middle, changed, "e.2");
  script_answer_page (middle, "three", 0, SCRIPT_MIDDLE, NULL);
  device_exchange (self, middle);
  device_restart (self);

  again = device_send (self);
  g_assert_cmpstr (script_request_get (again, "cursor"), ==, "settled");
  script_answer_page (head, "settled", 0, SCRIPT_HEAD, NULL);
  device_receive (self, head);
  device_assert_name (self, id, "Alpha");
}

/* A page of a new bucket stands behind the end of the feed: what was staged before is whole with it. */
static void
test_arriving_after_staging (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (SatchelRecord) changed = fixture_record (&self->replica, "account", id, "name", "Omega", NULL);
  g_autoptr (SatchelRecord) arriving = fixture_record (&self->replica, "account", NULL, "name", "Beta", NULL);
  g_autoptr (ScriptAnswer) middle = script_answer_new ();
  g_autoptr (ScriptAnswer) page = script_answer_new ();
  g_autoptr (ScriptAnswer) head = script_answer_new ();

  script_answer_put (middle, changed, "e.2");
  script_answer_page (middle, "three", 0, SCRIPT_MIDDLE, NULL);
  device_exchange (self, middle);
  device_assert_name (self, id, "Alpha");

  script_answer_put (page, arriving, "e.1");
  script_answer_page (page, "four", 0, SCRIPT_ARRIVING, NULL);
  g_assert_cmpint (device_exchange (self, page), ==, SATCHEL_SYNC_STEP_AGAIN);
  device_assert_name (self, id, "Omega");
  device_assert_name (self, satchel_record_get_id (arriving), "Beta");

  script_answer_page (head, "five", 0, SCRIPT_HEAD, NULL);
  g_assert_cmpint (device_exchange (self, head), ==, SATCHEL_SYNC_STEP_DONE);
}

static void
test_exit_and_delete (Device *self, gconstpointer data)
{
  g_autofree char *gone = device_settle_account (self, "Alpha");
  g_autofree char *moved = device_settle_account (self, "Beta");
  g_autofree char *dropped = device_settle_account (self, "Gamma");
  g_autoptr (ScriptAnswer) answer = script_answer_new ();

  script_answer_add (answer, "delete", "{\"type\":\"account\",\"id\":\"%s\"}", gone);
  script_answer_add (answer, "exit", "{\"type\":\"account\",\"id\":\"%s\",\"from\":\"user:me\",\"to\":\"user:you\"}",
                     moved);
  script_answer_page (answer, "three", 0, SCRIPT_HEAD, NULL);
  device_exchange (self, answer);
  g_assert_false (fixture_has (&self->replica, gone));
  g_assert_false (fixture_has (&self->replica, moved));
  g_assert_true (fixture_has (&self->replica, dropped));

  g_clear_pointer (&answer, script_answer_free);
  answer = script_answer_new ();
  script_answer_add (answer, "drop", "{\"bucket\":\"user:me\"}");
  script_answer_page (answer, "four", 0, SCRIPT_HEAD, NULL);
  device_exchange (self, answer);
  g_assert_false (fixture_has (&self->replica, dropped));
}

/* What a newer server may say. */
static void
test_unknown (Device *self, gconstpointer data)
{
  g_autoptr (SatchelRecord) record = fixture_record (&self->replica, "account", NULL, "name", "Alpha", NULL);
  g_autofree char *id = satchel_id_new ();
  g_autoptr (ScriptAnswer) answer = script_answer_new ();

  script_answer_add (answer, "weather", "{\"sky\":\"blue\"}");
  script_answer_put (answer, record, "e.1");
  script_answer_add (answer, "put",
                     "{\"id\":\"%s\",\"type\":\"spaceship\",\"rev\":\"e.1\",\"bucket\":\"user:me\",\"speed\":9}", id);
  script_answer_page (answer, "one", 0, SCRIPT_HEAD, NULL);
  script_answer_add (answer, "tide", "{}");
  g_assert_cmpint (device_exchange (self, answer), ==, SATCHEL_SYNC_STEP_DONE);
  device_assert_name (self, satchel_record_get_id (record), "Alpha");
}

/* The server lost track: what it does not send again is gone, but not what was not sent yet. */
static void
test_resync (Device *self, gconstpointer data)
{
  g_autofree char *kept = device_settle_account (self, "Alpha");
  g_autofree char *gone = device_settle_account (self, "Beta");
  g_autofree char *own = fixture_create (&self->replica, "account", "name", "Mine", NULL);
  g_autoptr (SatchelRecord) again = fixture_record (&self->replica, "account", kept, "name", "Alpha", NULL);
  g_autoptr (ScriptRequest) request = device_send (self);
  g_autoptr (ScriptAnswer) page = script_answer_new ();
  g_autoptr (ScriptAnswer) head = script_answer_new ();

  script_answer_add (page, "begin", "{\"protocol\":1,\"epoch\":\"e\",\"resync\":true}");
  script_answer_applied (page, 1, own, "e.1");
  script_answer_put (page, again, "e.1");
  script_answer_page (page, "one", 0, SCRIPT_ARRIVING, NULL);
  g_assert_cmpint (device_receive (self, page), ==, SATCHEL_SYNC_STEP_AGAIN);
  g_assert_true (fixture_has (&self->replica, gone));

  script_answer_page (head, "two", 0, SCRIPT_HEAD, NULL);
  device_exchange (self, head);
  g_assert_true (fixture_has (&self->replica, kept));
  g_assert_false (fixture_has (&self->replica, gone));
  g_assert_true (fixture_has (&self->replica, own));
  g_assert_cmpuint (fixture_count_pending (&self->replica), ==, 1);
}

/* ---- Sending ---- */

static void
test_push (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (ScriptAnswer) answer = script_answer_new ();
  g_autoptr (ScriptRequest) request = NULL;
  g_autoptr (ScriptRequest) next = NULL;
  g_autoptr (SatchelRecord) applied = NULL;
  g_autoptr (SatchelLink) proposed = NULL;
  g_autoptr (SatchelLink) confirmed = NULL;

  fixture_change (&self->replica, id, "phone", "1", NULL);
  request = device_send (self);
  g_assert_cmpuint (request->groups->len, ==, 1);
  g_assert_cmpint (script_request_get_n (request, 0), ==, 1);
  g_assert_null (script_request_get (request, "nonce"));
  proposed = device_get_link (self);
  g_assert_nonnull (proposed->proposed_nonce);
  g_assert_cmpstr (script_request_get (request, "proposed"), ==, proposed->proposed_nonce);

  applied = device_with_phone (self, id, "1");
  script_answer_applied (answer, 1, id, "e.2");
  script_answer_put (answer, applied, "e.2");
  script_answer_page (answer, "three", 1, SCRIPT_HEAD, proposed->proposed_nonce);
  g_assert_cmpint (device_receive (self, answer), ==, SATCHEL_SYNC_STEP_DONE);

  g_assert_cmpuint (fixture_count_pending (&self->replica), ==, 0);
  g_assert_cmpuint (satchel_sync_core_get_counts (self->core)->pushed, ==, 1);
  g_assert_cmpuint (satchel_sync_core_get_counts (self->core)->applied, ==, 1);
  confirmed = device_get_link (self);
  g_assert_cmpstr (confirmed->nonce, ==, proposed->proposed_nonce);
  g_assert_null (confirmed->proposed_nonce);
  g_assert_cmpint (confirmed->acknowledged, ==, 1);

  next = device_send (self);
  g_assert_cmpuint (next->groups->len, ==, 0);
  g_assert_cmpstr (script_request_get (next, "nonce"), ==, confirmed->nonce);
}

/* The answer was lost, and the next one too, and the process died: the same group, the same nonce. */
static void
test_lost_replies (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (ScriptRequest) first = NULL;
  g_autoptr (ScriptRequest) second = NULL;
  g_autoptr (ScriptRequest) third = NULL;
  g_autoptr (ScriptAnswer) answer = script_answer_new ();

  fixture_change (&self->replica, id, "phone", "1", NULL);
  first = device_send (self);
  satchel_sync_core_fail (self->core);
  second = device_send (self);
  device_restart (self);
  third = device_send (self);

  g_assert_cmpint (script_request_get_n (second, 0), ==, 1);
  g_assert_cmpint (script_request_get_n (third, 0), ==, 1);
  g_assert_cmpstr (script_request_get_hash (second, 0), ==, script_request_get_hash (first, 0));
  g_assert_cmpstr (script_request_get_hash (third, 0), ==, script_request_get_hash (first, 0));
  g_assert_cmpstr (script_request_get (second, "proposed"), ==, script_request_get (first, "proposed"));
  g_assert_cmpstr (script_request_get (third, "proposed"), ==, script_request_get (first, "proposed"));

  script_answer_applied (answer, 1, id, "e.2");
  script_answer_page (answer, "three", 1, SCRIPT_HEAD, script_request_get (third, "proposed"));
  device_receive (self, answer);
  g_assert_cmpuint (fixture_count_pending (&self->replica), ==, 0);
  g_assert_cmpuint (satchel_sync_core_get_counts (self->core)->pushed, ==, 1);
}

/* Decided, but not shown before the head; not sent again meanwhile. */
static void
test_outcome_waits_for_head (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (ScriptRequest) request = NULL;
  g_autoptr (SatchelRecord) theirs = fixture_record (&self->replica, "account", id, "name", "Omega", NULL);
  g_autoptr (ScriptAnswer) middle = script_answer_new ();
  g_autoptr (ScriptAnswer) head = script_answer_new ();

  fixture_change (&self->replica, id, "phone", "1", NULL);
  request = device_send (self);
  script_answer_applied (middle, 1, id, "e.2");
  script_answer_put (middle, theirs, "e.2");
  script_answer_page (middle, "three", 1, SCRIPT_MIDDLE, script_request_get (request, "proposed"));
  g_assert_cmpint (device_receive (self, middle), ==, SATCHEL_SYNC_STEP_AGAIN);
  g_assert_cmpuint (fixture_count_pending (&self->replica), ==, 1);
  device_assert_name (self, id, "Alpha");
  device_assert_phone (self, id, "1");

  script_answer_page (head, "four", 1, SCRIPT_HEAD, script_request_get (request, "proposed"));
  g_assert_cmpint (device_exchange (self, head), ==, SATCHEL_SYNC_STEP_DONE);
  g_assert_cmpuint (fixture_count_pending (&self->replica), ==, 0);
  device_assert_name (self, id, "Omega");
}

/* The feed lags behind the decision: the device waits for it at the server and does not ask in circles. */
static void
test_feed_lags (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (ScriptRequest) request = NULL;
  g_autoptr (ScriptRequest) next = NULL;
  g_autoptr (ScriptAnswer) early = script_answer_new ();
  g_autoptr (ScriptAnswer) covered = script_answer_new ();

  fixture_change (&self->replica, id, "phone", "1", NULL);
  request = device_send (self);
  script_answer_applied (early, 1, id, "e.2");
  script_answer_page (early, "settled", 0, SCRIPT_HEAD, script_request_get (request, "proposed"));
  g_assert_cmpint (device_receive (self, early), ==, SATCHEL_SYNC_STEP_AGAIN);
  g_assert_cmpuint (fixture_count_pending (&self->replica), ==, 1);
  device_assert_phone (self, id, "1");

  next = device_send (self);
  g_assert_cmpuint (next->groups->len, ==, 0);
  g_assert_cmpint (script_request_get_number (next, "wait"), >, 0);
  script_answer_page (covered, "three", 1, SCRIPT_HEAD, NULL);
  g_assert_cmpint (device_receive (self, covered), ==, SATCHEL_SYNC_STEP_DONE);
  g_assert_cmpuint (fixture_count_pending (&self->replica), ==, 0);
}

/* While a first sync arrives, what a group did may be in a part that is still to come. */
static void
test_outcome_while_arriving (Device *self, gconstpointer data)
{
  g_autofree char *id = fixture_create (&self->replica, "account", "name", "Mine", NULL);
  g_autoptr (SatchelRecord) applied = fixture_record (&self->replica, "account", id, "name", "Mine", NULL);
  g_autoptr (ScriptRequest) request = device_send (self);
  g_autoptr (ScriptAnswer) page = script_answer_new ();
  g_autoptr (ScriptAnswer) head = script_answer_new ();

  script_answer_applied (page, 1, id, "e.1");
  script_answer_page (page, "one", 1, SCRIPT_ARRIVING, script_request_get (request, "proposed"));
  g_assert_cmpint (device_receive (self, page), ==, SATCHEL_SYNC_STEP_AGAIN);
  device_assert_name (self, id, "Mine");
  g_assert_cmpuint (fixture_count_pending (&self->replica), ==, 1);

  script_answer_put (head, applied, "e.1");
  script_answer_page (head, "two", 1, SCRIPT_HEAD, NULL);
  g_assert_cmpint (device_exchange (self, head), ==, SATCHEL_SYNC_STEP_DONE);
  device_assert_name (self, id, "Mine");
  g_assert_cmpuint (fixture_count_pending (&self->replica), ==, 0);
}

/* More than fit into one request go in several, the next before the head is reached. */
static void
test_batches (Device *self, gconstpointer data)
{
  const guint n_groups = SATCHEL_REQUEST_MAX_GROUPS + 5;
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (ScriptAnswer) first = script_answer_new ();
  g_autoptr (ScriptAnswer) second = script_answer_new ();
  g_autoptr (ScriptRequest) request = NULL;
  g_autoptr (ScriptRequest) next = NULL;

  for (guint i = 0; i < n_groups; i++)
    {
      g_autofree char *phone = g_strdup_printf ("%u", i);

      fixture_change (&self->replica, id, "phone", phone, NULL);
    }

  request = device_send (self);
  g_assert_cmpuint (request->groups->len, ==, SATCHEL_REQUEST_MAX_GROUPS);
  for (guint i = 0; i < request->groups->len; i++)
    script_answer_applied (first, script_request_get_n (request, i), id, "e.2");
  script_answer_page (first, "three", SATCHEL_REQUEST_MAX_GROUPS, SCRIPT_HEAD,
                      script_request_get (request, "proposed"));
  g_assert_cmpint (device_receive (self, first), ==, SATCHEL_SYNC_STEP_AGAIN);
  g_assert_cmpuint (fixture_count_pending (&self->replica), ==, 5);

  next = device_send (self);
  g_assert_cmpuint (next->groups->len, ==, 5);
  g_assert_cmpint (script_request_get_n (next, 0), ==, SATCHEL_REQUEST_MAX_GROUPS + 1);
  g_assert_cmpstr (script_request_get (next, "nonce"), ==, script_request_get (request, "proposed"));
  g_assert_cmpstr (script_request_get (next, "proposed"), !=, script_request_get (request, "proposed"));
  for (guint i = 0; i < next->groups->len; i++)
    script_answer_applied (second, script_request_get_n (next, i), id, "e.3");
  script_answer_page (second, "four", n_groups, SCRIPT_HEAD, script_request_get (next, "proposed"));
  g_assert_cmpint (device_receive (self, second), ==, SATCHEL_SYNC_STEP_DONE);
  g_assert_cmpuint (fixture_count_pending (&self->replica), ==, 0);
  g_assert_cmpuint (satchel_sync_core_get_counts (self->core)->pushed, ==, n_groups);
}

/* Written while an answer was on its way. */
static void
test_written_meanwhile (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (ScriptRequest) request = NULL;
  g_autoptr (ScriptRequest) next = NULL;
  g_autoptr (ScriptAnswer) answer = script_answer_new ();

  request = device_send (self);
  g_assert_false (satchel_sync_core_has_unsent (self->core));
  fixture_change (&self->replica, id, "phone", "1", NULL);
  g_assert_true (satchel_sync_core_has_unsent (self->core));
  script_answer_page (answer, "settled", 0, SCRIPT_HEAD, NULL);
  g_assert_cmpint (device_receive (self, answer), ==, SATCHEL_SYNC_STEP_AGAIN);
  next = device_send (self);
  g_assert_cmpuint (next->groups->len, ==, 1);
  g_assert_false (satchel_sync_core_has_unsent (self->core));
}

/* The base of a unit in a group as it was sent. */
static const char *
get_base (ScriptRequest *request, guint group, const char *unit)
{
  JsonObject *sent = g_ptr_array_index (request->groups, group);
  JsonObject *mutation = json_array_get_object_element (json_object_get_array_member (sent, "mutations"), 0);
  JsonObject *units = json_object_get_object_member (mutation, "units");

  g_assert_true (json_object_has_member (units, unit));

  return json_object_get_string_member (json_object_get_object_member (units, unit), "base");
}

/* A second edit while the first is in flight is made on the first, and stays so. */
static void
test_chain (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (ScriptRequest) first = NULL;
  g_autoptr (ScriptRequest) second = NULL;
  g_autoptr (ScriptAnswer) answer = script_answer_new ();
  g_autoptr (SatchelRecord) applied = device_with_phone (self, id, "1");

  fixture_change (&self->replica, id, "phone", "1", NULL);
  first = device_send (self);
  g_assert_cmpstr (get_base (first, 0, "phone"), ==, "e.1");
  fixture_change (&self->replica, id, "phone", "2", NULL);
  script_answer_applied (answer, 1, id, "e.2");
  script_answer_put (answer, applied, "e.2");
  script_answer_page (answer, "three", 1, SCRIPT_HEAD, script_request_get (first, "proposed"));
  g_assert_cmpint (device_receive (self, answer), ==, SATCHEL_SYNC_STEP_AGAIN);
  device_assert_phone (self, id, "2");

  second = device_send (self);
  g_assert_cmpuint (second->groups->len, ==, 1);
  g_assert_cmpint (script_request_get_n (second, 0), ==, 2);
  g_assert_cmpstr (get_base (second, 0, "phone"), ==, "@1");
}

/* A form that was open while a page landed saves what was changed, on what it was filled from. */
static void
test_form_open_while_landing (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (SatchelRecord) filled = fixture_get (&self->replica, id);
  g_autoptr (SatchelRecord) edited = satchel_record_copy (filled);
  g_autoptr (SatchelRecord) theirs = fixture_record (&self->replica, "account", id, "name", "Omega", "phone", "9",
                                                     NULL);
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (ScriptAnswer) answer = script_answer_new ();
  g_autoptr (ScriptRequest) request = NULL;

  script_answer_put (answer, theirs, "e.2");
  script_answer_page (answer, "three", 0, SCRIPT_HEAD, NULL);
  device_exchange (self, answer);

  g_assert_true (satchel_record_set_from_text (edited, "phone", "1", NULL));
  satchel_edit_update (edit, filled, edited);
  fixture_commit (&self->replica, edit);
  device_assert_phone (self, id, "1");
  device_assert_name (self, id, "Omega");

  request = device_send (self);
  g_assert_cmpuint (request->groups->len, ==, 1);
  g_assert_cmpstr (get_base (request, 0, "phone"), ==, "e.1");
}

/* ---- Outcomes ---- */

static void
test_refused (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (ScriptRequest) request = NULL;
  g_autoptr (ScriptAnswer) answer = script_answer_new ();
  g_autoptr (GPtrArray) tray = NULL;
  const SatchelWork *entry;

  fixture_change (&self->replica, id, "phone", "1", NULL);
  request = device_send (self);
  script_answer_add (answer, "outcome",
                     "{\"n\":1,\"result\":\"refused\",\"code\":\"permission\",\"reason\":\"Not yours.\",\"mutations\":"
                     "[{\"id\":\"%s\",\"rev\":\"e.1\"}]}",
                     id);
  script_answer_page (answer, "three", 1, SCRIPT_HEAD, script_request_get (request, "proposed"));
  g_assert_cmpint (device_receive (self, answer), ==, SATCHEL_SYNC_STEP_DONE);

  g_assert_cmpuint (fixture_count_pending (&self->replica), ==, 0);
  g_assert_cmpuint (satchel_sync_core_get_counts (self->core)->refused, ==, 1);
  device_assert_phone (self, id, "");
  tray = satchel_replica_list_tray (self->replica.replica, NULL);
  g_assert_cmpuint (tray->len, ==, 1);
  entry = g_ptr_array_index (tray, 0);
  g_assert_cmpstr (entry->code, ==, "permission");
  g_assert_cmpstr (entry->reason, ==, "Not yours.");
  g_assert_cmpuint (entry->mutations->len, ==, 1);
}

/* One unit stays behind as a conflict, the other is applied. */
static void
test_partial (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autofree char *conflict_id = satchel_id_new ();
  g_autoptr (SatchelRecord) theirs = NULL;
  g_autoptr (SatchelRecord) conflict = NULL;
  g_autoptr (ScriptRequest) request = NULL;
  g_autoptr (ScriptAnswer) answer = script_answer_new ();
  g_autoptr (GPtrArray) conflicts = NULL;

  fixture_change (&self->replica, id, "phone", "1", "email", "me@example.org", NULL);
  request = device_send (self);
  theirs = fixture_record (&self->replica, "account", id, "name", "Alpha", "phone", "9", "email", "me@example.org",
                           NULL);
  conflict = fixture_record (&self->replica, "conflict", conflict_id, "target_type", "account", "target_id", id, "unit",
                             "phone", "state", "open", "values", "[{\"fields\":{\"phone\":\"1\"}}]", NULL);
  script_answer_add (
      answer, "outcome",
      "{\"n\":1,\"result\":\"partial\",\"mutations\":[{\"id\":\"%s\",\"rev\":\"e.3\",\"units\":{\"phone\":"
      "{\"outcome\":\"conflict\",\"conflict\":\"%s\"},\"email\":{\"outcome\":\"applied\"}}}]}",
      id, conflict_id);
  script_answer_put (answer, theirs, "e.3");
  script_answer_put (answer, conflict, "e.1");
  script_answer_page (answer, "three", 1, SCRIPT_HEAD, script_request_get (request, "proposed"));
  g_assert_cmpint (device_receive (self, answer), ==, SATCHEL_SYNC_STEP_DONE);

  g_assert_cmpuint (satchel_sync_core_get_counts (self->core)->conflicts, ==, 1);
  g_assert_cmpuint (fixture_count_pending (&self->replica), ==, 0);
  device_assert_phone (self, id, "9");
  fixture_assert_text (&self->replica, id, "email", "me@example.org");
  conflicts = satchel_replica_list_conflicts (self->replica.replica, NULL);
  g_assert_cmpuint (conflicts->len, ==, 1);
}

static void
test_merged (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (ScriptRequest) request = NULL;
  g_autoptr (SatchelRecord) merged = NULL;
  g_autoptr (ScriptAnswer) answer = script_answer_new ();

  fixture_change (&self->replica, id, "preferences", "mine", NULL);
  request = device_send (self);
  merged = fixture_record (&self->replica, "account", id, "name", "Alpha", "preferences", "theirs\nmine", NULL);
  script_answer_add (answer, "outcome",
                     "{\"n\":1,\"result\":\"applied\",\"mutations\":[{\"id\":\"%s\",\"rev\":\"e.3\",\"units\":"
                     "{\"preferences\":{\"outcome\":\"merged\"}}}]}",
                     id);
  script_answer_put (answer, merged, "e.3");
  script_answer_page (answer, "three", 1, SCRIPT_HEAD, script_request_get (request, "proposed"));
  device_receive (self, answer);

  g_assert_cmpuint (satchel_sync_core_get_counts (self->core)->merged, ==, 1);
  fixture_assert_text (&self->replica, id, "preferences", "theirs\nmine");
}

/* What was made on something refused follows it into the tray; what was not goes on. */
static void
test_refused_with_dependent (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autofree char *other = device_settle_account (self, "Beta");
  g_autoptr (ScriptRequest) request = NULL;
  g_autoptr (SatchelRecord) applied = NULL;
  g_autoptr (ScriptAnswer) answer = script_answer_new ();

  fixture_change (&self->replica, id, "phone", "1", NULL);
  fixture_change (&self->replica, id, "phone", "2", NULL);
  fixture_change (&self->replica, other, "phone", "3", NULL);
  request = device_send (self);
  applied = device_with_phone (self, other, "3");
  script_answer_add (answer, "outcome", "{\"n\":1,\"result\":\"refused\",\"code\":\"permission\",\"reason\":\"No.\"}");
  script_answer_add (answer, "outcome", "{\"n\":2,\"result\":\"refused\",\"code\":\"dependency\",\"reason\":\"No.\"}");
  script_answer_applied (answer, 3, other, "e.2");
  script_answer_put (answer, applied, "e.2");
  script_answer_page (answer, "three", 3, SCRIPT_HEAD, script_request_get (request, "proposed"));
  g_assert_cmpint (device_receive (self, answer), ==, SATCHEL_SYNC_STEP_DONE);

  g_assert_cmpuint (fixture_count_tray (&self->replica), ==, 2);
  g_assert_cmpuint (fixture_count_pending (&self->replica), ==, 0);
  device_assert_phone (self, id, "");
  device_assert_phone (self, other, "3");
}

/* ---- Forks ---- */

static void
test_fork (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autofree char *new_device = satchel_id_new ();
  g_autoptr (ScriptRequest) request = NULL;
  g_autoptr (ScriptRequest) again = NULL;
  g_autoptr (ScriptAnswer) answer = script_answer_new ();
  g_autoptr (SatchelLink) before = NULL;
  g_autoptr (SatchelLink) between = NULL;
  g_autoptr (SatchelLink) after = NULL;
  g_autoptr (GError) error = NULL;

  fixture_change (&self->replica, id, "phone", "1", NULL);
  request = device_send (self);
  before = device_get_link (self);
  script_answer_add (answer, "fork", "{\"device\":\"%s\",\"token\":\"new token\"}", new_device);
  g_assert_cmpint (device_receive (self, answer), ==, SATCHEL_SYNC_STEP_FORKED);
  g_assert_cmpstr (satchel_sync_core_get_fork_device (self->core), ==, new_device);
  g_assert_cmpstr (satchel_sync_core_get_fork_token (self->core), ==, "new token");

  /* Until its token is kept it stays the old device. */
  between = device_get_link (self);
  g_assert_cmpstr (between->device_id, ==, before->device_id);
  g_assert_true (satchel_sync_core_accept_fork (self->core, &error));
  g_assert_no_error (error);

  after = device_get_link (self);
  g_assert_cmpstr (after->device_id, ==, new_device);
  g_assert_null (after->nonce);
  g_assert_cmpstr (after->proposed_nonce, !=, before->proposed_nonce);
  g_assert_cmpstr (after->cursor, ==, before->cursor);
  again = device_send (self);
  g_assert_cmpstr (script_request_get (again, "proposed"), ==, after->proposed_nonce);
  g_assert_null (script_request_get (again, "nonce"));
  g_assert_cmpint (script_request_get_n (again, 0), ==, 1);
  g_assert_cmpstr (script_request_get_hash (again, 0), ==, script_request_get_hash (request, 0));
}

/* Another copy of this replica has sent groups that were never made here, before either was told from the other. This one
 * asks to be told, once. */
static void
test_counter_behind_the_server (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (SatchelLink) before = device_get_link (self);
  g_autoptr (SatchelLink) after = NULL;
  g_autoptr (ScriptRequest) request = device_send (self);
  g_autoptr (ScriptRequest) again = NULL;
  g_autoptr (ScriptAnswer) answer = script_answer_new ();
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;
  SatchelSyncStep step;

  g_assert_false (json_object_has_member (request->begin, "parting"));
  script_answer_page (answer, "far ahead", before->acknowledged + 1, SCRIPT_HEAD, NULL);
  body = script_answer_finish (answer);
  g_assert_true (satchel_sync_core_receive (self->core, body, &step, &error));
  g_assert_no_error (error);
  g_assert_cmpint (step, ==, SATCHEL_SYNC_STEP_AGAIN);

  after = device_get_link (self);
  g_assert_cmpstr (after->cursor, ==, before->cursor);
  again = device_send (self);
  g_assert_true (json_object_get_boolean_member (again->begin, "parting"));

  g_assert_false (satchel_sync_core_receive (self->core, body, &step, &error));
  g_assert_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_PROTOCOL);
  device_assert_name (self, id, "Alpha");
}

/* The answer came while the server was whole; the next one is of a server that has been brought back from a backup since,
 * where this device may go on from where its cursor is. What was heard before and not laid down is sent again. */
static void
test_heard_in_another_epoch (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (ScriptRequest) request = NULL;
  g_autoptr (ScriptRequest) next = NULL;
  g_autoptr (ScriptRequest) again = NULL;
  g_autoptr (ScriptAnswer) middle = script_answer_new ();
  g_autoptr (ScriptAnswer) head = script_answer_new ();

  fixture_change (&self->replica, id, "phone", "1", NULL);
  request = device_send (self);
  script_answer_applied (middle, 1, id, "e.2");
  script_answer_page (middle, "three", 1, SCRIPT_MIDDLE, script_request_get (request, "proposed"));
  g_assert_cmpint (device_receive (self, middle), ==, SATCHEL_SYNC_STEP_AGAIN);

  next = device_send (self);
  g_assert_cmpuint (next->groups->len, ==, 0);
  script_answer_add (head, "begin", "{\"protocol\":1,\"epoch\":\"f\"}");
  script_answer_page (head, "four", 0, SCRIPT_HEAD, NULL);
  g_assert_cmpint (device_receive (self, head), ==, SATCHEL_SYNC_STEP_AGAIN);

  again = device_send (self);
  g_assert_cmpstr (script_request_get (again, "cursor"), ==, "settled");
  g_assert_cmpuint (again->groups->len, ==, 1);
  g_assert_cmpstr (script_request_get_hash (again, 0), ==, script_request_get_hash (request, 0));
}

/* ---- Answers that break the protocol ---- */

/* Whatever is wrong with an answer: an error, and the device is where it was. */
static void
assert_breaks (Device *self, ScriptAnswer *answer, SatchelSyncError code)
{
  g_autoptr (GBytes) body = script_answer_finish (answer);
  g_autoptr (SatchelLink) before = device_get_link (self);
  g_autoptr (SatchelLink) after = NULL;
  g_autoptr (ScriptRequest) again = NULL;
  g_autoptr (GError) error = NULL;
  SatchelSyncStep step;
  guint n_pending = fixture_count_pending (&self->replica);

  g_assert_false (satchel_sync_core_receive (self->core, body, &step, &error));
  g_assert_error (error, SATCHEL_SYNC_ERROR, (int) code);
  after = device_get_link (self);
  g_assert_cmpstr (after->cursor, ==, before->cursor);
  g_assert_cmpstr (after->nonce, ==, before->nonce);
  g_assert_cmpint (after->acknowledged, ==, before->acknowledged);
  g_assert_cmpuint (fixture_count_pending (&self->replica), ==, n_pending);
  g_assert_cmpuint (fixture_count_tray (&self->replica), ==, 0);

  again = device_send (self);
  g_assert_cmpstr (script_request_get (again, "cursor"), ==, before->cursor);
  g_assert_cmpuint (again->groups->len, ==, n_pending);
}

typedef struct
{
  const char *begin; /* NULL: as it should be */
  const char *frames[4][2];
} Broken;

#define PAGE(members) { "page", "{\"cursor\":\"x\",\"applied_through\":0,\"head\":true" members "}" }
#define OUTCOME(n, result) { "outcome", "{\"n\":" #n ",\"result\":\"" result "\",\"mutations\":[]}" }

static void
test_broken_answers (Device *self, gconstpointer data)
{
  static const Broken cases[] = {
    { NULL,               { OUTCOME (1, "applied") }                                                                           },
    { NULL,               { PAGE ("") }                                                                                        },
    { NULL,               { OUTCOME (1, "applied"), PAGE (""), PAGE ("") }                                                     },
    { NULL,               { OUTCOME (1, "applied"), PAGE (""), { "drop", "{\"bucket\":\"user:me\"}" } }                        },
    { NULL,               { OUTCOME (2, "applied"), PAGE ("") }                                                                },
    { NULL,               { OUTCOME (1, "applied"), OUTCOME (1, "applied"), PAGE ("") }                                        },
    { NULL,               { OUTCOME (1, "wonderful"), PAGE ("") }                                                              },
    { NULL,               { OUTCOME ("1", "applied"), PAGE ("") }                                                              },
    { NULL,               { { "outcome", "{\"n\":1,\"result\":\"applied\",\"mutations\":{}}" }, PAGE ("") }                    },
    { NULL,               { { "outcome", "{\"n\":1,\"result\":\"applied\",\"mutations\":[7]}" }, PAGE ("") }                   },
    { NULL,               { OUTCOME (1, "applied"), PAGE (",\"nonce\":\"of another\"") }                                       },
    { NULL,               { OUTCOME (1, "applied"), { "page", "{\"cursor\":\"x\",\"applied_through\":-1,\"head\":true}" } }    },
    { NULL,               { OUTCOME (1, "applied"), { "page", "{\"cursor\":\"x\",\"applied_through\":\"0\",\"head\":true}" } } },
    { NULL,               { OUTCOME (1, "applied"), { "page", "{\"applied_through\":0,\"head\":true}" } }                      },
    { NULL,               { OUTCOME (1, "applied"), { "put", "{\"name\":\"no id\"}" }, PAGE ("") }                             },
    { NULL,               { OUTCOME (1, "applied"), { "put", "{\"id\":\"x\"},\"exit\":{}" }, PAGE ("") }                       },
    { NULL,               { OUTCOME (1, "applied"), { "exit", "{\"id\":\"x\"}" }, PAGE ("") }                                  },
    { NULL,               { OUTCOME (1, "applied"), { "delete", "{\"type\":\"account\"}" }, PAGE ("") }                        },
    { NULL,               { OUTCOME (1, "applied"), { "drop", "{}" }, PAGE ("") }                                              },
    { NULL,               { { "fork", "{\"device\":\"x\"}" } }                                                                 },
    { "{\"protocol\":1}", { OUTCOME (1, "applied"), PAGE ("") }                                                                },
  };
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (ScriptRequest) request = NULL;

  fixture_change (&self->replica, id, "phone", "1", NULL);
  request = device_send (self);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ScriptAnswer) answer = script_answer_new ();

      g_test_message ("case %u", i);
      if (cases[i].begin != NULL)
        script_answer_add (answer, "begin", "%s", cases[i].begin);
      for (guint j = 0; j < 4 && cases[i].frames[j][0] != NULL; j++)
        script_answer_add (answer, cases[i].frames[j][0], "%s", cases[i].frames[j][1]);
      assert_breaks (self, answer, SATCHEL_SYNC_ERROR_PROTOCOL);
    }
  device_assert_phone (self, id, "1");
}

/* A good page before a bad one goes with it. */
static void
test_broken_after_staging (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (SatchelRecord) changed = fixture_record (&self->replica, "account", id, "name", "Omega", NULL);
  g_autoptr (ScriptAnswer) middle = script_answer_new ();
  g_autoptr (ScriptAnswer) bad = script_answer_new ();
  g_autoptr (ScriptRequest) request = NULL;

  script_answer_put (middle, changed, "e.2");
  script_answer_page (middle, "three", 0, SCRIPT_MIDDLE, NULL);
  device_exchange (self, middle);
  request = device_send (self);
  script_answer_put (bad, changed, "e.2");
  assert_breaks (self, bad, SATCHEL_SYNC_ERROR_PROTOCOL);
  device_assert_name (self, id, "Alpha");
}

static void
test_other_version (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (ScriptAnswer) answer = script_answer_new ();
  g_autoptr (ScriptRequest) request = device_send (self);

  script_answer_add (answer, "begin", "{\"protocol\":2,\"epoch\":\"e\"}");
  script_answer_page (answer, "x", 0, SCRIPT_HEAD, NULL);
  assert_breaks (self, answer, SATCHEL_SYNC_ERROR_VERSION);
}

/* An answer that was cut is a failure of the transport, wherever it was cut. */
static void
test_cut_answers (Device *self, gconstpointer data)
{
  g_autofree char *id = device_settle_account (self, "Alpha");
  g_autoptr (SatchelRecord) changed = fixture_record (&self->replica, "account", id, "name", "Omega", NULL);
  g_autoptr (ScriptAnswer) answer = script_answer_new ();
  g_autoptr (ScriptRequest) request = device_send (self);
  g_autoptr (GBytes) body = NULL;
  gsize size;
  const guint8 *bytes;

  script_answer_put (answer, changed, "e.2");
  script_answer_page (answer, "three", 0, SCRIPT_HEAD, NULL);
  body = script_answer_finish (answer);
  bytes = g_bytes_get_data (body, &size);
  for (gsize length = 0; length < size; length++)
    {
      g_autoptr (GBytes) cut = g_bytes_new (bytes, length);
      g_autoptr (GError) error = NULL;
      SatchelSyncStep step;

      g_assert_false (satchel_sync_core_receive (self->core, cut, &step, &error));
      g_assert_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_UNREACHABLE);
    }
  device_assert_name (self, id, "Alpha");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  CORE_TEST ("/sync-core/not-connected", test_not_connected);
  CORE_TEST ("/sync-core/pages/first-sync", test_first_sync);
  CORE_TEST ("/sync-core/pages/waits-only-at-the-head", test_waits_only_at_the_head);
  CORE_TEST ("/sync-core/pages/staging", test_staging);
  CORE_TEST ("/sync-core/pages/staged-and-failed", test_staged_and_failed);
  CORE_TEST ("/sync-core/pages/staged-and-killed", test_staged_and_killed);
  CORE_TEST ("/sync-core/pages/arriving-after-staging", test_arriving_after_staging);
  CORE_TEST ("/sync-core/pages/exit-and-delete", test_exit_and_delete);
  CORE_TEST ("/sync-core/pages/unknown", test_unknown);
  CORE_TEST ("/sync-core/pages/resync", test_resync);
  CORE_TEST ("/sync-core/push/simple", test_push);
  CORE_TEST ("/sync-core/push/lost-replies", test_lost_replies);
  CORE_TEST ("/sync-core/push/outcome-waits-for-head", test_outcome_waits_for_head);
  CORE_TEST ("/sync-core/push/feed-lags", test_feed_lags);
  CORE_TEST ("/sync-core/push/outcome-while-arriving", test_outcome_while_arriving);
  CORE_TEST ("/sync-core/push/batches", test_batches);
  CORE_TEST ("/sync-core/push/written-meanwhile", test_written_meanwhile);
  CORE_TEST ("/sync-core/push/chain", test_chain);
  CORE_TEST ("/sync-core/push/form-open-while-landing", test_form_open_while_landing);
  CORE_TEST ("/sync-core/outcomes/refused", test_refused);
  CORE_TEST ("/sync-core/outcomes/partial", test_partial);
  CORE_TEST ("/sync-core/outcomes/merged", test_merged);
  CORE_TEST ("/sync-core/outcomes/refused-with-dependent", test_refused_with_dependent);
  CORE_TEST ("/sync-core/fork", test_fork);
  CORE_TEST ("/sync-core/counter-behind-the-server", test_counter_behind_the_server);
  CORE_TEST ("/sync-core/heard-in-another-epoch", test_heard_in_another_epoch);
  CORE_TEST ("/sync-core/broken/answers", test_broken_answers);
  CORE_TEST ("/sync-core/broken/after-staging", test_broken_after_staging);
  CORE_TEST ("/sync-core/broken/other-version", test_other_version);
  CORE_TEST ("/sync-core/broken/cut", test_cut_answers);

  return g_test_run ();
}
