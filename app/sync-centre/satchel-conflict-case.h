/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica/satchel-replica.h"

G_BEGIN_DECLS

/**
 * SatchelVersionKind:
 * @SATCHEL_VERSION_BEFORE: how it was when the versions parted
 * @SATCHEL_VERSION_CURRENT: how it is now, for everybody
 * @SATCHEL_VERSION_VALUE: what somebody wanted it to be
 */
typedef enum
{
  SATCHEL_VERSION_BEFORE,
  SATCHEL_VERSION_CURRENT,
  SATCHEL_VERSION_VALUE,
} SatchelVersionKind;

/**
 * SatchelVersion:
 * @number: of a value, from 1; else 0
 * @fields: (nullable): the unit's fields; %NULL: not there, or deleted
 * @deleted: the record is deleted in this version
 * @author: (nullable): who wrote it, by name
 * @mine: the person wrote it
 * @here: on this very device
 * @at: (nullable): when
 */
typedef struct
{
  SatchelVersionKind kind;
  guint number;
  JsonObject *fields;
  gboolean deleted;
  char *author;
  gboolean mine;
  gboolean here;
  char *at;
} SatchelVersion;

/**
 * SatchelConflictCase:
 * @unit: (nullable): of the target; %NULL when the conflict is about deleting it, or about a field of a newer version
 * @unit_name: the unit's name in the conflict
 * @rows: (element-type SatchelField): the fields that some version has a value for, in order; a %NULL stands for the
 *   field of a newer version that only its name is known of
 * @versions: (element-type SatchelVersion): before, current, then the values
 * @titles: names of what reference fields point at, by id
 *
 * Everything that a person needs to settle one conflict. Plain data.
 */
typedef struct
{
  SatchelRecord *conflict;
  SatchelRecord *target;
  char *title;
  const SatchelUnit *unit;
  const char *unit_name;
  GPtrArray *rows;
  GPtrArray *versions;
  GHashTable *titles;
} SatchelConflictCase;

/* All open ones, in the order of the replica; those whose target is not here are left out. Blocks. */
GPtrArray *satchel_conflict_cases_read (SatchelReplica *replica, GError **error);
void satchel_conflict_case_free (SatchelConflictCase *self);
gboolean satchel_conflict_case_equal (const SatchelConflictCase *a, const SatchelConflictCase *b);

/* What people read. */
char *satchel_conflict_case_dup_question (const SatchelConflictCase *self);
char *satchel_version_dup_heading (const SatchelVersion *self, GDateTime *now);
const char *satchel_conflict_case_get_row_label (const SatchelConflictCase *self, guint row);
char *satchel_version_dup_value (const SatchelVersion *self, const SatchelConflictCase *of, guint row);
char *satchel_version_dup_summary (const SatchelVersion *self, const SatchelConflictCase *of);
gboolean satchel_version_differs (const SatchelVersion *self, const SatchelVersion *other,
                                  const SatchelConflictCase *of, guint row);
gboolean satchel_conflict_case_is_text (const SatchelConflictCase *self);

G_END_DECLS
