/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "widgets/satchel-record-item.h"

G_BEGIN_DECLS

/* Short lists of SatchelRecordItem that are read whole. */
GListStore *satchel_item_store_new (void);
void satchel_item_store_update (GListStore *store, GPtrArray *records);

G_END_DECLS
