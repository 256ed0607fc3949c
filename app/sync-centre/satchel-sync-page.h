/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "shell/satchel-page.h"

G_BEGIN_DECLS

/** SatchelSyncPage: the Sync centre: what waits, what was refused, what is in conflict. */
#define SATCHEL_TYPE_SYNC_PAGE (satchel_sync_page_get_type ())
G_DECLARE_FINAL_TYPE (SatchelSyncPage, satchel_sync_page, SATCHEL, SYNC_PAGE, AdwBin)

G_END_DECLS
