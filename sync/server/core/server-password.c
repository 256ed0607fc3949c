/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Passwords: Argon2id with libsodium's interactive limits (64 MiB, two passes). */

#include "satchel-config.h"

#include "server-password.h"

#include <sodium.h>
#include <string.h>

/**
 * satchel_password_hash:
 * @password: a password, not empty
 *
 * Costs about 64 MiB and a tenth of a second; not for a thread that others wait for.
 *
 * Returns: (transfer full): what to keep of it: an Argon2id string with its salt and parameters
 */
char *
satchel_password_hash (const char *password)
{
  char hash[crypto_pwhash_STRBYTES];

  if (crypto_pwhash_str_alg (hash, password, strlen (password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                             crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0)
    g_error ("There is not enough memory to hash a password");

  return g_strdup (hash);
}

/* What an unknown name is compared with, so that it takes as long as a known one. Nobody's password. */
static const char *
get_stranger (void)
{
  static char *stranger;

  if (g_once_init_enter_pointer (&stranger))
    {
      guint8 noise[32];
      char text[2 * sizeof noise + 1];

      randombytes_buf (noise, sizeof noise);
      sodium_bin2hex (text, sizeof text, noise, sizeof noise);
      g_once_init_leave_pointer (&stranger, satchel_password_hash (text));
    }

  return stranger;
}

/**
 * satchel_password_verify:
 * @hash: (nullable): what was kept; %NULL when there is no such user or no password yet
 * @password: what was typed
 *
 * Takes as long whether there is a hash or not.
 *
 * Returns: whether the password is the right one
 */
gboolean
satchel_password_verify (const char *hash, const char *password)
{
  gboolean right = crypto_pwhash_str_verify (hash != NULL ? hash : get_stranger (), password, strlen (password)) == 0;

  return right && hash != NULL;
}
