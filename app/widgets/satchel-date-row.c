/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-date-row.h"

#include <glib/gi18n.h>

#include "records/satchel-id.h"
#include "satchel-field-text.h"

/**
 * SatchelDateRow: a day, or a day and a time: typed, or picked from a calendar.
 */
struct _SatchelDateRow
{
  AdwEntryRow parent_instance;

  GtkMenuButton *button;
  GtkCalendar *calendar;
  GtkWidget *clock;
  GtkSpinButton *hour;
  GtkSpinButton *minute;
  gboolean showing;
};

static void field_row_iface_init (SatchelFieldRowInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SatchelDateRow, satchel_date_row, ADW_TYPE_ENTRY_ROW,
                               G_IMPLEMENT_INTERFACE (SATCHEL_TYPE_FIELD_ROW, field_row_iface_init))

static gboolean
has_clock (SatchelDateRow *self)
{
  return satchel_field_row_get_field (SATCHEL_FIELD_ROW (self))->kind == SATCHEL_KIND_TIME;
}

static void
set_text (SatchelDateRow *self, const SatchelValue *value)
{
  g_autofree char *text = satchel_field_to_text (satchel_field_row_get_field (SATCHEL_FIELD_ROW (self)), value, NULL);

  if (!g_str_equal (text, gtk_editable_get_text (GTK_EDITABLE (self))))
    gtk_editable_set_text (GTK_EDITABLE (self), text);
}

/* What the calendar and the clock show, as a value of the field. */
static void
read_picker (SatchelDateRow *self, SatchelValue *value)
{
  g_autoptr (GDateTime) day = gtk_calendar_get_date (self->calendar);
  g_autoptr (GDateTime) local = NULL;
  g_autofree char *text = NULL;

  if (!has_clock (self))
    {
      satchel_value_take_text (value, g_date_time_format (day, "%Y-%m-%d"));
      return;
    }

  local = g_date_time_new_local (g_date_time_get_year (day), g_date_time_get_month (day),
                                 g_date_time_get_day_of_month (day), gtk_spin_button_get_value_as_int (self->hour),
                                 gtk_spin_button_get_value_as_int (self->minute), 0);
  if (local == NULL)
    return;
  text = g_date_time_format_iso8601 (local);
  satchel_value_take_text (value, satchel_time_normalise (text));
}

static void
picked_cb (SatchelDateRow *self)
{
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;

  if (self->showing)
    return;
  read_picker (self, &value);
  set_text (self, &value);
  if (!has_clock (self))
    gtk_menu_button_popdown (self->button);
}

static GDateTime *
read_moment (SatchelDateRow *self)
{
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  g_autoptr (GTimeZone) here = g_time_zone_new_local ();
  g_autoptr (GDateTime) moment = NULL;
  g_autofree char *text = NULL;

  if (!satchel_field_row_read (SATCHEL_FIELD_ROW (self), &value, NULL) || satchel_value_is_null (&value))
    return g_date_time_new_now_local ();

  text = has_clock (self) ? g_strdup (value.text) : g_strconcat (value.text, "T12:00:00", NULL);
  moment = g_date_time_new_from_iso8601 (text, here);
  return g_date_time_to_local (moment);
}

/* The picker opens on what is typed. */
static void
popover_show_cb (SatchelDateRow *self)
{
  g_autoptr (GDateTime) moment = read_moment (self);

  self->showing = TRUE;
  gtk_widget_set_visible (self->clock, has_clock (self));
  gtk_calendar_select_day (self->calendar, moment);
  gtk_spin_button_set_value (self->hour, g_date_time_get_hour (moment));
  gtk_spin_button_set_value (self->minute, g_date_time_get_minute (moment));
  self->showing = FALSE;
}

static gboolean
two_digits_cb (GtkSpinButton *button)
{
  g_autofree char *text = g_strdup_printf ("%02d", gtk_spin_button_get_value_as_int (button));

  gtk_editable_set_text (GTK_EDITABLE (button), text);
  return TRUE;
}

static void
changed_cb (SatchelDateRow *self)
{
  if (!self->showing)
    satchel_field_row_edited (SATCHEL_FIELD_ROW (self));
}

/* Writes out what was understood, so that the person sees it. */
static void
finished_cb (SatchelDateRow *self)
{
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;

  if (satchel_field_row_get_edited (SATCHEL_FIELD_ROW (self)) &&
      satchel_field_row_read (SATCHEL_FIELD_ROW (self), &value, NULL))
    {
      self->showing = TRUE;
      set_text (self, &value);
      self->showing = FALSE;
    }
  satchel_field_row_finished (SATCHEL_FIELD_ROW (self));
}

static void
satchel_date_row_show (SatchelFieldRow *row, const SatchelValue *value)
{
  SatchelDateRow *self = SATCHEL_DATE_ROW (row);

  self->showing = TRUE;
  set_text (self, value);
  self->showing = FALSE;
}

static gboolean
satchel_date_row_read (SatchelFieldRow *row, SatchelValue *value, GError **error)
{
  return satchel_field_from_text (satchel_field_row_get_field (row), gtk_editable_get_text (GTK_EDITABLE (row)), NULL,
                                  value, error);
}

static void
field_row_iface_init (SatchelFieldRowInterface *iface)
{
  iface->show = satchel_date_row_show;
  iface->read = satchel_date_row_read;
}

static void
satchel_date_row_class_init (SatchelDateRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/satchelcrm/Satchel/widgets/satchel-date-row.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelDateRow, button);
  gtk_widget_class_bind_template_child (widget_class, SatchelDateRow, calendar);
  gtk_widget_class_bind_template_child (widget_class, SatchelDateRow, clock);
  gtk_widget_class_bind_template_child (widget_class, SatchelDateRow, hour);
  gtk_widget_class_bind_template_child (widget_class, SatchelDateRow, minute);
  gtk_widget_class_bind_template_callback (widget_class, picked_cb);
  gtk_widget_class_bind_template_callback (widget_class, popover_show_cb);
  gtk_widget_class_bind_template_callback (widget_class, two_digits_cb);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, finished_cb);
}

static void
satchel_date_row_init (SatchelDateRow *self)
{
  GtkEventController *focus = gtk_event_controller_focus_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (finished_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), focus);
}
