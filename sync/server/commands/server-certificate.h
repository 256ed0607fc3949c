/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean server_certificate_make (const char *folder, const char *organisation, const char *const *hosts,
                                  GError **error);

G_END_DECLS
