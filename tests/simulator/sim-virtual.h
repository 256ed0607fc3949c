/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim.h"

G_BEGIN_DECLS

/* From now on a warning of the code under test is a failure of @sim's seed. NULL: of nobody's. */
void sim_virtual_listen (Sim *sim);

G_END_DECLS
