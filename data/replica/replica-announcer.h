/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-replica.h"

G_BEGIN_DECLS

/* Carries what changed from the writer's thread to the main context that was the thread-default one when it was made.
 * What comes faster than it is taken is put together. */
typedef struct _ReplicaAnnouncer ReplicaAnnouncer;

typedef void (*ReplicaAnnouncementFunc) (const SatchelChanges *changes, gpointer data);

ReplicaAnnouncer *replica_announcer_new (ReplicaAnnouncementFunc func, gpointer data);
/* In its main context's thread, or when that runs no more: nothing is announced afterwards. */
void replica_announcer_free (ReplicaAnnouncer *self);
/* From any thread. */
void replica_announcer_push (ReplicaAnnouncer *self, const SatchelChanges *changes);

G_END_DECLS
