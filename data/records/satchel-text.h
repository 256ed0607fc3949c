/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The shadow text that the search runs over: lower case, diacritics of Latin and Greek letters folded, ё as е
 * (but й stays), Thai marks kept, white space run together, compatibility forms unified. */
char *satchel_text_fold (const char *text);

/* The digits of a phone number, without spaces or marks; NULL when there are fewer than 3. */
char *satchel_text_phone_digits (const char *text);

/* Whether a search reads like a telephone number: digits with spaces, + ( ) - . / only, at least 3 digits. */
gboolean satchel_text_looks_like_phone (const char *text);

/* Byte order of keys is the order of lists, the same in every locale: folded, Thai leading vowels after their
 * consonant. */
char *satchel_text_sort_key (const char *text);

/* The heading a name stands under: its first letter folded and upper case, or "#". */
char *satchel_text_section (const char *text);

/* NFC; NULL when the bytes are not UTF-8 or hold a NUL. */
char *satchel_text_normalise (const char *text, gssize length);

G_END_DECLS
