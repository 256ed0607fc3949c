/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-overlay.h"

G_BEGIN_DECLS

/* What a mutation does to other records than its own, until the server has said so: what hangs on an account goes to
 * the bin with it and comes back; a settled conflict shows its value on its target. (element-type SatchelMutation) */
gboolean replica_effects_list (ReplicaTransaction *tx, const SatchelMutation *mutation, const SatchelRecord *before,
                               GPtrArray *effects, GError **error);

G_END_DECLS
