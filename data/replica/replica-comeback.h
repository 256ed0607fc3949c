/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-schema.h"

G_BEGIN_DECLS

/* Groups that the spare copy has and the replica lacks: where SQLite's log is damaged, it takes all behind the damage for
 * never written, and says nothing. A line is written only of what was committed: what was refused never comes back. */

/* Whether it has something that the replica lacks. A guess: somebody else may be writing. */
gboolean replica_comeback_is_due (const char *replica_path, ReplicaConnection *connection);
/* Brings the groups back under their own numbers, so that what was sent before is known to the server. Where more is
 * lost than they can be laid over, that is %SATCHEL_DATA_ERROR_CORRUPT: see satchel_replica_open(). */
gboolean replica_comeback_run (ReplicaTransaction *tx, const char *replica_path, GError **error);

G_END_DECLS
