/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What systemd hands to a service that it starts, and wants to hear from it; nothing happens where it did not start us. */

#define SERVER_ACTIVATION_FIRST 3

/* How many listening sockets were handed over, from file SERVER_ACTIVATION_FIRST on. Asked once. */
guint server_activation_take (void);
/* Whether they are sockets in the file system. */
gboolean server_activation_is_unix (void);
/* "READY=1", "STOPPING=1". */
void server_activation_notify (const char *state);

G_END_DECLS
