/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "records/satchel-error.h"
#include "records/satchel-mutation.h"

#include "test-vocabulary.h"

#define ID "0198c0de-0000-7000-8000-000000000001"
#define OTHER_ID "0198c0de-0000-7000-8000-000000000002"

static JsonObject *
parse_object (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = json_from_string (text, &error);

  g_assert_no_error (error);

  return json_node_dup_object (node);
}

static void
assert_object (JsonObject *object, const char *expected)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);
  g_autofree char *text = json_to_string (node, FALSE);

  g_assert_cmpstr (text, ==, expected);
}

/* ---- JSON ----------------------------------------------------------------------------------------- */

static const char *const mutations[] = {
  "{\"type\":\"account\",\"id\":\"" ID "\",\"kind\":\"create\",\"units\":{\"name\":{\"value\":{\"name\":\"x\"}}}}",
  "{\"type\":\"note\",\"id\":\"" ID "\",\"kind\":\"create\"}",
  "{\"type\":\"account\",\"id\":\"" ID "\",\"kind\":\"patch\",\"units\":{"
  "\"phone\":{\"base\":\"k3f9.7\",\"value\":{\"phone\":\"030 111\"}},"
  "\"tags\":{\"base\":\"@4\",\"add\":[\"vip\"],\"remove\":[]},"
  "\"extra.Lieblings farbe\":{\"base\":\"k3f9.7\",\"value\":{\"Lieblings farbe\":null}}}}",
  "{\"type\":\"account\",\"id\":\"" ID "\",\"kind\":\"delete\",\"base\":\"k3f9.7\"}",
  "{\"type\":\"account\",\"id\":\"" ID "\",\"kind\":\"restore\",\"base\":\"@2\"}",
  "{\"type\":\"conflict\",\"id\":\"" ID "\",\"kind\":\"resolve\",\"base\":\"k3f9.1\","
  "\"resolution\":{\"seen\":2,\"keep\":\"current\"}}",
  "{\"type\":\"conflict\",\"id\":\"" ID "\",\"kind\":\"resolve\","
  "\"resolution\":{\"seen\":2,\"keep\":1,\"target_base\":\"k3f9.7\"}}",
  "{\"type\":\"conflict\",\"id\":\"" ID "\",\"kind\":\"resolve\","
  "\"resolution\":{\"seen\":2,\"keep\":\"value\",\"value\":{\"phone\":\"1\"},\"target_base\":\"@7\"}}",
  "{\"type\":\"spaceship\",\"id\":\"" ID "\",\"kind\":\"patch\",\"units\":{"
  "\"hull\":{\"base\":\"k3f9.7\",\"value\":{\"hull\":1}}}}",
};

static void
test_round_trip (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (mutations); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) object = parse_object (mutations[i]);
      g_autoptr (SatchelMutation) mutation = satchel_mutation_from_json (object, &error);
      g_autoptr (JsonObject) written = NULL;

      g_assert_no_error (error);
      written = satchel_mutation_to_json (mutation);
      assert_object (written, mutations[i]);
    }
}

static void
test_read (void)
{
  g_autoptr (JsonObject) object = parse_object (mutations[2]);
  g_autoptr (SatchelMutation) mutation = satchel_mutation_from_json (object, NULL);
  const SatchelUnitChange *phone = satchel_mutation_find_unit (mutation, "phone");
  const SatchelUnitChange *tags = satchel_mutation_find_unit (mutation, "tags");

  g_assert_cmpint (mutation->kind, ==, SATCHEL_MUTATION_PATCH);
  g_assert_cmpstr (mutation->type, ==, "account");
  g_assert_cmpstr (mutation->id, ==, ID);
  g_assert_cmpuint (mutation->units->len, ==, 3);
  g_assert_cmpstr (phone->base, ==, "k3f9.7");
  assert_object (phone->value, "{\"phone\":\"030 111\"}");
  g_assert_null (phone->add);
  g_assert_null (tags->value);
  g_assert_cmpstrv (tags->add, ((const char *const[]) { "vip", NULL }));
  g_assert_cmpuint (g_strv_length (tags->remove), ==, 0);
  g_assert_null (satchel_mutation_find_unit (mutation, "name"));
}

#define START "{\"type\":\"account\",\"id\":\"" ID "\",\"kind\":"

static void
test_refused (void)
{
  static const char *const bad[] = {
    "{}",
    "{\"type\":\"account\",\"id\":\"" ID "\"}",
    START "\"explode\"}",
    START "7}",
    START "\"patch\"}",
    START "\"patch\",\"units\":{}}",
    START "\"patch\",\"units\":[]}",
    START "\"patch\",\"units\":{\"name\":null}}",
    START "\"patch\",\"units\":{\"name\":{}}}",
    START "\"patch\",\"units\":{\"name\":{\"value\":3}}}",
    START "\"patch\",\"units\":{\"name\":{\"value\":{},\"add\":[]}}}",
    START "\"patch\",\"units\":{\"name\":{\"base\":3,\"value\":{}}}}",
    START "\"patch\",\"units\":{\"name\":{\"base\":\"\",\"value\":{}}}}",
    START "\"patch\",\"units\":{\"tags\":{\"add\":\"x\"}}}",
    START "\"patch\",\"units\":{\"tags\":{\"add\":[1]}}}",
    START "\"patch\",\"units\":{\"tags\":{\"add\":[[]]}}}",
    START "\"patch\",\"units\":{\"tags\":{\"remove\":[null]}}}",
    START "\"patch\",\"units\":{\"\":{\"value\":{}}}}",
    START "\"patch\",\"units\":{\"na me\":{\"value\":{}}}}",
    START "\"patch\",\"units\":{\"name;drop\":{\"value\":{}}}}",
    START "\"patch\",\"units\":{\"extra.\":{\"value\":{}}}}",
    START "\"patch\",\"units\":{\"extra.id\":{\"value\":{}}}}",
    START "\"patch\",\"units\":{\"extra.a\\u0001\":{\"value\":{}}}}",
    START "\"patch\",\"units\":{\"name\":{\"value\":{}}},\"resolution\":{\"seen\":1,\"keep\":\"current\"}}",
    START "\"delete\",\"units\":{\"name\":{\"value\":{}}}}",
    START "\"delete\",\"base\":{}}",
    START "\"resolve\"}",
    START "\"resolve\",\"resolution\":3}",
    START "\"resolve\",\"resolution\":{\"keep\":\"current\"}}",
    START "\"resolve\",\"resolution\":{\"seen\":-1,\"keep\":\"current\"}}",
    START "\"resolve\",\"resolution\":{\"seen\":1,\"keep\":\"mine\"}}",
    START "\"resolve\",\"resolution\":{\"seen\":1,\"keep\":0}}",
    START "\"resolve\",\"resolution\":{\"seen\":1,\"keep\":1.5}}",
    START "\"resolve\",\"resolution\":{\"seen\":1,\"keep\":[]}}",
    START "\"resolve\",\"resolution\":{\"seen\":1,\"keep\":\"value\"}}",
    START "\"resolve\",\"resolution\":{\"seen\":1,\"keep\":\"value\",\"value\":[]}}",
    START "\"resolve\",\"resolution\":{\"seen\":1,\"keep\":1,\"target_base\":4}}",
    "{\"type\":\"account\",\"id\":\"../../etc\",\"kind\":\"delete\"}",
    "{\"type\":\"account\",\"id\":null,\"kind\":\"delete\"}",
    "{\"type\":true,\"id\":\"" ID "\",\"kind\":\"delete\"}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) object = parse_object (bad[i]);

      g_test_message ("%s", bad[i]);
      g_assert_null (satchel_mutation_from_json (object, &error));
      g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID);
    }
}

/* Long names from outside do not come back whole, nor cut in the middle of a letter. */
static void
test_refused_shortly (void)
{
  g_autoptr (GString) text = g_string_new (START "\"patch\",\"units\":{\"");
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 10000; i++)
    g_string_append (text, "ก");
  g_string_append (text, "\":{\"value\":{}}}}");

  object = parse_object (text->str);
  g_assert_null (satchel_mutation_from_json (object, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID);
  g_assert_cmpuint (strlen (error->message), <, 400);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

/* ---- Groups --------------------------------------------------------------------------------------- */

#define DELETION "{\"type\":\"account\",\"id\":\"" ID "\",\"kind\":\"delete\",\"base\":\"e.1\"}"
#define HASH "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static void
test_group_round_trip (void)
{
  const char *text = "{\"n\":12,\"strict\":true,\"at\":\"2026-03-09T08:15:30.000Z\",\"mutations\":[" DELETION
                     "],\"hash\":\"" HASH "\"}";
  g_autoptr (JsonObject) object = parse_object (text);
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelGroup) group = satchel_group_from_json (object, &error);
  g_autoptr (JsonObject) written = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (group->n, ==, 12);
  g_assert_true (group->strict);
  g_assert_cmpstr (group->at, ==, "2026-03-09T08:15:30.000Z");
  g_assert_cmpstr (group->hash, ==, HASH);
  g_assert_cmpuint (group->mutations->len, ==, 1);

  written = satchel_group_to_json (group);
  assert_object (written, text);
}

static void
test_group_refused (void)
{
  static const char *const bad[] = {
    "{}",
    "{\"n\":-1,\"strict\":false,\"at\":\"x\",\"mutations\":[" DELETION "]}",
    "{\"n\":\"1\",\"strict\":false,\"at\":\"x\",\"mutations\":[" DELETION "]}",
    "{\"n\":1.5,\"strict\":false,\"at\":\"x\",\"mutations\":[" DELETION "]}",
    "{\"n\":1,\"strict\":1,\"at\":\"x\",\"mutations\":[" DELETION "]}",
    "{\"n\":1,\"strict\":false,\"mutations\":[" DELETION "]}",
    "{\"n\":1,\"strict\":false,\"at\":{},\"mutations\":[" DELETION "]}",
    "{\"n\":1,\"strict\":false,\"at\":\"x\"}",
    "{\"n\":1,\"strict\":false,\"at\":\"x\",\"mutations\":[]}",
    "{\"n\":1,\"strict\":false,\"at\":\"x\",\"mutations\":{}}",
    "{\"n\":1,\"strict\":false,\"at\":\"x\",\"mutations\":[7]}",
    "{\"n\":1,\"strict\":false,\"at\":\"x\",\"mutations\":[" DELETION ",{}]}",
    "{\"n\":1,\"strict\":false,\"at\":\"x\",\"hash\":\"short\",\"mutations\":[" DELETION "]}",
    "{\"n\":1,\"strict\":false,\"at\":\"x\",\"hash\":5,\"mutations\":[" DELETION "]}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) object = parse_object (bad[i]);

      g_test_message ("%s", bad[i]);
      g_assert_null (satchel_group_from_json (object, &error));
      g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID);
    }
}

/* The hash as PROTOCOL.md describes it, worked out here from the text that it describes. */
static void
test_group_hash (void)
{
  const char *canonical = "{\"at\":\"2026-03-09T08:15:30.000Z\",\"mutations\":[{\"base\":\"e.1\",\"id\":\"" ID
                          "\",\"kind\":\"delete\",\"type\":\"account\"}],\"n\":12,\"strict\":false}";
  g_autofree char *first_text = g_strconcat ("\n", canonical, NULL);
  g_autofree char *next_text = g_strconcat (HASH, "\n", canonical, NULL);
  g_autofree char *first = g_compute_checksum_for_string (G_CHECKSUM_SHA256, first_text, -1);
  g_autofree char *next = g_compute_checksum_for_string (G_CHECKSUM_SHA256, next_text, -1);
  g_autoptr (SatchelGroup) group = satchel_group_new ();
  SatchelMutation *mutation = satchel_mutation_new (SATCHEL_MUTATION_DELETE, "account", ID);
  g_autofree char *of_first = NULL;
  g_autofree char *of_empty = NULL;
  g_autofree char *of_next = NULL;

  mutation->base = g_strdup ("e.1");
  g_ptr_array_add (group->mutations, mutation);
  group->n = 12;
  group->at = g_strdup ("2026-03-09T08:15:30.000Z");
  group->hash = g_strdup (HASH);

  of_first = satchel_group_compute_hash (group, NULL);
  of_empty = satchel_group_compute_hash (group, "");
  of_next = satchel_group_compute_hash (group, HASH);
  g_assert_cmpstr (of_first, ==, first);
  g_assert_cmpstr (of_empty, ==, first);
  g_assert_cmpstr (of_next, ==, next);
}

/* Who receives a group computes the same hash as who sent it. */
static void
test_group_hash_survives (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (mutations); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"n\":1,\"strict\":false,\"at\":\"x\",\"mutations\":[%s]}",
                                               mutations[i]);
      g_autoptr (JsonObject) object = parse_object (text);
      g_autoptr (SatchelGroup) sent = satchel_group_from_json (object, NULL);
      g_autoptr (JsonObject) wire = satchel_group_to_json (sent);
      g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), wire);
      g_autofree char *wire_text = json_to_string (node, TRUE);
      g_autoptr (JsonObject) arrived = parse_object (wire_text);
      g_autoptr (SatchelGroup) received = satchel_group_from_json (arrived, NULL);
      g_autofree char *one = satchel_group_compute_hash (sent, NULL);
      g_autofree char *other = satchel_group_compute_hash (received, NULL);

      g_assert_cmpstr (one, ==, other);
    }
}

/* ---- Laying over ---------------------------------------------------------------------------------- */

typedef struct
{
  SatchelVocabulary *vocabulary;
  SatchelRecord *record;
} Fixture;

static void
fixture_set_up (Fixture *fixture, gconstpointer data)
{
  fixture->vocabulary = satchel_test_vocabulary_new ();
  fixture->record = satchel_record_new (satchel_vocabulary_lookup (fixture->vocabulary, "specimen"), ID);
}

static void
fixture_tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->record, satchel_record_unref);
  g_clear_pointer (&fixture->vocabulary, satchel_vocabulary_free);
}

static SatchelUnitChange *
read_change (const char *unit, const char *text)
{
  g_autofree char *mutation_text = g_strdup_printf (START "\"patch\",\"units\":{\"%s\":%s}}", unit, text);
  g_autoptr (JsonObject) object = parse_object (mutation_text);
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelMutation) mutation = satchel_mutation_from_json (object, &error);

  g_assert_no_error (error);

  return g_ptr_array_steal_index (mutation->units, 0);
}

static void
apply (Fixture *fixture, const char *unit, const char *text, const char *expected)
{
  g_autoptr (SatchelUnitChange) change = read_change (unit, text);
  g_autoptr (JsonObject) value = NULL;
  g_autoptr (GError) error = NULL;

  satchel_unit_change_apply (change, fixture->record, &error);
  g_assert_no_error (error);
  value = satchel_record_dup_unit (fixture->record, unit);
  assert_object (value, expected);
}

static void
refuse (Fixture *fixture, const char *unit, const char *text, SatchelDataError code)
{
  g_autoptr (SatchelUnitChange) change = read_change (unit, text);
  g_autofree char *before = satchel_record_to_canonical (fixture->record);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (satchel_unit_change_apply (change, fixture->record, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, (int) code);
  after = satchel_record_to_canonical (fixture->record);
  g_assert_cmpstr (before, ==, after);
}

static void
test_apply (Fixture *fixture, gconstpointer data)
{
  apply (fixture, "title", "{\"value\":{\"title\":\"A vase\"}}", "{\"title\":\"A vase\"}");
  apply (fixture, "labels", "{\"add\":[\"b\",\"a\"]}", "{\"labels\":[\"a\",\"b\"]}");
  apply (fixture, "labels", "{\"add\":[\"c\",\"Cafe\\u0301\"],\"remove\":[\"a\",\"z\"]}",
         "{\"labels\":[\"Café\",\"b\",\"c\"]}");
  apply (fixture, "labels", "{\"remove\":[\"Cafe\\u0301\",\"b\",\"c\"]}", "{\"labels\":null}");
  apply (fixture, "relatives", "{\"add\":[\"" OTHER_ID "\"]}", "{\"relatives\":[\"" OTHER_ID "\"]}");
  apply (fixture, "extra.shelf", "{\"value\":{\"shelf\":3}}", "{\"shelf\":3}");
}

static void
test_apply_refused (Fixture *fixture, gconstpointer data)
{
  refuse (fixture, "title", "{\"add\":[\"x\"]}", SATCHEL_DATA_ERROR_INVALID);
  refuse (fixture, "extra.shelf", "{\"add\":[\"x\"]}", SATCHEL_DATA_ERROR_INVALID);
  refuse (fixture, "relatives", "{\"add\":[\"not an id\"]}", SATCHEL_DATA_ERROR_INVALID);
  refuse (fixture, "pieces", "{\"value\":{\"pieces\":\"x\"}}", SATCHEL_DATA_ERROR_INVALID);
  refuse (fixture, "nonsense", "{\"value\":{\"nonsense\":\"x\"}}", SATCHEL_DATA_ERROR_UNKNOWN_FIELD);
}

/* Small sets add up to a large one, which has a limit too. */
static void
test_apply_too_large (Fixture *fixture, gconstpointer data)
{
  g_autofree char *half = g_strnfill (SATCHEL_VALUE_MAX_BYTES / 2, 'x');
  g_autofree char *one = g_strdup_printf ("{\"add\":[\"a%s\"]}", half);
  g_autofree char *other = g_strdup_printf ("{\"add\":[\"b%s\"]}", half);
  g_autofree char *held = g_strdup_printf ("{\"labels\":[\"a%s\"]}", half);

  apply (fixture, "labels", one, held);
  refuse (fixture, "labels", other, SATCHEL_DATA_ERROR_TOO_LARGE);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, fixture_set_up, function, fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mutation/round-trip", test_round_trip);
  g_test_add_func ("/mutation/read", test_read);
  g_test_add_func ("/mutation/refused", test_refused);
  g_test_add_func ("/mutation/refused/shortly", test_refused_shortly);
  g_test_add_func ("/mutation/group", test_group_round_trip);
  g_test_add_func ("/mutation/group/refused", test_group_refused);
  g_test_add_func ("/mutation/group/hash", test_group_hash);
  g_test_add_func ("/mutation/group/hash-survives", test_group_hash_survives);
  ADD ("/mutation/apply", test_apply);
  ADD ("/mutation/apply/refused", test_apply_refused);
  ADD ("/mutation/apply/too-large", test_apply_too_large);

  return g_test_run ();
}
