/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Proves that the replica holds what the server has, and mends it where it does not.
 *
 * The server goes on while we compare: a difference may be only on its way. One that is the same in two comparisons with
 * a whole sync between them is not: what the server had at the first, the sync would have brought. Only such a one is
 * mended, and only with the very version that was compared, so that no half of a later group is laid down. */

#include "satchel-config.h"

#include "satchel-verify.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "satchel-sync-lock.h"
#include "satchel-sync-run.h"
#include "wire/satchel-digest.h"

#define MAX_ROUNDS 6

/* So many deletions at once are rather a server that lost something than a damage here. */
#define MANY_DELETIONS 50
#define MANY_DELETIONS_PART 10

/**
 * Difference:
 * @here, @there: (nullable): the record's digest in that bucket
 */
typedef struct
{
  char *type;
  char *id;
  char *here;
  char *there;
} Difference;

typedef struct
{
  SatchelReplica *replica;
  GCancellable *cancellable;
  SatchelSyncRun *run;
  SatchelConnection *connection;
  SatchelVerifyCounts *counts;
  GHashTable *differences; /* "BUCKET ID" -> Difference, of this round */
  GHashTable *before; /* of the round before */
} Verifying;

static void
difference_free (gpointer data)
{
  Difference *self = data;

  g_free (self->type);
  g_free (self->id);
  g_free (self->here);
  g_free (self->there);
  g_free (self);
}

static GHashTable *
differences_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, difference_free);
}

static void
verifying_clear (Verifying *self)
{
  g_clear_pointer (&self->run, satchel_sync_run_free);
  g_clear_pointer (&self->differences, g_hash_table_unref);
  g_clear_pointer (&self->before, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Verifying, verifying_clear)

/* ---- Comparing ------------------------------------------------------------------------------------ */

static void
note_difference (Verifying *self, const char *bucket, const char *type, const char *id, const char *here,
                 const char *there)
{
  Difference *difference = g_new0 (Difference, 1);

  difference->type = g_strdup (type);
  difference->id = g_strdup (id);
  difference->here = g_strdup (here);
  difference->there = g_strdup (there);
  g_hash_table_replace (self->differences, g_strconcat (bucket, " ", id, NULL), difference);
}

static gboolean
digest_cb (const char *type, const char *id, const char *canonical, gpointer data)
{
  satchel_digest_add (data, id, canonical);

  return TRUE;
}

/* What is here of a bucket, beside what is there, both ascending by id. */
typedef struct
{
  Verifying *verifying;
  const char *bucket;
  GPtrArray *there; /* SatchelRecordDigest */
  guint next;
} Walk;

/* Notes what is there before @id, or at the end, and is not here. */
static void
walk_to (Walk *self, const char *id)
{
  for (; self->next < self->there->len; self->next++)
    {
      const SatchelRecordDigest *there = g_ptr_array_index (self->there, self->next);

      if (id != NULL && strcmp (there->id, id) >= 0)
        return;
      note_difference (self->verifying, self->bucket, there->type, there->id, NULL, there->digest);
    }
}

static gboolean
walk_cb (const char *type, const char *id, const char *canonical, gpointer data)
{
  Walk *self = data;
  const SatchelRecordDigest *there = NULL;
  char here[SATCHEL_DIGEST_LENGTH];

  walk_to (self, id);
  if (self->next < self->there->len)
    there = g_ptr_array_index (self->there, self->next);
  if (there != NULL && strcmp (there->id, id) != 0)
    there = NULL;
  if (there != NULL)
    self->next++;

  satchel_digest_of_canonical (canonical, here);
  if (there == NULL || strcmp (here, there->digest) != 0 || strcmp (type, there->type) != 0)
    note_difference (self->verifying, self->bucket, there != NULL ? there->type : type, id, here,
                     there != NULL ? there->digest : NULL);

  return TRUE;
}

/* @granted: whether the server has told of the bucket. */
static gboolean
compare_records (Verifying *self, const char *bucket, gboolean granted, GError **error)
{
  g_autoptr (GPtrArray) there = granted ? satchel_connection_get_bucket_digests (self->connection, bucket,
                                                                                 self->cancellable, error)
                                        : g_ptr_array_new ();
  Walk walk = { self, bucket, there, 0 };

  if (there == NULL || !satchel_replica_foreach_canonical (self->replica, bucket, walk_cb, &walk, error))
    return FALSE;
  walk_to (&walk, NULL);

  return TRUE;
}

/* @there: (nullable): what the server told of the bucket */
static gboolean
compare_bucket (Verifying *self, const char *bucket, const SatchelBucketDigest *there, GError **error)
{
  g_autoptr (SatchelDigest) digest = satchel_digest_new ();
  char here[SATCHEL_DIGEST_LENGTH];

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error) ||
      !satchel_replica_foreach_canonical (self->replica, bucket, digest_cb, digest, error))
    return FALSE;

  self->counts->buckets++;
  self->counts->records += satchel_digest_get_count (digest);
  satchel_digest_finish (digest, here);
  if (there != NULL && there->count == satchel_digest_get_count (digest) && strcmp (there->digest, here) == 0)
    return TRUE;

  return compare_records (self, bucket, there != NULL, error);
}

/* What is held of buckets that are not granted. */
static gboolean
compare_others (Verifying *self, GHashTable *granted, GError **error)
{
  g_auto (GStrv) held = satchel_replica_list_buckets (self->replica, error);

  if (held == NULL)
    return FALSE;

  for (guint i = 0; held[i] != NULL; i++)
    if (!g_hash_table_contains (granted, held[i]) && !compare_bucket (self, held[i], NULL, error))
      return FALSE;

  return TRUE;
}

static gboolean
compare_all (Verifying *self, GError **error)
{
  g_autoptr (GPtrArray) buckets = satchel_connection_get_digests (self->connection, self->cancellable, error);
  g_autoptr (GHashTable) granted = g_hash_table_new (g_str_hash, g_str_equal);

  if (buckets == NULL)
    return FALSE;

  self->counts->buckets = 0;
  self->counts->records = 0;
  for (guint i = 0; i < buckets->len; i++)
    {
      const SatchelBucketDigest *bucket = g_ptr_array_index (buckets, i);

      g_hash_table_add (granted, bucket->name);
      if (!compare_bucket (self, bucket->name, bucket, error))
        return FALSE;
    }

  return compare_others (self, granted, error);
}

/* ---- Mending -------------------------------------------------------------------------------------- */

/* (element-type Difference): those that were the same in the round before; borrowed. */
static GPtrArray *
list_damaged (Verifying *self)
{
  GPtrArray *damaged = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, self->differences);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const Difference *now = value;
      const Difference *before = g_hash_table_lookup (self->before, key);

      if (before != NULL && g_strcmp0 (now->here, before->here) == 0 && g_strcmp0 (now->there, before->there) == 0)
        g_ptr_array_add (damaged, value);
    }

  return damaged;
}

/* One that stands in a bucket that it does not belong to is missing in another. */
static void
leave_out_strays (GPtrArray *damaged)
{
  g_autoptr (GHashTable) arriving = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < damaged->len; i++)
    {
      const Difference *difference = g_ptr_array_index (damaged, i);

      if (difference->there != NULL)
        g_hash_table_add (arriving, difference->id);
    }

  for (guint i = damaged->len; i > 0; i--)
    {
      const Difference *difference = g_ptr_array_index (damaged, i - 1);

      if (difference->there == NULL && g_hash_table_contains (arriving, difference->id))
        g_ptr_array_remove_index_fast (damaged, i - 1);
    }
}

static gboolean
check_deletions (Verifying *self, GPtrArray *damaged, GError **error)
{
  guint64 n = 0;

  for (guint i = 0; i < damaged->len; i++)
    n += ((const Difference *) g_ptr_array_index (damaged, i))->there == NULL;
  if (n <= MANY_DELETIONS || n <= self->counts->records / MANY_DELETIONS_PART)
    return TRUE;

  g_set_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_PROTOCOL,
               _ ("The server does not know %" G_GUINT64_FORMAT " of the entries that are on this device. Nothing was "
                  "changed; ask whoever looks after the server whether something was lost there."),
               n);

  return FALSE;
}

static gboolean
is_version (Verifying *self, const char *record, const char *digest)
{
  g_autofree char *type = NULL, *id = NULL, *canonical = NULL;
  char found[SATCHEL_DIGEST_LENGTH];

  canonical = satchel_digest_read_canonical (satchel_replica_get_vocabulary (self->replica), record, strlen (record),
                                             &type, &id, NULL);
  if (canonical == NULL)
    return FALSE;

  satchel_digest_of_canonical (canonical, found);

  return strcmp (found, digest) == 0;
}

/* What became another one meanwhile comes with the feed. What goes, goes as if the server had said so: unsettled work on
 * it is sent all the same, and ends in the tray. */
static gboolean
mend (Verifying *self, SatchelDelivery *delivery, const Difference *difference, GError **error)
{
  g_autofree char *record = NULL;

  if (!satchel_connection_get_record (self->connection, difference->type, difference->id, &record, self->cancellable,
                                      error))
    return FALSE;

  if (difference->there != NULL && record != NULL && is_version (self, record, difference->there))
    {
      self->counts->repaired++;
      return satchel_delivery_add_put_text (delivery, record, strlen (record), error);
    }
  if (difference->there == NULL && record == NULL)
    {
      self->counts->repaired++;
      satchel_delivery_add_delete (delivery, difference->type, difference->id);
    }

  return TRUE;
}

static gboolean
lay_down (Verifying *self, SatchelDelivery *delivery, GError **error)
{
  g_autoptr (SatchelLink) link = satchel_replica_get_link (self->replica, error);
  SatchelDeliveryResult result;
  SatchelDeliveryEnd end = { 0 };

  if (link == NULL)
    return FALSE;
  end.cursor = link->cursor;
  end.applied_through = link->acknowledged;

  return satchel_delivery_apply (delivery, &end, &result, error);
}

static gboolean
mend_all (Verifying *self, GPtrArray *damaged, GError **error)
{
  g_autoptr (SatchelDelivery) delivery = NULL;
  guint64 repaired = self->counts->repaired;
  gboolean mended = TRUE;

  leave_out_strays (damaged);
  if (!check_deletions (self, damaged, error))
    return FALSE;

  delivery = satchel_delivery_new (self->replica);
  for (guint i = 0; mended && i < damaged->len; i++)
    mended = mend (self, delivery, g_ptr_array_index (damaged, i), error);
  mended = mended && lay_down (self, delivery, error);
  if (!mended)
    self->counts->repaired = repaired;

  return mended;
}

/* ---- The whole ------------------------------------------------------------------------------------ */

/* The differences that are found replace those of the round before. */
static gboolean
run_round (Verifying *self, GError **error)
{
  g_autoptr (GPtrArray) damaged = NULL;

  g_clear_pointer (&self->before, g_hash_table_unref);
  self->before = g_steal_pointer (&self->differences);
  self->differences = differences_new ();
  if (!satchel_sync_run_to_head (self->run, 0, error) || !compare_all (self, error))
    return FALSE;

  self->counts->mismatched = g_hash_table_size (self->differences);
  damaged = list_damaged (self);

  return damaged->len == 0 || mend_all (self, damaged, error);
}

static gboolean
verify_locked (SatchelReplica *replica, GCancellable *cancellable, SatchelVerifyCounts *counts, GError **error)
{
  g_auto (Verifying) self = { .replica = replica, .cancellable = cancellable, .counts = counts };

  self.run = satchel_sync_run_new (replica, cancellable, error);
  if (self.run == NULL)
    return FALSE;
  self.connection = satchel_sync_run_get_connection (self.run);
  self.differences = differences_new ();

  for (guint i = 0; i < MAX_ROUNDS; i++)
    {
      if (!run_round (&self, error))
        return FALSE;
      if (counts->mismatched == 0)
        break;
    }

  return TRUE;
}

/**
 * satchel_verify_run:
 * @replica: a replica
 * @cancellable: (nullable): stops it; what is laid down stays so
 * @counts: (out): what was found and done, also on failure
 * @error: set to a #SatchelSyncError or #SatchelDataError, or %G_IO_ERROR_CANCELLED
 *
 * Syncs, then compares the server's versions of all records with the server,
 * bucket by bucket, and where they differ record by record; mends what is
 * damaged here, and compares again. Blocks. Unsettled work stays.
 *
 * Returns: whether it could be compared; it is equal when none is mismatched
 */
gboolean
satchel_verify_run (SatchelReplica *replica, GCancellable *cancellable, SatchelVerifyCounts *counts, GError **error)
{
  gboolean compared;

  g_return_val_if_fail (SATCHEL_IS_REPLICA (replica), FALSE);

  *counts = (SatchelVerifyCounts) { 0 };
  if (!satchel_sync_lock (replica, cancellable, error))
    return FALSE;
  compared = verify_locked (replica, cancellable, counts, error);
  satchel_replica_unlock_sync (replica);

  return compared;
}
