/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/** SatchelBottomBar: the main places and "+", in reach of a thumb. */
#define SATCHEL_TYPE_BOTTOM_BAR (satchel_bottom_bar_get_type ())
G_DECLARE_FINAL_TYPE (SatchelBottomBar, satchel_bottom_bar, SATCHEL, BOTTOM_BAR, AdwBin)

G_END_DECLS
