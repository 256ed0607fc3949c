/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What may be done to the records of a replica, said in sentences for people. The server checks again, and more. */

#include "satchel-config.h"

#include "replica-check.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "records/satchel-error.h"

#define SHOWN_LETTERS 64
#define EXTRA_PREFIX "extra."

/* ---- Reports -------------------------------------------------------------------------------------- */

gboolean
replica_report_not_found (const char *id, GError **error)
{
  g_autofree char *shown = g_utf8_truncate_middle (id, SHOWN_LETTERS);

  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_NOT_FOUND,
               _ ("There is nothing with the id “%s” here. It may have been removed, or it is not shared with you."),
               shown);

  return FALSE;
}

static gboolean
report_exists (const char *id, GError **error)
{
  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_EXISTS, _ ("There is something with the id “%s” already."),
               id);

  return FALSE;
}

static gboolean
report_server_type (const SatchelType *type, GError **error)
{
  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_READ_ONLY,
               _ ("“%s” is kept by the server alone and cannot be changed here."),
               satchel_type_get_display_plural (type));

  return FALSE;
}

static gboolean
report_append_only (const SatchelType *type, GError **error)
{
  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_READ_ONLY,
               _ ("“%s” can only be added, never changed or removed. Please add a new one that says what holds now."),
               satchel_type_get_display_plural (type));

  return FALSE;
}

static gboolean
report_server_field (const SatchelField *field, GError **error)
{
  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_READ_ONLY,
               _ ("“%s” is computed or kept by the server and cannot be changed here."),
               satchel_field_get_display_label (field));

  return FALSE;
}

static gboolean
report_in_bin (const SatchelRecord *record, GError **error)
{
  g_autofree char *title = satchel_record_dup_title (record);

  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID,
               _ ("“%s” is in the bin. Please restore it first."), title);

  return FALSE;
}

static gboolean
report_not_in_bin (const SatchelRecord *record, GError **error)
{
  g_autofree char *title = satchel_record_dup_title (record);

  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID,
               _ ("“%s” is not in the bin, so there is nothing to restore."), title);

  return FALSE;
}

static gboolean
report_settled (GError **error)
{
  g_set_error_literal (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID,
                       _ ("This conflict is settled already. Nothing was changed."));

  return FALSE;
}

static gboolean
report_missing_target (const SatchelField *field, gboolean in_bin, GError **error)
{
  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID,
               in_bin ? _ ("“%s” points at something that is in the bin. Please restore that first, or choose another.")
                      : _ ("“%s” points at something that is not here. Please choose another."),
               satchel_field_get_display_label (field));

  return FALSE;
}

/* ---- What a mutation names ------------------------------------------------------------------------ */

static gboolean
check_unit (const SatchelType *type, const char *name, GError **error)
{
  const SatchelUnit *unit = satchel_type_lookup_unit (type, name);

  if (unit == NULL)
    return g_str_has_prefix (name, EXTRA_PREFIX) || satchel_type_find_field (type, name, error) != NULL;

  for (guint i = 0; i < unit->n_fields; i++)
    {
      const SatchelField *field = satchel_type_get_field (type, unit->fields[i]);

      if (field->policy == SATCHEL_POLICY_DERIVED || (field->flags & SATCHEL_FIELD_SERVER) != 0)
        return report_server_field (field, error);
    }

  return TRUE;
}

static gboolean
check_units (const SatchelType *type, const SatchelMutation *mutation, GError **error)
{
  for (guint i = 0; i < mutation->units->len; i++)
    {
      const SatchelUnitChange *change = g_ptr_array_index (mutation->units, i);

      if (!check_unit (type, change->unit, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
check_type (const SatchelType *type, const SatchelMutation *mutation, GError **error)
{
  gboolean adds = mutation->kind == SATCHEL_MUTATION_CREATE;

  if (mutation->kind == SATCHEL_MUTATION_RESOLVE)
    return TRUE;
  if (satchel_type_get_rights (type) == SATCHEL_RIGHTS_SERVER)
    return report_server_type (type, error);
  if (!adds && (satchel_type_get_flags (type) & SATCHEL_TYPE_APPEND_ONLY) != 0)
    return report_append_only (type, error);

  return TRUE;
}

/* ---- What is shown -------------------------------------------------------------------------------- */

/* What went to the bin with its account comes back with it, not before. */
static gboolean
check_restore (ReplicaTransaction *tx, const SatchelRecord *before, GError **error)
{
  const char *with = satchel_record_get_deleted_with (before);
  g_autoptr (ReplicaRow) account = NULL;

  if (satchel_record_get_deleted_at (before) == NULL)
    return report_not_in_bin (before, error);
  if (with == NULL)
    return TRUE;
  if (!replica_rows_find (tx->connection, tx->schema, with, &account, error))
    return FALSE;

  return account == NULL || satchel_record_get_deleted_at (account->record) == NULL ||
         report_in_bin (account->record, error);
}

static gboolean
check_create (ReplicaTransaction *tx, const SatchelMutation *mutation, const SatchelRecord *before, GError **error)
{
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;

  if (before != NULL)
    return report_exists (mutation->id, error);

  statement = replica_query (tx->connection, error, "SELECT 1 FROM _raw WHERE id = ?", "s", mutation->id);
  if (statement == NULL)
    return FALSE;

  step = replica_step (statement, error);

  return step == REPLICA_DONE || (step == REPLICA_ROW && report_exists (mutation->id, error));
}

static gboolean
check_state (ReplicaTransaction *tx, const SatchelMutation *mutation, const SatchelRecord *before, GError **error)
{
  gboolean in_bin = satchel_record_get_deleted_at (before) != NULL;

  switch (mutation->kind)
    {
    case SATCHEL_MUTATION_PATCH:
    case SATCHEL_MUTATION_DELETE:
      return !in_bin || report_in_bin (before, error);
    case SATCHEL_MUTATION_RESTORE:
      return check_restore (tx, before, error);
    case SATCHEL_MUTATION_RESOLVE:
      return g_strcmp0 (satchel_record_get_text (before, "state"), "resolved") != 0 || report_settled (error);
    case SATCHEL_MUTATION_CREATE:
    default:
      return TRUE;
    }
}

/**
 * replica_check_mutation:
 * @tx: a transaction
 * @mutation: what is to be done
 * @before: (nullable): the record as shown
 * @error: why it cannot be done, for a person
 *
 * Returns: whether it may be done
 */
gboolean
replica_check_mutation (ReplicaTransaction *tx, const SatchelMutation *mutation, const SatchelRecord *before,
                        GError **error)
{
  const SatchelType *type = satchel_vocabulary_find (tx->schema->vocabulary, mutation->type, error);

  if (type == NULL || !check_type (type, mutation, error) || !check_units (type, mutation, error))
    return FALSE;
  if (mutation->kind == SATCHEL_MUTATION_CREATE)
    return check_create (tx, mutation, before, error);
  if (before == NULL || satchel_record_get_record_type (before) != type)
    return replica_report_not_found (mutation->id, error);

  return check_state (tx, mutation, before, error);
}

/* ---- What comes of it ----------------------------------------------------------------------------- */

static gboolean
check_target (ReplicaTransaction *tx, const SatchelField *field, const char *id, GError **error)
{
  const ReplicaTable *table = replica_schema_find (tx->schema, field->target);
  g_autofree char *sql = NULL;
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;
  gboolean in_bin;

  if (table == NULL || satchel_type_get_home (table->type) == SATCHEL_HOME_ORG)
    return TRUE;

  sql = g_strdup_printf ("SELECT deleted_at IS NOT NULL FROM %s WHERE id = ?", table->quoted);
  statement = replica_query (tx->connection, error, sql, "s", id);
  if (statement == NULL)
    return FALSE;

  step = replica_step (statement, error);
  if (step == REPLICA_DONE)
    return report_missing_target (field, FALSE, error);

  in_bin = step == REPLICA_ROW && replica_column_integer (statement, 0) != 0;
  if (in_bin && (field->flags & SATCHEL_FIELD_ANCHOR) != 0)
    return report_missing_target (field, TRUE, error);

  return step == REPLICA_ROW;
}

/* Only what this mutation sets: a target that has gone since is nobody's mistake. */
static gboolean
check_targets (ReplicaTransaction *tx, const SatchelRecord *before, const SatchelRecord *after, GError **error)
{
  const SatchelType *type = satchel_record_get_record_type (after);

  for (guint i = 0; i < satchel_type_get_n_fields (type); i++)
    {
      const SatchelField *field = satchel_type_get_field (type, i);
      const SatchelValue *value = satchel_record_get_value (after, i);

      if (field->kind != SATCHEL_KIND_REFERENCE || field->target == NULL || satchel_value_is_null (value))
        continue;
      if (before != NULL && satchel_value_equal (satchel_record_get_value (before, i), value))
        continue;
      if (!check_target (tx, field, value->text, error))
        return FALSE;
    }

  return TRUE;
}

/**
 * replica_check_result:
 * @tx: a transaction
 * @mutation: what is done
 * @before: (nullable): the record as shown
 * @after: the record as it will be shown
 * @error: why it cannot be kept, for a person
 *
 * Returns: whether @after may be kept
 */
gboolean
replica_check_result (ReplicaTransaction *tx, const SatchelMutation *mutation, const SatchelRecord *before,
                      const SatchelRecord *after, GError **error)
{
  g_autoptr (GError) problem = NULL;

  if (mutation->kind != SATCHEL_MUTATION_CREATE && mutation->kind != SATCHEL_MUTATION_PATCH)
    return TRUE;

  /* What was not whole before may stay so: it came that way. */
  if (!satchel_record_validate (after, &problem) && (before == NULL || satchel_record_validate (before, NULL)))
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }

  return check_targets (tx, before, after, error);
}
