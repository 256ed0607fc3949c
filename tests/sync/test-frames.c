/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <sodium.h>
#include <string.h>
#include <zstd.h>

#include "wire/satchel-frames.h"

#define MEBIBYTE ((gsize) 1024 * 1024)

static GBytes *
compress (const char *text, gsize length)
{
  gsize room = ZSTD_compressBound (length), size;
  guint8 *data = g_malloc (room);

  size = ZSTD_compress (data, room, text, length, 1);
  g_assert_false (ZSTD_isError (size));

  return g_bytes_new_take (data, size);
}

/* The body that @lines would be with the right end. */
static char *
with_end (const char *lines, gsize length, guint n_frames)
{
  guint8 digest[16];
  char hex[33];

  crypto_generichash (digest, sizeof digest, (const guint8 *) lines, length, NULL, 0);
  sodium_bin2hex (hex, sizeof hex, digest, sizeof digest);

  return g_strdup_printf ("%.*s{\"end\":{\"frames\":%u,\"digest\":\"%s\"}}\n", (int) length, lines, n_frames, hex);
}

static GBytes *
make_body (const char *lines, guint n_frames)
{
  g_autofree char *text = with_end (lines, strlen (lines), n_frames);

  return compress (text, strlen (text));
}

static void
add_begin (SatchelFrameWriter *writer)
{
  satchel_frame_writer_add_text (writer, "begin", "{\"protocol\":1}", -1);
}

/* Reads everything; the number of frames, or -1 with @error set. */
static int
read_all (GBytes *body, gsize max_decoded, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (SatchelFrameReader) reader = satchel_frame_reader_new (body, max_decoded, &local_error);
  const char *kind;
  JsonObject *content;
  int n = 0;

  while (reader != NULL && satchel_frame_reader_next (reader, &kind, &content, &local_error))
    {
      g_assert_nonnull (kind);
      g_assert_nonnull (content);
      n++;
    }
  if (local_error == NULL)
    return n;

  g_propagate_error (error, g_steal_pointer (&local_error));
  return -1;
}

static void
assert_refused (GBytes *body, gsize max_decoded, SatchelWireError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (read_all (body, max_decoded, &error), ==, -1);
  g_assert_error (error, SATCHEL_WIRE_ERROR, (int) code);
}

static GBytes *
make_long_body (guint n_frames, gsize size)
{
  g_autoptr (SatchelFrameWriter) writer = satchel_frame_writer_new ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  g_autoptr (GString) text = g_string_new (NULL);

  add_begin (writer);
  for (guint i = 0; i < n_frames; i++)
    {
      g_string_assign (text, "{\"text\":\"");
      for (gsize j = 0; j < size; j++)
        g_string_append_c (text, g_rand_int_range (rand, 'a', 'z'));
      g_string_append_printf (text, "\",\"number\":%u}", i);
      satchel_frame_writer_add_text (writer, "put", text->str, text->len);
    }

  return satchel_frame_writer_finish (writer);
}

/* ---- What is written is read ---- */

static void
test_round_trip (void)
{
  g_autoptr (SatchelFrameWriter) writer = satchel_frame_writer_new ();
  g_autoptr (SatchelFrameReader) reader = NULL;
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;
  const char *kind;
  JsonObject *content;

  json_object_set_string_member (object, "text", "line\nfeed, „Grüße“, ไทย \" \\ \x01");
  add_begin (writer);
  satchel_frame_writer_add (writer, "put", object);
  g_assert_cmpuint (satchel_frame_writer_get_decoded (writer), >, strlen ("{\"begin\":{\"protocol\":1}}\n"));
  body = satchel_frame_writer_finish (writer);

  reader = satchel_frame_reader_new (body, MEBIBYTE, &error);
  g_assert_no_error (error);
  g_assert_true (satchel_frame_reader_next (reader, &kind, &content, &error));
  g_assert_cmpstr (kind, ==, "begin");
  g_assert_cmpint (json_object_get_int_member (content, "protocol"), ==, 1);
  g_assert_true (satchel_frame_reader_next (reader, &kind, &content, &error));
  g_assert_cmpstr (kind, ==, "put");
  g_assert_cmpstr (json_object_get_string_member (content, "text"), ==, json_object_get_string_member (object, "text"));
  g_assert_false (satchel_frame_reader_next (reader, &kind, &content, &error));
  g_assert_no_error (error);
}

/* Over several chunks, the decoded size not announced. */
static void
test_long_body (void)
{
  g_autoptr (GBytes) body = make_long_body (2000, 1000);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (read_all (body, 4 * MEBIBYTE, &error), ==, 2001);
  g_assert_no_error (error);
}

static void
test_large_frame (void)
{
  g_autoptr (GBytes) body = make_long_body (1, 3 * MEBIBYTE);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (read_all (body, 4 * MEBIBYTE, &error), ==, 2);
  g_assert_no_error (error);
}

static void
test_unfinished_writer (void)
{
  g_autoptr (SatchelFrameWriter) writer = satchel_frame_writer_new ();

  add_begin (writer);
}

/* As text: the usual shape as it came, any other written anew. */
static void
test_text (void)
{
  static const struct
  {
    const char *line, *kind, *body;
  } cases[] = {
    { "{\"put\":{\"a\":{}}}",          "put",   "{\"a\":{}}"          },
    { "{\"put\":{}}",                  "put",   "{}"                  },
    { "{\"put\":{\"a\":\"\\u00fc\"}}", "put",   "{\"a\":\"\\u00fc\"}" },
    { " {\"put\":{\"a\":1}}",          "put",   "{\"a\":1}"           },
    { "{\"put\" : { \"a\" : 1 } }",    "put",   "{\"a\":1}"           },
    { "{\"\\u0070ut\":{\"a\":1}}",     "put",   "{\"a\":1}"           },
    { "{\"Put-2\":{\"a\":[1,2]}}",     "Put-2", "{\"a\":[1,2]}"       },
    { "{\"put\":{},\"exit\":{}}",      "put",   "{},\"exit\":{}"      },
  };
  g_autoptr (GString) lines = g_string_new ("{\"begin\":{\"protocol\":1}}\n");
  g_autoptr (SatchelFrameReader) reader = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;
  const char *kind, *text;
  gsize length;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_string_append_printf (lines, "%s\n", cases[i].line);
  body = make_body (lines->str, G_N_ELEMENTS (cases) + 1);
  reader = satchel_frame_reader_new (body, MEBIBYTE, &error);
  g_assert_no_error (error);

  g_assert_true (satchel_frame_reader_next_text (reader, &kind, &text, &length, &error));
  g_assert_cmpstr (kind, ==, "begin");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_true (satchel_frame_reader_next_text (reader, &kind, &text, &length, &error));
      g_assert_cmpstr (kind, ==, cases[i].kind);
      g_assert_cmpmem (text, length, cases[i].body, strlen (cases[i].body));
    }
  g_assert_false (satchel_frame_reader_next_text (reader, &kind, &text, &length, &error));
  g_assert_no_error (error);
}

static void
test_text_that_is_no_frame (void)
{
  static const char *const lines[] = {
    "{}", "[]", "", "{\"put\":[]}", "{\"put\":{}", "{\"end\":{}}", "{\"begin\":{}}", "{\"put"
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"begin\":{\"protocol\":1}}\n%s\n", lines[i]);
      g_autoptr (GBytes) body = make_body (text, 2);
      g_autoptr (SatchelFrameReader) reader = satchel_frame_reader_new (body, MEBIBYTE, NULL);
      g_autoptr (GError) error = NULL;
      const char *kind, *content;
      gsize length;

      g_assert_true (satchel_frame_reader_next_text (reader, &kind, &content, &length, &error));
      g_assert_false (satchel_frame_reader_next_text (reader, &kind, &content, &length, &error));
      g_assert_error (error, SATCHEL_WIRE_ERROR, SATCHEL_WIRE_ERROR_MALFORMED);
    }
}

/* ---- Cut and damaged ---- */

static void
assert_every_cut_is_incomplete (GBytes *body, gsize step)
{
  gsize size = g_bytes_get_size (body);

  for (gsize length = 0; length < size; length += step)
    {
      g_autofree guint8 *copy = g_memdup2 (g_bytes_get_data (body, NULL), length);
      g_autoptr (GBytes) cut = g_bytes_new (copy, length);

      assert_refused (cut, 4 * MEBIBYTE, SATCHEL_WIRE_ERROR_INCOMPLETE);
    }
}

static void
test_cut_everywhere (void)
{
  g_autoptr (GBytes) body = make_long_body (40, 20);

  g_assert_cmpint (read_all (body, MEBIBYTE, NULL), ==, 41);
  assert_every_cut_is_incomplete (body, 1);
}

static void
test_cut_long (void)
{
  g_autoptr (GBytes) body = make_long_body (600, 1000);

  assert_every_cut_is_incomplete (body, 4999);
}

/* Every cut of the lines, compressed well: as a careless sender would. */
static void
test_cut_before_compression (void)
{
  const char lines[] = "{\"begin\":{\"protocol\":1}}\n{\"put\":{\"id\":\"a\"}}\n{\"put\":{\"id\":\"b\"}}\n";
  g_autofree char *text = with_end (lines, strlen (lines), 3);

  for (gsize length = 0; length < strlen (text); length++)
    {
      g_autoptr (GBytes) body = compress (text, length);

      assert_refused (body, MEBIBYTE, SATCHEL_WIRE_ERROR_INCOMPLETE);
    }
}

static char *
read_text (GBytes *body)
{
  g_autoptr (SatchelFrameReader) reader = satchel_frame_reader_new (body, MEBIBYTE, NULL);
  GString *text = g_string_new (NULL);
  const char *kind;
  JsonObject *content;

  while (reader != NULL && satchel_frame_reader_next (reader, &kind, &content, NULL))
    g_string_append_printf (text, "%s %s\n", kind, json_object_get_string_member_with_default (content, "text", ""));

  return g_string_free_and_steal (text);
}

/* Whatever bit is changed: the body is refused, or says what it said (zstd has a bit that means nothing). */
static void
test_mutated (void)
{
  g_autoptr (GBytes) body = make_long_body (20, 30);
  g_autofree char *text = read_text (body);
  gsize size;
  const guint8 *data = g_bytes_get_data (body, &size);
  guint n_passed = 0;

  for (gsize i = 0; i < size; i++)
    for (guint bit = 0; bit < 8; bit++)
      {
        g_autofree guint8 *copy = g_memdup2 (data, size);
        g_autofree char *mutated_text = NULL;
        g_autoptr (GBytes) mutated = NULL;

        copy[i] ^= 1 << bit;
        mutated = g_bytes_new (copy, size);
        if (read_all (mutated, MEBIBYTE, NULL) == -1)
          continue;
        mutated_text = read_text (mutated);
        g_assert_cmpstr (mutated_text, ==, text);
        n_passed++;
      }
  g_assert_cmpuint (n_passed, <, 8);
}

static void
test_noise (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);

  for (guint i = 0; i < 2000; i++)
    {
      guint8 noise[64] = { 0x28, 0xb5, 0x2f, 0xfd };
      g_autoptr (GBytes) body = NULL;

      for (gsize j = i % 2 == 0 ? 4 : 0; j < sizeof noise; j++)
        noise[j] = g_rand_int_range (rand, 0, 256);
      body = g_bytes_new (noise, sizeof noise);
      g_assert_cmpint (read_all (body, MEBIBYTE, NULL), ==, -1);
    }
}

/* ---- Malformed ---- */

static GBytes *
join (GBytes *first, GBytes *second)
{
  GByteArray *all = g_byte_array_new ();

  g_byte_array_append (all, g_bytes_get_data (first, NULL), g_bytes_get_size (first));
  g_byte_array_append (all, g_bytes_get_data (second, NULL), g_bytes_get_size (second));

  return g_byte_array_free_to_bytes (all);
}

static void
test_trailing (void)
{
  g_autoptr (GBytes) body = make_long_body (2, 10);
  g_autoptr (GBytes) garbage = g_bytes_new_static ("x", 1);
  g_autoptr (GBytes) empty = compress ("", 0);
  g_autoptr (GBytes) skippable = g_bytes_new_static ("\x50\x2a\x4d\x18\x01\0\0\0x", 9);
  g_autoptr (GBytes) with_garbage = join (body, garbage);
  g_autoptr (GBytes) twice = join (body, body);
  g_autoptr (GBytes) with_empty = join (body, empty);
  g_autoptr (GBytes) behind_empty = join (empty, body);
  g_autoptr (GBytes) behind_skippable = join (skippable, body);

  assert_refused (with_garbage, MEBIBYTE, SATCHEL_WIRE_ERROR_MALFORMED);
  assert_refused (twice, MEBIBYTE, SATCHEL_WIRE_ERROR_MALFORMED);
  assert_refused (with_empty, MEBIBYTE, SATCHEL_WIRE_ERROR_MALFORMED);
  assert_refused (behind_empty, MEBIBYTE, SATCHEL_WIRE_ERROR_MALFORMED);
  assert_refused (behind_skippable, MEBIBYTE, SATCHEL_WIRE_ERROR_MALFORMED);
}

static void
test_lines_that_are_no_frames (void)
{
  static const char *const lines[] = {
    "{}",
    "[]",
    "1",
    "",
    "null",
    "{\"put\":1}",
    "{\"put\":[]}",
    "{\"put\":{},\"exit\":{}}",
    "{\"put\":{}",
    "{\"put\":{}}}",
    "{\"put\":{\"a\":\"\xff\"}}",
    "{\"put\":{}} {\"put\":{}}",
    "{'put':{}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"begin\":{\"protocol\":1}}\n%s\n", lines[i]);
      g_autoptr (GBytes) body = make_body (text, 2);

      assert_refused (body, MEBIBYTE, SATCHEL_WIRE_ERROR_MALFORMED);
    }
}

static void
test_nul_byte (void)
{
  const char lines[] = "{\"begin\":{\"protocol\":1}}\n{\"put\":{}}\0x\n";
  gsize length = sizeof lines - 1;
  guint8 digest[16];
  char hex[33];
  g_autoptr (GString) text = g_string_new_len (lines, length);
  g_autoptr (GBytes) body = NULL;

  crypto_generichash (digest, sizeof digest, (const guint8 *) lines, length, NULL, 0);
  sodium_bin2hex (hex, sizeof hex, digest, sizeof digest);
  g_string_append_printf (text, "{\"end\":{\"frames\":2,\"digest\":\"%s\"}}\n", hex);
  body = compress (text->str, text->len);

  assert_refused (body, MEBIBYTE, SATCHEL_WIRE_ERROR_MALFORMED);
}

static void
test_begin (void)
{
  static const struct
  {
    const char *lines;
    guint n_frames;
    SatchelWireError code;
  } cases[] = {
    { "",                                                             0, SATCHEL_WIRE_ERROR_MALFORMED  },
    { "{\"put\":{}}\n",                                               1, SATCHEL_WIRE_ERROR_MALFORMED  },
    { "{\"begin\":{\"protocol\":1}}\n{\"begin\":{\"protocol\":1}}\n", 2, SATCHEL_WIRE_ERROR_MALFORMED  },
    { "{\"begin\":{\"protocol\":1}}\n{\"end\":{}}\n",                 2, SATCHEL_WIRE_ERROR_MALFORMED  },
    { "{\"begin\":{\"protocol\":2}}\n",                               1, SATCHEL_WIRE_ERROR_PROTOCOL   },
    { "{\"begin\":{\"protocol\":\"1\"}}\n",                           1, SATCHEL_WIRE_ERROR_PROTOCOL   },
    { "{\"begin\":{}}\n",                                             1, SATCHEL_WIRE_ERROR_PROTOCOL   },
    { "{\"begin\":{\"protocol\":1}}\n",                               2, SATCHEL_WIRE_ERROR_INCOMPLETE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) body = make_body (cases[i].lines, cases[i].n_frames);

      assert_refused (body, MEBIBYTE, cases[i].code);
    }
}

/* ---- Bombs ---- */

static void
test_announced_bomb (void)
{
  g_autofree char *zeros = g_malloc0 (8 * MEBIBYTE);
  g_autoptr (GBytes) body = compress (zeros, 8 * MEBIBYTE);

  g_assert_cmpuint (g_bytes_get_size (body), <, 2048);
  assert_refused (body, 4 * MEBIBYTE, SATCHEL_WIRE_ERROR_LIMITS);
}

/* Without its size in the header. */
static void
test_silent_bomb (void)
{
  g_autofree char *zeros = g_malloc0 (8 * MEBIBYTE);
  g_autofree guint8 *data = g_malloc (MEBIBYTE);
  g_autoptr (GBytes) body = NULL;
  ZSTD_CCtx *compressor = ZSTD_createCCtx ();
  gsize size;

  ZSTD_CCtx_setParameter (compressor, ZSTD_c_contentSizeFlag, 0);
  size = ZSTD_compress2 (compressor, data, MEBIBYTE, zeros, 8 * MEBIBYTE);
  g_assert_false (ZSTD_isError (size));
  ZSTD_freeCCtx (compressor);
  body = g_bytes_new (data, size);

  assert_refused (body, 4 * MEBIBYTE, SATCHEL_WIRE_ERROR_LIMITS);
}

/* A header that wants two GiB for the window. */
static void
test_window_bomb (void)
{
  static const guint8 data[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00, (31 - 10) << 3, 0x01, 0x00, 0x00 };
  g_autoptr (GBytes) body = g_bytes_new_static (data, sizeof data);

  assert_refused (body, 64 * MEBIBYTE, SATCHEL_WIRE_ERROR_LIMITS);
}

static GBytes *
make_nested (guint depth)
{
  g_autoptr (GString) lines = g_string_new ("{\"begin\":{\"protocol\":1}}\n{\"put\":{\"a\":");

  for (guint i = 0; i < depth; i++)
    g_string_append_c (lines, '[');
  for (guint i = 0; i < depth; i++)
    g_string_append_c (lines, ']');
  g_string_append (lines, "}}\n");

  return make_body (lines->str, 2);
}

static void
test_depth (void)
{
  g_autoptr (GBytes) deep = make_nested (SATCHEL_JSON_MAX_DEPTH - 2);
  g_autoptr (GBytes) too_deep = make_nested (SATCHEL_JSON_MAX_DEPTH - 1);
  g_autoptr (GBytes) far_too_deep = make_nested (MEBIBYTE);

  g_assert_cmpint (read_all (deep, MEBIBYTE, NULL), ==, 2);
  assert_refused (too_deep, MEBIBYTE, SATCHEL_WIRE_ERROR_LIMITS);
  assert_refused (far_too_deep, 4 * MEBIBYTE, SATCHEL_WIRE_ERROR_LIMITS);
}

/* Two bytes each here, some hundred once they are parsed. */
static void
test_many_values (void)
{
  g_autoptr (GString) lines = g_string_new ("{\"begin\":{\"protocol\":1}}\n{\"put\":{\"a\":[0");
  g_autoptr (GBytes) body = NULL;

  for (guint i = 0; i < 4 * MEBIBYTE; i++)
    g_string_append (lines, ",0");
  g_string_append (lines, "]}}\n");
  body = make_body (lines->str, 2);

  assert_refused (body, 16 * MEBIBYTE, SATCHEL_WIRE_ERROR_LIMITS);
}

static void
test_limit_is_exact (void)
{
  const char lines[] = "{\"begin\":{\"protocol\":1}}\n";
  g_autofree char *text = with_end (lines, strlen (lines), 1);
  g_autoptr (GBytes) body = compress (text, strlen (text));

  g_assert_cmpint (read_all (body, strlen (text), NULL), ==, 1);
  assert_refused (body, strlen (text) - 1, SATCHEL_WIRE_ERROR_LIMITS);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/frames/round-trip", test_round_trip);
  g_test_add_func ("/frames/long-body", test_long_body);
  g_test_add_func ("/frames/large-frame", test_large_frame);
  g_test_add_func ("/frames/text", test_text);
  g_test_add_func ("/frames/malformed/text", test_text_that_is_no_frame);
  g_test_add_func ("/frames/unfinished-writer", test_unfinished_writer);
  g_test_add_func ("/frames/cut/everywhere", test_cut_everywhere);
  g_test_add_func ("/frames/cut/long", test_cut_long);
  g_test_add_func ("/frames/cut/before-compression", test_cut_before_compression);
  g_test_add_func ("/frames/damaged/mutated", test_mutated);
  g_test_add_func ("/frames/damaged/noise", test_noise);
  g_test_add_func ("/frames/malformed/trailing", test_trailing);
  g_test_add_func ("/frames/malformed/lines", test_lines_that_are_no_frames);
  g_test_add_func ("/frames/malformed/nul-byte", test_nul_byte);
  g_test_add_func ("/frames/malformed/begin", test_begin);
  g_test_add_func ("/frames/limits/announced-bomb", test_announced_bomb);
  g_test_add_func ("/frames/limits/silent-bomb", test_silent_bomb);
  g_test_add_func ("/frames/limits/window-bomb", test_window_bomb);
  g_test_add_func ("/frames/limits/depth", test_depth);
  g_test_add_func ("/frames/limits/many-values", test_many_values);
  g_test_add_func ("/frames/limits/exact", test_limit_is_exact);

  return g_test_run ();
}
