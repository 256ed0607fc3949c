/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "records/satchel-error.h"
#include "records/satchel-vocabulary.h"
#include "test-vocabulary.h"

static const SatchelType *
find_type (const char *name)
{
  const SatchelType *type = satchel_vocabulary_lookup (satchel_vocabulary_get_default (), name);

  g_assert_nonnull (type);
  return type;
}

static void
test_types (void)
{
  const SatchelVocabulary *vocabulary = satchel_vocabulary_get_default ();
  const SatchelType *account = find_type ("account");

  g_assert_cmpuint (satchel_vocabulary_get_n_types (vocabulary), ==, 23);
  g_assert_true (satchel_vocabulary_get_type_at (vocabulary, 0) == account);
  g_assert_true (satchel_vocabulary_lookup_number (vocabulary, 1) == account);
  g_assert_true (satchel_type_get_vocabulary (account) == vocabulary);
  g_assert_cmpstr (satchel_type_get_name (account), ==, "account");
  g_assert_cmpstr (satchel_type_get_display_plural (account), ==, "Accounts");
  g_assert_cmpint (satchel_type_get_home (account), ==, SATCHEL_HOME_ACCOUNT);
  g_assert_cmpint (satchel_type_get_flags (find_type ("consent")), ==, SATCHEL_TYPE_APPEND_ONLY);
  g_assert_cmpint (satchel_type_get_rights (find_type ("product")), ==, SATCHEL_RIGHTS_ADMIN);

  g_assert_null (satchel_vocabulary_lookup (vocabulary, "specimen"));
  g_assert_null (satchel_vocabulary_lookup_number (vocabulary, 0));
  g_assert_null (satchel_vocabulary_lookup_number (vocabulary, 60));
  g_assert_null (satchel_vocabulary_lookup_number (vocabulary, 64));
}

static void
test_every_type_holds_together (void)
{
  const SatchelVocabulary *vocabulary = satchel_vocabulary_get_default ();

  for (guint t = 0; t < satchel_vocabulary_get_n_types (vocabulary); t++)
    {
      const SatchelType *type = satchel_vocabulary_get_type_at (vocabulary, t);
      guint n_in_units = 0;

      for (guint u = 0; u < satchel_type_get_n_units (type); u++)
        n_in_units += satchel_type_get_unit (type, u)->n_fields;
      g_assert_cmpuint (n_in_units, ==, satchel_type_get_n_fields (type));

      for (guint f = 0; f < satchel_type_get_n_fields (type); f++)
        {
          const SatchelField *field = satchel_type_get_field (type, f);
          const SatchelUnit *unit = satchel_type_get_unit_of_field (type, f);
          guint index, found = 0;

          g_assert_true (satchel_type_lookup_field (type, field->name, &index));
          g_assert_cmpuint (index, ==, f);
          g_assert_cmpint (unit->policy, ==, field->policy);
          g_assert_true (satchel_type_lookup_unit (type, unit->name) == unit);
          for (guint i = 0; i < unit->n_fields; i++)
            found += unit->fields[i] == f;
          g_assert_cmpuint (found, ==, 1);
        }
    }
}

static void
test_units (void)
{
  const SatchelType *account = find_type ("account");
  const SatchelUnit *address = satchel_type_lookup_unit (account, "address");
  const SatchelUnit *tags = satchel_type_lookup_unit (account, "tags");

  g_assert_nonnull (address);
  g_assert_cmpuint (address->n_fields, ==, 7);
  g_assert_cmpstr (satchel_type_get_field (account, address->fields[0])->name, ==, "street");
  g_assert_cmpstr (satchel_type_get_field (account, address->fields[6])->name, ==, "longitude");
  g_assert_cmpint (address->policy, ==, SATCHEL_POLICY_ASK);
  g_assert_cmpint (tags->policy, ==, SATCHEL_POLICY_SET);
  g_assert_null (satchel_type_lookup_unit (account, "street"));

  /* A unit may bear the name of one of its fields. */
  g_assert_cmpuint (satchel_type_lookup_unit (find_type ("deal"), "stage")->n_fields, ==, 6);
}

static void
assert_unknown_type (const char *written, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (satchel_vocabulary_find (satchel_vocabulary_get_default (), written, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_UNKNOWN_TYPE);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_find_type (void)
{
  g_autofree char *long_name = g_strnfill (5000, 'x');
  g_autoptr (GError) error = NULL;

  g_assert_true (satchel_vocabulary_find (satchel_vocabulary_get_default (), "deal", &error) == find_type ("deal"));
  g_assert_no_error (error);

  assert_unknown_type ("acount", "There is no type “acount”. Did you mean “account”?");
  assert_unknown_type ("ordr_line", "There is no type “ordr_line”. Did you mean “order_line”?");
  assert_unknown_type ("taks", "There is no type “taks”. Did you mean “task”?");
  assert_unknown_type ("invoice", "There is no type “invoice”.");
  assert_unknown_type ("", "There is no type “”.");
  assert_unknown_type ("bad\xff", "There is no type “bad\xef\xbf\xbd”.");

  g_assert_null (satchel_vocabulary_find (satchel_vocabulary_get_default (), long_name, &error));
  g_assert_cmpuint (strlen (error->message), <, 200);
}

static void
test_find_field (void)
{
  const SatchelType *account = find_type ("account");
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (satchel_type_find_field (account, "employees", &error)->label, ==, "Employees");
  g_assert_no_error (error);

  g_assert_null (satchel_type_find_field (account, "employes", &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_UNKNOWN_FIELD);
  g_assert_cmpstr (error->message, ==, "The type “account” has no field “employes”. Did you mean “employees”?");
  g_clear_error (&error);

  g_assert_null (satchel_type_find_field (account, "shoe_size", &error));
  g_assert_cmpstr (error->message, ==, "The type “account” has no field “shoe_size”.");
}

static void
test_labels (void)
{
  g_autoptr (GError) error = NULL;
  const SatchelField *stage = satchel_type_find_field (find_type ("account"), "stage", &error);

  g_assert_cmpstr (satchel_field_get_display_label (stage), ==, "Stage");
  g_assert_cmpstr (satchel_field_get_choice_label (stage, "prospect"), ==, "Prospect");
  g_assert_cmpstr (satchel_field_get_choice_label (stage, "elsewhere"), ==, "elsewhere");
}

static void
test_fingerprint (void)
{
  static const SatchelField one[] = {
    { "name", "Name", SATCHEL_KIND_TEXT    },
    { "age",  "Age",  SATCHEL_KIND_INTEGER }
  };
  static const SatchelField relabelled[] = {
    { "name", "Call", SATCHEL_KIND_TEXT    },
    { "age",  "Old",  SATCHEL_KIND_INTEGER }
  };
  static const SatchelField other_kind[] = {
    { "name", "Name", SATCHEL_KIND_TEXT   },
    { "age",  "Age",  SATCHEL_KIND_NUMBER }
  };
  static const SatchelField other_unit[] = {
    { "name", "Name", SATCHEL_KIND_TEXT },
    { "age", "Age", SATCHEL_KIND_INTEGER, .unit = "name" }
  };
  const SatchelField *const fields[] = { one, relabelled, other_kind, other_unit };
  g_autofree char *first = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      SatchelTypeDeclaration declaration = {
        .name = "pet",
        .number = 1,
        .label = "Pet",
        .plural = "Pets",
        .fields = fields[i],
        .n_fields = 2,
      };
      const SatchelTypeDeclaration *const declarations[] = { &declaration };
      g_autoptr (SatchelVocabulary) vocabulary = satchel_vocabulary_new (declarations, 1);
      const char *fingerprint = satchel_vocabulary_get_fingerprint (vocabulary);

      g_assert_cmpuint (strlen (fingerprint), ==, 64);
      if (i == 0)
        first = g_strdup (fingerprint);
      else
        g_assert_cmpint (g_str_equal (fingerprint, first), ==, i == 1);
    }
}

static void
test_specimen (void)
{
  g_autoptr (SatchelVocabulary) vocabulary = satchel_test_vocabulary_new ();
  const SatchelType *specimen = satchel_vocabulary_lookup (vocabulary, "specimen");
  guint kinds = 0, policies = 0;

  g_assert_true (satchel_vocabulary_lookup_number (vocabulary, 60) == specimen);
  g_assert_cmpuint (satchel_vocabulary_get_n_types (vocabulary), ==, 24);
  for (guint i = 0; i < satchel_type_get_n_fields (specimen); i++)
    {
      kinds |= 1u << satchel_type_get_field (specimen, i)->kind;
      policies |= 1u << satchel_type_get_unit_of_field (specimen, i)->policy;
    }

  g_assert_cmphex (kinds, ==, (2u << SATCHEL_KIND_JSON) - 1);
  g_assert_cmphex (policies, ==, (2u << SATCHEL_POLICY_DERIVED) - 1);
}

static void
build_clashing_vocabulary (void)
{
  static const SatchelField fields[] = {
    { "a", "A", SATCHEL_KIND_TEXT, .unit = "both" },
    { "b", "B", SATCHEL_KIND_TEXT, SATCHEL_POLICY_LATEST, "both" },
  };
  static const SatchelTypeDeclaration declaration = {
    .name = "clash",
    .number = 1,
    .label = "Clash",
    .plural = "Clashes",
    .fields = fields,
    .n_fields = 2,
  };
  static const SatchelTypeDeclaration *const declarations[] = { &declaration };

  satchel_vocabulary_new (declarations, 1);
}

static void
test_clash (void)
{
  if (g_test_subprocess ())
    {
      build_clashing_vocabulary ();
      return;
    }

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vocabulary/types", test_types);
  g_test_add_func ("/vocabulary/every-type-holds-together", test_every_type_holds_together);
  g_test_add_func ("/vocabulary/units", test_units);
  g_test_add_func ("/vocabulary/find-type", test_find_type);
  g_test_add_func ("/vocabulary/find-field", test_find_field);
  g_test_add_func ("/vocabulary/labels", test_labels);
  g_test_add_func ("/vocabulary/fingerprint", test_fingerprint);
  g_test_add_func ("/vocabulary/specimen", test_specimen);
  g_test_add_func ("/vocabulary/clash", test_clash);

  return g_test_run ();
}
