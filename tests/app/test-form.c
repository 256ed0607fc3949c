/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A form of a type that exists only here, with a field of every kind: made from its declaration alone. */

#include "plain-fixture.h"

#include "app-fixture.h"
#include "widgets/satchel-choice-row.h"
#include "widgets/satchel-date-row.h"
#include "widgets/satchel-entry-row.h"
#include "widgets/satchel-form.h"
#include "widgets/satchel-keeper.h"
#include "widgets/satchel-property-row.h"
#include "widgets/satchel-reference-row.h"
#include "widgets/satchel-set-row.h"
#include "widgets/satchel-switch-row.h"
#include "widgets/satchel-text-row.h"

#define PHONE 360, 720
#define DESK 1200, 800

typedef struct
{
  const char *field;
  const char *stored;
  const char *shown; /* nullable: not an entry */
  GType (*get_type) (void);
} Expectation;

static const Expectation expectations[] = {
  { "title",    "Stone",                    "Stone",               satchel_entry_row_get_type    },
  { "story",    "Found it.\nKept it.\n",    NULL,                  satchel_text_row_get_type     },
  { "phone",    "030 1",                    "030 1",               satchel_entry_row_get_type    },
  { "email",    "anna@example.com",         "anna@example.com",    satchel_entry_row_get_type    },
  { "website",  "www.example.com",          "www.example.com",     satchel_entry_row_get_type    },
  { "pieces",   "-12",                      "-12",                 satchel_entry_row_get_type    },
  { "weight",   "12.5",                     "12.5",                satchel_entry_row_get_type    },
  { "fragile",  "true",                     NULL,                  satchel_switch_row_get_type   },
  { "amount",   "125005",                   "1250.05",             satchel_entry_row_get_type    },
  { "currency", "EUR",                      "EUR",                 satchel_entry_row_get_type    },
  { "found_on", "2026-03-09",               "9 March 2026",        satchel_date_row_get_type     },
  { "found_at", "2026-03-09T08:15:00.000Z", "9 March 2026, 08:15", satchel_date_row_get_type     },
  { "colour",   "green",                    NULL,                  satchel_choice_row_get_type   },
  { "mood",     "blue",                     "Blue",                satchel_entry_row_get_type    },
  { "seen_on",  "2026-03-10",               "10 March 2026",       satchel_date_row_get_type     },
  { "seen_by",  "Anna",                     "Anna",                satchel_entry_row_get_type    },
  { "labels",   "red,round",                NULL,                  satchel_set_row_get_type      },
  { "measures", "{\"a\":1}",                "{\"a\":1}",           satchel_text_row_get_type     },
  { "stock",    "7",                        NULL,                  satchel_property_row_get_type },
};

static char *
add_specimen (PlainFixture *fixture)
{
  return plain_fixture_add (fixture, "specimen", "title", "Stone", "story", "Found it.\nKept it.\n", "phone", "030 1",
                            "email", "anna@example.com", "website", "www.example.com", "pieces", "-12", "weight",
                            "12.5", "fragile", "true", "amount", "125005", "currency", "EUR", "found_on", "2026-03-09",
                            "found_at", "2026-03-09T08:15:00Z", "colour", "green", "mood", "blue", "seen_on",
                            "2026-03-10", "seen_by", "Anna", "labels", "red,round", "measures", "{\"a\":1}", NULL);
}

/* The form, kept as on a page. */
typedef struct
{
  SatchelForm *form;
  SatchelKeeper *keeper;
  char *id;
} Page;

static Page *
open_page (PlainFixture *fixture, int width, int height)
{
  Page *page = g_new0 (Page, 1);
  g_autoptr (SatchelRecord) record = NULL;
  g_autoptr (SatchelDraft) draft = NULL;
  GtkWidget *scroller = gtk_scrolled_window_new ();

  page->id = add_specimen (fixture);
  record = plain_fixture_get (fixture, page->id);
  draft = satchel_draft_new (record);
  page->form = SATCHEL_FORM (satchel_form_new (fixture->services));
  page->keeper = satchel_keeper_new (fixture->services, draft);
  g_signal_connect_object (page->form, "finished", G_CALLBACK (satchel_keeper_save), page->keeper, G_CONNECT_SWAPPED);
  satchel_form_set_draft (page->form, draft);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (page->form));
  plain_fixture_show (fixture, scroller, width, height);

  return page;
}

static void
close_page (PlainFixture *fixture, Page *page)
{
  satchel_keeper_close (page->keeper);
  plain_fixture_settle (fixture);
  g_assert_finalize_object (page->keeper);
  g_free (page->id);
  g_free (page);
}

static GtkEditable *
get_entry (Page *page, const char *field)
{
  return GTK_EDITABLE (satchel_form_get_row (page->form, field));
}

static void
type (Page *page, const char *field, const char *text)
{
  gtk_editable_set_text (get_entry (page, field), text);
}

/* As when the focus leaves, or Enter is pressed. */
static void
finish (PlainFixture *fixture, Page *page, const char *field)
{
  g_signal_emit_by_name (satchel_form_get_row (page->form, field), "finished");
  plain_fixture_settle (fixture);
}

static void
assert_rows (PlainFixture *fixture, int width, int height)
{
  Page *page = open_page (fixture, width, height);
  const SatchelType *specimen = satchel_vocabulary_lookup (fixture->vocabulary, "specimen");

  for (guint i = 0; i < G_N_ELEMENTS (expectations); i++)
    {
      const Expectation *expected = &expectations[i];
      SatchelFieldRow *row = satchel_form_get_row (page->form, expected->field);
      const SatchelField *field = satchel_type_find_field (specimen, expected->field, NULL);
      g_auto (SatchelValue) value = SATCHEL_VALUE_INIT, stored = SATCHEL_VALUE_INIT;

      g_assert_true (G_TYPE_CHECK_INSTANCE_TYPE (row, expected->get_type ()));
      g_assert_cmpstr (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), ==, field->label);
      g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (row)), <=, width);
      if (expected->shown != NULL && GTK_IS_EDITABLE (row))
        g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (row)), ==, expected->shown);
      if (field->flags & SATCHEL_FIELD_SERVER)
        continue;
      g_assert_true (satchel_field_row_read (row, &value, NULL));
      g_assert_true (satchel_value_parse (field, expected->stored, &stored, NULL));
      g_assert_true (satchel_value_equal (&value, &stored));
    }
  g_assert_true (SATCHEL_IS_REFERENCE_ROW (satchel_form_get_row (page->form, "account")));
  g_assert_true (SATCHEL_IS_SET_ROW (satchel_form_get_row (page->form, "relatives")));
  g_assert_true (SATCHEL_IS_PROPERTY_ROW (satchel_form_get_row (page->form, "score")));

  close_page (fixture, page);
}

static void
test_rows_on_phone (PlainFixture *fixture, gconstpointer data)
{
  assert_rows (fixture, PHONE);
}

static void
test_rows_on_desk (PlainFixture *fixture, gconstpointer data)
{
  assert_rows (fixture, DESK);
}

/* Looking at a form saves nothing, not even when it is finished with. */
static void
test_untouched (PlainFixture *fixture, gconstpointer data)
{
  Page *page = open_page (fixture, PHONE);
  g_autoptr (GPtrArray) before = plain_fixture_list_groups (fixture);
  g_autoptr (GPtrArray) after = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (expectations); i++)
    finish (fixture, page, expectations[i].field);
  g_assert_true (satchel_form_take_typed (page->form));
  satchel_keeper_save (page->keeper);
  plain_fixture_settle (fixture);
  after = plain_fixture_list_groups (fixture);
  g_assert_cmpuint (after->len, ==, before->len);

  close_page (fixture, page);
}

static SatchelMutation *
get_last_mutation (GPtrArray *groups)
{
  SatchelWork *work = groups->pdata[groups->len - 1];

  g_assert_cmpuint (work->mutations->len, ==, 1);
  return work->mutations->pdata[0];
}

static void
test_saves_one_unit (PlainFixture *fixture, gconstpointer data)
{
  Page *page = open_page (fixture, PHONE);
  g_autoptr (GPtrArray) groups = NULL;
  SatchelMutation *mutation;

  type (page, "amount", "1 300,5");
  g_assert_true (satchel_draft_is_touched (satchel_form_get_draft (page->form)) == FALSE);
  type (page, "amount", "1300.5");
  finish (fixture, page, "amount");

  groups = plain_fixture_list_groups (fixture);
  mutation = get_last_mutation (groups);
  g_assert_cmpuint (mutation->units->len, ==, 1);
  g_assert_cmpint (json_object_get_int_member (satchel_mutation_find_unit (mutation, "value")->value, "amount"), ==,
                   130050);
  close_page (fixture, page);
}

/* Somebody else changes the record while the form is open. */
static void
test_landing (PlainFixture *fixture, gconstpointer data)
{
  Page *page = open_page (fixture, PHONE);
  g_autoptr (SatchelRecord) before = plain_fixture_get (fixture, page->id);
  g_autofree char *base = satchel_record_dup_base (before, "phone");
  g_autoptr (GPtrArray) groups = NULL;

  type (page, "phone", "030 7");
  plain_fixture_change (fixture, page->id, "website", "new.example.com");
  plain_fixture_change (fixture, page->id, "phone", "040 9");
  plain_fixture_settle (fixture);

  g_assert_cmpstr (gtk_editable_get_text (get_entry (page, "website")), ==, "new.example.com");
  g_assert_cmpstr (gtk_editable_get_text (get_entry (page, "phone")), ==, "030 7");
  finish (fixture, page, "phone");
  groups = plain_fixture_list_groups (fixture);
  g_assert_cmpstr (satchel_mutation_find_unit (get_last_mutation (groups), "phone")->base, ==, base);

  close_page (fixture, page);
}

/* What is no value is kept where it is typed, with a sentence below, and nothing is saved of it. */
static void
test_error (PlainFixture *fixture, gconstpointer data)
{
  Page *page = open_page (fixture, PHONE);
  SatchelFieldRow *row = satchel_form_get_row (page->form, "email");
  g_autofree char *stored = NULL;

  type (page, "email", "anna");
  g_assert_null (satchel_field_row_get_error (row));
  finish (fixture, page, "email");
  g_assert_nonnull (satchel_field_row_get_error (row));
  g_assert_nonnull (find_label (GTK_WIDGET (fixture->window), satchel_field_row_get_error (row)));
  gtk_test_accessible_assert_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_INVALID, GTK_ACCESSIBLE_INVALID_TRUE);

  plain_fixture_change (fixture, page->id, "email", "other@example.com");
  plain_fixture_settle (fixture);
  g_assert_cmpstr (gtk_editable_get_text (get_entry (page, "email")), ==, "anna");

  type (page, "email", "anna@example.org");
  g_assert_null (satchel_field_row_get_error (row));
  finish (fixture, page, "email");
  stored = plain_fixture_dup_text (fixture, page->id, "email");
  g_assert_cmpstr (stored, ==, "anna@example.org");

  close_page (fixture, page);
}

static void
test_required (PlainFixture *fixture, gconstpointer data)
{
  Page *page = open_page (fixture, PHONE);
  g_autofree char *stored = NULL;

  type (page, "title", "");
  finish (fixture, page, "title");
  g_assert_nonnull (satchel_field_row_get_error (satchel_form_get_row (page->form, "title")));
  stored = plain_fixture_dup_text (fixture, page->id, "title");
  g_assert_cmpstr (stored, ==, "Stone");

  close_page (fixture, page);
}

/* The window goes while something is typed. */
static void
test_save_now (PlainFixture *fixture, gconstpointer data)
{
  Page *page = open_page (fixture, PHONE);
  g_autofree char *stored = NULL;

  type (page, "seen_by", "Berta");
  satchel_services_save_now (fixture->services);
  plain_fixture_settle (fixture);
  stored = plain_fixture_dup_text (fixture, page->id, "seen_by");
  g_assert_cmpstr (stored, ==, "Berta");

  close_page (fixture, page);
}

typedef struct
{
  const char *field;
  const char *typed;
  const char *stored; /* nullable: does not fit */
} Reading;

static void
test_reading (PlainFixture *fixture, gconstpointer data)
{
  static const Reading readings[] = {
    { "found_on", "2026-03-09",          "2026-03-09"               },
    { "found_on", "9 March 2026",        "2026-03-09"               },
    { "found_on", "9 march 2569",        "2026-03-09"               },
    { "found_on", "soon",                NULL                       },
    { "found_at", "9 March 2026, 14:05", "2026-03-09T14:05:00.000Z" },
    { "found_at", "9 March 2026 25:00",  NULL                       },
    { "amount",   "12.5",                "1250"                     },
    { "amount",   "-0.05",               "-5"                       },
    { "amount",   "\u0e51\u0e52",        "1200"                     },
    { "amount",   "12.505",              NULL                       },
    { "amount",   "many",                NULL                       },
    { "pieces",   "1 000",               "1000"                     },
    { "pieces",   "1.5",                 NULL                       },
    { "weight",   "0.25",                "0.25"                     },
    { "currency", "thb",                 "THB"                      },
    { "currency", "baht",                NULL                       },
    { "mood",     "Red",                 "red"                      },
    { "mood",     "sunny",               "sunny"                    },
    { "phone",    "",                    ""                         },
  };
  Page *page = open_page (fixture, DESK);
  const SatchelType *specimen = satchel_vocabulary_lookup (fixture->vocabulary, "specimen");

  for (guint i = 0; i < G_N_ELEMENTS (readings); i++)
    {
      const SatchelField *field = satchel_type_find_field (specimen, readings[i].field, NULL);
      SatchelFieldRow *row = satchel_form_get_row (page->form, readings[i].field);
      g_auto (SatchelValue) value = SATCHEL_VALUE_INIT, stored = SATCHEL_VALUE_INIT;
      g_autoptr (GError) error = NULL;

      type (page, readings[i].field, readings[i].typed);
      g_test_message ("%s: %s", readings[i].field, readings[i].typed);
      if (readings[i].stored == NULL)
        {
          g_assert_false (satchel_field_row_read (row, &value, &error));
          g_assert_nonnull (error);
          continue;
        }
      g_assert_true (satchel_field_row_read (row, &value, &error));
      g_assert_true (satchel_value_parse (field, readings[i].stored, &stored, NULL));
      g_assert_true (satchel_value_equal (&value, &stored));
    }

  close_page (fixture, page);
}

/* A few fields first; the others come when they are asked for. */
static void
test_first_fields (PlainFixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecord) blank = plain_fixture_make (fixture, "specimen", NULL);
  g_autoptr (SatchelDraft) draft = satchel_draft_new_for_creation (blank);
  SatchelForm *form = SATCHEL_FORM (satchel_form_new (fixture->services));
  GtkWidget *more;

  satchel_form_set_first_fields (form, (const char *const[]) { "title", "labels", NULL });
  satchel_form_set_draft (form, draft);
  plain_fixture_show (fixture, GTK_WIDGET (form), PHONE);
  g_assert_nonnull (satchel_form_get_row (form, "title"));
  g_assert_null (satchel_form_get_row (form, "phone"));

  g_assert_false (satchel_form_check (form));
  more = find_of_type (GTK_WIDGET (form), ADW_TYPE_BUTTON_ROW);
  g_signal_emit_by_name (more, "activated");
  g_assert_nonnull (satchel_form_get_row (form, "phone"));
}

int
main (int argc, char *argv[])
{
  app_test_init (&argc, &argv);

  PLAIN_TEST ("/form/rows-on-phone", test_rows_on_phone);
  PLAIN_TEST ("/form/rows-on-desk", test_rows_on_desk);
  PLAIN_TEST ("/form/untouched", test_untouched);
  PLAIN_TEST ("/form/saves-one-unit", test_saves_one_unit);
  PLAIN_TEST ("/form/landing", test_landing);
  PLAIN_TEST ("/form/error", test_error);
  PLAIN_TEST ("/form/required", test_required);
  PLAIN_TEST ("/form/save-now", test_save_now);
  PLAIN_TEST ("/form/reading", test_reading);
  PLAIN_TEST ("/form/first-fields", test_first_fields);

  return g_test_run ();
}
