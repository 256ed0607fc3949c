/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "widgets/satchel-field-row.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_DATE_ROW (satchel_date_row_get_type ())
G_DECLARE_FINAL_TYPE (SatchelDateRow, satchel_date_row, SATCHEL, DATE_ROW, AdwEntryRow)

G_END_DECLS
