/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "http-connection.h"

G_BEGIN_DECLS

/* The reading side of an HttpConnection, which owns it. */
#define HTTP_TYPE_INPUT (http_input_get_type ())
G_DECLARE_FINAL_TYPE (HttpInput, http_input, HTTP, INPUT, GInputStream)

GInputStream *http_input_new (HttpConnection *connection);

G_END_DECLS
