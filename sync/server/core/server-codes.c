/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Codes that invite somebody. They are short-lived and tried at most ten times a minute, so sixty bits are plenty; the
 * server keeps only their hash. */

#include "satchel-config.h"

#include "server-devices.h"

#include <sodium.h>
#include <string.h>

#include "server-tokens.h"

#define CODE_LETTERS 12
#define GROUP_LETTERS 4

/* Without I, L, O and U. */
static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * satchel_code_new:
 *
 * Returns: (transfer full): a new code, as in "7K2M-QX0P-9VRA"
 */
char *
satchel_code_new (void)
{
  GString *code = g_string_new (NULL);

  for (guint i = 0; i < CODE_LETTERS; i++)
    {
      if (i > 0 && i % GROUP_LETTERS == 0)
        g_string_append_c (code, '-');
      g_string_append_c (code, letters[randombytes_uniform (sizeof letters - 1)]);
    }

  return g_string_free_and_steal (code);
}

/* What people make of a letter in reading it. */
static char
read_letter (char c)
{
  c = g_ascii_toupper (c);
  if (c == 'O')
    return '0';

  return c == 'I' || c == 'L' ? '1' : c;
}

/**
 * satchel_code_hash:
 * @code: a code as somebody typed it, in small or large letters, with or without signs between
 *
 * Returns: (transfer full) (nullable): its BLAKE2b hash, in hex; %NULL when it cannot be one
 */
char *
satchel_code_hash (const char *code)
{
  char plain[CODE_LETTERS + 1] = { 0 };
  guint n = 0;

  for (const char *c = code; *c != '\0'; c++)
    {
      if (*c == '-' || *c == ' ')
        continue;
      if (n == CODE_LETTERS || strchr (letters, read_letter (*c)) == NULL)
        return NULL;
      plain[n++] = read_letter (*c);
    }

  return n == CODE_LETTERS ? satchel_token_hash (plain) : NULL;
}
