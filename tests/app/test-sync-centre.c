/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The Sync centre over a real replica: what waits, what is in conflict, and settling it. */

#include "app-fixture.h"
#include "sync-centre/satchel-conflict-card.h"
#include "sync-centre/satchel-diff-view.h"
#include "sync-centre/satchel-version-view.h"
#include "widgets/satchel-form.h"

#define CONFLICT "019c0000-1800-7000-8000-000000000001"
#define CONFLICT_2 "019c0000-1800-7000-8000-000000000002"

#define CONFLICT_JSON(type, target, unit, base, values)                                                          \
  "{\"id\":\"" CONFLICT "\",\"type\":\"conflict\",\"rev\":\"demo.1\",\"bucket\":\"org\",\"target_type\":\"" type \
  "\",\"target_id\":\"" target "\",\"unit\":\"" unit "\",\"base\":" base ",\"values\":" values ",\"state\":\"open\"}"

#define VALUE(author, fields)                                               \
  "{\"fields\":" fields ",\"author\":\"" author "\",\"device\":\"" CONFLICT \
  "\",\"happened_at\":\"2026-03-09T08:15:30.000Z\"}"

static void
show_sync (AppFixture *fixture, int width)
{
  satchel_window_show_place (fixture->window, "sync");
  app_fixture_show (fixture, width, 900);
}

static void
land_phone_conflict (AppFixture *fixture)
{
  app_fixture_land (fixture, CONFLICT_JSON ("account", SAMPLE_ACCOUNT, "phone", "{\"phone\":\"030 111\"}",
                                            "[" VALUE (SAMPLE_COLLEAGUE, "{\"phone\":\"030 222\"}") "]"));
}

static void
click (GtkWidget *button)
{
  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
}

static gpointer
count_open (SatchelReplica *replica, gpointer data)
{
  g_autoptr (GPtrArray) conflicts = satchel_replica_list_conflicts (replica, NULL);

  return GUINT_TO_POINTER (conflicts->len);
}

static gboolean
is_version_of_colleague (GtkWidget *widget, gpointer data)
{
  return SATCHEL_IS_VERSION_VIEW (widget) && find_label (widget, "From a colleague") != NULL;
}

static void
assert_phone (AppFixture *fixture, const char *expected)
{
  g_autoptr (SatchelRecord) account = app_fixture_get (fixture, SAMPLE_ACCOUNT);

  g_assert_cmpstr (satchel_record_get_text (account, "phone"), ==, expected);
}

/* ---- Conflicts ---- */

static void
test_shows_all_versions (AppFixture *fixture, gconstpointer data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);

  land_phone_conflict (fixture);
  show_sync (fixture, 1200);
  g_assert_nonnull (find_label (window, "Alfreds Futterkiste"));
  g_assert_nonnull (find_label (window, "Account · Phone"));
  g_assert_nonnull (find_label (window, "030 111"));
  g_assert_nonnull (find_label (window, "030-0074321"));
  g_assert_nonnull (find_label (window, "030 222"));
  g_assert_nonnull (find_label (window, "1 conflict waits for you"));
}

static void
test_keeps_what_a_colleague_wrote (AppFixture *fixture, gconstpointer data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);

  land_phone_conflict (fixture);
  show_sync (fixture, 360);
  click (find_button (find_widget (window, is_version_of_colleague, NULL), "Keep this"));
  app_fixture_settle (fixture);
  g_assert_null (find_of_type (window, SATCHEL_TYPE_CONFLICT_CARD));
  g_assert_cmpuint (GPOINTER_TO_UINT (app_fixture_ask (fixture, count_open, NULL)), ==, 0);
}

static void
test_leaves_with_a_settlement_from_elsewhere (AppFixture *fixture, gconstpointer data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);

  land_phone_conflict (fixture);
  show_sync (fixture, 1200);
  g_assert_nonnull (find_of_type (window, SATCHEL_TYPE_CONFLICT_CARD));
  app_fixture_land (fixture,
                    "{\"id\":\"" CONFLICT
                    "\",\"type\":\"conflict\",\"rev\":\"demo.2\",\"bucket\":\"org\",\"target_type\":\"account\","
                    "\"target_id\":\"" SAMPLE_ACCOUNT
                    "\",\"unit\":\"phone\",\"base\":{},\"values\":[],\"state\":\"resolved\"}");
  app_fixture_settle (fixture);
  g_assert_null (find_of_type (window, SATCHEL_TYPE_CONFLICT_CARD));
}

/* Somebody's second look must not move the card under a thumb. */
static void
test_a_card_stays_when_something_else_changes (AppFixture *fixture, gconstpointer data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);
  GtkWidget *view;

  land_phone_conflict (fixture);
  show_sync (fixture, 1200);
  view = find_widget (window, is_version_of_colleague, NULL);
  app_fixture_commit_text (fixture, SAMPLE_NOTE, "title", "Another title");
  app_fixture_settle (fixture);
  g_assert_true (find_widget (window, is_version_of_colleague, NULL) == view);
}

/* A third answer, for any unit, in the rows that the vocabulary gives it. */
static void
test_settles_with_a_third_answer (AppFixture *fixture, gconstpointer data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);
  GtkWidget *form;

  land_phone_conflict (fixture);
  show_sync (fixture, 360);
  click (find_button (window, "Edit…"));
  app_fixture_settle (fixture);
  form = find_of_type (window, SATCHEL_TYPE_FORM);
  g_assert_nonnull (form);
  g_assert_nonnull (find_label (form, "Phone"));
  gtk_editable_set_text (GTK_EDITABLE (satchel_form_get_row (SATCHEL_FORM (form), "phone")), "030 333");
  click (find_button (window, "_Keep this"));
  app_fixture_settle (fixture);
  g_assert_null (find_of_type (window, SATCHEL_TYPE_CONFLICT_CARD));
  assert_phone (fixture, "030 333");
}

/* What is about deleting is left: nobody decides that by the dozen. */
static void
test_settles_all_for_one_side (AppFixture *fixture, gconstpointer data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);

  land_phone_conflict (fixture);
  app_fixture_land (fixture,
                    "{\"id\":\"" CONFLICT_2 "\",\"type\":\"conflict\",\"rev\":\"demo.1\",\"bucket\":\"org\","
                    "\"target_type\":\"account\",\"target_id\":\"" SAMPLE_ACCOUNT "\",\"unit\":\"deleted\","
                    "\"base\":{},\"values\":[" VALUE (SAMPLE_COLLEAGUE, "{\"deleted\":true}") "],"
                                                                                              "\"state\":\"open\"}");
  show_sync (fixture, 360);
  click (find_button (window, "Keep all of theirs…"));
  app_fixture_settle (fixture);
  g_assert_nonnull (find_label (window, "1 conflict is settled with what others wrote. What you wrote stays in the "
                                        "history."));
  click (find_button (window, "_Keep all"));
  app_fixture_settle (fixture);
  g_assert_cmpuint (GPOINTER_TO_UINT (app_fixture_ask (fixture, count_open, NULL)), ==, 1);
  g_assert_nonnull (find_label (window, "Account · keep or delete"));
  assert_phone (fixture, "030 222");
}

static void
test_shows_text_as_a_comparison (AppFixture *fixture, gconstpointer data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);

  app_fixture_land (fixture, CONFLICT_JSON ("note", SAMPLE_NOTE, "body", "{\"body\":\"one\\ntwo\"}",
                                            "[" VALUE (SAMPLE_USER, "{\"body\":\"one\\nthree\"}") "]"));
  show_sync (fixture, 360);
  g_assert_nonnull (find_of_type (window, SATCHEL_TYPE_DIFF_VIEW));
  click (find_button (window, "Keep the server's"));
  app_fixture_settle (fixture);
  g_assert_null (find_of_type (window, SATCHEL_TYPE_CONFLICT_CARD));
}

static void
test_delete_against_edit (AppFixture *fixture, gconstpointer data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);

  app_fixture_land (fixture, CONFLICT_JSON ("account", SAMPLE_ACCOUNT, "deleted", "{}",
                                            "[" VALUE (SAMPLE_COLLEAGUE, "{\"deleted\":true}") "]"));
  show_sync (fixture, 1200);
  g_assert_nonnull (find_label (window, "Account · keep or delete"));
  g_assert_nonnull (find_button (window, "Delete it"));
  click (find_button (window, "Keep it"));
  app_fixture_settle (fixture);
  g_assert_null (find_of_type (window, SATCHEL_TYPE_CONFLICT_CARD));
  assert_phone (fixture, "030-0074321");
}

/* GTK warns about what gets less room than it needs, and a warning is fatal. */
static void
test_fits_a_phone_with_large_text (AppFixture *fixture, gconstpointer data)
{
  int minimum;

  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 2 * 96 * 1024, NULL);
  land_phone_conflict (fixture);
  app_fixture_land (fixture,
                    "{\"id\":\"" CONFLICT_2 "\",\"type\":\"conflict\",\"rev\":\"demo.1\",\"bucket\":"
                    "\"org\",\"target_type\":\"note\",\"target_id\":\"" SAMPLE_NOTE
                    "\",\"unit\":\"body\",\"base\":{},\"values\":[" VALUE (
                        SAMPLE_USER, "{\"body\":\"Donaudampfschifffahrtsgesellschaft\"}") "],"
                                                                                          "\"state\":\"open\"}");
  app_fixture_commit_text (fixture, SAMPLE_NOTE, "title", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk");
  show_sync (fixture, 360);
  gtk_widget_measure (GTK_WIDGET (fixture->window), GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  g_assert_cmpint (minimum, <=, 360);
  g_assert_nonnull (find_of_type (GTK_WIDGET (fixture->window), SATCHEL_TYPE_DIFF_VIEW));
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 96 * 1024, NULL);
}

static void
test_draft_holds_what_both_wrote (void)
{
  g_autofree char *draft = satchel_diff_dup_draft ("a\nb\nc\n", "a\nB1\nc\n", "a\nB2\nc\nd\n");

  g_assert_nonnull (strstr (draft, "B1\n"));
  g_assert_nonnull (strstr (draft, "B2\n"));
  g_assert_nonnull (strstr (draft, "d\n"));
  g_assert_null (strstr (draft, "b\n"));
}

/* ---- What waits ---- */

static gboolean
shows_pending_work (gpointer window)
{
  return find_label (window, "Not sent yet") != NULL && find_label (window, "Phone · just now") != NULL;
}

static void
test_lists_pending_work (AppFixture *fixture, gconstpointer data)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);

  show_sync (fixture, 360);
  g_assert_null (find_label (window, "Not sent yet"));
  app_fixture_commit_text (fixture, SAMPLE_ACCOUNT, "phone", "030 333");
  app_wait_until (shows_pending_work, window);
  g_assert_nonnull (find_label (window, "Alfreds Futterkiste"));
}

int
main (int argc, char *argv[])
{
  app_test_init (&argc, &argv);

  APP_TEST ("/sync-centre/shows-all-versions", test_shows_all_versions);
  APP_TEST ("/sync-centre/keeps-what-a-colleague-wrote", test_keeps_what_a_colleague_wrote);
  APP_TEST ("/sync-centre/settles-with-a-third-answer", test_settles_with_a_third_answer);
  APP_TEST ("/sync-centre/settles-all-for-one-side", test_settles_all_for_one_side);
  APP_TEST ("/sync-centre/leaves-with-a-settlement-from-elsewhere", test_leaves_with_a_settlement_from_elsewhere);
  APP_TEST ("/sync-centre/a-card-stays-when-something-else-changes", test_a_card_stays_when_something_else_changes);
  APP_TEST ("/sync-centre/shows-text-as-a-comparison", test_shows_text_as_a_comparison);
  APP_TEST ("/sync-centre/delete-against-edit", test_delete_against_edit);
  APP_TEST ("/sync-centre/fits-a-phone-with-large-text", test_fits_a_phone_with_large_text);
  g_test_add_func ("/sync-centre/draft-holds-what-both-wrote", test_draft_holds_what_both_wrote);
  APP_TEST ("/sync-centre/lists-pending-work", test_lists_pending_work);

  return g_test_run ();
}
