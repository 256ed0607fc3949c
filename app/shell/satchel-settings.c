/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the app remembers of a person's taste. Without an installed schema it remembers nothing and runs all the same. */

#include "satchel-settings.h"

#include "satchel-config.h"

/**
 * satchel_settings_new:
 *
 * Returns: (transfer full) (nullable): the settings, or %NULL where their schema is not installed
 */
GSettings *
satchel_settings_new (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, SATCHEL_APPLICATION_ID, TRUE);
  return schema != NULL ? g_settings_new_full (schema, NULL, NULL) : NULL;
}

static void
apply_style (GSettings *settings)
{
  static const AdwColorScheme schemes[] = {
    ADW_COLOR_SCHEME_DEFAULT,
    ADW_COLOR_SCHEME_FORCE_LIGHT,
    ADW_COLOR_SCHEME_FORCE_DARK,
  };
  int style = g_settings_get_enum (settings, "style");

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), schemes[style]);
}

/**
 * satchel_settings_follow_style:
 * @settings: (nullable): the settings, which must outlive the app's windows
 *
 * Makes the app light or dark as the person chose, now and when they choose anew.
 */
void
satchel_settings_follow_style (GSettings *settings)
{
  if (settings == NULL)
    return;
  g_signal_connect (settings, "changed::style", G_CALLBACK (apply_style), NULL);
  apply_style (settings);
}

void
satchel_settings_restore_window (GSettings *settings, GtkWindow *window)
{
  if (settings == NULL)
    return;
  gtk_window_set_default_size (window, g_settings_get_int (settings, "window-width"),
                               g_settings_get_int (settings, "window-height"));
  if (g_settings_get_boolean (settings, "window-maximized"))
    gtk_window_maximize (window);
}

void
satchel_settings_keep_window (GSettings *settings, GtkWindow *window)
{
  int width, height;

  if (settings == NULL)
    return;
  gtk_window_get_default_size (window, &width, &height);
  g_settings_set_int (settings, "window-width", width);
  g_settings_set_int (settings, "window-height", height);
  g_settings_set_boolean (settings, "window-maximized", gtk_window_is_maximized (window));
}
