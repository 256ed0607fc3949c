/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "shell/satchel-page.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_ACCOUNTS_PAGE (satchel_accounts_page_get_type ())
G_DECLARE_FINAL_TYPE (SatchelAccountsPage, satchel_accounts_page, SATCHEL, ACCOUNTS_PAGE, AdwBin)

G_END_DECLS
