/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-connection.h"
#include "satchel-token-store.h"

G_BEGIN_DECLS

/**
 * SatchelSessionState: what the quiet indicator shows.
 * @SATCHEL_SESSION_NOT_CONNECTED: no server yet
 * @SATCHEL_SESSION_IDLE: caught up, listening for news
 * @SATCHEL_SESSION_SYNCING: sending or receiving
 * @SATCHEL_SESSION_ARRIVING: the first sync, or a new bucket, is still arriving
 * @SATCHEL_SESSION_OFFLINE: no network or no server; everything is kept and will be sent
 * @SATCHEL_SESSION_SIGNED_OUT: must sign in again
 * @SATCHEL_SESSION_FAILED: something a person must look at, see the message
 * @SATCHEL_SESSION_ASKING: the server wants to remove much at once; satchel_replica_allow_mass_deletion() lets it
 */
typedef enum
{
  SATCHEL_SESSION_NOT_CONNECTED,
  SATCHEL_SESSION_IDLE,
  SATCHEL_SESSION_SYNCING,
  SATCHEL_SESSION_ARRIVING,
  SATCHEL_SESSION_OFFLINE,
  SATCHEL_SESSION_SIGNED_OUT,
  SATCHEL_SESSION_FAILED,
  SATCHEL_SESSION_ASKING,
} SatchelSessionState;
GType satchel_session_state_get_type (void);
#define SATCHEL_TYPE_SESSION_STATE (satchel_session_state_get_type ())

/**
 * SatchelSession:
 *
 * The sync session of a running app, on its own thread: sends what is
 * written, waits at the server for news, backs off with jitter while there is
 * no network and wakes when there is. Properties notify in the main context
 * that was the thread-default one where it was made: `state`, `message` (a
 * sentence for people, nullable), `last-sync` (time, nullable), `received`
 * (records, while arriving). All methods return at once.
 */
#define SATCHEL_TYPE_SESSION (satchel_session_get_type ())
G_DECLARE_FINAL_TYPE (SatchelSession, satchel_session, SATCHEL, SESSION, GObject)

SatchelSession *satchel_session_new (SatchelReplica *replica);
void satchel_session_start (SatchelSession *self);
void satchel_session_stop (SatchelSession *self); /* waits for the thread; not with work half done */
void satchel_session_sync_now (SatchelSession *self);
SatchelSessionState satchel_session_get_state (SatchelSession *self);
const char *satchel_session_get_message (SatchelSession *self);

/* Runs on a worker thread; the replica must not be connected to another server. @place says where the token may be
 * kept: ask satchel_token_store_has_service() first, and the person before choosing the file. */
void satchel_session_enroll_async (SatchelSession *self, const char *server, const char *ca_file, const char *user,
                                   const char *password, const char *device_name, SatchelTokenPlace place,
                                   GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);
/* The same with a link that an administrator gave. */
void satchel_session_accept_async (SatchelSession *self, const char *link, const char *device_name,
                                   SatchelTokenPlace place, GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer data);
gboolean satchel_session_enroll_finish (SatchelSession *self, GAsyncResult *result, GError **error);

G_END_DECLS
