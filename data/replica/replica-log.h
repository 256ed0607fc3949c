/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-connection.h"

G_BEGIN_DECLS

/* SQLite's log of a replica, FILE-wal, when the disk fails to keep it. After a sync that failed the system takes for
 * written what is not, and no later sync writes it: commits would stand behind a hole, and go with the power. So the log
 * is written over itself before anything else is: by whoever comes first, and by whoever finds one that another process
 * left, as that one may have failed when it took the log in, and could not say so. */

/* @code: SQLite's */
gboolean replica_log_is_failed_sync (int code);
/* What was committed is on the disk, however little that was asked for then: SQLite's code. */
int replica_log_sync (sqlite3 *db);
/* In a transaction that writes: SQLite's code. */
int replica_log_write_anew (sqlite3 *db);

G_END_DECLS
