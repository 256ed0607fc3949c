/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What became of a unit, a mutation, a group; and its JSON, see PROTOCOL.md. */
typedef enum
{
  SATCHEL_OUTCOME_APPLIED,
  SATCHEL_OUTCOME_MERGED,
  SATCHEL_OUTCOME_CONFLICT,
  SATCHEL_OUTCOME_REFUSED,
  SATCHEL_OUTCOME_N_KINDS,
} SatchelOutcomeKind;

#define SATCHEL_REFUSED_PERMISSION "permission"
#define SATCHEL_REFUSED_VALIDATION "validation"
#define SATCHEL_REFUSED_GONE "gone"
#define SATCHEL_REFUSED_EXISTS "exists"
#define SATCHEL_REFUSED_TOO_LARGE "too_large"
#define SATCHEL_REFUSED_STALE "stale"
#define SATCHEL_REFUSED_DEPENDENCY "dependency"
#define SATCHEL_REFUSED_UNKNOWN_TYPE "unknown_type"

/* The code of that name; VALIDATION for one that nobody knows. */
const char *satchel_refused_code (const char *name);

/* Names of units that stand for a mutation as a whole. */
#define SATCHEL_UNIT_DELETED "deleted"
#define SATCHEL_UNIT_RESOLUTION "resolution"
#define SATCHEL_UNIT_WHOLE "*"

typedef struct
{
  char *unit;
  SatchelOutcomeKind kind;
  char *conflict; /* its id */
  char *joined; /* (nullable): the conflict's revision that holds the value */
  const char *code; /* of a refusal; static */
  char *reason;
} SatchelUnitOutcome;

typedef struct
{
  char *id;
  char *rev; /* NULL: there is no such record, or nothing is told of it */
  char *given; /* NULL: as @rev; of a group that was replayed: what it made of the record in its time */
  GPtrArray *units; /* (element-type SatchelUnitOutcome) */
  char *seen; /* revision that its author had seen; not told */
} SatchelMutationOutcome;

typedef struct
{
  gint64 n;
  GPtrArray *mutations; /* (element-type SatchelMutationOutcome) */
  const char *code; /* of a group that is refused as a whole */
  char *reason;
} SatchelGroupOutcome;

SatchelGroupOutcome *satchel_group_outcome_new (gint64 n);
void satchel_group_outcome_free (SatchelGroupOutcome *self);
SatchelMutationOutcome *satchel_group_outcome_add (SatchelGroupOutcome *self, const char *id);
/* The whole group is refused; what its mutations did is forgotten. */
void satchel_group_outcome_refuse (SatchelGroupOutcome *self, const char *code, const char *reason);
/* The first thing that did not go through: a refusal's code, or that of a conflict, where those count. */
gboolean satchel_group_outcome_find_obstacle (const SatchelGroupOutcome *self, gboolean conflicts_count,
                                              const char **code, const char **reason);
gboolean satchel_group_outcome_is_plain (const SatchelGroupOutcome *self);
const char *satchel_group_outcome_get_result (const SatchelGroupOutcome *self); /* "applied", "partial", "refused" */
char *satchel_group_outcome_to_text (const SatchelGroupOutcome *self);
char *satchel_group_outcome_dup_seen (const SatchelGroupOutcome *self); /* NULL: nothing worth keeping */

void satchel_mutation_outcome_apply (SatchelMutationOutcome *self, const char *unit, SatchelOutcomeKind kind);
void satchel_mutation_outcome_conflict (SatchelMutationOutcome *self, const char *unit, const char *conflict,
                                        const char *joined);
void satchel_mutation_outcome_refuse (SatchelMutationOutcome *self, const char *unit, const char *code,
                                      const char *reason);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelGroupOutcome, satchel_group_outcome_free)

G_END_DECLS
