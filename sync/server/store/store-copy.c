/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Carrying a store from one kind of database to another, whole or not at all. */

#include "satchel-config.h"

#include "satchel-store.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define ROWS_AT_ONCE 1000
#define MAX_BYTES_AT_ONCE (4 * 1024 * 1024)

/* What others refer to comes first. Released columns are only added to: whoever adds one to a store adds it here. */
/* clang-format off */
static const SatchelStoreTable tables[] = {
  { "meta", "key", "key, value", "tt", -1 },
  { "epoch", "number", "number, name, began_at, cut", "nttn", -1 },
  { "bucket", "number", "number, name", "nt", 0 },
  { "record", "number",
    "number, id, type, bucket, pos, account, target, owner, epoch, n, units, deleted_at, deleted_with, creator, device, "
    "body", "nttnnttttntttttt", 3 },
  { "departure", "bucket, pos", "bucket, pos, kind, type, id, entered", "nnnttn", 0 },
  { "history", "number", "number, record, epoch, n, unit, kind, at, \"by\", device, old, new, past_epoch, past_n",
    "nntnttttttttn", -1 },
  { "conflict", "target, unit", "target, unit, id", "ttt", -1 },
  { "person", "id", "id, name, role, active, password", "tttnt", -1 },
  { "territory", "id", "id, name, parent, manager", "tttt", -1 },
  { "permission", "person, territory", "person, territory", "tt", -1 },
  { "invitation", "person", "person, hash, expires", "ttn", -1 },
  { "device", "id",
    "id, person, name, token_hash, token_expires, created_at, last_seen, nonce, last_n, last_hash, forked_from, revoked, "
    "next_hash, next_expires", "ttttntttnttntn", -1 },
  { "sent", "device, n", "device, n, hash, body, outcome, seen, at", "tnttttt", -1 },
  { "tombstone", "id", "id", "t", -1 },
  { "calendar", "day", "day, pos", "tn", -1 },
  { "head", "one", "one, pos, forgotten", "nnn", -1 },
};
/* clang-format on */

/* ---- Carrying ------------------------------------------------------------------------------------- */

typedef struct
{
  SatchelStoreSession *to;
  const SatchelStoreTable *table;
  GPtrArray *rows; /* (element-type char **) */
  gsize n_bytes;
} Carrying;

static gboolean
put_down (Carrying *self, GError **error)
{
  gboolean done = self->rows->len == 0 ||
                  self->to->store->interface->write_rows (self->to, self->table, self->rows, error);

  g_ptr_array_set_size (self->rows, 0);
  self->n_bytes = 0;

  return done;
}

static void
free_row (gpointer data)
{
  char **row = data;

  for (guint i = 1; i <= GPOINTER_TO_UINT (row[0]); i++)
    g_free (row[i]);
  g_free (row);
}

/* The first place says how many follow, for there are NULLs among them. */
static gboolean
pick_up (const char *const *values, gpointer data, GError **error)
{
  Carrying *self = data;
  guint n = (guint) strlen (self->table->kinds);
  char **row = g_new0 (char *, n + 1);

  row[0] = GUINT_TO_POINTER (n);
  for (guint i = 0; i < n; i++)
    {
      row[i + 1] = g_strdup (values[i]);
      self->n_bytes += values[i] != NULL ? strlen (values[i]) : 0;
    }
  g_ptr_array_add (self->rows, row);

  return (self->rows->len < ROWS_AT_ONCE && self->n_bytes < MAX_BYTES_AT_ONCE) || put_down (self, error);
}

static gboolean
carry (SatchelStoreSession *from, SatchelStoreSession *to, const SatchelStoreTable *table, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (free_row);
  Carrying carrying = { to, table, rows, 0 };

  return from->store->interface->read_table (from, table, pick_up, &carrying, error) && put_down (&carrying, error);
}

/* ---- Comparing ------------------------------------------------------------------------------------ */

/* Digests of a table, one a bucket. */
typedef struct
{
  const SatchelStoreTable *table;
  GHashTable *digests; /* number of the bucket -> GChecksum */
} Summing;

static GChecksum *
find_digest (Summing *self, const char *bucket)
{
  GChecksum *digest = g_hash_table_lookup (self->digests, bucket);

  if (digest == NULL)
    {
      digest = g_checksum_new (G_CHECKSUM_SHA256);
      g_hash_table_insert (self->digests, g_strdup (bucket), digest);
    }

  return digest;
}

static gboolean
add_row (const char *const *values, gpointer data, GError **error)
{
  Summing *self = data;
  GChecksum *digest = find_digest (self, self->table->bucket >= 0 ? values[self->table->bucket] : "");

  for (guint i = 0; self->table->kinds[i] != '\0'; i++)
    {
      g_autofree char *length = g_strdup_printf ("%" G_GSSIZE_FORMAT ":",
                                                 values[i] != NULL ? (gssize) strlen (values[i]) : -1);

      g_checksum_update (digest, (const guchar *) length, -1);
      if (values[i] != NULL)
        g_checksum_update (digest, (const guchar *) values[i], -1);
    }

  return TRUE;
}

static GHashTable *
sum_up (SatchelStoreSession *session, const SatchelStoreTable *table, GError **error)
{
  g_autoptr (GHashTable) digests = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                                          (GDestroyNotify) g_checksum_free);
  Summing summing = { table, digests };

  return session->store->interface->read_table (session, table, add_row, &summing, error) ? g_steal_pointer (&digests)
                                                                                          : NULL;
}

static gboolean
are_equal (GHashTable *one, GHashTable *other)
{
  GHashTableIter iter;
  gpointer bucket, digest;

  g_hash_table_iter_init (&iter, one);
  while (g_hash_table_iter_next (&iter, &bucket, &digest))
    {
      GChecksum *same = g_hash_table_lookup (other, bucket);

      if (same == NULL || strcmp (g_checksum_get_string (digest), g_checksum_get_string (same)) != 0)
        return FALSE;
    }

  return g_hash_table_size (one) == g_hash_table_size (other);
}

static gboolean
compare (SatchelStoreSession *from, SatchelStoreSession *to, const SatchelStoreTable *table, GError **error)
{
  g_autoptr (GHashTable) there = sum_up (from, table, error);
  g_autoptr (GHashTable) here = there != NULL ? sum_up (to, table, error) : NULL;

  if (here == NULL)
    return FALSE;
  if (are_equal (there, here))
    return TRUE;

  g_set_error (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_CORRUPT,
               _ ("What arrived is not what was there (%s). Nothing of it is used."), table->name);

  return FALSE;
}

/* ---- All of it ------------------------------------------------------------------------------------ */

gboolean
satchel_store_copy (SatchelStoreSession *from, SatchelStoreSession *to, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    if (!carry (from, to, &tables[i], error))
      return FALSE;
  if (!to->store->interface->end_rows (to, error))
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    if (!compare (from, to, &tables[i], error))
      return FALSE;

  return TRUE;
}
