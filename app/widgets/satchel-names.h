/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "shell/satchel-services.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_NAMES (satchel_names_get_type ())
G_DECLARE_FINAL_TYPE (SatchelNames, satchel_names, SATCHEL, NAMES, GObject)

SatchelNames *satchel_names_get_default (SatchelServices *services);
const char *satchel_names_lookup (SatchelNames *self, const char *id);

G_END_DECLS
