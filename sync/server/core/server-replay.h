/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server-base.h"

G_BEGIN_DECLS

/* Groups that were settled in an epoch that ended, and were lost with it: see "Restored servers" in PROTOCOL.md. */

/* Whether the group was refused as a whole then: it stays so, and @sender->outcome tells it. */
gboolean satchel_replay_refuse_group (SatchelSender *sender);
/* Mutation number @index of the group is next. */
void satchel_replay_begin_mutation (SatchelSender *sender, guint index, const char *record);
/* Whether the mutation was refused as a whole then: it stays so. */
gboolean satchel_replay_refuse_mutation (SatchelSender *sender, const SatchelMutation *mutation,
                                         SatchelMutationOutcome *outcome);
/* Whether there is nothing left to decide about a unit: it was refused then, is in a conflict, is known here, or was
 * overtaken. The outcome tells it, under @told_as. @value: (nullable): what was typed, for the history. */
gboolean satchel_replay_unit (SatchelSender *sender, SatchelRow *row, const char *unit, JsonObject *value,
                              SatchelMutationOutcome *outcome, const char *told_as);
/* Whether the unit was merged with what others had written then: what came out is not known. */
gboolean satchel_replay_was_merged (SatchelSender *sender, const char *unit);
/* Whether the value stood aside in a conflict then: at the revision that its group was given, the unit had another. */
gboolean satchel_replay_stood_aside (SatchelSender *sender, const char *unit);
/* What the group made of the record in its time, for what was built on that; NULL of any other group. */
char *satchel_replay_dup_given (SatchelSender *sender);
/* Whether the record is here already: then its creation is known. */
gboolean satchel_replay_create (SatchelSender *sender, const SatchelMutation *mutation,
                                SatchelMutationOutcome *outcome);
/* What it was made with, as @made, goes into the history where something else stands now. */
void satchel_replay_note_creation (SatchelSender *sender, const SatchelRecord *made);
/* Whether the record is not here: then its deletion is nothing to be sorry about. */
gboolean satchel_replay_delete (SatchelSender *sender, const SatchelMutation *mutation,
                                SatchelMutationOutcome *outcome);

G_END_DECLS
