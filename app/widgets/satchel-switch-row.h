/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "widgets/satchel-field-row.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_SWITCH_ROW (satchel_switch_row_get_type ())
G_DECLARE_FINAL_TYPE (SatchelSwitchRow, satchel_switch_row, SATCHEL, SWITCH_ROW, AdwActionRow)

G_END_DECLS
