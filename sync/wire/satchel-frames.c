/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "satchel-frames.h"

#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "records/satchel-value.h"

#define COMPRESSION_LEVEL 3

/* Lines are gathered up to this before they are hashed and compressed; a body that never reaches it is compressed in
 * one go, which needs far less memory. */
#define CHUNK_BYTES (128 * 1024)

/* What a reader keeps in memory to decode a body: 8 MiB, as RFC 8878 recommends. */
#define MAX_WINDOW_LOG 23

#define MAGIC_BYTES 4
#define DIGEST_BYTES 16
#define DIGEST_TEXT_BYTES (2 * DIGEST_BYTES + 1)

/* A line may hold so many values; the rest would be a bomb: a value takes some hundred bytes once it is parsed. */
#define MAX_VALUES 1000000

/**
 * SATCHEL_WIRE_ERROR:
 *
 * The domain of what is wrong with a framed body; its codes are
 * #SatchelWireError.
 */
G_DEFINE_QUARK (satchel-wire-error-quark, satchel_wire_error)

struct _SatchelFrameWriter
{
  GString *lines; /* not compressed yet */
  GByteArray *compressed;
  ZSTD_CCtx *compressor; /* NULL until the first chunk is full */
  crypto_generichash_state digest;
  guint64 n_frames;
  gsize decoded;
};

struct _SatchelFrameReader
{
  char *text; /* decoded, of the lines before the end */
  gsize length;
  gsize position;
  JsonNode *line; /* (nullable): the last one, parsed */
  char *body; /* (nullable): its body's text, where it was written anew */
};

static void
start_sodium (void)
{
  /* Cheap and safe to repeat; picks the fastest implementation. */
  int status = sodium_init ();

  g_assert (status >= 0);
}

/* ---- Writing ---- */

static void
write_compressed (SatchelFrameWriter *self, ZSTD_EndDirective directive)
{
  ZSTD_inBuffer input = { self->lines->str, self->lines->len, 0 };
  gsize remaining;

  do
    {
      gsize room = ZSTD_CStreamOutSize (), before = self->compressed->len;
      ZSTD_outBuffer output = { 0 };

      g_byte_array_set_size (self->compressed, before + room);
      output = (ZSTD_outBuffer) { self->compressed->data + before, room, 0 };
      remaining = ZSTD_compressStream2 (self->compressor, &output, &input, directive);
      g_assert (!ZSTD_isError (remaining));
      g_byte_array_set_size (self->compressed, before + output.pos);
    }
  while (directive == ZSTD_e_end ? remaining > 0 : input.pos < input.size);

  g_string_truncate (self->lines, 0);
}

static void
make_compressor (SatchelFrameWriter *self)
{
  if (self->compressor != NULL)
    return;

  self->compressor = ZSTD_createCCtx ();
  g_assert (self->compressor != NULL);
  ZSTD_CCtx_setParameter (self->compressor, ZSTD_c_compressionLevel, COMPRESSION_LEVEL);
}

static void
hash_lines (SatchelFrameWriter *self)
{
  crypto_generichash_update (&self->digest, (const guint8 *) self->lines->str, self->lines->len);
}

static void
flush_full_chunk (SatchelFrameWriter *self)
{
  if (self->lines->len < CHUNK_BYTES)
    return;

  hash_lines (self);
  make_compressor (self);
  write_compressed (self, ZSTD_e_continue);
}

/**
 * satchel_frame_writer_new:
 *
 * Begins a framed body. The caller adds `begin` first; what is added is
 * compressed as it comes, so that memory holds little but the compressed
 * body. One thread owns it.
 *
 * Returns: (transfer full): a new writer
 */
SatchelFrameWriter *
satchel_frame_writer_new (void)
{
  SatchelFrameWriter *self = g_new0 (SatchelFrameWriter, 1);

  start_sodium ();
  crypto_generichash_init (&self->digest, NULL, 0, DIGEST_BYTES);
  self->lines = g_string_sized_new (4096);
  self->compressed = g_byte_array_new ();

  return self;
}

/**
 * satchel_frame_writer_add:
 * @kind: the frame's kind: a plain word
 * @body: the frame's body
 *
 * Adds one frame.
 */
void
satchel_frame_writer_add (SatchelFrameWriter *self, const char *kind, JsonObject *body)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), body);
  g_autofree char *text = json_to_string (node, FALSE);

  satchel_frame_writer_add_text (self, kind, text, -1);
}

/**
 * satchel_frame_writer_add_text:
 * @kind: the frame's kind: a plain word
 * @body: JSON object text, on one line
 * @length: bytes of @body, or -1 when it ends with a NUL
 *
 * Adds one frame whose body is text already; it is written as it is.
 */
void
satchel_frame_writer_add_text (SatchelFrameWriter *self, const char *kind, const char *body, gssize length)
{
  gsize before = self->lines->len;

  g_string_append (self->lines, "{\"");
  g_string_append (self->lines, kind);
  g_string_append (self->lines, "\":");
  g_string_append_len (self->lines, body, length);
  g_string_append (self->lines, "}\n");

  self->n_frames++;
  self->decoded += self->lines->len - before;
  flush_full_chunk (self);
}

/**
 * satchel_frame_writer_get_decoded:
 *
 * How large the body is before compression, so that its author can stop in
 * time.
 *
 * Returns: bytes so far
 */
gsize
satchel_frame_writer_get_decoded (SatchelFrameWriter *self)
{
  return self->decoded;
}

static void
append_end (SatchelFrameWriter *self)
{
  guint8 digest[DIGEST_BYTES];
  char text[DIGEST_TEXT_BYTES];

  hash_lines (self);
  crypto_generichash_final (&self->digest, digest, sizeof digest);
  sodium_bin2hex (text, sizeof text, digest, sizeof digest);
  g_string_append_printf (self->lines, "{\"end\":{\"frames\":%" G_GUINT64_FORMAT ",\"digest\":\"%s\"}}\n",
                          self->n_frames, text);
}

/**
 * satchel_frame_writer_finish:
 *
 * Adds the `end` frame and closes the body. Nothing can be added any more.
 *
 * Returns: (transfer full): the body
 */
GBytes *
satchel_frame_writer_finish (SatchelFrameWriter *self)
{
  guint8 *body;
  gsize length;

  g_assert (self->compressed != NULL);

  append_end (self);
  make_compressor (self);
  write_compressed (self, ZSTD_e_end);

  /* Whoever keeps a short body keeps no more than that: there was room for a large one. */
  body = g_byte_array_steal (self->compressed, &length);
  g_clear_pointer (&self->compressed, g_byte_array_unref);
  return g_bytes_new_take (g_realloc (body, length), length);
}

/**
 * satchel_frame_writer_free:
 *
 * Frees a writer, finished or not.
 */
void
satchel_frame_writer_free (SatchelFrameWriter *self)
{
  if (self == NULL)
    return;

  g_string_free (self->lines, TRUE);
  g_clear_pointer (&self->compressed, g_byte_array_unref);
  ZSTD_freeCCtx (self->compressor);
  g_free (self);
}

/* ---- Decoding a whole body ---- */

static gboolean
refuse_malformed (GError **error, const char *reason)
{
  g_set_error (error, SATCHEL_WIRE_ERROR, SATCHEL_WIRE_ERROR_MALFORMED,
               _ ("What came over the network is not what Satchel speaks: %s. Nothing of it was used."), reason);
  return FALSE;
}

static gboolean
refuse_incomplete (GError **error)
{
  g_set_error (
      error, SATCHEL_WIRE_ERROR, SATCHEL_WIRE_ERROR_INCOMPLETE,
      _ ("What came over the network was cut short or damaged. Nothing of it was used; it will be sent again."));
  return FALSE;
}

static gboolean
refuse_large (GError **error)
{
  g_set_error (error, SATCHEL_WIRE_ERROR, SATCHEL_WIRE_ERROR_LIMITS,
               _ ("What came over the network is larger than Satchel takes. Nothing of it was used."));
  return FALSE;
}

typedef struct
{
  ZSTD_DCtx *decompressor;
  ZSTD_inBuffer input;
  char *text;
  gsize length;
  gsize room;
  gsize max;
} Decoding;

static void
decoding_clear (Decoding *decoding)
{
  ZSTD_freeDCtx (decoding->decompressor);
  g_free (decoding->text);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Decoding, decoding_clear)

/* What the body says of itself is checked before any memory is taken for it. */
static gboolean
check_header (const Decoding *decoding, guint64 *announced, GError **error)
{
  static const guint8 magic[MAGIC_BYTES] = { 0x28, 0xb5, 0x2f, 0xfd };
  gsize n_seen = MIN (decoding->input.size, MAGIC_BYTES);

  if (n_seen > 0 && memcmp (decoding->input.src, magic, n_seen) != 0)
    return refuse_malformed (error, _ ("it is not compressed as it should be"));

  *announced = ZSTD_getFrameContentSize (decoding->input.src, decoding->input.size);
  if (*announced == ZSTD_CONTENTSIZE_ERROR)
    *announced = ZSTD_CONTENTSIZE_UNKNOWN; /* a header cut short; decoding finds out */
  if (*announced != ZSTD_CONTENTSIZE_UNKNOWN && *announced > decoding->max)
    return refuse_large (error);

  return TRUE;
}

/* One byte more than allowed, so that too much is noticed. */
static void
take_room (Decoding *decoding, gsize wanted)
{
  decoding->room = MIN (wanted, decoding->max + 1);
  decoding->text = g_realloc (decoding->text, decoding->room);
}

static gboolean
explain_failure (gsize status, GError **error)
{
  ZSTD_ErrorCode code = ZSTD_getErrorCode (status);

  if (code == ZSTD_error_frameParameter_windowTooLarge || code == ZSTD_error_memory_allocation)
    return refuse_large (error);

  return refuse_malformed (error, _ ("it is not compressed as it should be"));
}

/* Sets @done when the compressed frame is at its end. */
static gboolean
decode_some (Decoding *decoding, gboolean *done, GError **error)
{
  ZSTD_outBuffer output;
  gsize status;

  if (decoding->length == decoding->room)
    take_room (decoding, 2 * decoding->room);
  output = (ZSTD_outBuffer) { decoding->text, decoding->room, decoding->length };
  status = ZSTD_decompressStream (decoding->decompressor, &output, &decoding->input);
  decoding->length = output.pos;

  if (ZSTD_isError (status))
    return explain_failure (status, error);
  if (decoding->length > decoding->max)
    return refuse_large (error);

  *done = status == 0;
  if (!*done && decoding->input.pos == decoding->input.size && output.pos < output.size)
    return refuse_incomplete (error);

  return TRUE;
}

static gboolean
decode (Decoding *decoding, GError **error)
{
  guint64 announced;
  gboolean done = FALSE;

  if (!check_header (decoding, &announced, error))
    return FALSE;

  decoding->decompressor = ZSTD_createDCtx ();
  g_assert (decoding->decompressor != NULL);
  ZSTD_DCtx_setParameter (decoding->decompressor, ZSTD_d_windowLogMax, MAX_WINDOW_LOG);
  take_room (decoding, announced != ZSTD_CONTENTSIZE_UNKNOWN ? announced + 1 : 8 * decoding->input.size + CHUNK_BYTES);

  while (!done)
    if (!decode_some (decoding, &done, error))
      return FALSE;
  if (decoding->input.pos < decoding->input.size)
    return refuse_malformed (error, _ ("there is more behind its end"));

  return TRUE;
}

/* ---- Reading lines ---- */

/* Json-glib would need memory in proportion to the values in a line before anything could be checked. */
static gboolean
holds_too_many_values (const char *line, gsize length)
{
  guint n = 0;

  if (length / 2 < MAX_VALUES)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    n += line[i] == ',' || line[i] == '[' || line[i] == '{';

  return n > MAX_VALUES;
}

/* For the reason only: the parser has refused the line. */
static gboolean
is_too_deep (const char *line, gsize length)
{
  gboolean in_string = FALSE;
  guint depth = 0, deepest = 0;

  for (gsize i = 0; i < length; i++)
    if (in_string && line[i] == '\\')
      i++;
    else if (line[i] == '"')
      in_string = !in_string;
    else if (!in_string && (line[i] == '{' || line[i] == '['))
      deepest = MAX (deepest, ++depth);
    else if (!in_string && (line[i] == '}' || line[i] == ']') && depth > 0)
      depth--;

  return deepest > SATCHEL_JSON_MAX_DEPTH;
}

/* A frame is an object of one member that is an object. */
static gboolean
open_frame (JsonNode *line, const char **kind, JsonObject **body)
{
  JsonObjectIter iter;
  JsonNode *member;

  if (!JSON_NODE_HOLDS_OBJECT (line) || json_object_get_size (json_node_get_object (line)) != 1)
    return FALSE;

  json_object_iter_init (&iter, json_node_get_object (line));
  if (!json_object_iter_next (&iter, kind, &member) || !JSON_NODE_HOLDS_OBJECT (member))
    return FALSE;
  *body = json_node_get_object (member);

  return TRUE;
}

static JsonNode *
parse_line (const char *line, gsize length, const char **kind, JsonObject **body, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (holds_too_many_values (line, length))
    return refuse_large (error), NULL;

  node = satchel_json_parse (line, length, SATCHEL_JSON_MAX_DEPTH, &reason);
  if (node == NULL && is_too_deep (line, length))
    return refuse_large (error), NULL;
  if (node == NULL || !open_frame (node, kind, body))
    return refuse_malformed (error, _ ("a line of it is not a frame")), NULL;

  return g_steal_pointer (&node);
}

static gsize
find_last_line (const char *text, gsize length)
{
  gsize start = length;

  if (length == 0 || text[length - 1] != '\n')
    return length;
  for (start = length - 1; start > 0 && text[start - 1] != '\n'; start--)
    ;

  return start;
}

static guint64
count_lines (const char *text, gsize length)
{
  guint64 n = 0;

  for (const char *feed = text; (feed = memchr (feed, '\n', text + length - feed)) != NULL; feed++)
    n++;

  return n;
}

static gboolean
matches_digest (const char *text, gsize length, const char *expected)
{
  guint8 digest[DIGEST_BYTES];
  char hex[DIGEST_TEXT_BYTES];

  crypto_generichash (digest, sizeof digest, (const guint8 *) text, length, NULL, 0);
  sodium_bin2hex (hex, sizeof hex, digest, sizeof digest);

  return g_strcmp0 (hex, expected) == 0;
}

/* The last line must be the end, and speak of the lines before it. Cuts it off. */
static gboolean
check_end (SatchelFrameReader *self, GError **error)
{
  gsize end = find_last_line (self->text, self->length);
  g_autoptr (JsonNode) line = NULL;
  const char *kind;
  JsonObject *body;

  if (end == self->length)
    return refuse_incomplete (error);
  line = parse_line (self->text + end, self->length - end, &kind, &body, NULL);
  if (line == NULL || strcmp (kind, "end") != 0)
    return refuse_incomplete (error);
  if (json_object_get_int_member_with_default (body, "frames", -1) != (gint64) count_lines (self->text, end) ||
      !matches_digest (self->text, end, json_object_get_string_member_with_default (body, "digest", NULL)))
    return refuse_incomplete (error);

  self->length = end;

  return TRUE;
}

static gboolean
check_begin (SatchelFrameReader *self, GError **error)
{
  const char *kind = NULL;
  JsonObject *body;
  gint64 version;

  if (self->length == 0)
    return refuse_malformed (error, _ ("its beginning is missing"));
  if (!satchel_frame_reader_next (self, &kind, &body, error))
    return FALSE;
  if (strcmp (kind, "begin") != 0)
    return refuse_malformed (error, _ ("its beginning is missing"));

  version = json_object_get_int_member_with_default (body, "protocol", 0);
  if (version != SATCHEL_PROTOCOL_VERSION)
    {
      g_set_error (error, SATCHEL_WIRE_ERROR, SATCHEL_WIRE_ERROR_PROTOCOL,
                   _ ("This Satchel speaks version %d of the protocol and the other side version %" G_GINT64_FORMAT
                      ". Nothing is lost; one of the two must be updated."),
                   SATCHEL_PROTOCOL_VERSION, version);
      return FALSE;
    }
  self->position = 0;

  return TRUE;
}

/**
 * satchel_frame_reader_new:
 * @body: a framed body as it came; not needed any more afterwards
 * @max_decoded: bytes that it may have once decoded
 * @error: set to a #SatchelWireError
 *
 * Decodes a whole body and checks its end, so that nothing of a body that was
 * cut is ever given out, and the protocol's version in its beginning. A body
 * may come from anywhere: memory is bounded by @max_decoded. One thread owns
 * the reader.
 *
 * Returns: (transfer full) (nullable): a reader that stands before `begin`; %NULL with @error set
 */
SatchelFrameReader *
satchel_frame_reader_new (GBytes *body, gsize max_decoded, GError **error)
{
  g_autoptr (SatchelFrameReader) self = g_new0 (SatchelFrameReader, 1);
  g_auto (Decoding) decoding = { .max = max_decoded };

  start_sodium ();
  decoding.input.src = g_bytes_get_data (body, &decoding.input.size);
  if (!decode (&decoding, error))
    return NULL;

  self->text = g_steal_pointer (&decoding.text);
  self->length = decoding.length;
  if (!check_end (self, error) || !check_begin (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

static void
forget_line (SatchelFrameReader *self)
{
  g_clear_pointer (&self->line, json_node_unref);
  g_clear_pointer (&self->body, g_free);
}

/* FALSE when there is none any more. */
static gboolean
take_line (SatchelFrameReader *self, char **line, gsize *length)
{
  char *feed;

  forget_line (self);
  if (self->position == self->length)
    return FALSE;

  *line = self->text + self->position;
  feed = memchr (*line, '\n', self->length - self->position);
  g_assert (feed != NULL);
  *length = feed - *line;
  self->position = feed + 1 - self->text;

  return TRUE;
}

static gboolean
check_place (gboolean first, const char *kind, GError **error)
{
  if (!first && (strcmp (kind, "begin") == 0 || strcmp (kind, "end") == 0))
    return refuse_malformed (error, _ ("it begins or ends twice"));

  return TRUE;
}

/**
 * satchel_frame_reader_next:
 * @kind: (out) (transfer none): the frame's kind
 * @body: (out) (transfer none): the frame's body, immutable
 * @error: set to a #SatchelWireError
 *
 * Reads the next frame; `begin` is the first, `end` is not given out. What is
 * given out is valid until the next call.
 *
 * Returns: %TRUE with a frame; %FALSE at the end, or with @error set
 */
gboolean
satchel_frame_reader_next (SatchelFrameReader *self, const char **kind, JsonObject **body, GError **error)
{
  char *line;
  gsize length;
  gboolean first = self->position == 0;

  if (!take_line (self, &line, &length))
    return FALSE;
  self->line = parse_line (line, length, kind, body, error);

  return self->line != NULL && check_place (first, *kind, error);
}

/* The shape in which Satchel writes a line: no white space, a plain word for the kind. */
static gboolean
open_plain_frame (char *line, gsize length, const char **kind, const char **body, gsize *body_length)
{
  gsize end = 2;

  if (length < strlen ("{\"a\":{}}") || memcmp (line, "{\"", 2) != 0)
    return FALSE;
  while (end < length && (g_ascii_islower (line[end]) || line[end] == '_'))
    end++;
  if (length - end < strlen ("\":{}}") || memcmp (line + end, "\":{", 3) != 0 ||
      memcmp (line + length - 2, "}}", 2) != 0)
    return FALSE;

  line[end] = '\0';
  *kind = line + 2;
  *body = line + end + 2;
  *body_length = line + length - 1 - *body;

  return TRUE;
}

static gboolean
open_other_frame (SatchelFrameReader *self, const char *line, gsize length, const char **kind, GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  JsonObject *body;

  self->line = parse_line (line, length, kind, &body, error);
  if (self->line == NULL)
    return FALSE;

  node = json_node_init_object (json_node_alloc (), body);
  self->body = json_to_string (node, FALSE);

  return TRUE;
}

/**
 * satchel_frame_reader_next_text:
 * @kind: (out) (transfer none): the frame's kind
 * @body: (out) (transfer none): the text of the frame's body; not ended by a NUL
 * @length: (out): bytes of @body
 * @error: set to a #SatchelWireError
 *
 * Reads the next frame as satchel_frame_reader_next() does, and leaves it to
 * the caller to parse its body, which may turn out to be no JSON at all.
 *
 * Returns: %TRUE with a frame; %FALSE at the end, or with @error set
 */
gboolean
satchel_frame_reader_next_text (SatchelFrameReader *self, const char **kind, const char **body, gsize *length,
                                GError **error)
{
  char *line;
  gsize line_length;
  gboolean first = self->position == 0;

  if (!take_line (self, &line, &line_length))
    return FALSE;
  if (!open_plain_frame (line, line_length, kind, body, length))
    {
      if (!open_other_frame (self, line, line_length, kind, error))
        return FALSE;
      *body = self->body;
      *length = strlen (self->body);
    }

  return check_place (first, *kind, error);
}

/**
 * satchel_frame_reader_peek_last:
 * @kind: a frame's kind
 * @length: (out): bytes of what is returned
 *
 * Looks at the last frame before the end without moving there.
 *
 * Returns: (transfer none) (nullable): the text of its body, not ended by a
 *   NUL; %NULL when it is of another kind or not written as Satchel does
 */
const char *
satchel_frame_reader_peek_last (SatchelFrameReader *self, const char *kind, gsize *length)
{
  g_autofree char *opening = g_strdup_printf ("{\"%s\":{", kind);
  gsize start = find_last_line (self->text, self->length), size = strlen (opening);
  const char *line = self->text + start;

  if (self->length - start < size + strlen ("}}\n") || memcmp (line, opening, size) != 0 ||
      memcmp (self->text + self->length - 3, "}}\n", 3) != 0)
    return NULL;
  *length = self->length - start - (size - 1) - strlen ("}\n");

  return line + size - 1;
}

/**
 * satchel_frame_reader_free:
 *
 * Frees a reader and what it has given out.
 */
void
satchel_frame_reader_free (SatchelFrameReader *self)
{
  if (self == NULL)
    return;

  forget_line (self);
  g_free (self->text);
  g_free (self);
}
