/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Tries within a sliding window, by name. Names are kept as hashes: they come from outside, and may be anything. */

#include "satchel-config.h"

#include "http-tries.h"

#include <sodium.h>
#include <string.h>

#define MAX_NAMES 10000
#define KEY_BYTES 16

/* The times of the last tries, the oldest first. */
typedef struct
{
  GArray *times; /* gint64 */
} Tries;

struct _HttpTries
{
  guint most;
  gint64 window; /* microseconds */
  GHashTable *names; /* GBytes -> Tries */
};

static void
tries_free (gpointer data)
{
  Tries *tries = data;

  g_array_unref (tries->times);
  g_free (tries);
}

static GBytes *
make_key (const char *name)
{
  guint8 key[KEY_BYTES];

  crypto_generichash (key, sizeof key, (const guint8 *) name, strlen (name), NULL, 0);

  return g_bytes_new (key, sizeof key);
}

static void
forget_old (Tries *tries, gint64 before)
{
  guint n = 0;

  while (n < tries->times->len && g_array_index (tries->times, gint64, n) <= before)
    n++;
  if (n > 0)
    g_array_remove_range (tries->times, 0, n);
}

static void
forget_names (HttpTries *self, gint64 before)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->names);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Tries *tries = value;

      forget_old (tries, before);
      if (tries->times->len == 0)
        g_hash_table_iter_remove (&iter);
    }
}

static Tries *
get_tries (HttpTries *self, const char *name)
{
  g_autoptr (GBytes) key = make_key (name);
  Tries *tries = g_hash_table_lookup (self->names, key);

  if (tries == NULL)
    {
      tries = g_new0 (Tries, 1);
      tries->times = g_array_new (FALSE, FALSE, sizeof (gint64));
      g_hash_table_insert (self->names, g_steal_pointer (&key), tries);
    }

  return tries;
}

HttpTries *
http_tries_new (guint most, guint seconds)
{
  HttpTries *self = g_new0 (HttpTries, 1);

  self->most = most;
  self->window = (gint64) seconds * G_USEC_PER_SEC;
  self->names = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, tries_free);

  return self;
}

void
http_tries_free (HttpTries *self)
{
  g_hash_table_unref (self->names);
  g_free (self);
}

guint
http_tries_add (HttpTries *self, const char *name, gint64 now)
{
  Tries *tries;

  /* So many names at once are an attack by many addresses: then all wait. */
  if (g_hash_table_size (self->names) >= MAX_NAMES)
    forget_names (self, now - self->window);
  if (g_hash_table_size (self->names) >= MAX_NAMES)
    return (guint) (self->window / G_USEC_PER_SEC);

  tries = get_tries (self, name);
  forget_old (tries, now - self->window);
  if (tries->times->len < self->most)
    {
      g_array_append_val (tries->times, now);
      return 0;
    }

  return (guint) ((g_array_index (tries->times, gint64, 0) + self->window - now) / G_USEC_PER_SEC) + 1;
}

void
http_tries_take_back (HttpTries *self, const char *name)
{
  g_autoptr (GBytes) key = make_key (name);
  Tries *tries = g_hash_table_lookup (self->names, key);

  if (tries != NULL && tries->times->len > 0)
    g_array_set_size (tries->times, tries->times->len - 1);
}
