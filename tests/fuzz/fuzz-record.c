/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A record's text: the fast reader and json-glib agree, and what is written reads as the same. */

#include "fuzz.h"

#include "records/satchel-record.h"
#include "test-vocabulary.h"

#define MAX_DEPTH 32

static SatchelVocabulary *vocabulary;

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  vocabulary = satchel_test_vocabulary_new ();
  return 0;
}

/* What the fast reader is measured against. */
static SatchelRecord *
read_slowly (const char *text, gsize length, GError **error)
{
  g_autoptr (JsonNode) node = satchel_json_parse (text, (gssize) length, MAX_DEPTH, error);

  if (node == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "no object");
      return NULL;
    }

  return satchel_record_from_wire (vocabulary, json_node_get_object (node), error);
}

/* All of a record: the canonical text leaves the bucket out. */
static char *
tell (const SatchelRecord *record)
{
  g_autoptr (JsonObject) wire = satchel_record_to_wire (record);

  return fuzz_object_to_canonical (wire);
}

static void
check_written_again (const SatchelRecord *record, const char *told)
{
  g_autofree char *text = satchel_record_to_wire_text (record);
  g_autofree char *canonical = satchel_record_to_canonical (record);
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelRecord) again = satchel_record_from_wire_text (vocabulary, text, strlen (text), &error);
  g_autofree char *told_again = NULL;
  g_autofree char *canonical_again = NULL;

  g_assert_no_error (error);
  told_again = tell (again);
  g_assert_cmpstr (told_again, ==, told);
  canonical_again = satchel_record_to_canonical (again);
  g_assert_cmpstr (canonical_again, ==, canonical);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) slow_error = NULL;
  g_autoptr (SatchelRecord) record = satchel_record_from_wire_text (vocabulary, (const char *) data, size, &error);
  g_autoptr (SatchelRecord) slow = read_slowly ((const char *) data, size, &slow_error);
  g_autofree char *told = NULL;
  g_autofree char *told_slowly = NULL;

  g_assert_cmpint (record != NULL, ==, slow != NULL);
  g_assert_cmpint (record != NULL, ==, error == NULL);
  if (record == NULL)
    return 0;

  told = tell (record);
  told_slowly = tell (slow);
  g_assert_cmpstr (told, ==, told_slowly);
  check_written_again (record, told);

  return 0;
}
