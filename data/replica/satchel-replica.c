/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The replica as its users see it. What it does is in the replica-*.c files; here every call finds its connection. */

#include "satchel-config.h"

#include "replica-private.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "records/satchel-error.h"
#include "replica-check.h"
#include "replica-commit.h"
#include "replica-files.h"
#include "replica-lists.h"
#include "replica-opening.h"
#include "replica-outbox.h"
#include "replica-rows.h"
#include "replica-salvage.h"
#include "replica-search.h"
#include "replica-spare.h"
#include "replica-status.h"
#include "replica-tray.h"

#define WATCH_INTERVAL_MS 200

G_DEFINE_FINAL_TYPE (SatchelReplica, satchel_replica, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* ---- Life ----------------------------------------------------------------------------------------- */

static void
satchel_replica_finalize (GObject *object)
{
  SatchelReplica *self = SATCHEL_REPLICA (object);

  satchel_replica_close (self);
  g_clear_pointer (&self->schema, replica_schema_free);
  g_free (self->path);
  g_free (self->set_aside);

  G_OBJECT_CLASS (satchel_replica_parent_class)->finalize (object);
}

static void
satchel_replica_class_init (SatchelReplicaClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = satchel_replica_finalize;

  /**
   * SatchelReplica::changed:
   * @self: the replica
   * @changes: (type SatchelChanges): what changed; kept only during the emission
   *
   * Emitted after commits, in the main context that was the thread-default
   * one where the replica was opened. Commits in a row may be announced as one.
   */
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, SATCHEL_TYPE_CHANGES | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
satchel_replica_init (SatchelReplica *self)
{
  self->open_lock = -1;
  self->sync_lock = -1;
}

static void
announce_cb (SatchelChanges *changes, gpointer data)
{
  SatchelReplica *self = data;

  replica_announcer_push (self->announcer, changes);
}

static void
announcement_cb (const SatchelChanges *changes, gpointer data)
{
  g_autoptr (SatchelReplica) self = g_object_ref (data);

  g_signal_emit (self, signals[SIGNAL_CHANGED], 0, changes);
}

static void
monitor_cb (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer data)
{
  SatchelReplica *self = data;

  replica_writer_look_outside (self->writer);
}

/* Other processes write into the log too. Where files cannot be watched, what they did shows with the next change. */
static void
watch (SatchelReplica *self)
{
  g_autofree char *log = g_strconcat (self->path, "-wal", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (log);

  self->monitor = g_file_monitor_file (file, G_FILE_MONITOR_NONE, NULL, NULL);
  if (self->monitor == NULL)
    return;

  g_file_monitor_set_rate_limit (self->monitor, WATCH_INTERVAL_MS);
  g_signal_connect_object (self->monitor, "changed", G_CALLBACK (monitor_cb), self, G_CONNECT_DEFAULT);
}

static void
stop (SatchelReplica *self)
{
  g_clear_pointer (&self->readers, replica_pool_free);
  g_clear_pointer (&self->writer, replica_writer_free);
  g_clear_pointer (&self->announcer, replica_announcer_free);
}

static void
start (SatchelReplica *self)
{
  self->announcer = replica_announcer_new (announcement_cb, self);
  self->readers = replica_pool_new (self->path);
  self->writer = replica_writer_new (self->path, self->schema, announce_cb, self);
}

static gboolean
open_file (SatchelReplica *self, SatchelOpenFlags flags, GError **error)
{
  if (!replica_opening_ensure_file (self->path, flags, error) ||
      !replica_opening_check (self->path, self->open_lock >= 0 && self->was_alone, error))
    return FALSE;

  start (self);

  return replica_writer_open (self->writer, error);
}

static gboolean
restore_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  return replica_salvage_restore (tx, data, error);
}

/* The damaged file is not touched until what is in it was read and written down. */
static gboolean
open_anew (SatchelReplica *self, GError **error)
{
  g_autoptr (ReplicaKept) kept = NULL;

  if (!self->was_alone)
    {
      replica_set_error_code (SQLITE_BUSY, NULL, error);
      return FALSE;
    }

  kept = replica_salvage_gather (self->path);
  if (!replica_spare_begin_salvage (self->path, kept, error))
    return FALSE;

  self->set_aside = replica_files_set_aside (self->path, error);
  if (self->set_aside == NULL || !replica_opening_ensure_file (self->path, SATCHEL_OPEN_DEFAULT, error))
    return FALSE;

  replica_files_set_suspicious (self->path, FALSE);
  start (self);
  self->n_salvaged = kept->groups->len;

  return replica_writer_open (self->writer, error) &&
         replica_writer_run (self->writer, REPLICA_DURABILITY_FULL, restore_cb, kept, error) &&
         replica_spare_end_salvage (self->path, error);
}

/**
 * satchel_replica_open:
 * @path: the replica file
 * @vocabulary: the vocabulary, which must outlive the replica
 * @flags: see #SatchelOpenFlags
 * @error: %SATCHEL_DATA_ERROR_NOT_FOUND, _NEWER, _CORRUPT, _FULL, _BUSY or _IO
 *
 * Opens a replica and makes its tables where they are missing. Its file and
 * those beside it can be read by their owner alone.
 *
 * A file that was found damaged, now or when it was open before, is an error,
 * or with %SATCHEL_OPEN_SET_ASIDE it gets another name: then the replica is a
 * new one with all unsettled work that could be read, and asks the server for
 * the rest.
 *
 * Returns: (transfer full) (nullable): the replica
 */
SatchelReplica *
satchel_replica_open (const char *path, const SatchelVocabulary *vocabulary, SatchelOpenFlags flags, GError **error)
{
  g_autoptr (SatchelReplica) self = g_object_new (SATCHEL_TYPE_REPLICA, NULL);
  g_autoptr (GError) problem = NULL;

  self->path = g_canonicalize_filename (path, NULL);
  self->vocabulary = vocabulary;
  self->schema = replica_schema_new (vocabulary);
  if (replica_opening_is_there (self->path))
    flags &= ~(SatchelOpenFlags) SATCHEL_OPEN_MUST_EXIST;
  if ((flags & SATCHEL_OPEN_MUST_EXIST) == 0)
    self->open_lock = replica_files_lock_open (self->path, &self->was_alone);

  if (!open_file (self, flags, &problem))
    {
      stop (self);
      if ((flags & SATCHEL_OPEN_SET_ASIDE) == 0 ||
          !g_error_matches (problem, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_CORRUPT))
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return NULL;
        }
      if (!open_anew (self, error))
        return NULL;
    }

  watch (self);

  return g_steal_pointer (&self);
}

/**
 * satchel_replica_close:
 * @self: a replica
 *
 * Waits for what is being written and lets go of the file. Nothing is
 * announced afterwards; every later call fails. To be called in the thread of
 * the main context that changes are announced in.
 */
void
satchel_replica_close (SatchelReplica *self)
{
  satchel_replica_unlock_sync (self);
  if (self->monitor != NULL)
    g_file_monitor_cancel (self->monitor);
  g_clear_object (&self->monitor);

  stop (self);
  if (self->open_lock >= 0)
    close (self->open_lock);
  self->open_lock = -1;
}

const char *
satchel_replica_get_path (SatchelReplica *self)
{
  return self->path;
}

const SatchelVocabulary *
satchel_replica_get_vocabulary (SatchelReplica *self)
{
  return self->vocabulary;
}

/**
 * satchel_replica_get_set_aside:
 * @self: a replica
 * @n_salvaged: (out) (optional): how many groups of unsent work were taken over
 *
 * Returns: (nullable): where the damaged file went when opening set one aside
 */
const char *
satchel_replica_get_set_aside (SatchelReplica *self, guint *n_salvaged)
{
  if (n_salvaged != NULL)
    *n_salvaged = self->n_salvaged;

  return self->set_aside;
}

gboolean
replica_check_open (SatchelReplica *self, GError **error)
{
  if (self->writer != NULL)
    return TRUE;

  g_set_error_literal (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_IO, _ ("Your data is closed already."));

  return FALSE;
}

/* ---- Reading -------------------------------------------------------------------------------------- */

static ReplicaConnection *
take_reader (SatchelReplica *self, GError **error)
{
  return replica_check_open (self, error) ? replica_pool_take (self->readers, error) : NULL;
}

/**
 * satchel_replica_get:
 * @self: a replica
 * @id: a record's id
 * @error: %SATCHEL_DATA_ERROR_NOT_FOUND, or what went wrong with the file
 *
 * Blocks. Also finds what is in the bin.
 *
 * Returns: (transfer full) (nullable): the record as shown
 */
SatchelRecord *
satchel_replica_get (SatchelReplica *self, const char *id, GError **error)
{
  ReplicaConnection *reader = take_reader (self, error);
  g_autoptr (ReplicaRow) row = NULL;
  gboolean read;

  if (reader == NULL)
    return NULL;

  read = replica_rows_find (reader, self->schema, id, &row, error);
  replica_pool_give (self->readers, reader);

  if (read && row == NULL)
    replica_report_not_found (id, error);

  return row != NULL ? g_steal_pointer (&row->record) : NULL;
}

/**
 * satchel_replica_count:
 * @self: a replica
 * @query: what to count
 * @count: (out): how many records it finds
 * @error: what went wrong with the file
 *
 * Blocks.
 *
 * Returns: whether it was counted
 */
gboolean
satchel_replica_count (SatchelReplica *self, SatchelQuery *query, guint64 *count, GError **error)
{
  ReplicaConnection *reader = take_reader (self, error);
  gboolean counted;

  if (reader == NULL)
    return FALSE;

  counted = replica_lists_count (reader, self->schema, query, count, error);
  replica_pool_give (self->readers, reader);

  return counted;
}

/**
 * satchel_replica_page:
 * @self: a replica
 * @query: what to list
 * @after: (nullable): a record of an earlier page; need not exist any more
 * @limit: how many records at most
 * @error: what went wrong with the file
 *
 * Reads what the query finds behind @after, or from its start. Blocks. The
 * time taken does not grow with what is before the page as long as the query
 * keeps its type's own order.
 *
 * Returns: (transfer full) (element-type SatchelRecord) (nullable): the records
 */
GPtrArray *
satchel_replica_page (SatchelReplica *self, SatchelQuery *query, const SatchelRecord *after, guint limit,
                      GError **error)
{
  ReplicaConnection *reader = take_reader (self, error);
  GPtrArray *records;

  if (reader == NULL)
    return NULL;

  records = replica_lists_page (reader, self->schema, query, after, limit, error);
  replica_pool_give (self->readers, reader);

  return records;
}

/**
 * satchel_replica_outline:
 * @self: a replica
 * @query: what to list
 * @page_size: how many records a page has
 * @error: what went wrong with the file
 *
 * Walks once over all that the query finds, without reading the records.
 * Blocks, for about 0.2 s per million records.
 *
 * Returns: (transfer full) (nullable): the shape of the list
 */
SatchelOutline *
satchel_replica_outline (SatchelReplica *self, SatchelQuery *query, guint page_size, GError **error)
{
  ReplicaConnection *reader = take_reader (self, error);
  SatchelOutline *outline;

  g_return_val_if_fail (page_size > 0, NULL);
  if (reader == NULL)
    return NULL;

  outline = replica_lists_outline (reader, self->schema, query, page_size, error);
  replica_pool_give (self->readers, reader);

  return outline;
}

/**
 * satchel_replica_page_at:
 * @self: a replica
 * @query: the query that @outline is of
 * @outline: an outline
 * @page: a page's number, from 0
 * @error: what went wrong with the file
 *
 * Blocks. What was changed since the outline was made shows up in its pages as
 * it can; a new outline puts it right.
 *
 * Returns: (transfer full) (element-type SatchelRecord) (nullable): the page's records
 */
GPtrArray *
satchel_replica_page_at (SatchelReplica *self, SatchelQuery *query, const SatchelOutline *outline, guint page,
                         GError **error)
{
  ReplicaConnection *reader = take_reader (self, error);
  GPtrArray *records;

  if (reader == NULL)
    return NULL;

  records = replica_lists_page_at (reader, self->schema, query, outline, page, error);
  replica_pool_give (self->readers, reader);

  return records;
}

/**
 * satchel_replica_search:
 * @self: a replica
 * @text: what a person typed; any text
 * @types: (nullable) (array zero-terminated=1): where to look
 * @limit: how many records at most
 * @error: what went wrong with the file
 *
 * Finds records whose texts have every word of @text, from the middle of a
 * word too, or a telephone number with its digits. Blocks.
 *
 * Returns: (transfer full) (element-type SatchelRecord) (nullable): best first
 */
GPtrArray *
satchel_replica_search (SatchelReplica *self, const char *text, const SatchelType *const *types, guint limit,
                        GError **error)
{
  ReplicaConnection *reader = take_reader (self, error);
  GPtrArray *records;

  if (reader == NULL)
    return NULL;

  records = replica_search (reader, self->schema, text, types, limit, error);
  replica_pool_give (self->readers, reader);

  return records;
}

/**
 * satchel_replica_list_pending:
 * @self: a replica
 * @error: what went wrong with the file
 *
 * Blocks.
 *
 * Returns: (transfer full) (element-type SatchelWork) (nullable): the groups that are not settled, oldest first
 */
GPtrArray *
satchel_replica_list_pending (SatchelReplica *self, GError **error)
{
  ReplicaConnection *reader = take_reader (self, error);
  GPtrArray *list;

  if (reader == NULL)
    return NULL;

  list = replica_outbox_list (reader, error);
  replica_pool_give (self->readers, reader);

  return list;
}

/**
 * satchel_replica_list_tray:
 * @self: a replica
 * @error: what went wrong with the file
 *
 * Blocks.
 *
 * Returns: (transfer full) (element-type SatchelWork) (nullable): what was refused, oldest first
 */
GPtrArray *
satchel_replica_list_tray (SatchelReplica *self, GError **error)
{
  ReplicaConnection *reader = take_reader (self, error);
  GPtrArray *list;

  if (reader == NULL)
    return NULL;

  list = replica_tray_list (reader, error);
  replica_pool_give (self->readers, reader);

  return list;
}

/**
 * satchel_replica_list_conflicts:
 * @self: a replica
 * @error: what went wrong with the file
 *
 * Blocks.
 *
 * Returns: (transfer full) (element-type SatchelRecord) (nullable): the open conflicts, oldest first
 */
GPtrArray *
satchel_replica_list_conflicts (SatchelReplica *self, GError **error)
{
  ReplicaConnection *reader = take_reader (self, error);
  GPtrArray *list;

  if (reader == NULL)
    return NULL;

  list = replica_status_list_conflicts (reader, self->schema, error);
  replica_pool_give (self->readers, reader);

  return list;
}

/**
 * satchel_replica_get_status:
 * @self: a replica
 * @error: what went wrong with the file
 *
 * Blocks.
 *
 * Returns: (transfer full) (nullable): how the replica stands
 */
SatchelStatus *
satchel_replica_get_status (SatchelReplica *self, GError **error)
{
  ReplicaConnection *reader = take_reader (self, error);
  SatchelStatus *status;

  if (reader == NULL)
    return NULL;

  status = replica_status_new (reader, self->schema, error);
  replica_pool_give (self->readers, reader);

  return status;
}

/* ---- Writing -------------------------------------------------------------------------------------- */

typedef struct
{
  SatchelGroup *group;
  SatchelGroup *undo;
} Committing;

static gboolean
commit_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  Committing *committing = data;

  return replica_commit_group (tx, committing->group, committing->undo, error);
}

/**
 * satchel_replica_commit:
 * @self: a replica
 * @edit: what a person did; an empty one changes nothing
 * @undo: (out) (optional): the edit that takes it back; empty when it cannot be
 * @error: why it cannot be done, in words for a person
 *
 * Lays the edit over the rows and lets it wait to be sent, in one transaction
 * that is on disk when this returns. Blocks. On an error nothing has changed.
 *
 * Returns: whether it was done
 */
gboolean
satchel_replica_commit (SatchelReplica *self, SatchelEdit *edit, SatchelEdit **undo, GError **error)
{
  g_autoptr (SatchelEdit) undone = satchel_edit_new ();
  Committing committing = { (SatchelGroup *) satchel_edit_peek_group (edit),
                            (SatchelGroup *) satchel_edit_peek_group (undone) };

  if (!replica_check_open (self, error))
    return FALSE;

  satchel_edit_set_strict (undone, committing.group->strict);
  if (!satchel_edit_is_empty (edit) &&
      !replica_writer_run (self->writer, REPLICA_DURABILITY_FULL, commit_cb, &committing, error))
    {
      committing.group->n = 0;
      return FALSE;
    }

  if (undo != NULL)
    *undo = g_steal_pointer (&undone);

  return TRUE;
}

static gboolean
tray_retry_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  return replica_tray_retry (tx, data, error);
}

/**
 * satchel_replica_tray_retry:
 * @self: a replica
 * @entry_id: an entry's id
 * @error: %SATCHEL_DATA_ERROR_NOT_FOUND, or why it cannot be done now, in words for a person
 *
 * Does once more what was refused: it is shown again and waits to be sent, as
 * a new group. Blocks.
 *
 * Returns: whether it waits to be sent
 */
gboolean
satchel_replica_tray_retry (SatchelReplica *self, const char *entry_id, GError **error)
{
  return replica_check_open (self, error) &&
         replica_writer_run (self->writer, REPLICA_DURABILITY_FULL, tray_retry_cb, (gpointer) entry_id, error);
}

static gboolean
tray_drop_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  return replica_tray_drop (tx, data, error);
}

/**
 * satchel_replica_tray_drop:
 * @self: a replica
 * @entry_id: an entry's id
 * @error: %SATCHEL_DATA_ERROR_NOT_FOUND, or what went wrong with the file
 *
 * Lets go of what was refused, because a person said so. Blocks.
 *
 * Returns: whether it is gone
 */
gboolean
satchel_replica_tray_drop (SatchelReplica *self, const char *entry_id, GError **error)
{
  return replica_check_open (self, error) &&
         replica_writer_run (self->writer, REPLICA_DURABILITY_FULL, tray_drop_cb, (gpointer) entry_id, error);
}
