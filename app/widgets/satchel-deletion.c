/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-deletion.h"

typedef struct
{
  SatchelServices *services;
  char *id;
  char *message;
} Deletion;

static void
deletion_free (Deletion *deletion)
{
  g_object_unref (deletion->services);
  g_free (deletion->id);
  g_free (deletion->message);
  g_free (deletion);
}

static gpointer
read_record (SatchelReplica *replica, gpointer data, GError **error)
{
  return satchel_replica_get (replica, data, error);
}

static DexFuture *
delete_fiber (gpointer data)
{
  Deletion *deletion = data;
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (SatchelRecord) record = NULL;

  /* In line with what is being saved, so that nothing the person just typed stands against it. */
  record = satchel_await (satchel_services_write (deletion->services, read_record, g_strdup (deletion->id), g_free,
                                                  (GDestroyNotify) satchel_record_unref),
                          NULL);
  if (record == NULL || satchel_record_get_deleted_at (record) != NULL)
    return NULL;

  satchel_edit_delete (edit, record);
  dex_future_disown (satchel_services_commit (deletion->services, edit, deletion->message));
  return NULL;
}

/**
 * satchel_deletion_start:
 * @id: what goes to the bin, with what hangs on it
 * @message: what the toast says that offers to undo it
 *
 * Deletes a record after what is being saved of it.
 */
void
satchel_deletion_start (SatchelServices *services, const char *id, const char *message)
{
  Deletion *deletion = g_new0 (Deletion, 1);

  deletion->services = g_object_ref (services);
  deletion->id = g_strdup (id);
  deletion->message = g_strdup (message);
  satchel_services_spawn (delete_fiber, deletion, (GDestroyNotify) deletion_free);
}
