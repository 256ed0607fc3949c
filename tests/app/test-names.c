/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A screen reader has something to say of everything that takes the focus. */

#include "app-fixture.h"
#include "shell/satchel-places.h"
#include "shell/satchel-preferences.h"
#include "shell/satchel-shortcuts.h"

static gboolean
is_filled (const char *text)
{
  return text != NULL && *text != '\0';
}

static gboolean
is_label_with_words (GtkWidget *widget, gpointer data)
{
  return GTK_IS_LABEL (widget) && is_filled (gtk_label_get_text (GTK_LABEL (widget)));
}

static gboolean
has_name (GtkWidget *widget)
{
  GtkAccessible *accessible = GTK_ACCESSIBLE (widget);

  return gtk_test_accessible_has_property (accessible, GTK_ACCESSIBLE_PROPERTY_LABEL) ||
         gtk_test_accessible_has_relation (accessible, GTK_ACCESSIBLE_RELATION_LABELLED_BY) ||
         is_filled (gtk_widget_get_tooltip_text (widget)) || find_widget (widget, is_label_with_words, NULL) != NULL;
}

/* What takes the focus inside a widget of the toolkit is named by that widget. */
static gboolean
is_named (GtkWidget *widget)
{
  GtkWidget *parent = gtk_widget_get_parent (widget);

  if (has_name (widget))
    return TRUE;
  return parent != NULL &&
         (GTK_IS_MENU_BUTTON (parent) || ADW_IS_ENTRY_ROW (widget) || GTK_IS_EDITABLE (parent) ||
          GTK_IS_TEXT_VIEW (parent)) &&
         has_name (parent);
}

/* Containers that only lead the focus on. */
static gboolean
is_container (GtkWidget *widget)
{
  return GTK_IS_WINDOW (widget) || GTK_IS_SCROLLED_WINDOW (widget) || GTK_IS_VIEWPORT (widget) ||
         GTK_IS_LIST_BOX (widget) || GTK_IS_FLOW_BOX (widget) || GTK_IS_LIST_BASE (widget) || GTK_IS_SCROLLBAR (widget);
}

static gboolean
is_nameless (GtkWidget *widget, gpointer data)
{
  return gtk_widget_get_focusable (widget) && gtk_widget_is_sensitive (widget) && !is_container (widget) &&
         !is_named (widget);
}

static void
assert_named (GtkWidget *root, const char *where)
{
  GtkWidget *nameless = find_widget (root, is_nameless, NULL);

  if (nameless != NULL)
    g_error ("In “%s” a %s in a %s takes the focus and has no name", where, G_OBJECT_TYPE_NAME (nameless),
             G_OBJECT_TYPE_NAME (gtk_widget_get_parent (nameless)));
}

static void
look_at_places (AppFixture *fixture, int width)
{
  guint n_places;
  const SatchelPlace *places = satchel_places_get (&n_places);

  app_fixture_show (fixture, width, 800);
  for (guint i = 0; i < n_places; i++)
    {
      satchel_window_show_place (fixture->window, places[i].name);
      app_fixture_settle (fixture);
      assert_named (GTK_WIDGET (fixture->window), places[i].name);
    }
}

static void
test_narrow (AppFixture *fixture, gconstpointer data)
{
  look_at_places (fixture, 360);
}

static void
test_wide (AppFixture *fixture, gconstpointer data)
{
  look_at_places (fixture, 1200);
}

static void
test_conflict (AppFixture *fixture, gconstpointer data)
{
  app_fixture_land (fixture,
                    "{\"id\":\"019c0000-1800-7000-8000-000000000001\",\"type\":\"conflict\",\"rev\":\"demo.1\","
                    "\"bucket\":\"org\",\"target_type\":\"account\",\"target_id\":\"" SAMPLE_ACCOUNT "\","
                    "\"unit\":\"phone\",\"base\":{},\"values\":[{\"fields\":{\"phone\":\"1\"}}],\"state\":\"open\"}");
  satchel_window_show_place (fixture->window, "sync");
  app_fixture_show (fixture, 360, 1600);
  assert_named (GTK_WIDGET (fixture->window), "a conflict");
}

static void
test_dialogs (AppFixture *fixture, gconstpointer data)
{
  AdwDialog *dialogs[] = { satchel_preferences_new (fixture->services), satchel_shortcuts_dialog_new () };

  app_fixture_show (fixture, 360, 720);
  for (guint i = 0; i < G_N_ELEMENTS (dialogs); i++)
    {
      adw_dialog_present (dialogs[i], GTK_WIDGET (fixture->window));
      app_fixture_settle (fixture);
      assert_named (GTK_WIDGET (dialogs[i]), adw_dialog_get_title (dialogs[i]));
      adw_dialog_force_close (dialogs[i]);
    }
}

int
main (int argc, char *argv[])
{
  app_test_init (&argc, &argv);

  APP_TEST ("/names/narrow", test_narrow);
  APP_TEST ("/names/wide", test_wide);
  APP_TEST ("/names/conflict", test_conflict);
  APP_TEST ("/names/dialogs", test_dialogs);

  return g_test_run ();
}
