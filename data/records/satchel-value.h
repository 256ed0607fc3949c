/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "satchel-vocabulary.h"

G_BEGIN_DECLS

/** SATCHEL_VALUE_MAX_BYTES: the most bytes of UTF-8 one value may have. */
#define SATCHEL_VALUE_MAX_BYTES (1024 * 1024)

/**
 * SatchelStorage:
 *
 * How a value is held; the same four as SQLite's. A set is the text of a
 * sorted JSON array without repeats; a JSON value is its canonical text.
 */
typedef enum
{
  SATCHEL_STORAGE_NULL,
  SATCHEL_STORAGE_INTEGER,
  SATCHEL_STORAGE_REAL,
  SATCHEL_STORAGE_TEXT,
} SatchelStorage;

/** SatchelValue: one value of one field; owns its text. Zeroed memory is the null value. */
typedef struct
{
  SatchelStorage storage;
  union
  {
    gint64 integer;
    double real;
    char *text;
  };
} SatchelValue;

#define SATCHEL_VALUE_INIT { .storage = SATCHEL_STORAGE_NULL, .integer = 0 }

void satchel_value_clear (SatchelValue *self);
void satchel_value_copy (const SatchelValue *from, SatchelValue *to);
gboolean satchel_value_equal (const SatchelValue *a, const SatchelValue *b);
gboolean satchel_value_is_null (const SatchelValue *self);
void satchel_value_set_text (SatchelValue *self, const char *text);
void satchel_value_take_text (SatchelValue *self, char *text);
void satchel_value_set_integer (SatchelValue *self, gint64 integer);

/* From and to the machine's written form (commands, CSV). "" is null. A set is
 * written with commas (or as a JSON array); money as whole minor units. */
gboolean satchel_value_parse (const SatchelField *field, const char *text, SatchelValue *out, GError **error);
char *satchel_value_to_text (const SatchelField *field, const SatchelValue *self);

/* From and to JSON (wire, --json). Both check and normalise (NFC, one line, ranges, limits). */
gboolean satchel_value_from_json (const SatchelField *field, JsonNode *node, SatchelValue *out, GError **error);
JsonNode *satchel_value_to_json (const SatchelField *field, const SatchelValue *self);

/* What a person reads, in their locale: "12 March 2026", "1,250.00 EUR", a choice's label. */
char *satchel_value_to_display (const SatchelField *field, const SatchelValue *self, const char *currency);

/* How many decimals a currency's minor unit makes: 0 for JPY, 3 for KWD, 2 for most and for NULL. */
guint satchel_currency_get_decimals (const char *currency);

/* Sets. */
char **satchel_value_dup_set (const SatchelValue *self);
void satchel_value_take_set (SatchelValue *self, char **members);
void satchel_value_set_apply (SatchelValue *self, const char *const *add, const char *const *remove);

/* Canonical JSON text: keys sorted by bytes, no white space, shortest escapes; what hashes and digests run over. */
char *satchel_json_to_canonical (JsonNode *node);

/* Checks depth and size before anything is parsed, then parses. */
JsonNode *satchel_json_parse (const char *text, gssize length, guint max_depth, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SatchelValue, satchel_value_clear)

G_END_DECLS
