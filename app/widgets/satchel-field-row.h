/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "shell/satchel-services.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_FIELD_ROW (satchel_field_row_get_type ())
G_DECLARE_INTERFACE (SatchelFieldRow, satchel_field_row, SATCHEL, FIELD_ROW, AdwPreferencesRow)

/**
 * SatchelFieldRowInterface:
 * @show: shows a value; not a change by the person, so nothing is emitted
 * @read: gives the value that is typed or chosen, or an error with a sentence for the person
 * @set_currency: (nullable): the currency that amounts are in
 */
struct _SatchelFieldRowInterface
{
  GTypeInterface parent_iface;

  void (*show) (SatchelFieldRow *self, const SatchelValue *value);
  gboolean (*read) (SatchelFieldRow *self, SatchelValue *value, GError **error);
  void (*set_currency) (SatchelFieldRow *self, const char *currency);
};

GtkWidget *satchel_field_row_new (const SatchelField *field, SatchelServices *services);
GtkWidget *satchel_field_row_new_read_only (const SatchelField *field, SatchelServices *services);

const SatchelField *satchel_field_row_get_field (SatchelFieldRow *self);
void satchel_field_row_show (SatchelFieldRow *self, const SatchelValue *value);
gboolean satchel_field_row_read (SatchelFieldRow *self, SatchelValue *value, GError **error);
void satchel_field_row_set_currency (SatchelFieldRow *self, const char *currency);
const char *satchel_field_row_get_error (SatchelFieldRow *self);
void satchel_field_row_set_error (SatchelFieldRow *self, const char *message);
gboolean satchel_field_row_get_edited (SatchelFieldRow *self);

/* For the rows themselves. */
void satchel_field_row_set_up (SatchelFieldRow *self, const SatchelField *field);
void satchel_field_row_edited (SatchelFieldRow *self);
void satchel_field_row_finished (SatchelFieldRow *self);

G_END_DECLS
