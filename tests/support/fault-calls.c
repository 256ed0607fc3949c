/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What Satchel does to files beside SQLite, led to fault disks: the linker gives these functions in the place of those
 * of the system (--wrap, see meson.build) to whatever is linked with them, libraries of the system excepted. Meson asks for
 * large files everywhere, under which open() is open64().
 *
 * A descriptor of a file on a fault disk is one of an empty file in memory, so that locks on it are real. */

#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault-disk-private.h"

int __real_open64 (const char *path, int flags, ...);
int __real_close (int fd);
ssize_t __real_write (int fd, const void *bytes, size_t length);
int __real_fstat64 (int fd, struct stat *status);
int __real_stat64 (const char *path, struct stat *status);
int __real_truncate64 (const char *path, off_t length);
int __real_fsync (int fd);
int __real_access (const char *path, int mode);
int __real_rename (const char *from, const char *to);
int __real_g_unlink (const char *path);
gboolean __real_g_close (int fd, GError **error);
gboolean __real_g_file_test (const char *path, GFileTest test);
gboolean __real_g_file_get_contents (const char *path, char **contents, gsize *length, GError **error);
gboolean __real_g_file_set_contents_full (const char *path, const char *contents, gssize length,
                                          GFileSetContentsFlags flags, int mode, GError **error);

int __wrap_open64 (const char *path, int flags, ...);
int __wrap_close (int fd);
ssize_t __wrap_write (int fd, const void *bytes, size_t length);
int __wrap_fstat64 (int fd, struct stat *status);
int __wrap_stat64 (const char *path, struct stat *status);
int __wrap_truncate64 (const char *path, off_t length);
int __wrap_fsync (int fd);
int __wrap_access (const char *path, int mode);
int __wrap_rename (const char *from, const char *to);
int __wrap_g_unlink (const char *path);
gboolean __wrap_g_close (int fd, GError **error);
gboolean __wrap_g_file_test (const char *path, GFileTest test);
gboolean __wrap_g_file_get_contents (const char *path, char **contents, gsize *length, GError **error);
gboolean __wrap_g_file_set_contents_full (const char *path, const char *contents, gssize length,
                                          GFileSetContentsFlags flags, int mode, GError **error);

/* ---- Descriptors ---------------------------------------------------------------------------------- */

typedef struct
{
  FaultDisk *disk;
  FaultFile *file; /* of the folder: an empty one */
  gboolean is_folder;
} Descriptor;

G_LOCK_DEFINE_STATIC (descriptors);
static GHashTable *descriptors; /* fd -> Descriptor */

static gboolean
find_descriptor (int fd, Descriptor *found, gboolean take)
{
  Descriptor *descriptor;

  G_LOCK (descriptors);
  descriptor = descriptors != NULL ? g_hash_table_lookup (descriptors, GINT_TO_POINTER (fd)) : NULL;
  if (descriptor != NULL)
    *found = *descriptor;
  if (descriptor != NULL && take)
    g_hash_table_remove (descriptors, GINT_TO_POINTER (fd));
  if (take && descriptors != NULL && g_hash_table_size (descriptors) == 0)
    g_clear_pointer (&descriptors, g_hash_table_unref);
  G_UNLOCK (descriptors);

  return descriptor != NULL;
}

static void
add_descriptor (int fd, FaultDisk *disk, FaultFile *file, gboolean is_folder)
{
  Descriptor descriptor = { disk, fault_file_ref (file), is_folder };

  disk->n_open++;
  G_LOCK (descriptors);
  if (descriptors == NULL)
    descriptors = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_hash_table_insert (descriptors, GINT_TO_POINTER (fd), g_memdup2 (&descriptor, sizeof descriptor));
  G_UNLOCK (descriptors);
}

/* Each time anew, as open() does: locks belong to what was opened. */
static int
open_lock_file (FaultFile *file)
{
  g_autofree char *path = NULL;

  if (file->lock_file < 0)
    file->lock_file = memfd_create ("fault", MFD_CLOEXEC);
  path = g_strdup_printf ("/proc/self/fd/%d", file->lock_file);

  return __real_open64 (path, O_RDWR | O_CLOEXEC);
}

static FaultFile *
find_or_make (FaultDisk *disk, const char *name, int flags, int *code)
{
  FaultFile *file = fault_disk_find (disk, name);
  gboolean writes = (flags & O_ACCMODE) != O_RDONLY;

  if (file != NULL && (flags & O_CREAT) != 0 && (flags & O_EXCL) != 0)
    *code = EEXIST;
  else if (file != NULL && writes && disk->read_only)
    *code = EROFS;
  else if (file == NULL && (flags & O_CREAT) == 0)
    *code = ENOENT;
  else
    file = fault_disk_make (disk, name, code);

  return file != NULL && *code == 0 ? fault_file_ref (file) : NULL;
}

static int
open_on_disk (FaultDisk *disk, const char *name, int flags)
{
  gboolean is_folder = *name == '\0';
  g_autoptr (FaultFile) file = NULL;
  FaultEffect effect;
  int code, fd = -1;

  g_mutex_lock (&disk->mutex);
  code = fault_disk_meet (disk, FAULT_OPEN, &effect);
  if (code == 0)
    file = is_folder ? fault_file_new () : find_or_make (disk, name, flags, &code);
  if (file != NULL)
    fd = open_lock_file (file);
  if (fd >= 0)
    add_descriptor (fd, disk, file, is_folder);
  g_mutex_unlock (&disk->mutex);
  if (fd < 0)
    errno = code;

  return fd;
}

int
__wrap_open64 (const char *path, int flags, ...)
{
  const char *name;
  FaultDisk *disk = fault_disk_lookup (path, &name);
  mode_t mode = 0;
  va_list arguments;

  if (disk != NULL)
    return open_on_disk (disk, name, flags);

  va_start (arguments, flags);
  if ((flags & O_CREAT) != 0)
    mode = va_arg (arguments, mode_t);
  va_end (arguments);

  return __real_open64 (path, flags, mode);
}

static void
forget_descriptor (int fd)
{
  Descriptor descriptor;

  if (!find_descriptor (fd, &descriptor, TRUE))
    return;

  g_mutex_lock (&descriptor.disk->mutex);
  descriptor.disk->n_open--;
  fault_file_unref (descriptor.file);
  g_mutex_unlock (&descriptor.disk->mutex);
}

int
__wrap_close (int fd)
{
  forget_descriptor (fd);

  return __real_close (fd);
}

gboolean
__wrap_g_close (int fd, GError **error)
{
  forget_descriptor (fd);

  return __real_g_close (fd, error);
}

static int
give (int code)
{
  if (code == 0)
    return 0;

  errno = code;

  return -1;
}

/* Satchel only ever appends. */
ssize_t
__wrap_write (int fd, const void *bytes, size_t length)
{
  Descriptor descriptor;
  int code;

  if (!find_descriptor (fd, &descriptor, FALSE))
    return __real_write (fd, bytes, length);

  g_mutex_lock (&descriptor.disk->mutex);
  code = fault_file_write (descriptor.disk, descriptor.file, bytes, length, descriptor.file->data->len);
  g_mutex_unlock (&descriptor.disk->mutex);

  return code == 0 ? (ssize_t) length : give (code);
}

int
__wrap_fsync (int fd)
{
  Descriptor descriptor;
  int code;

  if (!find_descriptor (fd, &descriptor, FALSE))
    return __real_fsync (fd);

  g_mutex_lock (&descriptor.disk->mutex);
  code = fault_file_sync (descriptor.disk, descriptor.file, descriptor.is_folder);
  g_mutex_unlock (&descriptor.disk->mutex);

  return give (code);
}

static void
describe (const FaultFile *file, struct stat *status)
{
  memset (status, 0, sizeof *status);
  status->st_mode = S_IFREG | 0600;
  status->st_size = file->data->len;
}

int
__wrap_fstat64 (int fd, struct stat *status)
{
  Descriptor descriptor;

  if (!find_descriptor (fd, &descriptor, FALSE))
    return __real_fstat64 (fd, status);

  g_mutex_lock (&descriptor.disk->mutex);
  describe (descriptor.file, status);
  g_mutex_unlock (&descriptor.disk->mutex);

  return 0;
}

/* ---- Paths ---------------------------------------------------------------------------------------- */

int
__wrap_stat64 (const char *path, struct stat *status)
{
  const char *name;
  FaultDisk *disk = fault_disk_lookup (path, &name);
  const FaultFile *file;

  if (disk == NULL)
    return __real_stat64 (path, status);

  g_mutex_lock (&disk->mutex);
  file = fault_disk_find (disk, name);
  if (file != NULL)
    describe (file, status);
  g_mutex_unlock (&disk->mutex);

  return give (file != NULL ? 0 : ENOENT);
}

int
__wrap_access (const char *path, int mode)
{
  const char *name;
  FaultDisk *disk = fault_disk_lookup (path, &name);
  int code = 0;

  if (disk == NULL)
    return __real_access (path, mode);

  g_mutex_lock (&disk->mutex);
  if (disk->dead)
    code = EIO;
  else if (fault_disk_find (disk, name) == NULL)
    code = ENOENT;
  else if ((mode & W_OK) != 0 && disk->read_only)
    code = EROFS;
  g_mutex_unlock (&disk->mutex);

  return give (code);
}

int
__wrap_truncate64 (const char *path, off_t length)
{
  const char *name;
  FaultDisk *disk = fault_disk_lookup (path, &name);
  FaultFile *file;
  int code = ENOENT;

  if (disk == NULL)
    return __real_truncate64 (path, length);

  g_mutex_lock (&disk->mutex);
  file = fault_disk_find (disk, name);
  if (file != NULL)
    code = fault_file_truncate (disk, file, (gsize) length);
  g_mutex_unlock (&disk->mutex);

  return give (code);
}

int
__wrap_rename (const char *from, const char *to)
{
  const char *name, *new_name;
  FaultDisk *disk = fault_disk_lookup (from, &name);
  int code;

  if (disk == NULL)
    return __real_rename (from, to);
  if (fault_disk_lookup (to, &new_name) != disk)
    return give (EXDEV);

  g_mutex_lock (&disk->mutex);
  code = fault_disk_rename (disk, name, new_name);
  g_mutex_unlock (&disk->mutex);

  return give (code);
}

int
__wrap_g_unlink (const char *path)
{
  const char *name;
  FaultDisk *disk = fault_disk_lookup (path, &name);
  int code;

  if (disk == NULL)
    return __real_g_unlink (path);

  g_mutex_lock (&disk->mutex);
  code = fault_disk_delete (disk, name, FALSE);
  g_mutex_unlock (&disk->mutex);

  return give (code);
}

gboolean
__wrap_g_file_test (const char *path, GFileTest test)
{
  struct stat status;
  const char *name;

  if (fault_disk_lookup (path, &name) == NULL)
    return __real_g_file_test (path, test);

  return (test & (G_FILE_TEST_EXISTS | G_FILE_TEST_IS_REGULAR)) != 0 && __wrap_stat64 (path, &status) == 0;
}

/* ---- Whole files ---------------------------------------------------------------------------------- */

static gboolean
report (const char *path, int code, GError **error)
{
  g_set_error (error, G_FILE_ERROR, (gint) g_file_error_from_errno (code), "%s: %s", path, g_strerror (code));

  return FALSE;
}

static int
read_contents (FaultDisk *disk, const char *name, char **contents, gsize *length)
{
  FaultFile *file = fault_disk_find (disk, name);
  int code;

  if (file == NULL)
    return ENOENT;

  *contents = g_malloc0 (file->data->len + 1);
  code = fault_file_read (disk, file, *contents, file->data->len, 0, length);
  if (code != 0)
    g_clear_pointer (contents, g_free);

  return code;
}

gboolean
__wrap_g_file_get_contents (const char *path, char **contents, gsize *length, GError **error)
{
  const char *name;
  FaultDisk *disk = fault_disk_lookup (path, &name);
  gsize n_read;
  int code;

  if (disk == NULL)
    return __real_g_file_get_contents (path, contents, length, error);

  g_mutex_lock (&disk->mutex);
  code = read_contents (disk, name, contents, &n_read);
  g_mutex_unlock (&disk->mutex);
  if (length != NULL)
    *length = n_read;

  return code == 0 || report (path, code, error);
}

static int
write_contents (FaultDisk *disk, const char *name, const char *contents, gsize length, gboolean sync)
{
  int code;
  FaultFile *file = fault_disk_make (disk, name, &code);

  if (code == 0 && file->data->len > 0)
    code = fault_file_truncate (disk, file, 0);
  if (code == 0 && length > 0)
    code = fault_file_write (disk, file, contents, length, 0);
  if (code == 0 && sync)
    code = fault_file_sync (disk, file, FALSE);

  return code;
}

/* The way of GLib: beside it, synced, and under its name at once; the name may be lost again. */
static int
replace_contents (FaultDisk *disk, const char *name, const char *contents, gsize length)
{
  g_autofree char *beside = g_strconcat (name, ".new", NULL);
  int code = write_contents (disk, beside, contents, length, TRUE);

  if (code == 0)
    code = fault_disk_rename (disk, beside, name);
  if (code != 0)
    fault_disk_delete (disk, beside, FALSE);

  return code;
}

gboolean
__wrap_g_file_set_contents_full (const char *path, const char *contents, gssize length, GFileSetContentsFlags flags,
                                 int mode, GError **error)
{
  const char *name;
  FaultDisk *disk = fault_disk_lookup (path, &name);
  gsize n = length >= 0 ? (gsize) length : strlen (contents);
  int code;

  if (disk == NULL)
    return __real_g_file_set_contents_full (path, contents, length, flags, mode, error);

  g_mutex_lock (&disk->mutex);
  code = (flags & G_FILE_SET_CONTENTS_CONSISTENT) != 0
             ? replace_contents (disk, name, contents, n)
             : write_contents (disk, name, contents, n, (flags & G_FILE_SET_CONTENTS_DURABLE) != 0);
  g_mutex_unlock (&disk->mutex);

  return code == 0 || report (path, code, error);
}
