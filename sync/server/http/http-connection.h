/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "http-head.h"

G_BEGIN_DECLS

/**
 * HttpPhase: what a connection is doing. Each phase but %HTTP_PHASE_WORKING has a deadline.
 * @HTTP_PHASE_OPENING: nothing came yet, or TLS is being set up
 * @HTTP_PHASE_IDLE: between two requests
 * @HTTP_PHASE_HEAD: a head is coming
 * @HTTP_PHASE_BODY: a body is coming
 * @HTTP_PHASE_WORKING: the request is being worked on, or held
 * @HTTP_PHASE_WRITING: the answer is going
 * @HTTP_PHASE_LINGERING: it was refused; what still comes is read and dropped, so that the refusal arrives
 */
typedef enum
{
  HTTP_PHASE_OPENING,
  HTTP_PHASE_IDLE,
  HTTP_PHASE_HEAD,
  HTTP_PHASE_BODY,
  HTTP_PHASE_WORKING,
  HTTP_PHASE_WRITING,
  HTTP_PHASE_LINGERING,
  HTTP_N_PHASES,
} HttpPhase;

/**
 * HttpConnection:
 *
 * One client's connection, as a stream for libsoup. It lets through only whole
 * heads that http_head_parse() has nothing against, and exactly the body that
 * they announce. It answers everything else by itself, and ends.
 */
#define HTTP_TYPE_CONNECTION (http_connection_get_type ())
G_DECLARE_FINAL_TYPE (HttpConnection, http_connection, HTTP, CONNECTION, GIOStream)

/**
 * HttpConnectionWatch: what a connection tells whoever keeps it.
 * @may_send: asks whether there is room for a body of so many bytes
 */
typedef struct
{
  gboolean (*may_send) (HttpConnection *connection, gsize length, gpointer data);
  void (*entered) (HttpConnection *connection, HttpPhase phase, gpointer data);
  /* Before it is told; gives it the id of a request. */
  void (*refused) (HttpConnection *connection, HttpRefusal *refusal, gpointer data);
  void (*closed) (HttpConnection *connection, gpointer data);
} HttpConnectionWatch;

/* @base: the socket's stream, or TLS on it. @watch must live as long as the connection. */
HttpConnection *http_connection_new (GSocket *socket, GIOStream *base, const HttpConnectionWatch *watch, gpointer data);
GSocket *http_connection_get_socket (HttpConnection *self);
HttpPhase http_connection_get_phase (HttpConnection *self);
void http_connection_enter (HttpConnection *self, HttpPhase phase);
/* The head of the request that just came, once. */
void http_connection_take_head (HttpConnection *self, HttpHead *head);
/* Its deadline has passed, or its place is needed. */
void http_connection_expire (HttpConnection *self);
void http_connection_discard (HttpConnection *self);

/* For the stream inside. */
gssize http_connection_read (HttpConnection *self, void *buffer, gsize count, GError **error);
gboolean http_connection_is_readable (HttpConnection *self);
GSource *http_connection_create_source (HttpConnection *self, GPollableInputStream *stream, GCancellable *cancellable);

G_END_DECLS
