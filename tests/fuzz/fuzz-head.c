/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The head of a request: its end is found alike however it arrives, and it is either refused with a sentence or gives
 * out nothing but what an address and a token may hold. */

#include "fuzz.h"

#include <string.h>

#include "server/http/http-head.h"
#include "wire/satchel-frames.h"

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  return 0;
}

/* Byte by byte, as a slow client sends it. */
static HttpHeadEnd
find_slowly (const char *text, gsize size, gsize *length)
{
  HttpHeadEnd end = HTTP_HEAD_MORE;

  for (gsize available = 1; available <= size && end == HTTP_HEAD_MORE; available++)
    end = http_head_find_end (text, available, available - 1, length);

  return end;
}

static void
check_piece (const char *piece, const char *allowed)
{
  if (piece == NULL)
    return;

  g_assert_cmpuint (strlen (piece), >, 0);
  for (const char *c = piece; *c != '\0'; c++)
    g_assert_true (g_ascii_isalnum (*c) || strchr (allowed, *c) != NULL);
}

static void
check_taken (const HttpHead *head)
{
  g_assert_cmpint (head->route, <, HTTP_N_ROUTES);
  g_assert_cmpuint (head->content_length, <=, SATCHEL_REQUEST_MAX_BYTES);
  g_assert_cmpint (head->record_type != NULL, ==,
                   head->route == HTTP_ROUTE_RECORD || head->route == HTTP_ROUTE_HISTORY);
  g_assert_cmpint (head->bucket != NULL, ==, head->route == HTTP_ROUTE_BUCKET_DIGESTS);
  check_piece (head->token, "-_.~+/=");
  check_piece (head->record_type, "_");
  check_piece (head->record_id, "-");
  check_piece (head->bucket, ":-_");
}

static void
check_refused (const HttpRefusal *refusal)
{
  g_assert_true (refusal->status >= 400 && refusal->status <= 599);
  g_assert_nonnull (refusal->code);
  g_assert_true (g_str_has_suffix (refusal->message, "."));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *text = (const char *) data;
  gsize length = 0, slow_length = 0;
  HttpHeadEnd end = size > 0 ? http_head_find_end (text, size, 0, &length) : HTTP_HEAD_MORE;
  g_autofree char *copy = NULL;
  g_auto (HttpHead) head = { 0 };
  HttpRefusal refusal;

  g_assert_cmpint (find_slowly (text, size, &slow_length), ==, end);
  if (end != HTTP_HEAD_WHOLE)
    return 0;

  g_assert_cmpuint (slow_length, ==, length);
  g_assert_cmpuint (length, <=, size);
  copy = g_memdup2 (text, length);
  if (http_head_parse (copy, length, &head, &refusal))
    check_taken (&head);
  else
    check_refused (&refusal);

  return 0;
}
