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
  char *user; /* nullable: whoever was invited with the code */
  char *password; /* nullable, with a code: else the one that is chosen */
  char *code; /* nullable */
  char *device;
  char *previous; /* nullable */
} SatchelSignIn;
SatchelSignIn *satchel_sign_in_parse (GBytes *body, GError **error); /* errors MALFORMED, LIMITS, PROTOCOL */
void satchel_sign_in_free (SatchelSignIn *self); /* wipes the password */

/**
 * SatchelWho: whom a request turned out to be of; both nullable.
 */
typedef struct
{
  char *user;
  char *device;
} SatchelWho;
void satchel_who_clear (SatchelWho *self);

/* Sign-in has three steps, because checking a password takes long and must hold nothing meanwhile: reading the hash (in
 * a snapshot that is begun and ended; NULL, without an error, for users that do not exist or have no password),
 * satchel_password_verify() anywhere, and finishing in a transaction that writes. Finishing asks again whether the
 * hash is still the one that was checked; errors CREDENTIALS and DISABLED. Returns the JSON of the answer.
 * With a code, the first step looks whether anybody is invited (error CODE), the second one hashes the password that was
 * chosen, if any, and the third one asks again, keeps that hash, and uses the code up. */
gboolean satchel_server_find_password (SatchelServer *self, SatchelStoreSession *session, const SatchelSignIn *sign_in,
                                       char **hash, SatchelWho *who, GError **error);
char *satchel_server_sign_in (SatchelServer *self, SatchelStoreSession *session, const SatchelSignIn *sign_in,
                              const char *hash, SatchelWho *who, GError **error);

/* In a transaction that writes. Error TOKEN. */
gboolean satchel_server_sign_out (SatchelServer *self, SatchelStoreSession *session, const char *token, SatchelWho *who,
                                  GError **error);

/* ---- Tokens ---- */

/* A new token for a device that has one; the old one is good until the new one was used. In a transaction that writes;
 * errors TOKEN and DISABLED. Returns the JSON of the answer. */
char *satchel_server_renew_token (SatchelServer *self, SatchelStoreSession *session, const char *token, SatchelWho *who,
                                  GError **error);
/* The device with that token, NULL without an error when there is none. Begins and ends its own snapshot. */
char *satchel_server_find_device_id (SatchelStoreSession *session, const char *token);
/* TRUE: the token with that hash was the new one; it is the device's only one now, once it is saved. */
gboolean satchel_device_use_token (SatchelStoredDevice *device, const char *hash);
gboolean satchel_device_wants_new_token (SatchelServer *server, const SatchelStoredDevice *device);

/* ---- Invitations ---- */

/* A code to read out or to type: letters that are not mistaken for digits, in groups of four. */
char *satchel_code_new (void);
/* What is kept of it; however it was typed. NULL: it is none. */
char *satchel_code_hash (const char *code);

/* ---- Forks ---- */

/* A device like that one, for a replica that turned out to be another one; both histories go on. The token is told. */
SatchelStoredDevice *satchel_device_fork (SatchelServer *server, SatchelStoreSession *session,
                                          const SatchelStoredDevice *device, char **token, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SatchelWho, satchel_who_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelSignIn, satchel_sign_in_free)

G_END_DECLS
