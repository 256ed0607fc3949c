/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "records/satchel-value.h"

G_BEGIN_DECLS

/* A field's value as a person types it, in their locale, and back. Errors are sentences for the person. */
char *satchel_field_to_text (const SatchelField *field, const SatchelValue *value, const char *currency);
gboolean satchel_field_from_text (const SatchelField *field, const char *text, const char *currency,
                                  SatchelValue *value, GError **error);

G_END_DECLS
