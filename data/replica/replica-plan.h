/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-matches.h"
#include "replica-query.h"
#include "replica-schema.h"

G_BEGIN_DECLS

/**
 * ReplicaPlan: a query as SQL.
 * @from: the table, with the index that must be used
 * @where: the conditions
 * @values: (element-type SatchelValue): what the parameters of @where are
 * @matches: (nullable): what a search has found; a parameter too, where a value is null
 * @order: the expression that the order goes by; ties go by id
 * @own_order: whether that is the column of the table's own order
 * @seekable: whether an index has the rows in this order, so that a page is found by its key
 * @has_sections: whether rows stand under the headings of their names
 */
typedef struct
{
  const ReplicaTable *table;
  GString *from;
  GString *where;
  GArray *values;
  ReplicaMatches *matches;
  char *order;
  gboolean own_order;
  gboolean descending;
  gboolean has_few_matches;
  gboolean seekable;
  gboolean has_sections;
} ReplicaPlan;

/* With a search this looks into the index. */
ReplicaPlan *replica_plan_new (ReplicaConnection *connection, const ReplicaSchema *schema, const SatchelQuery *query,
                               GError **error);
void replica_plan_add_prefix (ReplicaPlan *self, const ReplicaNeedle *needle);
void replica_plan_free (ReplicaPlan *self);

/* The statement for @columns of what the plan finds, in order or not, with the plan's values bound. @more: (nullable):
 * one more condition; its parameters follow @n_bound, which is set. */
ReplicaStatement *replica_plan_select (const ReplicaPlan *self, ReplicaConnection *connection, const char *columns,
                                       const char *more, gboolean ordered, gboolean limited, int *n_bound,
                                       GError **error);

void replica_plan_bind_value (ReplicaStatement *statement, int parameter, const SatchelValue *value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReplicaPlan, replica_plan_free)

G_END_DECLS
