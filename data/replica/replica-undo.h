/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "records/satchel-mutation.h"

G_BEGIN_DECLS

/* The mutation that takes @mutation of group @n back, made on it; %NULL for one that cannot be taken back. @before:
 * (nullable): the record as it was shown. */
SatchelMutation *replica_undo_mutation (const SatchelMutation *mutation, gint64 n, const SatchelRecord *before);

G_END_DECLS
