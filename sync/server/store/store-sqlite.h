/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-store.h"

G_BEGIN_DECLS

SatchelStore *satchel_sqlite_store_open (const char *path, SatchelStoreOpen mode, GError **error);

G_END_DECLS
