/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "http-head.h"

G_BEGIN_DECLS

#define HTTP_JSON "application/json"
#define HTTP_REQUEST_ID_HEADER "Request-Id"

/* Why a request that was understood is not answered: status and code of an error of the core or the store. What went
 * wrong inside is for the log, not for the client. @error must outlive @refusal. */
HttpRefusal http_refusal_from_error (const GError *error);
/* Whether whoever runs the server has to do something about it, or somebody who mends it. */
gboolean http_error_is_for_log (const GError *error);
GBytes *http_refusal_to_json (const HttpRefusal *refusal);
/* The same as a whole answer, for a connection that ends with it. */
GBytes *http_refusal_to_answer (const HttpRefusal *refusal);

G_END_DECLS
