/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Bytes that should be a framed body: whatever zstd makes of them, nothing of a bad one is given out, and memory stays
 * within what is allowed. */

#include "fuzz.h"

#include "wire/satchel-frames.h"

#define MAX_DECODED (64 * 1024)

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  return 0;
}

static void
check_error (const GError *error)
{
  g_assert_nonnull (error);
  g_assert_true (error->domain == SATCHEL_WIRE_ERROR);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) body = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelFrameReader) reader = satchel_frame_reader_new (body, MAX_DECODED, &error);
  const char *kind = NULL;
  JsonObject *object;
  guint n = 0;

  if (reader == NULL)
    {
      check_error (error);
      return 0;
    }

  while (satchel_frame_reader_next (reader, &kind, &object, &error))
    g_assert_cmpint (n++ == 0, ==, g_strcmp0 (kind, "begin") == 0);
  if (error != NULL)
    check_error (error);

  return 0;
}
