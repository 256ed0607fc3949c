/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-session.h"
#include "satchel-sync-run.h"

G_BEGIN_DECLS

/* The shortest pause after a failure. */
#define SATCHEL_SESSION_SHORTEST_PAUSE (1 * G_TIME_SPAN_SECOND)

/* What is shown; written by the session's thread, taken over in the main context. */
typedef struct
{
  SatchelSessionState state;
  char *message;
  char *last_sync;
  guint64 received;
} SatchelSessionShown;

struct _SatchelSession
{
  GObject parent_instance;

  SatchelReplica *replica;
  GMainContext *context;
  GNetworkMonitor *monitor;
  SatchelSessionShown shown; /* main context */
  GThread *thread; /* main context */

  /* Guarded by the mutex; the condition says that one of them has changed. */
  GMutex mutex;
  GCond cond;
  SatchelSessionShown latest;
  GSource *showing; /* (nullable): takes over latest */
  gboolean stopping;
  gboolean asked; /* a person wants a sync, or has signed in */
  gboolean written; /* the replica has changed */
  gboolean network; /* the network has changed */
  guint paused; /* sign-ins under way */
  gboolean active; /* the thread has the replica in hand */
  GCancellable *cancellable; /* of what is under way */

  /* The thread's own. */
  SatchelSyncRun *run;
  SatchelErrand *poll;
  gboolean holds_replica; /* the right to sync it */
  SatchelLink *left; /* (nullable): how the replica was left while the poll is out and others may sync it */
  gint64 poll_began;
  guint n_hasty;
  gint64 pause;
};

/* What is shown; any thread. The first needs the mutex. */
void satchel_session_show_soon (SatchelSession *self);
void satchel_session_show_state (SatchelSession *self, SatchelSessionState state, const char *message);
void satchel_session_show_synced (SatchelSession *self);

/* With the mutex held: whether the thread is to let go of everything. */
gboolean satchel_session_must_leave (SatchelSession *self);

/* Blocks until that much time has passed or something asks for another attempt; not with the mutex held. */
#define SATCHEL_SESSION_FOR_EVER G_MAXINT64
void satchel_session_rest (SatchelSession *self, gint64 pause);

/* The right to sync the replica: waits until other processes are done with it; FALSE without @error when it is time to
 * leave. */
gboolean satchel_session_take_replica (SatchelSession *self, GError **error);
void satchel_session_give_replica (SatchelSession *self);

/* The conversation with the server: to the head, then listening; FALSE without @error when it is time to leave. */
gboolean satchel_session_converse (SatchelSession *self, GError **error);

/* The thread's function; its data is the session. */
gpointer satchel_session_run_thread (gpointer data);

G_END_DECLS
