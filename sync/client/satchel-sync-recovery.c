/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "satchel-sync-recovery.h"

#include <string.h>

#define HAVES_IN_A_FRAME 1000
#define OFFERS_BYTES (4 * 1024 * 1024)

struct _SatchelSyncRecovery
{
  SatchelReplica *replica;
  SatchelRevisionWalk walk; /* between the records that were named and the others */
  GPtrArray *wanted; /* ids, in the order in which they were named */
  guint n_offered;
  guint n_offering; /* in the request that is out */
};

/* Private: with nothing named yet. */
SatchelSyncRecovery *
satchel_sync_recovery_new (SatchelReplica *replica)
{
  SatchelSyncRecovery *self = g_new0 (SatchelSyncRecovery, 1);

  self->replica = g_object_ref (replica);
  self->wanted = g_ptr_array_new_with_free_func (g_free);

  return self;
}

/* Private: frees it. */
void
satchel_sync_recovery_free (SatchelSyncRecovery *self)
{
  g_free (self->walk.id);
  g_ptr_array_unref (self->wanted);
  g_object_unref (self->replica);
  g_free (self);
}

/* ---- Naming ---- */

typedef struct
{
  SatchelFrameWriter *writer;
  JsonObject *have;
} Naming;

static void
end_frame (Naming *naming)
{
  if (json_object_get_size (naming->have) > 0)
    satchel_frame_writer_add (naming->writer, "have", naming->have);
  json_object_unref (naming->have);
  naming->have = json_object_new ();
}

static void
name_record (const char *id, const char *revision, gpointer data)
{
  Naming *naming = data;

  json_object_set_string_member (naming->have, id, revision);
  if (json_object_get_size (naming->have) >= HAVES_IN_A_FRAME)
    end_frame (naming);
}

static gboolean
write_haves (SatchelSyncRecovery *self, SatchelFrameWriter *writer, GError **error)
{
  Naming naming = { writer, json_object_new () };
  gboolean read = satchel_replica_walk_revisions (self->replica, &self->walk, SATCHEL_REQUEST_MAX_HAVES, name_record,
                                                  &naming, error);

  end_frame (&naming);
  json_object_unref (naming.have);

  return read;
}

/* ---- Offering ---- */

/* What is gone since it was named is offered no more. */
static gboolean
write_offer (SatchelSyncRecovery *self, SatchelFrameWriter *writer, const char *id, GError **error)
{
  GError *problem = NULL;
  g_autofree char *text = satchel_replica_dup_server_text (self->replica, id, &problem);

  if (problem != NULL)
    {
      g_propagate_error (error, problem);
      return FALSE;
    }
  if (text != NULL)
    satchel_frame_writer_add_text (writer, "offer", text, -1);

  return TRUE;
}

static gboolean
write_offers (SatchelSyncRecovery *self, SatchelFrameWriter *writer, GError **error)
{
  self->n_offering = 0;
  while (self->n_offered + self->n_offering < self->wanted->len && self->n_offering < SATCHEL_REQUEST_MAX_GROUPS &&
         satchel_frame_writer_get_decoded (writer) < OFFERS_BYTES)
    {
      if (!write_offer (self, writer, g_ptr_array_index (self->wanted, self->n_offered + self->n_offering), error))
        return FALSE;
      self->n_offering++;
    }

  return TRUE;
}

/* Private: see the header. Everything is named before anything is offered. */
gboolean
satchel_sync_recovery_write (SatchelSyncRecovery *self, SatchelFrameWriter *writer, GError **error)
{
  return self->walk.at_end ? write_offers (self, writer, error) : write_haves (self, writer, error);
}

/* Private: see the header. */
void
satchel_sync_recovery_receive (SatchelSyncRecovery *self, const SatchelAnswer *answer)
{
  for (guint i = 0; i < answer->wanted->len; i++)
    g_ptr_array_add (self->wanted, g_strdup (g_ptr_array_index (answer->wanted, i)));
  self->n_offered += self->n_offering;
  self->n_offering = 0;
}

/* Private: see the header. */
gboolean
satchel_sync_recovery_is_done (SatchelSyncRecovery *self)
{
  return self->walk.at_end && self->n_offered == self->wanted->len;
}
