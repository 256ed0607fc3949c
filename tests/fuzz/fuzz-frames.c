/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lines of a framed body whose end is right. Both ways of reading say the same, what is written again reads the same,
 * and a body that was cut or changed on the way gives nothing else. */

#include "fuzz.h"

#include <string.h>

#include "records/satchel-value.h"
#include "wire/satchel-frames.h"

#define MAX_DECODED (256 * 1024)

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  return 0;
}

/* What a reader gives out: a line "KIND BODY" for each frame, and how it ended. */
static char *
read_all (GBytes *body)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelFrameReader) reader = satchel_frame_reader_new (body, MAX_DECODED, &error);
  GString *all = g_string_new (NULL);
  const char *kind;
  JsonObject *object;

  while (reader != NULL && satchel_frame_reader_next (reader, &kind, &object, &error))
    {
      g_autofree char *text = fuzz_object_to_canonical (object);

      g_string_append_printf (all, "%s %s\n", kind, text);
    }
  if (error != NULL)
    g_string_append_printf (all, "! %d", error->code);

  return g_string_free_and_steal (all);
}

/* What is given out as text is JSON or is found to be none by who parses it; the other way of reading says no to that
 * line then. */
static void
check_texts (GBytes *body, const char *all)
{
  g_autoptr (SatchelFrameReader) reader = satchel_frame_reader_new (body, MAX_DECODED, NULL);
  const char *kind;
  const char *text;
  gsize length;

  while (reader != NULL && satchel_frame_reader_next_text (reader, &kind, &text, &length, NULL))
    {
      g_autoptr (JsonNode) node = satchel_json_parse (text, (gssize) length, SATCHEL_JSON_MAX_DEPTH - 1, NULL);
      g_autofree char *canonical = node != NULL ? satchel_json_to_canonical (node) : NULL;
      g_autofree char *line = g_strdup_printf ("%s %s\n", kind, canonical);

      if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
        {
          g_assert_true (all[0] == '!');
          return;
        }
      g_assert_true (g_str_has_prefix (all, line));
      all += strlen (line);
    }
  g_assert_true (all[0] == '\0' || all[0] == '!');
}

static void
check_peek (GBytes *body, const char *all)
{
  g_autoptr (SatchelFrameReader) reader = satchel_frame_reader_new (body, MAX_DECODED, NULL);
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *canonical = NULL;
  g_autofree char *line = NULL;
  const char *text;
  gsize length;

  text = reader != NULL ? satchel_frame_reader_peek_last (reader, "page", &length) : NULL;
  node = text != NULL ? satchel_json_parse (text, (gssize) length, SATCHEL_JSON_MAX_DEPTH - 1, NULL) : NULL;
  if (node == NULL || strstr (all, "! ") != NULL)
    return;

  canonical = satchel_json_to_canonical (node);
  line = g_strdup_printf ("page %s\n", canonical);
  g_assert_true (g_str_has_suffix (all, line));
}

static void
check_written_again (GBytes *body, const char *all)
{
  g_autoptr (SatchelFrameReader) reader = satchel_frame_reader_new (body, MAX_DECODED, NULL);
  SatchelFrameWriter *writer = satchel_frame_writer_new ();
  g_autoptr (GBytes) again = NULL;
  g_autofree char *all_again = NULL;
  const char *kind;
  JsonObject *object;

  while (reader != NULL && satchel_frame_reader_next (reader, &kind, &object, NULL))
    satchel_frame_writer_add (writer, kind, object);
  again = satchel_frame_writer_finish (writer);
  satchel_frame_writer_free (writer);

  all_again = read_all (again);
  g_assert_cmpstr (all_again, ==, all);
}

/* Each cut is noticed, and a changed byte gives out nothing that was not sent. */
static void
check_damage (GBytes *body, const char *all)
{
  gsize size = g_bytes_get_size (body);
  gsize place = (gsize) g_str_hash (all) % size;
  g_autoptr (GBytes) cut = g_bytes_new_from_bytes (body, 0, place);
  g_autoptr (SatchelFrameReader) of_cut = satchel_frame_reader_new (cut, MAX_DECODED, NULL);
  g_autofree guint8 *bytes = g_memdup2 (g_bytes_get_data (body, NULL), size);
  g_autoptr (GBytes) changed = NULL;
  g_autoptr (SatchelFrameReader) of_changed = NULL;

  g_assert_null (of_cut);

  bytes[place] ^= 1u << (g_str_hash (all) >> 13) % 8;
  changed = g_bytes_new (bytes, size);
  of_changed = satchel_frame_reader_new (changed, MAX_DECODED, NULL);
  if (of_changed != NULL)
    {
      g_autofree char *all_changed = read_all (changed);

      g_assert_cmpstr (all_changed, ==, all);
    }
}

/* What names the kind of a frame is written without escapes. */
static gboolean
has_plain_kinds (const char *all)
{
  g_auto (GStrv) lines = g_strsplit (all, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    for (const char *c = lines[i]; *c != ' ' && *c != '\0'; c++)
      if (!g_ascii_isalnum (*c) && *c != '_')
        return FALSE;

  return TRUE;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) body = fuzz_seal ((const char *) data, size);
  g_autofree char *all = read_all (body);

  check_damage (body, all);
  if (!has_plain_kinds (all))
    return 0;

  check_texts (body, all);
  check_peek (body, all);
  if (strstr (all, "! ") == NULL && all[0] != '!')
    check_written_again (body, all);

  return 0;
}
