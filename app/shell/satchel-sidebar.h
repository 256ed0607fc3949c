/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-services.h"

G_BEGIN_DECLS

/**
 * SatchelSidebar: all places, for windows wide enough; only their icons while
 * it is `compact`. Property `place` says which one is shown.
 */
#define SATCHEL_TYPE_SIDEBAR (satchel_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (SatchelSidebar, satchel_sidebar, SATCHEL, SIDEBAR, AdwBin)

G_END_DECLS
