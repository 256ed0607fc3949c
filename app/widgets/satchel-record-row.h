/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "shell/satchel-services.h"
#include "widgets/satchel-names.h"
#include "widgets/satchel-record-item.h"
#include "widgets/satchel-record-list-model.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_RECORD_ROW (satchel_record_row_get_type ())
G_DECLARE_FINAL_TYPE (SatchelRecordRow, satchel_record_row, SATCHEL, RECORD_ROW, AdwBin)

GtkWidget *satchel_record_row_new (SatchelServices *services);
void satchel_record_row_set_item (SatchelRecordRow *self, SatchelRecordItem *item);

/* What tells records of one name apart: the city and stage of an account, the role of a contact. Never NULL. */
char *satchel_record_dup_second_line (SatchelRecord *record, SatchelNames *names);

GtkListItemFactory *satchel_record_row_factory_new (SatchelServices *services);
GtkListItemFactory *satchel_heading_factory_new (SatchelRecordListModel *model);

G_END_DECLS
