/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "satchel-errand.h"

struct _SatchelErrand
{
  GThread *thread;
  SatchelConnection *connection;
  GBytes *request;
  guint wait;
  GCancellable *cancellable;
  SatchelErrandFunc arrived;
  gpointer data;
  int has_arrived; /* atomic */

  /* Written by the errand's thread, read when it has ended. */
  GBytes *answer;
  GError *error;
};

static gpointer
run (gpointer data)
{
  SatchelErrand *self = data;

  self->answer = satchel_connection_sync (self->connection, self->request, self->wait, self->cancellable, &self->error);
  g_atomic_int_set (&self->has_arrived, TRUE);
  if (self->arrived != NULL)
    self->arrived (self->data);

  return NULL;
}

/* Private: sends a request on its way. */
SatchelErrand *
satchel_errand_new (SatchelConnection *connection, GBytes *request, guint wait, SatchelErrandFunc arrived,
                    gpointer data)
{
  SatchelErrand *self = g_new0 (SatchelErrand, 1);

  self->connection = g_object_ref (connection);
  self->request = g_bytes_ref (request);
  self->wait = wait;
  self->cancellable = g_cancellable_new ();
  self->arrived = arrived;
  self->data = data;
  self->thread = g_thread_new ("satchel-errand", run, self);

  return self;
}

/* Private: what was sent. */
GBytes *
satchel_errand_get_request (SatchelErrand *self)
{
  return self->request;
}

/* Private: whether satchel_errand_finish() returns at once. */
gboolean
satchel_errand_has_arrived (SatchelErrand *self)
{
  return g_atomic_int_get (&self->has_arrived);
}

/* Private: calls it back; it then brings %G_IO_ERROR_CANCELLED. Any thread. */
void
satchel_errand_cancel (SatchelErrand *self)
{
  g_cancellable_cancel (self->cancellable);
}

/* Private: waits until it has come back. */
void
satchel_errand_wait (SatchelErrand *self)
{
  if (self->thread != NULL)
    g_thread_join (g_steal_pointer (&self->thread));
}

/* Private: what it brings back. */
GBytes *
satchel_errand_finish (SatchelErrand *self, GError **error)
{
  GBytes *answer;

  satchel_errand_wait (self);
  answer = g_steal_pointer (&self->answer);
  if (self->error != NULL)
    g_propagate_error (error, g_steal_pointer (&self->error));
  satchel_errand_free (self);

  return answer;
}

/* Private: frees an errand, waiting for it if need be. */
void
satchel_errand_free (SatchelErrand *self)
{
  if (self == NULL)
    return;

  satchel_errand_wait (self);
  g_clear_object (&self->connection);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->request, g_bytes_unref);
  g_clear_pointer (&self->answer, g_bytes_unref);
  g_clear_error (&self->error);
  g_free (self);
}
