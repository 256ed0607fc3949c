/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Times (UTC ISO 8601) and days (2026-03-09) as a person says them, relative to now. */
char *satchel_moment_to_short_text (const char *time);
char *satchel_moment_to_text (const char *time);
char *satchel_day_to_text (const char *day);

G_END_DECLS
