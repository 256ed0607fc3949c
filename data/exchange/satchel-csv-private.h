/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-csv.h"

#include <string.h>

G_BEGIN_DECLS

/* A spreadsheet runs text that starts with one of these; with apostrophes in front it does not, and a text that has
 * them already gets one more, so that taking one away gives every text back. */
static inline gboolean
satchel_csv_is_formula (const char *text)
{
  char first = text[strspn (text, "'")];

  return first != '\0' && strchr ("=+-@\t\r", first) != NULL;
}

G_END_DECLS
