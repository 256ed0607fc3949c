/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "widgets/satchel-field-row.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_CHOICE_ROW (satchel_choice_row_get_type ())
G_DECLARE_FINAL_TYPE (SatchelChoiceRow, satchel_choice_row, SATCHEL, CHOICE_ROW, AdwComboRow)

G_END_DECLS
