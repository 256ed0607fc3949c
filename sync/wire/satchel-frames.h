/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define SATCHEL_PROTOCOL_VERSION 1
#define SATCHEL_FRAMES_MEDIA_TYPE "application/vnd.satchel.frames+zstd"
#define SATCHEL_REQUEST_MAX_BYTES (8 * 1024 * 1024)
#define SATCHEL_REQUEST_MAX_DECODED (32 * 1024 * 1024)
#define SATCHEL_ANSWER_MAX_BYTES (16 * 1024 * 1024)
#define SATCHEL_ANSWER_MAX_DECODED (64 * 1024 * 1024)
#define SATCHEL_REQUEST_MAX_GROUPS 1000 /* and so many offers */
#define SATCHEL_REQUEST_MAX_HAVES 20000
#define SATCHEL_JSON_MAX_DEPTH 32

/**
 * SatchelWireError:
 * @SATCHEL_WIRE_ERROR_MALFORMED: not a framed body
 * @SATCHEL_WIRE_ERROR_INCOMPLETE: the end is missing or does not match: the body was cut
 * @SATCHEL_WIRE_ERROR_LIMITS: over a limit
 * @SATCHEL_WIRE_ERROR_PROTOCOL: another version of the protocol
 */
typedef enum
{
  SATCHEL_WIRE_ERROR_MALFORMED,
  SATCHEL_WIRE_ERROR_INCOMPLETE,
  SATCHEL_WIRE_ERROR_LIMITS,
  SATCHEL_WIRE_ERROR_PROTOCOL,
} SatchelWireError;
#define SATCHEL_WIRE_ERROR (satchel_wire_error_quark ())
GQuark satchel_wire_error_quark (void);

/* Writing: frames are compressed as they come; finish() adds the end. */
typedef struct _SatchelFrameWriter SatchelFrameWriter;
SatchelFrameWriter *satchel_frame_writer_new (void);
void satchel_frame_writer_add (SatchelFrameWriter *self, const char *kind, JsonObject *body);
/* @body: JSON object text, written as it is. */
void satchel_frame_writer_add_text (SatchelFrameWriter *self, const char *kind, const char *body, gssize length);
gsize satchel_frame_writer_get_decoded (SatchelFrameWriter *self); /* bytes so far, before compression */
GBytes *satchel_frame_writer_finish (SatchelFrameWriter *self);
void satchel_frame_writer_free (SatchelFrameWriter *self);

/* Reading: the whole body is decoded (up to @max_decoded) and its end checked before the first frame is given out. */
typedef struct _SatchelFrameReader SatchelFrameReader;
SatchelFrameReader *satchel_frame_reader_new (GBytes *body, gsize max_decoded, GError **error);
/* TRUE with the next frame's kind and body (valid until the next call); FALSE at the end, or with @error set. The end
 * frame is not given out. */
gboolean satchel_frame_reader_next (SatchelFrameReader *self, const char **kind, JsonObject **body, GError **error);
/* The same without parsing: @body is the body's text as it came, checked by nobody but for its braces. */
gboolean satchel_frame_reader_next_text (SatchelFrameReader *self, const char **kind, const char **body, gsize *length,
                                         GError **error);
/* A look at the last frame before the end, wherever the reading stands: the text of its body if it is of @kind and
 * written plainly, else NULL. */
const char *satchel_frame_reader_peek_last (SatchelFrameReader *self, const char *kind, gsize *length);
void satchel_frame_reader_free (SatchelFrameReader *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelFrameWriter, satchel_frame_writer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelFrameReader, satchel_frame_reader_free)

G_END_DECLS
