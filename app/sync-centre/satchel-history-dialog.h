/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "shell/satchel-services.h"

G_BEGIN_DECLS

/** SatchelHistoryDialog: who changed what of a record, and a way back. */
void satchel_history_dialog_present (GtkWidget *parent, SatchelServices *services, const char *type, const char *id);

G_END_DECLS
