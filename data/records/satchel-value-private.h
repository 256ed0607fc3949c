/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-value.h"

G_BEGIN_DECLS

/* How deep a JSON value may be nested. */
#define SATCHEL_JSON_VALUE_MAX_DEPTH 32

/* JSON, in satchel-json.c. */
void satchel_json_append_string (GString *json, const char *text);
void satchel_json_append_double (GString *json, double number);
guint satchel_json_get_depth (JsonNode *node);
gboolean satchel_double_is_whole (double number, gint64 *whole);

/* Values, in satchel-value.c. */
void satchel_value_set_real (SatchelValue *self, double real);

/* A set from texts, in satchel-value-parse.c; as satchel_value_from_json() of their array. */
gboolean satchel_value_take_texts (const SatchelField *field, GPtrArray *texts, SatchelValue *out, GError **error);

/* Sets, in satchel-value-set.c: makes the stored form of members that are normalised, or NULL when there are none. */
char *satchel_set_to_stored (GPtrArray *members);

G_END_DECLS
