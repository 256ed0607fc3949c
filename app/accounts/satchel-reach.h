/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "records/satchel-record.h"

G_BEGIN_DECLS

/* Hand an address over to the program that reaches it. */
void satchel_reach_call (GtkWidget *widget, const char *number);
void satchel_reach_message (GtkWidget *widget, const char *number);
void satchel_reach_mail (GtkWidget *widget, const char *address);
void satchel_reach_place (GtkWidget *widget, SatchelRecord *account);
void satchel_reach_website (GtkWidget *widget, const char *address);

gboolean satchel_reach_has_place (SatchelRecord *account);

G_END_DECLS
