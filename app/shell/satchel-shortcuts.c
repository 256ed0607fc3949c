/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every keyboard shortcut, once: what it does, its keys, and the dialog that tells. */

#include "satchel-shortcuts.h"

#include <glib/gi18n.h>

#include "satchel-places.h"

typedef struct
{
  const char *title;
  const char *accel;
  const char *action; /* NULL: the window's own class has the key */
} Shortcut;

typedef struct
{
  const char *title;
  Shortcut shortcuts[10];
} ShortcutGroup;

static const ShortcutGroup groups[] = {
  {
   N_ ("Work"),
   {
          { N_ ("Search"), "<Control>f", "win.search" },
          { N_ ("New"), "<Control>n", "win.new" },
          { N_ ("New note"), "<Control><Shift>n", "win.new-note" },
          { N_ ("New visit"), "<Control><Shift>v", "win.new-visit" },
          { N_ ("New call"), "<Control><Shift>c", "win.new-call" },
          { N_ ("New task"), "<Control><Shift>t", "win.new-task" },
          { N_ ("Undo"), "<Control>z", NULL },
          { N_ ("Sync now"), "F5", "win.sync" },
          { N_ ("Back"), "<Alt>Left", "win.back" },
      }, },
  {
   N_ ("Satchel"),
   {
          { N_ ("Main menu"), "F10", NULL },
          { N_ ("Preferences"), "<Control>comma", "win.preferences" },
          { N_ ("Keyboard shortcuts"), "<Control>question", "win.shortcuts" },
          { N_ ("Close the window"), "<Control>w", "window.close" },
          { N_ ("Quit"), "<Control>q", "app.quit" },
      }, },
};

static char *
dup_place_accel (guint index)
{
  return g_strdup_printf ("<Control>%u", index + 1);
}

static void
set_accel (GtkApplication *application, const char *action, const char *accel)
{
  const char *accels[] = { accel, NULL };

  gtk_application_set_accels_for_action (application, action, accels);
}

/**
 * satchel_shortcuts_install:
 * @application: the application
 *
 * Gives every action its keys: Ctrl+1, Ctrl+2… lead to the places.
 */
void
satchel_shortcuts_install (GtkApplication *application)
{
  guint n_places;
  const SatchelPlace *places = satchel_places_get (&n_places);

  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    for (const Shortcut *shortcut = groups[i].shortcuts; shortcut->title != NULL; shortcut++)
      if (shortcut->action != NULL)
        set_accel (application, shortcut->action, shortcut->accel);
  for (guint i = 0; i < n_places; i++)
    {
      g_autofree char *action = g_strdup_printf ("win.place::%s", places[i].name);
      g_autofree char *accel = dup_place_accel (i);

      set_accel (application, action, accel);
    }
}

static void
add_row (AdwPreferencesGroup *group, const char *title, const char *accel)
{
  GtkWidget *row = adw_action_row_new ();
  guint key;
  GdkModifierType modifiers;
  g_autofree char *label = NULL;
  GtkWidget *keys;

  gtk_accelerator_parse (accel, &key, &modifiers);
  label = gtk_accelerator_get_label (key, modifiers);
  keys = gtk_label_new (label);
  gtk_widget_set_valign (keys, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (keys, "keys");
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), keys);
  adw_preferences_group_add (group, row);
}

static AdwPreferencesGroup *
add_group (AdwPreferencesPage *page, const char *title)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  adw_preferences_group_set_title (group, title);
  adw_preferences_page_add (page, group);
  return group;
}

static void
add_places (AdwPreferencesPage *page)
{
  AdwPreferencesGroup *group = add_group (page, _ ("Places"));
  guint n_places;
  const SatchelPlace *places = satchel_places_get (&n_places);

  for (guint i = 0; i < n_places; i++)
    {
      g_autofree char *accel = dup_place_accel (i);

      add_row (group, satchel_place_get_display_title (&places[i]), accel);
    }
}

/**
 * satchel_shortcuts_dialog_new:
 *
 * Returns: (transfer floating): a dialog that lists every shortcut
 */
AdwDialog *
satchel_shortcuts_dialog_new (void)
{
  AdwDialog *dialog = adw_preferences_dialog_new ();
  AdwPreferencesPage *page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());

  adw_dialog_set_title (dialog, _ ("Keyboard shortcuts"));
  adw_dialog_set_content_width (dialog, 480);
  add_places (page);
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    {
      AdwPreferencesGroup *group = add_group (page, _ (groups[i].title));

      for (const Shortcut *shortcut = groups[i].shortcuts; shortcut->title != NULL; shortcut++)
        add_row (group, _ (shortcut->title), shortcut->accel);
    }
  adw_preferences_dialog_add (ADW_PREFERENCES_DIALOG (dialog), page);
  return dialog;
}
