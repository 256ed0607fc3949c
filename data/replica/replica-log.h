/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-connection.h"

G_BEGIN_DECLS

/* SQLite's log of a replica, FILE-wal, when the disk fails to keep it. After a sync that failed the system takes for
 * written what is not, and no later sync writes it: commits would stand behind a hole, and go with the power. So the log
 * is written over itself before anything else is. */

/* @code: SQLite's */
gboolean replica_log_is_failed_sync (int code);
/* In a transaction that writes: SQLite's code. */
int replica_log_write_anew (sqlite3 *db);

G_END_DECLS
