/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Unicode normal form, the folded text that searches run over, sort keys and telephone numbers. */

#include "satchel-text.h"

#include <string.h>

#define PHONE_MIN_DIGITS 3

/* GLib's normalisation takes time that grows with the square of its input, so it only ever gets pieces this long.
 * A cluster of one letter and more marks than fit is no writing; it stays as it came. */
#define PIECE_MAX_BYTES 256

/* ---- Normal form ---------------------------------------------------------------------------------- */

static gboolean
is_ascii (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if ((guchar) text[i] >= 0x80)
      return FALSE;

  return TRUE;
}

/* Whether the letter is in normal form by itself: true of what is written most, not of all that is. */
static gboolean
is_plainly_normal (gunichar letter)
{
  return letter < 0x0300 || (letter >= 0x0400 && letter <= 0x0482) || (letter >= 0x048a && letter <= 0x052f) ||
         (letter >= 0x0e00 && letter <= 0x0e7f) || (letter >= 0x2010 && letter <= 0x2027) || letter == 0x20ac;
}

static gboolean
is_normal_already (const char *text, gsize length)
{
  const char *end = text + length;
  gint previous = 0;

  for (const char *p = text; p < end;)
    {
      gunichar letter;
      gint class;

      if ((guchar) *p < 0x80)
        {
          previous = 0;
          p++;
          continue;
        }

      letter = g_utf8_get_char (p);
      if (!is_plainly_normal (letter))
        return FALSE;

      class = letter < 0x0e00 ? 0 : g_unichar_combining_class (letter);
      if (class != 0 && class < previous)
        return FALSE;

      previous = class;
      p = g_utf8_next_char (p);
    }

  return TRUE;
}

/* Whether nothing before the letter can be joined with it or be moved behind it. */
static gboolean
starts_cluster (gunichar letter)
{
  if (letter < 0x0300)
    return TRUE;
  if (letter >= 0x1160 && letter <= 0x11ff) /* Hangul vowels and finals join what is before them */
    return FALSE;

  return !g_unichar_ismark (letter) && g_unichar_combining_class (letter) == 0;
}

static const char *
find_cluster_end (const char *start, const char *end)
{
  const char *p = g_utf8_next_char (start);

  while (p < end && !starts_cluster (g_utf8_get_char (p)))
    p = g_utf8_next_char (p);

  return p;
}

static void
append_normal (GString *out, const char *start, const char *end)
{
  g_autofree char *normal = NULL;

  if (start == end)
    return;

  normal = g_utf8_normalize (start, end - start, G_NORMALIZE_NFC);
  g_string_append (out, normal);
}

static char *
normalise_in_pieces (const char *text, gsize length)
{
  const char *end = text + length;
  const char *piece = text;
  GString *out = g_string_sized_new (length + 16);

  for (const char *p = text; p < end;)
    {
      const char *next = find_cluster_end (p, end);

      if (next - piece > PIECE_MAX_BYTES)
        {
          append_normal (out, piece, p);
          piece = p;
        }

      if (next - piece > PIECE_MAX_BYTES)
        {
          g_string_append_len (out, p, next - p);
          piece = next;
        }

      p = next;
    }

  append_normal (out, piece, end);

  return g_string_free_and_steal (out);
}

/**
 * satchel_text_normalise:
 * @text: bytes that should be UTF-8
 * @length: how many, or -1 up to the terminating NUL
 *
 * Brings text into Unicode normal form C, in which two texts that look the
 * same are the same bytes. Takes time in proportion to the length, whatever
 * the text holds.
 *
 * Returns: (transfer full) (nullable): the text, or %NULL when the bytes are
 *   not UTF-8 or hold a NUL
 */
char *
satchel_text_normalise (const char *text, gssize length)
{
  gsize size = length < 0 ? strlen (text) : (gsize) length;

  if (!g_utf8_validate_len (text, size, NULL))
    return NULL;
  if (is_normal_already (text, size))
    return g_strndup (text, size);

  return normalise_in_pieces (text, size);
}

/* ---- Folding -------------------------------------------------------------------------------------- */

typedef struct
{
  GString *out;
  gboolean space; /* white space was seen and not yet written */
  gboolean folds_marks; /* the last letter was Latin or Greek */
  gboolean recompose; /* something was taken apart that belongs together */
} Folding;

static void
folding_append (Folding *self, gunichar letter)
{
  if (self->space && self->out->len > 0)
    g_string_append_c (self->out, ' ');

  self->space = FALSE;

  if (letter < 0x80)
    g_string_append_c (self->out, (char) letter);
  else
    g_string_append_unichar (self->out, letter);
}

static gboolean
is_white (gunichar letter)
{
  return letter <= 0x20 || letter == 0x7f || letter == 0x85 || (letter >= 0xa0 && g_unichar_isspace (letter));
}

/* Invisible letters (soft hyphen, joiners, the zero width space between Thai words) that nobody searches for. */
static gboolean
is_invisible (gunichar letter)
{
  return letter >= 0xad && (g_unichar_type (letter) == G_UNICODE_FORMAT || (letter >= 0xfe00 && letter <= 0xfe0f));
}

/* Letters that Unicode does not take apart but people do. */
static const char *
find_spelling (gunichar lower)
{
  switch (lower)
    {
    case 0x00df: /* ß */
      return "ss";
    case 0x00e6: /* æ */
      return "ae";
    case 0x0153: /* œ */
      return "oe";
    case 0x00fe: /* þ */
      return "th";
    case 0x00f8: /* ø */
      return "o";
    case 0x0142: /* ł */
      return "l";
    case 0x0111: /* đ */
    case 0x00f0: /* ð */
      return "d";
    case 0x0127: /* ħ */
      return "h";
    case 0x0131: /* ı */
      return "i";
    case 0x03c2: /* ς at the end of a word */
      return "σ";
    default:
      return NULL;
    }
}

static void
fold_base (Folding *self, gunichar letter)
{
  gunichar lower = g_unichar_tolower (letter);
  const char *spelling = find_spelling (lower);

  if (spelling == NULL)
    {
      folding_append (self, lower);
      return;
    }

  for (const char *p = spelling; *p != '\0'; p = g_utf8_next_char (p))
    folding_append (self, g_utf8_get_char (p));
}

static void
fold_part (Folding *self, gunichar part)
{
  GUnicodeScript script;

  if (is_white (part))
    {
      self->space = TRUE;
      self->folds_marks = FALSE;
      return;
    }
  if (g_unichar_ismark (part))
    {
      if (self->folds_marks)
        return;
      self->recompose = TRUE;
      folding_append (self, part);
      return;
    }

  script = g_unichar_get_script (part);
  self->folds_marks = script == G_UNICODE_SCRIPT_LATIN || script == G_UNICODE_SCRIPT_GREEK;
  fold_base (self, part);
}

/* Cyrillic letters stay whole, so that й is not и; only ё is written as е by most. */
static gboolean
fold_cyrillic (Folding *self, gunichar letter)
{
  gunichar lower;

  if (letter < 0x0400 || letter > 0x052f || g_unichar_ismark (letter))
    return FALSE;

  lower = g_unichar_tolower (letter);
  self->folds_marks = FALSE;
  folding_append (self, lower == 0x0451 ? 0x0435 : lower);

  return TRUE;
}

static void
fold_letter (Folding *self, gunichar letter)
{
  gunichar parts[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];
  gsize n_parts;

  if (is_invisible (letter) || fold_cyrillic (self, letter))
    return;

  n_parts = g_unichar_fully_decompose (letter, TRUE, parts, G_N_ELEMENTS (parts));

  /* A mark standing alone (´) is a letter of its own, not a space with a mark. */
  if (n_parts > 1 && parts[0] == ' ')
    {
      self->folds_marks = FALSE;
      folding_append (self, letter);
      return;
    }

  if (n_parts > 1)
    self->recompose = TRUE;
  for (gsize i = 0; i < n_parts; i++)
    fold_part (self, parts[i]);
}

static void
fold_ascii (Folding *self, char letter)
{
  self->folds_marks = g_ascii_isalpha (letter);

  if (is_white ((guchar) letter))
    self->space = TRUE;
  else
    folding_append (self, (guchar) g_ascii_tolower (letter));
}

static void
fold_text (Folding *self, const char *text)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if ((guchar) *p < 0x80)
      fold_ascii (self, *p);
    else
      fold_letter (self, g_utf8_get_char (p));
}

/**
 * satchel_text_fold:
 * @text: UTF-8
 *
 * Makes the shadow text that searches compare: lower case; Latin and Greek
 * letters without their marks; compatibility forms (full width, ligatures) as
 * the plain ones; ё as е while й stays й; Thai marks kept; runs of white space
 * as one space, none at the ends; invisible letters gone. The same in every
 * locale. Folding folded text changes nothing.
 *
 * Returns: (transfer full): the folded text, may be empty
 */
char *
satchel_text_fold (const char *text)
{
  gsize length = strlen (text);
  Folding folding = { 0 };
  g_autofree char *normal = NULL;
  g_autofree char *folded = NULL;

  if (!is_normal_already (text, length))
    {
      normal = satchel_text_normalise (text, (gssize) length);
      g_return_val_if_fail (normal != NULL, g_strdup (""));
      text = normal;
    }

  folding.out = g_string_sized_new (length);
  fold_text (&folding, text);
  folded = g_string_free_and_steal (folding.out);

  if (folding.recompose && !is_ascii (folded, strlen (folded)))
    return satchel_text_normalise (folded, -1);

  return g_steal_pointer (&folded);
}

/* ---- Telephone numbers ---------------------------------------------------------------------------- */

/**
 * satchel_text_phone_digits:
 * @text: UTF-8, a telephone number as a person wrote it
 *
 * Takes the digits of a number, of any script, as ASCII digits.
 *
 * Returns: (transfer full) (nullable): the digits; %NULL when there are fewer than 3
 */
char *
satchel_text_phone_digits (const char *text)
{
  g_autoptr (GString) digits = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gint digit = g_unichar_digit_value (g_utf8_get_char (p));

      if (digit >= 0)
        g_string_append_c (digits, (char) ('0' + digit));
    }

  if (digits->len < PHONE_MIN_DIGITS)
    return NULL;

  return g_string_free_and_steal (g_steal_pointer (&digits));
}

/**
 * satchel_text_looks_like_phone:
 * @text: UTF-8, what a person types into the search
 *
 * Returns: whether it is made of digits and the marks of telephone numbers
 *   only, with at least 3 digits
 */
gboolean
satchel_text_looks_like_phone (const char *text)
{
  guint n_digits = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar letter = g_utf8_get_char (p);

      if (g_unichar_isdigit (letter))
        n_digits++;
      else if (!g_unichar_isspace (letter) && !(letter < 0x80 && strchr ("+()-./", (int) letter) != NULL))
        return FALSE;
    }

  return n_digits >= PHONE_MIN_DIGITS;
}

/* ---- Order of lists ------------------------------------------------------------------------------- */

static gboolean
is_thai_leading_vowel (gunichar letter)
{
  return letter >= 0x0e40 && letter <= 0x0e44;
}

static gboolean
is_thai_consonant (gunichar letter)
{
  return letter >= 0x0e01 && letter <= 0x0e2e;
}

static gboolean
is_thai (gunichar letter)
{
  return letter >= 0x0e00 && letter <= 0x0e7f;
}

/* Thai writes some vowels before the consonant that they are spoken after; both letters are three bytes. */
static void
swap_thai_vowels (char *text)
{
  char *p = text;

  while (*p != '\0')
    {
      char *next = g_utf8_next_char (p);

      if (is_thai_leading_vowel (g_utf8_get_char (p)) && *next != '\0' && is_thai_consonant (g_utf8_get_char (next)))
        {
          char vowel[3];

          memcpy (vowel, p, 3);
          memcpy (p, next, 3);
          memcpy (next, vowel, 3);
          next += 3;
        }

      p = next;
    }
}

/**
 * satchel_text_sort_key:
 * @text: UTF-8
 *
 * Makes a key whose byte order is the order of lists, the same in every
 * locale: the folded text, with Thai leading vowels behind their consonant as
 * in a Thai dictionary.
 *
 * Returns: (transfer full): the key, may be empty
 */
char *
satchel_text_sort_key (const char *text)
{
  char *key = satchel_text_fold (text);

  swap_thai_vowels (key);

  return key;
}

/**
 * satchel_text_section:
 * @text: UTF-8, a name in a list
 *
 * Finds the heading that a name stands under: the first letter of its sort
 * key as a capital; "#" for digits, signs and no name at all.
 *
 * Returns: (transfer full): the heading
 */
char *
satchel_text_section (const char *text)
{
  g_autofree char *key = satchel_text_sort_key (text);
  gunichar first = g_utf8_get_char (key);
  char heading[7] = { 0 };

  if (!g_unichar_isalpha (first) || (is_thai (first) && !is_thai_consonant (first)))
    return g_strdup ("#");

  g_unichar_to_utf8 (g_unichar_toupper (first), heading);

  return g_strdup (heading);
}
