/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

GSettings *satchel_settings_new (void); /* NULL where the schema is not installed */
void satchel_settings_follow_style (GSettings *settings);
void satchel_settings_restore_window (GSettings *settings, GtkWindow *window);
void satchel_settings_keep_window (GSettings *settings, GtkWindow *window);

G_END_DECLS
