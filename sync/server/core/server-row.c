/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A record while it is worked on. */

#include "satchel-config.h"

#include "server-row.h"

#include <string.h>

#include "server-outcomes.h"

/* ---- Revisions of units --------------------------------------------------------------------------- */

#define SAME '~'
#define SEEN '^'

/* "E2.5", "E2.5~E1.7": what it was at E1.7, brought back at E2.5, "E2.5^E1.7": changed at E2.5 on sight of E1.7. */
static char *
unit_revision_to_string (const SatchelUnitRevision *self)
{
  char *at = satchel_revision_to_string (self->at.epoch, self->at.n);
  g_autofree char *first = NULL;
  g_autofree char *past = NULL;

  if (self->past.revision.n == 0)
    return at;

  first = at;
  past = satchel_revision_to_string (self->past.revision.epoch, self->past.revision.n);

  return g_strdup_printf ("%s%c%s", first, self->past.same ? SAME : SEEN, past);
}

static gboolean
unit_revision_parse (const char *text, SatchelUnitRevision *self)
{
  gsize length = strcspn (text, "~^");
  g_autofree char *at = g_strndup (text, length);

  *self = (SatchelUnitRevision) { .past.same = text[length] == SAME };

  return satchel_revision_parse (at, &self->at) &&
         (text[length] == '\0' || satchel_revision_parse (text + length + 1, &self->past.revision));
}

gboolean
satchel_unit_revision_is_known (const SatchelServer *server, const SatchelUnitRevision *self,
                                const SatchelRevision *base)
{
  if (self->past.same && strcmp (self->past.revision.epoch, base->epoch) == 0)
    return self->past.revision.n <= base->n;

  return satchel_server_is_unchanged (server, &self->at, base);
}

/* ---- Life ----------------------------------------------------------------------------------------- */

void
satchel_row_clear (SatchelRow *self)
{
  g_clear_pointer (&self->record, satchel_record_unref);
  g_clear_pointer (&self->epoch, g_free);
  g_clear_pointer (&self->units, g_hash_table_unref);
  g_clear_pointer (&self->bucket, g_free);
  g_clear_pointer (&self->stored_bucket, g_free);
  g_clear_pointer (&self->account, g_free);
  g_clear_pointer (&self->target, g_free);
  g_clear_pointer (&self->device, g_free);
}

void
satchel_row_free (gpointer data)
{
  SatchelRow *self = data;

  if (self == NULL)
    return;
  satchel_row_clear (self);
  g_free (self);
}

static GHashTable *
units_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static GHashTable *
units_copy (GHashTable *units)
{
  GHashTable *copy = units_new ();
  GHashTableIter iter;
  gpointer unit, revision;

  g_hash_table_iter_init (&iter, units);
  while (g_hash_table_iter_next (&iter, &unit, &revision))
    g_hash_table_insert (copy, g_strdup (unit), g_strdup (revision));

  return copy;
}

SatchelRow *
satchel_row_copy (const SatchelRow *self)
{
  SatchelRow *copy = g_memdup2 (self, sizeof *self);

  copy->record = satchel_record_ref (self->record);
  copy->epoch = g_strdup (self->epoch);
  copy->units = units_copy (self->units);
  copy->bucket = g_strdup (self->bucket);
  copy->stored_bucket = g_strdup (self->stored_bucket);
  copy->account = g_strdup (self->account);
  copy->target = g_strdup (self->target);
  copy->device = g_strdup (self->device);

  return copy;
}

static GHashTable *
read_units (const char *text)
{
  GHashTable *units = units_new ();
  g_autoptr (JsonNode) node = text != NULL ? satchel_json_parse (text, -1, 2, NULL) : NULL;
  JsonObjectIter iter;
  const char *unit;
  JsonNode *revision;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return units;

  json_object_iter_init_ordered (&iter, json_node_get_object (node));
  while (json_object_iter_next_ordered (&iter, &unit, &revision))
    g_hash_table_insert (units, g_strdup (unit), g_strdup (json_node_get_string (revision)));

  return units;
}

static char *
write_units (GHashTable *units)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  GHashTableIter iter;
  gpointer unit, revision;

  if (g_hash_table_size (units) == 0)
    return NULL;

  g_hash_table_iter_init (&iter, units);
  while (g_hash_table_iter_next (&iter, &unit, &revision))
    json_object_set_string_member (object, unit, revision);
  node = json_node_init_object (json_node_alloc (), object);

  return satchel_json_to_canonical (node);
}

/* ---- Out of the store and into it ----------------------------------------------------------------- */

/**
 * satchel_row_new:
 * @record: (transfer full): a record that the store does not have
 * @revision: what it is given
 *
 * Returns: (transfer full): the record, ready to be worked on, without a place
 */
SatchelRow *
satchel_row_new (SatchelRecord *record, const SatchelRevision *revision)
{
  SatchelRow *row = g_new0 (SatchelRow, 1);

  row->type = satchel_record_get_record_type (record);
  row->record = record;
  row->epoch = g_strdup (revision->epoch);
  row->n = revision->n;
  row->units = units_new ();
  row->is_new = TRUE;

  return row;
}

/**
 * satchel_row_new_from_stored:
 * @vocabulary: the vocabulary
 * @stored: a record as the store has it
 * @error: it cannot be read
 *
 * Returns: (transfer full) (nullable): the record, ready to be worked on
 */
SatchelRow *
satchel_row_new_from_stored (const SatchelVocabulary *vocabulary, const SatchelStored *stored, GError **error)
{
  SatchelRow *row;
  SatchelRecord *record = satchel_record_from_wire_text (vocabulary, stored->body, (gssize) strlen (stored->body),
                                                         error);

  if (record == NULL)
    return NULL;

  row = g_new0 (SatchelRow, 1);
  row->type = satchel_record_get_record_type (record);
  row->record = record;
  row->epoch = g_strdup (stored->epoch);
  row->n = stored->n;
  row->units = read_units (stored->units);
  row->bucket = g_strdup (stored->bucket);
  row->stored_bucket = g_strdup (stored->bucket);
  row->account = g_strdup (stored->account);
  row->target = g_strdup (stored->target);
  row->device = g_strdup (stored->device);

  return row;
}

static const char *
get_owner (const SatchelRow *row)
{
  guint index;

  if (satchel_type_get_home (row->type) != SATCHEL_HOME_ACCOUNT ||
      !satchel_type_lookup_field (row->type, "owner", &index))
    return NULL;

  return satchel_record_get_text (row->record, "owner");
}

/* The record is this ledger's own by now: whoever held it before has let go of it, or has a copy. */
static char *
make_body (SatchelRow *row)
{
  g_autofree char *revision = satchel_row_dup_revision (row);

  satchel_record_set_rev (row->record, revision);
  satchel_record_set_bucket (row->record, row->bucket);

  return satchel_record_to_wire_text (row->record);
}

/**
 * satchel_row_to_stored:
 * @row: a row that has its place
 *
 * Returns: (transfer full): the record as the store is to have it
 */
SatchelStored *
satchel_row_to_stored (SatchelRow *row)
{
  SatchelStored *stored = g_new0 (SatchelStored, 1);

  stored->id = g_strdup (satchel_record_get_id (row->record));
  stored->type = g_strdup (satchel_type_get_name (row->type));
  stored->bucket = g_strdup (row->bucket);
  stored->account = g_strdup (row->account);
  stored->target = g_strdup (row->target);
  stored->owner = g_strdup (get_owner (row));
  stored->epoch = g_strdup (row->epoch);
  stored->n = row->n;
  stored->units = write_units (row->units);
  stored->deleted_at = g_strdup (satchel_record_get_deleted_at (row->record));
  stored->deleted_with = g_strdup (satchel_record_get_deleted_with (row->record));
  stored->creator = g_strdup (satchel_record_get_created_by (row->record));
  stored->device = g_strdup (row->device);
  stored->body = make_body (row);

  return stored;
}

/* ---- Asking --------------------------------------------------------------------------------------- */

char *
satchel_row_dup_revision (const SatchelRow *self)
{
  return satchel_revision_to_string (self->epoch, self->n);
}

void
satchel_row_get_revision (const SatchelRow *self, SatchelRevision *revision)
{
  g_strlcpy (revision->epoch, self->epoch, sizeof revision->epoch);
  revision->n = self->n;
}

/* FALSE: unchanged since the record was made. */
gboolean
satchel_row_get_unit_revision (const SatchelRow *self, const char *unit, SatchelUnitRevision *revision)
{
  const char *text = g_hash_table_lookup (self->units, unit);

  return text != NULL && unit_revision_parse (text, revision);
}

void
satchel_row_set_unit_revision (SatchelRow *self, const char *unit, const SatchelUnitRevision *revision)
{
  g_hash_table_insert (self->units, g_strdup (unit), unit_revision_to_string (revision));
}

static gboolean
is_not_after (const SatchelRevision *self, const SatchelRevision *other)
{
  return strcmp (self->epoch, other->epoch) == 0 && self->n <= other->n;
}

gboolean
satchel_row_knows (const SatchelRow *self, const char *unit, const SatchelRevision *revision)
{
  SatchelUnitRevision changed;

  if (!satchel_row_get_unit_revision (self, unit, &changed))
    return revision->n <= 1;

  return is_not_after (revision, &changed.at) ||
         (changed.past.revision.n > 0 && is_not_after (revision, &changed.past.revision));
}

void
satchel_row_date_units (SatchelRow *self, const SatchelRevision *revision)
{
  const SatchelUnitRevision dated = { .at = *revision };

  if (revision->n == 1)
    return;
  for (guint i = 0; i < satchel_type_get_n_units (self->type); i++)
    if (satchel_type_get_unit (self->type, i)->policy != SATCHEL_POLICY_DERIVED)
      satchel_row_set_unit_revision (self, satchel_type_get_unit (self->type, i)->name, &dated);
  satchel_row_set_unit_revision (self, SATCHEL_UNIT_DELETED, &dated);
}

gboolean
satchel_row_is_binned (const SatchelRow *self)
{
  return satchel_record_get_deleted_at (self->record) != NULL;
}
