/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "http-prune.h"

#include <gio/gio.h>

#include "server/core/server-sync.h"

#define PAUSE_SECONDS (6 * 60 * 60)

struct _HttpPrune
{
  HttpWorkers *workers;
  GSource *clock;
};

typedef struct
{
  HttpWork work;
  gboolean more;
} Pruning;

static HttpStep
prune_write (HttpWork *work, SatchelServer *server, SatchelStoreSession *session, GHashTable *touched)
{
  satchel_server_prune (session, &((Pruning *) work)->more, touched, &work->error);

  return HTTP_STEP_DONE;
}

static void prune_done (HttpWork *work);

static const HttpWorkClass prune_class = { .write = prune_write, .done = prune_done };

static void
start (HttpWorkers *workers)
{
  Pruning *pruning = g_new0 (Pruning, 1);

  pruning->work.class = &prune_class;
  pruning->work.background = TRUE;
  http_workers_start (workers, &pruning->work, HTTP_STEP_WRITE);
}

/* In small parts, others in between. */
static void
prune_done (HttpWork *work)
{
  Pruning *self = (Pruning *) work;

  if (g_error_matches (work->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_debug ("Stopped before what was kept long enough was let go");
  else if (work->error != NULL)
    g_message ("What was kept long enough stays for now: %s", work->error->message);
  else if (self->more)
    start (work->workers);
  g_clear_error (&work->error);
  g_free (self);
}

static gboolean
clock_cb (gpointer data)
{
  HttpPrune *self = data;

  start (self->workers);

  return G_SOURCE_CONTINUE;
}

HttpPrune *
http_prune_new (HttpWorkers *workers)
{
  HttpPrune *self = g_new0 (HttpPrune, 1);

  self->workers = workers;
  self->clock = g_timeout_source_new_seconds (PAUSE_SECONDS);
  g_source_set_callback (self->clock, clock_cb, self, NULL);
  g_source_attach (self->clock, g_main_context_get_thread_default ());
  start (workers);

  return self;
}

void
http_prune_free (HttpPrune *self)
{
  g_source_destroy (self->clock);
  g_source_unref (self->clock);
  g_free (self);
}
