/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server-rights.h"
#include "server-row.h"

G_BEGIN_DECLS

/**
 * SatchelLedger:
 *
 * What one transaction reads and changes, in memory: records are read once,
 * changed as often as the groups of a request want, and written in one batch
 * at the end. A strict group is taken back without asking the store.
 *
 * A failure of the store is latched: reading goes on with nothing, and
 * satchel_ledger_get_error() tells at the end that none of it counts.
 */
typedef struct _SatchelLedger SatchelLedger;

SatchelLedger *satchel_ledger_new (SatchelView *view);
void satchel_ledger_free (SatchelLedger *self);
SatchelView *satchel_ledger_get_view (SatchelLedger *self);
const GError *satchel_ledger_get_error (SatchelLedger *self);
void satchel_ledger_fail (SatchelLedger *self, GError *error); /* takes it; keeps the first one */

/* Reading. */
void satchel_ledger_load (SatchelLedger *self, GPtrArray *ids); /* (element-type utf8): many at once */
SatchelRow *satchel_ledger_find (SatchelLedger *self, const char *id); /* NULL: not there */
GPtrArray *satchel_ledger_list_hanging (SatchelLedger *self, const char *account); /* (element-type SatchelRow) */
GPtrArray *satchel_ledger_list_about (SatchelLedger *self, const char *target);
const char *satchel_ledger_find_conflict (SatchelLedger *self, const char *target,
                                          const char *unit); /* open one's id */
/* Whether a record of that id was deleted for good. */
gboolean satchel_ledger_is_buried (SatchelLedger *self, const char *id);
/* Whether somebody else signs in by that name, as it will be when this is saved. */
gboolean satchel_ledger_has_login (SatchelLedger *self, const char *name, const char *except);
/* Changes of a record that @after does not know, the oldest first; of one unit, or of all: NULL. */
GPtrArray *satchel_ledger_list_changes (SatchelLedger *self, const SatchelRow *row, const char *unit,
                                        const SatchelRevision *after);

/* Changing. A mutation is begun before the changes that it makes; every record it changes gets one new revision. */
void satchel_ledger_begin_mutation (SatchelLedger *self, const char *kind, const char *at);
const char *satchel_ledger_get_at (SatchelLedger *self);
/* The mutation was begun in an epoch that ended, and gave @record a revision there. */
void satchel_ledger_set_given (SatchelLedger *self, const char *record, const SatchelRevision *given);
gboolean satchel_ledger_get_given (SatchelLedger *self, const char *record, SatchelRevision *given);
SatchelRow *satchel_ledger_add (SatchelLedger *self, SatchelRecord *record); /* takes it */
void satchel_ledger_change (SatchelLedger *self, SatchelRow *row, SatchelRecord *changed, const char *unit,
                            const SatchelPast *past, JsonObject *old_value, JsonObject *new_value); /* takes @changed */
void satchel_ledger_note (SatchelLedger *self, const SatchelRow *row, const char *unit, const SatchelRevision *revision,
                          JsonObject *value);
void satchel_ledger_move (SatchelLedger *self, SatchelRow *row, const char *bucket, const char *account,
                          const char *target);
void satchel_ledger_set_conflict (SatchelLedger *self, const char *target, const char *unit, const char *conflict);
void satchel_ledger_add_group (SatchelLedger *self, SatchelStoredGroup *group); /* takes it */
SatchelStoredGroup *satchel_ledger_find_group (SatchelLedger *self, const char *device, gint64 n); /* of this ledger */

/* A strict group: everything since the mark can be taken back. */
void satchel_ledger_mark (SatchelLedger *self);
void satchel_ledger_unmark (SatchelLedger *self);
void satchel_ledger_take_back (SatchelLedger *self);

/* Writes everything. @touched: (element-type utf8): set of the buckets that have news. */
/* (element-type utf8): the ids of what will be written of a type; for telling. */
GPtrArray *satchel_ledger_list_changed (SatchelLedger *self, const char *type);
gboolean satchel_ledger_save (SatchelLedger *self, GHashTable *touched, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelLedger, satchel_ledger_free)

G_END_DECLS
