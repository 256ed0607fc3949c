/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "shell/satchel-services.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_SEARCH_LIST (satchel_search_list_get_type ())
G_DECLARE_FINAL_TYPE (SatchelSearchList, satchel_search_list, SATCHEL, SEARCH_LIST, AdwBin)

void satchel_search_list_set_services (SatchelSearchList *self, SatchelServices *services);
void satchel_search_list_set_text (SatchelSearchList *self, const char *text);
void satchel_search_list_activate_first (SatchelSearchList *self);

G_END_DECLS
