/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* UUIDv7 (RFC 9562), lower case, ascending within a process even within one millisecond. Thread-safe. */
char *satchel_id_new (void);
gboolean satchel_id_is_valid (const char *id);

/* Now, as UTC ISO 8601 with milliseconds. The clock can be replaced (simulator, tests). */
char *satchel_time_now (void);
gint64 satchel_time_now_unix_ms (void);
void satchel_time_set_clock (gint64 (*clock) (gpointer data), gpointer data);

/* Any ISO 8601 instant with an offset to the stored form, or NULL. */
char *satchel_time_normalise (const char *text);
char *satchel_date_normalise (const char *text);

G_END_DECLS
