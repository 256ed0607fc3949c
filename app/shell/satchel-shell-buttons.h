/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * SatchelShellButtons: the sync indicator and the primary menu, for the end of
 * a page's header bar. Finds its page by itself; shown when the page is narrow.
 */
#define SATCHEL_TYPE_SHELL_BUTTONS (satchel_shell_buttons_get_type ())
G_DECLARE_FINAL_TYPE (SatchelShellButtons, satchel_shell_buttons, SATCHEL, SHELL_BUTTONS, AdwBin)

G_END_DECLS
