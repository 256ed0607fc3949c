/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica/satchel-replica.h"

G_BEGIN_DECLS

/**
 * SatchelListShape:
 *
 * A list as one reading found it: its outline and those of its pages that were
 * asked for. Counted by reference; not changed once a worker has filled it.
 */
typedef struct
{
  SatchelOutline *outline;
  GHashTable *pages; /* number of a page to GPtrArray of SatchelRecord */
  GHashTable *positions; /* id to position, of all records of those pages */
} SatchelListShape;

SatchelListShape *satchel_list_shape_ref (SatchelListShape *self);
void satchel_list_shape_unref (SatchelListShape *self);
guint satchel_list_shape_get_n_items (SatchelListShape *self);
guint satchel_list_shape_get_position (SatchelListShape *self, const char *id, guint otherwise);

/**
 * SatchelHeld: something that is held of a list while it is read anew.
 */
typedef struct
{
  guint position;
  char *id;
} SatchelHeld;
void satchel_held_clear (SatchelHeld *held);

SatchelListShape *satchel_list_shape_read (SatchelReplica *replica, SatchelQuery *query, guint page_size, GArray *held,
                                           guint n_before, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelListShape, satchel_list_shape_unref)

G_END_DECLS
