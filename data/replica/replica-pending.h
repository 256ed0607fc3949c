/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "records/satchel-record.h"

G_BEGIN_DECLS

/* The units of a record that show the device's own unsettled work, as one text: a line "UNIT<tab>GROUP" each. "*" is
 * every unit that is not named (the creation is pending); "deleted" is whether it is in the bin. */
#define REPLICA_PENDING_ALL "*"
#define REPLICA_PENDING_DELETED "deleted"

void replica_pending_apply (const char *pending, SatchelRecord *record);
char *replica_pending_set (const char *pending, const char *unit, gint64 group);

G_END_DECLS
