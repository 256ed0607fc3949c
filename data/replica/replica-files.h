/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "replica-connection.h"

G_BEGIN_DECLS

/* The files beside a replica: FILE-wal and FILE-shm are SQLite's; FILE.lock carries the locks, FILE.outbox the spare
 * copy, FILE.check says that it is to be looked through before it is used again, and FILE.unsynced that the log is to be
 * written anew before anything is added to it. */

typedef enum
{
  REPLICA_LOCK_SYNC, /* one process at a time syncs */
  REPLICA_LOCK_OPEN, /* shared by all who have it open */
} ReplicaLock;

/* -1 and errno: it cannot be taken. The lock ends with the descriptor. */
int replica_files_lock (const char *path, ReplicaLock lock, gboolean exclusive);
/* Shares the lock of those who have it open; @was_alone: nobody else has, so that what is found is what was left. */
int replica_files_lock_open (const char *path, gboolean *was_alone);

gboolean replica_files_was_left_unclean (const char *path);
gboolean replica_files_is_suspicious (const char *path);
void replica_files_set_suspicious (const char *path, gboolean suspicious);
/* See replica-log.h. */
gboolean replica_files_is_log_doubtful (const char *path);
void replica_files_set_log_doubtful (const char *path, gboolean doubtful);
/* That @path has its name now is on the disk. */
gboolean replica_files_sync_folder (const char *path);
/* Renames the replica and SQLite's files beside it; returns the new name. */
char *replica_files_set_aside (const char *path, GError **error);

G_END_DECLS
