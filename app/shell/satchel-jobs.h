/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libdex.h>

#include "replica/satchel-replica.h"

G_BEGIN_DECLS

typedef gpointer (*SatchelReadFunc) (SatchelReplica *replica, gpointer data, GError **error);

/**
 * SatchelJobs:
 *
 * The worker threads of the app: what blocks on the replica runs here. Reads
 * run side by side, writes one after the other in the order of their coming.
 * Belongs to the UI thread.
 */
#define SATCHEL_TYPE_JOBS (satchel_jobs_get_type ())
G_DECLARE_FINAL_TYPE (SatchelJobs, satchel_jobs, SATCHEL, JOBS, GObject)

SatchelJobs *satchel_jobs_new (SatchelReplica *replica);
DexFuture *satchel_jobs_read (SatchelJobs *self, SatchelReadFunc func, gpointer data, GDestroyNotify data_free,
                              GDestroyNotify answer_free);
DexFuture *satchel_jobs_write (SatchelJobs *self, SatchelReadFunc func, gpointer data, GDestroyNotify data_free,
                               GDestroyNotify answer_free);

/* How many jobs have not been answered yet; property `pending` notifies. */
guint satchel_jobs_get_pending (SatchelJobs *self);
void satchel_jobs_hold (SatchelJobs *self);
void satchel_jobs_release (SatchelJobs *self);

/* The same without a replica, on a thread of GLib's: opening one, signing in. */
typedef gpointer (*SatchelThreadFunc) (gpointer data, GError **error);
DexFuture *satchel_run_in_thread (SatchelThreadFunc func, gpointer data, GDestroyNotify data_free,
                                  GDestroyNotify answer_free);

/* An answer on its way: handed over once. */
#define SATCHEL_TYPE_ANSWER (satchel_answer_get_type ())
GType satchel_answer_get_type (void);
gpointer satchel_await (DexFuture *future, GError **error);

G_END_DECLS
