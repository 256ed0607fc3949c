/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "satchel-vocabulary.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "satchel-declarations.h"
#include "satchel-error.h"

#define TYPE_NUMBER_MAX 63
#define NAME_MAX_BYTES 64

struct _SatchelType
{
  const SatchelVocabulary *vocabulary;
  const SatchelTypeDeclaration *declaration;
  SatchelUnit *units;
  guint n_units;
  guint *unit_fields;    /* what the units' fields point into */
  guint *unit_of_field;
  GHashTable *field_index;    /* name -> index + 1 */
  GHashTable *unit_index;     /* name -> index + 1 */
};

struct _SatchelVocabulary
{
  SatchelType *types;
  guint n_types;
  GHashTable *type_by_name;
  const SatchelType *type_by_number[TYPE_NUMBER_MAX + 1];
  char *fingerprint;
};

static const char *
field_get_unit_name (const SatchelField *field)
{
  return field->unit != NULL ? field->unit : field->name;
}

static gboolean
lookup_index (GHashTable *table, const char *name, guint *index)
{
  guint found = GPOINTER_TO_UINT (g_hash_table_lookup (table, name));

  if (found == 0)
    return FALSE;
  if (index != NULL)
    *index = found - 1;

  return TRUE;
}

static void
insert_index (GHashTable *table, const char *name, guint index)
{
  gboolean is_new = g_hash_table_insert (table, (gpointer) name, GUINT_TO_POINTER (index + 1));

  g_assert (is_new);
}

/* ---- Building; whatever does not hold here is a mistake in the declarations. ---- */

static void
check_field (const SatchelField *field)
{
  g_assert (field->name != NULL && strlen (field->name) <= NAME_MAX_BYTES);
  g_assert (field->label != NULL);
  g_assert (field->kind != SATCHEL_KIND_CHOICE || field->choices != NULL);
  g_assert (field->kind != SATCHEL_KIND_REFERENCE || field->target != NULL);
  g_assert ((field->kind == SATCHEL_KIND_SET) == (field->policy == SATCHEL_POLICY_SET));
}

static void
type_add_field (SatchelType *self, guint index)
{
  const SatchelField *field = &self->declaration->fields[index];
  const char *unit_name = field_get_unit_name (field);
  guint unit_index;

  check_field (field);
  insert_index (self->field_index, field->name, index);

  if (!lookup_index (self->unit_index, unit_name, &unit_index))
    {
      unit_index = self->n_units++;
      self->units[unit_index].name = unit_name;
      self->units[unit_index].policy = field->policy;
      insert_index (self->unit_index, unit_name, unit_index);
    }

  g_assert (self->units[unit_index].policy == field->policy);
  self->units[unit_index].n_fields++;
  self->unit_of_field[index] = unit_index;
}

static void
type_lay_out_unit (SatchelType *self, guint unit_index, guint *fields)
{
  SatchelUnit *unit = &self->units[unit_index];
  guint n = 0;

  unit->fields = fields;
  for (guint i = 0; i < self->declaration->n_fields; i++)
    if (self->unit_of_field[i] == unit_index)
      fields[n++] = i;

  g_assert (n == unit->n_fields);
  g_assert (n == 1 || (unit->policy != SATCHEL_POLICY_SET && unit->policy != SATCHEL_POLICY_TEXT));
}

static void
type_init (SatchelType *self, const SatchelVocabulary *vocabulary, const SatchelTypeDeclaration *declaration)
{
  guint *fields;

  g_assert (declaration->n_fields > 0);

  self->vocabulary = vocabulary;
  self->declaration = declaration;
  self->units = g_new0 (SatchelUnit, declaration->n_fields);
  self->unit_fields = fields = g_new0 (guint, declaration->n_fields);
  self->unit_of_field = g_new0 (guint, declaration->n_fields);
  self->field_index = g_hash_table_new (g_str_hash, g_str_equal);
  self->unit_index = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < declaration->n_fields; i++)
    type_add_field (self, i);
  for (guint i = 0; i < self->n_units; fields += self->units[i].n_fields, i++)
    type_lay_out_unit (self, i, fields);
}

static void
type_clear (SatchelType *self)
{
  g_free (self->units);
  g_free (self->unit_fields);
  g_free (self->unit_of_field);
  g_hash_table_unref (self->field_index);
  g_hash_table_unref (self->unit_index);
}

static void
check_targets (const SatchelVocabulary *self, const SatchelType *type)
{
  for (guint i = 0; i < type->declaration->n_fields; i++)
    {
      const char *target = type->declaration->fields[i].target;

      g_assert (target == NULL || satchel_vocabulary_lookup (self, target) != NULL);
    }
}

static void
describe_field (const SatchelField *field, GString *description)
{
  g_string_append_printf (description, " %s %d %d %s %d %s", field->name, field->kind, field->policy,
                          field_get_unit_name (field), field->flags, field->target != NULL ? field->target : "-");
  for (const SatchelChoice *choice = field->choices; choice != NULL && choice->value != NULL; choice++)
    g_string_append_printf (description, " %s", choice->value);
  g_string_append_c (description, '\n');
}

static char *
compute_fingerprint (const SatchelVocabulary *self)
{
  g_autoptr (GString) description = g_string_new (NULL);

  for (guint number = 1; number <= TYPE_NUMBER_MAX; number++)
    {
      const SatchelType *type = self->type_by_number[number];

      if (type == NULL)
        continue;
      g_string_append_printf (description, "%u %s %d %d %d\n", number, type->declaration->name, type->declaration->home,
                              type->declaration->rights, type->declaration->flags);
      for (guint i = 0; i < type->declaration->n_fields; i++)
        describe_field (&type->declaration->fields[i], description);
    }

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, description->str, description->len);
}

/**
 * satchel_vocabulary_new:
 * @declarations: (array length=n_declarations): the types; they must outlive the vocabulary
 * @n_declarations: how many
 *
 * Builds a vocabulary from declarations: derives the merge units and checks
 * that numbers, names, policies and targets fit together.
 *
 * Returns: (transfer full): the vocabulary, immutable
 */
SatchelVocabulary *
satchel_vocabulary_new (const SatchelTypeDeclaration *const *declarations, guint n_declarations)
{
  SatchelVocabulary *self = g_new0 (SatchelVocabulary, 1);

  self->types = g_new0 (SatchelType, n_declarations);
  self->n_types = n_declarations;
  self->type_by_name = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < n_declarations; i++)
    {
      const SatchelTypeDeclaration *declaration = declarations[i];

      g_assert (declaration->number >= 1 && declaration->number <= TYPE_NUMBER_MAX);
      g_assert (self->type_by_number[declaration->number] == NULL);

      type_init (&self->types[i], self, declaration);
      self->type_by_number[declaration->number] = &self->types[i];
      g_assert (satchel_vocabulary_lookup (self, declaration->name) == NULL);
      g_hash_table_insert (self->type_by_name, (gpointer) declaration->name, &self->types[i]);
    }

  for (guint i = 0; i < n_declarations; i++)
    check_targets (self, &self->types[i]);
  self->fingerprint = compute_fingerprint (self);

  return self;
}

/**
 * satchel_vocabulary_new_with:
 * @additional: one more type; it must outlive the vocabulary
 *
 * Builds Satchel's vocabulary with one type more, for tests.
 *
 * Returns: (transfer full): the vocabulary, immutable
 */
SatchelVocabulary *
satchel_vocabulary_new_with (const SatchelTypeDeclaration *additional)
{
  guint n_declarations;
  const SatchelTypeDeclaration *const *declarations = satchel_declarations_get (&n_declarations);
  g_autofree const SatchelTypeDeclaration **all = g_new (const SatchelTypeDeclaration *, n_declarations + 1);

  memcpy (all, declarations, n_declarations * sizeof *all);
  all[n_declarations] = additional;

  return satchel_vocabulary_new (all, n_declarations + 1);
}

/**
 * satchel_vocabulary_free:
 * @self: (transfer full): a vocabulary that was made, not the default one
 */
void
satchel_vocabulary_free (SatchelVocabulary *self)
{
  for (guint i = 0; i < self->n_types; i++)
    type_clear (&self->types[i]);
  g_free (self->types);
  g_hash_table_unref (self->type_by_name);
  g_free (self->fingerprint);
  g_free (self);
}

/**
 * satchel_vocabulary_get_default:
 *
 * Satchel's own vocabulary, built at first use. Any thread may use it, without locks.
 *
 * Returns: (transfer none): the vocabulary
 */
const SatchelVocabulary *
satchel_vocabulary_get_default (void)
{
  static SatchelVocabulary *vocabulary = NULL;

  if (g_once_init_enter_pointer (&vocabulary))
    {
      guint n_declarations;
      const SatchelTypeDeclaration *const *declarations = satchel_declarations_get (&n_declarations);

      g_once_init_leave_pointer (&vocabulary, satchel_vocabulary_new (declarations, n_declarations));
    }

  return vocabulary;
}

/* ---- Finding, with a sentence for a person when there is no such name. ---- */

/* How many letters must be changed, added, left out or swapped with the next, over names of at most NAME_MAX_BYTES. */
static guint
edit_distance (const char *a, const char *b)
{
  guint8 distances[NAME_MAX_BYTES + 1][NAME_MAX_BYTES + 1];
  guint a_length = strlen (a), b_length = strlen (b);

  for (guint i = 0; i <= a_length; i++)
    distances[i][0] = i;
  for (guint j = 0; j <= b_length; j++)
    distances[0][j] = j;

  for (guint i = 1; i <= a_length; i++)
    for (guint j = 1; j <= b_length; j++)
      {
        guint changed = distances[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
        guint moved = MIN (distances[i - 1][j], distances[i][j - 1]) + 1;

        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
          changed = MIN (changed, distances[i - 2][j - 2] + 1u);
        distances[i][j] = MIN (changed, moved);
      }

  return distances[a_length][b_length];
}

/* Keeps the nearest name so far; one that is further than a third of what was written is no help. */
static void
consider_name (const char *written, const char *name, const char **nearest, guint *distance)
{
  guint d;

  if (strlen (written) > NAME_MAX_BYTES)
    return;

  d = edit_distance (written, name);
  if (d < *distance && d <= MAX (1, strlen (written) / 3))
    {
      *nearest = name;
      *distance = d;
    }
}

static char *
printable_name (const char *name)
{
  g_autofree char *valid = g_utf8_make_valid (name, -1);

  return g_utf8_substring (valid, 0, MIN (g_utf8_strlen (valid, -1), NAME_MAX_BYTES));
}

static void
set_unknown_type (GError **error, const char *written, const char *nearest)
{
  g_autofree char *name = printable_name (written);

  if (nearest != NULL)
    g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_UNKNOWN_TYPE,
                 _ ("There is no type “%s”. Did you mean “%s”?"), name, nearest);
  else
    g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_UNKNOWN_TYPE, _ ("There is no type “%s”."), name);
}

static void
set_unknown_field (GError **error, const SatchelType *type, const char *written, const char *nearest)
{
  g_autofree char *name = printable_name (written);

  if (nearest != NULL)
    g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_UNKNOWN_FIELD,
                 _ ("The type “%s” has no field “%s”. Did you mean “%s”?"), type->declaration->name, name, nearest);
  else
    g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_UNKNOWN_FIELD, _ ("The type “%s” has no field “%s”."),
                 type->declaration->name, name);
}

/**
 * satchel_vocabulary_find:
 * @self: a vocabulary
 * @name: what somebody wrote as a type's name
 * @error: set to %SATCHEL_DATA_ERROR_UNKNOWN_TYPE, with the nearest name if one is near
 *
 * Returns: (transfer none) (nullable): the type, or %NULL with @error set
 */
const SatchelType *
satchel_vocabulary_find (const SatchelVocabulary *self, const char *name, GError **error)
{
  const SatchelType *type = satchel_vocabulary_lookup (self, name);
  const char *nearest = NULL;
  guint distance = G_MAXUINT;

  if (type != NULL)
    return type;

  for (guint i = 0; i < self->n_types; i++)
    consider_name (name, self->types[i].declaration->name, &nearest, &distance);
  set_unknown_type (error, name, nearest);

  return NULL;
}

/**
 * satchel_type_find_field:
 * @self: a type
 * @name: what somebody wrote as a field's name
 * @error: set to %SATCHEL_DATA_ERROR_UNKNOWN_FIELD, with the nearest name if one is near
 *
 * Returns: (transfer none) (nullable): the field, or %NULL with @error set
 */
const SatchelField *
satchel_type_find_field (const SatchelType *self, const char *name, GError **error)
{
  const char *nearest = NULL;
  guint distance = G_MAXUINT;
  guint index;

  if (satchel_type_lookup_field (self, name, &index))
    return &self->declaration->fields[index];

  for (guint i = 0; i < self->declaration->n_fields; i++)
    consider_name (name, self->declaration->fields[i].name, &nearest, &distance);
  set_unknown_field (error, self, name, nearest);

  return NULL;
}

/* ---- Looking at a vocabulary and its types. ---- */

/**
 * satchel_vocabulary_get_n_types:
 * @self: a vocabulary
 *
 * Returns: how many types it has
 */
guint
satchel_vocabulary_get_n_types (const SatchelVocabulary *self)
{
  return self->n_types;
}

/**
 * satchel_vocabulary_get_type_at:
 * @self: a vocabulary
 * @index: less than the number of types
 *
 * Returns: (transfer none): the type at @index, in the order of the declarations
 */
const SatchelType *
satchel_vocabulary_get_type_at (const SatchelVocabulary *self, guint index)
{
  g_assert (index < self->n_types);

  return &self->types[index];
}

/**
 * satchel_vocabulary_lookup:
 * @self: a vocabulary
 * @name: a type's name
 *
 * Returns: (transfer none) (nullable): the type of that name
 */
const SatchelType *
satchel_vocabulary_lookup (const SatchelVocabulary *self, const char *name)
{
  return g_hash_table_lookup (self->type_by_name, name);
}

/**
 * satchel_vocabulary_lookup_number:
 * @self: a vocabulary
 * @number: a type's number
 *
 * Returns: (transfer none) (nullable): the type of that number
 */
const SatchelType *
satchel_vocabulary_lookup_number (const SatchelVocabulary *self, guint number)
{
  return number <= TYPE_NUMBER_MAX ? self->type_by_number[number] : NULL;
}

/**
 * satchel_vocabulary_get_fingerprint:
 * @self: a vocabulary
 *
 * Returns: (transfer none): 64 hex digits that change with any type, field, kind, unit, policy, flag or choice;
 *   labels and the order of types do not count
 */
const char *
satchel_vocabulary_get_fingerprint (const SatchelVocabulary *self)
{
  return self->fingerprint;
}

/**
 * satchel_type_get_vocabulary:
 * @self: a type
 *
 * Returns: (transfer none): the vocabulary it belongs to
 */
const SatchelVocabulary *
satchel_type_get_vocabulary (const SatchelType *self)
{
  return self->vocabulary;
}

/**
 * satchel_type_get_name:
 * @self: a type
 *
 * Returns: (transfer none): its name in commands and on the wire
 */
const char *
satchel_type_get_name (const SatchelType *self)
{
  return self->declaration->name;
}

/**
 * satchel_type_get_number:
 * @self: a type
 *
 * Returns: its number, from 1 to 63
 */
guint
satchel_type_get_number (const SatchelType *self)
{
  return self->declaration->number;
}

/**
 * satchel_type_get_label:
 * @self: a type
 *
 * Returns: (transfer none): what one is called, not translated
 */
const char *
satchel_type_get_label (const SatchelType *self)
{
  return self->declaration->label;
}

/**
 * satchel_type_get_plural:
 * @self: a type
 *
 * Returns: (transfer none): what many are called, not translated
 */
const char *
satchel_type_get_plural (const SatchelType *self)
{
  return self->declaration->plural;
}

/**
 * satchel_type_get_home:
 * @self: a type
 *
 * Returns: which bucket its records live in
 */
SatchelHome
satchel_type_get_home (const SatchelType *self)
{
  return self->declaration->home;
}

/**
 * satchel_type_get_rights:
 * @self: a type
 *
 * Returns: who may create and edit its records
 */
SatchelRights
satchel_type_get_rights (const SatchelType *self)
{
  return self->declaration->rights;
}

/**
 * satchel_type_get_flags:
 * @self: a type
 *
 * Returns: its flags
 */
SatchelTypeFlags
satchel_type_get_flags (const SatchelType *self)
{
  return self->declaration->flags;
}

/**
 * satchel_type_get_n_fields:
 * @self: a type
 *
 * Returns: how many fields it has
 */
guint
satchel_type_get_n_fields (const SatchelType *self)
{
  return self->declaration->n_fields;
}

/**
 * satchel_type_get_field:
 * @self: a type
 * @index: less than the number of fields
 *
 * Returns: (transfer none): the field at @index, in the order of forms and columns
 */
const SatchelField *
satchel_type_get_field (const SatchelType *self, guint index)
{
  g_assert (index < self->declaration->n_fields);

  return &self->declaration->fields[index];
}

/**
 * satchel_type_lookup_field:
 * @self: a type
 * @name: a field's name
 * @index: (out) (optional): where it stands
 *
 * Returns: whether the type has a field of that name
 */
gboolean
satchel_type_lookup_field (const SatchelType *self, const char *name, guint *index)
{
  return lookup_index (self->field_index, name, index);
}

/**
 * satchel_type_get_n_units:
 * @self: a type
 *
 * Returns: how many merge units its fields form
 */
guint
satchel_type_get_n_units (const SatchelType *self)
{
  return self->n_units;
}

/**
 * satchel_type_get_unit:
 * @self: a type
 * @index: less than the number of units
 *
 * Returns: (transfer none): the unit at @index, in the order of their first fields
 */
const SatchelUnit *
satchel_type_get_unit (const SatchelType *self, guint index)
{
  g_assert (index < self->n_units);

  return &self->units[index];
}

/**
 * satchel_type_lookup_unit:
 * @self: a type
 * @name: a unit's name
 *
 * Returns: (transfer none) (nullable): the unit of that name
 */
const SatchelUnit *
satchel_type_lookup_unit (const SatchelType *self, const char *name)
{
  guint index;

  return lookup_index (self->unit_index, name, &index) ? &self->units[index] : NULL;
}

/**
 * satchel_type_get_unit_of_field:
 * @self: a type
 * @field_index: less than the number of fields
 *
 * Returns: (transfer none): the unit that the field belongs to
 */
const SatchelUnit *
satchel_type_get_unit_of_field (const SatchelType *self, guint field_index)
{
  g_assert (field_index < self->declaration->n_fields);

  return &self->units[self->unit_of_field[field_index]];
}

/* ---- What a person reads. ---- */

static const char *
translate (const char *label)
{
  return *label != '\0' ? g_dgettext (GETTEXT_PACKAGE, label) : label;
}

/**
 * satchel_field_get_display_label:
 * @self: a field
 *
 * Returns: (transfer none): its label in the user's language
 */
const char *
satchel_field_get_display_label (const SatchelField *self)
{
  return translate (self->label);
}

/**
 * satchel_field_get_choice_label:
 * @self: a field
 * @value: a value of it
 *
 * Returns: (transfer none): the label of the choice in the user's language; @value itself when it is no choice
 */
const char *
satchel_field_get_choice_label (const SatchelField *self, const char *value)
{
  for (const SatchelChoice *choice = self->choices; choice != NULL && choice->value != NULL; choice++)
    if (g_str_equal (choice->value, value))
      return translate (choice->label);

  return value;
}

/**
 * satchel_type_get_display_label:
 * @self: a type
 *
 * Returns: (transfer none): what one is called in the user's language
 */
const char *
satchel_type_get_display_label (const SatchelType *self)
{
  return translate (self->declaration->label);
}

/**
 * satchel_type_get_display_plural:
 * @self: a type
 *
 * Returns: (transfer none): what many are called in the user's language
 */
const char *
satchel_type_get_display_plural (const SatchelType *self)
{
  return translate (self->declaration->plural);
}
