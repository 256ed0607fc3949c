/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean satchel_read_input (const char *path, char **contents, gsize *length, GError **error);
char *satchel_read_password (const char *password_file, GError **error);
void satchel_forget_password (char *password);

G_END_DECLS
