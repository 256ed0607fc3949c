/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Requests that only read. */

#include "satchel-config.h"

#include "http-reads.h"

#include "server/core/server-devices.h"
#include "server/core/server-digest.h"
#include "server/core/server-sync.h"
#include "wire/satchel-frames.h"

typedef struct
{
  HttpWork work;
  HttpRequest *request;
  HttpHead head;
  const char *media_type;
  char *device;
  GBytes *answer;
} Reading;

/* For the log. */
static HttpStep
note_device (Reading *self, SatchelStoreSession *session)
{
  self->device = satchel_server_find_device_id (session, self->head.token);

  return HTTP_STEP_DONE;
}

static HttpStep
history_read (HttpWork *work, SatchelServer *server, SatchelStoreSession *session)
{
  Reading *self = (Reading *) work;

  self->answer = satchel_server_history (server, session, self->head.token, self->head.record_type,
                                         self->head.record_id, &work->error);

  return note_device (self, session);
}

static HttpStep
record_read (HttpWork *work, SatchelServer *server, SatchelStoreSession *session)
{
  Reading *self = (Reading *) work;

  self->answer = satchel_server_record (server, session, self->head.token, self->head.record_type, self->head.record_id,
                                        &work->error);

  return note_device (self, session);
}

static HttpStep
digests_read (HttpWork *work, SatchelServer *server, SatchelStoreSession *session)
{
  Reading *self = (Reading *) work;

  if (self->head.bucket == NULL)
    self->answer = satchel_server_digests (server, session, self->head.token, &work->error);
  else
    self->answer = satchel_server_bucket_digests (server, session, self->head.token, self->head.bucket,
                                                  self->head.record_id, &work->error);

  return note_device (self, session);
}

/* Ready is who can read the store. */
static HttpStep
ready_read (HttpWork *work, SatchelServer *server, SatchelStoreSession *session)
{
  Reading *self = (Reading *) work;
  gint64 head;

  if (!satchel_store_begin (session, &work->error))
    return HTTP_STEP_DONE;
  if (satchel_store_get_head (session, &head, &work->error))
    self->answer = g_bytes_new_static ("ok\n", 3);
  satchel_store_rollback (session);

  return HTTP_STEP_DONE;
}

static void
answer (Reading *self)
{
  http_request_set_device (self->request, self->device);
  if (self->work.error != NULL)
    http_request_fail (self->request, self->work.error);
  else
    http_request_answer (self->request, 200, self->media_type, self->answer);
}

static void
reading_done (HttpWork *work)
{
  Reading *self = (Reading *) work;

  answer (self);
  g_clear_error (&work->error);
  http_request_unref (self->request);
  http_head_clear (&self->head);
  g_free (self->device);
  g_clear_pointer (&self->answer, g_bytes_unref);
  g_free (self);
}

static const HttpWorkClass history_class = { .read = history_read, .done = reading_done };
static const HttpWorkClass record_class = { .read = record_read, .done = reading_done };
static const HttpWorkClass digests_class = { .read = digests_read, .done = reading_done };
static const HttpWorkClass ready_class = { .read = ready_read, .done = reading_done };

static void
start (HttpWorkers *workers, HttpRequest *request, const HttpWorkClass *class, const char *media_type)
{
  Reading *self = g_new0 (Reading, 1);

  self->work.class = class;
  self->request = http_request_ref (request);
  self->media_type = media_type;
  self->head.token = g_strdup (request->head.token);
  self->head.record_type = g_strdup (request->head.record_type);
  self->head.record_id = g_strdup (request->head.record_id);
  self->head.bucket = g_strdup (request->head.bucket);
  http_request_hold (request);
  http_workers_start (workers, &self->work, HTTP_STEP_READ);
}

void
http_reads_history (HttpWorkers *workers, HttpRequest *request)
{
  start (workers, request, &history_class, SATCHEL_FRAMES_MEDIA_TYPE);
}

void
http_reads_record (HttpWorkers *workers, HttpRequest *request)
{
  start (workers, request, &record_class, SATCHEL_FRAMES_MEDIA_TYPE);
}

void
http_reads_digests (HttpWorkers *workers, HttpRequest *request)
{
  start (workers, request, &digests_class, SATCHEL_FRAMES_MEDIA_TYPE);
}

void
http_reads_ready (HttpWorkers *workers, HttpRequest *request)
{
  start (workers, request, &ready_class, "text/plain");
}
