/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What happened, in the PostgreSQL store: the history of records, the groups of devices, the open conflicts. */

#include "satchel-config.h"

#include "store-postgres-private.h"

/* ---- History -------------------------------------------------------------------------------------- */

static gpointer
read_change (SatchelStoreSession *session, const PGresult *result, int row)
{
  SatchelStoredChange *change = g_new0 (SatchelStoredChange, 1);

  change->record = pq_dup_text (result, row, 0);
  change->epoch = pq_dup_text (result, row, 1);
  change->n = pq_get_number (result, row, 2);
  change->unit = pq_dup_text (result, row, 3);
  change->kind = pq_dup_text (result, row, 4);
  change->at = pq_dup_text (result, row, 5);
  change->by = pq_dup_text (result, row, 6);
  change->device = pq_dup_text (result, row, 7);
  change->old_value = pq_dup_text (result, row, 8);
  change->new_value = pq_dup_text (result, row, 9);
  change->past_epoch = pq_dup_text (result, row, 10);
  change->past_n = pq_get_number (result, row, 11);

  return change;
}

/* Epochs follow each other; within one, numbers do. */
#define LIST_CHANGES                                                                                               \
  "SELECT $1::text, h.epoch, h.n, h.unit, h.kind, h.at, h.\"by\", h.device, h.old, h.new, h.past_epoch, h.past_n " \
  "FROM history h LEFT JOIN epoch e ON e.name = h.epoch "                                                          \
  "WHERE h.record = (SELECT number FROM record WHERE id = $1::text) AND ($2::text IS NULL OR h.unit = $2::text) "  \
  "AND ($3::text IS NULL OR h.past_epoch IS NULL OR h.past_epoch <> $3::text OR h.past_n > $4::bigint) "           \
  "AND ($3::text IS NULL OR (h.epoch = $3::text AND h.n > $4::bigint) "                                            \
  "OR e.number > (SELECT number FROM epoch WHERE name = $3::text)) ORDER BY "

GPtrArray *
store_postgres_list_changes (SatchelStoreSession *session, const char *record, const char *unit,
                             const SatchelRevision *after, guint limit, gboolean newest_first, GError **error)
{
  const char *sql = newest_first ? LIST_CHANGES "e.number DESC NULLS LAST, h.n DESC, h.number DESC LIMIT $5::bigint"
                                 : LIST_CHANGES "e.number NULLS FIRST, h.n, h.number LIMIT $5::bigint";
  PqParams params = { .n = 0 };

  pq_text (&params, record);
  pq_text (&params, unit);
  pq_text (&params, after != NULL ? after->epoch : NULL);
  pq_number (&params, after != NULL ? after->n : 0);
  pq_number (&params, limit);

  return pq_list (session, sql, &params, read_change, (GDestroyNotify) satchel_stored_change_free, error);
}

static gboolean
insert_changes (SatchelStoreSession *session, GPtrArray *changes, GError **error)
{
  static const gsize texts[] = {
    G_STRUCT_OFFSET (SatchelStoredChange, unit),      G_STRUCT_OFFSET (SatchelStoredChange, kind),
    G_STRUCT_OFFSET (SatchelStoredChange, at),        G_STRUCT_OFFSET (SatchelStoredChange, by),
    G_STRUCT_OFFSET (SatchelStoredChange, device),    G_STRUCT_OFFSET (SatchelStoredChange, old_value),
    G_STRUCT_OFFSET (SatchelStoredChange, new_value), G_STRUCT_OFFSET (SatchelStoredChange, past_epoch),
  };
  PqParams params = { .n = 0 };

  if (changes->len == 0)
    return TRUE;
  pq_array_of_texts (&params, changes, G_STRUCT_OFFSET (SatchelStoredChange, record));
  pq_array_of_texts (&params, changes, G_STRUCT_OFFSET (SatchelStoredChange, epoch));
  pq_array_of_numbers (&params, changes, G_STRUCT_OFFSET (SatchelStoredChange, n));
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    pq_array_of_texts (&params, changes, texts[i]);
  pq_array_of_numbers (&params, changes, G_STRUCT_OFFSET (SatchelStoredChange, past_n));

  return pq_run (
      session,
      "INSERT INTO history (record, epoch, n, unit, kind, at, \"by\", device, old, new, past_epoch, past_n) "
      "SELECT r.number, s.epoch, s.n, s.unit, s.kind, s.at, s.\"by\", s.device, s.old, s.new, s.past_epoch, "
      "CASE WHEN s.past_epoch IS NOT NULL THEN s.past_n END "
      "FROM unnest ($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], "
      "$8::text[], $9::text[], $10::text[], $11::text[], $12::bigint[]) WITH ORDINALITY AS s (record, epoch, "
      "n, unit, kind, at, \"by\", device, old, new, past_epoch, past_n, o) JOIN record r ON r.id = s.record "
      "ORDER BY s.o",
      &params, error);
}

/* ---- Groups --------------------------------------------------------------------------------------- */

static gpointer
read_group (SatchelStoreSession *session, const PGresult *result, int row)
{
  SatchelStoredGroup *group = g_new0 (SatchelStoredGroup, 1);

  group->device = pq_dup_text (result, row, 0);
  group->n = pq_get_number (result, row, 1);
  group->hash = pq_dup_text (result, row, 2);
  group->body = pq_dup_text (result, row, 3);
  group->outcome = pq_dup_text (result, row, 4);
  group->seen = pq_dup_text (result, row, 5);
  group->at = pq_dup_text (result, row, 6);

  return group;
}

gboolean
store_postgres_load_group (SatchelStoreSession *session, const char *device, gint64 n, SatchelStoredGroup **group,
                           GError **error)
{
  PqParams params = { .n = 0 };

  pq_text (&params, device);
  pq_number (&params, n);

  return pq_one (session, "SELECT device, n, hash, body, outcome, seen, at FROM sent WHERE device = $1 AND n = $2",
                 &params, read_group, (gpointer *) group, error);
}

static gboolean
insert_groups (SatchelStoreSession *session, GPtrArray *groups, GError **error)
{
  PqParams params = { .n = 0 };

  if (groups->len == 0)
    return TRUE;
  pq_array_of_texts (&params, groups, G_STRUCT_OFFSET (SatchelStoredGroup, device));
  pq_array_of_numbers (&params, groups, G_STRUCT_OFFSET (SatchelStoredGroup, n));
  pq_array_of_texts (&params, groups, G_STRUCT_OFFSET (SatchelStoredGroup, hash));
  pq_array_of_texts (&params, groups, G_STRUCT_OFFSET (SatchelStoredGroup, body));
  pq_array_of_texts (&params, groups, G_STRUCT_OFFSET (SatchelStoredGroup, outcome));
  pq_array_of_texts (&params, groups, G_STRUCT_OFFSET (SatchelStoredGroup, seen));
  pq_array_of_texts (&params, groups, G_STRUCT_OFFSET (SatchelStoredGroup, at));

  return pq_run (session,
                 "INSERT INTO sent (device, n, hash, body, outcome, seen, at) SELECT * FROM unnest ($1::text[], "
                 "$2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])",
                 &params, error);
}

/* ---- Conflicts ------------------------------------------------------------------------------------ */

static gpointer
read_conflict (SatchelStoreSession *session, const PGresult *result, int row)
{
  SatchelStoredConflict *conflict = g_new0 (SatchelStoredConflict, 1);

  conflict->target = pq_dup_text (result, row, 0);
  conflict->unit = pq_dup_text (result, row, 1);
  conflict->conflict = pq_dup_text (result, row, 2);

  return conflict;
}

/* The open conflicts about any of these records. */
GPtrArray *
store_postgres_list_conflicts (SatchelStoreSession *session, const char *const *targets, GError **error)
{
  PqParams params = { .n = 0 };
  GString *array = pq_array (&params);

  for (guint i = 0; targets[i] != NULL; i++)
    pq_array_add_text (array, targets[i]);

  return pq_list (session,
                  "SELECT target, unit, id FROM conflict WHERE target = ANY ($1::text[]) ORDER BY target, unit",
                  &params, read_conflict, (GDestroyNotify) satchel_stored_conflict_free, error);
}

static gboolean
run_on_conflicts (SatchelStoreSession *session, const char *sql, GPtrArray *conflicts, GError **error)
{
  PqParams params = { .n = 0 };

  if (conflicts->len == 0)
    return TRUE;
  pq_array_of_texts (&params, conflicts, G_STRUCT_OFFSET (SatchelStoredConflict, target));
  pq_array_of_texts (&params, conflicts, G_STRUCT_OFFSET (SatchelStoredConflict, unit));
  pq_array_of_texts (&params, conflicts, G_STRUCT_OFFSET (SatchelStoredConflict, conflict));

  return pq_run (session, sql, &params, error);
}

/* ---- All of it ------------------------------------------------------------------------------------ */

/* Conflicts: one may be settled and the next one opened on the same unit in the same transaction. */
gboolean
store_postgres_save_log (SatchelStoreSession *session, const SatchelStoreBatch *batch, GError **error)
{
  return insert_changes (session, batch->history, error) && insert_groups (session, batch->groups, error) &&
         run_on_conflicts (session,
                           "DELETE FROM conflict c USING unnest ($1::text[], $2::text[], $3::text[]) "
                           "AS s (target, unit, id) WHERE c.target = s.target AND c.unit = s.unit AND c.id = s.id",
                           batch->closed, error) &&
         run_on_conflicts (session,
                           "INSERT INTO conflict (target, unit, id) "
                           "SELECT * FROM unnest ($1::text[], $2::text[], $3::text[])",
                           batch->opened, error);
}
