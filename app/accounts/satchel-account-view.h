/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "shell/satchel-services.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_ACCOUNT_VIEW (satchel_account_view_get_type ())
G_DECLARE_FINAL_TYPE (SatchelAccountView, satchel_account_view, SATCHEL, ACCOUNT_VIEW, AdwBin)

void satchel_account_view_set_services (SatchelAccountView *self, SatchelServices *services);
void satchel_account_view_open (SatchelAccountView *self, const char *id);
const char *satchel_account_view_get_id (SatchelAccountView *self);

G_END_DECLS
