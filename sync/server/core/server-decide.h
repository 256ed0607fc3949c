/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server-base.h"
#include "server-buckets.h"

G_BEGIN_DECLS

/* Decides one group: lays it on the ledger, or what of it may be laid. @sender->outcome is filled in. */
void satchel_decide_group (SatchelSender *sender, const SatchelGroup *group);

/* Parts of it. */
void satchel_decide_create (SatchelSender *sender, const SatchelMutation *mutation, SatchelMutationOutcome *outcome);
void satchel_decide_patch (SatchelSender *sender, const SatchelMutation *mutation, SatchelMutationOutcome *outcome);
void satchel_decide_delete (SatchelSender *sender, const SatchelMutation *mutation, SatchelMutationOutcome *outcome);
void satchel_decide_restore (SatchelSender *sender, const SatchelMutation *mutation, SatchelMutationOutcome *outcome);
void satchel_decide_resolve (SatchelSender *sender, const SatchelMutation *mutation, SatchelMutationOutcome *outcome);

/* One unit of a patch. The row is visible and may be edited. */
void satchel_decide_unit (SatchelSender *sender, SatchelRow *row, const SatchelUnitChange *change,
                          SatchelMutationOutcome *outcome);
/* Whether a unit may be as in @changed: its place, what is required. Else it is refused. */
gboolean satchel_decide_check_unit (SatchelSender *sender, SatchelRow *row, SatchelRecord *changed, const char *unit,
                                    SatchelMutationOutcome *outcome, const char *told_as);
/* Lays a changed unit on a row. Takes @changed. */
void satchel_decide_apply (SatchelSender *sender, SatchelRow *row, SatchelRecord *changed, const char *unit,
                           const SatchelPast *past, JsonObject *old_value, JsonObject *new_value);

/* A code and a sentence when a record cannot be as it is, or where it would be; NULL when it can. @before, @row: NULL for
 * a new one. @unit: only what that one hangs it on has to be alive; NULL: all. */
const char *satchel_decide_find_flaw (SatchelSender *sender, const SatchelRecord *record, const SatchelRecord *before,
                                      char **reason);
const char *satchel_decide_find_place_flaw (SatchelSender *sender, const SatchelRecord *record, const SatchelRow *row,
                                            const char *unit, SatchelPlace *place, char **reason);

/* The row of a mutation, when its author may see and edit it; else refused under @unit, or under each unit. */
SatchelRow *satchel_decide_find_row (SatchelSender *sender, const SatchelMutation *mutation,
                                     SatchelMutationOutcome *outcome);
void satchel_decide_refuse_all (const SatchelMutation *mutation, SatchelMutationOutcome *outcome, const char *code,
                                const char *reason);
void satchel_decide_refuse_error (SatchelMutationOutcome *outcome, const char *unit, const GError *error);
void satchel_decide_refuse_error_all (const SatchelMutation *mutation, SatchelMutationOutcome *outcome,
                                      const GError *error);

/* The bin, in server-bin.c. */
void satchel_bin_put (SatchelSender *sender, SatchelRow *row);
void satchel_bin_put_with (SatchelSender *sender, SatchelRow *row, const char *account); /* as one that hangs on it */
gboolean satchel_bin_take_out (SatchelSender *sender, SatchelRow *row); /* FALSE: what it hangs on is in the bin */
gboolean satchel_bin_is_unchanged (SatchelSender *sender, const SatchelRow *row, const SatchelBase *base);

/* Conflicts, in server-conflict.c. */
/* Puts a value into the open conflict of a unit, or opens one. The outcome tells it, or a refusal. */
void satchel_conflict_join (SatchelSender *sender, SatchelRow *row, const char *unit, JsonObject *base,
                            JsonObject *fields, SatchelMutationOutcome *outcome, const char *told_as);
/* Takes a conflict over that was lost with an epoch. FALSE: what it is about is not here, or it says nothing new. */
gboolean satchel_conflict_recover (SatchelSender *sender, SatchelRecord *lost, const SatchelRevision *given);

G_END_DECLS
