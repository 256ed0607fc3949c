/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * HttpListener: sockets that clients connect to.
 */
typedef struct _HttpListener HttpListener;

typedef void (*HttpAcceptFunc) (GSocket *socket, gpointer data);

/* @where: ADDRESS:PORT, NAME:PORT, [ADDRESS]:PORT or unix:PATH. Binds, but takes nobody in before it is started. */
HttpListener *http_listener_new (const char *where, GError **error);
/* Takes over sockets that listen already: @n files from @first on. */
HttpListener *http_listener_new_inherited (int first, guint n, GError **error);
void http_listener_free (HttpListener *self);
gboolean http_listener_is_unix (HttpListener *self);
/* Whether only this computer can connect. */
gboolean http_listener_is_local (HttpListener *self);
char *http_listener_dup_url (HttpListener *self, gboolean tls);
void http_listener_start (HttpListener *self, HttpAcceptFunc func, gpointer data);
void http_listener_stop (HttpListener *self); /* nobody can connect any more */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpListener, http_listener_free)

G_END_DECLS
