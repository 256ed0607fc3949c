/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-store.h"

G_BEGIN_DECLS

SatchelStore *satchel_postgres_store_open (const char *url, SatchelStoreOpen mode, GError **error);

G_END_DECLS
