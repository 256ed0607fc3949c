/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "widgets/satchel-field-row.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_SET_ROW (satchel_set_row_get_type ())
G_DECLARE_FINAL_TYPE (SatchelSetRow, satchel_set_row, SATCHEL, SET_ROW, AdwPreferencesRow)

void satchel_set_row_set_services (SatchelSetRow *self, SatchelServices *services);

G_END_DECLS
