/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-screenshot.h"

#include <glib/gi18n.h>

/* Frames in a row without anything on its way, until what came last has surely been laid out and drawn. */
#define QUIET_FRAMES 3
#define PATIENCE_SECONDS 30

/**
 * satchel_screenshot_prepare:
 * @phone: whether the picture shows a phone, whose windows have no close button
 * @dark: whether the picture is to be dark
 *
 * Called once before any window is made.
 */
void
satchel_screenshot_prepare (gboolean phone, gboolean dark)
{
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, "gtk-decoration-layout",
                phone ? ":" : ":close", NULL);
  if (dark)
    adw_style_manager_set_color_scheme (adw_style_manager_get_default (), ADW_COLOR_SCHEME_FORCE_DARK);
}

/* ---- Waiting for a quiet window ---- */

typedef struct
{
  SatchelWindow *window;
  DexPromise *promise;
  guint quiet_frames;
  guint tick;
  guint timeout;
} Settling;

static void
settling_end (Settling *settling)
{
  if (settling->tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (settling->window), settling->tick);
  g_clear_handle_id (&settling->timeout, g_source_remove);
  dex_clear (&settling->promise);
  g_object_unref (settling->window);
  g_free (settling);
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  Settling *settling = data;

  settling->quiet_frames = satchel_window_get_busy (settling->window) ? 0 : settling->quiet_frames + 1;
  if (settling->quiet_frames < QUIET_FRAMES)
    return G_SOURCE_CONTINUE;
  dex_promise_resolve_boolean (settling->promise, TRUE);
  settling->tick = 0;
  settling_end (settling);
  return G_SOURCE_REMOVE;
}

static void
patience_cb (gpointer data)
{
  Settling *settling = data;

  settling->timeout = 0;
  dex_promise_reject (settling->promise,
                      g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                                   ngettext ("The page was not complete after %u second.",
                                             "The page was not complete after %u seconds.", PATIENCE_SECONDS),
                                   (guint) PATIENCE_SECONDS));
  settling_end (settling);
}

/**
 * satchel_window_settle:
 * @window: a window on a screen
 *
 * Waits until nothing is on its way to the window any more and it has been drawn since.
 *
 * Returns: (transfer full): a future of %TRUE
 */
DexFuture *
satchel_window_settle (SatchelWindow *window)
{
  Settling *settling = g_new0 (Settling, 1);

  settling->window = g_object_ref (window);
  settling->promise = dex_promise_new ();
  settling->tick = gtk_widget_add_tick_callback (GTK_WIDGET (window), tick_cb, settling, NULL);
  settling->timeout = g_timeout_add_seconds_once (PATIENCE_SECONDS, patience_cb, settling);
  return dex_ref (DEX_FUTURE (settling->promise));
}

/* ---- The picture ---- */

static GdkTexture *
render (GtkWidget *window)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (window);
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  int width = gdk_paintable_get_intrinsic_width (paintable);
  int height = gdk_paintable_get_intrinsic_height (paintable);

  gdk_paintable_snapshot (paintable, GDK_SNAPSHOT (snapshot), width, height);
  node = gtk_snapshot_free_to_node (g_steal_pointer (&snapshot));
  if (node == NULL)
    return NULL;
  return gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node,
                                      &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
}

/**
 * satchel_window_shoot:
 * @window: a settled window
 * @file: where the PNG goes
 * @error: return location
 *
 * Writes down what the window shows, whole, without its shadow.
 *
 * Returns: whether the file was written
 */
gboolean
satchel_window_shoot (SatchelWindow *window, const char *file, GError **error)
{
  g_autoptr (GdkTexture) texture = render (GTK_WIDGET (window));
  g_autoptr (GBytes) bytes = NULL;

  if (texture == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("The window shows nothing."));
      return FALSE;
    }
  bytes = gdk_texture_save_to_png_bytes (texture);
  return g_file_set_contents (file, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), error);
}
