/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The digests themselves were made with another implementation of BLAKE2b. */

#include <string.h>

#include "wire/satchel-digest.h"

#define ID "01890000-0000-7000-8000-000000000001"

static void
assert_digest (const char *wire, const char *expected_type, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *type = NULL, *id = NULL, *canonical = NULL;
  char digest[SATCHEL_DIGEST_LENGTH];

  canonical = satchel_digest_read_canonical (satchel_vocabulary_get_default (), wire, strlen (wire), &type, &id,
                                             &error);
  g_assert_no_error (error);
  g_assert_cmpstr (type, ==, expected_type);
  g_assert_cmpstr (id, ==, ID);
  satchel_digest_of_canonical (canonical, digest);
  g_assert_cmpstr (digest, ==, expected);
}

static void
test_record (void)
{
  const char *expected = "fbb6aa596762926195b51b29ef80430d";

  /* Neither the order, nor white space and escapes, nor the bucket make a difference; what nobody knows does. */
  assert_digest ("{\"id\":\"" ID "\",\"name\":\"Café\",\"rev\":\"e.1\",\"type\":\"account\",\"zebra\":1}", "account",
                 expected);
  assert_digest ("{ \"zebra\": 1, \"type\": \"account\", \"bucket\": \"territory:x\", \"rev\": \"e.1\","
                 " \"name\": \"Caf\\u00e9\", \"id\": \"" ID "\" }",
                 "account", expected);
}

static void
test_record_of_unknown_type (void)
{
  const char *expected = "20012f09b5a2d653d59e0e20565bc9dd";

  assert_digest ("{\"id\":\"" ID "\",\"rev\":\"e.1\",\"type\":\"rocket\",\"zebra\":1}", "rocket", expected);
  assert_digest ("{ \"zebra\": 1, \"bucket\": \"org\", \"type\": \"rocket\", \"rev\": \"e.1\", \"id\": \"" ID "\" }",
                 "rocket", expected);
}

static void
test_what_is_no_record (void)
{
  static const char *const lines[] = { "", "{}", "[]", "{\"id\":\"" ID "\"}", "{\"type\":\"account\",\"id\":7}" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (GError) error = NULL;
      char *type = NULL, *id = NULL;

      g_assert_null (satchel_digest_read_canonical (satchel_vocabulary_get_default (), lines[i], strlen (lines[i]),
                                                    &type, &id, &error));
      g_assert_nonnull (error);
      g_assert_null (type);
      g_assert_null (id);
    }
}

static void
assert_bucket (SatchelDigest *digest, guint64 count, const char *expected)
{
  char text[SATCHEL_DIGEST_LENGTH];

  g_assert_cmpuint (satchel_digest_get_count (digest), ==, count);
  satchel_digest_finish (digest, text);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_bucket (void)
{
  g_autoptr (SatchelDigest) empty = satchel_digest_new ();
  g_autoptr (SatchelDigest) from_texts = satchel_digest_new ();
  g_autoptr (SatchelDigest) from_digests = satchel_digest_new ();

  assert_bucket (empty, 0, "cae66941d9efbd404e4d88758ea67670");

  satchel_digest_add (from_texts, "a", "{\"id\":\"a\"}");
  satchel_digest_add (from_texts, "b", "{\"id\":\"b\",\"name\":\"Café\"}");
  assert_bucket (from_texts, 2, "e42299727e8a2b89d839da0f7d207a21");

  satchel_digest_add_digest (from_digests, "a", "dbd3279c69aed6e413f8387d07a84378");
  satchel_digest_add_digest (from_digests, "b", "2df078d51203f2e3e700694d81532897");
  assert_bucket (from_digests, 2, "e42299727e8a2b89d839da0f7d207a21");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/digest/record", test_record);
  g_test_add_func ("/digest/record-of-unknown-type", test_record_of_unknown_type);
  g_test_add_func ("/digest/what-is-no-record", test_what_is_no_record);
  g_test_add_func ("/digest/bucket", test_bucket);

  return g_test_run ();
}
