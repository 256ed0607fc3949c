/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-conflict-case.h"
#include "shell/satchel-services.h"

G_BEGIN_DECLS

/** SatchelConflictCard: one conflict with its versions side by side, or below each other where it is narrow. */
#define SATCHEL_TYPE_CONFLICT_CARD (satchel_conflict_card_get_type ())
G_DECLARE_FINAL_TYPE (SatchelConflictCard, satchel_conflict_card, SATCHEL, CONFLICT_CARD, AdwBin)

GtkWidget *satchel_conflict_card_new (SatchelServices *services);
void satchel_conflict_card_show (SatchelConflictCard *self, SatchelConflictCase *shown); /* takes it */

G_END_DECLS
