/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-services.h"

G_BEGIN_DECLS

/**
 * SatchelWindow: the window: places beside a sidebar or above a bottom bar,
 * toasts, errors, and the actions of a person.
 */
#define SATCHEL_TYPE_WINDOW (satchel_window_get_type ())
G_DECLARE_FINAL_TYPE (SatchelWindow, satchel_window, SATCHEL, WINDOW, AdwApplicationWindow)

SatchelWindow *satchel_window_new (GtkApplication *application);
SatchelServices *satchel_window_get_services (SatchelWindow *self);
void satchel_window_set_services (SatchelWindow *self, SatchelServices *services);
void satchel_window_show_failure (SatchelWindow *self, const GError *error);
void satchel_window_show_message (SatchelWindow *self, const char *message);
gboolean satchel_window_show_place (SatchelWindow *self, const char *name);
gboolean satchel_window_open_record (SatchelWindow *self, const char *type, const char *id);

void satchel_window_connect_to_team (SatchelWindow *self, const char *server, const char *user);
const GActionEntry *satchel_window_get_action_entries (gsize *n_entries);
/* Whether something that the window will show is still on its way. */
gboolean satchel_window_get_busy (SatchelWindow *self);
void satchel_window_put_away (SatchelWindow *self);

G_END_DECLS
