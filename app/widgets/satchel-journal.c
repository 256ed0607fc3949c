/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a person typed and did not save yet, one small file each, in a folder beside the replica. */

#include "satchel-journal.h"

#include <errno.h>

#include <glib/gstdio.h>

typedef struct
{
  char *key;
  char *text; /* nullable */
} Entry;

static void
entry_free (Entry *entry)
{
  g_free (entry->key);
  g_free (entry->text);
  g_free (entry);
}

static Entry *
entry_new (const char *key, const char *text)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->key = g_strdup (key);
  entry->text = g_strdup (text);
  return entry;
}

static char *
dup_folder (SatchelReplica *replica)
{
  return g_strconcat (satchel_replica_get_path (replica), ".drafts", NULL);
}

static char *
dup_file (SatchelReplica *replica, const char *key)
{
  g_autofree char *folder = dup_folder (replica);

  return g_build_filename (folder, key, NULL);
}

static gpointer
write_entry (SatchelReplica *replica, gpointer data, GError **error)
{
  Entry *entry = data;
  g_autofree char *folder = dup_folder (replica);
  g_autofree char *file = dup_file (replica, entry->key);

  g_mkdir_with_parents (folder, 0700);
  g_file_set_contents_full (file, entry->text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
  return NULL;
}

static gpointer
remove_entry (SatchelReplica *replica, gpointer data, GError **error)
{
  Entry *entry = data;
  g_autofree char *file = dup_file (replica, entry->key);

  g_unlink (file);
  return NULL;
}

static gpointer
read_entry (SatchelReplica *replica, gpointer data, GError **error)
{
  Entry *entry = data;
  g_autofree char *file = dup_file (replica, entry->key);
  char *text = NULL;

  g_file_get_contents (file, &text, NULL, NULL);
  return text;
}

/**
 * satchel_journal_write:
 * @key: what it is, a name of a file
 * @text: what was typed
 *
 * Keeps what was typed, in line with what is being saved. Where that fails
 * nothing is said: it is a second net under what is saved anyway.
 */
void
satchel_journal_write (SatchelServices *services, const char *key, const char *text)
{
  dex_future_disown (
      satchel_services_write (services, write_entry, entry_new (key, text), (GDestroyNotify) entry_free, NULL));
}

/**
 * satchel_journal_remove:
 * @key: what it is
 *
 * Forgets what was kept, after what is being saved.
 */
void
satchel_journal_remove (SatchelServices *services, const char *key)
{
  dex_future_disown (
      satchel_services_write (services, remove_entry, entry_new (key, NULL), (GDestroyNotify) entry_free, NULL));
}

/**
 * satchel_journal_read:
 * @key: what it is
 *
 * Returns: (transfer full): a future for satchel_await() of the text that was kept, or of %NULL
 */
DexFuture *
satchel_journal_read (SatchelServices *services, const char *key)
{
  return satchel_services_write (services, read_entry, entry_new (key, NULL), (GDestroyNotify) entry_free, g_free);
}
