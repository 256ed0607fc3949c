/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-edit.h"
#include "satchel-query.h"

G_BEGIN_DECLS

/**
 * SatchelReplica:
 *
 * A rep's accounts on this device: one SQLite file. Tables hold records as
 * shown: the server's version with the device's own pending work laid over.
 *
 * One writer thread with its own connection performs every write and every
 * checkpoint; readers are read-only connections taken from a pool. Every call
 * that reads or writes blocks, may be made on any thread but one that has
 * called satchel_replica_forbid_queries() (the UI thread), where it aborts.
 */
#define SATCHEL_TYPE_REPLICA (satchel_replica_get_type ())
G_DECLARE_FINAL_TYPE (SatchelReplica, satchel_replica, SATCHEL, REPLICA, GObject)

/**
 * SatchelOpenFlags:
 * @SATCHEL_OPEN_DEFAULT: opened for reading and writing; made when it is missing
 * @SATCHEL_OPEN_MUST_EXIST: a missing file is an error
 * @SATCHEL_OPEN_SET_ASIDE: a damaged file is set aside and its unsent work taken over into a new one
 */
typedef enum
{
  SATCHEL_OPEN_DEFAULT = 0,
  SATCHEL_OPEN_MUST_EXIST = 1 << 0,
  SATCHEL_OPEN_SET_ASIDE = 1 << 1,
} SatchelOpenFlags;

SatchelReplica *satchel_replica_open (const char *path, const SatchelVocabulary *vocabulary, SatchelOpenFlags flags,
                                      GError **error);
void satchel_replica_close (SatchelReplica *self);
const char *satchel_replica_get_path (SatchelReplica *self);
const SatchelVocabulary *satchel_replica_get_vocabulary (SatchelReplica *self);
/* Where the damaged file went, when opening set one aside; how many groups of unsent work were taken over. */
const char *satchel_replica_get_set_aside (SatchelReplica *self, guint *n_salvaged);
void satchel_replica_forbid_queries (void);

/* Signal "changed" (SatchelReplica *, SatchelChanges *): after each commit, in the main context that was the
 * thread-default one where the replica was opened. Also after commits of other processes on the same file (then
 * with everything marked). */
typedef struct
{
  GHashTable *ids; /* (element-type utf8): changed record ids; NULL: anything may have changed */
  guint64 types; /* bit N: the type of number N has changes */
  gboolean outbox; /* pending work, tray or sync state changed */
} SatchelChanges;
#define SATCHEL_TYPE_CHANGES (satchel_changes_get_type ())
GType satchel_changes_get_type (void);
gboolean satchel_changes_has_type (const SatchelChanges *self, const SatchelType *type);
gboolean satchel_changes_has_id (const SatchelChanges *self, const char *id);

/* Reading. */
SatchelRecord *satchel_replica_get (SatchelReplica *self, const char *id, GError **error); /* binned ones too */
gboolean satchel_replica_count (SatchelReplica *self, SatchelQuery *query, guint64 *count, GError **error);
/* The page after (or from the start: NULL) a record of an earlier page, by key. */
GPtrArray *satchel_replica_page (SatchelReplica *self, SatchelQuery *query, const SatchelRecord *after, guint limit,
                                 GError **error);

/**
 * SatchelOutline: the shape of a long list: how many, where each page starts, where each section starts.
 *
 * @n_records: how many records the query has
 * @page_size: how many records a page has
 * @pages: (element-type GBytes): opaque keys; page i is read with satchel_replica_page_at()
 * @sections: (element-type SatchelSection): headings with their first position, when the order has headings
 */
typedef struct
{
  guint64 n_records;
  guint page_size;
  GPtrArray *pages;
  GArray *sections;
} SatchelOutline;
typedef struct
{
  char heading[8];
  guint64 start;
} SatchelSection;
SatchelOutline *satchel_replica_outline (SatchelReplica *self, SatchelQuery *query, guint page_size, GError **error);
void satchel_outline_free (SatchelOutline *outline);
GPtrArray *satchel_replica_page_at (SatchelReplica *self, SatchelQuery *query, const SatchelOutline *outline,
                                    guint page, GError **error);

/* Search over every searchable type, best first: titles that begin so, then titles, then the rest; newest first
 * within. @types: (nullable): NULL-terminated list to look in. */
GPtrArray *satchel_replica_search (SatchelReplica *self, const char *text, const SatchelType *const *types, guint limit,
                                   GError **error);

/* What the device has not settled yet. */
typedef struct
{
  char *id; /* of a tray entry */
  gint64 n; /* of a group */
  char *at;
  gboolean strict;
  gboolean sent;
  char *reason; /* of a tray entry: for people */
  char *code; /* of a tray entry: permission, validation, gone, too_large, stale, dependency, … */
  GPtrArray *mutations; /* (element-type SatchelMutation) */
} SatchelWork;
void satchel_work_free (SatchelWork *work);
GPtrArray *satchel_replica_list_pending (SatchelReplica *self, GError **error);
GPtrArray *satchel_replica_list_tray (SatchelReplica *self, GError **error);
GPtrArray *satchel_replica_list_conflicts (SatchelReplica *self, GError **error); /* open SatchelRecords */

typedef struct
{
  char *server; /* URL or NULL when not connected */
  char *user_id;
  char *user_name;
  char *device_id;
  char *last_sync; /* time, or NULL */
  guint pending; /* groups not settled */
  guint conflicts;
  guint tray;
  gboolean arriving; /* a first sync or backfill has not ended */
  guint64 *records; /* live records by type number, 64 of them */
} SatchelStatus;
SatchelStatus *satchel_replica_get_status (SatchelReplica *self, GError **error);
void satchel_status_free (SatchelStatus *status);

/* Writing: one transaction: rows, search, outbox. On success the edit's ids and groups are final.
 * @undo: (out) (optional): the edit that takes it back. */
gboolean satchel_replica_commit (SatchelReplica *self, SatchelEdit *edit, SatchelEdit **undo, GError **error);
gboolean satchel_replica_tray_retry (SatchelReplica *self, const char *entry_id, GError **error);
gboolean satchel_replica_tray_drop (SatchelReplica *self, const char *entry_id, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelOutline, satchel_outline_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelStatus, satchel_status_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelWork, satchel_work_free)

G_END_DECLS
