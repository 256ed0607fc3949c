/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fault-disk.h"

G_BEGIN_DECLS

#define FAULT_N_SHARED_LOCKS 8

/* Something that was done to a file and is not synced. */
typedef struct
{
  gsize offset; /* or the new length */
  GBytes *bytes; /* %NULL: the length was changed */
} FaultChange;

typedef struct
{
  gatomicrefcount ref_count;
  GByteArray *data; /* what processes see */
  GByteArray *synced; /* what the disk has for sure */
  GPtrArray *changes; /* (element-type FaultChange): from the one to the other, but for what a failed sync has lost */
  int lock_file; /* carries the locks of those who opened it with open(); -1: nobody did */

  /* SQLite's locks, and the memory that connections share in the place of FILE-shm. */
  guint n_shared;
  gpointer reserved, pending, exclusive; /* who holds it */
  GPtrArray *regions;
  guint n_mapped;
  guint shared_locks[FAULT_N_SHARED_LOCKS];
  gpointer exclusive_locks[FAULT_N_SHARED_LOCKS];
} FaultFile;

/* A change of the folder that is not synced. */
typedef struct
{
  char *from; /* (nullable): the name that is gone */
  char *to; /* (nullable): the name that is there now */
  FaultFile *file;
} FaultEntry;

struct _FaultDisk
{
  char *folder;
  GMutex mutex;
  guint64 chance; /* the state of the generator */
  GHashTable *names; /* name -> FaultFile */
  GHashTable *synced_names;
  GPtrArray *entries; /* (element-type FaultEntry): from the one to the other */
  GArray *plans;
  guint64 counts[FAULT_N_KINDS];
  guint64 faults[FAULT_N_EFFECTS];
  guint n_open; /* files */
  gboolean dead;
  gboolean read_only;
};

/* ---- To be called while the disk is locked -------------------------------------------------------- */

guint64 fault_disk_draw (FaultDisk *self, guint64 below);
FaultFile *fault_disk_find (FaultDisk *self, const char *name);
/* Makes the file when it is missing. */
FaultFile *fault_disk_make (FaultDisk *self, const char *name, int *code);
FaultFile *fault_file_new (void);
FaultFile *fault_file_ref (FaultFile *self);
void fault_file_unref (FaultFile *self);
void fault_file_set_data (FaultFile *self, const guint8 *bytes, gsize length);
void fault_change_apply (const FaultChange *self, GByteArray *data);
void fault_entry_apply (const FaultEntry *self, GHashTable *names);
GHashTable *fault_names_new (void);

/* The operations give 0 or an errno, as a file system does. What was planned for one of @kind: */
int fault_disk_meet (FaultDisk *self, FaultKind kind, FaultEffect *effect);
int fault_file_read (FaultDisk *disk, FaultFile *self, gpointer bytes, gsize length, gsize offset, gsize *n_read);
int fault_file_write (FaultDisk *disk, FaultFile *self, gconstpointer bytes, gsize length, gsize offset);
int fault_file_truncate (FaultDisk *disk, FaultFile *self, gsize length);
/* @folder: the names too, all of them */
int fault_file_sync (FaultDisk *disk, FaultFile *self, gboolean folder);
int fault_disk_delete (FaultDisk *self, const char *name, gboolean sync);
int fault_disk_rename (FaultDisk *self, const char *from, const char *to);

/* The disk that @path is on, and its name there, "" for the folder; %NULL: a real one. Not to be called while a disk is locked. */
FaultDisk *fault_disk_lookup (const char *path, const char **name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FaultFile, fault_file_unref)

G_END_DECLS
