/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica/satchel-replica.h"

G_BEGIN_DECLS

/**
 * SatchelWorkItem:
 * @work: a group that waits, or one that was refused
 * @titles: what the records in it are called, by id
 *
 * Plain data.
 */
typedef struct
{
  SatchelWork *work;
  GHashTable *titles;
} SatchelWorkItem;

/* (element-type SatchelWorkItem). Both block. */
GPtrArray *satchel_work_items_read_pending (SatchelReplica *replica, GError **error);
GPtrArray *satchel_work_items_read_tray (SatchelReplica *replica, GError **error);
void satchel_work_item_free (SatchelWorkItem *self);

/* What people read. */
char *satchel_work_item_dup_title (const SatchelWorkItem *self);
char *satchel_work_item_dup_subtitle (const SatchelWorkItem *self, const SatchelVocabulary *vocabulary, GDateTime *now);
char *satchel_work_item_dup_values (const SatchelWorkItem *self, const SatchelVocabulary *vocabulary);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelWorkItem, satchel_work_item_free)

G_END_DECLS
