/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "shell/satchel-services.h"
#include "widgets/satchel-record-item.h"

G_BEGIN_DECLS

/**
 * SatchelRecordListModel:
 *
 * What a query finds, as a list model for any number of records. How long the
 * list is and where its sections start is read first; a page of records is
 * read when one of its places is shown, and places are held weakly, so that
 * memory follows the screen. When the replica changes, the list is read anew
 * and moves to its new state by the smallest difference: who holds an item
 * keeps it, and scrolling and selection stay where they are.
 *
 * Belongs to the UI thread; reads on worker threads.
 */
#define SATCHEL_TYPE_RECORD_LIST_MODEL (satchel_record_list_model_get_type ())
G_DECLARE_FINAL_TYPE (SatchelRecordListModel, satchel_record_list_model, SATCHEL, RECORD_LIST_MODEL, GObject)

SatchelRecordListModel *satchel_record_list_model_new (SatchelServices *services, SatchelQuery *query);
void satchel_record_list_model_set_query (SatchelRecordListModel *self, SatchelQuery *query);
SatchelQuery *satchel_record_list_model_get_query (SatchelRecordListModel *self);
gboolean satchel_record_list_model_get_loading (SatchelRecordListModel *self);
const char *satchel_record_list_model_get_heading (SatchelRecordListModel *self, guint position);
gboolean satchel_record_list_model_find (SatchelRecordListModel *self, const char *id, guint *position);

G_END_DECLS
