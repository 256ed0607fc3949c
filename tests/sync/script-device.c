/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "script-device.h"

#include "records/satchel-id.h"

void
device_set_up (Device *self, gconstpointer data)
{
  g_autoptr (SatchelLink) link = NULL;
  g_autoptr (GError) error = NULL;

  fixture_set_up (&self->replica, data);
  link = satchel_replica_get_link (self->replica.replica, &error);
  g_assert_no_error (error);
  link->server = g_strdup ("https://127.0.0.1:1");
  link->device_id = satchel_id_new ();
  link->user_id = satchel_id_new ();
  link->user_name = g_strdup ("nancy");
  g_assert_true (satchel_replica_set_link (self->replica.replica, link, &error));
  self->core = satchel_sync_core_new (self->replica.replica);
}

void
device_tear_down (Device *self, gconstpointer data)
{
  satchel_sync_core_free (self->core);
  fixture_tear_down (&self->replica, data);
}

/* As if the process had been killed. */
void
device_restart (Device *self)
{
  g_clear_pointer (&self->core, satchel_sync_core_free);
  satchel_replica_close (self->replica.replica);
  fixture_reopen (&self->replica);
  self->core = satchel_sync_core_new (self->replica.replica);
}

SatchelLink *
device_get_link (Device *self)
{
  g_autoptr (GError) error = NULL;
  SatchelLink *link = satchel_replica_get_link (self->replica.replica, &error);

  g_assert_no_error (error);

  return link;
}

ScriptRequest *
device_send_waiting (Device *self, guint wait)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) request = satchel_sync_core_prepare (self->core, wait, &error);

  g_assert_no_error (error);

  return script_request_new (request);
}

ScriptRequest *
device_send (Device *self)
{
  return device_send_waiting (self, 0);
}

SatchelSyncStep
device_receive (Device *self, ScriptAnswer *answer)
{
  g_autoptr (GBytes) body = script_answer_finish (answer);
  g_autoptr (GError) error = NULL;
  SatchelSyncStep step = SATCHEL_SYNC_STEP_DONE;

  satchel_sync_core_receive (self->core, body, &step, &error);
  g_assert_no_error (error);

  return step;
}

/* Asks, is told @answer. */
SatchelSyncStep
device_exchange (Device *self, ScriptAnswer *answer)
{
  g_autoptr (ScriptRequest) request = device_send (self);

  g_assert_cmpuint (request->groups->len, ==, 0);

  return device_receive (self, answer);
}

/* A device at the head that holds one account of revision "e.1". */
char *
device_settle_account (Device *self, const char *name)
{
  g_autoptr (SatchelRecord) account = fixture_record (&self->replica, "account", NULL, "name", name, NULL);
  g_autoptr (ScriptAnswer) answer = script_answer_new ();

  script_answer_put (answer, account, "e.1");
  script_answer_page (answer, "settled", 0, SCRIPT_HEAD, NULL);
  g_assert_cmpint (device_exchange (self, answer), ==, SATCHEL_SYNC_STEP_DONE);

  return g_strdup (satchel_record_get_id (account));
}

/* The account as it is, with a phone. */
SatchelRecord *
device_with_phone (Device *self, const char *id, const char *phone)
{
  g_autoptr (SatchelRecord) shown = fixture_get (&self->replica, id);
  SatchelRecord *record = satchel_record_copy (shown);

  g_assert_true (satchel_record_set_from_text (record, "phone", phone, NULL));

  return record;
}

void
device_assert_name (Device *self, const char *id, const char *name)
{
  fixture_assert_text (&self->replica, id, "name", name);
}

void
device_assert_phone (Device *self, const char *id, const char *phone)
{
  fixture_assert_text (&self->replica, id, "phone", phone);
}
