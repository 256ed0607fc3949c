/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "widgets/satchel-draft.h"
#include "widgets/satchel-field-row.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_FORM (satchel_form_get_type ())
G_DECLARE_FINAL_TYPE (SatchelForm, satchel_form, SATCHEL, FORM, AdwBin)

GtkWidget *satchel_form_new (SatchelServices *services);
void satchel_form_set_services (SatchelForm *self, SatchelServices *services);
void satchel_form_set_first_fields (SatchelForm *self, const char *const *fields);
void satchel_form_set_only_first (SatchelForm *self, gboolean only_first);
void satchel_form_show (SatchelForm *self);
void satchel_form_set_read_only (SatchelForm *self, gboolean read_only);
void satchel_form_set_draft (SatchelForm *self, SatchelDraft *draft);
SatchelDraft *satchel_form_get_draft (SatchelForm *self);
SatchelFieldRow *satchel_form_get_row (SatchelForm *self, const char *field);
gboolean satchel_form_take_typed (SatchelForm *self);
gboolean satchel_form_check (SatchelForm *self);

G_END_DECLS
