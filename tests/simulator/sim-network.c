/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is on its way. Any message may be next; some never arrive, some arrive twice, some arrive in part. */

#include "sim.h"
#include "wire/satchel-frames.h"

#define DROP_PERCENT 6
#define CUT_PERCENT 4
#define TWICE_PERCENT 5
#define KILL_PERCENT 3

static void
message_free (SimMessage *self)
{
  g_free (self->token);
  g_clear_pointer (&self->request, g_bytes_unref);
  g_clear_pointer (&self->answer, sim_answer_free);
  g_free (self);
}

static void
add (Sim *sim, SimDevice *device, guint number, const char *token, GBytes *request)
{
  SimMessage *message = g_new0 (SimMessage, 1);

  message->number = number;
  message->device = device;
  message->token = g_strdup (token);
  message->request = g_bytes_ref (request);
  g_ptr_array_add (sim->messages, message);
}

guint
sim_network_send (Sim *sim, SimDevice *device, GBytes *request)
{
  add (sim, device, ++sim->last_request, device->token, request);
  sim_trace_say (&sim->trace, "device %u sends request %u", device->number, sim->last_request);

  return sim->last_request;
}

/* Requests of a process that was killed are still on their way; nobody waits for their answers. */
void
sim_network_forget (Sim *sim, SimDevice *device)
{
  for (guint i = 0; i < sim->messages->len; i++)
    {
      SimMessage *message = g_ptr_array_index (sim->messages, i);

      if (message->device == device)
        message->number = 0;
    }
}

static GBytes *
cut (Sim *sim, GBytes *body)
{
  gsize length = sim_random_below (&sim->random, (guint) g_bytes_get_size (body));

  return g_bytes_new_from_bytes (body, 0, length);
}

/* ---- Requests ------------------------------------------------------------------------------------- */

static gboolean
is_awaited (const SimMessage *message)
{
  return message->number != 0 && message->device->waiting == message->number;
}

static void
tell_of_loss (SimMessage *message)
{
  if (is_awaited (message))
    sim_device_receive (message->device, NULL);
}

static void
cut_request (Sim *sim, SimMessage *message)
{
  GBytes *part = cut (sim, message->request);

  g_bytes_unref (message->request);
  message->request = part;
  sim_trace_fault (&sim->trace, FAULT_REQUEST_CUT);
  sim_trace_say (&sim->trace, "request %u of device %u is cut", message->number, message->device->number);
}

static void
tell_frames (Sim *sim, const char *who, GBytes *body)
{
  g_autoptr (SatchelFrameReader) reader = NULL;
  const char *kind, *text;
  gsize length;

  if (!sim->trace.frames || body == NULL)
    return;
  reader = satchel_frame_reader_new (body, G_MAXUINT32, NULL);
  while (reader != NULL && satchel_frame_reader_next_text (reader, &kind, &text, &length, NULL))
    sim_trace_tell (&sim->trace, "      %s: %s %.*s", who, kind, (int) length, text);
}

static void
answer_request (Sim *sim, SimMessage *message)
{
  if (sim_random_percent (&sim->random, KILL_PERCENT))
    sim_server_doom (&sim->server);
  message->answer = sim_server_answer (&sim->server, message->device->user, message->token, message->request);
  tell_frames (sim, "device", message->request);
  tell_frames (sim, "server", message->answer->body);
  if (message->answer->is_lost)
    sim_server_mourn (&sim->server);
  else
    fault_disk_clear_plans (sim->server.disk);
  if (message->answer->is_lost)
    sim_trace_say (&sim->trace, "nothing comes back for request %u of device %u", message->number,
                   message->device->number);
  else if (message->answer->refusal != NULL)
    sim_trace_say (&sim->trace, "the server refuses request %u of device %u: %s", message->number,
                   message->device->number, message->answer->refusal->message);
  else
    sim_trace_say (&sim->trace, "the server answers request %u of device %u, %" G_GSIZE_FORMAT " bytes",
                   message->number, message->device->number, g_bytes_get_size (message->answer->body));
}

/* TRUE: the message is on its way back. */
static gboolean
deliver_request (Sim *sim, SimMessage *message)
{
  if (sim_random_percent (&sim->random, DROP_PERCENT))
    {
      sim_trace_fault (&sim->trace, FAULT_REQUEST_DROPPED);
      sim_trace_say (&sim->trace, "request %u of device %u is lost", message->number, message->device->number);
      tell_of_loss (message);
      return FALSE;
    }
  if (sim_random_percent (&sim->random, CUT_PERCENT))
    cut_request (sim, message);
  else if (sim_random_percent (&sim->random, TWICE_PERCENT))
    {
      sim_trace_fault (&sim->trace, FAULT_REQUEST_TWICE);
      sim_trace_say (&sim->trace, "request %u of device %u goes out twice", message->number, message->device->number);
      add (sim, message->device, message->number, message->token, message->request);
    }
  answer_request (sim, message);

  return TRUE;
}

/* ---- Answers -------------------------------------------------------------------------------------- */

static void
cut_answer (Sim *sim, SimMessage *message)
{
  GBytes *part = cut (sim, message->answer->body);

  g_bytes_unref (message->answer->body);
  message->answer->body = part;
  message->answer->at_head = message->answer->in_middle = FALSE;
  g_clear_pointer (&message->answer->held, g_ptr_array_unref);
  sim_trace_fault (&sim->trace, FAULT_ANSWER_CUT);
  sim_trace_say (&sim->trace, "the answer to request %u of device %u is cut", message->number, message->device->number);
}

static void
deliver_answer (Sim *sim, SimMessage *message)
{
  if (!is_awaited (message))
    return;
  if (sim_random_percent (&sim->random, DROP_PERCENT))
    {
      sim_trace_fault (&sim->trace, FAULT_ANSWER_DROPPED);
      sim_trace_say (&sim->trace, "the answer to request %u of device %u is lost", message->number,
                     message->device->number);
      sim_device_receive (message->device, NULL);
      return;
    }
  if (message->answer->body != NULL && sim_random_percent (&sim->random, CUT_PERCENT))
    cut_answer (sim, message);
  sim_trace_say (&sim->trace, "device %u gets the answer to request %u", message->device->number, message->number);
  sim_device_receive (message->device, message->answer->is_lost ? NULL : message->answer);
}

/* ---- One step ------------------------------------------------------------------------------------- */

void
sim_network_step (Sim *sim)
{
  guint index = sim_random_below (&sim->random, sim->messages->len);
  SimMessage *message;

  if (sim->messages->len == 0)
    return;
  if (index > 0)
    sim_trace_fault (&sim->trace, FAULT_REORDERED);
  message = g_ptr_array_steal_index (sim->messages, index);
  if (message->answer != NULL)
    deliver_answer (sim, message);
  else if (deliver_request (sim, message))
    {
      g_ptr_array_add (sim->messages, message);
      return;
    }
  message_free (message);
}

void
sim_network_clear (Sim *sim)
{
  while (sim->messages->len > 0)
    message_free (g_ptr_array_steal_index (sim->messages, 0));
}
