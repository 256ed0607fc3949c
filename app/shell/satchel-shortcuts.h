/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

void satchel_shortcuts_install (GtkApplication *application);
AdwDialog *satchel_shortcuts_dialog_new (void);

G_END_DECLS
