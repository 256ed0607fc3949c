/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The log: one line an event on standard error, as text or as JSON. A line is one write, so that lines of several
 * threads and processes never mix. */

#include "satchel-config.h"

#include "server-log.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct _ServerLogLine
{
  ServerLogLevel level;
  GString *text;
};

static const char *const level_names[] = {
  [SERVER_LOG_DEBUG] = "debug", [SERVER_LOG_INFO] = "info",   [SERVER_LOG_WARNING] = "warning",
  [SERVER_LOG_ERROR] = "error", [SERVER_LOG_AUDIT] = "audit",
};

/* A process has one log. */
static struct
{
  gboolean started;
  ServerLogFormat format;
  ServerLogLevel least;
  GLogLevelFlags fatal;
} settings;

ServerLogFormat
server_log_format_from_name (const char *name)
{
  return strcmp (name, "json") == 0 ? SERVER_LOG_JSON : SERVER_LOG_TEXT;
}

ServerLogLevel
server_log_level_from_name (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (level_names); i++)
    if (strcmp (level_names[i], name) == 0)
      return i;

  return SERVER_LOG_INFO;
}

/* ---- A line --------------------------------------------------------------------------------------- */

static void
append_escape (GString *text, guchar c)
{
  if (c == '\n')
    g_string_append (text, "\\n");
  else if (c == '"' || c == '\\')
    g_string_append_printf (text, "\\%c", c);
  else
    g_string_append_printf (text, "\\u%04x", c);
}

/* Good for JSON, and for people. */
static void
append_quoted (GString *text, const char *value)
{
  g_autofree char *valid = g_utf8_make_valid (value, -1);

  g_string_append_c (text, '"');
  for (const char *c = valid; *c != '\0'; c++)
    if ((guchar) *c < ' ' || *c == '"' || *c == '\\' || *c == 0x7f)
      append_escape (text, (guchar) *c);
    else
      g_string_append_c (text, *c);
  g_string_append_c (text, '"');
}

static gboolean
is_plain (const char *value)
{
  for (const char *c = value; *c != '\0'; c++)
    if (!g_ascii_isgraph (*c) || strchr ("\"\\=", *c) != NULL)
      return FALSE;

  return *value != '\0';
}

static void
append_name (ServerLogLine *self, const char *name)
{
  g_string_append_printf (self->text, settings.format == SERVER_LOG_JSON ? ",\"%s\":" : " %s=", name);
}

void
server_log_line_text (ServerLogLine *self, const char *name, const char *value)
{
  if (value == NULL)
    return;

  append_name (self, name);
  if (settings.format == SERVER_LOG_TEXT && is_plain (value))
    g_string_append (self->text, value);
  else
    append_quoted (self->text, value);
}

void
server_log_line_number (ServerLogLine *self, const char *name, gint64 value)
{
  append_name (self, name);
  g_string_append_printf (self->text, "%" G_GINT64_FORMAT, value);
}

static char *
tell_time (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *seconds = g_date_time_format (now, "%Y-%m-%dT%H:%M:%S");

  return g_strdup_printf ("%s.%03dZ", seconds, g_date_time_get_microsecond (now) / 1000);
}

/**
 * server_log_line_new:
 * @level: how much it matters
 * @event: what happened; a word of ours that stays the same
 *
 * Returns: (transfer full): a line, to be ended with server_log_line_end()
 */
ServerLogLine *
server_log_line_new (ServerLogLevel level, const char *event)
{
  ServerLogLine *self = g_new0 (ServerLogLine, 1);
  g_autofree char *now = tell_time ();
  gboolean json = settings.format == SERVER_LOG_JSON;

  self->level = level;
  self->text = g_string_sized_new (200);
  g_string_append_printf (self->text, json ? "{\"time\":\"%s\",\"level\":\"%s\"" : "%s %s", now, level_names[level]);
  server_log_line_text (self, "event", event);

  return self;
}

void
server_log_line_end (ServerLogLine *self)
{
  gssize written = 0;

  g_string_append (self->text, settings.format == SERVER_LOG_JSON ? "}\n" : "\n");
  if (settings.started && self->level >= settings.least)
    written = write (STDERR_FILENO, self->text->str, self->text->len);
  (void) written; /* nothing is to be done when nobody takes it */

  g_string_free (self->text, TRUE);
  g_free (self);
}

void
server_log (ServerLogLevel level, const char *event, const char *name, const char *value)
{
  ServerLogLine *line = server_log_line_new (level, event);

  if (name != NULL)
    server_log_line_text (line, name, value);
  server_log_line_end (line);
}

/* ---- Messages of GLib ----------------------------------------------------------------------------- */

static ServerLogLevel
translate_level (GLogLevelFlags flags)
{
  if (flags & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
    return SERVER_LOG_ERROR;
  if (flags & G_LOG_LEVEL_WARNING)
    return SERVER_LOG_WARNING;

  return flags & (G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_INFO) ? SERVER_LOG_INFO : SERVER_LOG_DEBUG;
}

static const char *
find_field (const GLogField *fields, gsize n_fields, const char *key)
{
  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, key) == 0)
      return fields[i].value;

  return NULL;
}

static GLogWriterOutput
write_message (GLogLevelFlags flags, const GLogField *fields, gsize n_fields, gpointer data)
{
  ServerLogLine *line = server_log_line_new (translate_level (flags), "message");

  server_log_line_text (line, "from", find_field (fields, n_fields, "GLIB_DOMAIN"));
  server_log_line_text (line, "message", find_field (fields, n_fields, "MESSAGE"));
  server_log_line_end (line);
  if (flags & (settings.fatal | G_LOG_FLAG_FATAL))
    abort ();

  return G_LOG_WRITER_HANDLED;
}

void
server_log_start (ServerLogFormat format, ServerLogLevel least)
{
  g_return_if_fail (!settings.started);

  settings.started = TRUE;
  settings.format = format;
  settings.least = least;
  /* What G_DEBUG has made fatal can only be read by setting it. */
  settings.fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK);
  g_log_set_always_fatal (settings.fatal);
  g_log_set_writer_func (write_message, NULL, NULL);
}
