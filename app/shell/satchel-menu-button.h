/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/** SatchelMenuButton: the button with the primary menu. */
#define SATCHEL_TYPE_MENU_BUTTON (satchel_menu_button_get_type ())
G_DECLARE_FINAL_TYPE (SatchelMenuButton, satchel_menu_button, SATCHEL, MENU_BUTTON, AdwBin)

G_END_DECLS
