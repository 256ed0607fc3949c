/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ServerLogLevel: how much a line matters.
 * @SERVER_LOG_AUDIT: who was let in, or was given or lost a right; always told
 */
typedef enum
{
  SERVER_LOG_DEBUG,
  SERVER_LOG_INFO,
  SERVER_LOG_WARNING,
  SERVER_LOG_ERROR,
  SERVER_LOG_AUDIT,
} ServerLogLevel;

typedef enum
{
  SERVER_LOG_TEXT,
  SERVER_LOG_JSON,
} ServerLogFormat;

/**
 * ServerLogLine:
 *
 * A line of the log while it is put together: an event, and what is known of
 * it. Ids, numbers, addresses and words of our own may stand there; never a
 * name, a token, or anything that somebody typed.
 */
typedef struct _ServerLogLine ServerLogLine;

/* Before that nothing is written. Once in a process; messages of GLib go the same way from then on. */
void server_log_start (ServerLogFormat format, ServerLogLevel least);
/* "text" or "json"; "info", "warning" or "error". */
ServerLogFormat server_log_format_from_name (const char *name);
ServerLogLevel server_log_level_from_name (const char *name);

ServerLogLine *server_log_line_new (ServerLogLevel level, const char *event);
void server_log_line_text (ServerLogLine *self, const char *name, const char *value); /* NULL: left out */
void server_log_line_number (ServerLogLine *self, const char *name, gint64 value);
void server_log_line_end (ServerLogLine *self); /* writes and frees it */

/* An event with one text, or none. */
void server_log (ServerLogLevel level, const char *event, const char *name, const char *value);

G_END_DECLS
