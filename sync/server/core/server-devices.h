/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "server-core.h"

G_BEGIN_DECLS

/**
 * SatchelSignIn: the body of one `POST /v1/devices`.
 */
typedef struct
{
  char *user;
  char *password;
  char *device;
  char *previous; /* nullable */
} SatchelSignIn;
SatchelSignIn *satchel_sign_in_parse (GBytes *body, GError **error); /* errors MALFORMED, LIMITS, PROTOCOL */
void satchel_sign_in_free (SatchelSignIn *self); /* wipes the password */

/* Sign-in has three steps, because checking a password takes long and must hold nothing meanwhile: reading the hash (in
 * a snapshot that is begun and ended; NULL, without an error, for users that do not exist or have no password),
 * satchel_password_verify() anywhere, and finishing in a transaction that writes. Finishing asks again whether the
 * hash is still the one that was checked; errors CREDENTIALS and DISABLED. Returns the JSON of the answer. */
gboolean satchel_server_find_password (SatchelServer *self, SatchelStoreSession *session, const SatchelSignIn *sign_in,
                                       char **hash, GError **error);
char *satchel_server_sign_in (SatchelServer *self, SatchelStoreSession *session, const SatchelSignIn *sign_in,
                              const char *hash, GError **error);

/* In a transaction that writes. Error TOKEN. */
gboolean satchel_server_sign_out (SatchelServer *self, SatchelStoreSession *session, const char *token, GError **error);

/* A device like that one, for a replica that turned out to be another one; both histories go on. The token is told. */
SatchelStoredDevice *satchel_device_fork (SatchelServer *server, SatchelStoreSession *session,
                                          const SatchelStoredDevice *device, char **token, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelSignIn, satchel_sign_in_free)

G_END_DECLS
