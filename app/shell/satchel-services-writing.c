/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a person did, written down and taken back. */

#include "satchel-services-private.h"

#include <glib/gi18n.h>

/* As many steps back as anybody remembers taking. */
#define MAX_UNDO 50

DexFuture *
satchel_services_write (SatchelServices *self, SatchelReadFunc func, gpointer data, GDestroyNotify data_free,
                        GDestroyNotify answer_free)
{
  g_return_val_if_fail (SATCHEL_IS_SERVICES (self), NULL);
  return satchel_jobs_write (self->jobs, func, data, data_free, answer_free);
}

static gpointer
write_edit (SatchelReplica *replica, gpointer data, GError **error)
{
  SatchelEdit *undo = NULL;

  satchel_replica_commit (replica, data, &undo, error);
  return undo;
}

static void
push_undo (SatchelServices *self, SatchelEdit *undo)
{
  if (self->undo->len == MAX_UNDO)
    g_ptr_array_remove_index (self->undo, 0);
  g_ptr_array_add (self->undo, undo);
  g_object_notify (G_OBJECT (self), "can-undo");
}

typedef struct
{
  SatchelServices *services;
  DexFuture *written;
  char *undo_message;
  gboolean is_undo;
} Commit;

static void
commit_free (Commit *commit)
{
  g_object_unref (commit->services);
  dex_clear (&commit->written);
  g_free (commit->undo_message);
  g_free (commit);
}

static void
undo_button_cb (SatchelServices *self, AdwToast *toast)
{
  SatchelEdit *edit = g_object_get_data (G_OBJECT (toast), "satchel-undo");
  guint index;

  if (g_ptr_array_find (self->undo, edit, &index))
    {
      g_ptr_array_add (self->undo, g_ptr_array_steal_index (self->undo, index));
      satchel_services_undo (self);
    }
}

void
satchel_services_show_undo_toast (SatchelServices *self, const char *message, SatchelEdit *undo)
{
  AdwToast *toast = adw_toast_new (message);

  adw_toast_set_use_markup (toast, FALSE);
  if (undo != NULL)
    {
      adw_toast_set_button_label (toast, _ ("Undo"));
      g_object_set_data (G_OBJECT (toast), "satchel-undo", undo); /* only compared, never used */
      g_signal_connect_object (toast, "button-clicked", G_CALLBACK (undo_button_cb), self, G_CONNECT_SWAPPED);
    }
  satchel_services_add_toast (self, toast);
}

static DexFuture *
commit_fiber (gpointer data)
{
  Commit *commit = data;
  SatchelServices *self = commit->services;
  g_autoptr (GError) error = NULL;
  SatchelEdit *undo = satchel_await (g_steal_pointer (&commit->written), &error);

  if (error != NULL)
    {
      satchel_services_show_error (self, _ ("Not saved"), error);
      return dex_future_new_for_error (g_steal_pointer (&error));
    }
  if (commit->undo_message != NULL)
    satchel_services_show_undo_toast (self, commit->undo_message, commit->is_undo ? NULL : undo);
  if (undo != NULL && !commit->is_undo)
    push_undo (self, undo);
  else
    g_clear_object (&undo);
  return dex_future_new_true ();
}

/* In line at once, so that edits keep their order. */
static DexFuture *
commit (SatchelServices *self, SatchelEdit *edit, const char *undo_message, gboolean is_undo)
{
  Commit *work = g_new0 (Commit, 1);

  work->services = g_object_ref (self);
  work->written = satchel_services_write (self, write_edit, g_object_ref (edit), g_object_unref, g_object_unref);
  work->undo_message = g_strdup (undo_message);
  work->is_undo = is_undo;
  return dex_scheduler_spawn (NULL, 0, commit_fiber, work, (GDestroyNotify) commit_free);
}

/**
 * satchel_services_commit:
 * @self: the services
 * @edit: what was done; not changed any more afterwards
 * @undo_message: (nullable): what the toast says that offers to undo it
 *
 * Writes down what a person did. An edit that changes nothing succeeds at
 * once. A failure is shown to the person and rejects the future.
 *
 * Returns: (transfer full): a future of %TRUE
 */
DexFuture *
satchel_services_commit (SatchelServices *self, SatchelEdit *edit, const char *undo_message)
{
  g_return_val_if_fail (SATCHEL_IS_SERVICES (self), NULL);
  g_return_val_if_fail (SATCHEL_IS_EDIT (edit), NULL);

  if (satchel_edit_is_empty (edit))
    return dex_future_new_true ();
  return commit (self, edit, undo_message, FALSE);
}

/**
 * satchel_services_undo:
 * @self: the services
 *
 * Takes back the newest commit that was not taken back yet.
 *
 * Returns: %FALSE when there is none
 */
gboolean
satchel_services_undo (SatchelServices *self)
{
  g_autoptr (SatchelEdit) edit = NULL;

  g_return_val_if_fail (SATCHEL_IS_SERVICES (self), FALSE);

  if (self->undo->len == 0)
    return FALSE;
  edit = g_ptr_array_steal_index (self->undo, self->undo->len - 1);
  g_object_notify (G_OBJECT (self), "can-undo");
  dex_future_disown (commit (self, edit, _ ("Undone"), TRUE));
  return TRUE;
}
