/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "shell/satchel-services.h"

G_BEGIN_DECLS

/**
 * SatchelSyncIndicator: a quiet button that says in words how this device and
 * the server stand. Property `show-words`: beside the icon, too.
 */
#define SATCHEL_TYPE_SYNC_INDICATOR (satchel_sync_indicator_get_type ())
G_DECLARE_FINAL_TYPE (SatchelSyncIndicator, satchel_sync_indicator, SATCHEL, SYNC_INDICATOR, AdwBin)

G_END_DECLS
