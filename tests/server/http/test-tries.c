/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How often one may try. */

#include "satchel-config.h"

#include <sodium.h>

#include "server/http/http-tries.h"

#define SECOND G_USEC_PER_SEC

static void
test_window (void)
{
  g_autoptr (HttpTries) tries = http_tries_new (3, 60);

  for (gint64 second = 0; second < 3; second++)
    g_assert_cmpuint (http_tries_add (tries, "nancy", second * SECOND), ==, 0);
  g_assert_cmpuint (http_tries_add (tries, "nancy", 10 * SECOND), ==, 51);
  g_assert_cmpuint (http_tries_add (tries, "olga", 10 * SECOND), ==, 0);

  /* The first one is forgotten after a minute, the second one a second later. Refused ones were not counted. */
  g_assert_cmpuint (http_tries_add (tries, "nancy", 60 * SECOND), ==, 0);
  g_assert_cmpuint (http_tries_add (tries, "nancy", 60 * SECOND), ==, 2);
  g_assert_cmpuint (http_tries_add (tries, "nancy", 61 * SECOND), ==, 0);
}

static void
test_taken_back (void)
{
  g_autoptr (HttpTries) tries = http_tries_new (3, 60);

  for (guint i = 0; i < 100; i++)
    {
      g_assert_cmpuint (http_tries_add (tries, "nancy", 0), ==, 0);
      http_tries_take_back (tries, "nancy");
    }
  http_tries_take_back (tries, "nobody");
}

/* So many names do not take all the memory; they wait until others are forgotten. */
static void
test_many_names (void)
{
  g_autoptr (HttpTries) tries = http_tries_new (3, 60);
  guint n = 0;
  char name[32];

  while (g_snprintf (name, sizeof name, "user %u", n), http_tries_add (tries, name, 0) == 0)
    n++;
  g_assert_cmpuint (n, ==, 10000);
  g_assert_cmpuint (http_tries_add (tries, name, 61 * SECOND), ==, 0);
}

int
main (int argc, char **argv)
{
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/tries/window", test_window);
  g_test_add_func ("/http/tries/taken-back", test_taken_back);
  g_test_add_func ("/http/tries/many-names", test_many_names);

  return g_test_run ();
}
