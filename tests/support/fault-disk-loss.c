/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a process finds after the one before it died or the power went, and copies of a disk. */

#include "fault-disk-private.h"

#include <string.h>

struct _FaultSnapshot
{
  GHashTable *files; /* name -> GBytes */
};

static const gsize sector_sizes[] = { 512, 4096 };

/* How the disk chooses among what was not synced. */
typedef enum
{
  LOSS_ALL,
  LOSS_TAIL, /* in order, up to some point */
  LOSS_WRITES, /* some writes, whole */
  LOSS_SECTORS, /* some sectors, so that writes are torn and reordered */
  N_LOSSES,
} Loss;

/* ---- Power loss ----------------------------------------------------------------------------------- */

static void
keep_sectors (FaultDisk *disk, const FaultChange *change, GByteArray *data)
{
  gsize sector = sector_sizes[fault_disk_draw (disk, G_N_ELEMENTS (sector_sizes))];
  gsize end = change->offset + g_bytes_get_size (change->bytes);

  for (gsize start = change->offset, next; start < end; start = next)
    {
      next = MIN ((start / sector + 1) * sector, end);
      if (fault_disk_draw (disk, 2) == 0)
        {
          g_autoptr (GBytes) bytes = g_bytes_new_from_bytes (change->bytes, start - change->offset, next - start);
          FaultChange part = { start, bytes };

          fault_change_apply (&part, data);
        }
    }
}

static void
keep_some (FaultDisk *disk, const FaultChange *change, Loss loss, GByteArray *data)
{
  if (loss == LOSS_SECTORS && change->bytes != NULL)
    keep_sectors (disk, change, data);
  else if (fault_disk_draw (disk, 2) == 0)
    fault_change_apply (change, data);
}

static void
lose_changes (FaultDisk *disk, FaultFile *self)
{
  Loss loss = (Loss) fault_disk_draw (disk, N_LOSSES);
  guint n_kept = (guint) fault_disk_draw (disk, self->changes->len + 1);

  for (guint i = 0; loss != LOSS_ALL && i < self->changes->len; i++)
    {
      const FaultChange *change = g_ptr_array_index (self->changes, i);

      if (loss != LOSS_TAIL)
        keep_some (disk, change, loss, self->synced);
      else if (i < n_kept)
        fault_change_apply (change, self->synced);
    }

  g_byte_array_set_size (self->data, 0);
  g_byte_array_append (self->data, self->synced->data, self->synced->len);
  g_ptr_array_set_size (self->changes, 0);
}

/* File systems keep the order of what happens to names. */
static void
lose_names (FaultDisk *self)
{
  guint n_kept = (guint) fault_disk_draw (self, self->entries->len + 1);
  GHashTableIter iter;
  gpointer name, file;

  for (guint i = 0; i < n_kept; i++)
    fault_entry_apply (g_ptr_array_index (self->entries, i), self->synced_names);
  g_ptr_array_set_size (self->entries, 0);

  g_hash_table_remove_all (self->names);
  g_hash_table_iter_init (&iter, self->synced_names);
  while (g_hash_table_iter_next (&iter, &name, &file))
    g_hash_table_insert (self->names, g_strdup (name), fault_file_ref (file));
}

static int
compare_names (gconstpointer first, gconstpointer second)
{
  return strcmp (*(const char *const *) first, *(const char *const *) second);
}

/* In an order that comes from the names, so that the same is lost each time. */
static GPtrArray *
list_names (GHashTable *names)
{
  GPtrArray *list = g_hash_table_get_keys_as_ptr_array (names);

  g_ptr_array_sort (list, compare_names);

  return list;
}

static void
revive (FaultDisk *self)
{
  g_assert (self->n_open == 0);
  g_array_set_size (self->plans, 0);
  self->dead = FALSE;
}

void
fault_disk_restart (FaultDisk *self)
{
  g_mutex_lock (&self->mutex);
  revive (self);
  g_mutex_unlock (&self->mutex);
}

void
fault_disk_lose_power (FaultDisk *self)
{
  g_autoptr (GPtrArray) names = NULL;

  g_mutex_lock (&self->mutex);
  revive (self);
  lose_names (self);
  names = list_names (self->names);
  for (guint i = 0; i < names->len; i++)
    lose_changes (self, fault_disk_find (self, g_ptr_array_index (names, i)));
  g_mutex_unlock (&self->mutex);
}

/* ---- Copies --------------------------------------------------------------------------------------- */

FaultSnapshot *
fault_disk_snapshot (FaultDisk *self)
{
  FaultSnapshot *snapshot = g_new0 (FaultSnapshot, 1);
  GHashTableIter iter;
  gpointer name, file;

  snapshot->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  g_mutex_lock (&self->mutex);
  g_hash_table_iter_init (&iter, self->names);
  while (g_hash_table_iter_next (&iter, &name, &file))
    {
      const GByteArray *data = ((const FaultFile *) file)->data;

      g_hash_table_insert (snapshot->files, g_strdup (name), g_bytes_new (data->data, data->len));
    }
  g_mutex_unlock (&self->mutex);

  return snapshot;
}

static void
put_file (FaultDisk *self, const char *name, GBytes *bytes)
{
  FaultFile *file = fault_file_new ();
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  fault_file_set_data (file, data, length);
  g_hash_table_insert (self->names, g_strdup (name), file);
  g_hash_table_insert (self->synced_names, g_strdup (name), fault_file_ref (file));
}

void
fault_disk_restore (FaultDisk *self, const FaultSnapshot *snapshot)
{
  GHashTableIter iter;
  gpointer name, bytes;

  g_mutex_lock (&self->mutex);
  revive (self);
  g_ptr_array_set_size (self->entries, 0);
  g_hash_table_remove_all (self->names);
  g_hash_table_remove_all (self->synced_names);
  g_hash_table_iter_init (&iter, snapshot->files);
  while (g_hash_table_iter_next (&iter, &name, &bytes))
    put_file (self, name, bytes);
  g_mutex_unlock (&self->mutex);
}

void
fault_snapshot_free (FaultSnapshot *self)
{
  g_hash_table_unref (self->files);
  g_free (self);
}
