/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-schema.h"

G_BEGIN_DECLS

/* A record as it arrives or was kept. A value that does not fit its field here, because a newer version sent it, is
 * carried among the extra fields. */
SatchelRecord *replica_wire_read (const ReplicaSchema *schema, const char *text, gsize length, GError **error);
char *replica_wire_write (const SatchelRecord *record);
/* Moves what fits now from the extra fields into its own; whether anything was moved. */
gboolean replica_wire_adopt_extra (SatchelRecord *record);

G_END_DECLS
