/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Files, names and planned faults. */

#include "fault-disk-private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define MOUNT "/fault/"

typedef struct
{
  FaultEffect effect;
  guint kinds;
  guint64 at;
  guint64 times;
  guint64 seen;
} FaultPlan;

G_LOCK_DEFINE_STATIC (disks);
static GHashTable *disks; /* number -> FaultDisk */
static guint last_number;

/* ---- Files ---------------------------------------------------------------------------------------- */

static void
change_free (gpointer data)
{
  FaultChange *self = data;

  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self);
}

FaultFile *
fault_file_new (void)
{
  FaultFile *self = g_new0 (FaultFile, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->data = g_byte_array_new ();
  self->synced = g_byte_array_new ();
  self->changes = g_ptr_array_new_with_free_func (change_free);
  self->lock_file = -1;
  self->regions = g_ptr_array_new_with_free_func (g_free);

  return self;
}

FaultFile *
fault_file_ref (FaultFile *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
fault_file_unref (FaultFile *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_byte_array_unref (self->data);
  g_byte_array_unref (self->synced);
  g_ptr_array_unref (self->changes);
  g_ptr_array_unref (self->regions);
  if (self->lock_file >= 0)
    close (self->lock_file);
  g_free (self);
}

static void
set_bytes (GByteArray *array, const guint8 *bytes, gsize length)
{
  g_byte_array_set_size (array, 0);
  g_byte_array_append (array, bytes, (guint) length);
}

/* As if it had been there for long. */
void
fault_file_set_data (FaultFile *self, const guint8 *bytes, gsize length)
{
  set_bytes (self->data, bytes, length);
  set_bytes (self->synced, bytes, length);
  g_ptr_array_set_size (self->changes, 0);
}

/* ---- Changes -------------------------------------------------------------------------------------- */

static void
set_length (GByteArray *data, gsize length)
{
  gsize before = data->len;

  g_byte_array_set_size (data, (guint) length);
  if (length > before)
    memset (data->data + before, 0, length - before);
}

void
fault_change_apply (const FaultChange *self, GByteArray *data)
{
  gsize length;
  const guint8 *bytes;

  if (self->bytes == NULL)
    {
      set_length (data, self->offset);
      return;
    }

  bytes = g_bytes_get_data (self->bytes, &length);
  if (self->offset + length > data->len)
    set_length (data, self->offset + length);
  memcpy (data->data + self->offset, bytes, length);
}

static void
change_file (FaultFile *self, gsize offset, GBytes *bytes)
{
  FaultChange *change = g_new0 (FaultChange, 1);

  change->offset = offset;
  change->bytes = bytes;
  fault_change_apply (change, self->data);
  g_ptr_array_add (self->changes, change);
}

/* ---- Names ---------------------------------------------------------------------------------------- */

static void
unref_file (gpointer file)
{
  fault_file_unref (file);
}

GHashTable *
fault_names_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, unref_file);
}

void
fault_entry_apply (const FaultEntry *self, GHashTable *names)
{
  if (self->from != NULL)
    g_hash_table_remove (names, self->from);
  if (self->to != NULL)
    g_hash_table_replace (names, g_strdup (self->to), fault_file_ref (self->file));
}

static void
entry_free (gpointer data)
{
  FaultEntry *self = data;

  g_free (self->from);
  g_free (self->to);
  fault_file_unref (self->file);
  g_free (self);
}

static void
change_folder (FaultDisk *self, const char *from, const char *to, FaultFile *file)
{
  FaultEntry *entry = g_new0 (FaultEntry, 1);

  entry->from = g_strdup (from);
  entry->to = g_strdup (to);
  entry->file = fault_file_ref (file);
  fault_entry_apply (entry, self->names);
  g_ptr_array_add (self->entries, entry);
}

static void
sync_entries (FaultDisk *self, guint n)
{
  for (guint i = 0; i < n; i++)
    fault_entry_apply (g_ptr_array_index (self->entries, i), self->synced_names);
  if (n > 0)
    g_ptr_array_remove_range (self->entries, 0, n);
}

FaultFile *
fault_disk_find (FaultDisk *self, const char *name)
{
  return g_hash_table_lookup (self->names, name);
}

/* ---- Chance and plans ----------------------------------------------------------------------------- */

/* splitmix64 */
guint64
fault_disk_draw (FaultDisk *self, guint64 below)
{
  guint64 value = self->chance += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  value = (value ^ (value >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  value = (value ^ (value >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);

  return (value ^ (value >> 31)) % below;
}

static FaultEffect
advance_plans (FaultDisk *self, FaultKind kind)
{
  FaultEffect effect = FAULT_NONE;

  for (guint i = 0; i < self->plans->len; i++)
    {
      FaultPlan *plan = &g_array_index (self->plans, FaultPlan, i);

      if ((plan->kinds & FAULT_BIT (kind)) == 0)
        continue;

      plan->seen++;
      if (plan->seen >= plan->at && plan->seen - plan->at < plan->times)
        effect = plan->effect;
    }

  return effect;
}

static int
get_code (FaultEffect effect)
{
  switch (effect)
    {
    case FAULT_KILL:
    case FAULT_IO_ERROR:
      return EIO;
    case FAULT_NO_SPACE:
      return ENOSPC;
    case FAULT_NONE:
    case FAULT_SHORT_READ:
    case FAULT_BAD_READ:
    case FAULT_N_EFFECTS:
    default:
      return 0;
    }
}

int
fault_disk_meet (FaultDisk *self, FaultKind kind, FaultEffect *effect)
{
  *effect = FAULT_NONE;
  if (self->dead)
    return EIO;

  self->counts[kind]++;
  if (self->read_only && kind != FAULT_SYNC && (FAULT_BIT (kind) & FAULT_POINTS) != 0)
    return EROFS;

  *effect = advance_plans (self, kind);
  self->faults[*effect]++;
  self->dead = *effect == FAULT_KILL;

  return get_code (*effect);
}

/* Whether something that is done as one is done before it fails. */
static gboolean
is_done (FaultDisk *self, int code, FaultEffect effect)
{
  return code == 0 || (effect == FAULT_KILL && fault_disk_draw (self, 2) == 0);
}

/* How much of a write is done before it fails. */
static gsize
get_done_length (FaultDisk *self, int code, FaultEffect effect, gsize length)
{
  if (code != 0 && effect == FAULT_NONE)
    return 0;
  if (is_done (self, code, effect))
    return length;

  return fault_disk_draw (self, 2) == 0 ? 0 : fault_disk_draw (self, length);
}

/* ---- Operations ----------------------------------------------------------------------------------- */

FaultFile *
fault_disk_make (FaultDisk *self, const char *name, int *code)
{
  FaultFile *file = fault_disk_find (self, name);
  FaultEffect effect;

  *code = 0;
  if (file != NULL)
    return file;

  *code = fault_disk_meet (self, FAULT_CREATE, &effect);
  if (!is_done (self, *code, effect))
    return NULL;

  file = fault_file_new ();
  change_folder (self, NULL, name, file);
  fault_file_unref (file);

  return *code == 0 ? file : NULL;
}

int
fault_file_read (FaultDisk *disk, FaultFile *self, gpointer bytes, gsize length, gsize offset, gsize *n_read)
{
  gsize available = offset < self->data->len ? MIN (length, self->data->len - offset) : 0;
  FaultEffect effect;
  int code = fault_disk_meet (disk, FAULT_READ, &effect);

  *n_read = code != 0 ? 0 : available;
  if (effect == FAULT_SHORT_READ && available > 0)
    *n_read = fault_disk_draw (disk, available);
  if (*n_read > 0)
    memcpy (bytes, self->data->data + offset, *n_read);
  if (effect == FAULT_BAD_READ && *n_read > 0)
    ((guint8 *) bytes)[fault_disk_draw (disk, *n_read)] ^= (guint8) (1u << fault_disk_draw (disk, 8));

  return code;
}

int
fault_file_write (FaultDisk *disk, FaultFile *self, gconstpointer bytes, gsize length, gsize offset)
{
  FaultEffect effect;
  int code = fault_disk_meet (disk, FAULT_WRITE, &effect);
  gsize done;

  /* What is there already has its place. */
  if (effect == FAULT_NO_SPACE && offset + length <= self->data->len)
    code = 0;
  done = get_done_length (disk, code, effect, length);

  if (done > 0)
    change_file (self, offset, g_bytes_new (bytes, done));

  return code;
}

int
fault_file_truncate (FaultDisk *disk, FaultFile *self, gsize length)
{
  FaultEffect effect;
  int code = fault_disk_meet (disk, FAULT_TRUNCATE, &effect);

  if (effect == FAULT_NO_SPACE && length <= self->data->len)
    code = 0;
  if (is_done (disk, code, effect))
    change_file (self, length, NULL);

  return code;
}

/* Names too are on the disk with the first sync of their file, and what was done to the folder before them. */
static guint
count_entries_until (FaultDisk *disk, const FaultFile *self, gboolean folder)
{
  guint n = folder ? disk->entries->len : 0;

  for (guint i = n; i < disk->entries->len; i++)
    if (((const FaultEntry *) g_ptr_array_index (disk->entries, i))->file == self)
      n = i + 1;

  return n;
}

/* After a sync that failed the system takes what was to be written for written. */
static void
lose_some (FaultDisk *disk, FaultFile *self)
{
  for (guint i = 0; i < self->changes->len; i++)
    if (fault_disk_draw (disk, 2) == 0)
      fault_change_apply (g_ptr_array_index (self->changes, i), self->synced);
}

int
fault_file_sync (FaultDisk *disk, FaultFile *self, gboolean folder)
{
  FaultEffect effect;
  int code = fault_disk_meet (disk, FAULT_SYNC, &effect);

  if (is_done (disk, code, effect))
    {
      for (guint i = 0; i < self->changes->len; i++)
        fault_change_apply (g_ptr_array_index (self->changes, i), self->synced);
      sync_entries (disk, count_entries_until (disk, self, folder));
    }
  else if (effect == FAULT_IO_ERROR)
    {
      lose_some (disk, self);
    }
  else
    {
      return code;
    }

  g_ptr_array_set_size (self->changes, 0);

  return code;
}

int
fault_disk_delete (FaultDisk *self, const char *name, gboolean sync)
{
  FaultFile *file = fault_disk_find (self, name);
  FaultEffect effect;
  int code;

  if (file == NULL)
    return self->dead ? EIO : ENOENT;

  code = fault_disk_meet (self, FAULT_DELETE, &effect);
  if (is_done (self, code, effect))
    change_folder (self, name, NULL, file);
  if (code == 0 && sync)
    sync_entries (self, self->entries->len);

  return code;
}

int
fault_disk_rename (FaultDisk *self, const char *from, const char *to)
{
  FaultFile *file = fault_disk_find (self, from);
  FaultEffect effect;
  int code;

  if (file == NULL)
    return self->dead ? EIO : ENOENT;

  code = fault_disk_meet (self, FAULT_RENAME, &effect);
  if (is_done (self, code, effect))
    change_folder (self, from, to, file);

  return code;
}

/* ---- Disks ---------------------------------------------------------------------------------------- */

FaultDisk *
fault_disk_lookup (const char *path, const char **name)
{
  FaultDisk *disk;
  char *end;
  guint64 number;

  if (path == NULL || !g_str_has_prefix (path, MOUNT))
    return NULL;

  number = g_ascii_strtoull (path + strlen (MOUNT), &end, 10);
  if (*end != '\0' && *end != '/')
    return NULL;
  *name = *end == '/' ? end + 1 : end;

  G_LOCK (disks);
  disk = disks != NULL ? g_hash_table_lookup (disks, GUINT_TO_POINTER ((guint) number)) : NULL;
  G_UNLOCK (disks);

  return disk;
}

static void
mount (FaultDisk *self)
{
  G_LOCK (disks);
  if (disks == NULL)
    disks = g_hash_table_new (NULL, NULL);
  last_number++;
  self->folder = g_strdup_printf (MOUNT "%u", last_number);
  g_hash_table_insert (disks, GUINT_TO_POINTER (last_number), self);
  G_UNLOCK (disks);
}

static void
unmount (FaultDisk *self)
{
  guint64 number = g_ascii_strtoull (self->folder + strlen (MOUNT), NULL, 10);

  G_LOCK (disks);
  g_hash_table_remove (disks, GUINT_TO_POINTER ((guint) number));
  if (g_hash_table_size (disks) == 0)
    g_clear_pointer (&disks, g_hash_table_unref);
  G_UNLOCK (disks);
}

/**
 * fault_disk_new:
 * @seed: what all its decisions come from
 *
 * Returns: (transfer full): an empty disk
 */
FaultDisk *
fault_disk_new (guint64 seed)
{
  FaultDisk *self = g_new0 (FaultDisk, 1);

  g_mutex_init (&self->mutex);
  self->chance = seed;
  self->names = fault_names_new ();
  self->synced_names = fault_names_new ();
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  self->plans = g_array_new (FALSE, FALSE, sizeof (FaultPlan));
  mount (self);

  return self;
}

/* Nothing may be open on it. */
void
fault_disk_free (FaultDisk *self)
{
  g_assert (self->n_open == 0);
  unmount (self);
  g_ptr_array_unref (self->entries);
  g_hash_table_unref (self->names);
  g_hash_table_unref (self->synced_names);
  g_array_unref (self->plans);
  g_mutex_clear (&self->mutex);
  g_free (self->folder);
  g_free (self);
}

const char *
fault_disk_get_folder (FaultDisk *self)
{
  return self->folder;
}

char *
fault_disk_build_path (FaultDisk *self, const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}

void
fault_disk_plan (FaultDisk *self, FaultEffect effect, guint kinds, guint64 at, guint64 times)
{
  FaultPlan plan = { .effect = effect, .kinds = kinds, .at = at, .times = times };

  g_mutex_lock (&self->mutex);
  g_array_append_val (self->plans, plan);
  g_mutex_unlock (&self->mutex);
}

void
fault_disk_clear_plans (FaultDisk *self)
{
  g_mutex_lock (&self->mutex);
  g_array_set_size (self->plans, 0);
  g_mutex_unlock (&self->mutex);
}

void
fault_disk_set_read_only (FaultDisk *self, gboolean read_only)
{
  g_mutex_lock (&self->mutex);
  self->read_only = read_only;
  g_mutex_unlock (&self->mutex);
}

void
fault_disk_kill (FaultDisk *self)
{
  g_mutex_lock (&self->mutex);
  self->dead = TRUE;
  self->faults[FAULT_KILL]++;
  g_mutex_unlock (&self->mutex);
}

gboolean
fault_disk_is_dead (FaultDisk *self)
{
  gboolean dead;

  g_mutex_lock (&self->mutex);
  dead = self->dead;
  g_mutex_unlock (&self->mutex);

  return dead;
}

guint64
fault_disk_count (FaultDisk *self, guint kinds)
{
  guint64 count = 0;

  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < FAULT_N_KINDS; i++)
    if ((kinds & FAULT_BIT (i)) != 0)
      count += self->counts[i];
  g_mutex_unlock (&self->mutex);

  return count;
}

guint64
fault_disk_count_faults (FaultDisk *self, FaultEffect effect)
{
  guint64 count;

  g_mutex_lock (&self->mutex);
  count = self->faults[effect];
  g_mutex_unlock (&self->mutex);

  return count;
}

/* The damage was there before anybody looked: it is as good as synced. */
static void
overwrite (FaultDisk *self, GByteArray *data, gsize offset, gsize length)
{
  for (gsize i = offset; i < offset + length && i < data->len; i++)
    data->data[i] = (guint8) fault_disk_draw (self, 256);
}

void
fault_disk_damage (FaultDisk *self, const char *name, gsize offset, gsize length)
{
  FaultFile *file;

  g_mutex_lock (&self->mutex);
  file = fault_disk_find (self, name);
  g_assert (file != NULL && self->n_open == 0);
  overwrite (self, file->data, offset, length);
  fault_file_set_data (file, file->data->data, file->data->len);
  g_mutex_unlock (&self->mutex);
}

goffset
fault_disk_get_size (FaultDisk *self, const char *name)
{
  FaultFile *file;
  goffset size;

  g_mutex_lock (&self->mutex);
  file = fault_disk_find (self, name);
  size = file != NULL ? (goffset) file->data->len : -1;
  g_mutex_unlock (&self->mutex);

  return size;
}
