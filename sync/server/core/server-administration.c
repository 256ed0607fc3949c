/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the administrator puts into the store from the command line: through the same ledger as what devices send. */

#include "satchel-config.h"

#include "server-administration.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "records/satchel-error.h"
#include "records/satchel-id.h"
#include "server-buckets.h"
#include "server-units.h"
#include "server-ledger.h"

static gboolean
report (const SatchelRecord *record, const char *reason, GError **error)
{
  g_autofree char *title = satchel_record_dup_title (record);

  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID, "%s “%s”: %s",
               satchel_type_get_display_label (satchel_record_get_record_type (record)), title, reason);

  return FALSE;
}

static SatchelRecord *
copy_with_times (SatchelLedger *ledger, const SatchelRecord *record)
{
  SatchelRecord *copy = satchel_record_copy (record);
  const char *at = satchel_record_get_created_at (record);

  satchel_record_set_created (copy, at != NULL ? at : satchel_ledger_get_at (ledger),
                              satchel_record_get_created_by (record));
  if (satchel_record_get_updated_at (record) == NULL)
    satchel_record_set_updated (copy, satchel_record_get_created_at (copy), satchel_record_get_created_by (copy));

  return copy;
}

static gboolean
create (SatchelLedger *ledger, const SatchelRecord *record, GError **error)
{
  g_autoptr (SatchelRecord) copy = copy_with_times (ledger, record);
  g_auto (SatchelPlace) place = { 0 };
  SatchelRow *row;

  satchel_record_give_owner (ledger, copy);
  satchel_place_find (ledger, copy, NULL, &place);
  if (place.gone)
    return report (record, _ ("What it hangs on is not there."), error);
  if (place.bucket == NULL)
    return report (record, _ ("It needs an account, an owner, a territory, an assignee or an author."), error);

  satchel_record_complete (ledger, copy, &place);
  row = satchel_ledger_add (ledger, g_steal_pointer (&copy));
  satchel_ledger_move (ledger, row, place.bucket, place.account, place.target);

  return TRUE;
}

static gboolean
has_value (const SatchelRecord *record, const SatchelUnit *unit)
{
  for (guint i = 0; i < unit->n_fields; i++)
    if (!satchel_value_is_null (satchel_record_get_value (record, unit->fields[i])))
      return TRUE;

  return FALSE;
}

static gboolean
change_unit (SatchelLedger *ledger, SatchelRow *row, const SatchelRecord *record, const SatchelUnit *unit,
             gboolean *changed, GError **error)
{
  g_autoptr (JsonObject) old_value = satchel_unit_dup_value (row->record, unit->name, NULL);
  g_autoptr (JsonObject) new_value = satchel_unit_dup_value (record, unit->name, NULL);
  SatchelRecord *next;

  if (unit->policy == SATCHEL_POLICY_DERIVED || !has_value (record, unit) ||
      satchel_unit_value_equal (old_value, new_value))
    return TRUE;

  next = satchel_unit_try_value (row->record, unit->name, new_value, error);
  if (next == NULL)
    return FALSE;
  satchel_ledger_change (ledger, row, next, unit->name, NULL, old_value, new_value);
  *changed = TRUE;

  return TRUE;
}

static gboolean
change (SatchelLedger *ledger, SatchelRow *row, const SatchelRecord *record, gboolean *changed, GError **error)
{
  if (row->type != satchel_record_get_record_type (record))
    return report (record, _ ("There is an entry of this id already, of another type."), error);

  for (guint i = 0; i < satchel_type_get_n_units (row->type); i++)
    if (!change_unit (ledger, row, record, satchel_type_get_unit (row->type, i), changed, error))
      return FALSE;
  if (*changed)
    satchel_row_settle (ledger, row);

  return TRUE;
}

static gboolean
put (SatchelLedger *ledger, const SatchelRecord *record, guint *n_created, guint *n_changed, GError **error)
{
  SatchelRow *row = satchel_ledger_find (ledger, satchel_record_get_id (record));
  gboolean changed = FALSE;

  if (!satchel_record_validate (record, error))
    return FALSE;

  satchel_ledger_begin_mutation (ledger, row != NULL ? "patch" : "create", NULL);
  if (row == NULL)
    {
      (*n_created)++;
      return create (ledger, record, error);
    }

  if (!change (ledger, row, record, &changed, error))
    return FALSE;
  *n_changed += changed;

  return TRUE;
}

static gboolean
put_all (SatchelLedger *ledger, GPtrArray *records, guint *n_created, guint *n_changed, GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  for (guint i = 0; i < records->len; i++)
    g_ptr_array_add (ids, (gpointer) satchel_record_get_id (g_ptr_array_index (records, i)));
  satchel_ledger_load (ledger, ids);

  for (guint i = 0; i < records->len; i++)
    if (!put (ledger, g_ptr_array_index (records, i), n_created, n_changed, error))
      return FALSE;

  return TRUE;
}

/**
 * satchel_server_put_records:
 * @view: the administrator's view
 * @records: (element-type SatchelRecord): what to put, what is referred to first
 * @n_created: (out) (optional): grows by how many were made
 * @n_changed: (out) (optional): grows by how many were changed
 * @error: why not: then the caller must roll back
 *
 * Returns: whether all were put
 */
gboolean
satchel_server_put_records (SatchelView *view, GPtrArray *records, guint *n_created, guint *n_changed, GError **error)
{
  g_autoptr (SatchelLedger) ledger = satchel_ledger_new (view);
  g_autoptr (GHashTable) touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint created = 0, changed = 0;

  if (!put_all (ledger, records, &created, &changed, error) || !satchel_ledger_save (ledger, touched, error))
    return FALSE;

  if (n_created != NULL)
    *n_created += created;
  if (n_changed != NULL)
    *n_changed += changed;

  return TRUE;
}
