/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The command line and links. */

#include "shell/satchel-options.h"

#define ID "019b8b74-1800-7444-bd5a-49f0aed5f70f"

static void
test_link_to_a_record (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelUri) uri = satchel_uri_parse ("satchel:account/" ID, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (uri->type, ==, "account");
  g_assert_cmpstr (uri->id, ==, ID);
  g_assert_null (uri->server);
}

static void
test_invitation (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelUri) uri = satchel_uri_parse ("satchel:connect?server=https%3A%2F%2Fcrm.example%3A8443&user=nancy",
                                                  &error);

  g_assert_no_error (error);
  g_assert_cmpstr (uri->server, ==, "https://crm.example:8443");
  g_assert_cmpstr (uri->user, ==, "nancy");
  g_assert_null (uri->type);
}

/* One with a code is typed as a whole. */
static void
test_invitation_with_code (void)
{
  const char *link = "satchel:connect?server=https%3A%2F%2Fcrm.example%3A8443&code=7K2M-QX0P-9VRA";
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelUri) uri = satchel_uri_parse (link, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (uri->server, ==, link);
  g_assert_null (uri->user);
}

static void
test_nonsense (void)
{
  static const char *const texts[] = {
    "",
    "account/" ID,
    "http://example.org/",
    "satchel:",
    "satchel:account",
    "satchel:account/",
    "satchel:account/7",
    "satchel:dragon/" ID,
    "satchel:account/" ID "/more",
    "satchel:connect",
    "satchel:connect?user=nancy",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (SatchelUri) uri = satchel_uri_parse (texts[i], &error);

      g_assert_null (uri);
      g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
    }
}

static void
test_options (void)
{
  g_autoptr (GError) error = NULL;
  SatchelOptions good = { .page = (char *) "sync", .width = 360, .height = 720 };
  SatchelOptions no_page = { .page = (char *) "atlantis" };
  SatchelOptions no_size = { .width = -1 };

  g_assert_true (satchel_options_check (&good, &error));
  g_assert_no_error (error);
  g_assert_false (satchel_options_check (&no_page, &error));
  g_assert_nonnull (strstr (error->message, "atlantis"));
  g_assert_nonnull (strstr (error->message, "sync"));
  g_clear_error (&error);
  g_assert_false (satchel_options_check (&no_size, &error));
  g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/options/link-to-a-record", test_link_to_a_record);
  g_test_add_func ("/options/invitation", test_invitation);
  g_test_add_func ("/options/invitation-with-code", test_invitation_with_code);
  g_test_add_func ("/options/nonsense", test_nonsense);
  g_test_add_func ("/options/options", test_options);

  return g_test_run ();
}
