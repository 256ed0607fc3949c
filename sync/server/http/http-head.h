/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define HTTP_HEAD_MAX_BYTES (16 * 1024)
#define HTTP_REQUEST_ID_BYTES 24

typedef enum
{
  HTTP_ROUTE_SIGN_IN,
  HTTP_ROUTE_SIGN_OUT,
  HTTP_ROUTE_RENEW,
  HTTP_ROUTE_SYNC,
  HTTP_ROUTE_HISTORY,
  HTTP_ROUTE_RECORD,
  HTTP_ROUTE_DIGESTS,
  HTTP_ROUTE_BUCKET_DIGESTS,
  HTTP_ROUTE_HEALTHZ,
  HTTP_ROUTE_READYZ,
  HTTP_N_ROUTES,
} HttpRoute;

/**
 * HttpRefusal: why a request is not answered as it wishes. Codes are those of PROTOCOL.md.
 * @message: a translated sentence
 * @retry_after: seconds, or 0
 * @bodiless: only the head of the answer is asked for
 * @request: the id of the request, which a person may quote; or ""
 */
typedef struct
{
  guint status;
  const char *code;
  const char *message;
  guint retry_after;
  gboolean bodiless;
  char request[HTTP_REQUEST_ID_BYTES];
} HttpRefusal;

/**
 * HttpHead: a request line and its headers, checked.
 * @token: (nullable): of the Authorization
 * @record_type, @record_id: (nullable): which record, or whose history
 * @bucket: (nullable): whose digests, those after @record_id
 */
typedef struct
{
  HttpRoute route;
  gsize content_length;
  char *token;
  char *record_type;
  char *record_id;
  char *bucket;
} HttpHead;

typedef enum
{
  HTTP_HEAD_MORE,
  HTTP_HEAD_WHOLE,
  HTTP_HEAD_BROKEN,
} HttpHeadEnd;

/* Looks for the blank line in @text, whose first @seen bytes were looked at before. @length gets the head's length. */
HttpHeadEnd http_head_find_end (const char *text, gsize available, gsize seen, gsize *length);
/* @text is a whole head. FALSE: it is refused. */
gboolean http_head_parse (const char *text, gsize length, HttpHead *head, HttpRefusal *refusal);
void http_head_clear (HttpHead *head);
const char *http_route_get_template (HttpRoute route); /* "POST /v1/sync", for the log */

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HttpHead, http_head_clear)

G_END_DECLS
