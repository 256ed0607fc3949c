/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "widgets/satchel-field-row.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_REFERENCE_ROW (satchel_reference_row_get_type ())
G_DECLARE_FINAL_TYPE (SatchelReferenceRow, satchel_reference_row, SATCHEL, REFERENCE_ROW, AdwActionRow)

void satchel_reference_row_set_services (SatchelReferenceRow *self, SatchelServices *services);
void satchel_reference_row_set_account (SatchelReferenceRow *self, const char *account_id);

G_END_DECLS
