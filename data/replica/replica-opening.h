/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-replica.h"

G_BEGIN_DECLS

/* Whether there is a replica, be it in pieces. */
gboolean replica_opening_is_there (const char *path);
/* Makes the file where it may be made. */
gboolean replica_opening_ensure_file (const char *path, SatchelOpenFlags flags, GError **error);
/* Looks for damage when there is reason to: the file was found damaged before, or nobody has it open and it was not
 * closed. */
gboolean replica_opening_check (const char *path, gboolean is_alone, GError **error);

G_END_DECLS
