/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "http-request.h"
#include "http-workers.h"

G_BEGIN_DECLS

/**
 * HttpPolls: the sync requests that wait for news.
 */
typedef struct _HttpPolls HttpPolls;

HttpPolls *http_polls_new (void);
void http_polls_set_workers (HttpPolls *self, HttpWorkers *workers);
void http_polls_free (HttpPolls *self); /* after the workers */
/* Answers all that wait, now and from now on. */
void http_polls_stop (HttpPolls *self);
guint http_polls_get_n (HttpPolls *self);
/* An HttpNewsFunc. */
void http_polls_tell (GHashTable *touched, gpointer self);

/* Answers a `POST /v1/sync`, sooner or later. */
void http_sync_run (HttpPolls *self, HttpRequest *request);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpPolls, http_polls_free)

G_END_DECLS
