/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a change was made on: a revision, or what an earlier group of the same device made of the record. */

#include "satchel-config.h"

#include "server-base.h"

#include <string.h>

#include "server-units.h"

#define OUTCOME_MAX_DEPTH 8
#define BODY_MAX_DEPTH 34

void
satchel_base_clear (SatchelBase *self)
{
  g_clear_pointer (&self->device, g_free);
  g_clear_pointer (&self->submitted, json_object_unref);
  g_clear_pointer (&self->conflict, g_free);
}

/* ---- Groups sent before --------------------------------------------------------------------------- */

/* Of this request, of this device, or of one that it was forked from: where this one has none of that number. */
static SatchelStoredGroup *
load_group (SatchelSender *sender, gint64 n, gboolean *owned)
{
  SatchelStoreSession *session = satchel_view_get_session (satchel_ledger_get_view (sender->ledger));
  SatchelStoredGroup *group;

  *owned = FALSE;
  for (guint i = 0; sender->devices[i] != NULL; i++)
    {
      GError *error = NULL;

      group = satchel_ledger_find_group (sender->ledger, sender->devices[i], n);
      if (group != NULL)
        return group;
      if (!satchel_store_load_group (session, sender->devices[i], n, &group, &error))
        {
          satchel_ledger_fail (sender->ledger, error);
          return NULL;
        }
      if (group != NULL)
        {
          *owned = TRUE;
          return group;
        }
    }

  return NULL;
}

static JsonObject *
parse_object (const char *text, guint depth)
{
  g_autoptr (JsonNode) node = text != NULL ? satchel_json_parse (text, -1, depth, NULL) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_dup_object (node) : NULL;
}

static JsonObject *
find_entry (JsonObject *object, const char *id)
{
  JsonArray *entries = json_object_get_array_member (object, "mutations");

  /* The last one: a delete may follow a patch. */
  for (guint i = json_array_get_length (entries); i > 0; i--)
    {
      JsonObject *entry = json_array_get_object_element (entries, i - 1);

      if (g_strcmp0 (json_object_get_string_member_with_default (entry, "id", NULL), id) == 0)
        return entry;
    }

  return NULL;
}

/* The value that was sent for a unit, if it was sent whole. */
static JsonObject *
find_submitted (const SatchelStoredGroup *group, const char *record, const char *unit)
{
  g_autoptr (JsonObject) body = parse_object (group->body, BODY_MAX_DEPTH);
  JsonArray *mutations;

  if (body == NULL || unit == NULL)
    return NULL;

  mutations = json_object_get_array_member (body, "mutations");
  for (guint i = 0; i < json_array_get_length (mutations); i++)
    {
      JsonObject *mutation = json_array_get_object_element (mutations, i);
      JsonObject *units, *change;

      if (strcmp (json_object_get_string_member (mutation, "id"), record) != 0 ||
          !json_object_has_member (mutation, "units"))
        continue;
      units = json_object_get_object_member (mutation, "units");
      change = json_object_has_member (units, unit) ? json_object_get_object_member (units, unit) : NULL;
      if (change != NULL && json_object_has_member (change, "value"))
        return json_object_ref (json_object_get_object_member (change, "value"));
    }

  return NULL;
}

static JsonObject *
find_unit_entry (JsonObject *entry, const char *unit)
{
  JsonObject *units;

  if (!json_object_has_member (entry, "units"))
    return NULL;
  units = json_object_get_object_member (entry, "units");

  return json_object_has_member (units, unit) ? json_object_get_object_member (units, unit) : NULL;
}

static void
read_unit_entry (const SatchelStoredGroup *group, const char *record, const char *unit, JsonObject *entry,
                 SatchelBase *found)
{
  const char *outcome = json_object_get_string_member_with_default (entry, "outcome", "applied");

  if (strcmp (outcome, "refused") == 0)
    found->kind = SATCHEL_BASE_REFUSED;
  else if (strcmp (outcome, "merged") == 0)
    found->kind = SATCHEL_BASE_SUBMITTED;
  else if (strcmp (outcome, "conflict") == 0)
    found->kind = SATCHEL_BASE_CONFLICT;
  else
    return;

  found->conflict = g_strdup (json_object_get_string_member_with_default (entry, "conflict", NULL));
  found->submitted = find_submitted (group, record, unit);
}

/* What the author of a delete had seen of others' work: not more than what the earlier group was made on. */
static void
read_seen (const SatchelStoredGroup *group, const char *record, SatchelBase *found)
{
  g_autoptr (JsonObject) seen = parse_object (group->seen, OUTCOME_MAX_DEPTH);
  const char *text = seen != NULL ? json_object_get_string_member_with_default (seen, record, NULL) : NULL;

  if (text != NULL)
    satchel_revision_parse (text, &found->revision);
}

static void
read_group (const SatchelStoredGroup *group, const char *record, const char *unit, SatchelBase *found)
{
  g_autoptr (JsonObject) outcome = parse_object (group->outcome, OUTCOME_MAX_DEPTH);
  JsonObject *entry = outcome != NULL ? find_entry (outcome, record) : NULL;
  JsonObject *unit_entry;
  const char *rev;

  if (outcome != NULL && strcmp (json_object_get_string_member_with_default (outcome, "result", ""), "refused") == 0)
    {
      found->kind = SATCHEL_BASE_REFUSED;
      return;
    }

  rev = entry != NULL ? json_object_get_string_member_with_default (entry, "rev", NULL) : NULL;
  if (rev != NULL)
    rev = json_object_get_string_member_with_default (entry, "given", rev);
  if (rev == NULL || !satchel_revision_parse (rev, &found->revision))
    {
      found->kind = entry != NULL ? SATCHEL_BASE_REFUSED : SATCHEL_BASE_UNKNOWN;
      return;
    }

  found->kind = SATCHEL_BASE_REVISION;
  found->device = g_strdup (group->device);
  found->given = found->revision.n;
  unit_entry = unit != NULL ? find_unit_entry (entry, unit) : NULL;
  if (unit_entry != NULL)
    read_unit_entry (group, record, unit, unit_entry, found);
  if (unit == NULL)
    read_seen (group, record, found);
}

/* A delete that follows a create or a patch in the same group. */
static void
read_same_group (SatchelSender *sender, const char *record, const char *unit, SatchelBase *found)
{
  for (guint i = 0; i < sender->outcome->mutations->len; i++)
    {
      const SatchelMutationOutcome *mutation = g_ptr_array_index (sender->outcome->mutations, i);
      const char *revision = mutation->seen != NULL ? mutation->seen : mutation->rev;

      if (strcmp (mutation->id, record) == 0 && revision != NULL && unit == NULL &&
          satchel_revision_parse (revision, &found->revision))
        {
          found->kind = SATCHEL_BASE_REVISION;
          return;
        }
    }
}

/**
 * satchel_base_find:
 * @sender: who sent it
 * @base: the base as it was sent
 * @record: the record's id
 * @unit: (nullable): the unit; %NULL for the record as a whole
 * @found: (out): what it is; to be cleared
 */
void
satchel_base_find (SatchelSender *sender, const char *base, const char *record, const char *unit, SatchelBase *found)
{
  gint64 n;
  gboolean owned;
  SatchelStoredGroup *group;

  *found = (SatchelBase) { .kind = SATCHEL_BASE_UNKNOWN };
  if (base == NULL)
    return;

  if (base[0] != '@')
    {
      if (satchel_revision_parse (base, &found->revision))
        found->kind = SATCHEL_BASE_REVISION;
      return;
    }

  found->own = TRUE;
  if (!g_ascii_string_to_signed (base + 1, 10, 1, G_MAXINT64, &n, NULL))
    return;
  if (n == sender->outcome->n)
    {
      read_same_group (sender, record, unit, found);
      return;
    }

  group = load_group (sender, n, &owned);
  if (group != NULL)
    read_group (group, record, unit, found);
  if (owned)
    satchel_stored_group_free (group);
}

/* ---- Comparing ------------------------------------------------------------------------------------ */

/* The device that it was forked from goes on: what that changed is one's own only up to a group that both have. */
static gboolean
is_own_change (SatchelSender *sender, const SatchelStoredChange *change, const SatchelBase *base)
{
  if (g_strcmp0 (change->device, sender->devices[0]) == 0)
    return TRUE;

  return base->device != NULL && g_strcmp0 (change->device, base->device) == 0 && change->n <= base->given;
}

static gboolean
only_own_changes_since (SatchelSender *sender, const SatchelRow *row, const SatchelBase *base)
{
  g_autoptr (GPtrArray) changes = satchel_ledger_list_changes (sender->ledger, row, NULL, &base->revision);

  for (guint i = 0; i < changes->len; i++)
    if (!is_own_change (sender, g_ptr_array_index (changes, i), base))
      return FALSE;

  return TRUE;
}

/* The revision of the record as a whole may be of a newer epoch only because something lost was brought back. */
static gboolean
all_units_are_known (SatchelServer *server, const SatchelRow *row, const SatchelRevision *base)
{
  GHashTableIter iter;
  gpointer unit;

  g_hash_table_iter_init (&iter, row->units);
  while (g_hash_table_iter_next (&iter, &unit, NULL))
    {
      SatchelUnitRevision changed;

      if (satchel_row_get_unit_revision (row, unit, &changed) &&
          !satchel_unit_revision_is_known (server, &changed, base))
        return FALSE;
    }

  return satchel_server_knows_epoch (server, base->epoch);
}

/* What its author saw in the place of a value in conflict was their own, not what is there. */
static gboolean
hides_something (SatchelSender *sender, const SatchelRow *row)
{
  const char *id = satchel_record_get_id (row->record);

  for (guint i = 0; i < satchel_type_get_n_units (row->type); i++)
    if (satchel_ledger_find_conflict (sender->ledger, id, satchel_type_get_unit (row->type, i)->name) != NULL)
      return TRUE;

  return FALSE;
}

gboolean
satchel_base_is_unchanged (SatchelSender *sender, const SatchelRow *row, const char *unit, const SatchelBase *base)
{
  SatchelServer *server = satchel_view_get_server (satchel_ledger_get_view (sender->ledger));
  SatchelUnitRevision changed;

  if (base->kind != SATCHEL_BASE_REVISION)
    return FALSE;

  if (unit != NULL)
    return !satchel_row_get_unit_revision (row, unit, &changed) ||
           satchel_unit_revision_is_known (server, &changed, &base->revision);

  if (base->own && hides_something (sender, row))
    return FALSE;

  return all_units_are_known (server, row, &base->revision) ||
         (base->own && only_own_changes_since (sender, row, base));
}

JsonObject *
satchel_base_dup_value (SatchelSender *sender, const SatchelRow *row, const char *unit, const SatchelBase *base,
                        JsonObject *like)
{
  SatchelServer *server = satchel_view_get_server (satchel_ledger_get_view (sender->ledger));
  g_autoptr (GPtrArray) changes = NULL;

  if (base->submitted != NULL)
    return json_object_ref (base->submitted);
  if (base->kind == SATCHEL_BASE_UNKNOWN || base->kind == SATCHEL_BASE_REFUSED ||
      !satchel_server_knows_epoch (server, base->revision.epoch))
    return NULL;

  changes = satchel_ledger_list_changes (sender->ledger, row, unit, &base->revision);
  if (changes->len == 0)
    return satchel_unit_dup_value (row->record, unit, like);

  return satchel_unit_value_from_text (((SatchelStoredChange *) g_ptr_array_index (changes, 0))->old_value);
}
