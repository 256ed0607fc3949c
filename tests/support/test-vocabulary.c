/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "test-vocabulary.h"

#include "records/satchel-declarations.h"

#define N_OLDER_FIELDS 15

static const SatchelChoice colours[] = {
  { "red",   "Red"   },
  { "green", "Green" },
  { "blue",  "Blue"  },
  { NULL,    NULL    },
};

static const SatchelField specimen_fields[] = {
  { "account", "Account", SATCHEL_KIND_REFERENCE, .target = "account", .flags = SATCHEL_FIELD_ANCHOR },
  { "title", "Title", SATCHEL_KIND_TEXT,
   .flags = SATCHEL_FIELD_REQUIRED | SATCHEL_FIELD_SEARCHABLE | SATCHEL_FIELD_TITLE },
  { "story", "Story", SATCHEL_KIND_LONG_TEXT, SATCHEL_POLICY_TEXT, .flags = SATCHEL_FIELD_SEARCHABLE },
  { "phone", "Phone", SATCHEL_KIND_PHONE, .flags = SATCHEL_FIELD_SEARCHABLE | SATCHEL_FIELD_PERSONAL },
  { "email", "Email", SATCHEL_KIND_EMAIL, .flags = SATCHEL_FIELD_SEARCHABLE | SATCHEL_FIELD_PERSONAL },
  { "website", "Website", SATCHEL_KIND_URI },
  { "pieces", "Pieces", SATCHEL_KIND_INTEGER },
  { "weight", "Weight", SATCHEL_KIND_NUMBER },
  { "fragile", "Fragile", SATCHEL_KIND_BOOLEAN },
  { "amount", "Amount", SATCHEL_KIND_MONEY, .unit = "value" },
  { "currency", "Currency", SATCHEL_KIND_CURRENCY, .unit = "value" },
  { "found_on", "Found", SATCHEL_KIND_DATE, .unit = "finding" },
  { "found_at", "Found at", SATCHEL_KIND_TIME, .unit = "finding" },
  { "colour", "Colour", SATCHEL_KIND_CHOICE, .choices = colours },
  { "mood", "Mood", SATCHEL_KIND_TEXT, SATCHEL_POLICY_LATEST, .choices = colours },
  { "seen_on", "Seen", SATCHEL_KIND_DATE, SATCHEL_POLICY_LATEST, "seeing" },
  { "seen_by", "Seen by", SATCHEL_KIND_TEXT, SATCHEL_POLICY_LATEST, "seeing" },
  { "labels", "Labels", SATCHEL_KIND_SET, SATCHEL_POLICY_SET, .flags = SATCHEL_FIELD_SEARCHABLE },
  { "relatives", "Relatives", SATCHEL_KIND_SET, SATCHEL_POLICY_SET, .target = "specimen" },
  { "measures", "Measures", SATCHEL_KIND_JSON },
  { "stock", "Stock", SATCHEL_KIND_NUMBER, .flags = SATCHEL_FIELD_SERVER },
  { "score", "Score", SATCHEL_KIND_INTEGER, SATCHEL_POLICY_DERIVED },
};

static const SatchelTypeDeclaration specimen = {
  .name = "specimen",
  .number = 60,
  .label = "Specimen",
  .plural = "Specimens",
  .home = SATCHEL_HOME_ANCHORED,
  .rights = SATCHEL_RIGHTS_REP,
  .fields = specimen_fields,
  .n_fields = G_N_ELEMENTS (specimen_fields),
};

static const SatchelTypeDeclaration older_specimen = {
  .name = "specimen",
  .number = 60,
  .label = "Specimen",
  .plural = "Specimens",
  .home = SATCHEL_HOME_ANCHORED,
  .rights = SATCHEL_RIGHTS_REP,
  .fields = specimen_fields,
  .n_fields = N_OLDER_FIELDS,
};

/**
 * satchel_test_vocabulary_new:
 *
 * Returns: (transfer full): the vocabulary to free with satchel_vocabulary_free()
 */
SatchelVocabulary *
satchel_test_vocabulary_new (void)
{
  return satchel_vocabulary_new_with (&specimen);
}

/**
 * satchel_test_vocabulary_new_of:
 * @types: (array zero-terminated=1): names of types of Satchel's
 * @older: whether the specimen has only its first fields
 *
 * Returns: (transfer full): the vocabulary to free with satchel_vocabulary_free()
 */
SatchelVocabulary *
satchel_test_vocabulary_new_of (const char *const *types, gboolean older)
{
  guint n_declarations;
  const SatchelTypeDeclaration *const *declarations = satchel_declarations_get (&n_declarations);
  g_autoptr (GPtrArray) chosen = g_ptr_array_new ();

  for (guint i = 0; i < n_declarations; i++)
    if (g_strv_contains (types, declarations[i]->name))
      g_ptr_array_add (chosen, (gpointer) declarations[i]);
  g_ptr_array_add (chosen, (gpointer) (older ? &older_specimen : &specimen));

  return satchel_vocabulary_new ((const SatchelTypeDeclaration *const *) chosen->pdata, chosen->len);
}
