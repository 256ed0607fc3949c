/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-query.h"

G_BEGIN_DECLS

/* @field: (nullable): %NULL for bookkeeping */
typedef struct
{
  const SatchelField *field;
  const char *column;
  SatchelValue value;
  gboolean negated; /* anything but the value, nothing included */
} ReplicaCondition;

struct _SatchelQuery
{
  gatomicrefcount ref_count;
  const SatchelType *type;
  GArray *conditions; /* (element-type ReplicaCondition) */
  char *search;
  const SatchelField *sort; /* (nullable) */
  const char *sort_column; /* (nullable): NULL for the type's own order */
  gboolean descending;
  gboolean in_bin;
};

G_END_DECLS
