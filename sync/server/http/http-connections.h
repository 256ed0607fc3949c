/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "http-connection.h"

G_BEGIN_DECLS

/**
 * HttpLimits: in seconds and connections.
 * @head: for the whole head, TLS included
 * @body: without a byte of a body, or of an answer being taken; a whole body may take four times as long, and a
 *   second for each 8 KiB
 * @idle: between two requests
 * @connections: at once
 * @per_address: at once from one address
 */
typedef struct
{
  guint head;
  guint body;
  guint idle;
  guint connections;
  guint per_address;
} HttpLimits;

/**
 * HttpConnections: all connections of a listener, their limits and their deadlines.
 */
typedef struct _HttpConnections HttpConnections;

typedef struct
{
  /* A connection is ready for its first request. */
  void (*opened) (HttpConnection *connection, gpointer data);
  /* Gives a refusal the id of a request before it is told. */
  void (*refused) (HttpConnection *connection, HttpRefusal *refusal, gpointer data);
} HttpConnectionsWatch;

/* @certificate: (nullable): without one, connections are plain and their addresses are not counted: they are those of a
 * proxy. @watch must live as long. */
HttpConnections *http_connections_new (const HttpLimits *limits, GTlsCertificate *certificate,
                                       const HttpConnectionsWatch *watch, gpointer data);
/* Ends all of them. */
void http_connections_free (HttpConnections *self);
gboolean http_connections_add (HttpConnections *self, GSocket *socket); /* FALSE: there are too many */
guint http_connections_get_n (HttpConnections *self);
/* Ends those that nobody needs now. */
void http_connections_end_idle (HttpConnections *self);
/* How an address is counted: IPv6 gives everyone a network of their own. */
char *http_address_to_string (GInetAddress *address);
/* (nullable): the address whose attempts are counted */
const char *http_connections_get_address (HttpConnections *self, HttpConnection *connection);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpConnections, http_connections_free)

G_END_DECLS
