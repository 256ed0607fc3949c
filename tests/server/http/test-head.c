/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Heads, in any pieces and with any damage. */

#include "satchel-config.h"

#include <string.h>

#include "server/http/http-head.h"

static const char *const heads[] = {
  "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "POST /v1/sync HTTP/1.1\r\nHost: a:8443\r\nAuthorization: Bearer abc-_9\r\nContent-Length: 12\r\n"
  "Content-Type: application/vnd.satchel.frames+zstd\r\n\r\n",
  "POST /v1/devices HTTP/1.1\r\nhost: [::1]:1\r\ncontent-length: 2\r\ncontent-type: application/json; charset=utf-8\r\n"
  "X-Forwarded-For: 192.0.2.1, 2001:db8::7\r\n\r\n",
  "GET /v1/records/account/0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee/history HTTP/1.0\r\nHost: a\r\n"
  "Authorization: bearer x\r\n\r\n",
  "DELETE /v1/devices/self HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer t\r\nContent-Length: 0\r\n\r\n",
};

static gboolean
parse (const char *text, HttpHead *head)
{
  HttpRefusal refusal;
  gboolean taken = http_head_parse (text, strlen (text), head, &refusal);

  if (!taken)
    {
      g_assert_cmpuint (refusal.status, >=, 400);
      g_assert_nonnull (refusal.code);
      g_assert_true (g_str_has_suffix (refusal.message, "."));
    }

  return taken;
}

static void
test_good (void)
{
  static const HttpRoute routes[] = { HTTP_ROUTE_HEALTHZ, HTTP_ROUTE_SYNC, HTTP_ROUTE_SIGN_IN, HTTP_ROUTE_HISTORY,
                                      HTTP_ROUTE_SIGN_OUT };
  HttpHead parsed[G_N_ELEMENTS (heads)];

  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      g_assert_true (parse (heads[i], &parsed[i]));
      g_assert_cmpint (parsed[i].route, ==, routes[i]);
    }

  g_assert_cmpstr (parsed[1].token, ==, "abc-_9");
  g_assert_cmpuint (parsed[1].content_length, ==, 12);
  g_assert_null (parsed[2].token);
  g_assert_cmpstr (parsed[3].record_type, ==, "account");
  g_assert_cmpstr (parsed[3].record_id, ==, "0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee");
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    http_head_clear (&parsed[i]);
}

/* However it is cut into two, its end is found once it is there, and not before. */
static void
test_pieces (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      g_autofree char *text = g_strconcat (heads[i], "and a body\r\n\r\n", NULL);
      gsize whole = strlen (heads[i]);

      for (gsize first = 0; first <= whole; first++)
        {
          gsize length = 0;
          HttpHeadEnd end = http_head_find_end (text, first, 0, &length);

          g_assert_cmpint (end, ==, first < whole ? HTTP_HEAD_MORE : HTTP_HEAD_WHOLE);
          if (first == whole)
            continue;
          g_assert_cmpint (http_head_find_end (text, strlen (text), first, &length), ==, HTTP_HEAD_WHOLE);
          g_assert_cmpuint (length, ==, whole);
        }
    }
}

static void
damage (GString *text, GRand *rand)
{
  static const char *const inserts[] = { "\r\n",
                                         "\n",
                                         "\r",
                                         "\t",
                                         " ",
                                         ":",
                                         "Host: a\r\n",
                                         "Content-Length: 9\r\n",
                                         "Transfer-Encoding: chunked\r\n",
                                         "\x80",
                                         "99999999999999999999",
                                         "," };
  guint at = (guint) g_rand_int_range (rand, 0, (int) text->len);

  switch (g_rand_int_range (rand, 0, 4))
    {
    case 0:
      text->str[at] = (char) g_rand_int_range (rand, 0, 256);
      break;

    case 1:
      g_string_erase (text, at, g_rand_int_range (rand, 1, (int) (text->len - at) + 1));
      break;

    case 2:
      g_string_insert (text, at, inserts[g_rand_int_range (rand, 0, G_N_ELEMENTS (inserts))]);
      break;

    default:
      g_string_insert_c (text, at, (char) g_rand_int_range (rand, 0, 256));
      break;
    }
}

/* What passes says one thing only, whatever was done to it. The text ends where the head does: reading on is seen. */
static void
check_damaged (const GString *text)
{
  g_auto (HttpHead) head = { 0 };
  HttpRefusal refusal = { 0 };
  gsize length = 0;
  g_autofree char *exact = NULL;

  if (http_head_find_end (text->str, text->len, 0, &length) != HTTP_HEAD_WHOLE)
    return;
  exact = g_memdup2 (text->str, length);
  if (!http_head_parse (exact, length, &head, &refusal))
    {
      g_assert_cmpuint (refusal.status, >=, 400);
      return;
    }

  g_assert_cmpint (head.route, <, HTTP_N_ROUTES);
  g_assert_null (memchr (exact, '\0', length));
  g_assert_cmpuint (head.content_length, <=, 8 * 1024 * 1024);
}

static void
test_damage (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) g_test_rand_int ());

  for (guint i = 0; i < 50000; i++)
    {
      g_autoptr (GString) text = g_string_new (heads[i % G_N_ELEMENTS (heads)]);

      for (gint n = g_rand_int_range (rand, 1, 5); n > 0 && text->len > 0; n--)
        damage (text, rand);
      if (text->len > 0)
        check_damaged (text);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/head/good", test_good);
  g_test_add_func ("/http/head/pieces", test_pieces);
  g_test_add_func ("/http/head/damage", test_damage);

  return g_test_run ();
}
