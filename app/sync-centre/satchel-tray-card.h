/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-work-item.h"
#include "shell/satchel-services.h"

G_BEGIN_DECLS

/** SatchelTrayCard: work that the server did not accept: why, what was typed, and what can be done. */
#define SATCHEL_TYPE_TRAY_CARD (satchel_tray_card_get_type ())
G_DECLARE_FINAL_TYPE (SatchelTrayCard, satchel_tray_card, SATCHEL, TRAY_CARD, AdwBin)

GtkWidget *satchel_tray_card_new (SatchelServices *services, const SatchelWorkItem *item);

G_END_DECLS
