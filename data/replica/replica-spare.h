/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-kept.h"
#include "replica-schema.h"

G_BEGIN_DECLS

/* A spare copy of the work that is not settled, in a file beside the replica, for the day on which that is damaged.
 * Written anew while the replica's write lock is held, so that processes do not meet. That it cannot be written is no
 * reason to refuse an edit. */

/* Adds a line of what was committed. FALSE: it may stand there in part. */
gboolean replica_spare_append (const char *replica_path, const char *line);
/* Writes all of it anew, from the replica. */
gboolean replica_spare_rewrite (const char *replica_path, ReplicaConnection *connection);
/* Empty when there is none. */
ReplicaKept *replica_spare_read (const char *replica_path);
/* Whether all that the replica has of such work stands in it. */
gboolean replica_spare_is_complete (const char *replica_path, ReplicaConnection *connection);

/* @kept stands in it, and that the replica does not have it, from here on until it is written anew from a replica that
 * has: whatever comes in between, the next opening finds all of it. */
gboolean replica_spare_begin_salvage (const char *replica_path, const ReplicaKept *kept, GError **error);
gboolean replica_spare_is_salvaging (const char *replica_path);
/* Whether it was written anew. */
gboolean replica_spare_end_salvage (const char *replica_path, GError **error);

G_END_DECLS
