/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "widgets/satchel-field-row.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_ENTRY_ROW (satchel_entry_row_get_type ())
G_DECLARE_FINAL_TYPE (SatchelEntryRow, satchel_entry_row, SATCHEL, ENTRY_ROW, AdwEntryRow)

G_END_DECLS
