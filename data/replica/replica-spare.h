/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-kept.h"
#include "replica-schema.h"

G_BEGIN_DECLS

/* A spare copy of the work that is not settled, in a file beside the replica, for the day on which that is damaged.
 * Written while the replica's write lock is held, so that processes do not meet. That it cannot be written is no reason
 * to refuse an edit. */

/* Adds a line; @length_before: (out): to go back to when the edit fails after all, -1: nothing was added. */
void replica_spare_append (const char *replica_path, const char *line, goffset *length_before);
void replica_spare_truncate (const char *replica_path, goffset length);
/* Writes all of it anew, from the replica. */
void replica_spare_rewrite (const char *replica_path, ReplicaConnection *connection);
/* Empty when there is none. */
ReplicaKept *replica_spare_read (const char *replica_path);
/* Whether the last group that the replica has made stands in it. */
gboolean replica_spare_is_complete (const char *replica_path, ReplicaConnection *connection);

G_END_DECLS
