/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-record.h"

G_BEGIN_DECLS

/**
 * SatchelMutationKind:
 * @SATCHEL_MUTATION_CREATE: a new record, all units given
 * @SATCHEL_MUTATION_PATCH: some units of a record
 * @SATCHEL_MUTATION_DELETE: to the bin, with what hangs on it
 * @SATCHEL_MUTATION_RESTORE: back from the bin, with what went there with it
 * @SATCHEL_MUTATION_RESOLVE: settles a conflict; the record is the conflict
 */
typedef enum
{
  SATCHEL_MUTATION_CREATE,
  SATCHEL_MUTATION_PATCH,
  SATCHEL_MUTATION_DELETE,
  SATCHEL_MUTATION_RESTORE,
  SATCHEL_MUTATION_RESOLVE,
} SatchelMutationKind;

const char *satchel_mutation_kind_to_string (SatchelMutationKind kind);
gboolean satchel_mutation_kind_from_string (const char *text, SatchelMutationKind *kind);

/**
 * SatchelUnitChange:
 * @unit: the unit's name; `extra.KEY` for a custom or unknown field
 * @base: (nullable): what it was made on: a revision, or `@N` for the device's own group N; %NULL in a create
 * @value: (nullable): the unit's whole new value, a JSON object of its fields; %NULL for a set
 * @add: (nullable): members that a set gains
 * @remove: (nullable): members that a set loses
 */
typedef struct
{
  char *unit;
  char *base;
  JsonObject *value;
  char **add;
  char **remove;
} SatchelUnitChange;

/**
 * SatchelMutation:
 * @type: the type's name (kept as text: a newer version's types pass through)
 * @id: the record's id
 * @base: (nullable): for delete, restore and resolve, the record's revision seen, or `@N`
 * @units: (element-type SatchelUnitChange): the changed units, for create and patch
 * @resolution: (nullable): for resolve: `{"seen": COUNT, "keep": "current" | NUMBER-FROM-1 | "value",
 *   "value": {fields}, "target_base": BASE}`
 *
 * One change of one record. Plain data.
 */
typedef struct
{
  char *type;
  char *id;
  SatchelMutationKind kind;
  char *base;
  GPtrArray *units;
  JsonObject *resolution;
} SatchelMutation;

/**
 * SatchelGroup:
 * @n: the device's counter, from 1 without gaps; 0 until it is given
 * @strict: all of it applies or none
 * @at: when it was made, for showing only
 * @hash: (nullable): of the group's canonical text and the hash before it, see PROTOCOL.md
 * @mutations: (element-type SatchelMutation)
 * @outcome: (nullable): what came of it when it was settled once, as the server told it; no part of the group itself
 *
 * What was changed in one local transaction.
 */
typedef struct
{
  gint64 n;
  gboolean strict;
  char *at;
  char *hash;
  GPtrArray *mutations;
  JsonObject *outcome;
} SatchelGroup;

SatchelUnitChange *satchel_unit_change_new (const char *unit, const char *base);
void satchel_unit_change_free (SatchelUnitChange *self);
SatchelMutation *satchel_mutation_new (SatchelMutationKind kind, const char *type, const char *id);
void satchel_mutation_free (SatchelMutation *self);
SatchelUnitChange *satchel_mutation_find_unit (const SatchelMutation *self, const char *unit);
SatchelGroup *satchel_group_new (void);
void satchel_group_free (SatchelGroup *self);

/* JSON, the same in the outbox, on the wire and in the server's log. Reading checks shape and names, not rights. */
JsonObject *satchel_mutation_to_json (const SatchelMutation *self);
SatchelMutation *satchel_mutation_from_json (JsonObject *object, GError **error);
JsonObject *satchel_group_to_json (const SatchelGroup *self);
SatchelGroup *satchel_group_from_json (JsonObject *object, GError **error);

/* SHA-256, hex, over previous hash (or "") + "\n" + canonical text of {n, strict, at, mutations}. */
char *satchel_group_compute_hash (const SatchelGroup *self, const char *previous_hash);

/* Lays one change over a record as the overlay and the server do when nothing stands against it. */
gboolean satchel_unit_change_apply (const SatchelUnitChange *self, SatchelRecord *record, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelUnitChange, satchel_unit_change_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelMutation, satchel_mutation_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelGroup, satchel_group_free)

G_END_DECLS
