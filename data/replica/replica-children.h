/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-schema.h"

G_BEGIN_DECLS

/* Whether what hangs on a record of the type goes to the bin with it. */
gboolean replica_type_has_children (const SatchelType *type);
/* The ids of the live records that hang on an account, directly or through one another. */
gboolean replica_children_list (ReplicaConnection *connection, const ReplicaSchema *schema, const SatchelType *type,
                                const char *id, GPtrArray *children, GError **error);
/* The ids of the records that went to the bin with it. */
gboolean replica_children_list_binned (ReplicaConnection *connection, const ReplicaSchema *schema, const char *id,
                                       GPtrArray *children, GError **error);

G_END_DECLS
