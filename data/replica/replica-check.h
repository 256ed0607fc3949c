/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-commit.h"
#include "replica-rows.h"

G_BEGIN_DECLS

/* Whether a mutation may be made of what is shown. @before: (nullable): the record as shown. */
gboolean replica_check_mutation (ReplicaTransaction *tx, const SatchelMutation *mutation, const SatchelRecord *before,
                                 GError **error);
/* Whether what comes of it may be kept. */
gboolean replica_check_result (ReplicaTransaction *tx, const SatchelMutation *mutation, const SatchelRecord *before,
                               const SatchelRecord *after, GError **error);
gboolean replica_report_not_found (const char *id, GError **error);

G_END_DECLS
