/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-reach.h"

#include <string.h>

#include <glib/gi18n.h>

#include "records/satchel-text.h"

static void
launched_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) widget = data;
  g_autoptr (GError) error = NULL;

  if (gtk_uri_launcher_launch_finish (GTK_URI_LAUNCHER (source), result, &error) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
      g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED))
    return;

  gtk_accessible_announce (GTK_ACCESSIBLE (widget), _ ("No program on this device can do that."),
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
  gtk_widget_error_bell (widget);
}

static void
launch (GtkWidget *widget, const char *uri)
{
  g_autoptr (GtkUriLauncher) launcher = gtk_uri_launcher_new (uri);
  GtkRoot *root = gtk_widget_get_root (widget);

  gtk_uri_launcher_launch (launcher, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, NULL, launched_cb,
                           g_object_ref (widget));
}

/* Only what a telephone can dial. */
static char *
to_dialled (const char *number)
{
  g_autofree char *digits = satchel_text_phone_digits (number);

  if (digits == NULL)
    return NULL;
  return g_strconcat (strchr (number, '+') != NULL ? "+" : "", digits, NULL);
}

static void
launch_number (GtkWidget *widget, const char *scheme, const char *number)
{
  g_autofree char *dialled = number != NULL ? to_dialled (number) : NULL;
  g_autofree char *uri = dialled != NULL ? g_strconcat (scheme, ":", dialled, NULL) : NULL;

  if (uri != NULL)
    launch (widget, uri);
}

void
satchel_reach_call (GtkWidget *widget, const char *number)
{
  launch_number (widget, "tel", number);
}

void
satchel_reach_message (GtkWidget *widget, const char *number)
{
  launch_number (widget, "sms", number);
}

void
satchel_reach_mail (GtkWidget *widget, const char *address)
{
  g_autofree char *escaped = address != NULL ? g_uri_escape_string (address, "@", FALSE) : NULL;
  g_autofree char *uri = escaped != NULL ? g_strconcat ("mailto:", escaped, NULL) : NULL;

  if (uri != NULL)
    launch (widget, uri);
}

void
satchel_reach_website (GtkWidget *widget, const char *address)
{
  g_autofree char *scheme = address != NULL ? g_uri_parse_scheme (address) : NULL;
  g_autofree char *uri = scheme != NULL ? g_strdup (address) : g_strconcat ("https://", address, NULL);

  if (address != NULL)
    launch (widget, uri);
}

static void
add_part (GString *address, SatchelRecord *account, const char *field)
{
  const char *part = satchel_record_get_text (account, field);

  if (part != NULL)
    g_string_append_printf (address, "%s%s", address->len > 0 ? ", " : "", part);
}

static char *
dup_address (SatchelRecord *account)
{
  GString *address = g_string_new (NULL);

  add_part (address, account, "street");
  add_part (address, account, "postcode");
  add_part (address, account, "city");
  add_part (address, account, "region");
  add_part (address, account, "country");

  return g_string_free_and_steal (address);
}

static gboolean
get_coordinate (SatchelRecord *account, const char *field, double *coordinate)
{
  const SatchelValue *value;
  guint index;

  if (!satchel_type_lookup_field (satchel_record_get_record_type (account), field, &index))
    return FALSE;
  value = satchel_record_get_value (account, index);
  *coordinate = value->real;
  return value->storage == SATCHEL_STORAGE_REAL;
}

gboolean
satchel_reach_has_place (SatchelRecord *account)
{
  return satchel_record_has (account, "street") || satchel_record_has (account, "city") ||
         satchel_record_has (account, "latitude");
}

/**
 * satchel_reach_place:
 * @widget: where the person asked for it
 * @account: an account with an address
 *
 * Shows the way to an account: by its coordinates where they are known, else by its address.
 */
void
satchel_reach_place (GtkWidget *widget, SatchelRecord *account)
{
  g_autofree char *address = dup_address (account);
  g_autofree char *escaped = g_uri_escape_string (address, NULL, FALSE);
  g_autofree char *uri = NULL;
  char latitude_text[G_ASCII_DTOSTR_BUF_SIZE], longitude_text[G_ASCII_DTOSTR_BUF_SIZE];
  double latitude, longitude;

  if (get_coordinate (account, "latitude", &latitude) && get_coordinate (account, "longitude", &longitude))
    uri = g_strconcat ("geo:", g_ascii_dtostr (latitude_text, sizeof latitude_text, latitude), ",",
                       g_ascii_dtostr (longitude_text, sizeof longitude_text, longitude), NULL);
  else
    uri = g_strconcat ("geo:0,0?q=", escaped, NULL);

  launch (widget, uri);
}
