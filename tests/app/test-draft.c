/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "plain-fixture.h"
#include "widgets/satchel-draft.h"

#include "app-fixture.h"
#include "records/satchel-id.h"

/* A specimen as a server gave it. */
static SatchelRecord *
make_seen (PlainFixture *fixture)
{
  SatchelRecord *record = plain_fixture_make (fixture, "specimen", "title", "Stone", "story", "Found it.\n", "phone",
                                              "030 1", "amount", "100", "currency", "EUR", "labels", "red,round", NULL);

  satchel_record_set_rev (record, "1");
  return record;
}

static SatchelRecord *
make_landed (SatchelRecord *seen, const char *field, const char *text)
{
  SatchelRecord *landed = satchel_record_copy (seen);

  g_assert_true (satchel_record_set_from_text (landed, field, text, NULL));
  satchel_record_set_rev (landed, "2");
  return landed;
}

static SatchelMutation *
save (SatchelDraft *draft, SatchelEdit *edit)
{
  const SatchelGroup *group;

  g_assert_true (satchel_draft_add_to_edit (draft, edit));
  group = satchel_edit_peek_group (edit);
  g_assert_cmpuint (group->mutations->len, ==, 1);
  return group->mutations->pdata[0];
}

static void
count_cb (guint *n_calls)
{
  (*n_calls)++;
}

static void
test_nothing_changed (PlainFixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecord) seen = make_seen (fixture);
  g_autoptr (SatchelDraft) draft = satchel_draft_new (seen);
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();

  satchel_draft_set_text (draft, "phone", "030 2");
  g_assert_true (satchel_draft_is_touched (draft));
  satchel_draft_set_text (draft, "phone", "030 1");
  g_assert_false (satchel_draft_is_touched (draft));
  g_assert_false (satchel_draft_add_to_edit (draft, edit));
}

static void
test_saves_changed_units (PlainFixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecord) seen = make_seen (fixture);
  g_autoptr (SatchelDraft) draft = satchel_draft_new (seen);
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  SatchelMutation *mutation;
  SatchelUnitChange *value;

  satchel_draft_set_text (draft, "phone", "030 2");
  satchel_draft_set_text (draft, "currency", "THB");
  mutation = save (draft, edit);

  g_assert_cmpuint (mutation->units->len, ==, 2);
  g_assert_nonnull (satchel_mutation_find_unit (mutation, "phone"));
  value = satchel_mutation_find_unit (mutation, "value");
  g_assert_cmpstr (value->base, ==, "1");
  g_assert_cmpint (json_object_get_int_member (value->value, "amount"), ==, 100);
  g_assert_cmpstr (json_object_get_string_member (value->value, "currency"), ==, "THB");
}

/* What lands in a unit that is being typed in does not move what is typed, nor what it was typed over. */
static void
test_landing (PlainFixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecord) seen = make_seen (fixture);
  g_autoptr (SatchelRecord) landed = make_landed (seen, "amount", "500");
  g_autoptr (SatchelDraft) draft = satchel_draft_new (seen);
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  guint n_refreshed = 0;
  SatchelMutation *mutation;

  g_assert_true (satchel_record_set_from_text (landed, "phone", "040 9", NULL));
  g_assert_true (satchel_record_set_from_text (landed, "website", "example.com", NULL));
  g_signal_connect_swapped (draft, "refreshed", G_CALLBACK (count_cb), &n_refreshed);
  satchel_draft_set_text (draft, "phone", "030 2");
  satchel_draft_land (draft, landed);

  g_assert_cmpuint (n_refreshed, ==, 2);
  g_assert_cmpstr (satchel_draft_get_text (draft, "phone"), ==, "030 2");
  g_assert_cmpstr (satchel_draft_get_text (draft, "website"), ==, "example.com");
  satchel_draft_set_text (draft, "currency", "USD");
  mutation = save (draft, edit);
  g_assert_cmpuint (mutation->units->len, ==, 2);
  g_assert_cmpstr (satchel_mutation_find_unit (mutation, "phone")->base, ==, "1");
  g_assert_cmpstr (satchel_mutation_find_unit (mutation, "value")->base, ==, "2");
}

/* A second save, typed while the first was on its way, is a change of the first. */
static void
test_second_save (PlainFixture *fixture, gconstpointer data)
{
  g_autofree char *id = plain_fixture_add (fixture, "specimen", "title", "Stone", NULL);
  g_autoptr (SatchelRecord) seen = plain_fixture_get (fixture, id);
  g_autoptr (SatchelDraft) draft = satchel_draft_new (seen);
  g_autoptr (SatchelEdit) first = satchel_edit_new ();
  g_autoptr (SatchelEdit) second = satchel_edit_new ();
  g_autofree char *base = NULL;
  SatchelMutation *mutation;

  satchel_draft_set_text (draft, "title", "Stones");
  save (draft, first);
  satchel_draft_set_text (draft, "title", "Stones!");
  {
    g_autoptr (DexFuture) committed = satchel_services_commit (fixture->services, first, NULL);

    plain_fixture_settle (fixture);
    g_assert_true (dex_future_is_resolved (committed));
  }
  satchel_draft_committed (draft, first);

  g_assert_true (satchel_draft_is_touched (draft));
  base = g_strdup_printf ("@%" G_GINT64_FORMAT, satchel_edit_peek_group (first)->n);
  mutation = save (draft, second);
  g_assert_cmpstr (satchel_mutation_find_unit (mutation, "title")->base, ==, base);
}

static void
test_failed_save (PlainFixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecord) seen = make_seen (fixture);
  g_autoptr (SatchelDraft) draft = satchel_draft_new (seen);
  g_autoptr (SatchelEdit) lost = satchel_edit_new ();
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();

  satchel_draft_set_text (draft, "title", "Stones");
  save (draft, lost);
  satchel_draft_failed (draft);
  g_assert_cmpstr (satchel_mutation_find_unit (save (draft, edit), "title")->base, ==, "1");
}

/* Something that is no value yet holds its unit as what is typed does. */
static void
test_held (PlainFixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecord) seen = make_seen (fixture);
  g_autoptr (SatchelRecord) landed = make_landed (seen, "amount", "500");
  g_autoptr (SatchelDraft) draft = satchel_draft_new (seen);
  guint amount;

  g_assert_true (satchel_type_lookup_field (satchel_draft_get_record_type (draft), "amount", &amount));
  satchel_draft_set_held (draft, amount, TRUE);
  satchel_draft_land (draft, landed);
  g_assert_cmpint (satchel_draft_get_value (draft, amount)->integer, ==, 100);

  satchel_draft_set_held (draft, amount, FALSE);
  satchel_draft_land (draft, landed);
  g_assert_cmpint (satchel_draft_get_value (draft, amount)->integer, ==, 500);
}

static void
test_sets (PlainFixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecord) seen = make_seen (fixture);
  g_autoptr (SatchelDraft) draft = satchel_draft_new (seen);
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  SatchelUnitChange *change;
  guint labels;

  g_assert_true (satchel_type_lookup_field (satchel_draft_get_record_type (draft), "labels", &labels));
  satchel_value_take_set (&value, g_strsplit ("red,heavy", ",", -1));
  satchel_draft_set_value (draft, labels, &value);
  change = satchel_mutation_find_unit (save (draft, edit), "labels");
  g_assert_true (g_strv_equal ((const char *const *) change->add, (const char *const[]) { "heavy", NULL }));
  g_assert_true (g_strv_equal ((const char *const *) change->remove, (const char *const[]) { "round", NULL }));
}

static void
test_creation (PlainFixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecord) blank = plain_fixture_make (fixture, "specimen", "fragile", "true", NULL);
  g_autoptr (SatchelDraft) draft = satchel_draft_new_for_creation (blank);
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();

  g_assert_false (satchel_draft_add_to_edit (draft, edit));
  satchel_draft_set_text (draft, "title", "Stone");
  g_assert_cmpint (save (draft, edit)->kind, ==, SATCHEL_MUTATION_CREATE);
}

int
main (int argc, char *argv[])
{
  app_test_init (&argc, &argv);

  PLAIN_TEST ("/draft/nothing-changed", test_nothing_changed);
  PLAIN_TEST ("/draft/saves-changed-units", test_saves_changed_units);
  PLAIN_TEST ("/draft/landing", test_landing);
  PLAIN_TEST ("/draft/second-save", test_second_save);
  PLAIN_TEST ("/draft/failed-save", test_failed_save);
  PLAIN_TEST ("/draft/held", test_held);
  PLAIN_TEST ("/draft/sets", test_sets);
  PLAIN_TEST ("/draft/creation", test_creation);

  return g_test_run ();
}
