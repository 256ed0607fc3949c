/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-conflict-case.h"
#include "shell/satchel-services.h"

G_BEGIN_DECLS

/** SatchelSide: whose answers are kept. */
typedef enum
{
  SATCHEL_SIDE_MINE,
  SATCHEL_SIDE_THEIRS,
} SatchelSide;

/* The version of one side; NULL when it has none, or when the conflict is about deleting, which nobody decides by the
 * dozen. */
const SatchelVersion *satchel_settle_all_choose (const SatchelConflictCase *conflict, SatchelSide side);

/* Asks, then settles every conflict that the side has an answer to. */
void satchel_settle_all_start (GtkWidget *parent, SatchelServices *services, SatchelSide side);

G_END_DECLS
