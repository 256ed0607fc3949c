/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "widgets/satchel-field-row.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_PROPERTY_ROW (satchel_property_row_get_type ())
G_DECLARE_FINAL_TYPE (SatchelPropertyRow, satchel_property_row, SATCHEL, PROPERTY_ROW, AdwActionRow)

void satchel_property_row_set_services (SatchelPropertyRow *self, SatchelServices *services);

G_END_DECLS
