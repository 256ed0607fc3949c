/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "records/satchel-error.h"
#include "records/satchel-id.h"
#include "records/satchel-record.h"

#include "test-vocabulary.h"

#define ID "0198c0de-0000-7000-8000-000000000001"
#define OTHER_ID "0198c0de-0000-7000-8000-000000000002"

typedef struct
{
  SatchelVocabulary *vocabulary;
  const SatchelType *specimen;
} Fixture;

static void
fixture_set_up (Fixture *fixture, gconstpointer data)
{
  fixture->vocabulary = satchel_test_vocabulary_new ();
  fixture->specimen = satchel_vocabulary_lookup (fixture->vocabulary, "specimen");
  g_assert_nonnull (fixture->specimen);
}

static void
fixture_tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->vocabulary, satchel_vocabulary_free);
}

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

static void
assert_unit (const SatchelRecord *record, const char *unit, const char *expected)
{
  g_autoptr (JsonObject) value = satchel_record_dup_unit (record, unit);

  assert_object (value, expected);
}

static void
set (SatchelRecord *record, const char *field, const char *text)
{
  g_autoptr (GError) error = NULL;

  satchel_record_set_from_text (record, field, text, &error);
  g_assert_no_error (error);
}

static SatchelRecord *
read_wire (const Fixture *fixture, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object = parse_object (text);
  SatchelRecord *record = satchel_record_from_wire (fixture->vocabulary, object, &error);

  g_assert_no_error (error);
  g_assert_nonnull (record);

  return record;
}

static void
apply (SatchelRecord *record, const char *unit, const char *value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object = parse_object (value);

  satchel_record_apply_unit (record, unit, object, &error);
  g_assert_no_error (error);
}

static void
assert_refused (SatchelRecord *record, const char *unit, const char *value, SatchelDataError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object = parse_object (value);
  g_autofree char *before = satchel_record_to_canonical (record);
  g_autofree char *after = NULL;

  g_assert_false (satchel_record_apply_unit (record, unit, object, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, (int) code);

  after = satchel_record_to_canonical (record);
  g_assert_cmpstr (before, ==, after);
}

/* ---- Values and bookkeeping ----------------------------------------------------------------------- */

static void
test_values (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecord) record = satchel_record_new (fixture->specimen, ID);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (satchel_record_get_id (record), ==, ID);
  g_assert_true (satchel_record_get_record_type (record) == fixture->specimen);
  g_assert_null (satchel_record_get_text (record, "title"));
  g_assert_cmpint (satchel_record_get_integer (record, "pieces"), ==, 0);
  g_assert_false (satchel_record_has (record, "pieces"));

  set (record, "title", "A vase");
  set (record, "pieces", "12");
  g_assert_cmpstr (satchel_record_get_text (record, "title"), ==, "A vase");
  g_assert_cmpint (satchel_record_get_integer (record, "pieces"), ==, 12);
  g_assert_true (satchel_record_has (record, "pieces"));

  set (record, "pieces", "");
  g_assert_false (satchel_record_has (record, "pieces"));

  g_assert_false (satchel_record_set_from_text (record, "nonsense", "1", &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_UNKNOWN_FIELD);
  g_clear_error (&error);

  g_assert_false (satchel_record_set_from_text (record, "title", "a\xff", &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID);
  g_assert_cmpstr (satchel_record_get_text (record, "title"), ==, "A vase");
}

static void
test_copy (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecord) record = satchel_record_new (fixture->specimen, ID);
  g_autoptr (SatchelRecord) copy = NULL;
  g_autofree char *base = NULL;

  set (record, "title", "A vase");
  satchel_record_set_rev (record, "e.1");
  satchel_record_set_bucket (record, "org");
  satchel_record_set_created (record, "2026-01-01T00:00:00.000Z", OTHER_ID);
  satchel_record_set_updated (record, "2026-01-02T00:00:00.000Z", OTHER_ID);
  satchel_record_set_deleted_at (record, "2026-01-03T00:00:00.000Z");
  satchel_record_set_deleted_with (record, OTHER_ID);
  satchel_record_set_extra (record, "{\"a\":1}");
  satchel_record_set_unit_pending (record, "title", 3);

  copy = satchel_record_copy (record);
  g_clear_pointer (&record, satchel_record_unref);

  g_assert_cmpstr (satchel_record_get_id (copy), ==, ID);
  g_assert_cmpstr (satchel_record_get_text (copy, "title"), ==, "A vase");
  g_assert_cmpstr (satchel_record_get_rev (copy), ==, "e.1");
  g_assert_cmpstr (satchel_record_get_bucket (copy), ==, "org");
  g_assert_cmpstr (satchel_record_get_created_at (copy), ==, "2026-01-01T00:00:00.000Z");
  g_assert_cmpstr (satchel_record_get_created_by (copy), ==, OTHER_ID);
  g_assert_cmpstr (satchel_record_get_updated_at (copy), ==, "2026-01-02T00:00:00.000Z");
  g_assert_cmpstr (satchel_record_get_updated_by (copy), ==, OTHER_ID);
  g_assert_cmpstr (satchel_record_get_deleted_at (copy), ==, "2026-01-03T00:00:00.000Z");
  g_assert_cmpstr (satchel_record_get_deleted_with (copy), ==, OTHER_ID);
  g_assert_cmpstr (satchel_record_get_extra (copy), ==, "{\"a\":1}");
  base = satchel_record_dup_base (copy, "title");
  g_assert_cmpstr (base, ==, "@3");
}

static void
assert_base (const SatchelRecord *record, const char *unit, const char *expected)
{
  g_autofree char *base = satchel_record_dup_base (record, unit);

  g_assert_cmpstr (base, ==, expected);
}

static void
test_pending (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecord) record = satchel_record_new (fixture->specimen, ID);

  assert_base (record, "title", NULL);
  g_assert_false (satchel_record_get_pending (record));

  satchel_record_set_rev (record, "e.7");
  assert_base (record, "title", "e.7");

  satchel_record_set_unit_pending (record, "title", 12);
  assert_base (record, "title", "@12");
  assert_base (record, "story", "e.7");
  g_assert_true (satchel_record_get_pending (record));

  satchel_record_set_unit_pending (record, "*", 11);
  assert_base (record, "title", "@12");
  assert_base (record, "story", "@11");

  satchel_record_set_unit_pending (record, "title", 0);
  assert_base (record, "title", "@11");
  satchel_record_set_unit_pending (record, "*", 0);
  assert_base (record, "title", "e.7");
  g_assert_false (satchel_record_get_pending (record));
}

/* ---- What it is called, whether it is whole -------------------------------------------------------- */

static void
assert_title (const SatchelRecord *record, const char *expected)
{
  g_autofree char *title = satchel_record_dup_title (record);

  g_assert_cmpstr (title, ==, expected);
}

static SatchelRecord *
record_of (const char *type)
{
  return satchel_record_new (satchel_vocabulary_lookup (satchel_vocabulary_get_default (), type), ID);
}

static void
test_title (void)
{
  g_autoptr (SatchelRecord) contact = record_of ("contact");
  g_autoptr (SatchelRecord) note = record_of ("note");
  g_autoptr (SatchelRecord) line = record_of ("order_line");
  g_autofree char *long_line = g_strnfill (100, 'x');
  g_autofree char *short_line = g_strnfill (80, 'x');

  assert_title (contact, "Contact");
  set (contact, "role", "Buyer");
  assert_title (contact, "Buyer");
  set (contact, "family_name", "Anders");
  assert_title (contact, "Anders");
  set (contact, "given_name", "Maria");
  assert_title (contact, "Maria Anders");

  set (note, "account", OTHER_ID);
  assert_title (note, "Note");
  set (note, "body", "\n \n  Pays late \nsecond line");
  assert_title (note, "Pays late");
  set (note, "body", long_line);
  assert_title (note, short_line);

  set (line, "quantity", "3");
  assert_title (line, "Order line");
}

static void
assert_missing (const SatchelRecord *record, const char *word, const char *other_word)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (satchel_record_validate (record, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_MISSING);
  g_assert_nonnull (strstr (error->message, word));
  g_assert_nonnull (strstr (error->message, other_word));
}

static void
assert_whole (const SatchelRecord *record)
{
  g_autoptr (GError) error = NULL;

  satchel_record_validate (record, &error);
  g_assert_no_error (error);
}

static void
test_validate (void)
{
  g_autoptr (SatchelRecord) contact = record_of ("contact");
  g_autoptr (SatchelRecord) consent = record_of ("consent");
  g_autoptr (SatchelRecord) note = record_of ("note");
  g_autoptr (GError) error = NULL;
  SatchelValue bad = SATCHEL_VALUE_INIT;
  guint index;

  assert_missing (contact, "“Account”", "required");
  set (contact, "account", OTHER_ID);
  assert_missing (contact, "“Given name”", "“Family name”");
  set (contact, "family_name", "Anders");
  assert_whole (contact);

  set (consent, "channel", "mail");
  set (consent, "purpose", "news");
  set (consent, "state", "granted");
  assert_missing (consent, "“Contact”", "“Account”");
  set (consent, "contact", OTHER_ID);
  assert_whole (consent);

  assert_whole (note);
  satchel_type_lookup_field (satchel_record_get_record_type (note), "account", &index);
  satchel_value_set_text (&bad, "somebody");
  satchel_record_take_value (note, index, &bad);
  g_assert_true (satchel_value_is_null (&bad));
  g_assert_false (satchel_record_validate (note, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID);
}

/* ---- Units ---------------------------------------------------------------------------------------- */

static void
test_units (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecord) record = satchel_record_new (fixture->specimen, ID);

  assert_unit (record, "value", "{\"amount\":null,\"currency\":null}");
  apply (record, "value", "{\"amount\":1250,\"currency\":\"EUR\"}");
  assert_unit (record, "value", "{\"amount\":1250,\"currency\":\"EUR\"}");

  /* Absent is null. */
  apply (record, "value", "{\"currency\":\"USD\"}");
  assert_unit (record, "value", "{\"amount\":null,\"currency\":\"USD\"}");

  apply (record, "labels", "{\"labels\":[\"b\",\"a\",\"b\"]}");
  assert_unit (record, "labels", "{\"labels\":[\"a\",\"b\"]}");
  apply (record, "title", "{\"title\":\"Cafe\\u0301\"}");
  g_assert_cmpstr (satchel_record_get_text (record, "title"), ==, "Café");
  apply (record, "title", "{\"title\":null}");
  g_assert_false (satchel_record_has (record, "title"));

  g_assert_null (satchel_record_dup_unit (record, "nonsense"));
}

static void
test_units_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecord) record = satchel_record_new (fixture->specimen, ID);

  apply (record, "value", "{\"amount\":1250,\"currency\":\"EUR\"}");
  assert_refused (record, "value", "{\"amount\":99,\"currency\":7}", SATCHEL_DATA_ERROR_INVALID);
  assert_refused (record, "nonsense", "{\"nonsense\":1}", SATCHEL_DATA_ERROR_UNKNOWN_FIELD);
  assert_refused (record, "score", "{\"score\":1}", SATCHEL_DATA_ERROR_READ_ONLY);

  /* Nothing slips in beside what the unit is about. */
  assert_refused (record, "value", "{\"amount\":1,\"stock\":5}", SATCHEL_DATA_ERROR_INVALID);
  assert_refused (record, "value", "{\"amount\":1,\"rev\":\"e.9\"}", SATCHEL_DATA_ERROR_INVALID);
  assert_refused (record, "extra.stock", "{\"stock\":5}", SATCHEL_DATA_ERROR_UNKNOWN_FIELD);
  assert_refused (record, "extra.rev", "{\"rev\":\"e.9\"}", SATCHEL_DATA_ERROR_UNKNOWN_FIELD);
  assert_refused (record, "extra.", "{\"\":5}", SATCHEL_DATA_ERROR_UNKNOWN_FIELD);
  assert_refused (record, "extra.hat", "{\"coat\":5}", SATCHEL_DATA_ERROR_INVALID);
  assert_refused (record, "extra.hat", "{\"hat\":4,\"coat\":5}", SATCHEL_DATA_ERROR_INVALID);
}

static void
test_extra_units (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecord) record = satchel_record_new (fixture->specimen, ID);

  assert_unit (record, "extra.shelf", "{\"shelf\":null}");
  apply (record, "extra.shelf", "{\"shelf\":{\"z\":1,\"a\":[2.0]}}");
  apply (record, "extra.row", "{\"row\":\"B\"}");
  g_assert_cmpstr (satchel_record_get_extra (record), ==, "{\"row\":\"B\",\"shelf\":{\"a\":[2],\"z\":1}}");
  assert_unit (record, "extra.row", "{\"row\":\"B\"}");

  apply (record, "extra.shelf", "{\"shelf\":null}");
  g_assert_cmpstr (satchel_record_get_extra (record), ==, "{\"row\":\"B\"}");
  apply (record, "extra.row", "{}");
  g_assert_null (satchel_record_get_extra (record));

  /* What a newer version put into a unit is carried. */
  apply (record, "value", "{\"amount\":1,\"currency\":\"EUR\",\"discounted\":true}");
  g_assert_cmpstr (satchel_record_get_extra (record), ==, "{\"discounted\":true}");
}

static char *
nested_array (guint depth)
{
  g_autofree char *open = g_strnfill (depth, '[');
  g_autofree char *close = g_strnfill (depth, ']');

  return g_strconcat ("{\"deep\":", open, close, "}", NULL);
}

/* What is taken into extra can always be read from it again. */
static void
test_extra_limits (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecord) record = satchel_record_new (fixture->specimen, ID);
  g_autofree char *deep = nested_array (31);
  g_autofree char *too_deep = nested_array (32);
  g_autofree char *long_text = g_strnfill (SATCHEL_VALUE_MAX_BYTES, 'x');
  g_autofree char *too_large = g_strdup_printf ("{\"large\":\"%s\"}", long_text);

  apply (record, "extra.deep", deep);
  assert_unit (record, "extra.deep", deep);
  assert_refused (record, "extra.deep", too_deep, SATCHEL_DATA_ERROR_INVALID);
  assert_refused (record, "extra.large", too_large, SATCHEL_DATA_ERROR_TOO_LARGE);
  assert_unit (record, "extra.deep", deep);
}

/* ---- The wire ------------------------------------------------------------------------------------- */

#define WIRE                                                                                                   \
  "{\"id\":\"" ID "\",\"type\":\"specimen\",\"rev\":\"e.3\",\"bucket\":\"org\","                               \
  "\"created_at\":\"2026-01-01T00:00:00.000Z\",\"created_by\":\"" OTHER_ID "\","                               \
  "\"updated_at\":\"2026-01-02T00:00:00.000Z\",\"updated_by\":\"" OTHER_ID "\","                               \
  "\"account\":\"" OTHER_ID "\",\"title\":\"A vase\",\"story\":\"One\\ntwo\\n\",\"pieces\":12,\"weight\":1.5," \
  "\"fragile\":true,\"amount\":1250,\"currency\":\"EUR\",\"found_on\":\"2026-03-09\","                         \
  "\"found_at\":\"2026-03-09T08:15:30.000Z\",\"colour\":\"red\",\"labels\":[\"a\",\"b\"],"                     \
  "\"measures\":{\"h\":1,\"w\":[2,3]},\"alpha\":{\"b\":1},\"zeta\":\"z\"}"

static void
test_wire (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecord) record = read_wire (fixture, WIRE);
  g_autoptr (JsonObject) wire = satchel_record_to_wire (record);

  assert_object (wire, WIRE);
  g_assert_cmpstr (satchel_record_get_rev (record), ==, "e.3");
  g_assert_cmpstr (satchel_record_get_bucket (record), ==, "org");
  g_assert_cmpstr (satchel_record_get_created_by (record), ==, OTHER_ID);
  g_assert_cmpint (satchel_record_get_integer (record, "fragile"), ==, 1);
  g_assert_cmpstr (satchel_record_get_extra (record), ==, "{\"alpha\":{\"b\":1},\"zeta\":\"z\"}");
}

/* Members in any order make the same record. */
static void
test_wire_any_order (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonObject) object = parse_object (WIRE);
  g_autoptr (GList) names = g_list_sort (json_object_get_members (object), (GCompareFunc) strcmp);
  g_autoptr (JsonObject) shuffled = json_object_new ();
  g_autoptr (SatchelRecord) record = NULL;
  g_autoptr (JsonObject) wire = NULL;
  g_autoptr (GError) error = NULL;

  for (GList *l = g_list_last (names); l != NULL; l = l->prev)
    json_object_set_member (shuffled, l->data, json_object_dup_member (object, l->data));

  record = satchel_record_from_wire (fixture->vocabulary, shuffled, &error);
  g_assert_no_error (error);
  wire = satchel_record_to_wire (record);
  assert_object (wire, WIRE);
}

static void
test_wire_bin (Fixture *fixture, gconstpointer data)
{
  const char *text = "{\"id\":\"" ID "\",\"type\":\"specimen\",\"rev\":\"e.3\","
                     "\"deleted_at\":\"2026-01-03T00:00:00.000Z\",\"deleted_with\":\"" OTHER_ID "\",\"title\":\"x\"}";
  g_autoptr (SatchelRecord) record = read_wire (fixture, text);
  g_autoptr (JsonObject) wire = satchel_record_to_wire (record);

  g_assert_cmpstr (satchel_record_get_deleted_at (record), ==, "2026-01-03T00:00:00.000Z");
  g_assert_cmpstr (satchel_record_get_deleted_with (record), ==, OTHER_ID);
  assert_object (wire, text);
}

/* Derived fields, nulls and a bucket do not reach the bytes that digests run over. */
static void
test_canonical (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecord) record = read_wire (fixture, "{\"type\":\"specimen\",\"id\":\"" ID "\",\"rev\":\"e.1\","
                                                         "\"bucket\":\"org\",\"zeta\":null,\"title\":\"x\","
                                                         "\"story\":null,\"score\":5,\"beta\":1.0}");
  g_autofree char *canonical = NULL;
  g_autofree char *wire_text = NULL;
  g_autoptr (JsonObject) wire = NULL;

  g_assert_false (satchel_record_has (record, "score"));
  set (record, "score", "8");
  canonical = satchel_record_to_canonical (record);
  g_assert_cmpstr (canonical, ==,
                   "{\"beta\":1,\"id\":\"" ID "\",\"rev\":\"e.1\",\"title\":\"x\",\"type\":\"specimen\"}");

  wire = satchel_record_to_wire (record);
  g_assert_false (json_object_has_member (wire, "score"));
}

/* An older version that does not know a field has the same digest. */
static void
test_canonical_across_versions (Fixture *fixture, gconstpointer data)
{
  static const SatchelField fields[] = {
    { "title", "Title", SATCHEL_KIND_TEXT }
  };
  static const SatchelTypeDeclaration older = {
    .name = "specimen",
    .number = 60,
    .label = "Specimen",
    .plural = "Specimens",
    .fields = fields,
    .n_fields = 1,
  };
  g_autoptr (SatchelVocabulary) vocabulary = satchel_vocabulary_new_with (&older);
  g_autoptr (JsonObject) object = parse_object (WIRE);
  g_autoptr (SatchelRecord) there = read_wire (fixture, WIRE);
  g_autoptr (SatchelRecord) here = satchel_record_from_wire (vocabulary, object, NULL);
  g_autofree char *one = satchel_record_to_canonical (there);
  g_autofree char *other = satchel_record_to_canonical (here);

  g_assert_cmpstr (one, ==, other);
}

/* ---- Text without objects between ----------------------------------------------------------------- */

/* The same bytes by way of json-glib. */
static char *
to_canonical_slowly (const SatchelRecord *record)
{
  g_autoptr (JsonObject) wire = satchel_record_to_wire (record);
  g_autoptr (JsonNode) node = NULL;

  json_object_remove_member (wire, "bucket");
  node = json_node_init_object (json_node_alloc (), wire);

  return satchel_json_to_canonical (node);
}

static SatchelRecord *
from_wire_slowly (const SatchelVocabulary *vocabulary, const char *text, gsize length)
{
  g_autoptr (JsonNode) node = satchel_json_parse (text, (gssize) length, 32, NULL);

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;

  return satchel_record_from_wire (vocabulary, json_node_get_object (node), NULL);
}

/* Whatever the text, the fast reader and the thorough one agree. Gives whether it is a record. */
static gboolean
check_both_ways (const SatchelVocabulary *vocabulary, const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelRecord) fast = satchel_record_from_wire_text (vocabulary, text, length, &error);
  g_autoptr (SatchelRecord) slow = from_wire_slowly (vocabulary, text, length);
  g_autofree char *one = NULL;
  g_autofree char *other = NULL;

  g_assert_cmpint (fast != NULL, ==, slow != NULL);
  g_assert_cmpint (fast != NULL, ==, error == NULL);
  if (fast == NULL)
    return FALSE;

  one = satchel_record_to_canonical (fast);
  other = to_canonical_slowly (slow);
  g_assert_cmpstr (one, ==, other);
  g_assert_cmpstr (satchel_record_get_bucket (fast), ==, satchel_record_get_bucket (slow));

  return TRUE;
}

#define SPECIMEN "{\"id\":\"" ID "\",\"type\":\"specimen\""

static const char *const wire_texts[] = {
  WIRE,
  SPECIMEN "}",
  SPECIMEN ",\"title\":\"\\u0041\\ud83d\\ude00 \\\"q\\\" \\\\ \\/ \\b\\f\\n\\r\\t\"}",
  SPECIMEN ",\"story\":\"a\\r\\nb\\n\",\"title\":\" padded \",\"phone\":\"\"}",
  SPECIMEN ",\"title\":\"x\",\"title\":\"y\"}",
  SPECIMEN ",\"title\":\"x\",\"title\":null}",
  SPECIMEN ",\"title\":null,\"title\":\"y\"}",
  SPECIMEN ",\"rev\":\"e.1\",\"rev\":\"e.2\"}",
  SPECIMEN ",\"type\":\"account\"}",
  SPECIMEN ",\"hat\":1,\"hat\":2,\"coat\":\"x\",\"shoe\":true,\"sock\":null,\"tie\":1.5,\"bag\":[1]}",
  SPECIMEN ",\"หมวก\":\"แดง\",\"a b\":3}",
  SPECIMEN ",\"pieces\":12.0}",
  SPECIMEN ",\"pieces\":-0,\"weight\":-0}",
  SPECIMEN ",\"pieces\":9223372036854775807,\"weight\":1e3,\"amount\":-5}",
  SPECIMEN ",\"pieces\":012}",
  SPECIMEN ",\"weight\":0.1,\"stock\":-12.25,\"fragile\":1}",
  SPECIMEN ",\"weight\":\"1\"}",
  SPECIMEN ",\"labels\":[],\"relatives\":[\"" OTHER_ID "\"]}",
  SPECIMEN ",\"labels\":[\"b\",\"a\",\"b\",\" a \",\"\"],\"relatives\":[\"nobody\"]}",
  SPECIMEN ",\"score\":7,\"title\":\"x\"}",
  SPECIMEN ",\"measures\":{\"type\":\"account\",\"id\":4}}",
  SPECIMEN ",\"found_at\":\"2026-03-09T10:15:30+02:00\",\"account\":\"0198C0DE-0000-7000-8000-000000000001\"}",
  "{\"measures\":{\"type\":\"account\"},\"id\":\"" ID "\",\"type\":\"specimen\"}",
  " " SPECIMEN " , \"title\" : \"x\" }\n",
  "{\"type\":\"spaceship\",\"id\":\"" ID "\"}",
  "[]",
  "",
};

static void
test_wire_text (Fixture *fixture, gconstpointer data)
{
  g_assert_true (check_both_ways (fixture->vocabulary, wire_texts[0], strlen (wire_texts[0])));

  for (gsize i = 0; i < G_N_ELEMENTS (wire_texts); i++)
    check_both_ways (fixture->vocabulary, wire_texts[i], strlen (wire_texts[i]));
}

static const char *const splinters[] = {
  "\"",
  "\\",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  " ",
  "\n",
  "0",
  "-",
  ".",
  "e",
  "1e999",
  "null",
  "true",
  "false",
  "\"title\":\"z\",",
  "\"labels\":[\"q\"],",
  "\"type\":\"account\",",
  "\"pieces\":3,",
  "\"new\":4,",
  "\\u0000",
  "\\n",
  "é",
  "\xc3",
  "\xff",
  "\x01",
  "//",
};

static void
damage (GRand *random, GString *text)
{
  gsize place = (gsize) g_rand_int_range (random, 0, (gint32) text->len + 1);
  const char *splinter = splinters[g_rand_int_range (random, 0, G_N_ELEMENTS (splinters))];
  gsize left = text->len - place;
  gsize length = (gsize) g_rand_int_range (random, 1, 8);
  const char *comma = strchr (text->str + place, ',');

  switch (g_rand_int_range (random, 0, 4))
    {
    case 0:
      g_string_insert (text, (gssize) place, splinter);
      break;
    case 1:
      g_string_erase (text, (gssize) place, (gssize) MIN (left, length));
      break;
    case 2:
      if (left > 0)
        text->str[place] = (char) g_rand_int_range (random, 0, 256);
      break;
    default:
      /* Where a member begins, so that much of it stays a record. */
      g_string_insert (text, comma != NULL ? comma + 1 - text->str : 0, splinter);
      break;
    }
}

static void
test_wire_text_damaged (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (21);
  guint n_rounds = g_test_slow () ? 1000000 : 3000;
  guint n_records = 0;

  for (guint round = 0; round < n_rounds; round++)
    {
      guint which = (guint) g_rand_int_range (random, 0, G_N_ELEMENTS (wire_texts));
      g_autoptr (GString) text = g_string_new (wire_texts[which]);

      for (gint n = g_rand_int_range (random, 1, 4); n > 0; n--)
        damage (random, text);

      n_records += check_both_ways (fixture->vocabulary, text->str, text->len) ? 1 : 0;
    }

  g_assert_cmpuint (n_records, >, n_rounds / 50);
}

static void
test_wire_refused (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *text;
    SatchelDataError code;
  } cases[] = {
    { "{}",                                                            SATCHEL_DATA_ERROR_INVALID      },
    { "{\"type\":\"specimen\"}",                                       SATCHEL_DATA_ERROR_INVALID      },
    { "{\"type\":\"specimen\",\"id\":7}",                              SATCHEL_DATA_ERROR_INVALID      },
    { "{\"type\":\"specimen\",\"id\":\"x\"}",                          SATCHEL_DATA_ERROR_INVALID      },
    { "{\"type\":[],\"id\":\"" ID "\"}",                               SATCHEL_DATA_ERROR_INVALID      },
    { "{\"type\":\"spaceship\",\"id\":\"" ID "\"}",                    SATCHEL_DATA_ERROR_UNKNOWN_TYPE },
    { "{\"type\":\"specimen\",\"id\":\"" ID "\",\"rev\":4}",           SATCHEL_DATA_ERROR_INVALID      },
    { "{\"type\":\"specimen\",\"id\":\"" ID "\",\"pieces\":\"many\"}", SATCHEL_DATA_ERROR_INVALID      },
    { "{\"type\":\"specimen\",\"id\":\"" ID "\",\"title\":{}}",        SATCHEL_DATA_ERROR_INVALID      },
    { "{\"type\":\"specimen\",\"id\":\"" ID "\",\"labels\":[1]}",      SATCHEL_DATA_ERROR_INVALID      },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) object = parse_object (cases[i].text);

      g_assert_null (satchel_record_from_wire (fixture->vocabulary, object, &error));
      g_assert_error (error, SATCHEL_DATA_ERROR, (int) cases[i].code);
    }
}

static void
test_to_json (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecord) record = satchel_record_new (fixture->specimen, ID);
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;

  set (record, "title", "A vase");
  set (record, "score", "4");
  set (record, "measures", "{\"h\":1}");
  satchel_record_set_rev (record, "e.1");
  satchel_record_set_bucket (record, "org");
  satchel_record_set_created (record, "2026-01-01T00:00:00.000Z", NULL);
  satchel_record_set_extra (record, "{\"shelf\":2}");
  satchel_record_set_unit_pending (record, "title", 1);

  node = satchel_record_to_json (record);
  text = json_to_string (node, FALSE);
  g_assert_cmpstr (text, ==,
                   "{\"id\":\"" ID "\",\"type\":\"specimen\",\"rev\":\"e.1\",\"pending\":true,\"title\":\"A vase\","
                   "\"measures\":{\"h\":1},\"score\":4,\"created_at\":\"2026-01-01T00:00:00.000Z\","
                   "\"extra\":{\"shelf\":2}}");
}

/* A damaged replica is said so; what cannot be read is not overwritten. */
static void
test_damaged_extra (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SatchelRecord) record = satchel_record_new (fixture->specimen, ID);
  g_autoptr (JsonObject) value = parse_object ("{\"shelf\":1}");
  g_autoptr (GError) error = NULL;

  satchel_record_set_extra (record, "{\"shelf\":");
  g_assert_false (satchel_record_apply_unit (record, "extra.shelf", value, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID);
  g_assert_cmpstr (satchel_record_get_extra (record), ==, "{\"shelf\":");
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, fixture_set_up, function, fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/record/values", test_values);
  ADD ("/record/copy", test_copy);
  ADD ("/record/pending", test_pending);
  g_test_add_func ("/record/title", test_title);
  g_test_add_func ("/record/validate", test_validate);
  ADD ("/record/units", test_units);
  ADD ("/record/units/refused", test_units_refused);
  ADD ("/record/units/extra", test_extra_units);
  ADD ("/record/units/extra-limits", test_extra_limits);
  ADD ("/record/units/damaged-extra", test_damaged_extra);
  ADD ("/record/wire", test_wire);
  ADD ("/record/wire/any-order", test_wire_any_order);
  ADD ("/record/wire/bin", test_wire_bin);
  ADD ("/record/wire/text", test_wire_text);
  ADD ("/record/wire/text-damaged", test_wire_text_damaged);
  ADD ("/record/wire/refused", test_wire_refused);
  ADD ("/record/canonical", test_canonical);
  ADD ("/record/canonical/across-versions", test_canonical_across_versions);
  ADD ("/record/to-json", test_to_json);

  return g_test_run ();
}
