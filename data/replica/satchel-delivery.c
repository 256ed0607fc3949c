/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pages on their way into the replica. Ordinarily lines are held until the page at the head, the many of them in the
 * file. While everything arrives for the first time they are laid down as they come: this thread reads the next lines
 * while the writer's lays down those before, in one transaction a page. */

#include "satchel-config.h"

#include "replica-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "replica-landing.h"

#define BATCH_LINES 128
#define MAX_BATCHES 6
#define MAX_HELD_LINES 2000

typedef enum
{
  MODE_UNKNOWN,
  MODE_HOLDING,
  MODE_STREAMING,
} Mode;

/* What goes to the writer's thread while it is streamed to. */
typedef struct
{
  enum
  {
    BATCH_LAY,
    BATCH_END,
    BATCH_STAGE,
    BATCH_ABORT,
  } kind;
  GPtrArray *lines; /* of BATCH_LAY */
  const SatchelDeliveryEnd *end; /* of BATCH_END */
  SatchelDeliveryResult *result;
} Batch;

struct _SatchelDelivery
{
  SatchelReplica *replica;
  Mode mode;
  GPtrArray *lines; /* held, or the batch that is being filled */
  GPtrArray *outcomes;

  /* Streaming. */
  ReplicaWriting *writing; /* (nullable) */
  GAsyncQueue *batches;
  GAsyncQueue *credits; /* one for each batch that may still be handed over: a batch that was used, or none */
  GPtrArray *laid; /* lines without their records, for a page that must wait after all */
  GPtrArray *to_stage; /* what becomes of them */
};

static GPtrArray *
lines_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) replica_line_free);
}

/**
 * satchel_delivery_new:
 * @self: a replica
 *
 * Begins a delivery. It belongs to one thread, which makes no other change of
 * the replica between the first line and the end of a page.
 *
 * Returns: (transfer full): the delivery
 */
SatchelDelivery *
satchel_delivery_new (SatchelReplica *self)
{
  SatchelDelivery *delivery = g_new0 (SatchelDelivery, 1);

  delivery->replica = g_object_ref (self);
  delivery->lines = lines_new ();
  delivery->outcomes = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_outcome_free);
  delivery->laid = lines_new ();
  delivery->to_stage = lines_new ();
  delivery->batches = g_async_queue_new ();
  delivery->credits = g_async_queue_new ();
  for (guint i = 0; i < MAX_BATCHES; i++)
    g_async_queue_push (delivery->credits, g_new0 (Batch, 1));

  return delivery;
}

/* ---- The writer's side of streaming --------------------------------------------------------------- */

static gboolean
lay_batch (ReplicaLanding *landing, GPtrArray *lines, GError **error)
{
  for (guint i = 0; i < lines->len; i++)
    if (!replica_landing_lay (landing, g_ptr_array_index (lines, i), error))
      return FALSE;

  return TRUE;
}

/* Takes back what was laid, as lines to be staged; fails, so that the transaction is rolled back. A record that was
 * put and went again on one page has left no put. */
static gboolean
recall_all (SatchelDelivery *self, ReplicaLanding *landing, GError **error)
{
  for (guint i = 0; i < self->laid->len; i++)
    {
      ReplicaLine *line = g_ptr_array_index (self->laid, i);

      if (line->kind == REPLICA_LINE_PUT && !replica_landing_recall (landing, line->id, &line->record, error))
        return FALSE;
    }

  g_ptr_array_extend_and_steal (self->to_stage, g_steal_pointer (&self->laid));
  self->laid = lines_new ();
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "to be staged");

  return FALSE;
}

static gboolean
carry_out (SatchelDelivery *self, ReplicaLanding *landing, Batch *batch, GError **error)
{
  switch (batch->kind)
    {
    case BATCH_LAY:
      return lay_batch (landing, batch->lines, error);
    case BATCH_END:
      return replica_landing_end (landing, batch->end, self->outcomes, batch->result, error);
    case BATCH_STAGE:
      return recall_all (self, landing, error);
    case BATCH_ABORT:
    default:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "given up");
      return FALSE;
    }
}

/* After a failure what still comes is only taken out of the way. */
static gboolean
stream_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  SatchelDelivery *self = data;
  g_autoptr (ReplicaLanding) landing = replica_landing_new (tx, error);
  gboolean succeeded = landing != NULL;
  gboolean last = FALSE;

  while (!last)
    {
      Batch *batch = g_async_queue_pop (self->batches);

      last = batch->kind != BATCH_LAY;
      succeeded = succeeded && carry_out (self, landing, batch, error);
      g_async_queue_push (self->credits, batch);
    }

  return succeeded;
}

/* ---- This thread's side of streaming -------------------------------------------------------------- */

/* What was laid is in the rows; only what it was must be remembered. */
static void
strip_line (ReplicaLine *line)
{
  if (line->record != NULL)
    line->id = g_strdup (satchel_record_get_id (line->record));
  g_clear_pointer (&line->record, satchel_record_unref);
  g_clear_pointer (&line->order, g_free);
}

/* A batch that was used comes back to be taken apart where it was made: memory that goes from thread to thread is
 * slow. */
static Batch *
take_credit (SatchelDelivery *self)
{
  Batch *batch = g_async_queue_pop (self->credits);

  if (batch->lines == NULL)
    return batch;

  for (guint i = 0; i < batch->lines->len; i++)
    strip_line (g_ptr_array_index (batch->lines, i));
  g_ptr_array_extend_and_steal (self->laid, g_steal_pointer (&batch->lines));

  return batch;
}

static void
hand_over (SatchelDelivery *self, int kind, const SatchelDeliveryEnd *end, SatchelDeliveryResult *result)
{
  Batch *batch = take_credit (self);

  *batch = (Batch) { .kind = kind, .end = end, .result = result };
  if (kind == BATCH_LAY)
    {
      batch->lines = g_steal_pointer (&self->lines);
      self->lines = lines_new ();
    }

  if (self->writing == NULL)
    self->writing = replica_writer_start (self->replica->writer, REPLICA_DURABILITY_NORMAL, stream_cb, self);

  g_async_queue_push (self->batches, batch);
}

/* Waits until everything handed over was used. */
static void
collect_credits (SatchelDelivery *self)
{
  Batch *batches[MAX_BATCHES];

  for (guint i = 0; i < MAX_BATCHES; i++)
    batches[i] = take_credit (self);
  for (guint i = 0; i < MAX_BATCHES; i++)
    g_async_queue_push (self->credits, batches[i]);
}

static gboolean
end_stream (SatchelDelivery *self, int kind, const SatchelDeliveryEnd *end, SatchelDeliveryResult *result,
            GError **error)
{
  gboolean succeeded;

  if (self->lines->len > 0)
    hand_over (self, BATCH_LAY, NULL, NULL);
  collect_credits (self);
  hand_over (self, kind, end, result);

  succeeded = replica_writer_wait (self->replica->writer, g_steal_pointer (&self->writing), error);
  collect_credits (self);

  return succeeded;
}

/**
 * satchel_delivery_free:
 * @delivery: (transfer full): a delivery
 *
 * What was not applied or staged is as if it had never come.
 */
void
satchel_delivery_free (SatchelDelivery *delivery)
{
  if (delivery->writing != NULL)
    end_stream (delivery, BATCH_ABORT, NULL, NULL, NULL);

  g_ptr_array_unref (delivery->lines);
  g_ptr_array_unref (delivery->outcomes);
  g_ptr_array_unref (delivery->laid);
  g_ptr_array_unref (delivery->to_stage);
  g_async_queue_unref (delivery->batches);
  for (guint i = 0; i < MAX_BATCHES; i++)
    g_free (g_async_queue_pop (delivery->credits));
  g_async_queue_unref (delivery->credits);
  g_object_unref (delivery->replica);
  g_free (delivery);
}

/* ---- Holding -------------------------------------------------------------------------------------- */

static gboolean
stage_lines (ReplicaTransaction *tx, GPtrArray *lines, GError **error)
{
  for (guint i = 0; i < lines->len; i++)
    {
      const ReplicaLine *line = g_ptr_array_index (lines, i);

      if (line->kind == REPLICA_LINE_PUT && line->record == NULL)
        continue;
      if (!replica_line_stage (tx, line, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
stage_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  SatchelDelivery *self = data;

  return stage_lines (tx, self->to_stage, error) && stage_lines (tx, self->lines, error);
}

static gboolean
stage_held (SatchelDelivery *self, GError **error)
{
  if (self->to_stage->len + self->lines->len > 0 &&
      !replica_writer_run (self->replica->writer, REPLICA_DURABILITY_NORMAL, stage_cb, self, error))
    return FALSE;

  g_ptr_array_set_size (self->to_stage, 0);
  g_ptr_array_set_size (self->lines, 0);

  return TRUE;
}

typedef struct
{
  SatchelDelivery *delivery;
  const SatchelDeliveryEnd *end;
  SatchelDeliveryResult *result;
} Applying;

static gboolean
lay_line_cb (ReplicaLine *line, gpointer data, GError **error)
{
  return replica_landing_lay (data, line, error);
}

static gboolean
apply_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  Applying *applying = data;
  SatchelDelivery *self = applying->delivery;
  g_autoptr (ReplicaLanding) landing = replica_landing_new (tx, error);

  return landing != NULL && replica_line_foreach_staged (tx, lay_line_cb, landing, error) &&
         lay_batch (landing, self->lines, error) && replica_line_drop_staged (tx, error) &&
         replica_landing_end (landing, applying->end, self->outcomes, applying->result, error);
}

static gboolean
apply_held (SatchelDelivery *self, const SatchelDeliveryEnd *end, SatchelDeliveryResult *result, GError **error)
{
  Applying applying = { self, end, result };

  return replica_writer_run (self->replica->writer, REPLICA_DURABILITY_NORMAL, apply_cb, &applying, error);
}

/* ---- Lines ---------------------------------------------------------------------------------------- */

/* What arrives for the first time is laid down at once; nothing of it was promised to be whole. */
static gboolean
choose_mode (SatchelDelivery *self, GError **error)
{
  ReplicaConnection *reader;
  g_autofree char *cursor = NULL;
  gint64 arriving = 0, has_staged = 0;
  gboolean read;

  if (!replica_check_open (self->replica, error))
    return FALSE;

  reader = replica_pool_take (self->replica->readers, error);
  if (reader == NULL)
    return FALSE;

  read = replica_meta_get (reader, "cursor", &cursor, error) &&
         replica_meta_get_integer (reader, "arriving", &arriving, error) &&
         replica_query_integer (reader, "SELECT EXISTS (SELECT 1 FROM _staged)", &has_staged, error);
  replica_pool_give (self->replica->readers, reader);

  if (read)
    self->mode = (cursor == NULL || arriving != 0) && has_staged == 0 ? MODE_STREAMING : MODE_HOLDING;

  return read;
}

/* Takes the line. */
static gboolean
add_line (SatchelDelivery *self, ReplicaLine *line, GError **error)
{
  g_ptr_array_add (self->lines, line);

  if (self->mode == MODE_UNKNOWN && !choose_mode (self, error))
    return FALSE;

  if (self->mode == MODE_STREAMING && self->lines->len >= BATCH_LINES)
    hand_over (self, BATCH_LAY, NULL, NULL);
  else if (self->mode == MODE_HOLDING && self->lines->len >= MAX_HELD_LINES)
    return stage_held (self, error);

  return TRUE;
}

/**
 * satchel_delivery_add_put_text:
 * @delivery: a delivery
 * @record: the text of a wire object, unchecked
 * @length: its bytes
 * @error: %SATCHEL_DATA_ERROR_INVALID, or what went wrong with the file
 *
 * Adds what a record is now. Records of unknown types are kept as they are.
 *
 * Returns: whether it is a record
 */
gboolean
satchel_delivery_add_put_text (SatchelDelivery *delivery, const char *record, gsize length, GError **error)
{
  ReplicaLine *line = replica_line_new_put (delivery->replica->schema, record, length, error);

  return line != NULL && add_line (delivery, line, error);
}

/**
 * satchel_delivery_add_put:
 * @delivery: a delivery
 * @record: a wire object; it is not kept
 * @error: %SATCHEL_DATA_ERROR_INVALID, or what went wrong with the file
 *
 * As satchel_delivery_add_put_text().
 *
 * Returns: whether it is a record
 */
gboolean
satchel_delivery_add_put (SatchelDelivery *delivery, JsonObject *record, GError **error)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), record);
  g_autofree char *text = satchel_json_to_canonical (node);

  return satchel_delivery_add_put_text (delivery, text, strlen (text), error);
}

/* A failure of the file shows again at the end of the page. */
static void
add_plain_line (SatchelDelivery *self, ReplicaLineKind kind, const char *type, const char *id, const char *from,
                const char *to)
{
  add_line (self, replica_line_new (kind, type, id, from, to), NULL);
}

/**
 * satchel_delivery_add_exit:
 * @delivery: a delivery
 * @type: the record's type
 * @id: its id
 * @from_bucket: the bucket that it left
 * @to_bucket: (nullable): the bucket that it entered, if it did
 *
 * Adds that a record left a bucket. It goes, unless another bucket that this
 * device is given brings it.
 */
void
satchel_delivery_add_exit (SatchelDelivery *delivery, const char *type, const char *id, const char *from_bucket,
                           const char *to_bucket)
{
  add_plain_line (delivery, REPLICA_LINE_EXIT, type, id, from_bucket, to_bucket);
}

/**
 * satchel_delivery_add_delete:
 * @delivery: a delivery
 * @type: the record's type
 * @id: its id
 *
 * Adds that a record is gone for good.
 */
void
satchel_delivery_add_delete (SatchelDelivery *delivery, const char *type, const char *id)
{
  add_plain_line (delivery, REPLICA_LINE_DELETE, type, id, NULL, NULL);
}

/**
 * satchel_delivery_drop_bucket:
 * @delivery: a delivery
 * @bucket: a bucket's name
 *
 * Adds that a bucket is not granted any more: all that is held of it goes.
 */
void
satchel_delivery_drop_bucket (SatchelDelivery *delivery, const char *bucket)
{
  add_plain_line (delivery, REPLICA_LINE_DROP, NULL, NULL, bucket, NULL);
}

/**
 * satchel_delivery_add_outcome:
 * @delivery: a delivery
 * @outcome: (transfer full): what the server decided on a group
 *
 * The group is retired when a page that covers it is applied.
 */
void
satchel_delivery_add_outcome (SatchelDelivery *delivery, SatchelOutcome *outcome)
{
  g_ptr_array_add (delivery->outcomes, outcome);
}

/* ---- The end of a page ---------------------------------------------------------------------------- */

/* The writer gives the lines back by failing. */
static gboolean
take_back (SatchelDelivery *self, GError **error)
{
  g_autoptr (GError) problem = NULL;

  end_stream (self, BATCH_STAGE, NULL, NULL, &problem);
  if (g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&problem));

  return FALSE;
}

/**
 * satchel_delivery_stage:
 * @delivery: a delivery
 * @error: what went wrong with the file
 *
 * Ends a page that was not read at the head: its lines wait in the file.
 *
 * Returns: whether they do
 */
gboolean
satchel_delivery_stage (SatchelDelivery *delivery, GError **error)
{
  if (!replica_check_open (delivery->replica, error))
    return FALSE;
  if (delivery->writing != NULL && !take_back (delivery, error))
    return FALSE;

  delivery->mode = MODE_HOLDING;

  return stage_held (delivery, error);
}

/**
 * satchel_delivery_apply:
 * @delivery: a delivery
 * @end: where the device stands with this page
 * @result: (out): what came of it
 * @error: what went wrong with the file
 *
 * Ends a page that was read at the head, or one of an arriving: lays down all
 * staged lines, its own, the outcomes and what they retire, and where the
 * device stands, in one transaction. When an arriving ends with it, the search
 * knows everything when this returns. On an error nothing has changed.
 *
 * Returns: whether it was laid down
 */
gboolean
satchel_delivery_apply (SatchelDelivery *delivery, const SatchelDeliveryEnd *end, SatchelDeliveryResult *result,
                        GError **error)
{
  gboolean was_arriving, applied;

  if (!replica_check_open (delivery->replica, error))
    return FALSE;
  if (delivery->mode == MODE_UNKNOWN && !choose_mode (delivery, error))
    return FALSE;

  was_arriving = delivery->mode == MODE_STREAMING;
  if (delivery->writing != NULL)
    applied = end_stream (delivery, BATCH_END, end, result, error);
  else
    applied = apply_held (delivery, end, result, error);
  if (!applied)
    return FALSE;

  g_ptr_array_set_size (delivery->lines, 0);
  g_ptr_array_set_size (delivery->outcomes, 0);
  g_ptr_array_set_size (delivery->laid, 0);
  delivery->mode = MODE_UNKNOWN;

  /* What goes wrong with the search is no loss: it is caught up with later. */
  if (was_arriving && !end->arriving)
    replica_writer_catch_up (delivery->replica->writer, NULL);

  return TRUE;
}

static gboolean
drop_staged_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  return replica_line_drop_staged (tx, error);
}

/**
 * satchel_replica_drop_staged:
 * @self: a replica
 * @error: what went wrong with the file
 *
 * Forgets pages that wait for one at the head: they will be asked for again.
 *
 * Returns: whether they are gone
 */
gboolean
satchel_replica_drop_staged (SatchelReplica *self, GError **error)
{
  return replica_check_open (self, error) &&
         replica_writer_run (self->writer, REPLICA_DURABILITY_NORMAL, drop_staged_cb, NULL, error);
}

static gboolean
allow_deletions_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  return replica_meta_set_integer (tx->connection, "deletions_allowed", 1, error);
}

/**
 * satchel_replica_allow_mass_deletion:
 * @self: a replica
 * @error: what went wrong with the file
 *
 * A person has agreed to what %SATCHEL_DATA_ERROR_MASS_DELETION spoke of: the
 * next delivery that removes many entries may do so. Blocks.
 *
 * Returns: whether it was noted
 */
gboolean
satchel_replica_allow_mass_deletion (SatchelReplica *self, GError **error)
{
  return replica_check_open (self, error) &&
         replica_writer_run (self->writer, REPLICA_DURABILITY_FULL, allow_deletions_cb, NULL, error);
}
