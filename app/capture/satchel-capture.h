/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "shell/satchel-services.h"

G_BEGIN_DECLS

/* Shows the + sheet over @parent; with @kind ("account", "contact", "note", "call", "visit", "task") the form itself.
 * @account_id: (nullable): whom it is about. */
void satchel_capture_present (GtkWidget *parent, SatchelServices *services, const char *kind, const char *account_id);

G_END_DECLS
