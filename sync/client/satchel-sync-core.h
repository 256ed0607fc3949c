/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica/satchel-replica-sync.h"

G_BEGIN_DECLS

/**
 * SatchelSyncCore:
 *
 * The decisions of a sync session, without I/O: the state is the replica;
 * what goes out is a request body, what comes in is an answer body. A thin
 * shell (SatchelConnection) or a simulator carries them. Not thread-safe: one
 * thread owns it.
 */
typedef struct _SatchelSyncCore SatchelSyncCore;

typedef struct
{
  guint pushed; /* groups sent */
  guint applied; /* groups applied */
  guint merged; /* units */
  guint conflicts; /* units that became conflicts */
  guint refused; /* groups that went to the tray */
  guint pulled; /* records received */
  guint requests;
  guint64 bytes_sent; /* bodies */
  guint64 bytes_received;
} SatchelSyncCounts;

/**
 * SatchelSyncStep: what to do after an answer.
 * @SATCHEL_SYNC_STEP_DONE: at the head and nothing to send
 * @SATCHEL_SYNC_STEP_AGAIN: another request at once
 * @SATCHEL_SYNC_STEP_FORKED: another request at once, once satchel_sync_core_accept_fork() has made this replica
 *   another device
 */
typedef enum
{
  SATCHEL_SYNC_STEP_DONE,
  SATCHEL_SYNC_STEP_AGAIN,
  SATCHEL_SYNC_STEP_FORKED,
} SatchelSyncStep;

SatchelSyncCore *satchel_sync_core_new (SatchelReplica *replica);
void satchel_sync_core_free (SatchelSyncCore *self);
/* @wait: seconds to wait for news when there is nothing to send; 0 for an answer at once. */
GBytes *satchel_sync_core_prepare (SatchelSyncCore *self, guint wait, GError **error);
gboolean satchel_sync_core_receive (SatchelSyncCore *self, GBytes *answer, SatchelSyncStep *step, GError **error);
/* The request that follows @answer, when that says that more is to come: it can be on its way while @answer is taken in.
 * satchel_sync_core_prepare() then returns the very same bytes, or others if it should not have been. NULL: none. */
GBytes *satchel_sync_core_look_ahead (SatchelSyncCore *self, GBytes *answer);
/* Whether something was written since the last request was prepared. */
gboolean satchel_sync_core_has_unsent (SatchelSyncCore *self);
/* Whether nothing hangs on the request that is out: no groups in it, nothing before it that is not laid down. */
gboolean satchel_sync_core_is_resting (SatchelSyncCore *self);
/* No usable answer came: staged pages are dropped, the next request starts from what is durable. */
void satchel_sync_core_fail (SatchelSyncCore *self);
const SatchelSyncCounts *satchel_sync_core_get_counts (SatchelSyncCore *self);
void satchel_sync_core_reset_counts (SatchelSyncCore *self);
/* After FORKED. The shell first keeps the token where it will be found under the new device id, then accepts: only that
 * makes the replica the new device's; nothing is lost wherever it stops between. */
gboolean satchel_sync_core_take_renewal (SatchelSyncCore *self);
const char *satchel_sync_core_get_fork_device (SatchelSyncCore *self);
const char *satchel_sync_core_get_fork_token (SatchelSyncCore *self);
gboolean satchel_sync_core_accept_fork (SatchelSyncCore *self, GError **error);
/* Whether the last page said that more of a first sync or of a new bucket is to come. */
gboolean satchel_sync_core_get_arriving (SatchelSyncCore *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelSyncCore, satchel_sync_core_free)

G_END_DECLS
