/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "replica-comeback.h"

#include <string.h>

#include "records/satchel-error.h"
#include "replica-commit.h"
#include "replica-spare.h"
#include "replica-tray.h"

/* Where the replica stands. */
typedef struct
{
  gint64 version; /* as that of #ReplicaKept */
  gint64 last; /* the last group that it made */
  char *hash; /* of that */
  char *device;
} Standing;

static void
standing_clear (Standing *self)
{
  g_free (self->hash);
  g_free (self->device);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Standing, standing_clear)

static gboolean
read_standing (ReplicaConnection *connection, Standing *self, GError **error)
{
  return replica_meta_get_integer (connection, "kept", &self->version, error) &&
         replica_meta_get_integer (connection, "last_group", &self->last, error) &&
         replica_meta_get (connection, "last_group_hash", &self->hash, error) &&
         replica_meta_get (connection, "device_id", &self->device, error);
}

static const ReplicaKeptMark *
get_mark (const ReplicaKept *spare, const SatchelGroup *group)
{
  return g_hash_table_lookup (spare->marks, group);
}

static SatchelGroup *
get_group (GPtrArray *groups, guint index)
{
  return g_ptr_array_index (groups, index);
}

/* ---- What is lacking ------------------------------------------------------------------------------ */

static int
compare_groups (gconstpointer a, gconstpointer b)
{
  const SatchelGroup *first = *(SatchelGroup *const *) a, *second = *(SatchelGroup *const *) b;

  return (first->n > second->n) - (first->n < second->n);
}

/* Of two with one number the later line holds: the first one went with the power. */
static void
drop_superseded (GPtrArray *groups)
{
  for (guint i = groups->len; i > 1; i--)
    if (get_group (groups, i - 2)->n == get_group (groups, i - 1)->n)
      g_ptr_array_remove_index (groups, i - 2);
}

/* Ascending. What was written before the version that the replica is in may have gone since on purpose. */
static GPtrArray *
list_lacking (const ReplicaKept *spare, const Standing *standing)
{
  GPtrArray *lacking = g_ptr_array_new ();

  for (guint i = 0; i < spare->groups->len; i++)
    {
      SatchelGroup *group = get_group (spare->groups, i);

      if (group->n > standing->last && get_mark (spare, group)->version >= standing->version)
        g_ptr_array_add (lacking, group);
    }
  g_ptr_array_sort (lacking, compare_groups);
  drop_superseded (lacking);

  return lacking;
}

/* What was refused of a group that the replica never heard of. */
static gboolean
has_unknown_entry (const ReplicaKept *spare, const Standing *standing)
{
  for (guint i = 0; i < spare->tray->len; i++)
    if (((const SatchelWork *) g_ptr_array_index (spare->tray, i))->n > standing->last)
      return TRUE;

  return FALSE;
}

static gboolean
has_group (ReplicaConnection *connection, const SatchelGroup *group)
{
  g_autoptr (ReplicaStatement) statement = replica_query (
      connection, NULL, "SELECT 1 FROM _outbox WHERE n = ? AND hash = ?", "is", group->n, group->hash);

  return statement != NULL && replica_step (statement, NULL) == REPLICA_ROW;
}

/* Groups of the same numbers that the replica does not have unsettled, as it did then. */
static gboolean
has_other_group (ReplicaConnection *connection, const ReplicaKept *spare, const Standing *standing)
{
  for (guint i = 0; i < spare->groups->len; i++)
    {
      const SatchelGroup *group = get_group (spare->groups, i);

      if (group->n <= standing->last && get_mark (spare, group)->version > standing->version &&
          !has_group (connection, group))
        return TRUE;
    }

  return FALSE;
}

/* The replica has lost that it became another device, or was left by everyone: its counters are those of before. */
static gboolean
is_of_another_life (ReplicaConnection *connection, const ReplicaKept *spare, const Standing *standing)
{
  return (spare->link != NULL && g_strcmp0 (spare->link->device_id, standing->device) != 0) ||
         has_other_group (connection, spare, standing);
}

static gboolean
is_too_much (ReplicaConnection *connection, const ReplicaKept *spare, const Standing *standing)
{
  return spare->version > standing->version &&
         (has_unknown_entry (spare, standing) || is_of_another_life (connection, spare, standing));
}

gboolean
replica_comeback_is_due (const char *replica_path, ReplicaConnection *connection)
{
  g_autoptr (ReplicaKept) spare = NULL;
  g_autoptr (GPtrArray) lacking = NULL;
  g_auto (Standing) standing = { 0 };

  if (replica_spare_is_salvaging (replica_path) || !read_standing (connection, &standing, NULL))
    return FALSE;

  spare = replica_spare_read (replica_path);
  lacking = list_lacking (spare, &standing);

  return lacking->len > 0 || is_too_much (connection, spare, &standing);
}

/* ---- Bringing it back ----------------------------------------------------------------------------- */

static gboolean
report_loss (GError **error)
{
  replica_set_error_code (SQLITE_CORRUPT, NULL, error);

  return FALSE;
}

static gboolean
is_chained (const SatchelGroup *group, const char *previous_hash)
{
  g_autofree char *hash = previous_hash != NULL ? satchel_group_compute_hash (group, previous_hash) : NULL;

  return g_strcmp0 (hash, group->hash) == 0;
}

/* The entry is there: it came with the version that the line was written in, or an earlier one. Taking it out begins
 * another, as it did then; groups that were made after that stand in lines of that one. */
static gboolean
take_out_entry (ReplicaTransaction *tx, const char *id, gint64 n, GError **error)
{
  g_autoptr (GError) problem = NULL;

  if (id == NULL || replica_tray_give_way (tx, id, n, &problem))
    return TRUE;
  if (g_error_matches (problem, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_NOT_FOUND))
    return report_loss (error);

  g_propagate_error (error, g_steal_pointer (&problem));

  return FALSE;
}

static gboolean
repeat (ReplicaTransaction *tx, Standing *standing, SatchelGroup *group, const char *retried, GError **error)
{
  if (!replica_commit_repeat (tx, group, standing->hash, error) || !take_out_entry (tx, retried, group->n, error))
    return FALSE;

  /* Its line is there. */
  g_clear_pointer (&tx->made, g_free);
  standing->last = group->n;
  standing->version += retried != NULL;
  g_set_str (&standing->hash, group->hash);

  return TRUE;
}

static gboolean
come_back (ReplicaTransaction *tx, Standing *standing, SatchelGroup *group, const ReplicaKeptMark *mark, GError **error)
{
  const char *hash = standing->hash != NULL ? standing->hash : "";

  if (mark->version == standing->version && group->n == standing->last + 1 && is_chained (group, hash))
    return repeat (tx, standing, group, mark->retried, error);

  /* A damaged line is not what was made. */
  return is_chained (group, mark->previous) ? report_loss (error) : TRUE;
}

gboolean
replica_comeback_run (ReplicaTransaction *tx, const char *replica_path, GError **error)
{
  g_autoptr (ReplicaKept) spare = replica_spare_read (replica_path);
  g_autoptr (GPtrArray) lacking = NULL;
  g_auto (Standing) standing = { 0 };

  if (!read_standing (tx->connection, &standing, error))
    return FALSE;
  if (is_too_much (tx->connection, spare, &standing))
    return report_loss (error);

  lacking = list_lacking (spare, &standing);
  for (guint i = 0; i < lacking->len; i++)
    {
      SatchelGroup *group = get_group (lacking, i);

      if (!come_back (tx, &standing, group, get_mark (spare, group), error))
        return FALSE;
    }

  return TRUE;
}
