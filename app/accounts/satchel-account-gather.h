/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica/satchel-replica.h"

G_BEGIN_DECLS

/* What hangs on an account; each blocks and is for worker threads. */
GPtrArray *satchel_gather_next_steps (SatchelReplica *replica, const char *account_id, guint limit, GError **error);
GPtrArray *satchel_gather_timeline (SatchelReplica *replica, const char *account_id, guint limit, GError **error);
GPtrArray *satchel_gather_people (SatchelReplica *replica, const char *account_id, guint limit, GError **error);
GPtrArray *satchel_gather_notes (SatchelReplica *replica, const char *account_id, guint limit, GError **error);

/* When it happened, for the timeline: UTC ISO 8601. */
const char *satchel_timeline_get_moment (SatchelRecord *record);
gboolean satchel_task_is_open (SatchelRecord *task);
const char *satchel_task_get_due (SatchelRecord *task);

G_END_DECLS
