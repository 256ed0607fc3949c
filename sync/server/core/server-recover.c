/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What devices bring back that was lost with an epoch. An offered record is decided as a change of each of its units made
 * on the very revision that the record had: what is older here is overtaken, what is newer here is another truth. */

#include "satchel-config.h"

#include "server-recover.h"

#include <string.h>

#include "server-units.h"

/* ---- Whether there is anything -------------------------------------------------------------------- */

gboolean
satchel_recover_may_go_on (const SatchelServer *server, const SatchelCursor *cursor)
{
  gint64 cut;

  if (strcmp (cursor->epoch, satchel_server_get_epoch (server)) == 0)
    return TRUE;

  cut = satchel_server_get_cut (server, cursor->epoch);

  return cut >= 0 && cursor->pos <= cut && cursor->started <= cut && cursor->arrived <= cut;
}

gboolean
satchel_recover_is_due (const SatchelServer *server, const SatchelSyncRequest *request)
{
  g_autoptr (SatchelCursor) cursor = request->cursor != NULL ? satchel_cursor_parse (request->cursor) : NULL;

  if (request->epoch == NULL || strcmp (request->epoch, satchel_server_get_epoch (server)) == 0)
    return FALSE;

  return cursor == NULL || !satchel_recover_may_go_on (server, cursor);
}

/* ---- What is wanted ------------------------------------------------------------------------------- */

static gboolean
is_wanted (SatchelView *view, const SatchelStored *stored, const char *revision)
{
  SatchelRevision there;

  if (!satchel_revision_parse (revision, &there))
    return FALSE;
  if (stored == NULL)
    return TRUE;
  if (!satchel_view_sees_bucket (view, stored->bucket))
    return FALSE;

  return strcmp (stored->epoch, there.epoch) != 0 || stored->n < there.n;
}

static GHashTable *
index_stored (GPtrArray *stored)
{
  GHashTable *index = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < stored->len; i++)
    g_hash_table_insert (index, ((SatchelStored *) g_ptr_array_index (stored, i))->id, g_ptr_array_index (stored, i));

  return index;
}

GPtrArray *
satchel_recover_list_wanted (SatchelView *view, const SatchelSyncRequest *request, GError **error)
{
  g_autofree char **ids = (char **) g_hash_table_get_keys_as_array (request->haves, NULL);
  g_autoptr (GPtrArray) stored = satchel_store_load_records (satchel_view_get_session (view), (const char *const *) ids,
                                                             error);
  g_autoptr (GHashTable) index = NULL;
  GPtrArray *wanted;

  if (stored == NULL)
    return NULL;

  index = index_stored (stored);
  wanted = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; ids[i] != NULL; i++)
    if (is_wanted (view, g_hash_table_lookup (index, ids[i]), g_hash_table_lookup (request->haves, ids[i])))
      g_ptr_array_add (wanted, g_strdup (ids[i]));

  return wanted;
}

/* ---- A record that is here ------------------------------------------------------------------------ */

/* One record while it is taken. */
typedef struct
{
  SatchelSender sender;
  SatchelMutationOutcome *outcome;
  SatchelRecord *offered;
  SatchelRevision given;
  SatchelRow *row;
} Taking;

static JsonObject *
dup_value_at_the_end (Taking *self, const char *unit, JsonObject *like)
{
  const SatchelBase base = { .kind = SATCHEL_BASE_REVISION, .revision = self->given };

  return satchel_base_dup_value (&self->sender, self->row, unit, &base, like);
}

/* What still has the value that it had when the epoch ended was not changed by what was lost. */
static void
take_unit (Taking *self, const char *unit)
{
  g_autoptr (SatchelUnitChange) change = NULL;
  g_autofree char *revision = satchel_revision_to_string (self->given.epoch, self->given.n);
  g_autoptr (JsonObject) value = satchel_unit_dup_value (self->offered, unit, NULL);
  g_autoptr (JsonObject) here = satchel_unit_dup_value (self->row->record, unit, value);
  g_autoptr (JsonObject) end = dup_value_at_the_end (self, unit, value);

  if (satchel_unit_value_equal (value, here) || (end != NULL && satchel_unit_value_equal (value, end)))
    return;

  change = satchel_unit_change_new (unit, revision);
  change->value = g_steal_pointer (&value);
  satchel_decide_unit (&self->sender, self->row, change, self->outcome);
}

static void
take_extra_units (Taking *self)
{
  const char *extra = satchel_record_get_extra (self->offered);
  g_autoptr (JsonObject) object = extra != NULL ? satchel_unit_value_from_text (extra) : NULL;
  JsonObjectIter iter;
  const char *name;

  if (object == NULL)
    return;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, NULL))
    {
      g_autofree char *unit = g_strconcat ("extra.", name, NULL);

      take_unit (self, unit);
    }
}

static gboolean
bin_is_as_at_the_end (Taking *self)
{
  const SatchelBase base = { .kind = SATCHEL_BASE_REVISION, .revision = self->given };

  return satchel_base_is_unchanged (&self->sender, self->row, SATCHEL_UNIT_DELETED, &base);
}

/* A deletion that was lost against what was written here since is for a person to settle. */
static void
take_deletion (Taking *self)
{
  const SatchelBase base = { .kind = SATCHEL_BASE_REVISION, .revision = self->given };
  const char *with = satchel_record_get_deleted_with (self->offered);
  g_autoptr (JsonObject) before = satchel_unit_value_from_text ("{\"deleted\":false}");
  g_autoptr (JsonObject) after = satchel_unit_value_from_text ("{\"deleted\":true}");

  if (!satchel_bin_is_unchanged (&self->sender, self->row, &base))
    satchel_conflict_join (&self->sender, self->row, SATCHEL_UNIT_DELETED, before, after, self->outcome,
                           SATCHEL_UNIT_DELETED);
  else if (with != NULL)
    satchel_bin_put_with (&self->sender, self->row, with);
  else
    satchel_bin_put (&self->sender, self->row);
}

static void
take_bin (Taking *self)
{
  gboolean binned = satchel_record_get_deleted_at (self->offered) != NULL;

  if (binned == satchel_row_is_binned (self->row) || !bin_is_as_at_the_end (self))
    return;
  if (binned)
    take_deletion (self);
  else
    satchel_bin_take_out (&self->sender, self->row);
}

static gboolean
take_known (Taking *self)
{
  SatchelView *view = satchel_ledger_get_view (self->sender.ledger);
  g_autofree char *reason = NULL;
  gint64 n = self->row->n;

  if (!satchel_view_sees_bucket (view, self->row->bucket) ||
      self->row->type != satchel_record_get_record_type (self->offered) ||
      (satchel_type_get_flags (self->row->type) & SATCHEL_TYPE_APPEND_ONLY) != 0 ||
      !satchel_view_may_edit (view, self->row->record, &reason))
    return FALSE;

  for (guint i = 0; i < satchel_type_get_n_units (self->row->type); i++)
    {
      const SatchelUnit *unit = satchel_type_get_unit (self->row->type, i);

      if (unit->policy != SATCHEL_POLICY_DERIVED)
        take_unit (self, unit->name);
    }
  take_extra_units (self);
  take_bin (self);

  return self->row->n != n;
}

/* ---- A record that is not ------------------------------------------------------------------------- */

static gboolean
has_value (const SatchelRecord *record, const SatchelUnit *unit)
{
  const SatchelType *type = satchel_record_get_record_type (record);

  for (guint i = 0; i < unit->n_fields; i++)
    if (satchel_record_has (record, satchel_type_get_field (type, unit->fields[i])->name))
      return TRUE;

  return FALSE;
}

static gboolean
may_make (Taking *self)
{
  SatchelView *view = satchel_ledger_get_view (self->sender.ledger);
  const SatchelType *type = satchel_record_get_record_type (self->offered);
  g_autofree char *reason = NULL;

  if (!satchel_view_may_create (view, type, &reason))
    return FALSE;
  for (guint i = 0; i < satchel_type_get_n_units (type); i++)
    {
      const SatchelUnit *unit = satchel_type_get_unit (type, i);

      if (unit->policy != SATCHEL_POLICY_DERIVED && has_value (self->offered, unit) &&
          !satchel_view_may_set (view, self->offered, unit->name, TRUE, &reason))
        return FALSE;
    }

  return TRUE;
}

/* What hangs on something that went to the bin here meanwhile goes there too, rather than nowhere. */
static const char *
find_place (Taking *self, SatchelPlace *place)
{
  g_autofree char *reason = NULL;
  gboolean binned = satchel_record_get_deleted_at (self->offered) != NULL;
  const char *code = satchel_decide_find_place_flaw (&self->sender, self->offered, NULL, binned ? "" : NULL, place,
                                                     &reason);

  /* It may come yet. */
  if (place->absent)
    return SATCHEL_REFUSED_GONE;
  if (g_strcmp0 (code, SATCHEL_REFUSED_GONE) != 0 || binned || place->account == NULL)
    return code;

  satchel_record_set_deleted_at (self->offered, satchel_ledger_get_at (self->sender.ledger));
  satchel_record_set_deleted_with (self->offered, place->account);
  satchel_place_clear (place);
  g_clear_pointer (&reason, g_free);

  return satchel_decide_find_place_flaw (&self->sender, self->offered, NULL, "", place, &reason);
}

static gboolean
take_unknown (Taking *self)
{
  g_auto (SatchelPlace) place = { 0 };
  g_autofree char *reason = NULL;
  SatchelRow *row;

  if (satchel_ledger_is_buried (self->sender.ledger, satchel_record_get_id (self->offered)) || !may_make (self) ||
      satchel_decide_find_flaw (&self->sender, self->offered, NULL, &reason) != NULL ||
      find_place (self, &place) != NULL)
    return FALSE;

  row = satchel_ledger_add (self->sender.ledger, satchel_record_ref (self->offered));
  satchel_ledger_move (self->sender.ledger, row, place.bucket, place.account, place.target);
  satchel_row_date_units (row, &self->given);

  return TRUE;
}

/* ---- The offers of a request ---------------------------------------------------------------------- */

static gboolean
is_of_the_past (Taking *self)
{
  SatchelServer *server = satchel_view_get_server (satchel_ledger_get_view (self->sender.ledger));
  const char *rev = satchel_record_get_rev (self->offered);

  return rev != NULL && satchel_revision_parse (rev, &self->given) &&
         strcmp (self->given.epoch, satchel_server_get_epoch (server)) != 0;
}

static gboolean
take (Taking *self)
{
  SatchelLedger *ledger = self->sender.ledger;
  const SatchelType *type = satchel_record_get_record_type (self->offered);
  const char *id = satchel_record_get_id (self->offered);

  if (!is_of_the_past (self))
    return FALSE;

  satchel_ledger_begin_mutation (ledger, "recover", satchel_record_get_updated_at (self->offered));
  satchel_ledger_set_given (ledger, id, &self->given);
  if (satchel_type_get_rights (type) == SATCHEL_RIGHTS_SERVER)
    return satchel_conflict_recover (&self->sender, self->offered, &self->given);

  self->row = satchel_ledger_find (ledger, id);

  return self->row != NULL ? take_known (self) : take_unknown (self);
}

static gboolean
take_offer (SatchelLedger *ledger, char **devices, SatchelRecord *offered)
{
  g_autoptr (SatchelGroupOutcome) outcome = satchel_group_outcome_new (0);
  Taking taking = {
    .sender = { .ledger = ledger, .devices = devices, .outcome = outcome, .offered = offered },
    .outcome = satchel_group_outcome_add (outcome, satchel_record_get_id (offered)),
    .offered = offered,
  };

  return take (&taking);
}

/* (element-type SatchelRecord): those that can be read. */
static GPtrArray *
read_offers (SatchelLedger *ledger, const SatchelSyncRequest *request)
{
  SatchelServer *server = satchel_view_get_server (satchel_ledger_get_view (ledger));
  GPtrArray *records = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_record_unref);

  for (guint i = 0; i < request->offers->len; i++)
    {
      SatchelRecord *record = satchel_record_from_wire (satchel_server_get_vocabulary (server),
                                                        g_ptr_array_index (request->offers, i), NULL);

      if (record != NULL)
        g_ptr_array_add (records, record);
    }

  return records;
}

static void
load_offered (SatchelLedger *ledger, GPtrArray *records)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  for (guint i = 0; i < records->len; i++)
    g_ptr_array_add (ids, (gpointer) satchel_record_get_id (g_ptr_array_index (records, i)));
  satchel_ledger_load (ledger, ids);
}

/* In rounds: what hangs on another one of them comes after it, wherever it stands. */
guint
satchel_recover_take_offers (SatchelLedger *ledger, char **devices, const SatchelSyncRequest *request)
{
  g_autoptr (GPtrArray) left = read_offers (ledger, request);
  guint n_taken = 0, n_left;

  load_offered (ledger, left);
  do
    {
      n_left = left->len;
      for (guint i = left->len; i > 0; i--)
        if (take_offer (ledger, devices, g_ptr_array_index (left, i - 1)))
          {
            g_ptr_array_remove_index (left, i - 1);
            n_taken++;
          }
    }
  while (left->len > 0 && left->len < n_left);

  return n_taken;
}
