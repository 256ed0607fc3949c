/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-services.h"

G_BEGIN_DECLS

/** SatchelFirstRun: what greets a person whose accounts are not here yet: connect, or try the demo. */
#define SATCHEL_TYPE_FIRST_RUN (satchel_first_run_get_type ())
G_DECLARE_FINAL_TYPE (SatchelFirstRun, satchel_first_run, SATCHEL, FIRST_RUN, AdwBreakpointBin)

/* Goes to the form; @server and @user are filled in where they are known. */
void satchel_first_run_connect (SatchelFirstRun *self, const char *server, const char *user);

G_END_DECLS
