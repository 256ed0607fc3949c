/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/** SatchelApplication: reads the command line, opens the replica, wires services and window together. */
#define SATCHEL_TYPE_APPLICATION (satchel_application_get_type ())
G_DECLARE_FINAL_TYPE (SatchelApplication, satchel_application, SATCHEL, APPLICATION, AdwApplication)

SatchelApplication *satchel_application_new (void);
int satchel_application_get_exit_status (SatchelApplication *self);

G_END_DECLS
