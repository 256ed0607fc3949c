/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "shell/satchel-services.h"
#include "widgets/satchel-form.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_RECORD_DIALOG (satchel_record_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SatchelRecordDialog, satchel_record_dialog, SATCHEL, RECORD_DIALOG, AdwDialog)

SatchelRecordDialog *satchel_record_dialog_present (GtkWidget *parent, SatchelServices *services,
                                                    SatchelRecord *record);
SatchelForm *satchel_record_dialog_get_form (SatchelRecordDialog *self);

G_END_DECLS
