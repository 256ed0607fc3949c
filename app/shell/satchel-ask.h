/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>
#include <libdex.h>

G_BEGIN_DECLS

/* Asks one question with one way to say yes. A future of a string: @response, or "cancel". */
DexFuture *satchel_ask (GtkWidget *parent, const char *heading, const char *body, const char *response,
                        const char *label, AdwResponseAppearance appearance);

G_END_DECLS
