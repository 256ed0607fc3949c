/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-schema.h"

G_BEGIN_DECLS

/* A row of the search is a record's key and its type's number in one. */
#define REPLICA_SEARCH_KEY_SHIFT 6
#define REPLICA_SEARCH_TYPE_MASK 63

/* Of what is in the index and how it is folded; another one, and it is made anew. */
#define REPLICA_SEARCH_VERSION "1"

gboolean replica_search_begin_anew (ReplicaTransaction *tx, GError **error);
/* Brings the index up to date with some of the records that wait for it; @n_left may be 0 at once. */
gboolean replica_search_catch_up (ReplicaTransaction *tx, guint max_records, guint *n_done, GError **error);

/* Puts the index's parts together, a little at a time; %FALSE in @more when they are. */
gboolean replica_search_tidy (ReplicaTransaction *tx, gboolean *more, GError **error);

GPtrArray *replica_search (ReplicaConnection *connection, const ReplicaSchema *schema, const char *text,
                           const SatchelType *const *types, guint limit, GError **error);

G_END_DECLS
