/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <sqlite3.h>

#include "fault-disk-private.h"

G_BEGIN_DECLS

/* What SQLite holds of an open file. */
typedef struct
{
  sqlite3_file base;
  FaultDisk *disk;
  FaultFile *file;
  char *name;
  int lock; /* SQLITE_LOCK_NONE and on */
  gboolean mapped;
  gboolean syncs_folder; /* with its next sync */
  gboolean deletes; /* on closing */
  gboolean read_only;
} FaultHandle;

int fault_vfs_lock (sqlite3_file *file, int level);
int fault_vfs_unlock (sqlite3_file *file, int level);
int fault_vfs_check_reserved_lock (sqlite3_file *file, int *reserved);
int fault_vfs_shm_map (sqlite3_file *file, int number, int size, int extend, void volatile **region);
int fault_vfs_shm_lock (sqlite3_file *file, int offset, int n, int flags);
void fault_vfs_shm_barrier (sqlite3_file *file);
int fault_vfs_shm_unmap (sqlite3_file *file, int delete_it);

G_END_DECLS
