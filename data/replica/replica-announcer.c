/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "replica-announcer.h"

#include "replica-changes.h"

struct _ReplicaAnnouncer
{
  gatomicrefcount ref_count;
  GMainContext *context;
  GMutex mutex;
  SatchelChanges *waiting; /* (nullable) */
  ReplicaAnnouncementFunc func; /* (nullable): NULL when nobody listens any more */
  gpointer data;
};

ReplicaAnnouncer *
replica_announcer_new (ReplicaAnnouncementFunc func, gpointer data)
{
  ReplicaAnnouncer *self = g_new0 (ReplicaAnnouncer, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->mutex);
  self->context = g_main_context_ref_thread_default ();
  self->func = func;
  self->data = data;

  return self;
}

static void
announcer_unref (gpointer data)
{
  ReplicaAnnouncer *self = data;

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->waiting, replica_changes_unref);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

void
replica_announcer_free (ReplicaAnnouncer *self)
{
  g_mutex_lock (&self->mutex);
  self->func = NULL;
  g_mutex_unlock (&self->mutex);

  announcer_unref (self);
}

static gboolean
announce_cb (gpointer data)
{
  ReplicaAnnouncer *self = data;
  g_autoptr (SatchelChanges) changes = NULL;
  ReplicaAnnouncementFunc func;

  g_mutex_lock (&self->mutex);
  changes = g_steal_pointer (&self->waiting);
  func = self->func;
  g_mutex_unlock (&self->mutex);

  if (func != NULL)
    func (changes, self->data);

  return G_SOURCE_REMOVE;
}

static void
schedule (ReplicaAnnouncer *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_atomic_ref_count_inc (&self->ref_count);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, announce_cb, self, announcer_unref);
  g_source_set_static_name (source, "[satchel] replica changed");
  g_source_attach (source, self->context);
}

void
replica_announcer_push (ReplicaAnnouncer *self, const SatchelChanges *changes)
{
  gboolean is_first;

  g_mutex_lock (&self->mutex);
  is_first = self->waiting == NULL;
  if (is_first)
    self->waiting = replica_changes_new ();
  replica_changes_merge (self->waiting, changes);
  g_mutex_unlock (&self->mutex);

  if (is_first)
    schedule (self);
}
