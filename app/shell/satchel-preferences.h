/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-services.h"

G_BEGIN_DECLS

/** SatchelPreferences: a person's taste, and the tie to their team. */
#define SATCHEL_TYPE_PREFERENCES (satchel_preferences_get_type ())
G_DECLARE_FINAL_TYPE (SatchelPreferences, satchel_preferences, SATCHEL, PREFERENCES, AdwPreferencesDialog)

AdwDialog *satchel_preferences_new (SatchelServices *services); /* @services: nullable */

G_END_DECLS
