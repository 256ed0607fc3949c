/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica/satchel-replica.h"

G_BEGIN_DECLS

/**
 * SatchelHistory:
 * @record: as it is now
 * @changes: (element-type JsonObject): as the server told them, newest first
 * @titles: names of who changed it and of what its fields point at, by id
 * @user_id: (nullable): who looks
 * @device_id: (nullable): on which device
 *
 * What happened to a record. Plain data.
 */
typedef struct
{
  SatchelRecord *record;
  GPtrArray *changes;
  GHashTable *titles;
  char *user_id;
  char *device_id;
} SatchelHistory;

/* Blocks on the network; not for the UI thread. */
SatchelHistory *satchel_history_read (SatchelReplica *replica, const char *type, const char *id,
                                      GCancellable *cancellable, GError **error);
void satchel_history_free (SatchelHistory *self);

/* What people read of one change. */
char *satchel_history_dup_what (const SatchelHistory *self, guint change);
char *satchel_history_dup_values (const SatchelHistory *self, guint change);
char *satchel_history_dup_who (const SatchelHistory *self, guint change, GDateTime *now);

/* The record with the value that the change made; NULL when it has that value now, or cannot get it back. */
SatchelRecord *satchel_history_dup_restored (const SatchelHistory *self, guint change);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelHistory, satchel_history_free)

G_END_DECLS
