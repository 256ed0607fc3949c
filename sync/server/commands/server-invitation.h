/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server-settings.h"

G_BEGIN_DECLS

/* `satchel:connect?server=…&code=…&authority=…`; NULL when it is not known how devices reach the server. */
char *server_invitation_make_link (ServerSettings *settings, const char *code);

G_END_DECLS
