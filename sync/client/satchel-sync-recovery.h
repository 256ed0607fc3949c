/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-answer.h"

G_BEGIN_DECLS

/**
 * SatchelSyncRecovery:
 *
 * Bringing back what a restored server has lost: names what the replica
 * holds, and offers what the server wants of it. Begins anew where it was
 * interrupted; what is offered twice does no harm.
 */
typedef struct _SatchelSyncRecovery SatchelSyncRecovery;

SatchelSyncRecovery *satchel_sync_recovery_new (SatchelReplica *replica);
void satchel_sync_recovery_free (SatchelSyncRecovery *self);
/* Adds the next frames to a request. */
gboolean satchel_sync_recovery_write (SatchelSyncRecovery *self, SatchelFrameWriter *writer, GError **error);
/* Takes the answer in. */
void satchel_sync_recovery_receive (SatchelSyncRecovery *self, const SatchelAnswer *answer);
/* Whether the server has everything that it wanted. */
gboolean satchel_sync_recovery_is_done (SatchelSyncRecovery *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelSyncRecovery, satchel_sync_recovery_free)

G_END_DECLS
