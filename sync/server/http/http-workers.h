/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server/core/server-core.h"
#include "server/operation/server-metrics.h"

G_BEGIN_DECLS

/**
 * HttpWorkers: the threads that work while the one that serves goes on serving: one that writes the store, a few that
 * read it, one that hears of other processes' news where the store tells them, two that check passwords. Nobody else
 * touches the store.
 */
typedef struct _HttpWorkers HttpWorkers;
typedef struct _HttpWork HttpWork;

/**
 * HttpStep: what a work does next.
 * @HTTP_STEP_READ: reads the store
 * @HTTP_STEP_CHECK: checks a password
 * @HTTP_STEP_WRITE: writes the store
 * @HTTP_STEP_DONE: goes back to where the workers were made
 */
typedef enum
{
  HTTP_STEP_READ,
  HTTP_STEP_CHECK,
  HTTP_STEP_WRITE,
  HTTP_STEP_DONE,
} HttpStep;

/**
 * HttpWorkClass: a kind of work. Each step says what comes next; one that fails sets the work's error.
 * @read: in no transaction
 * @check: without the store
 * @write: in a transaction that it shares with other works. It may be called again, when the transaction had to be taken
 *   back: only what was committed last counts. An error that is not a SatchelServerError takes the transaction back.
 * @done: back where the workers were made; takes the work. Always called, with %G_IO_ERROR_CANCELLED at the end of all.
 */
typedef struct
{
  HttpStep (*read) (HttpWork *work, SatchelServer *server, SatchelStoreSession *session);
  HttpStep (*check) (HttpWork *work);
  HttpStep (*write) (HttpWork *work, SatchelServer *server, SatchelStoreSession *session, GHashTable *touched);
  void (*done) (HttpWork *work);
} HttpWorkClass;

/**
 * HttpWork: stands first in whatever a work needs.
 * @background: others go first
 */
struct _HttpWork
{
  const HttpWorkClass *class;
  HttpWorkers *workers;
  GError *error;
  gboolean background;
  HttpStep next;
};

/* Somebody committed. @touched: (nullable): set of buckets that have news; %NULL: it is not known which. */
typedef void (*HttpNewsFunc) (GHashTable *touched, gpointer data);

/* @writer: a session that writes, lent until http_workers_free(). */
HttpWorkers *http_workers_new (SatchelServer *server, SatchelStore *store, SatchelStoreSession *writer,
                               HttpNewsFunc news, gpointer data, GError **error);
/* Ends what is at work, cancels what waits. */
void http_workers_free (HttpWorkers *self);
gboolean http_workers_are_full (HttpWorkers *self);
void http_workers_start (HttpWorkers *self, HttpWork *work, HttpStep first);
/* Looks whether another process has committed; if so, tells the news. */
void http_workers_look (HttpWorkers *self);
/* How many commits with news there were, and when the last one was, in monotonic time. From any thread. */
guint http_workers_get_n_commits (HttpWorkers *self);
gint64 http_workers_get_commit_time (HttpWorkers *self);
guint http_workers_get_n_works (HttpWorkers *self);
/* Of the whole server. From any thread. */
ServerMetrics *http_workers_get_metrics (HttpWorkers *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpWorkers, http_workers_free)

G_END_DECLS
