/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "shell/satchel-services.h"

G_BEGIN_DECLS

typedef void (*SatchelTitlesFunc) (gpointer owner, GHashTable *titles);

void satchel_titles_fetch (SatchelServices *services, const char *const *ids, gpointer owner, SatchelTitlesFunc func);

G_END_DECLS
