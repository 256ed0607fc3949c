/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-csv.h"

G_BEGIN_DECLS

/* The rows of any CSV file as cells of UTF-8, whatever they mean. */
typedef struct _SatchelCsvRows SatchelCsvRows;

SatchelCsvRows *satchel_csv_rows_new (GInputStream *stream);
void satchel_csv_rows_free (SatchelCsvRows *self);
void satchel_csv_rows_set_charset (SatchelCsvRows *self, const char *charset);
gboolean satchel_csv_rows_get_used_charset (SatchelCsvRows *self);

SatchelCsvResult satchel_csv_rows_next (SatchelCsvRows *self, GCancellable *cancellable, GError **error);
guint64 satchel_csv_rows_get_line (SatchelCsvRows *self);
guint satchel_csv_rows_get_n_cells (SatchelCsvRows *self);
const char *satchel_csv_rows_get_cell (SatchelCsvRows *self, guint index, gboolean *quoted);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelCsvRows, satchel_csv_rows_free)

G_END_DECLS
