/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "records/satchel-record.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_RECORD_ITEM (satchel_record_item_get_type ())
G_DECLARE_FINAL_TYPE (SatchelRecordItem, satchel_record_item, SATCHEL, RECORD_ITEM, GObject)

typedef void (*SatchelRecordItemGone) (gpointer owner, SatchelRecordItem *item);

SatchelRecordItem *satchel_record_item_new (SatchelRecord *record);
SatchelRecord *satchel_record_item_get_record (SatchelRecordItem *self);
void satchel_record_item_set_record (SatchelRecordItem *self, SatchelRecord *record);
const char *satchel_record_item_get_id (SatchelRecordItem *self);
guint satchel_record_item_get_position (SatchelRecordItem *self);
void satchel_record_item_set_position (SatchelRecordItem *self, guint position);
void satchel_record_item_set_owner (SatchelRecordItem *self, gpointer owner, SatchelRecordItemGone gone);

G_END_DECLS
