/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "widgets/satchel-field-row.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_TEXT_ROW (satchel_text_row_get_type ())
G_DECLARE_FINAL_TYPE (SatchelTextRow, satchel_text_row, SATCHEL, TEXT_ROW, AdwPreferencesRow)

G_END_DECLS
