/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-account-groups.h"

#include <glib/gi18n.h>

#include "records/satchel-id.h"
#include "satchel-account-gather.h"
#include "satchel-reach.h"
#include "widgets/satchel-icons.h"
#include "widgets/satchel-moment.h"
#include "widgets/satchel-preview.h"
#include "widgets/satchel-record-dialog.h"

/* Rows that show an item's record and follow it. */

typedef void (*ShowFunc) (AdwActionRow *row, SatchelRecord *record);

static SatchelRecordItem *
get_item (GtkWidget *row)
{
  return g_object_get_data (G_OBJECT (row), "satchel-item");
}

static SatchelRecord *
get_record (GtkWidget *row)
{
  return satchel_record_item_get_record (get_item (row));
}

static SatchelServices *
get_services (GtkWidget *row)
{
  return g_object_get_data (G_OBJECT (row), "satchel-services");
}

static void
record_cb (SatchelRecordItem *item, GParamSpec *pspec, AdwActionRow *row)
{
  ShowFunc show = (ShowFunc) g_object_get_data (G_OBJECT (row), "satchel-show");

  show (row, satchel_record_item_get_record (item));
}

static AdwActionRow *
row_new (SatchelRecordItem *item, SatchelServices *services, ShowFunc show, GCallback activated)
{
  AdwActionRow *row = ADW_ACTION_ROW (adw_action_row_new ());

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  g_object_set_data_full (G_OBJECT (row), "satchel-item", g_object_ref (item), g_object_unref);
  g_object_set_data_full (G_OBJECT (row), "satchel-services", g_object_ref (services), g_object_unref);
  g_object_set_data (G_OBJECT (row), "satchel-show", (gpointer) show);
  g_signal_connect_object (item, "notify::record", G_CALLBACK (record_cb), row, G_CONNECT_DEFAULT);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_signal_connect (row, "activated", activated, NULL);

  return row;
}

static GtkWidget *
add_button (AdwActionRow *row, const char *icon, const char *tooltip, GCallback clicked)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "circular");
  gtk_widget_add_css_class (button, "satchel-touch");
  g_signal_connect_swapped (button, "clicked", clicked, row);
  adw_action_row_add_suffix (row, button);

  return button;
}

static void
open_cb (GtkWidget *row)
{
  SatchelRecord *record = get_record (row);

  if (g_str_equal (satchel_type_get_name (satchel_record_get_record_type (record)), "note"))
    satchel_services_open_record (get_services (row), "note", satchel_record_get_id (record));
  else
    satchel_record_dialog_present (row, get_services (row), record);
}

/* Words. */

static char *
dup_display (SatchelRecord *record, const char *field_name)
{
  const SatchelType *type = satchel_record_get_record_type (record);
  const SatchelField *field;
  const char *currency = NULL;
  guint index;

  if (!satchel_type_lookup_field (type, field_name, &index))
    return g_strdup ("");
  field = satchel_type_get_field (type, index);
  if (field->kind == SATCHEL_KIND_MONEY)
    currency = satchel_record_get_text (record, "currency");
  return satchel_value_to_display (field, satchel_record_get_value (record, index), currency);
}

static void
set_words (AdwActionRow *row, const char *title, const char *what, const char *moment, const char *text)
{
  g_autofree char *when = moment != NULL && *moment != '\0' ? satchel_moment_to_text (moment) : NULL;
  g_autofree char *preview = satchel_preview_dup (text);
  g_autofree char *line = satchel_preview_join (what, when);
  g_autofree char *subtitle = g_strjoin (*line != '\0' && *preview != '\0' ? "\n" : "", line, preview, NULL);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (row, subtitle);
}

/* The timeline. */

static void
show_activity (AdwActionRow *row, SatchelRecord *record)
{
  const char *subject = satchel_record_get_text (record, "subject");
  g_autofree char *channel = dup_display (record, "channel");
  const char *outcome = satchel_record_get_text (record, "outcome");
  const char *body = satchel_record_get_text (record, "body");

  set_words (row, subject != NULL ? subject : channel, subject != NULL ? channel : NULL,
             satchel_timeline_get_moment (record), body != NULL ? body : outcome);
}

static void
show_note (AdwActionRow *row, SatchelRecord *record)
{
  g_autofree char *title = satchel_record_dup_title (record);
  const char *body = satchel_record_get_text (record, "title") != NULL ? satchel_record_get_text (record, "body")
                                                                       : NULL;

  set_words (row, title, _ ("Note"), satchel_timeline_get_moment (record), body);
}

static void
show_order (AdwActionRow *row, SatchelRecord *record)
{
  const char *number = satchel_record_get_text (record, "number");
  g_autofree char *status = dup_display (record, "status");
  g_autofree char *total = dup_display (record, "total");
  /* Translators: %s is the number of the order. */
  g_autofree char *title = number != NULL ? g_strdup_printf (_ ("Order %s"), number) : g_strdup (_ ("Order"));

  set_words (row, title, status, satchel_timeline_get_moment (record), total);
}

static void
show_done_task (AdwActionRow *row, SatchelRecord *record)
{
  g_autofree char *title = satchel_record_dup_title (record);
  g_autofree char *status = dup_display (record, "status");

  set_words (row, title, status, satchel_timeline_get_moment (record), satchel_record_get_text (record, "details"));
}

static void
show_event (AdwActionRow *row, SatchelRecord *record)
{
  const char *type = satchel_type_get_name (satchel_record_get_record_type (record));
  GtkImage *icon = g_object_get_data (G_OBJECT (row), "satchel-icon");

  gtk_image_set_from_icon_name (icon, satchel_icon_of_record (record));
  if (g_str_equal (type, "note"))
    show_note (row, record);
  else if (g_str_equal (type, "order"))
    show_order (row, record);
  else if (g_str_equal (type, "task"))
    show_done_task (row, record);
  else
    show_activity (row, record);
}

static GtkWidget *
make_timeline_row (SatchelRecordItem *item, SatchelServices *services)
{
  AdwActionRow *row = row_new (item, services, show_event, G_CALLBACK (open_cb));
  GtkWidget *icon = gtk_image_new ();

  gtk_widget_add_css_class (icon, "satchel-event");
  gtk_widget_set_valign (icon, GTK_ALIGN_CENTER);
  adw_action_row_add_prefix (row, icon);
  g_object_set_data (G_OBJECT (row), "satchel-icon", icon);
  adw_action_row_set_title_lines (row, 2);
  adw_action_row_set_subtitle_lines (row, 3);
  show_event (row, satchel_record_item_get_record (item));

  return GTK_WIDGET (row);
}

/* Next steps. */

static void
done_cb (GtkWidget *row)
{
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autofree char *now = satchel_time_now ();
  SatchelRecord *task = get_record (row);
  g_autoptr (SatchelRecord) changed = satchel_record_copy (task);
  GtkCheckButton *check = g_object_get_data (G_OBJECT (row), "satchel-check");

  if (!gtk_check_button_get_active (check) || !satchel_task_is_open (task))
    return;
  satchel_record_set_from_text (changed, "status", "done", NULL);
  satchel_record_set_from_text (changed, "done_at", now, NULL);
  satchel_edit_update (edit, task, changed);
  dex_future_disown (satchel_services_commit (get_services (row), edit, _ ("Task done")));
}

static gboolean
is_overdue (const char *due)
{
  g_autofree char *now = satchel_time_now ();

  return strncmp (due, now, MIN (strlen (due), strlen ("2026-03-09"))) < 0;
}

static void
show_next_step (AdwActionRow *row, SatchelRecord *record)
{
  g_autofree char *title = satchel_record_dup_title (record);
  const char *due_at = satchel_record_get_text (record, "due_at");
  const char *due = satchel_task_get_due (record);
  g_autofree char *text = due == NULL      ? g_strdup ("")
                          : due_at != NULL ? satchel_moment_to_text (due)
                                           : satchel_day_to_text (due);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (row, text);
  gtk_check_button_set_active (g_object_get_data (G_OBJECT (row), "satchel-check"), !satchel_task_is_open (record));
  if (due != NULL && is_overdue (due))
    gtk_widget_add_css_class (GTK_WIDGET (row), "satchel-overdue");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (row), "satchel-overdue");
}

static GtkWidget *
make_next_step_row (SatchelRecordItem *item, SatchelServices *services)
{
  AdwActionRow *row = row_new (item, services, show_next_step, G_CALLBACK (open_cb));
  GtkWidget *check = gtk_check_button_new ();

  gtk_widget_set_tooltip_text (check, _ ("Done"));
  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (check, "selection-mode");
  adw_action_row_add_prefix (row, check);
  adw_action_row_set_title_lines (row, 2);
  g_object_set_data (G_OBJECT (row), "satchel-check", check);
  show_next_step (row, satchel_record_item_get_record (item));
  g_signal_connect_swapped (check, "toggled", G_CALLBACK (done_cb), row);

  return GTK_WIDGET (row);
}

/* People. */

static void
call_cb (GtkWidget *row)
{
  SatchelRecord *person = get_record (row);
  const char *number = satchel_record_get_text (person, "mobile");

  satchel_reach_call (row, number != NULL ? number : satchel_record_get_text (person, "phone"));
}

static void
mail_cb (GtkWidget *row)
{
  satchel_reach_mail (row, satchel_record_get_text (get_record (row), "email"));
}

static void
show_person (AdwActionRow *row, SatchelRecord *record)
{
  g_autofree char *name = satchel_record_dup_title (record);
  const char *role = satchel_record_get_text (record, "role");
  gboolean has_number = satchel_record_has (record, "mobile") || satchel_record_has (record, "phone");

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_action_row_set_subtitle (row, role != NULL ? role : "");
  adw_avatar_set_text (g_object_get_data (G_OBJECT (row), "satchel-avatar"), name);
  gtk_widget_set_visible (g_object_get_data (G_OBJECT (row), "satchel-call"), has_number);
  gtk_widget_set_visible (g_object_get_data (G_OBJECT (row), "satchel-mail"), satchel_record_has (record, "email"));
}

static GtkWidget *
make_person_row (SatchelRecordItem *item, SatchelServices *services)
{
  AdwActionRow *row = row_new (item, services, show_person, G_CALLBACK (open_cb));
  GtkWidget *avatar = adw_avatar_new (36, NULL, TRUE);

  adw_action_row_add_prefix (row, avatar);
  g_object_set_data (G_OBJECT (row), "satchel-avatar", avatar);
  g_object_set_data (G_OBJECT (row), "satchel-call",
                     add_button (row, "call-start-symbolic", _ ("Call"), G_CALLBACK (call_cb)));
  g_object_set_data (G_OBJECT (row), "satchel-mail",
                     add_button (row, "mail-unread-symbolic", _ ("Write a mail"), G_CALLBACK (mail_cb)));
  show_person (row, satchel_record_item_get_record (item));

  return GTK_WIDGET (row);
}

/* Notes. */

static void
show_note_of_account (AdwActionRow *row, SatchelRecord *record)
{
  g_autofree char *title = satchel_record_dup_title (record);
  const char *body = satchel_record_get_text (record, "title") != NULL ? satchel_record_get_text (record, "body")
                                                                       : NULL;

  set_words (row, title, NULL, satchel_record_get_updated_at (record), body);
}

static GtkWidget *
make_note_row (SatchelRecordItem *item, SatchelServices *services)
{
  AdwActionRow *row = row_new (item, services, show_note_of_account, G_CALLBACK (open_cb));

  adw_action_row_set_subtitle_lines (row, 3);
  adw_action_row_add_suffix (row, gtk_image_new_from_icon_name ("go-next-symbolic"));
  show_note_of_account (row, satchel_record_item_get_record (item));

  return GTK_WIDGET (row);
}

const SatchelGroupKind satchel_group_next_steps = {
  .types = (const char *const[]) { "task", NULL },
  .gather = satchel_gather_next_steps,
  .make_row = make_next_step_row,
};

const SatchelGroupKind satchel_group_timeline = {
  .types = (const char *const[]) { "activity", "note", "task", "order", NULL },
  .gather = satchel_gather_timeline,
  .make_row = make_timeline_row,
  .empty = N_ ("Visits, calls and orders will appear here."),
};

const SatchelGroupKind satchel_group_people = {
  .types = (const char *const[]) { "contact", NULL },
  .gather = satchel_gather_people,
  .make_row = make_person_row,
  .empty = N_ ("Nobody is known here yet."),
};

const SatchelGroupKind satchel_group_notes = {
  .types = (const char *const[]) { "note", NULL },
  .gather = satchel_gather_notes,
  .make_row = make_note_row,
  .empty = N_ ("Nothing is written about this account yet."),
};
