/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SatchelInvitation: what a link says that an administrator gave somebody.
 * @server: the server's address
 * @code: lets in once
 * @authority: (nullable): SHA-256 fingerprint of the certificate of a private authority, in hex
 */
typedef struct
{
  char *server;
  char *code;
  char *authority;
} SatchelInvitation;

/* Whether it is meant as one, whole or not. */
gboolean satchel_invitation_is_link (const char *text);
SatchelInvitation *satchel_invitation_parse (const char *link, GError **error);
void satchel_invitation_free (SatchelInvitation *self);

/* The file of the authority that the server names and that has this fingerprint; from then on it is trusted. */
char *satchel_authority_fetch (const char *server, const char *fingerprint, GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelInvitation, satchel_invitation_free)

G_END_DECLS
