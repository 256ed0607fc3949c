/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-sync-core.h"

G_BEGIN_DECLS

/**
 * SatchelSyncError:
 * @SATCHEL_SYNC_ERROR_UNREACHABLE: no server, or any failure of the transport, cut answers included; try again
 * @SATCHEL_SYNC_ERROR_BUSY: the server asks to come back later
 * @SATCHEL_SYNC_ERROR_UNTRUSTED: the server's certificate is not known; the message names it
 * @SATCHEL_SYNC_ERROR_CREDENTIALS: wrong name or password
 * @SATCHEL_SYNC_ERROR_SIGNED_OUT: no token, or it is not valid any more
 * @SATCHEL_SYNC_ERROR_REFUSED: the server knows us and refuses
 * @SATCHEL_SYNC_ERROR_NOT_A_SERVER: what answers is not a Satchel server
 * @SATCHEL_SYNC_ERROR_VERSION: one of the two must be updated
 * @SATCHEL_SYNC_ERROR_ADDRESS: not an address of a server
 * @SATCHEL_SYNC_ERROR_NOT_CONNECTED: the replica is not enrolled
 * @SATCHEL_SYNC_ERROR_PROTOCOL: the server's answer breaks the protocol
 */
typedef enum
{
  SATCHEL_SYNC_ERROR_UNREACHABLE,
  SATCHEL_SYNC_ERROR_BUSY,
  SATCHEL_SYNC_ERROR_UNTRUSTED,
  SATCHEL_SYNC_ERROR_CREDENTIALS,
  SATCHEL_SYNC_ERROR_SIGNED_OUT,
  SATCHEL_SYNC_ERROR_REFUSED,
  SATCHEL_SYNC_ERROR_NOT_A_SERVER,
  SATCHEL_SYNC_ERROR_VERSION,
  SATCHEL_SYNC_ERROR_ADDRESS,
  SATCHEL_SYNC_ERROR_NOT_CONNECTED,
  SATCHEL_SYNC_ERROR_PROTOCOL,
} SatchelSyncError;
#define SATCHEL_SYNC_ERROR (satchel_sync_error_quark ())
GQuark satchel_sync_error_quark (void);

/**
 * SatchelConnection: the wire to one server. Calls block; one thread owns it.
 */
#define SATCHEL_TYPE_CONNECTION (satchel_connection_get_type ())
G_DECLARE_FINAL_TYPE (SatchelConnection, satchel_connection, SATCHEL, CONNECTION, GObject)

SatchelConnection *satchel_connection_new (const char *server, const char *ca_file, GError **error);
void satchel_connection_speak_alone (void);
void satchel_connection_set_token (SatchelConnection *self, const char *token);
GBytes *satchel_connection_sync (SatchelConnection *self, GBytes *request, guint wait, GCancellable *cancellable,
                                 GError **error);
/* Signs in and ties the replica to the server; @token is for the caller to keep. */
gboolean satchel_connection_enroll (SatchelConnection *self, SatchelReplica *replica, const char *user,
                                    const char *password, const char *device_name, GCancellable *cancellable,
                                    char **token, GError **error);
/* The same with the code of an invitation. @password: (nullable): the one that the person chooses. */
gboolean satchel_connection_enroll_with_code (SatchelConnection *self, SatchelReplica *replica, const char *code,
                                              const char *password, const char *device_name, GCancellable *cancellable,
                                              char **token, GError **error);
gboolean satchel_connection_sign_out (SatchelConnection *self, GCancellable *cancellable, GError **error);
/* (element-type JsonObject): `change` bodies, newest first. */
GPtrArray *satchel_connection_get_history (SatchelConnection *self, const char *type, const char *id,
                                           GCancellable *cancellable, GError **error);
int satchel_connection_get_retry_after (SatchelConnection *self); /* seconds, after BUSY */

/* One whole sync to the head with everything sent, forks included; under the replica's sync lock. With @wait, and
 * nothing pushed or pulled on the way to the head, it waits there for up to so many seconds for news and takes it in.
 * @counts is filled in also on failure. */
gboolean satchel_sync_run (SatchelReplica *replica, guint wait, GCancellable *cancellable, SatchelSyncCounts *counts,
                           GError **error);

G_END_DECLS
