/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-needle.h"
#include "replica-schema.h"

G_BEGIN_DECLS

/* The rows of one table that a search finds, as a set of keys. */
typedef struct _ReplicaMatches ReplicaMatches;

#define REPLICA_MATCHES_POINTER "satchel-matches"

/* @needle has something that the index can find. */
ReplicaMatches *replica_matches_new (ReplicaConnection *connection, const ReplicaTable *table,
                                     const ReplicaNeedle *needle, const char *typed, GError **error);
void replica_matches_free (ReplicaMatches *self);
guint replica_matches_count (const ReplicaMatches *self);
gboolean replica_matches_has (const ReplicaMatches *self, gint64 key);
/* A JSON array of the keys. */
char *replica_matches_dup_keys (const ReplicaMatches *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReplicaMatches, replica_matches_free)

G_END_DECLS
