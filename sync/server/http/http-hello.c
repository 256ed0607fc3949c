/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Waits for a client's first TLS record without keeping a thread: only who has sent all of it gets one to shake hands
 * with. */

#include "satchel-config.h"

#include "http-hello.h"

#include <sys/socket.h>

#define RECORD_HEAD_BYTES 5
#define RECORD_HANDSHAKE 22
#define RECORD_MAX_BYTES (16 * 1024)

static gssize
peek (GSocket *socket, guint8 *bytes, gsize length)
{
  GInputVector vector = { bytes, length };
  int flags = G_SOCKET_MSG_PEEK;

  return g_socket_receive_message (socket, NULL, &vector, 1, NULL, NULL, &flags, NULL, NULL);
}

static HttpHello
want (GSocket *socket, HttpHelloLook *look, gsize bytes)
{
  look->wanted = bytes;

  return g_socket_set_option (socket, SOL_SOCKET, SO_RCVLOWAT, (int) bytes, NULL) ? HTTP_HELLO_MORE : HTTP_HELLO_NONE;
}

/**
 * http_hello_look:
 * @socket: a socket that has become readable
 * @look: of the last look; zeros at first
 *
 * Returns: whether the first record is whole, is to be waited for, or will never be one
 */
HttpHello
http_hello_look (GSocket *socket, HttpHelloLook *look)
{
  guint8 bytes[RECORD_HEAD_BYTES + RECORD_MAX_BYTES];
  gssize seen = peek (socket, bytes, sizeof bytes);
  gsize length;

  /* Readable though what was wanted is not there: there will be no more. */
  if (seen <= 0 || bytes[0] != RECORD_HANDSHAKE || (look->wanted > 0 && (gsize) seen < look->wanted))
    return HTTP_HELLO_NONE;
  if (seen < RECORD_HEAD_BYTES)
    return want (socket, look, RECORD_HEAD_BYTES);

  length = RECORD_HEAD_BYTES + ((gsize) bytes[3] << 8 | bytes[4]);
  if (length > sizeof bytes)
    return HTTP_HELLO_NONE;
  if ((gsize) seen < length)
    return want (socket, look, length);

  g_socket_set_option (socket, SOL_SOCKET, SO_RCVLOWAT, 1, NULL);

  return HTTP_HELLO_WHOLE;
}
