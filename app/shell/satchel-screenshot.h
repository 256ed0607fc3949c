/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-window.h"

G_BEGIN_DECLS

/* Makes the picture the same everywhere: no animations, no buttons of a window manager. */
void satchel_screenshot_prepare (gboolean phone, gboolean dark);

/* Settled: what the window shows is there and drawn. A future of TRUE. */
DexFuture *satchel_window_settle (SatchelWindow *window);
gboolean satchel_window_shoot (SatchelWindow *window, const char *file, GError **error);

G_END_DECLS
