/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "http-connections.h"
#include "server/core/server-core.h"

G_BEGIN_DECLS

/**
 * ServerHttp: the protocol over HTTP, as PROTOCOL.md has it.
 */
typedef struct _ServerHttp ServerHttp;

/**
 * ServerHttpOptions:
 * @listen: ADDRESS:PORT or unix:PATH
 * @n_inherited: how many sockets there are in its place, from file @first_inherited on
 * @certificate: (nullable): for TLS; a socket in the file system never has it
 * @address_header: (nullable): the header in which a proxy says who asks
 * @metrics_listen: (nullable): ADDRESS:PORT where metrics are read
 * @limits: see there
 */
typedef struct
{
  const char *listen;
  int first_inherited;
  guint n_inherited;
  GTlsCertificate *certificate;
  const char *address_header;
  const char *metrics_listen;
  HttpLimits limits;
} ServerHttpOptions;

typedef void (*ServerHttpStoppedFunc) (gpointer data);

/* @writer: a session that writes, lent until server_http_free(). Everything happens on the caller's main context. */
ServerHttp *server_http_new (SatchelServer *server, SatchelStore *store, SatchelStoreSession *writer,
                             const ServerHttpOptions *options, GError **error);
void server_http_free (ServerHttp *self);
char *server_http_dup_url (ServerHttp *self);
char *server_http_dup_metrics_url (ServerHttp *self); /* (nullable) */
/* Takes nobody in any more, answers who waits, finishes what runs, then calls back. */
void server_http_stop (ServerHttp *self, ServerHttpStoppedFunc func, gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ServerHttp, server_http_free)

G_END_DECLS
