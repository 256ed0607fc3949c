/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server-rights.h"

G_BEGIN_DECLS

/**
 * SatchelRow: a record while it is worked on.
 *
 * @record: as it is now; not to be changed but through SatchelWork
 * @units: unit to revision, of the units that were changed after the creation
 */
typedef struct
{
  const SatchelType *type;
  SatchelRecord *record;
  char *epoch;
  gint64 n;
  GHashTable *units;
  char *bucket;
  char *stored_bucket; /* where the store has it */
  char *account;
  char *target;
  char *device;
  gboolean is_new; /* the store does not have it yet */
  gboolean dirty;
  guint changed_in; /* the mutation that gave the revision */
} SatchelRow;

/**
 * SatchelWork:
 *
 * What one transaction reads and changes, in memory: records are read once,
 * changed as often as the groups of a request want, and written in one batch
 * at the end. A strict group is taken back without asking the store.
 *
 * A failure of the store is latched: reading goes on with nothing, and
 * satchel_work_get_error() tells at the end that none of it counts.
 */
typedef struct _SatchelWork SatchelWork;

SatchelWork *satchel_work_new (SatchelView *view);
void satchel_work_free (SatchelWork *self);
SatchelView *satchel_work_get_view (SatchelWork *self);
const GError *satchel_work_get_error (SatchelWork *self);
void satchel_work_fail (SatchelWork *self, GError *error); /* takes it; keeps the first one */

/* Reading. */
void satchel_work_load (SatchelWork *self, GPtrArray *ids); /* (element-type utf8): many at once */
SatchelRow *satchel_work_find (SatchelWork *self, const char *id); /* NULL: not there */
GPtrArray *satchel_work_list_hanging (SatchelWork *self, const char *account); /* (element-type SatchelRow) */
GPtrArray *satchel_work_list_about (SatchelWork *self, const char *target);
const char *satchel_work_find_conflict (SatchelWork *self, const char *target, const char *unit); /* open one's id */
/* Changes of a record after number @after, the oldest first; of one unit, or of all: NULL. */
GPtrArray *satchel_work_list_changes (SatchelWork *self, const SatchelRow *row, const char *unit, gint64 after);

/* Changing. A mutation is begun before the changes that it makes; every record it changes gets one new revision. */
void satchel_work_begin_mutation (SatchelWork *self, const char *kind, const char *at);
const char *satchel_work_get_at (SatchelWork *self);
SatchelRow *satchel_work_add (SatchelWork *self, SatchelRecord *record); /* takes it */
void satchel_work_change (SatchelWork *self, SatchelRow *row, SatchelRecord *changed, const char *unit,
                          JsonObject *old_value, JsonObject *new_value); /* takes @changed */
void satchel_work_move (SatchelWork *self, SatchelRow *row, const char *bucket, const char *account,
                        const char *target);
void satchel_work_set_conflict (SatchelWork *self, const char *target, const char *unit, const char *conflict);
void satchel_work_add_group (SatchelWork *self, SatchelStoredGroup *group); /* takes it */
SatchelStoredGroup *satchel_work_find_group (SatchelWork *self, const char *device, gint64 n); /* of this work */

/* A strict group: everything since the mark can be taken back. */
void satchel_work_mark (SatchelWork *self);
void satchel_work_unmark (SatchelWork *self);
void satchel_work_take_back (SatchelWork *self);

/* Writes everything. @touched: (element-type utf8): set of the buckets that have news. */
gboolean satchel_work_save (SatchelWork *self, GHashTable *touched, GError **error);

/* Rows. */
char *satchel_row_dup_revision (const SatchelRow *self);
void satchel_row_get_revision (const SatchelRow *self, SatchelRevision *revision);
gboolean satchel_row_get_unit_revision (const SatchelRow *self, const char *unit, SatchelRevision *revision);
gboolean satchel_row_is_binned (const SatchelRow *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelWork, satchel_work_free)

G_END_DECLS
