/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reads the heads of requests, more strictly than libsoup does and before it does: what is ambiguous is refused, so
 * that nobody between a client and us can have understood it differently, and what we have no use for never reaches a
 * parser that keeps it. */

#include "satchel-config.h"

#include "http-head.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "wire/satchel-frames.h"

#define MAX_HEADERS 64
#define MAX_TOKEN_BYTES 256
#define MAX_NAME_BYTES 64
#define SIGN_IN_MAX_BYTES (16 * 1024)

/**
 * Route:
 * @prefix, @suffix: what the path begins and ends with; without a suffix the path is the prefix
 * @media_type: (nullable): of its body; without one it has none
 */
typedef struct
{
  const char *method;
  const char *prefix;
  const char *suffix;
  const char *template;
  const char *media_type;
  gsize max_bytes;
  gboolean needs_token;
} Route;

/* clang-format off */
static const Route routes[HTTP_N_ROUTES] = {
  [HTTP_ROUTE_SIGN_IN] = {
    "POST", "/v1/devices", NULL, "POST /v1/devices", "application/json", SIGN_IN_MAX_BYTES, FALSE },
  [HTTP_ROUTE_SIGN_OUT] = {
    "DELETE", "/v1/devices/self", NULL, "DELETE /v1/devices/self", NULL, 0, TRUE },
  [HTTP_ROUTE_RENEW] = {
    "POST", "/v1/devices/self/token", NULL, "POST /v1/devices/self/token", NULL, 0, TRUE },
  [HTTP_ROUTE_SYNC] = {
    "POST", "/v1/sync", NULL, "POST /v1/sync", SATCHEL_FRAMES_MEDIA_TYPE, SATCHEL_REQUEST_MAX_BYTES, TRUE },
  [HTTP_ROUTE_HISTORY] = {
    "GET", "/v1/records/", "/history", "GET /v1/records/{type}/{id}/history", NULL, 0, TRUE },
  [HTTP_ROUTE_RECORD] = {
    "GET", "/v1/records/", "", "GET /v1/records/{type}/{id}", NULL, 0, TRUE },
  [HTTP_ROUTE_DIGESTS] = {
    "GET", "/v1/digests", NULL, "GET /v1/digests", NULL, 0, TRUE },
  [HTTP_ROUTE_BUCKET_DIGESTS] = {
    "GET", "/v1/digests/", "", "GET /v1/digests/{bucket}", NULL, 0, TRUE },
  [HTTP_ROUTE_HEALTHZ] = {
    "GET", "/healthz", NULL, "GET /healthz", NULL, 0, FALSE },
  [HTTP_ROUTE_READYZ] = {
    "GET", "/readyz", NULL, "GET /readyz", NULL, 0, FALSE },
};
/* clang-format on */

/* A line of the head while it is read. Nothing in it is copied. */
typedef struct
{
  const char *text;
  gsize length;
} Piece;

/* What the headers said that the answer depends on. */
typedef struct
{
  guint n_hosts;
  guint n_lengths;
  guint n_types;
  guint n_authorizations;
  guint n_headers;
  Piece length;
  Piece type;
  Piece authorization;
  gboolean transfer_encoding;
  gboolean content_encoding;
} Headers;

static gboolean
refuse (HttpRefusal *refusal, guint status, const char *code, const char *message)
{
  refusal->status = status;
  refusal->code = code;
  refusal->message = message;

  return FALSE;
}

static gboolean
malformed (HttpRefusal *refusal)
{
  return refuse (refusal, 400, "malformed", _ ("The request cannot be read. Nothing was changed."));
}

/* ---- Pieces --------------------------------------------------------------------------------------- */

static gboolean
is_token_char (char c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("!#$%&'*+-.^_`|~", c) != NULL);
}

static gboolean
is_token (Piece piece)
{
  for (gsize i = 0; i < piece.length; i++)
    if (!is_token_char (piece.text[i]))
      return FALSE;

  return piece.length > 0;
}

static gboolean
is_made_of (Piece piece, const char *more)
{
  for (gsize i = 0; i < piece.length; i++)
    if (!g_ascii_isalnum (piece.text[i]) && (piece.text[i] == '\0' || strchr (more, piece.text[i]) == NULL))
      return FALSE;

  return piece.length > 0;
}

static gboolean
piece_is (Piece piece, const char *text)
{
  return piece.length == strlen (text) && g_ascii_strncasecmp (piece.text, text, piece.length) == 0;
}

static gboolean
piece_is_exactly (Piece piece, const char *text)
{
  return piece.length == strlen (text) && memcmp (piece.text, text, piece.length) == 0;
}

static Piece
strip (Piece piece)
{
  while (piece.length > 0 && (*piece.text == ' ' || *piece.text == '\t'))
    piece = (Piece) { piece.text + 1, piece.length - 1 };
  while (piece.length > 0 && (piece.text[piece.length - 1] == ' ' || piece.text[piece.length - 1] == '\t'))
    piece.length--;

  return piece;
}

/* Takes what stands before @end off the front of @rest, and @end itself. */
static gboolean
take_until (Piece *rest, char end, Piece *taken)
{
  const char *found = rest->length > 0 ? memchr (rest->text, end, rest->length) : NULL;

  if (found == NULL)
    return FALSE;

  *taken = (Piece) { rest->text, (gsize) (found - rest->text) };
  *rest = (Piece) { found + 1, rest->length - taken->length - 1 };

  return TRUE;
}

/* Lines end in CR LF; http_head_find_end() has seen to it that no other LF is there. */
static gboolean
take_line (Piece *rest, Piece *line)
{
  if (!take_until (rest, '\n', line))
    return FALSE;
  line->length--;

  return TRUE;
}

/* ---- Where it ends -------------------------------------------------------------------------------- */

HttpHeadEnd
http_head_find_end (const char *text, gsize available, gsize seen, gsize *length)
{
  const char *line_feed;

  while ((line_feed = memchr (text + seen, '\n', available - seen)) != NULL)
    {
      gsize at = (gsize) (line_feed - text);

      if (at == 0 || text[at - 1] != '\r')
        return HTTP_HEAD_BROKEN;
      if (at >= 3 && text[at - 2] == '\n')
        {
          *length = at + 1;
          return HTTP_HEAD_WHOLE;
        }
      seen = at + 1;
    }

  return HTTP_HEAD_MORE;
}

/* ---- The request line ----------------------------------------------------------------------------- */

/* What stands between the route's prefix and suffix. */
static gboolean
take_middle (Piece target, const Route *route, Piece *middle)
{
  gsize around = strlen (route->prefix) + strlen (route->suffix);

  if (target.length <= around || memcmp (target.text, route->prefix, strlen (route->prefix)) != 0 ||
      memcmp (target.text + target.length - strlen (route->suffix), route->suffix, strlen (route->suffix)) != 0)
    return FALSE;

  *middle = (Piece) { target.text + strlen (route->prefix), target.length - around };

  return TRUE;
}

/* The record's type and id, out of "/v1/records/TYPE/ID" and "/v1/records/TYPE/ID/history". */
static gboolean
take_record (Piece target, const Route *route, HttpHead *head)
{
  Piece middle;
  Piece type;

  if (!take_middle (target, route, &middle))
    return FALSE;
  if (!take_until (&middle, '/', &type) || !is_made_of (type, "_") || !is_made_of (middle, "-") ||
      type.length > MAX_NAME_BYTES || middle.length > MAX_NAME_BYTES)
    return FALSE;

  head->record_type = g_strndup (type.text, type.length);
  head->record_id = g_strndup (middle.text, middle.length);

  return TRUE;
}

/* The bucket, and an id, out of "/v1/digests/BUCKET" and "/v1/digests/BUCKET/ID". */
static gboolean
take_bucket (Piece target, const Route *route, HttpHead *head)
{
  Piece bucket;
  Piece id;
  gboolean has_id;

  if (!take_middle (target, route, &id))
    return FALSE;
  has_id = take_until (&id, '/', &bucket);
  if (!has_id)
    bucket = id;
  if (!is_made_of (bucket, ":-_") || bucket.length > MAX_NAME_BYTES)
    return FALSE;
  if (has_id && (!is_made_of (id, "-") || id.length > MAX_NAME_BYTES))
    return FALSE;

  head->bucket = g_strndup (bucket.text, bucket.length);
  if (has_id)
    head->record_id = g_strndup (id.text, id.length);

  return TRUE;
}

static gboolean
take_target (Piece target, HttpRoute number, HttpHead *head)
{
  const Route *route = &routes[number];

  if (route->suffix == NULL)
    return piece_is_exactly (target, route->prefix);

  return number == HTTP_ROUTE_BUCKET_DIGESTS ? take_bucket (target, route, head) : take_record (target, route, head);
}

static gboolean
find_route (Piece method, Piece target, HttpHead *head)
{
  for (guint i = 0; i < HTTP_N_ROUTES; i++)
    {
      if (piece_is_exactly (method, routes[i].method) && take_target (target, i, head))
        {
          head->route = i;
          return TRUE;
        }
    }

  return FALSE;
}

/* A method that a path does not have is not told apart from a path that is not there. */
static gboolean
read_request_line (Piece line, HttpHead *head, HttpRefusal *refusal)
{
  Piece method, target;

  if (!take_until (&line, ' ', &method) || !take_until (&line, ' ', &target) || !is_token (method) ||
      target.length == 0)
    return malformed (refusal);

  refusal->bodiless = piece_is_exactly (method, "HEAD");
  if (!piece_is_exactly (line, "HTTP/1.1") && !piece_is_exactly (line, "HTTP/1.0"))
    return refuse (refusal, 400, "malformed", _ ("This server speaks HTTP/1.1."));
  if (!find_route (method, target, head))
    return refuse (refusal, 404, "not_found", _ ("There is nothing at this address."));

  return TRUE;
}

/* ---- Headers -------------------------------------------------------------------------------------- */

static gboolean
is_printable (Piece value)
{
  for (gsize i = 0; i < value.length; i++)
    if (((guchar) value.text[i] < ' ' && value.text[i] != '\t') || value.text[i] == 0x7f)
      return FALSE;

  return TRUE;
}

static void
note_header (Headers *headers, Piece name, Piece value)
{
  if (piece_is (name, "Host"))
    headers->n_hosts += is_made_of (value, ".-_:[]") ? 1 : 2;
  else if (piece_is (name, "Content-Length"))
    headers->n_lengths++, headers->length = value;
  else if (piece_is (name, "Content-Type"))
    headers->n_types++, headers->type = value;
  else if (piece_is (name, "Authorization"))
    headers->n_authorizations++, headers->authorization = value;
  else if (piece_is (name, "Transfer-Encoding"))
    headers->transfer_encoding = TRUE;
  else if (piece_is (name, "Content-Encoding"))
    headers->content_encoding = TRUE;
}

static gboolean
read_header (Piece line, Headers *headers, HttpRefusal *refusal)
{
  Piece name;

  if (++headers->n_headers > MAX_HEADERS)
    return refuse (refusal, 400, "limits", _ ("The request has too many headers."));
  if (!take_until (&line, ':', &name) || !is_token (name) || !is_printable (line))
    return malformed (refusal);
  if (piece_is (name, "Expect") && !piece_is (strip (line), "100-continue"))
    return malformed (refusal);

  note_header (headers, name, strip (line));

  return TRUE;
}

static gboolean
read_headers (Piece rest, Headers *headers, HttpRefusal *refusal)
{
  Piece line;

  while (take_line (&rest, &line) && line.length > 0)
    if (!read_header (line, headers, refusal))
      return FALSE;

  if (headers->n_hosts != 1 || headers->n_lengths > 1 || headers->n_types > 1 || headers->n_authorizations > 1)
    return malformed (refusal);
  if (headers->transfer_encoding)
    return refuse (refusal, 501, "malformed", _ ("Requests must say how long they are instead of coming in chunks."));

  return TRUE;
}

/* ---- What a route asks for ------------------------------------------------------------------------ */

static gboolean
read_length (const Headers *headers, const Route *route, HttpHead *head, HttpRefusal *refusal)
{
  guint64 length = 0;

  if (headers->n_lengths == 0 && route->media_type != NULL)
    return refuse (refusal, 411, "malformed", _ ("The request does not say how long it is."));

  for (gsize i = 0; i < headers->length.length; i++)
    {
      if (!g_ascii_isdigit (headers->length.text[i]))
        return malformed (refusal);
      length = MIN (length * 10 + (guint64) g_ascii_digit_value (headers->length.text[i]), G_MAXUINT32);
    }
  if (headers->n_lengths > 0 && headers->length.length == 0)
    return malformed (refusal);
  if (length > route->max_bytes)
    return refuse (refusal, 413, "limits", _ ("The request is too large. Nothing was changed."));

  head->content_length = (gsize) length;

  return TRUE;
}

static gboolean
check_type (const Headers *headers, const Route *route, HttpRefusal *refusal)
{
  Piece type = headers->type;
  Piece before;

  if (headers->n_types > 0 && take_until (&type, ';', &before))
    type = strip (before);
  if (route->media_type == NULL || (piece_is (type, route->media_type) && !headers->content_encoding))
    return TRUE;

  return refuse (refusal, 415, "malformed", _ ("The request is not of the kind that this address takes."));
}

static gboolean
read_token (const Headers *headers, const Route *route, HttpHead *head, HttpRefusal *refusal)
{
  Piece token = headers->authorization;
  Piece scheme;

  if (headers->n_authorizations > 0 && take_until (&token, ' ', &scheme) && piece_is (scheme, "Bearer"))
    {
      token = strip (token);
      if (token.length <= MAX_TOKEN_BYTES && is_made_of (token, "-_.~+/="))
        head->token = g_strndup (token.text, token.length);
    }
  if (head->token != NULL || !route->needs_token)
    return TRUE;

  return refuse (refusal, 401, "token", _ ("This device is not signed in. Nothing is lost; please sign in again."));
}

/**
 * http_head_parse:
 * @text: a request line and headers, up to and with the blank line
 * @length: their length in bytes
 * @head: (out): what it asks for; to be cleared, in any case
 * @refusal: (out): why it is refused
 *
 * Returns: whether it may go on
 */
gboolean
http_head_parse (const char *text, gsize length, HttpHead *head, HttpRefusal *refusal)
{
  Piece rest = { text, length };
  Headers headers = { 0 };
  const Route *route;
  Piece line;

  *head = (HttpHead) { 0 };
  *refusal = (HttpRefusal) { 0 };
  if (!take_line (&rest, &line))
    return malformed (refusal);
  if (!read_request_line (line, head, refusal) || !read_headers (rest, &headers, refusal))
    return FALSE;

  route = &routes[head->route];

  return read_length (&headers, route, head, refusal) && check_type (&headers, route, refusal) &&
         read_token (&headers, route, head, refusal);
}

void
http_head_clear (HttpHead *head)
{
  g_clear_pointer (&head->token, g_free);
  g_clear_pointer (&head->record_type, g_free);
  g_clear_pointer (&head->record_id, g_free);
  g_clear_pointer (&head->bucket, g_free);
}

const char *
http_route_get_template (HttpRoute route)
{
  return routes[route].template;
}
