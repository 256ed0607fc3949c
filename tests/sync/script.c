/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "script.h"

#include <string.h>

/* ---- Requests ---- */

ScriptRequest *
script_request_new (GBytes *body)
{
  ScriptRequest *self = g_new0 (ScriptRequest, 1);
  g_autoptr (SatchelFrameReader) reader = NULL;
  g_autoptr (GError) error = NULL;
  const char *kind;
  JsonObject *content;

  self->groups = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  reader = satchel_frame_reader_new (body, SATCHEL_REQUEST_MAX_DECODED, &error);
  g_assert_no_error (error);
  while (satchel_frame_reader_next (reader, &kind, &content, &error))
    if (strcmp (kind, "begin") == 0)
      self->begin = json_object_ref (content);
    else if (strcmp (kind, "group") == 0)
      g_ptr_array_add (self->groups, json_object_ref (content));
    else
      g_error ("A device sends “%s”", kind);
  g_assert_no_error (error);
  g_assert_cmpint (json_object_get_int_member (self->begin, "groups"), ==, self->groups->len);

  return self;
}

void
script_request_free (ScriptRequest *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->begin, json_object_unref);
  g_clear_pointer (&self->groups, g_ptr_array_unref);
  g_free (self);
}

const char *
script_request_get (ScriptRequest *self, const char *member)
{
  return json_object_get_string_member_with_default (self->begin, member, NULL);
}

gint64
script_request_get_number (ScriptRequest *self, const char *member)
{
  return json_object_get_int_member_with_default (self->begin, member, -1);
}

gint64
script_request_get_n (ScriptRequest *self, guint index)
{
  g_assert_cmpuint (index, <, self->groups->len);

  return json_object_get_int_member (g_ptr_array_index (self->groups, index), "n");
}

const char *
script_request_get_hash (ScriptRequest *self, guint index)
{
  g_assert_cmpuint (index, <, self->groups->len);

  return json_object_get_string_member (g_ptr_array_index (self->groups, index), "hash");
}

/* ---- Answers ---- */

struct _ScriptAnswer
{
  SatchelFrameWriter *writer;
  gboolean begun;
};

ScriptAnswer *
script_answer_new (void)
{
  ScriptAnswer *self = g_new0 (ScriptAnswer, 1);

  self->writer = satchel_frame_writer_new ();

  return self;
}

void
script_answer_free (ScriptAnswer *self)
{
  if (self == NULL)
    return;

  satchel_frame_writer_free (self->writer);
  g_free (self);
}

static void
begin (ScriptAnswer *self)
{
  static const char body[] = "{\"protocol\":1,\"epoch\":\"e\",\"at\":\"2026-01-01T00:00:00.000Z\"}";

  if (!self->begun)
    satchel_frame_writer_add_text (self->writer, "begin", body, -1);
  self->begun = TRUE;
}

void
script_answer_add (ScriptAnswer *self, const char *kind, const char *format, ...)
{
  g_autofree char *body = NULL;
  va_list arguments;

  va_start (arguments, format);
  body = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  if (strcmp (kind, "begin") == 0)
    self->begun = TRUE;
  begin (self);
  satchel_frame_writer_add_text (self->writer, kind, body, -1);
}

void
script_answer_put (ScriptAnswer *self, SatchelRecord *record, const char *rev)
{
  g_autoptr (SatchelRecord) sent = satchel_record_copy (record);
  g_autoptr (JsonObject) object = NULL;

  satchel_record_set_rev (sent, rev);
  satchel_record_set_bucket (sent, "user:me");
  satchel_record_set_created (sent, "2026-01-01T00:00:00.000Z", NULL);
  satchel_record_set_updated (sent, "2026-01-01T00:00:00.000Z", NULL);
  object = satchel_record_to_wire (sent);
  begin (self);
  satchel_frame_writer_add (self->writer, "put", object);
}

void
script_answer_applied (ScriptAnswer *self, gint64 n, const char *id, const char *rev)
{
  script_answer_add (
      self, "outcome",
      "{\"n\":%" G_GINT64_FORMAT ",\"result\":\"applied\",\"mutations\":[{\"id\":\"%s\",\"rev\":\"%s\"}]}", n, id, rev);
}

void
script_answer_page (ScriptAnswer *self, const char *cursor, gint64 applied_through, ScriptPage flags, const char *nonce)
{
  g_autofree char *told = nonce != NULL ? g_strdup_printf (",\"nonce\":\"%s\"", nonce) : g_strdup ("");

  script_answer_add (self, "page",
                     "{\"cursor\":\"%s\",\"applied_through\":%" G_GINT64_FORMAT ",\"head\":%s,\"arriving\":%s%s}",
                     cursor, applied_through, flags & SCRIPT_HEAD ? "true" : "false",
                     flags & SCRIPT_ARRIVING ? "true" : "false", told);
}

GBytes *
script_answer_finish (ScriptAnswer *self)
{
  begin (self);

  return satchel_frame_writer_finish (self->writer);
}
