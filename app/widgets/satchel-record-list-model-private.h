/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-list-shape.h"
#include "satchel-record-list-model.h"

G_BEGIN_DECLS

/* Records in a page. */
#define SATCHEL_RECORD_LIST_PAGE 100

struct _SatchelRecordListModel
{
  GObject parent_instance;

  SatchelServices *services;
  SatchelQuery *query;
  gulong changed_handler;

  guint n_items;
  SatchelListShape *shape; /* nullable: not read yet */
  GArray *sections; /* (element-type SatchelSection) */
  GHashTable *held; /* position to item, borrowed */

  GHashTable *pages; /* number to page, owned */
  GQueue kept; /* numbers of pages, the last used first */
  GQueue wanted; /* numbers of pages, the last asked for first */
  guint n_reading;

  guint question; /* counts queries: answers to an earlier one are dropped */
  guint answered; /* the question that the list answers */
  guint state; /* counts readings: pages of an earlier one are dropped */
  guint rest; /* source */
  gboolean reading;
  gboolean stale;
  gboolean moving;
};

/* Places: what somebody holds of the list. */
void satchel_record_list_place_gone_cb (gpointer owner, SatchelRecordItem *item);
void satchel_record_list_hold_place (SatchelRecordListModel *self, SatchelRecordItem *item, guint position);
void satchel_record_list_let_go (SatchelRecordItem *item);
GPtrArray *satchel_record_list_dup_held (SatchelRecordListModel *self); /* by ascending position */
SatchelRecord *satchel_record_list_peek_record (SatchelRecordListModel *self, guint position);

/* Pages: what is kept of the records, and read when it is shown. */
void satchel_record_list_use_page (SatchelRecordListModel *self, guint number);
void satchel_record_list_keep_page (SatchelRecordListModel *self, guint number, GPtrArray *page);
void satchel_record_list_drop_old_pages (SatchelRecordListModel *self);
void satchel_record_list_want_page (SatchelRecordListModel *self, guint number);
void satchel_record_list_forget_pages (SatchelRecordListModel *self);
void satchel_record_list_read_wanted_pages (SatchelRecordListModel *self);

/* From one state to the next: by the smallest difference, or from the start. */
void satchel_record_list_move_to (SatchelRecordListModel *self, SatchelListShape *shape);
void satchel_record_list_replace_with (SatchelRecordListModel *self, SatchelListShape *shape);

/* Reading the list, anew whenever something of its kind has changed. */
void satchel_record_list_read (SatchelRecordListModel *self);
void satchel_record_list_changed_cb (SatchelServices *services, const SatchelChanges *changes, gpointer data);

G_END_DECLS
