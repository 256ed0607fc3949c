/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The reading half of a sync: what is granted now against what the device has, the changes, the page. */

#include "satchel-config.h"

#include <string.h>

#include "records/satchel-id.h"
#include "server-push.h"
#include "server-recover.h"
#include "wire/satchel-frames.h"

#define PAGE_MAX_BYTES (2 * 1024 * 1024)
#define UNSEEN_MS (G_GINT64_CONSTANT (60) * 60 * 1000)

typedef struct
{
  SatchelServer *server;
  SatchelStoreSession *session;
  const SatchelSyncRequest *request;
  const SatchelPush *push;
  SatchelView *view;
  SatchelFrameWriter *writer;
  SatchelCursor *cursor;
  GArray *granted; /* SatchelFeedSource, of buckets that something was ever in */
  gint64 head;
  gint64 forgotten; /* what left up to there is not known any more */
  guint n_records; /* on this page */
  gint64 last; /* position of the last entry that was taken */
  gboolean resync;
  gboolean at_head;
  gboolean news;
} Pulling;

static void
pulling_clear (Pulling *self)
{
  g_clear_pointer (&self->view, satchel_view_free);
  g_clear_pointer (&self->writer, satchel_frame_writer_free);
  g_clear_pointer (&self->cursor, satchel_cursor_free);
  g_clear_pointer (&self->granted, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pulling, pulling_clear)

/* ---- Where the device stands ---------------------------------------------------------------------- */

static void
read_cursor (Pulling *self)
{
  const char *epoch = satchel_server_get_epoch (self->server);

  if (self->request->cursor != NULL)
    self->cursor = satchel_cursor_parse (self->request->cursor);
  if (self->cursor != NULL && satchel_recover_may_go_on (self->server, self->cursor) &&
      self->cursor->pos >= self->forgotten && self->cursor->pos <= self->head && self->cursor->started <= self->head)
    {
      g_set_str (&self->cursor->epoch, epoch);
      return;
    }

  self->resync = self->request->cursor != NULL;
  self->news = TRUE;
  g_clear_pointer (&self->cursor, satchel_cursor_free);
  self->cursor = satchel_cursor_new (epoch);
}

static gboolean
find_granted (Pulling *self, GError **error)
{
  guint n_buckets;
  const char *const *buckets = satchel_view_get_buckets (self->view, &n_buckets);

  self->granted = g_array_sized_new (FALSE, TRUE, sizeof (SatchelFeedSource), n_buckets);
  for (guint i = 0; i < n_buckets; i++)
    {
      SatchelFeedSource source = { .name = buckets[i] };

      g_array_append_val (self->granted, source);
    }

  return satchel_store_number_buckets (self->session, (SatchelFeedSource *) self->granted->data, n_buckets, error);
}

static gboolean
is_granted (Pulling *self, gint64 number)
{
  for (guint i = 0; i < self->granted->len; i++)
    if (g_array_index (self->granted, SatchelFeedSource, i).number == number)
      return TRUE;

  return FALSE;
}

/* Of the granted buckets those that are in @numbers, from a position on. */
static GArray *
select_sources (Pulling *self, GArray *numbers, gint64 after)
{
  GArray *sources = g_array_new (FALSE, FALSE, sizeof (SatchelFeedSource));

  for (guint i = 0; i < self->granted->len; i++)
    {
      SatchelFeedSource source = g_array_index (self->granted, SatchelFeedSource, i);

      source.after = after;
      if (satchel_numbers_contain (numbers, source.number))
        g_array_append_val (sources, source);
    }

  return sources;
}

/* ---- Frames --------------------------------------------------------------------------------------- */

static void
add_begin (Pulling *self)
{
  g_autoptr (JsonObject) begin = json_object_new ();
  g_autofree char *now = satchel_time_now ();

  json_object_set_int_member (begin, "protocol", SATCHEL_PROTOCOL_VERSION);
  json_object_set_string_member (begin, "epoch", satchel_server_get_epoch (self->server));
  json_object_set_string_member (begin, "at", now);
  if (self->resync)
    json_object_set_boolean_member (begin, "resync", TRUE);
  if (satchel_view_wants_new_token (self->view))
    json_object_set_boolean_member (begin, "renew", TRUE);
  satchel_frame_writer_add (self->writer, "begin", begin);
}

static void
add_outcomes (Pulling *self)
{
  for (guint i = 0; self->push != NULL && i < self->push->outcomes->len; i++)
    {
      self->news = TRUE;
      satchel_frame_writer_add_text (self->writer, "outcome", g_ptr_array_index (self->push->outcomes, i), -1);
    }
}

static gboolean
drop (Pulling *self, gint64 number, GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *name = NULL;
  GError *local = NULL;

  name = satchel_store_name_bucket (self->session, number, &local);
  if (local != NULL)
    {
      g_propagate_error (error, local);
      return FALSE;
    }
  if (name == NULL)
    return TRUE;

  json_object_set_string_member (object, "bucket", name);
  satchel_frame_writer_add (self->writer, "drop", object);
  self->news = TRUE;

  return TRUE;
}

static gboolean
drop_ungranted (Pulling *self, GArray *numbers, GError **error)
{
  for (guint i = numbers->len; i > 0; i--)
    {
      gint64 number = g_array_index (numbers, gint64, i - 1);

      if (is_granted (self, number))
        continue;
      if (!drop (self, number, error))
        return FALSE;
      g_array_remove_index (numbers, i - 1);
    }

  return TRUE;
}

static void
add_departure (Pulling *self, const SatchelFeedEntry *entry)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "type", entry->type);
  json_object_set_string_member (object, "id", entry->id);
  if (entry->kind == SATCHEL_FEED_EXIT)
    {
      json_object_set_string_member (object, "from", entry->from);
      /* Where it went is nobody's business who may not go there. */
      if (entry->to != NULL && satchel_view_sees_bucket (self->view, entry->to))
        json_object_set_string_member (object, "to", entry->to);
    }
  satchel_frame_writer_add (self->writer, entry->kind == SATCHEL_FEED_EXIT ? "exit" : "delete", object);
}

static void
add_page (Pulling *self)
{
  const SatchelStoredDevice *device = satchel_view_get_device (self->view);
  g_autoptr (JsonObject) page = json_object_new ();
  g_autofree char *cursor = satchel_cursor_to_text (self->cursor);

  json_object_set_string_member (page, "cursor", cursor);
  json_object_set_int_member (page, "applied_through", device->last_n);
  json_object_set_boolean_member (page, "head", self->at_head && self->cursor->arriving->len == 0);
  json_object_set_boolean_member (page, "arriving", self->at_head && self->cursor->arriving->len > 0);
  if (device->nonce != NULL && g_strcmp0 (device->nonce, self->request->nonce) != 0)
    json_object_set_string_member (page, "nonce", device->nonce);
  satchel_frame_writer_add (self->writer, "page", page);
}

/* ---- Changes -------------------------------------------------------------------------------------- */

static gboolean
is_full (Pulling *self)
{
  return self->n_records >= satchel_server_get_page_records (self->server) ||
         satchel_frame_writer_get_decoded (self->writer) >= PAGE_MAX_BYTES;
}

static void
add_entry (Pulling *self, const SatchelFeedEntry *entry)
{
  if (entry->kind == SATCHEL_FEED_PUT)
    satchel_frame_writer_add_text (self->writer, "put", entry->body, (gssize) entry->length);
  else
    add_departure (self, entry);

  self->n_records++;
  self->news = TRUE;
}

/* What has no place in the feed yet stands behind the head, and comes again when it has one. */
static gboolean
take_change (const SatchelFeedEntry *entry, gpointer data)
{
  Pulling *self = data;

  if (is_full (self))
    return FALSE;
  add_entry (self, entry);
  self->last = MIN (entry->pos, self->head);

  return TRUE;
}

/* What changed in the buckets that the device has. */
static gboolean
read_changes (Pulling *self, GError **error)
{
  g_autoptr (GArray) sources = select_sources (self, self->cursor->scope, self->cursor->pos);

  self->last = self->cursor->pos;
  if (!satchel_store_read_feed (self->session, (SatchelFeedSource *) sources->data, sources->len, NULL, take_change,
                                self, &self->at_head, error))
    return FALSE;
  self->cursor->pos = self->at_head ? self->head : self->last;

  return TRUE;
}

/* Of what is there when the buckets begin to arrive, own accounts came first, and what had left was never there. */
static gboolean
is_known_already (Pulling *self, const SatchelFeedEntry *entry)
{
  return entry->pos <= self->cursor->started &&
         (entry->kind != SATCHEL_FEED_PUT ||
          (entry->owner != NULL && strcmp (entry->owner, satchel_view_get_user (self->view)) == 0));
}

static gboolean
take_arrival (const SatchelFeedEntry *entry, gpointer data)
{
  Pulling *self = data;

  if (is_full (self))
    return FALSE;
  if (self->cursor->own || !is_known_already (self, entry))
    add_entry (self, entry);
  self->last = MIN (entry->pos, self->head);

  return TRUE;
}

static gboolean
read_arriving_part (Pulling *self, gboolean *at_end, GError **error)
{
  g_autoptr (GArray) sources = select_sources (self, self->cursor->arriving, self->cursor->arrived);
  const char *owner = self->cursor->own ? satchel_view_get_user (self->view) : NULL;

  self->last = self->cursor->arrived;
  if (!satchel_store_read_feed (self->session, (SatchelFeedSource *) sources->data, sources->len, owner, take_arrival,
                                self, at_end, error))
    return FALSE;
  self->cursor->arrived = self->last;

  return TRUE;
}

/* Whether something is arriving then. */
static gboolean
begin_arriving (Pulling *self)
{
  for (guint i = 0; i < self->granted->len; i++)
    {
      gint64 number = g_array_index (self->granted, SatchelFeedSource, i).number;

      if (number != 0 && !satchel_numbers_contain (self->cursor->scope, number))
        satchel_numbers_add (self->cursor->arriving, number);
    }
  if (self->cursor->arriving->len == 0)
    return FALSE;

  self->cursor->own = TRUE;
  self->cursor->arrived = 0;
  self->cursor->started = self->head;
  self->news = TRUE;

  return TRUE;
}

static void
finish_arriving (Pulling *self)
{
  for (guint i = 0; i < self->cursor->arriving->len; i++)
    satchel_numbers_add (self->cursor->scope, g_array_index (self->cursor->arriving, gint64, i));
  g_array_set_size (self->cursor->arriving, 0);
  self->cursor->arrived = self->cursor->started = 0;
  self->cursor->own = FALSE;
  self->news = TRUE;
}

/* What is new to the device begins when it has everything else, and goes on beside the changes of that. */
static gboolean
read_arrivals (Pulling *self, GError **error)
{
  gboolean at_end = FALSE;

  if (self->cursor->arriving->len == 0 && !begin_arriving (self))
    return TRUE;

  if (self->cursor->own)
    {
      if (!read_arriving_part (self, &at_end, error))
        return FALSE;
      if (!at_end)
        return TRUE;
      self->cursor->own = FALSE;
      self->cursor->arrived = 0;
    }

  if (!read_arriving_part (self, &at_end, error))
    return FALSE;
  if (at_end)
    {
      finish_arriving (self);
      begin_arriving (self); /* what came to be granted, or to have something in it, meanwhile */
    }

  return TRUE;
}

/* ---- The answer ----------------------------------------------------------------------------------- */

static gboolean
write_answer (Pulling *self, GError **error)
{
  if (!satchel_store_get_head (self->session, &self->head, error) ||
      !satchel_store_get_forgotten (self->session, &self->forgotten, error) || !find_granted (self, error))
    return FALSE;

  read_cursor (self);
  add_begin (self);
  add_outcomes (self);
  if (!drop_ungranted (self, self->cursor->scope, error) || !drop_ungranted (self, self->cursor->arriving, error) ||
      !read_changes (self, error))
    return FALSE;
  if (self->at_head && !read_arrivals (self, error))
    return FALSE;
  add_page (self);

  return TRUE;
}

static void
write_fork (Pulling *self)
{
  g_autoptr (JsonObject) fork = json_object_new ();

  add_begin (self);
  json_object_set_string_member (fork, "device", self->push->fork_device);
  json_object_set_string_member (fork, "token", self->push->fork_token);
  satchel_frame_writer_add (self->writer, "fork", fork);
  self->news = TRUE;
}

/* ---- After a restore ------------------------------------------------------------------------------ */

static void
write_restored (Pulling *self)
{
  g_autoptr (JsonObject) restored = json_object_new ();

  add_begin (self);
  json_object_set_int_member (restored, "known", satchel_view_get_device (self->view)->last_n);
  satchel_frame_writer_add (self->writer, "restored", restored);
  self->news = TRUE;
}

static gboolean
add_wanted (Pulling *self, GError **error)
{
  g_autoptr (GPtrArray) wanted = NULL;
  g_autoptr (JsonObject) want = json_object_new ();
  JsonArray *ids = json_array_new ();

  json_object_set_array_member (want, "ids", ids);
  wanted = satchel_recover_list_wanted (self->view, self->request, error);
  if (wanted == NULL)
    return FALSE;
  for (guint i = 0; i < wanted->len; i++)
    json_array_add_string_element (ids, g_ptr_array_index (wanted, i));
  satchel_frame_writer_add (self->writer, "want", want);

  return TRUE;
}

/* A device that brings back what was lost gets no page: it would lay down what it has not offered yet. */
static gboolean
write_recovery (Pulling *self, GError **error)
{
  add_begin (self);
  self->news = TRUE;
  /* A device that holds nothing names nothing, and is answered all the same. */
  if ((g_hash_table_size (self->request->haves) > 0 || self->push == NULL) && !add_wanted (self, error))
    return FALSE;
  if (self->push != NULL)
    {
      g_autoptr (JsonObject) taken = json_object_new ();

      json_object_set_int_member (taken, "count", self->push->n_taken);
      satchel_frame_writer_add (self->writer, "taken", taken);
    }

  return TRUE;
}

/* ---- The whole ------------------------------------------------------------------------------------ */

static gboolean
write_body (Pulling *self, GError **error)
{
  self->writer = satchel_frame_writer_new ();

  if (satchel_recover_is_due (self->server, self->request))
    write_restored (self);
  else if (self->request->recovering)
    return write_recovery (self, error);
  else if (self->push != NULL && self->push->fork_device != NULL)
    write_fork (self);
  else
    return write_answer (self, error);

  return TRUE;
}

static gboolean
wants_fork (Pulling *self)
{
  return self->push == NULL && !self->request->recovering && !satchel_recover_is_due (self->server, self->request) &&
         !satchel_request_is_of_device (self->request, satchel_view_get_device (self->view));
}

static gboolean
was_seen_long_ago (const SatchelStoredDevice *device)
{
  g_autoptr (GDateTime) seen = NULL;

  if (device->last_seen == NULL)
    return TRUE;
  seen = g_date_time_new_from_iso8601 (device->last_seen, NULL);

  return seen == NULL || satchel_time_now_unix_ms () - g_date_time_to_unix (seen) * 1000 > UNSEEN_MS;
}

static SatchelPull *
make_pull (Pulling *self)
{
  SatchelPull *pull = g_new0 (SatchelPull, 1);
  guint n_buckets;

  pull->status = self->news ? SATCHEL_PULL_ANSWER : SATCHEL_PULL_NOTHING;
  pull->device = g_strdup (satchel_view_get_device (self->view)->id);
  pull->buckets = g_strdupv ((char **) satchel_view_get_buckets (self->view, &n_buckets));
  pull->unseen = satchel_view_has_new_token (self->view) || was_seen_long_ago (satchel_view_get_device (self->view));
  pull->n_changes = self->n_records;

  return pull;
}

static SatchelPull *
pull (Pulling *self, const char *token, GError **error)
{
  SatchelPull *answer;

  self->view = satchel_view_open (self->server, self->session, token, error);
  if (self->view == NULL)
    return NULL;

  if (wants_fork (self))
    {
      answer = make_pull (self);
      answer->status = SATCHEL_PULL_FORK;
      return answer;
    }

  if (!write_body (self, error))
    return NULL;

  answer = make_pull (self);
  answer->answer = satchel_frame_writer_finish (self->writer);

  return answer;
}

/**
 * satchel_server_pull:
 * @self: the server
 * @session: a session, in no transaction
 * @token: who asks
 * @request: what they ask
 * @push: (nullable): what became of the groups, committed
 * @error: %SATCHEL_SERVER_ERROR_TOKEN, %SATCHEL_SERVER_ERROR_DISABLED, or what the store says
 *
 * Makes the answer in one snapshot.
 *
 * Returns: (transfer full) (nullable): the answer
 */
SatchelPull *
satchel_server_pull (SatchelServer *self, SatchelStoreSession *session, const char *token,
                     const SatchelSyncRequest *request, const SatchelPush *push, GError **error)
{
  g_auto (Pulling) pulling = { .server = self, .session = session, .request = request, .push = push };
  SatchelPull *answer;

  if (!satchel_store_begin (session, error))
    return NULL;
  answer = pull (&pulling, token, error);
  satchel_store_rollback (session);

  return answer;
}

void
satchel_pull_free (SatchelPull *self)
{
  g_clear_pointer (&self->answer, g_bytes_unref);
  g_free (self->device);
  g_strfreev (self->buckets);
  g_free (self);
}
