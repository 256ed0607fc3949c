/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server-core.h"

G_BEGIN_DECLS

/**
 * SatchelPast: what a unit is of an epoch that ended.
 * @revision: everything of the unit up to this one is known here; n is 0: nothing is known of it
 * @same: it is what it was at that revision; else it was changed since on sight of that
 */
typedef struct
{
  SatchelRevision revision;
  gboolean same;
} SatchelPast;

/**
 * SatchelUnitRevision: when a unit was changed. What was lost with an epoch and brought back is of two epochs.
 */
typedef struct
{
  SatchelRevision at;
  SatchelPast past;
} SatchelUnitRevision;

/* Whether whoever has seen the record at @base has seen the unit as it is. */
gboolean satchel_unit_revision_is_known (const SatchelServer *server, const SatchelUnitRevision *self,
                                         const SatchelRevision *base);

/**
 * SatchelRow: a record while it is worked on.
 *
 * @record: as it is now; not to be changed but through SatchelLedger
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

SatchelRow *satchel_row_new (SatchelRecord *record, const SatchelRevision *revision); /* takes the record */
SatchelRow *satchel_row_new_from_stored (const SatchelVocabulary *vocabulary, const SatchelStored *stored,
                                         GError **error);
SatchelStored *satchel_row_to_stored (SatchelRow *row);
SatchelRow *satchel_row_copy (const SatchelRow *self);
void satchel_row_clear (SatchelRow *self);
void satchel_row_free (gpointer row); /* NULL is none */

/* Asking. */
char *satchel_row_dup_revision (const SatchelRow *self);
void satchel_row_get_revision (const SatchelRow *self, SatchelRevision *revision);
gboolean satchel_row_get_unit_revision (const SatchelRow *self, const char *unit, SatchelUnitRevision *revision);
void satchel_row_set_unit_revision (SatchelRow *self, const char *unit, const SatchelUnitRevision *revision);
/* Whether the unit has everything that was in it at @revision, or was changed since by somebody who knew that. */
gboolean satchel_row_knows (const SatchelRow *self, const char *unit, const SatchelRevision *revision);
/* Which of its units were changed last is not known: all of them might have been at @revision. */
void satchel_row_date_units (SatchelRow *self, const SatchelRevision *revision);
gboolean satchel_row_is_binned (const SatchelRow *self);

G_END_DECLS
