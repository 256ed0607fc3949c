/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Takes pictures of the app on the sample company, in any state: look STEP…, one after the other.
 *
 * dark · text=PERCENT · rtl · conflicts · tray · long · empty (before the first show) · size=WxH · place=NAME ·
 * open=TYPE/ID · action=NAME · search=TEXT · click=LABEL · type=TEXT · scroll=PIXELS · shot=FILE */

#include "app-fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "records/satchel-id.h"
#include "shell/satchel-screenshot.h"

#define CONFLICT(n) "019c0000-1800-7000-8000-00000000000" n

#define CONFLICT_JSON(n, type, target, unit, base, values)                                                           \
  "{\"id\":\"" CONFLICT (n) "\",\"type\":\"conflict\",\"rev\":\"demo.1\",\"bucket\":\"org\",\"target_type\":\"" type \
                            "\",\"target_id\":\"" target "\",\"unit\":\"" unit "\",\"base\":" base                   \
                            ",\"values\":" values ",\"state\":\"open\"}"

#define VALUE(author, fields)                   \
  "{\"fields\":" fields ",\"author\":\"" author \
  "\",\"device\":\"" CONFLICT ("1") "\",\"happ" \
                                    "ened_at\":\"2026-03-09T08:15:30.000Z\"}"

static AppFixture fixture;
static int width = 360, height = 720;

static GtkWidget *
window (void)
{
  return GTK_WIDGET (fixture.window);
}

static void
add_conflicts (const char *argument)
{
  app_fixture_land (&fixture, CONFLICT_JSON ("1", "account", SAMPLE_ACCOUNT, "phone", "{\"phone\":\"030 111\"}",
                                             "[" VALUE (SAMPLE_COLLEAGUE, "{\"phone\":\"030 222\"}") "]"));
  app_fixture_land (&fixture,
                    CONFLICT_JSON ("2", "note", SAMPLE_NOTE, "body",
                                   "{\"body\":\"Meet at ten.\\nBring samples of chai.\\nAsk for Maria.\"}",
                                   "[" VALUE (SAMPLE_USER, "{\"body\":\"Meet at eleven.\\nBring samples of chai and "
                                                           "the price list.\\nAsk for Maria.\"}") "]"));
  app_fixture_land (&fixture,
                    CONFLICT_JSON ("3", "account", SAMPLE_ACCOUNT, "address",
                                   "{\"street\":\"Obere Str. 57\",\"city\":\"Berlin\",\"postcode\":\"12209\"}",
                                   "[" VALUE (SAMPLE_USER, "{\"street\":\"Untere Str. 5\",\"city\":\"Berlin\","
                                                           "\"postcode\":\"12210\"}") "]"));
  app_fixture_land (&fixture, CONFLICT_JSON ("4", "account", SAMPLE_ACCOUNT, "deleted", "{}",
                                             "[" VALUE (SAMPLE_COLLEAGUE, "{\"deleted\":true}") "]"));
}

/* As if it had been synced: a demo says everywhere that it is one. */
static gpointer
join_team (SatchelReplica *replica, gpointer data)
{
  g_autoptr (SatchelLink) link = satchel_replica_get_link (replica, NULL);
  g_autofree char *now = satchel_time_now ();

  g_set_str (&link->server, "https://satchel.northwind.example");
  g_set_str (&link->user_id, SAMPLE_USER);
  g_set_str (&link->user_name, "nancy");
  g_set_str (&link->device_id, CONFLICT ("1"));
  g_set_str (&link->last_sync, now);
  satchel_replica_set_link (replica, link, NULL);
  return NULL;
}

static gpointer
refuse (SatchelReplica *replica, gpointer data)
{
  g_autoptr (SatchelDelivery) delivery = satchel_delivery_new (replica);
  SatchelOutcome *outcome = g_new0 (SatchelOutcome, 1);
  SatchelDeliveryEnd end = { .cursor = "", .epoch = "demo" };
  SatchelDeliveryResult result;

  outcome->n = end.applied_through = satchel_replica_get_last_group (replica, NULL);
  outcome->result = g_strdup ("refused");
  outcome->code = g_strdup ("permission");
  outcome->reason = g_strdup ("You may not change the owner of an account. Ask your manager to do it.");
  satchel_delivery_add_outcome (delivery, outcome);
  satchel_delivery_apply (delivery, &end, &result, NULL);
  return NULL;
}

static void
add_tray (const char *argument)
{
  app_fixture_commit_text (&fixture, SAMPLE_ACCOUNT, "owner", SAMPLE_COLLEAGUE);
  app_fixture_ask (&fixture, refuse, NULL);
  app_fixture_commit_text (&fixture, SAMPLE_ACCOUNT, "website", "https://alfreds.example");
  app_fixture_commit_text (&fixture, SAMPLE_NOTE, "title", "Before the fair");
}

static void
add_long_names (const char *argument)
{
  app_fixture_commit_text (&fixture, SAMPLE_ACCOUNT, "name",
                           "บริษัท ยูนิเวอร์แซล เอ็กซ์พอร์ต แอนด์ อิมพอร์ต เทรดดิ้ง (ประเทศไทย) จำกัด มหาชน สาขาสมุทรปราการ");
  app_fixture_commit_text (
      &fixture, "019b8b74-1800-79e3-88e8-0579a5926a72", "name",
      "Общество с ограниченной ответственностью «Южно-Уральское производственно-коммерческое объединение»");
}

static void
set_dark (const char *argument)
{
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), ADW_COLOR_SCHEME_FORCE_DARK);
}

static void
set_text (const char *argument)
{
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 96 * 1024 * atoi (argument) / 100, NULL);
}

static void
set_rtl (const char *argument)
{
  gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
}

static void
set_size (const char *argument)
{
  g_assert_cmpint (sscanf (argument, "%dx%d", &width, &height), ==, 2);
  gtk_window_set_default_size (GTK_WINDOW (window ()), width, height);
  g_object_set (gtk_settings_get_default (), "gtk-decoration-layout", width < 800 ? ":" : ":close", NULL);
}

static void
show_place (const char *argument)
{
  satchel_window_show_place (fixture.window, argument);
}

static void
open_record (const char *argument)
{
  g_auto (GStrv) parts = g_strsplit (argument, "/", 2);

  satchel_window_open_record (fixture.window, parts[0], parts[1]);
}

static void
activate (const char *argument)
{
  g_autofree char *name = g_strconcat ("win.", argument, NULL);

  gtk_widget_activate_action (window (), name, NULL);
}

static void
type_text (const char *argument)
{
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (window ()));

  g_assert_true (GTK_IS_EDITABLE (focus) || GTK_IS_TEXT_VIEW (focus));
  if (GTK_IS_EDITABLE (focus))
    gtk_editable_set_text (GTK_EDITABLE (focus), argument);
  else
    gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (focus)), argument, -1);
}

static void
search (const char *argument)
{
  activate ("search");
  app_fixture_settle (&fixture);
  type_text (argument);
}

static gboolean
says (GtkWidget *widget, gpointer text)
{
  const char *tooltip = gtk_widget_get_tooltip_text (widget);

  return (GTK_IS_LABEL (widget) && g_strcmp0 (gtk_label_get_text (GTK_LABEL (widget)), text) == 0) ||
         (GTK_IS_BUTTON (widget) && g_strcmp0 (tooltip, text) == 0);
}

static void
click (const char *argument)
{
  GtkWidget *widget = find_widget (window (), says, (gpointer) argument);

  while (widget != NULL && !GTK_IS_BUTTON (widget) && !GTK_IS_LIST_BOX_ROW (widget))
    widget = gtk_widget_get_parent (widget);
  if (widget == NULL)
    g_printerr ("look: nothing says %s\n", argument);
  else if (GTK_IS_BUTTON (widget))
    g_signal_emit_by_name (widget, "clicked");
  else
    gtk_widget_activate (widget);
}

/* The last one is the one in front. */
static void
scroll_in (GtkWidget *widget, double pixels)
{
  if (!gtk_widget_get_mapped (widget))
    return;
  if (GTK_IS_SCROLLED_WINDOW (widget))
    gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (widget)), pixels);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    scroll_in (child, pixels);
}

static void
scroll (const char *argument)
{
  scroll_in (window (), atof (argument));
}

static void
shoot (const char *argument)
{
  g_autoptr (GError) error = NULL;

  app_fixture_show (&fixture, width, height);
  app_fixture_settle (&fixture);
  if (!satchel_window_shoot (fixture.window, argument, &error))
    g_error ("%s", error->message);
}

static const struct
{
  const char *name;
  void (*take) (const char *argument);
} steps[] = {
  { "dark",      set_dark       },
  { "text",      set_text       },
  { "rtl",       set_rtl        },
  { "conflicts", add_conflicts  },
  { "tray",      add_tray       },
  { "long",      add_long_names },
  { "size",      set_size       },
  { "place",     show_place     },
  { "open",      open_record    },
  { "action",    activate       },
  { "search",    search         },
  { "click",     click          },
  { "type",      type_text      },
  { "scroll",    scroll         },
  { "shot",      shoot          },
};

static void
take_step (const char *step)
{
  const char *equals = strchr (step, '=');
  g_autofree char *name = equals != NULL ? g_strndup (step, equals - step) : g_strdup (step);

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    if (g_str_equal (steps[i].name, name))
      {
        steps[i].take (equals != NULL ? equals + 1 : NULL);
        if (gtk_widget_get_mapped (window ()))
          app_fixture_settle (&fixture);
        return;
      }
  g_error ("There is no step %s", step);
}

int
main (int argc, char *argv[])
{
  int n_ours = 1;
  char *ours[] = { argv[0], NULL };
  char **mine = ours;

  app_test_init (&n_ours, &mine);
  satchel_screenshot_prepare (TRUE, FALSE);
  app_fixture_set_up (&fixture, NULL);
  app_fixture_ask (&fixture, join_team, NULL);
  for (int i = 1; i < argc; i++)
    take_step (argv[i]);
  app_fixture_tear_down (&fixture, NULL);
  return 0;
}
