/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-connection-private.h"
#include "satchel-errand.h"

G_BEGIN_DECLS

/* The longest that a server may be asked to hold an answer, in seconds. */
#define SATCHEL_SYNC_MAX_WAIT 300

/**
 * SatchelSyncRun:
 *
 * The core of a sync and the connection that carries it: what satchel_sync_run()
 * and the session have in common. One thread owns it.
 */
typedef struct _SatchelSyncRun SatchelSyncRun;

/* After each page that was laid down. */
typedef void (*SatchelSyncRunFunc) (SatchelSyncRun *run, gpointer data);

SatchelSyncRun *satchel_sync_run_new (SatchelReplica *replica, GCancellable *cancellable, GError **error);
void satchel_sync_run_free (SatchelSyncRun *self);
void satchel_sync_run_set_progress (SatchelSyncRun *self, SatchelSyncRunFunc progress, gpointer data);
SatchelSyncCore *satchel_sync_run_get_core (SatchelSyncRun *self);
SatchelConnection *satchel_sync_run_get_connection (SatchelSyncRun *self);

/* TRUE: a request failed only for its token, and there is a newer one now. */
gboolean satchel_sync_run_take_token (SatchelSyncRun *self, const GError *reason);

/* Exchanges until the head is reached with everything sent. */
gboolean satchel_sync_run_to_head (SatchelSyncRun *self, guint wait, GError **error);
/* The same, beginning with an answer that has come already. */
gboolean satchel_sync_run_receive (SatchelSyncRun *self, GBytes *answer, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelSyncRun, satchel_sync_run_free)

G_END_DECLS
