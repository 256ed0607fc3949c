/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-draft.h"

/**
 * SatchelDraft:
 *
 * One record while a person works on it: for each unit the value that they
 * see and the record that it was filled from. What they changed is saved on
 * the revision that they saw, whatever lands meanwhile; what they did not
 * touch follows what lands. Knows neither widgets nor the replica.
 *
 * Signal `refreshed` (guint field): a value changed that the person did not
 * change. Signal `edited`: the person changed something.
 */
struct _SatchelDraft
{
  GObject parent_instance;

  const SatchelType *type;
  SatchelRecord *current;
  SatchelRecord **seen; /* for each unit: what it was filled from */
  gboolean created;
  gboolean *held; /* for each field: something is typed that is no value yet */

  SatchelRecord *sent; /* nullable: what is on its way to the replica */
  gboolean *sent_units;
};

enum
{
  REFRESHED,
  EDITED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SatchelDraft, satchel_draft, G_TYPE_OBJECT)

/* Units. */

static void
set_seen (SatchelDraft *self, guint unit, SatchelRecord *record)
{
  satchel_record_ref (record);
  g_clear_pointer (&self->seen[unit], satchel_record_unref);
  self->seen[unit] = record;
}

static gboolean
differs (const SatchelUnit *unit, SatchelRecord *a, SatchelRecord *b)
{
  for (guint i = 0; i < unit->n_fields; i++)
    if (!satchel_value_equal (satchel_record_get_value (a, unit->fields[i]),
                              satchel_record_get_value (b, unit->fields[i])))
      return TRUE;
  return FALSE;
}

static void
copy_unit (const SatchelUnit *unit, SatchelRecord *from, SatchelRecord *to)
{
  for (guint i = 0; i < unit->n_fields; i++)
    satchel_record_set_value (to, unit->fields[i], satchel_record_get_value (from, unit->fields[i]));
}

static gboolean
is_touched (SatchelDraft *self, guint number)
{
  const SatchelUnit *unit = satchel_type_get_unit (self->type, number);

  return unit->policy != SATCHEL_POLICY_DERIVED && differs (unit, self->current, self->seen[number]);
}

/* Something is typed that is no value yet: what lands must not push it away. */
static gboolean
is_held (SatchelDraft *self, guint number)
{
  const SatchelUnit *unit = satchel_type_get_unit (self->type, number);

  for (guint i = 0; i < unit->n_fields; i++)
    if (self->held[unit->fields[i]])
      return TRUE;
  return FALSE;
}

static gboolean
is_on_its_way (SatchelDraft *self, guint number)
{
  return self->sent != NULL && self->sent_units[number];
}

/* Shows what landed of a unit that the person did not touch. */
static void
refresh_unit (SatchelDraft *self, guint number, SatchelRecord *record)
{
  const SatchelUnit *unit = satchel_type_get_unit (self->type, number);

  set_seen (self, number, record);
  for (guint i = 0; i < unit->n_fields; i++)
    {
      const SatchelValue *value = satchel_record_get_value (record, unit->fields[i]);

      if (satchel_value_equal (satchel_record_get_value (self->current, unit->fields[i]), value))
        continue;
      satchel_record_set_value (self->current, unit->fields[i], value);
      g_signal_emit (self, signals[REFRESHED], 0, unit->fields[i]);
    }
}

/* The object. */

static void
satchel_draft_finalize (GObject *object)
{
  SatchelDraft *self = SATCHEL_DRAFT (object);

  for (guint i = 0; i < satchel_type_get_n_units (self->type); i++)
    satchel_record_unref (self->seen[i]);
  g_free (self->seen);
  g_free (self->held);
  g_free (self->sent_units);
  g_clear_pointer (&self->sent, satchel_record_unref);
  satchel_record_unref (self->current);

  G_OBJECT_CLASS (satchel_draft_parent_class)->finalize (object);
}

static void
satchel_draft_class_init (SatchelDraftClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = satchel_draft_finalize;

  signals[REFRESHED] = g_signal_new ("refreshed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                     G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[EDITED] = g_signal_new ("edited", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 0);
}

static void
satchel_draft_init (SatchelDraft *self)
{
}

static SatchelDraft *
make (SatchelRecord *record, gboolean created)
{
  SatchelDraft *self = g_object_new (SATCHEL_TYPE_DRAFT, NULL);
  guint n_units;

  self->type = satchel_record_get_record_type (record);
  self->current = satchel_record_copy (record);
  self->created = created;
  n_units = satchel_type_get_n_units (self->type);
  self->seen = g_new0 (SatchelRecord *, n_units);
  self->held = g_new0 (gboolean, satchel_type_get_n_fields (self->type));
  self->sent_units = g_new0 (gboolean, n_units);
  for (guint i = 0; i < n_units; i++)
    set_seen (self, i, record);

  return self;
}

/**
 * satchel_draft_new:
 * @record: the record as the person sees it
 *
 * Returns: (transfer full): a draft of changes to @record
 */
SatchelDraft *
satchel_draft_new (SatchelRecord *record)
{
  g_return_val_if_fail (record != NULL, NULL);

  return make (record, TRUE);
}

/**
 * satchel_draft_new_for_creation:
 * @record: a record that is nowhere yet, with what is known of it beforehand
 *
 * What is given beforehand counts as untouched: a draft in which nothing was
 * typed makes no record.
 *
 * Returns: (transfer full): a draft of a new record
 */
SatchelDraft *
satchel_draft_new_for_creation (SatchelRecord *record)
{
  g_return_val_if_fail (record != NULL, NULL);
  g_return_val_if_fail (satchel_record_get_id (record) != NULL, NULL);

  return make (record, FALSE);
}

const SatchelType *
satchel_draft_get_record_type (SatchelDraft *self)
{
  g_return_val_if_fail (SATCHEL_IS_DRAFT (self), NULL);

  return self->type;
}

const char *
satchel_draft_get_id (SatchelDraft *self)
{
  g_return_val_if_fail (SATCHEL_IS_DRAFT (self), NULL);

  return satchel_record_get_id (self->current);
}

/**
 * satchel_draft_get_created:
 *
 * Returns: whether the record is in the replica already
 */
gboolean
satchel_draft_get_created (SatchelDraft *self)
{
  g_return_val_if_fail (SATCHEL_IS_DRAFT (self), FALSE);

  return self->created;
}

/**
 * satchel_draft_get_record:
 *
 * Returns: (transfer none): the record as the person sees it, with what they typed
 */
SatchelRecord *
satchel_draft_get_record (SatchelDraft *self)
{
  g_return_val_if_fail (SATCHEL_IS_DRAFT (self), NULL);

  return self->current;
}

const SatchelValue *
satchel_draft_get_value (SatchelDraft *self, guint field_index)
{
  g_return_val_if_fail (SATCHEL_IS_DRAFT (self), NULL);

  return satchel_record_get_value (self->current, field_index);
}

/**
 * satchel_draft_set_value:
 * @field_index: which field
 * @value: what the person chose or typed
 */
void
satchel_draft_set_value (SatchelDraft *self, guint field_index, const SatchelValue *value)
{
  g_return_if_fail (SATCHEL_IS_DRAFT (self));

  if (satchel_value_equal (satchel_record_get_value (self->current, field_index), value))
    return;

  satchel_record_set_value (self->current, field_index, value);
  g_signal_emit (self, signals[EDITED], 0);
}

/**
 * satchel_draft_set_text:
 * @field: a field of texts
 * @text: (nullable): what the person typed; "" is nothing
 */
void
satchel_draft_set_text (SatchelDraft *self, const char *field, const char *text)
{
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  guint index;

  g_return_if_fail (SATCHEL_IS_DRAFT (self));

  if (!satchel_type_lookup_field (self->type, field, &index))
    g_assert_not_reached ();
  if (text != NULL && *text != '\0')
    satchel_value_set_text (&value, text);
  satchel_draft_set_value (self, index, &value);
}

const char *
satchel_draft_get_text (SatchelDraft *self, const char *field)
{
  g_return_val_if_fail (SATCHEL_IS_DRAFT (self), NULL);

  return satchel_record_get_text (self->current, field);
}

/**
 * satchel_draft_set_held:
 * @field_index: which field
 * @held: whether something is typed there that is no value of the field yet
 *
 * As long as that is so, nothing that lands is taken in for the field's unit.
 */
void
satchel_draft_set_held (SatchelDraft *self, guint field_index, gboolean held)
{
  g_return_if_fail (SATCHEL_IS_DRAFT (self));

  self->held[field_index] = held;
}

/**
 * satchel_draft_is_touched:
 *
 * Returns: whether the person changed anything that can be saved and is not
 */
gboolean
satchel_draft_is_touched (SatchelDraft *self)
{
  g_return_val_if_fail (SATCHEL_IS_DRAFT (self), FALSE);

  for (guint i = 0; i < satchel_type_get_n_units (self->type); i++)
    if (is_touched (self, i) && !is_held (self, i))
      return TRUE;
  return FALSE;
}

gboolean
satchel_draft_is_unit_touched (SatchelDraft *self, const char *unit)
{
  g_return_val_if_fail (SATCHEL_IS_DRAFT (self), FALSE);

  for (guint i = 0; i < satchel_type_get_n_units (self->type); i++)
    if (g_str_equal (satchel_type_get_unit (self->type, i)->name, unit))
      return is_touched (self, i);
  g_return_val_if_reached (FALSE);
}

/**
 * satchel_draft_land:
 * @record: the record as it is now
 *
 * Takes in what came from elsewhere: units that the person did not touch show
 * it, the others keep what is typed and what it was typed over.
 */
void
satchel_draft_land (SatchelDraft *self, SatchelRecord *record)
{
  g_return_if_fail (SATCHEL_IS_DRAFT (self));
  g_return_if_fail (g_str_equal (satchel_record_get_id (record), satchel_record_get_id (self->current)));

  for (guint i = 0; i < satchel_type_get_n_units (self->type); i++)
    if (!is_touched (self, i) && !is_held (self, i) && !is_on_its_way (self, i))
      refresh_unit (self, i, record);
}

/* Units filled from one and the same record are saved on it together. */
static void
add_units_seen_in (SatchelDraft *self, SatchelRecord *seen, SatchelEdit *edit)
{
  g_autoptr (SatchelRecord) changed = satchel_record_copy (seen);

  for (guint i = 0; i < satchel_type_get_n_units (self->type); i++)
    if (self->seen[i] == seen && self->sent_units[i])
      copy_unit (satchel_type_get_unit (self->type, i), self->current, changed);
  satchel_edit_update (edit, seen, changed);
}

static void
add_changes (SatchelDraft *self, SatchelEdit *edit)
{
  g_autoptr (GHashTable) done = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < satchel_type_get_n_units (self->type); i++)
    if (self->sent_units[i] && g_hash_table_add (done, self->seen[i]))
      add_units_seen_in (self, self->seen[i], edit);
}

/**
 * satchel_draft_add_to_edit:
 * @edit: becomes the group that saves it
 *
 * Adds what the person changed to @edit. Until satchel_draft_committed() or
 * satchel_draft_failed() tells how that went, nothing more can be added.
 *
 * Returns: %FALSE when there is nothing to save
 */
gboolean
satchel_draft_add_to_edit (SatchelDraft *self, SatchelEdit *edit)
{
  g_return_val_if_fail (SATCHEL_IS_DRAFT (self), FALSE);
  g_return_val_if_fail (self->sent == NULL, FALSE);

  if (!satchel_draft_is_touched (self))
    return FALSE;

  for (guint i = 0; i < satchel_type_get_n_units (self->type); i++)
    self->sent_units[i] = !self->created || (is_touched (self, i) && !is_held (self, i));
  self->sent = satchel_record_copy (self->current);
  if (self->created)
    add_changes (self, edit);
  else
    satchel_edit_create (edit, self->sent);

  return TRUE;
}

/**
 * satchel_draft_committed:
 * @edit: the edit, with the number that the replica gave it
 *
 * What was sent is what the person has seen from now on: what they typed
 * meanwhile is a change of that, by the same hand.
 */
void
satchel_draft_committed (SatchelDraft *self, SatchelEdit *edit)
{
  g_autoptr (SatchelRecord) sent = NULL;
  gint64 group = satchel_edit_peek_group (edit)->n;

  g_return_if_fail (SATCHEL_IS_DRAFT (self));
  g_return_if_fail (self->sent != NULL);

  sent = satchel_record_copy (self->sent);
  g_clear_pointer (&self->sent, satchel_record_unref);
  for (guint i = 0; i < satchel_type_get_n_units (self->type); i++)
    if (self->sent_units[i])
      {
        satchel_record_set_unit_pending (sent, satchel_type_get_unit (self->type, i)->name, group);
        set_seen (self, i, sent);
      }
  self->created = TRUE;
}

/**
 * satchel_draft_failed:
 *
 * What was sent did not arrive; it is still to be saved.
 */
void
satchel_draft_failed (SatchelDraft *self)
{
  g_return_if_fail (SATCHEL_IS_DRAFT (self));

  g_clear_pointer (&self->sent, satchel_record_unref);
}
