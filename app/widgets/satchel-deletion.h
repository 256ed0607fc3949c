/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "shell/satchel-services.h"

G_BEGIN_DECLS

void satchel_deletion_start (SatchelServices *services, const char *id, const char *message);

G_END_DECLS
