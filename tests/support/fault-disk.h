/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A disk in memory that fails as it is told to. Its folder, as "/fault/1", is there for SQLite as soon as
 * fault_vfs_register() was called, and for what the code under test does to files by itself (fault-calls.c); every other
 * path leads to the real file system.
 *
 * A disk belongs to one process at a time. One that was killed gets nothing done any more, however it goes on; when all
 * that it had open is closed, fault_disk_restart() or fault_disk_lose_power() shows what the next one finds.
 *
 * All that a disk decides comes from its seed. Every function may be called from every thread. */

typedef struct _FaultDisk FaultDisk;
typedef struct _FaultSnapshot FaultSnapshot;

typedef enum
{
  FAULT_OPEN,
  FAULT_READ,
  FAULT_CREATE,
  FAULT_WRITE,
  FAULT_SYNC,
  FAULT_TRUNCATE,
  FAULT_DELETE,
  FAULT_RENAME,
  FAULT_N_KINDS,
} FaultKind;

#define FAULT_BIT(kind) (1u << (kind))
/* All that changes what is on the disk: the points at which to kill. */
#define FAULT_POINTS                                                                                          \
  (FAULT_BIT (FAULT_CREATE) | FAULT_BIT (FAULT_WRITE) | FAULT_BIT (FAULT_SYNC) | FAULT_BIT (FAULT_TRUNCATE) | \
   FAULT_BIT (FAULT_DELETE) | FAULT_BIT (FAULT_RENAME))

typedef enum
{
  FAULT_NONE,
  FAULT_KILL, /* done, half done or not done; nothing is done afterwards */
  FAULT_IO_ERROR, /* a sync that fails has written something, and what it has not is never written */
  FAULT_NO_SPACE,
  FAULT_SHORT_READ,
  FAULT_BAD_READ, /* a flipped bit */
  FAULT_N_EFFECTS,
} FaultEffect;

#define FAULT_FOR_EVER G_MAXUINT64

FaultDisk *fault_disk_new (guint64 seed);
void fault_disk_free (FaultDisk *self);
const char *fault_disk_get_folder (FaultDisk *self);
char *fault_disk_build_path (FaultDisk *self, const char *name);

/* From the @at-th operation of the @kinds on, counted from now and from 1, @times in a row. */
void fault_disk_plan (FaultDisk *self, FaultEffect effect, guint kinds, guint64 at, guint64 times);
void fault_disk_clear_plans (FaultDisk *self);
void fault_disk_set_read_only (FaultDisk *self, gboolean read_only);
void fault_disk_kill (FaultDisk *self);
gboolean fault_disk_is_dead (FaultDisk *self);

/* What was done since the disk was made, and what was done to it. */
guint64 fault_disk_count (FaultDisk *self, guint kinds);
guint64 fault_disk_count_faults (FaultDisk *self, FaultEffect effect);

/* The next process finds all that was written. Clears the plans. */
void fault_disk_restart (FaultDisk *self);
/* It finds what was synced; of the rest, some: whole writes, sectors of them, nothing. Clears the plans. */
void fault_disk_lose_power (FaultDisk *self);

/* Also of files that are open: what is on the disk at this moment. */
FaultSnapshot *fault_disk_snapshot (FaultDisk *self);
/* The next process finds the files of @snapshot, and no others. Clears the plans. */
void fault_disk_restore (FaultDisk *self, const FaultSnapshot *snapshot);
void fault_snapshot_free (FaultSnapshot *self);

/* Overwrites a file that is not open with noise, as far as it goes. */
void fault_disk_damage (FaultDisk *self, const char *name, gsize offset, gsize length);
/* -1: there is none. */
goffset fault_disk_get_size (FaultDisk *self, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FaultDisk, fault_disk_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FaultSnapshot, fault_snapshot_free)

G_END_DECLS
