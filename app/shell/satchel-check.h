/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client/satchel-session.h"
#include "client/satchel-verify.h"
#include "shell/satchel-jobs.h"

G_BEGIN_DECLS

/**
 * SatchelCheck:
 *
 * Compares what is here with the server, now and then, while nothing else is
 * to be done and there is a network; what is damaged is mended quietly.
 * Belongs to the UI thread. Signal `changed`: there is something new to say.
 */
#define SATCHEL_TYPE_CHECK (satchel_check_get_type ())
G_DECLARE_FINAL_TYPE (SatchelCheck, satchel_check, SATCHEL, CHECK, GObject)

SatchelCheck *satchel_check_new (SatchelReplica *replica, SatchelSession *session, SatchelJobs *jobs);
void satchel_check_start (SatchelCheck *self); /* now, unless one runs */
void satchel_check_stop (SatchelCheck *self); /* for good; one that runs ends soon, and counts as pending until then */
gboolean satchel_check_get_running (SatchelCheck *self);
/* What came of the last one, in a sentence; NULL: there was none. */
char *satchel_check_dup_words (SatchelCheck *self);
const char *satchel_check_get_at (SatchelCheck *self); /* when that was; NULL: never */

G_END_DECLS
