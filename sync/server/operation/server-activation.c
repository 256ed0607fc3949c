/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The protocol of sd_listen_fds(3) and sd_notify(3). */

#include "satchel-config.h"

#include "server-activation.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_SOCKETS 16

static gboolean
read_number (const char *variable, guint64 most, guint64 *number)
{
  const char *text = g_getenv (variable);

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, most, number, NULL);
}

guint
server_activation_take (void)
{
  guint64 process, n;
  gboolean ours = read_number ("LISTEN_PID", G_MAXINT, &process) && process == (guint64) getpid () &&
                  read_number ("LISTEN_FDS", MAX_SOCKETS, &n);

  g_unsetenv ("LISTEN_PID");
  g_unsetenv ("LISTEN_FDS");
  g_unsetenv ("LISTEN_FDNAMES");
  if (!ours)
    return 0;

  for (guint i = 0; i < n; i++)
    fcntl (SERVER_ACTIVATION_FIRST + (int) i, F_SETFD, FD_CLOEXEC);

  return (guint) n;
}

gboolean
server_activation_is_unix (void)
{
  struct sockaddr_storage address;
  socklen_t length = sizeof address;

  return getsockname (SERVER_ACTIVATION_FIRST, (struct sockaddr *) &address, &length) == 0 &&
         address.ss_family == AF_UNIX;
}

void
server_activation_notify (const char *state)
{
  const char *path = g_getenv ("NOTIFY_SOCKET");
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  socklen_t length;
  int file;

  if (path == NULL || (*path != '/' && *path != '@') || strlen (path) >= sizeof address.sun_path)
    return;

  memcpy (address.sun_path, path, strlen (path));
  /* An address that is in no file system. */
  if (*path == '@')
    address.sun_path[0] = '\0';
  length = (socklen_t) (offsetof (struct sockaddr_un, sun_path) + strlen (path));

  file = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (file < 0)
    return;
  if (sendto (file, state, strlen (state), MSG_NOSIGNAL, (struct sockaddr *) &address, length) < 0)
    g_debug ("The service manager cannot be told: %s", state);
  close (file);
}
