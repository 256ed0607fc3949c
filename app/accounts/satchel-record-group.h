/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "shell/satchel-services.h"
#include "widgets/satchel-record-item.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_RECORD_GROUP (satchel_record_group_get_type ())
G_DECLARE_FINAL_TYPE (SatchelRecordGroup, satchel_record_group, SATCHEL, RECORD_GROUP, AdwBin)

/* Reads what hangs on an account, at most @limit records; on a worker thread. */
typedef GPtrArray *(*SatchelGatherFunc) (SatchelReplica *replica, const char *account_id, guint limit, GError **error);
/* Makes the row of one record and keeps it in step with the item. */
typedef GtkWidget *(*SatchelRowFunc) (SatchelRecordItem *item, SatchelServices *services);

/**
 * SatchelGroupKind:
 * @types: (array zero-terminated=1): when records of these types change, the group is read anew
 * @empty: the sentence while there is nothing
 */
typedef struct
{
  const char *const *types;
  SatchelGatherFunc gather;
  SatchelRowFunc make_row;
  const char *empty;
} SatchelGroupKind;

void satchel_record_group_set_up (SatchelRecordGroup *self, SatchelServices *services, const SatchelGroupKind *kind);
void satchel_record_group_set_account (SatchelRecordGroup *self, const char *account_id);
GListModel *satchel_record_group_get_model (SatchelRecordGroup *self);

G_END_DECLS
