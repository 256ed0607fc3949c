/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica/satchel-replica.h"

G_BEGIN_DECLS

/* The folder of a sample company: one of ours by its name, or any folder. */
char *satchel_samples_find (const char *name, GError **error);

/* Makes an empty replica the demo. One that has anything in it is left as it is. */
gboolean satchel_samples_fill (SatchelReplica *replica, GError **error);

G_END_DECLS
