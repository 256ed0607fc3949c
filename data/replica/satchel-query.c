/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "replica-query.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "records/satchel-error.h"

G_DEFINE_BOXED_TYPE (SatchelQuery, satchel_query, satchel_query_ref, satchel_query_unref)

static void
condition_clear (gpointer data)
{
  ReplicaCondition *condition = data;

  satchel_value_clear (&condition->value);
}

/**
 * satchel_query_new:
 * @type: the type of the records
 *
 * Returns: (transfer full): a query for every live record of @type in the type's own order
 */
SatchelQuery *
satchel_query_new (const SatchelType *type)
{
  SatchelQuery *self = g_new0 (SatchelQuery, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->type = type;
  self->conditions = g_array_new (FALSE, TRUE, sizeof (ReplicaCondition));
  g_array_set_clear_func (self->conditions, condition_clear);

  return self;
}

/**
 * satchel_query_copy:
 * @self: a query
 *
 * Returns: (transfer full): a query of its own that asks for the same
 */
SatchelQuery *
satchel_query_copy (const SatchelQuery *self)
{
  SatchelQuery *copy = satchel_query_new (self->type);

  for (guint i = 0; i < self->conditions->len; i++)
    {
      const ReplicaCondition *condition = &g_array_index (self->conditions, ReplicaCondition, i);
      ReplicaCondition own = *condition;

      own.value = (SatchelValue) SATCHEL_VALUE_INIT;
      satchel_value_copy (&condition->value, &own.value);
      g_array_append_val (copy->conditions, own);
    }

  copy->search = g_strdup (self->search);
  copy->sort = self->sort;
  copy->sort_column = self->sort_column;
  copy->descending = self->descending;
  copy->in_bin = self->in_bin;

  return copy;
}

SatchelQuery *
satchel_query_ref (SatchelQuery *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
satchel_query_unref (SatchelQuery *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_array_unref (self->conditions);
  g_free (self->search);
  g_free (self);
}

const SatchelType *
satchel_query_get_record_type (const SatchelQuery *self)
{
  return self->type;
}

/* ---- Conditions ----------------------------------------------------------------------------------- */

static void
add_condition (SatchelQuery *self, const char *field, const SatchelValue *value, gboolean negated)
{
  ReplicaCondition condition = { .negated = negated };
  guint index = 0;
  gboolean known = satchel_type_lookup_field (self->type, field, &index);

  g_assert (known);

  condition.field = satchel_type_get_field (self->type, index);
  condition.column = condition.field->name;
  satchel_value_copy (value, &condition.value);
  g_array_append_val (self->conditions, condition);
}

/**
 * satchel_query_where:
 * @self: a query
 * @field: the name of one of its type's fields
 * @value: what the field must equal; null: have no value; of a set: the one member that it must have
 *
 * Adds a condition; all must hold.
 */
void
satchel_query_where (SatchelQuery *self, const char *field, const SatchelValue *value)
{
  add_condition (self, field, value, FALSE);
}

/**
 * satchel_query_where_not:
 * @self: a query
 * @field: the name of one of its type's fields, not a set
 * @value: what the field must not equal; null: have a value
 *
 * Adds a condition; all must hold. A field without a value is not equal to
 * any.
 */
void
satchel_query_where_not (SatchelQuery *self, const char *field, const SatchelValue *value)
{
  add_condition (self, field, value, TRUE);
}

static gboolean
where_bookkeeping (SatchelQuery *self, const char *name, const char *text)
{
  static const char *const columns[] = { "id", "created_by", "updated_by", "rev" };

  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    if (strcmp (columns[i], name) == 0)
      {
        ReplicaCondition condition = { .column = columns[i] };

        satchel_value_set_text (&condition.value, *text != '\0' ? text : NULL);
        g_array_append_val (self->conditions, condition);
        return TRUE;
      }

  return FALSE;
}

/* A set is asked for one member, written as it is. */
static gboolean
parse_condition (const SatchelField *field, const char *text, SatchelValue *value, GError **error)
{
  g_auto (GStrv) members = NULL;

  if (!satchel_value_parse (field, text, value, error))
    return FALSE;
  if (field->kind != SATCHEL_KIND_SET || satchel_value_is_null (value))
    return TRUE;

  members = satchel_value_dup_set (value);
  if (g_strv_length (members) != 1)
    {
      g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID,
                   _ ("“%s” can be compared with one member at a time."), satchel_field_get_display_label (field));
      return FALSE;
    }

  satchel_value_set_text (value, members[0]);

  return TRUE;
}

/**
 * satchel_query_where_text:
 * @self: a query
 * @field: a field's name, or id, created_by, updated_by or rev
 * @text: the value in the machine's written form; "": has none
 * @error: %SATCHEL_DATA_ERROR_UNKNOWN_FIELD, or why the text does not fit the field
 *
 * Adds a condition; all must hold.
 *
 * Returns: whether it was added
 */
gboolean
satchel_query_where_text (SatchelQuery *self, const char *field, const char *text, GError **error)
{
  const SatchelField *declared;
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;

  if (where_bookkeeping (self, field, text))
    return TRUE;

  declared = satchel_type_find_field (self->type, field, error);
  if (declared == NULL || !parse_condition (declared, text, &value, error))
    return FALSE;

  satchel_query_where (self, field, &value);

  return TRUE;
}

/**
 * satchel_query_set_search:
 * @self: a query
 * @text: (nullable): what a person typed into the search; blank or %NULL for everything
 */
void
satchel_query_set_search (SatchelQuery *self, const char *text)
{
  g_set_str (&self->search, text);
}

/**
 * satchel_query_set_sort:
 * @self: a query
 * @field: (nullable): a field's name, created_at or updated_at; %NULL for the type's own order
 * @descending: whether the last comes first
 * @error: %SATCHEL_DATA_ERROR_UNKNOWN_FIELD
 *
 * Orders what the query finds. Records without a value come last.
 *
 * Returns: whether there is such an order
 */
gboolean
satchel_query_set_sort (SatchelQuery *self, const char *field, gboolean descending, GError **error)
{
  const SatchelField *declared = NULL;
  const char *column = NULL;

  if (g_strcmp0 (field, "created_at") == 0)
    column = "created_at";
  else if (g_strcmp0 (field, "updated_at") == 0)
    column = "updated_at";
  else if (field != NULL && (declared = satchel_type_find_field (self->type, field, error)) == NULL)
    return FALSE;

  self->sort = declared;
  self->sort_column = declared != NULL ? declared->name : column;
  self->descending = descending;

  return TRUE;
}

/**
 * satchel_query_set_in_bin:
 * @self: a query
 * @in_bin: whether to look at what is in the bin instead of what is not
 */
void
satchel_query_set_in_bin (SatchelQuery *self, gboolean in_bin)
{
  self->in_bin = in_bin;
}
