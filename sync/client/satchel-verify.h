/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-connection.h"

G_BEGIN_DECLS

/**
 * SatchelVerifyCounts:
 * @buckets: that were compared
 * @records: that are held
 * @repaired: records that were mended
 * @mismatched: records that are still other ones than the server's: none of them when all is equal
 */
typedef struct
{
  guint buckets;
  guint64 records;
  guint64 repaired;
  guint64 mismatched;
} SatchelVerifyCounts;

/* Syncs, compares all that is held with the server, and mends it record by record; under the replica's sync lock. */
gboolean satchel_verify_run (SatchelReplica *replica, GCancellable *cancellable, SatchelVerifyCounts *counts,
                             GError **error);

G_END_DECLS
