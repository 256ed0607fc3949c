/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window, from the width of a phone to that of a desk. */

#include "app-fixture.h"
#include "shell/satchel-bottom-bar.h"
#include "shell/satchel-places.h"
#include "shell/satchel-sidebar.h"

#define PHONE 360, 720
#define LANDSCAPE 720, 313
#define DESK 1200, 800

static void
assert_fits (AppFixture *fixture, int width, int height)
{
  int minimum_width, minimum_height;

  gtk_widget_measure (GTK_WIDGET (fixture->window), GTK_ORIENTATION_HORIZONTAL, -1, &minimum_width, NULL, NULL, NULL);
  gtk_widget_measure (GTK_WIDGET (fixture->window), GTK_ORIENTATION_VERTICAL, width, &minimum_height, NULL, NULL, NULL);
  g_assert_cmpint (minimum_width, <=, width);
  g_assert_cmpint (minimum_height, <=, height);
  g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (fixture->window)), ==, width);
}

/* Every place at every size: GTK warns about a widget that gets less room than it needs, and a warning is fatal. */
static void
show_every_place (AppFixture *fixture, int width, int height)
{
  guint n_places;
  const SatchelPlace *places = satchel_places_get (&n_places);

  app_fixture_show (fixture, width, height);
  for (guint i = 0; i < n_places; i++)
    {
      g_assert_true (satchel_window_show_place (fixture->window, places[i].name));
      app_fixture_settle (fixture);
      assert_fits (fixture, width, height);
    }
}

static void
test_phone (AppFixture *fixture, gconstpointer data)
{
  show_every_place (fixture, PHONE);
  g_assert_nonnull (find_of_type (GTK_WIDGET (fixture->window), SATCHEL_TYPE_BOTTOM_BAR));
  g_assert_null (find_of_type (GTK_WIDGET (fixture->window), SATCHEL_TYPE_SIDEBAR));
}

static void
test_smallest (AppFixture *fixture, gconstpointer data)
{
  show_every_place (fixture, 360, 288);
}

static void
test_landscape (AppFixture *fixture, gconstpointer data)
{
  show_every_place (fixture, LANDSCAPE);
  g_assert_null (find_of_type (GTK_WIDGET (fixture->window), SATCHEL_TYPE_BOTTOM_BAR));
  g_assert_nonnull (find_of_type (GTK_WIDGET (fixture->window), SATCHEL_TYPE_SIDEBAR));
}

static void
test_desk (AppFixture *fixture, gconstpointer data)
{
  show_every_place (fixture, DESK);
  g_assert_null (find_of_type (GTK_WIDGET (fixture->window), SATCHEL_TYPE_BOTTOM_BAR));
  g_assert_nonnull (find_of_type (GTK_WIDGET (fixture->window), SATCHEL_TYPE_SIDEBAR));
}

static void
scale_text (int factor)
{
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 96 * 1024 * factor, NULL);
}

static void
test_large_text (AppFixture *fixture, gconstpointer data)
{
  scale_text (2);
  show_every_place (fixture, PHONE);
  scale_text (1);
}

static void
test_right_to_left (AppFixture *fixture, gconstpointer data)
{
  gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  show_every_place (fixture, PHONE);
  gtk_widget_set_default_direction (GTK_TEXT_DIR_LTR);
}

static void
test_place_action (AppFixture *fixture, gconstpointer data)
{
  g_autoptr (GVariant) state = NULL;

  app_fixture_show (fixture, DESK);
  g_action_group_activate_action (G_ACTION_GROUP (fixture->window), "place", g_variant_new_string ("sync"));
  app_fixture_settle (fixture);
  state = g_action_group_get_action_state (G_ACTION_GROUP (fixture->window), "place");
  g_assert_cmpstr (g_variant_get_string (state, NULL), ==, "sync");
  g_assert_false (satchel_window_show_place (fixture->window, "nowhere"));
}

static void
test_actions (AppFixture *fixture, gconstpointer data)
{
  static const char *const names[] = {
    "place",  "new",  "new-account", "new-contact", "new-note",    "new-call",  "new-visit", "new-task",
    "search", "undo", "sync",        "back",        "open-record", "shortcuts", "about",     "preferences",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_true (g_action_group_has_action (G_ACTION_GROUP (fixture->window), names[i]));
}

/* A server need not say when something was written. */
static void
test_account_with_a_note_of_no_date (AppFixture *fixture, gconstpointer data)
{
  app_fixture_land (fixture, "{\"id\":\"019c0000-1800-7000-8000-000000000009\",\"type\":\"note\",\"rev\":\"demo.1\","
                             "\"bucket\":\"org\",\"account\":\"" SAMPLE_ACCOUNT "\",\"title\":\"Out of time\"}");
  app_fixture_show (fixture, PHONE);
  satchel_window_open_record (fixture->window, "account", SAMPLE_ACCOUNT);
  app_fixture_settle (fixture);
  g_assert_nonnull (find_label (GTK_WIDGET (fixture->window), "Out of time"));
}

static void
test_undo_is_offered (AppFixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (SatchelRecord) account = app_fixture_get (fixture, SAMPLE_ACCOUNT);
  g_autoptr (SatchelRecord) after = NULL;
  g_autofree char *before = g_strdup (satchel_record_get_text (account, "phone"));

  app_fixture_show (fixture, DESK);
  g_assert_false (g_action_group_get_action_enabled (G_ACTION_GROUP (fixture->window), "undo"));
  satchel_edit_set_field (edit, account, "phone", "030 1", NULL);
  dex_future_disown (satchel_services_commit (fixture->services, edit, "Phone changed"));
  app_fixture_settle (fixture);
  g_assert_nonnull (find_button (GTK_WIDGET (fixture->window), "Undo"));
  g_assert_true (g_action_group_get_action_enabled (G_ACTION_GROUP (fixture->window), "undo"));

  g_action_group_activate_action (G_ACTION_GROUP (fixture->window), "undo", NULL);
  app_fixture_settle (fixture);
  after = app_fixture_get (fixture, SAMPLE_ACCOUNT);
  g_assert_cmpstr (satchel_record_get_text (after, "phone"), ==, before);
}

int
main (int argc, char *argv[])
{
  app_test_init (&argc, &argv);

  APP_TEST ("/window/phone", test_phone);
  APP_TEST ("/window/smallest", test_smallest);
  APP_TEST ("/window/landscape", test_landscape);
  APP_TEST ("/window/desk", test_desk);
  APP_TEST ("/window/large-text", test_large_text);
  APP_TEST ("/window/right-to-left", test_right_to_left);
  APP_TEST ("/window/place-action", test_place_action);
  APP_TEST ("/window/actions", test_actions);
  APP_TEST ("/window/account-with-a-note-of-no-date", test_account_with_a_note_of_no_date);
  APP_TEST ("/window/undo", test_undo_is_offered);

  return g_test_run ();
}
