/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Tokens of devices. The server keeps only their hash: who reads the store cannot speak as a device. */

#include "satchel-config.h"

#include "server-tokens.h"

#include <sodium.h>
#include <string.h>

#define TOKEN_BYTES 32
#define HASH_BYTES 32

/**
 * satchel_token_new:
 *
 * Returns: (transfer full): a new token
 */
char *
satchel_token_new (void)
{
  guchar bytes[TOKEN_BYTES];
  char text[sodium_base64_ENCODED_LEN (TOKEN_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];

  randombytes_buf (bytes, sizeof bytes);
  sodium_bin2base64 (text, sizeof text, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);

  return g_strdup (text);
}

/**
 * satchel_token_hash:
 * @token: a token
 *
 * Returns: (transfer full): its BLAKE2b hash, in hex
 */
char *
satchel_token_hash (const char *token)
{
  guchar hash[HASH_BYTES];
  char text[HASH_BYTES * 2 + 1];

  crypto_generichash (hash, sizeof hash, (const guchar *) token, strlen (token), NULL, 0);
  sodium_bin2hex (text, sizeof text, hash, sizeof hash);

  return g_strdup (text);
}
