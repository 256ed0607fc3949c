/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *satchel_token_new (void); /* 32 random bytes, base64url */
char *satchel_token_hash (const char *token);

G_END_DECLS
