/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server-outcomes.h"
#include "server-ledger.h"

G_BEGIN_DECLS

/**
 * SatchelBaseKind: what a change was made on.
 * @SATCHEL_BASE_REVISION: a revision
 * @SATCHEL_BASE_SUBMITTED: the device's own value, which was merged with others' then
 * @SATCHEL_BASE_CONFLICT: the device's own value, which is or was a value of a conflict
 * @SATCHEL_BASE_REFUSED: the device's own value, which was refused
 * @SATCHEL_BASE_UNKNOWN: nothing that the server knows
 */
typedef enum
{
  SATCHEL_BASE_REVISION,
  SATCHEL_BASE_SUBMITTED,
  SATCHEL_BASE_CONFLICT,
  SATCHEL_BASE_REFUSED,
  SATCHEL_BASE_UNKNOWN,
} SatchelBaseKind;

/**
 * SatchelBase:
 * @own: it was given as "@N"
 * @device, @given: (nullable): of such a one, who sent group N, and what revision of the record it was given
 * @submitted: (nullable): the unit's value as the device sent it, of a SUBMITTED or CONFLICT
 * @conflict: (nullable): id
 */
typedef struct
{
  SatchelBaseKind kind;
  gboolean own;
  char *device;
  gint64 given;
  SatchelRevision revision;
  JsonObject *submitted;
  char *conflict;
} SatchelBase;

/**
 * SatchelSender: who sent the groups that are decided.
 * @devices: the device, and those that it was forked from
 * @outcome: of the group that is decided just now
 * @replay: (nullable): what came of that group in an epoch that ended
 * @replayed: (nullable): what came of its mutation that is decided just now
 * @offered: (nullable): the record that they bring back, whoever changed it
 */
typedef struct
{
  SatchelLedger *ledger;
  char **devices;
  SatchelGroupOutcome *outcome;
  JsonObject *replay;
  JsonObject *replayed;
  const SatchelRecord *offered;
} SatchelSender;

/* @unit: NULL for the record as a whole. */
void satchel_base_find (SatchelSender *sender, const char *base, const char *record, const char *unit,
                        SatchelBase *found);
void satchel_base_clear (SatchelBase *self);

/* Whether the unit (NULL: the record) is as it was at the base; of a base of one's own, but for one's own changes. */
gboolean satchel_base_is_unchanged (SatchelSender *sender, const SatchelRow *row, const char *unit,
                                    const SatchelBase *base);
/* The value of the unit at the base: from the history. */
JsonObject *satchel_base_dup_value (SatchelSender *sender, const SatchelRow *row, const char *unit,
                                    const SatchelBase *base, JsonObject *like);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SatchelBase, satchel_base_clear)

G_END_DECLS
