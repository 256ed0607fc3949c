/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How a long text begins, in one line. */
char *satchel_preview_dup (const char *text);
/* Those that are there, with a dot between: what stands below a title. */
char *satchel_preview_join (const char *first, const char *second);

G_END_DECLS
