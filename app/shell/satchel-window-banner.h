/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-services.h"

G_BEGIN_DECLS

/** SatchelWindowBanner: the one thing that a person should know above everything else. */
#define SATCHEL_TYPE_WINDOW_BANNER (satchel_window_banner_get_type ())
G_DECLARE_FINAL_TYPE (SatchelWindowBanner, satchel_window_banner, SATCHEL, WINDOW_BANNER, AdwBin)

G_END_DECLS
