/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which bucket a record belongs into, by the rules and nothing else; and that every device has all of what its user may
 * see, as the server has it, and no more. */

#include <string.h>

#include "sim-evidence.h"
#include "wire/satchel-digest.h"

#define MAX_DEPTH 8

static const SimRow *
find (const SimEvidence *self, const char *id)
{
  return id != NULL ? g_hash_table_lookup (self->rows, id) : NULL;
}

static const SatchelType *
get_type (const SimEvidence *self, const SimRow *row)
{
  return satchel_vocabulary_lookup (self->sim->start->vocabulary, row->type);
}

/* The account that a record hangs on: the first of its anchors that leads to one. */
static const SimRow *
find_account (const SimEvidence *self, const SimRow *row, guint depth)
{
  const SatchelType *type = get_type (self, row);

  if (satchel_type_get_home (type) == SATCHEL_HOME_ACCOUNT)
    return row;
  for (guint i = 0; i < satchel_type_get_n_fields (type) && depth < MAX_DEPTH; i++)
    {
      const SatchelField *field = satchel_type_get_field (type, i);
      const SimRow *anchor = find (self, sim_row_get (row, field->name));
      const SimRow *account = NULL;

      if ((field->flags & SATCHEL_FIELD_ANCHOR) != 0 && anchor != NULL)
        account = find_account (self, anchor, depth + 1);
      if (account != NULL)
        return account;
    }

  return NULL;
}

static char *
make_bucket (const char *prefix, const char *id)
{
  return id != NULL ? g_strconcat (prefix, id, NULL) : NULL;
}

static char *
bucket_of_account (const SimRow *row)
{
  const char *territory = sim_row_get (row, "territory");

  return territory != NULL ? make_bucket ("territory:", territory) : make_bucket ("user:", sim_row_get (row, "owner"));
}

static gboolean
is_private (const SimRow *row)
{
  return json_object_has_member (row->body, "private") && json_object_get_int_member (row->body, "private") != 0;
}

static char *
bucket_of_anchored (const SimEvidence *self, const SimRow *row)
{
  const SimRow *account = find_account (self, row, 0);

  if (is_private (row))
    return make_bucket ("user:", sim_row_get (row, "created_by"));
  if (account != NULL)
    return bucket_of_account (account);
  if (sim_row_get (row, "assignee") != NULL)
    return make_bucket ("user:", sim_row_get (row, "assignee"));

  return make_bucket ("user:", sim_row_get (row, "created_by"));
}

static char *
bucket_of (const SimEvidence *self, const SimRow *row)
{
  const SimRow *target;

  switch (satchel_type_get_home (get_type (self, row)))
    {
    case SATCHEL_HOME_ACCOUNT:
      return bucket_of_account (row);
    case SATCHEL_HOME_ANCHORED:
      return bucket_of_anchored (self, row);
    case SATCHEL_HOME_TARGET:
      target = find (self, sim_row_get (row, "target_id"));
      return target != NULL ? bucket_of (self, target) : NULL;
    case SATCHEL_HOME_ORG:
    default:
      return g_strdup ("org");
    }
}

static void
check_bucket (const SimEvidence *self, const SimRow *row)
{
  g_autofree char *bucket = bucket_of (self, row);

  if (g_strcmp0 (bucket, row->bucket) != 0)
    sim_trace_fail (&self->sim->trace, "%s (%s) is in %s and belongs into %s", sim_name (self->sim, row->id), row->type,
                    row->bucket, bucket);
}

/* ---- What each device holds ----------------------------------------------------------------------- */

typedef struct
{
  const SimEvidence *evidence;
  SimDevice *device;
  GHashTable *held; /* ids */
} Looking;

static gboolean
compare_record (const char *type, const char *id, const char *canonical, gpointer data)
{
  Looking *self = data;
  SimTrace *trace = &self->evidence->sim->trace;
  const SimRow *row = find (self->evidence, id);
  g_autofree char *there = NULL;
  g_autofree char *there_type = NULL;
  g_autofree char *there_id = NULL;

  g_hash_table_add (self->held, g_strdup (id));
  if (row == NULL || !sim_may_see (self->evidence->sim, self->device->user, row->bucket))
    {
      sim_trace_fail (trace, "device %u of %s still holds %s", self->device->number, self->device->user->name,
                      sim_name (self->evidence->sim, id));
      return TRUE;
    }
  there = satchel_digest_read_canonical (self->evidence->sim->start->vocabulary, row->text, strlen (row->text),
                                         &there_type, &there_id, NULL);
  if (g_strcmp0 (canonical, there) != 0)
    sim_trace_fail (trace, "device %u of %s has another %s than the server:\n  %s\n  %s", self->device->number,
                    self->device->user->name, sim_name (self->evidence->sim, id), canonical, there);

  return TRUE;
}

static void
check_missing (const Looking *self)
{
  const SimEvidence *evidence = self->evidence;

  for (guint i = 0; i < evidence->ids->len; i++)
    {
      const SimRow *row = find (evidence, g_ptr_array_index (evidence->ids, i));

      if (sim_may_see (evidence->sim, self->device->user, row->bucket) && !g_hash_table_contains (self->held, row->id))
        sim_trace_fail (&evidence->sim->trace, "device %u of %s does not hold %s (%s)", self->device->number,
                        self->device->user->name, sim_name (evidence->sim, row->id), row->type);
    }
}

static void
check_device (const SimEvidence *self, SimDevice *device)
{
  g_auto (GStrv) buckets = satchel_replica_list_buckets (device->replica, NULL);
  g_autoptr (GHashTable) held = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Looking looking = { self, device, held };

  for (guint i = 0; buckets != NULL && buckets[i] != NULL; i++)
    satchel_replica_foreach_canonical (device->replica, buckets[i], compare_record, &looking, NULL);
  check_missing (&looking);
}

void
sim_check_scope (const SimEvidence *self)
{
  for (guint i = 0; i < self->ids->len; i++)
    check_bucket (self, find (self, g_ptr_array_index (self->ids, i)));
  for (guint i = 0; i < self->sim->devices->len; i++)
    {
      SimDevice *device = g_ptr_array_index (self->sim->devices, i);

      if (device->replica != NULL && !device->refused)
        check_device (self, device);
    }
}
