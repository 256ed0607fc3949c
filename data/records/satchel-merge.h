/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SatchelDiffKind: where a run of lines of a three-way comparison comes from.
 */
typedef enum
{
  SATCHEL_DIFF_SAME,
  SATCHEL_DIFF_THEIRS,
  SATCHEL_DIFF_MINE,
  SATCHEL_DIFF_BOTH,
  SATCHEL_DIFF_CONFLICT,
} SatchelDiffKind;

/**
 * SatchelDiffRun:
 * @kind: who changed it; @SATCHEL_DIFF_BOTH: both in the same way
 * @base: the lines as they were, each with its line end
 * @theirs: the lines as they have them
 * @mine: the lines as I have them
 */
typedef struct
{
  SatchelDiffKind kind;
  char *base;
  char *theirs;
  char *mine;
} SatchelDiffRun;

void satchel_diff_run_free (SatchelDiffRun *run);
GPtrArray *satchel_diff_three_way (const char *base, const char *theirs, const char *mine);

/* TRUE and the merged text when no changes overlap; FALSE on an overlap. Deterministic, symmetric in its verdict. */
gboolean satchel_merge_text (const char *base, const char *theirs, const char *mine, char **merged);

G_END_DECLS
