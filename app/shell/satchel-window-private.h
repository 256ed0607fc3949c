/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-first-run.h"
#include "satchel-page.h"
#include "satchel-window.h"

G_BEGIN_DECLS

struct _SatchelWindow
{
  AdwApplicationWindow parent_instance;

  AdwToastOverlay *toasts;
  GtkStack *states;
  AdwStatusPage *failure;
  SatchelFirstRun *first_run;
  AdwOverlaySplitView *split_view;
  GtkWidget *sidebar;
  GtkStack *places;

  SatchelServices *services;
  GSignalGroup *service_signals;
  GQueue history; /* names of places, the one shown last first */
  char *wanted_place; /* where to go once there is something to see */
  char *wanted_type;
  char *wanted_id;

  gboolean narrow;
  gboolean compact;
};

SatchelPage *satchel_window_get_page (SatchelWindow *self); /* NULL before there are services */
gboolean satchel_window_go_back (SatchelWindow *self);
void satchel_window_add_actions (SatchelWindow *self);
void satchel_window_update_actions (SatchelWindow *self);

G_END_DECLS
