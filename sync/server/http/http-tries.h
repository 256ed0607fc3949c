/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * HttpTries: how often each name and each address tried to sign in of late. Tries that succeed are taken back.
 */
typedef struct _HttpTries HttpTries;

HttpTries *http_tries_new (guint most, guint seconds);
void http_tries_free (HttpTries *self);
/* Counts a try. Returns 0, or how many seconds are left until the next one may be; then it does not count.
 * @now: monotonic time, microseconds */
guint http_tries_add (HttpTries *self, const char *name, gint64 now);
void http_tries_take_back (HttpTries *self, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpTries, http_tries_free)

G_END_DECLS
