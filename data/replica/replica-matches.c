/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "replica-matches.h"

#include <string.h>

#include "replica-search.h"

struct _ReplicaMatches
{
  GByteArray *bits; /* one for each key */
  guint n;
};

static gboolean
has_bit (const GByteArray *bits, gint64 key)
{
  return key >= 0 && key / 8 < bits->len && (bits->data[key / 8] >> key % 8 & 1) != 0;
}

static void
set_bit (GByteArray *bits, gint64 key)
{
  guint length = bits->len;

  if (key / 8 >= length)
    {
      g_byte_array_set_size (bits, (guint) MAX (key / 8 + 1, length * 2));
      memset (bits->data + length, 0, bits->len - length);
    }

  bits->data[key / 8] |= (guint8) (1 << key % 8);
}

static void
add (ReplicaMatches *self, gint64 key)
{
  if (has_bit (self->bits, key))
    return;

  set_bit (self->bits, key);
  self->n++;
}

/* ---- Finding -------------------------------------------------------------------------------------- */

/* Rows of which the index has nothing, or what they were before. */
static gboolean
find_stale (ReplicaConnection *connection, const ReplicaTable *table, GByteArray *stale, GError **error)
{
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;

  statement = replica_query (connection, error, "SELECT key FROM _unindexed WHERE type = ?", "i",
                             (gint64) table->number);
  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    set_bit (stale, replica_column_integer (statement, 0));

  return step == REPLICA_DONE;
}

static gboolean
find_indexed (ReplicaMatches *self, ReplicaConnection *connection, const ReplicaTable *table, const char *expression,
              const GByteArray *stale, GError **error)
{
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;

  statement = replica_query (connection, error, "SELECT rowid FROM _search WHERE _search MATCH ?", "s", expression);
  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    {
      gint64 rowid = replica_column_integer (statement, 0);
      gint64 key = rowid >> REPLICA_SEARCH_KEY_SHIFT;

      if ((rowid & REPLICA_SEARCH_TYPE_MASK) == table->number && !has_bit (stale, key))
        add (self, key);
    }

  return step == REPLICA_DONE;
}

static gboolean
find_waiting (ReplicaMatches *self, ReplicaConnection *connection, const ReplicaTable *table, const char *typed,
              GError **error)
{
  g_autofree char *sql = NULL;
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;

  sql = g_strdup_printf ("SELECT _key FROM %s WHERE _key IN (SELECT key FROM _unindexed WHERE type = %u)"
                         " AND satchel_matches (?, %" G_GUINT64_FORMAT ", %s)",
                         table->quoted, table->number, table->search_phones, table->search_columns);
  statement = replica_query (connection, error, sql, "s", typed);
  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    add (self, replica_column_integer (statement, 0));

  return step == REPLICA_DONE;
}

ReplicaMatches *
replica_matches_new (ReplicaConnection *connection, const ReplicaTable *table, const ReplicaNeedle *needle,
                     const char *typed, GError **error)
{
  g_autoptr (ReplicaMatches) self = g_new0 (ReplicaMatches, 1);
  g_autoptr (GByteArray) stale = g_byte_array_new ();
  g_autofree char *expression = replica_needle_dup_expression (needle);

  self->bits = g_byte_array_new ();
  if (!find_stale (connection, table, stale, error) ||
      !find_indexed (self, connection, table, expression, stale, error) ||
      (stale->len > 0 && !find_waiting (self, connection, table, typed, error)))
    return NULL;

  return g_steal_pointer (&self);
}

void
replica_matches_free (ReplicaMatches *self)
{
  g_byte_array_unref (self->bits);
  g_free (self);
}

/* ---- Asking --------------------------------------------------------------------------------------- */

guint
replica_matches_count (const ReplicaMatches *self)
{
  return self->n;
}

gboolean
replica_matches_has (const ReplicaMatches *self, gint64 key)
{
  return has_bit (self->bits, key);
}

char *
replica_matches_dup_keys (const ReplicaMatches *self)
{
  GString *keys = g_string_new ("[");

  for (gint64 key = 0; key < (gint64) self->bits->len * 8; key++)
    if (has_bit (self->bits, key))
      g_string_append_printf (keys, "%s%" G_GINT64_FORMAT, keys->len > 1 ? "," : "", key);
  g_string_append_c (keys, ']');

  return g_string_free_and_steal (keys);
}
