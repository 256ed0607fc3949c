/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Not in the list any more. */
#define SATCHEL_PLACE_GONE G_MAXUINT
/* Nobody knows what stands there: it goes wherever room is. */
#define SATCHEL_PLACE_UNKNOWN (G_MAXUINT - 1)

/**
 * SatchelPlace:
 * @before: where something that is held stood
 * @after: where it stands now, or one of the two above
 */
typedef struct
{
  guint before;
  guint after;
} SatchelPlace;

/**
 * SatchelSplice: one change of a list, in the words of #GListModel::items-changed.
 */
typedef struct
{
  guint position;
  guint removed;
  guint added;
} SatchelSplice;

GArray *satchel_list_difference (const SatchelPlace *places, guint n_places, guint n_before, guint n_after);

G_END_DECLS
