/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  HTTP_HELLO_MORE,
  HTTP_HELLO_WHOLE,
  HTTP_HELLO_NONE,
} HttpHello;

/**
 * HttpHelloLook: what the last look at a client's first TLS record found.
 * @wanted: how many bytes there have to be at the next one, or 0
 */
typedef struct
{
  gsize wanted;
} HttpHelloLook;

/* Looks at what a readable socket holds, and leaves it there. While more is to come, the socket is not readable until
 * it is there, or the client is gone. */
HttpHello http_hello_look (GSocket *socket, HttpHelloLook *look);

G_END_DECLS
