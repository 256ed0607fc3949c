/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "shell/satchel-services.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_RECORD_CHOOSER (satchel_record_chooser_get_type ())
G_DECLARE_FINAL_TYPE (SatchelRecordChooser, satchel_record_chooser, SATCHEL, RECORD_CHOOSER, AdwDialog)

typedef void (*SatchelChosenFunc) (gpointer owner, SatchelRecord *record);

void satchel_record_chooser_present (GtkWidget *parent, SatchelServices *services, const char *type,
                                     const char *account_id, SatchelChosenFunc func);

G_END_DECLS
