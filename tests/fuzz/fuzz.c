/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "fuzz.h"

#include <sodium.h>
#include <string.h>
#include <zstd.h>

#include "records/satchel-value.h"

#define DIGEST_BYTES 16

char **
fuzz_split (const guint8 *data, gsize size, guint n)
{
  char **pieces = g_new0 (char *, n + 1);
  const guint8 *end = data + size;

  for (guint i = 0; i < n; i++)
    {
      const guint8 *nul = i + 1 < n && data < end ? memchr (data, '\0', (gsize) (end - data)) : NULL;
      const guint8 *stop = nul != NULL ? nul : end;

      pieces[i] = g_strndup ((const char *) data, (gsize) (stop - data));
      data = nul != NULL ? nul + 1 : end;
    }

  return pieces;
}

static guint
count_lines (const char *lines, gsize length)
{
  guint n = 0;

  for (gsize i = 0; i < length; i++)
    n += lines[i] == '\n';

  return n;
}

GBytes *
fuzz_seal (const char *lines, gsize length)
{
  g_autoptr (GString) text = g_string_new_len (lines, (gssize) length);
  guint8 digest[DIGEST_BYTES];
  char hex[2 * DIGEST_BYTES + 1];
  gsize room;
  guint8 *body;

  crypto_generichash (digest, sizeof digest, (const guint8 *) lines, length, NULL, 0);
  sodium_bin2hex (hex, sizeof hex, digest, sizeof digest);
  g_string_append_printf (text, "{\"end\":{\"frames\":%u,\"digest\":\"%s\"}}\n", count_lines (lines, length), hex);

  room = ZSTD_compressBound (text->len);
  body = g_malloc (room);
  room = ZSTD_compress (body, room, text->str, text->len, 1);
  g_assert_false (ZSTD_isError (room));

  return g_bytes_new_take (body, room);
}

char *
fuzz_object_to_canonical (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);

  return satchel_json_to_canonical (node);
}
