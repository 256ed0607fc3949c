/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica/satchel-edit.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_DRAFT (satchel_draft_get_type ())
G_DECLARE_FINAL_TYPE (SatchelDraft, satchel_draft, SATCHEL, DRAFT, GObject)

SatchelDraft *satchel_draft_new (SatchelRecord *record);
SatchelDraft *satchel_draft_new_for_creation (SatchelRecord *record);

const SatchelType *satchel_draft_get_record_type (SatchelDraft *self);
const char *satchel_draft_get_id (SatchelDraft *self);
gboolean satchel_draft_get_created (SatchelDraft *self);
const SatchelValue *satchel_draft_get_value (SatchelDraft *self, guint field_index);
SatchelRecord *satchel_draft_get_record (SatchelDraft *self);
void satchel_draft_set_value (SatchelDraft *self, guint field_index, const SatchelValue *value);
void satchel_draft_set_text (SatchelDraft *self, const char *field, const char *text);
const char *satchel_draft_get_text (SatchelDraft *self, const char *field);
void satchel_draft_set_held (SatchelDraft *self, guint field_index, gboolean held);
gboolean satchel_draft_is_touched (SatchelDraft *self);
gboolean satchel_draft_is_unit_touched (SatchelDraft *self, const char *unit);

void satchel_draft_land (SatchelDraft *self, SatchelRecord *record);
gboolean satchel_draft_add_to_edit (SatchelDraft *self, SatchelEdit *edit);
void satchel_draft_committed (SatchelDraft *self, SatchelEdit *edit);
void satchel_draft_failed (SatchelDraft *self);

G_END_DECLS
