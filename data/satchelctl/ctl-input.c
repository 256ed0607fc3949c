/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a person types: FIELD=VALUE words, ids and names. */

#include "satchel-config.h"

#include "ctl-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "records/satchel-error.h"
#include "records/satchel-id.h"

void
ctl_assignment_free (CtlAssignment *self)
{
  g_free (self->field);
  g_free (self->value);
  g_free (self);
}

static CtlAssignment *
parse_assignment (const char *word, GError **error)
{
  const char *equals = strchr (word, '=');
  CtlAssignment *assignment;
  gsize length;

  if (equals == NULL || equals == word)
    {
      g_set_error (error, CTL_USAGE_ERROR, 0, _ ("“%s” is not of the form FIELD=VALUE."), word);
      return NULL;
    }

  length = equals - word;
  assignment = g_new0 (CtlAssignment, 1);
  assignment->operation = '=';
  if (length > 1 && (word[length - 1] == '+' || word[length - 1] == '-'))
    assignment->operation = word[--length];
  assignment->field = g_strndup (word, length);
  assignment->value = g_strdup (equals + 1);

  return assignment;
}

GPtrArray *
ctl_parse_assignments (char **words, GError **error)
{
  g_autoptr (GPtrArray) assignments = g_ptr_array_new_with_free_func ((GDestroyNotify) ctl_assignment_free);

  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    {
      CtlAssignment *assignment = parse_assignment (words[i], error);

      if (assignment == NULL)
        return NULL;
      g_ptr_array_add (assignments, assignment);
    }

  return g_steal_pointer (&assignments);
}

SatchelRecord *
ctl_get_record (Ctl *ctl, const char *id, GError **error)
{
  if (!satchel_id_is_valid (id))
    {
      g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_NOT_FOUND, _ ("“%s” is not an id."), id);
      return NULL;
    }

  return satchel_replica_get (ctl->replica, id, error);
}

static const char *
find_name_field (const SatchelType *type)
{
  static const char *const candidates[] = { "name", "sku", "title", "number" };

  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++)
    if (satchel_type_lookup_field (type, candidates[i], NULL))
      return candidates[i];

  return NULL;
}

static char *
find_by_name (Ctl *ctl, const SatchelType *type, const char *name, GError **error)
{
  const char *field = find_name_field (type);
  g_autoptr (SatchelQuery) query = satchel_query_new (type);
  g_autoptr (GPtrArray) records = NULL;

  if (field == NULL || !satchel_query_where_text (query, field, name, NULL))
    return g_strdup (name);

  records = satchel_replica_page (ctl->replica, query, NULL, 2, error);
  if (records == NULL)
    return NULL;
  if (records->len == 1)
    return g_strdup (satchel_record_get_id (g_ptr_array_index (records, 0)));

  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_NOT_FOUND,
               records->len == 0 ? _ ("There is no %s named “%s” here.") : _ ("There is more than one %s named “%s”."),
               satchel_type_get_name (type), name);
  return NULL;
}

char *
ctl_resolve_value (Ctl *ctl, const SatchelField *field, const char *value, GError **error)
{
  const SatchelType *target;

  if (field->kind != SATCHEL_KIND_REFERENCE || *value == '\0' || satchel_id_is_valid (value))
    return g_strdup (value);

  target = satchel_vocabulary_lookup (ctl->vocabulary, field->target);
  return find_by_name (ctl, target, value, error);
}
