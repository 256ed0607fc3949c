/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "satchel-sync-core.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "records/satchel-id.h"
#include "satchel-answer.h"
#include "satchel-connection.h"
#include "satchel-sync-recovery.h"

#define REQUEST_GROUPS_BYTES (4 * 1024 * 1024)

/* How long to wait at the head for a feed that has not caught up with what was decided, in seconds. */
#define LAGGING_WAIT 5

struct _SatchelSyncCore
{
  SatchelReplica *replica;
  SatchelSyncCounts counts;

  /* The request that is out. */
  GArray *sent; /* (element-type gint64): counters of its groups */
  gint64 last_made; /* the newest group when groups were last taken */
  gboolean left_over; /* not all groups went then, for want of room */

  /* Between requests, until the head: lost without harm. */
  SatchelDelivery *delivery; /* (nullable): with staged pages */
  char *staged_cursor; /* (nullable): after the last staged page */
  GPtrArray *outcomes; /* (element-type SatchelOutcome): decided, not laid down yet */
  gint64 decided; /* the last group that has an outcome */
  char *heard_epoch; /* (nullable): that these were told in */
  gboolean resync; /* announced by a staged page */
  gboolean lagging; /* at the head, and outcomes are waiting still */
  gboolean arriving;
  gboolean started; /* what an earlier process staged is gone */
  gboolean parting; /* this is a copy, and the server is told so */

  /* An answer that was looked into, and the request that follows it. */
  GBytes *opened;
  SatchelFrameReader *reader;
  GBytes *ahead;
  char *ahead_cursor;
  GArray *ahead_sent; /* (element-type gint64): counters of its groups */

  char *fork_device;
  char *fork_token;
  gboolean renew; /* the token is near its end */

  SatchelSyncRecovery *recovery; /* (nullable): while a restored server is told what it lost */
};

static gboolean
refuse (GError **error, const char *reason)
{
  g_set_error (
      error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_PROTOCOL,
      _ ("The server’s answer cannot be right: %s. Nothing of it was used and your work is safe; if it happens "
         "again, tell whoever looks after the server."),
      reason);
  return FALSE;
}

/* ---- Preparing a request ---- */

static SatchelLink *
get_link (SatchelSyncCore *self, GError **error)
{
  g_autoptr (SatchelLink) link = satchel_replica_get_link (self->replica, error);

  if (link != NULL && (link->server == NULL || link->device_id == NULL))
    {
      g_set_error (
          error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_NOT_CONNECTED,
          _ ("Satchel is not connected to a server yet. Your work is kept on this device; connect to share it."));
      return NULL;
    }

  return g_steal_pointer (&link);
}

/* Groups after one, and their counters into @sent. */
static GPtrArray *
take_groups (SatchelSyncCore *self, gint64 after, GArray *sent, GError **error)
{
  gint64 last = satchel_replica_get_last_group (self->replica, error);
  GPtrArray *groups;

  if (last < 0)
    return NULL;
  self->last_made = last;
  self->left_over = FALSE;
  if (last <= after)
    return g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_outgoing_free);

  groups = satchel_replica_take_groups (self->replica, after, SATCHEL_REQUEST_MAX_GROUPS, REQUEST_GROUPS_BYTES, error);
  for (guint i = 0; groups != NULL && i < groups->len; i++)
    {
      const SatchelOutgoing *group = g_ptr_array_index (groups, i);

      g_array_append_val (sent, group->n);
      self->left_over = group->n < last;
      self->last_made = MAX (self->last_made, group->n); /* it may have been made just now */
    }

  return groups;
}

static void
set_string (JsonObject *object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
}

static void
add_begin (SatchelSyncCore *self, SatchelFrameWriter *writer, const SatchelLink *link, const char *cursor,
           guint n_groups, guint wait)
{
  g_autoptr (JsonObject) begin = json_object_new ();

  json_object_set_int_member (begin, "protocol", SATCHEL_PROTOCOL_VERSION);
  set_string (begin, "epoch", link->epoch);
  set_string (begin, "cursor", cursor);
  json_object_set_int_member (begin, "wait", wait);
  json_object_set_int_member (begin, "groups", n_groups);
  set_string (begin, "nonce", link->nonce);
  set_string (begin, "proposed", link->proposed_nonce);
  if (self->parting)
    json_object_set_boolean_member (begin, "parting", TRUE);
  satchel_frame_writer_add (writer, "begin", begin);
}

/* What came of a group that was settled before is told ahead of it. */
static void
add_group (SatchelFrameWriter *writer, const SatchelOutgoing *group)
{
  if (group->replay != NULL)
    satchel_frame_writer_add_text (writer, "replay", group->replay, -1);
  satchel_frame_writer_add_text (writer, "group", group->text, -1);
}

/* The nonces are those on disk once the groups are taken. */
static GBytes *
write_request (SatchelSyncCore *self, const char *cursor, GPtrArray *groups, guint wait, GError **error)
{
  g_autoptr (SatchelLink) link = get_link (self, error);
  g_autoptr (SatchelFrameWriter) writer = satchel_frame_writer_new ();

  if (link == NULL)
    return NULL;

  add_begin (self, writer, link, cursor, groups->len, wait);
  for (guint i = 0; i < groups->len; i++)
    add_group (writer, g_ptr_array_index (groups, i));

  return satchel_frame_writer_finish (writer);
}

static void
forget_ahead (SatchelSyncCore *self)
{
  g_clear_pointer (&self->ahead, g_bytes_unref);
  g_clear_pointer (&self->ahead_cursor, g_free);
  g_array_set_size (self->ahead_sent, 0);
}

static const char *
get_cursor (SatchelSyncCore *self, const SatchelLink *link)
{
  return self->staged_cursor != NULL ? self->staged_cursor : link->cursor;
}

/* The request that is on its way already, if it asks for what comes next. */
static GBytes *
take_ahead (SatchelSyncCore *self, const SatchelLink *link)
{
  GBytes *ahead = NULL;

  if (self->ahead != NULL && g_strcmp0 (self->ahead_cursor, get_cursor (self, link)) == 0)
    {
      ahead = g_bytes_ref (self->ahead);
      g_array_append_vals (self->sent, self->ahead_sent->data, self->ahead_sent->len);
    }
  forget_ahead (self);

  return ahead;
}

/* What a process that was killed has staged, or what could not be dropped, belongs to no page of ours. */
static gboolean
start (SatchelSyncCore *self, GError **error)
{
  self->started = self->started || satchel_replica_drop_staged (self->replica, error);

  return self->started;
}

static GBytes *
make_request (SatchelSyncCore *self, SatchelLink *link, guint wait, GError **error)
{
  g_autoptr (GPtrArray) groups = take_groups (self, MAX (link->acknowledged, self->decided), self->sent, error);

  if (groups == NULL)
    return NULL;

  if (self->lagging)
    wait = MAX (wait, LAGGING_WAIT);
  if (groups->len > 0 || link->cursor == NULL || self->staged_cursor != NULL)
    wait = 0;

  return write_request (self, get_cursor (self, link), groups, wait, error);
}

/* ---- After a restore of the server ---- */

static GBytes *
make_recovery_request (SatchelSyncCore *self, const SatchelLink *link, GError **error)
{
  g_autoptr (SatchelFrameWriter) writer = satchel_frame_writer_new ();
  g_autoptr (JsonObject) begin = json_object_new ();

  json_object_set_int_member (begin, "protocol", SATCHEL_PROTOCOL_VERSION);
  json_object_set_boolean_member (begin, "recovering", TRUE);
  set_string (begin, "epoch", link->epoch);
  satchel_frame_writer_add (writer, "begin", begin);
  if (!satchel_sync_recovery_write (self->recovery, writer, error))
    return NULL;

  return satchel_frame_writer_finish (writer);
}

static gboolean
end_recovery (SatchelSyncCore *self, GError **error)
{
  g_autoptr (SatchelLink) link = get_link (self, error);

  if (link == NULL)
    return FALSE;

  g_clear_pointer (&link->recovering, g_free);
  g_clear_pointer (&self->recovery, satchel_sync_recovery_free);

  return satchel_replica_set_link (self->replica, link, error);
}

static gboolean
receive_recovery (SatchelSyncCore *self, const SatchelAnswer *answer, SatchelSyncStep *step, GError **error)
{
  if (self->recovery == NULL || !answer->recovered)
    return refuse (error, _ ("it does not speak of what was asked"));

  satchel_sync_recovery_receive (self->recovery, answer);
  *step = SATCHEL_SYNC_STEP_AGAIN;

  return !satchel_sync_recovery_is_done (self->recovery) || end_recovery (self, error);
}

static gboolean
begin_recovery (SatchelSyncCore *self, const SatchelAnswer *answer, SatchelSyncStep *step, GError **error)
{
  satchel_sync_core_fail (self);
  *step = SATCHEL_SYNC_STEP_AGAIN;

  return satchel_replica_begin_recovery (self->replica, answer->epoch, answer->known, error);
}

/**
 * satchel_sync_core_prepare:
 * @wait: seconds to wait for news when there is nothing to send; 0 for an answer at once
 * @error: set to a #SatchelSyncError or #SatchelDataError
 *
 * Makes the next request of this device: where it stands, and the groups that
 * have no outcome yet, bounded. What is sent is marked so, with a nonce, on
 * disk before this returns.
 *
 * Returns: (transfer full) (nullable): the body of a request; %NULL with @error set
 */
GBytes *
satchel_sync_core_prepare (SatchelSyncCore *self, guint wait, GError **error)
{
  g_autoptr (SatchelLink) link = get_link (self, error);
  GBytes *request;

  g_array_set_size (self->sent, 0);
  if (link == NULL || !start (self, error))
    return NULL;

  if (link->recovering != NULL && self->recovery == NULL)
    self->recovery = satchel_sync_recovery_new (self->replica);
  request = self->recovery == NULL ? take_ahead (self, link) : make_recovery_request (self, link, error);
  if (request == NULL && self->recovery == NULL)
    request = make_request (self, link, wait, error);
  if (request == NULL)
    return NULL;
  self->counts.requests++;
  self->counts.bytes_sent += g_bytes_get_size (request);

  return request;
}

/* ---- Looking ahead ---- */

static void
forget_opened (SatchelSyncCore *self)
{
  g_clear_pointer (&self->opened, g_bytes_unref);
  g_clear_pointer (&self->reader, satchel_frame_reader_free);
}

/* The last group that is on its way, or was decided. */
static gint64
get_last_sent (SatchelSyncCore *self, const SatchelLink *link)
{
  gint64 known = MAX (link->acknowledged, self->decided);

  return self->sent->len > 0 ? MAX (known, g_array_index (self->sent, gint64, self->sent->len - 1)) : known;
}

/* The request behind a page at the head, where there are more groups: with the nonce of the last one, which stays as it
 * is until that is confirmed on disk. */
static GBytes *
send_more (SatchelSyncCore *self, SatchelLink *link, const char *cursor)
{
  g_autoptr (GPtrArray) groups = take_groups (self, get_last_sent (self, link), self->ahead_sent, NULL);

  if (groups == NULL || groups->len == 0)
    return NULL;

  return write_request (self, cursor, groups, 0, NULL);
}

/* The request behind another page, where there are none. */
static GBytes *
ask_for_more (SatchelSyncCore *self, SatchelLink *link, const char *cursor)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();

  if (satchel_replica_get_last_group (self->replica, NULL) > get_last_sent (self, link))
    return NULL;

  return write_request (self, cursor, none, 0, NULL);
}

/**
 * satchel_sync_core_look_ahead:
 * @answer: an answer that was not taken in yet
 *
 * Makes the request that will follow @answer, when more is to come or to be
 * sent, so that it can be on its way while @answer is laid down. What was
 * written while pages are on their way goes with a later one.
 *
 * Returns: (transfer full) (nullable): the body of a request
 */
GBytes *
satchel_sync_core_look_ahead (SatchelSyncCore *self, GBytes *answer)
{
  g_auto (SatchelAnswer) page;
  g_autoptr (SatchelLink) link = satchel_replica_get_link (self->replica, NULL);

  satchel_answer_init (&page);
  forget_ahead (self);
  forget_opened (self);
  self->reader = satchel_answer_open (answer, NULL);
  if (self->reader == NULL)
    return NULL;
  self->opened = g_bytes_ref (answer);
  if (link == NULL || link->recovering != NULL || !satchel_answer_peek_page (&page, self->reader))
    return NULL;

  self->ahead = page.head ? send_more (self, link, page.cursor) : ask_for_more (self, link, page.cursor);
  if (self->ahead == NULL)
    {
      self->left_over |= self->ahead_sent->len > 0; /* taken, and not sent after all */
      forget_ahead (self);
      return NULL;
    }
  self->ahead_cursor = g_steal_pointer (&page.cursor);

  return g_bytes_ref (self->ahead);
}

/**
 * satchel_sync_core_has_unsent:
 *
 * Whether groups were made since the last request was prepared. One look into
 * the replica.
 *
 * Returns: whether there is something to send
 */
gboolean
satchel_sync_core_has_unsent (SatchelSyncCore *self)
{
  return satchel_replica_get_last_group (self->replica, NULL) > self->last_made;
}

/**
 * satchel_sync_core_is_resting:
 *
 * Whether the request that is out only listens: nobody would miss its answer,
 * and another process may sync the replica meanwhile.
 *
 * Returns: whether nothing hangs on that request
 */
gboolean
satchel_sync_core_is_resting (SatchelSyncCore *self)
{
  return self->sent->len == 0 && self->staged_cursor == NULL && self->outcomes->len == 0 && !self->parting &&
         self->recovery == NULL;
}

/* ---- Receiving an answer ---- */

static void
forget_fork (SatchelSyncCore *self)
{
  g_clear_pointer (&self->fork_device, g_free);
  g_clear_pointer (&self->fork_token, g_free);
}

/* Outcomes stand for every group that was sent, in order. */
static gboolean
check_outcomes (SatchelSyncCore *self, const SatchelAnswer *answer, GError **error)
{
  if (answer->outcomes->len != self->sent->len)
    return refuse (error, _ ("it does not speak of every change that was sent"));
  for (guint i = 0; i < self->sent->len; i++)
    if (((const SatchelOutcome *) g_ptr_array_index (answer->outcomes, i))->n != g_array_index (self->sent, gint64, i))
      return refuse (error, _ ("it speaks of changes that were not sent"));

  return TRUE;
}

static gboolean
check_answer (SatchelSyncCore *self, const SatchelLink *link, const SatchelAnswer *answer, GError **error)
{
  if (!check_outcomes (self, answer, error))
    return FALSE;
  if (answer->epoch == NULL)
    return refuse (error, _ ("it does not say who speaks"));
  if (answer->nonce != NULL && g_strcmp0 (answer->nonce, link->nonce) != 0 &&
      g_strcmp0 (answer->nonce, link->proposed_nonce) != 0)
    return refuse (error, _ ("it is for another device"));

  return TRUE;
}

static void
keep_outcomes (SatchelSyncCore *self, SatchelAnswer *answer)
{
  while (answer->outcomes->len > 0)
    {
      SatchelOutcome *outcome = g_ptr_array_steal_index (answer->outcomes, 0);

      self->decided = MAX (self->decided, outcome->n);
      self->counts.pushed++;
      g_ptr_array_add (self->outcomes, outcome);
    }
}

/* Hands over the outcomes that the page covers; the others wait for a later one. */
static void
add_covered_outcomes (SatchelSyncCore *self, gint64 applied_through)
{
  guint n_covered = 0;

  while (n_covered < self->outcomes->len &&
         ((SatchelOutcome *) g_ptr_array_index (self->outcomes, n_covered))->n <= applied_through)
    n_covered++;
  for (guint i = 0; i < n_covered; i++)
    satchel_delivery_add_outcome (self->delivery, g_ptr_array_index (self->outcomes, i));

  g_ptr_array_set_free_func (self->outcomes, NULL);
  if (n_covered > 0)
    g_ptr_array_remove_range (self->outcomes, 0, n_covered);
  g_ptr_array_set_free_func (self->outcomes, (GDestroyNotify) satchel_outcome_free);
}

static void
count_result (SatchelSyncCore *self, const SatchelDeliveryResult *result)
{
  self->counts.applied += result->applied;
  self->counts.merged += result->merged;
  self->counts.conflicts += result->conflicts;
  self->counts.refused += result->refused;
  self->counts.pulled += result->pulled;
}

/* Lays down this page and every staged one. While more is arriving nothing is settled: what a group did may be in a part
 * that is still to come. */
static gboolean
apply_page (SatchelSyncCore *self, const SatchelLink *link, const SatchelAnswer *answer, GError **error)
{
  g_autofree char *now = satchel_time_now ();
  gint64 through = answer->head ? MAX (answer->applied_through, link->acknowledged) : link->acknowledged;
  gboolean rotated = g_strcmp0 (answer->nonce, link->nonce) != 0;
  SatchelDeliveryEnd end = {
    .cursor = answer->cursor,
    .epoch = answer->epoch,
    .applied_through = through,
    .arriving = answer->arriving,
    .resync = self->resync,
    .confirmed_nonce = rotated ? answer->nonce : NULL,
    .at = now,
    .server_at = answer->at,
  };
  SatchelDeliveryResult result = { 0 };

  add_covered_outcomes (self, through);
  if (!satchel_delivery_apply (self->delivery, &end, &result, error))
    return FALSE;

  count_result (self, &result);
  g_clear_pointer (&self->delivery, satchel_delivery_free);
  g_clear_pointer (&self->staged_cursor, g_free);
  self->resync = FALSE;
  self->lagging = answer->head && self->outcomes->len > 0;
  if (self->outcomes->len == 0)
    g_clear_pointer (&self->heard_epoch, g_free);

  return TRUE;
}

static gboolean
stage_page (SatchelSyncCore *self, const SatchelAnswer *answer, GError **error)
{
  if (!satchel_delivery_stage (self->delivery, error))
    return FALSE;
  g_set_str (&self->staged_cursor, answer->cursor);

  return TRUE;
}

/* The server has decided groups of this device that were never made here: another copy of this replica has sent them. */
static gboolean
is_copy (SatchelSyncCore *self, const SatchelLink *link, const SatchelAnswer *answer)
{
  return answer->applied_through > MAX (self->last_made, link->acknowledged);
}

static gboolean
part_from_copy (SatchelSyncCore *self, SatchelSyncStep *step, GError **error)
{
  if (self->parting)
    return refuse (error, _ ("it speaks of changes that were never made"));

  satchel_sync_core_fail (self);
  self->parting = TRUE;
  *step = SATCHEL_SYNC_STEP_AGAIN;

  return TRUE;
}

/* What was heard and not laid down yet was heard of a server that has been brought back from a backup since, and knows
 * nothing of it. */
static gboolean
speaks_another (SatchelSyncCore *self, const SatchelAnswer *answer)
{
  return self->heard_epoch != NULL && g_strcmp0 (self->heard_epoch, answer->epoch) != 0;
}

static gboolean
begin_anew (SatchelSyncCore *self, SatchelSyncStep *step)
{
  satchel_sync_core_fail (self);
  *step = SATCHEL_SYNC_STEP_AGAIN;

  return TRUE;
}

/* A page of an arriving has reached the end of the feed of what is held already: what was staged is laid down with it. */
static gboolean
lay_down (SatchelSyncCore *self, const SatchelLink *link, SatchelAnswer *answer, GError **error)
{
  g_set_str (&self->heard_epoch, answer->epoch);
  keep_outcomes (self, answer);
  self->resync |= answer->resync;
  self->arriving = answer->arriving;
  if (answer->head || answer->arriving)
    return apply_page (self, link, answer, error);

  return stage_page (self, answer, error);
}

/* Whether there is more to do. Groups that did not go with those last taken for want of room count, also when a request
 * without groups was on its way ahead since; so do those made since. */
static gboolean
find_step (SatchelSyncCore *self, const SatchelAnswer *answer, SatchelSyncStep *step, GError **error)
{
  gint64 last = satchel_replica_get_last_group (self->replica, error);
  gboolean unsent = self->left_over || last > self->last_made;

  if (last < 0)
    return FALSE;
  *step = !answer->head || answer->arriving || self->lagging || unsent || self->ahead != NULL ? SATCHEL_SYNC_STEP_AGAIN
                                                                                              : SATCHEL_SYNC_STEP_DONE;

  return TRUE;
}

static gboolean
take_fork (SatchelSyncCore *self, SatchelAnswer *answer, SatchelSyncStep *step)
{
  satchel_sync_core_fail (self);
  self->parting = FALSE;
  self->fork_device = g_steal_pointer (&answer->fork_device);
  self->fork_token = g_steal_pointer (&answer->fork_token);
  *step = SATCHEL_SYNC_STEP_FORKED;

  return TRUE;
}

static SatchelFrameReader *
open_answer (SatchelSyncCore *self, GBytes *body, GError **error)
{
  SatchelFrameReader *reader = self->opened == body ? g_steal_pointer (&self->reader) : NULL;

  forget_opened (self);

  return reader != NULL ? reader : satchel_answer_open (body, error);
}

static gboolean
receive (SatchelSyncCore *self, GBytes *body, SatchelSyncStep *step, GError **error)
{
  g_auto (SatchelAnswer) answer;
  g_autoptr (SatchelFrameReader) reader = open_answer (self, body, error);
  g_autoptr (SatchelLink) link = NULL;

  satchel_answer_init (&answer);
  if (reader == NULL)
    return FALSE;
  link = get_link (self, error);
  if (link == NULL)
    return FALSE;
  if (self->delivery == NULL)
    self->delivery = satchel_delivery_new (self->replica);
  self->decided = MAX (self->decided, link->acknowledged);

  if (!satchel_answer_read (&answer, reader, self->delivery, error))
    return FALSE;
  self->renew |= answer.renew;
  if (answer.fork_device != NULL)
    return take_fork (self, &answer, step);
  if (answer.restored)
    return begin_recovery (self, &answer, step, error);
  if (link->recovering != NULL)
    return receive_recovery (self, &answer, step, error);

  if (!check_answer (self, link, &answer, error))
    return FALSE;
  if (speaks_another (self, &answer))
    return begin_anew (self, step);
  if (is_copy (self, link, &answer))
    return part_from_copy (self, step, error);

  return lay_down (self, link, &answer, error) && find_step (self, &answer, step, error);
}

/**
 * satchel_sync_core_receive:
 * @answer: the body of the answer to the last request
 * @step: (out): what to do next
 * @error: set to a #SatchelSyncError or #SatchelDataError
 *
 * Takes an answer in. An answer that is cut or breaks the protocol changes
 * nothing; the core then stands as after satchel_sync_core_fail().
 *
 * Returns: whether it was taken in
 */
gboolean
satchel_sync_core_receive (SatchelSyncCore *self, GBytes *answer, SatchelSyncStep *step, GError **error)
{
  self->counts.bytes_received += g_bytes_get_size (answer);
  if (receive (self, answer, step, error))
    return TRUE;

  satchel_sync_core_fail (self);

  return FALSE;
}

/**
 * satchel_sync_core_fail:
 *
 * No usable answer came. Staged pages and outcomes that were not laid down are
 * dropped; the next request starts from what is durable, and gets the same
 * outcomes again.
 */
void
satchel_sync_core_fail (SatchelSyncCore *self)
{
  g_autoptr (GError) error = NULL;

  if (self->delivery != NULL)
    {
      g_clear_pointer (&self->delivery, satchel_delivery_free);
      self->started = satchel_replica_drop_staged (self->replica, &error);
      if (!self->started)
        g_info ("Staged pages stay until the next request: %s", error->message);
    }
  g_clear_pointer (&self->staged_cursor, g_free);
  g_clear_pointer (&self->heard_epoch, g_free);
  g_ptr_array_set_size (self->outcomes, 0);
  self->decided = 0;
  self->left_over = FALSE;
  self->resync = FALSE;
  self->lagging = FALSE;
  forget_ahead (self);
  forget_opened (self);
  forget_fork (self);
  g_clear_pointer (&self->recovery, satchel_sync_recovery_free);
}

/**
 * satchel_sync_core_take_renewal:
 *
 * The server gives new tokens to devices whose own is near its end.
 *
 * Returns: whether it has said so since this was asked last
 */
gboolean
satchel_sync_core_take_renewal (SatchelSyncCore *self)
{
  gboolean renew = self->renew;

  self->renew = FALSE;

  return renew;
}

/* ---- Forks ---- */

/**
 * satchel_sync_core_get_fork_device:
 *
 * The new id of this device, after %SATCHEL_SYNC_STEP_FORKED.
 *
 * Returns: (transfer none) (nullable): a device id
 */
const char *
satchel_sync_core_get_fork_device (SatchelSyncCore *self)
{
  return self->fork_device;
}

/**
 * satchel_sync_core_get_fork_token:
 *
 * The token of the new device, after %SATCHEL_SYNC_STEP_FORKED.
 *
 * Returns: (transfer none) (nullable): a token
 */
const char *
satchel_sync_core_get_fork_token (SatchelSyncCore *self)
{
  return self->fork_token;
}

/**
 * satchel_sync_core_accept_fork:
 * @error: set to a #SatchelDataError
 *
 * Makes this replica the new device's, once its token is kept. Outbox,
 * counters, bases and cursor stay; a new nonce begins.
 *
 * Returns: whether it is on disk
 */
gboolean
satchel_sync_core_accept_fork (SatchelSyncCore *self, GError **error)
{
  g_autoptr (SatchelLink) link = satchel_replica_get_link (self->replica, error);

  g_assert (self->fork_device != NULL);
  if (link == NULL)
    return FALSE;

  g_set_str (&link->device_id, self->fork_device);
  g_clear_pointer (&link->nonce, g_free);
  g_clear_pointer (&link->proposed_nonce, g_free);
  link->proposed_nonce = satchel_id_new ();
  if (!satchel_replica_set_link (self->replica, link, error))
    return FALSE;
  forget_fork (self);

  return TRUE;
}

/* ---- The core itself ---- */

/**
 * satchel_sync_core_new:
 * @replica: the replica to sync
 *
 * Makes the core of a sync session. One process at a time syncs a replica:
 * the caller holds satchel_replica_lock_sync().
 *
 * Returns: (transfer full): a new core
 */
SatchelSyncCore *
satchel_sync_core_new (SatchelReplica *replica)
{
  SatchelSyncCore *self = g_new0 (SatchelSyncCore, 1);

  self->replica = g_object_ref (replica);
  self->sent = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->ahead_sent = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->outcomes = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_outcome_free);

  return self;
}

/**
 * satchel_sync_core_free:
 *
 * Frees a core. What was not laid down is asked for again by the next one.
 */
void
satchel_sync_core_free (SatchelSyncCore *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->delivery, satchel_delivery_free);
  g_clear_pointer (&self->outcomes, g_ptr_array_unref);
  g_clear_pointer (&self->sent, g_array_unref);
  g_free (self->staged_cursor);
  g_free (self->heard_epoch);
  forget_ahead (self);
  g_array_unref (self->ahead_sent);
  forget_opened (self);
  forget_fork (self);
  g_clear_pointer (&self->recovery, satchel_sync_recovery_free);
  g_object_unref (self->replica);
  g_free (self);
}

/**
 * satchel_sync_core_get_counts:
 *
 * What was sent and received since the core was made or
 * satchel_sync_core_reset_counts() was called.
 *
 * Returns: (transfer none): the counts, which go on changing
 */
const SatchelSyncCounts *
satchel_sync_core_get_counts (SatchelSyncCore *self)
{
  return &self->counts;
}

/**
 * satchel_sync_core_reset_counts:
 *
 * Starts counting from zero.
 */
void
satchel_sync_core_reset_counts (SatchelSyncCore *self)
{
  self->counts = (SatchelSyncCounts) { 0 };
}

/**
 * satchel_sync_core_get_arriving:
 *
 * Whether more of a first sync or of a newly granted bucket is to come, as the
 * last page said.
 *
 * Returns: whether something is still arriving
 */
gboolean
satchel_sync_core_get_arriving (SatchelSyncCore *self)
{
  return self->arriving;
}
