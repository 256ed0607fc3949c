/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A group as it comes from a device: what is taken is written as the same with the same hash, and can be laid over a
 * record, or is refused in words. */

#include "fuzz.h"

#include <string.h>

#include "records/satchel-error.h"
#include "records/satchel-mutation.h"
#include "test-vocabulary.h"

#define MAX_DEPTH 32
#define ID "01890a5d-ac96-774b-bcce-b302099a8057"

static SatchelVocabulary *vocabulary;

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  vocabulary = satchel_test_vocabulary_new ();
  return 0;
}

static void
check_written_again (const SatchelGroup *group)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object = satchel_group_to_json (group);
  g_autoptr (SatchelGroup) again = satchel_group_from_json (object, &error);
  g_autofree char *hash = satchel_group_compute_hash (group, "before");
  g_autofree char *hash_again = NULL;

  g_assert_no_error (error);
  hash_again = satchel_group_compute_hash (again, "before");
  g_assert_cmpstr (hash_again, ==, hash);
}

static void
lay_over (const SatchelMutation *mutation, const SatchelType *type)
{
  g_autoptr (SatchelRecord) record = satchel_record_new (type, ID);
  g_autofree char *canonical = NULL;

  for (guint i = 0; i < mutation->units->len; i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean applied = satchel_unit_change_apply (g_ptr_array_index (mutation->units, i), record, &error);

      g_assert_cmpint (applied, ==, error == NULL);
    }

  canonical = satchel_record_to_canonical (record);
  g_assert_true (g_utf8_validate (canonical, -1, NULL));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = satchel_json_parse ((const char *) data, (gssize) size, MAX_DEPTH, NULL);
  g_autoptr (SatchelGroup) group = NULL;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return 0;

  group = satchel_group_from_json (json_node_get_object (node), &error);
  g_assert_cmpint (group != NULL, ==, error == NULL);
  if (group == NULL)
    return 0;

  check_written_again (group);
  for (guint i = 0; i < group->mutations->len; i++)
    {
      const SatchelMutation *mutation = g_ptr_array_index (group->mutations, i);
      const SatchelType *type = satchel_vocabulary_lookup (vocabulary, mutation->type);

      if (type != NULL)
        lay_over (mutation, type);
    }

  return 0;
}
