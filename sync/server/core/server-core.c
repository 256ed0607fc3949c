/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What all requests share, and revisions. */

#include "satchel-config.h"

#include "server-core.h"

#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>

#define DEFAULT_TOKEN_LIFETIME (G_GINT64_CONSTANT (180) * 24 * 60 * 60)
#define DEFAULT_PAGE_RECORDS 4000
#define EPOCH_BYTES 5

struct _SatchelServer
{
  const SatchelVocabulary *vocabulary;
  GPtrArray *epochs; /* SatchelStoredEpoch, the oldest first; the last one is now */
  char *organisation;
  gint64 token_lifetime;
  guint page_records;
};

G_DEFINE_QUARK (satchel-server-error-quark, satchel_server_error)

/**
 * satchel_server_new:
 * @vocabulary: the vocabulary, which must outlive it
 * @session: a session of the store, in no transaction
 * @error: why not
 *
 * Returns: (transfer full) (nullable): what requests to that store share
 */
SatchelServer *
satchel_server_new (const SatchelVocabulary *vocabulary, SatchelStoreSession *session, GError **error)
{
  g_autoptr (SatchelServer) self = g_new0 (SatchelServer, 1);

  self->vocabulary = vocabulary;
  self->token_lifetime = DEFAULT_TOKEN_LIFETIME;
  self->page_records = DEFAULT_PAGE_RECORDS;
  self->epochs = satchel_store_list_epochs (session, error);
  if (self->epochs == NULL || !satchel_store_get_meta (session, "organisation", &self->organisation, error))
    return NULL;

  if (self->epochs->len == 0)
    {
      g_set_error (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_CORRUPT,
                   _ ("The database was never finished. Please remove it and run “satchel-server init” again."));
      return NULL;
    }

  return g_steal_pointer (&self);
}

void
satchel_server_free (SatchelServer *self)
{
  g_clear_pointer (&self->epochs, g_ptr_array_unref);
  g_free (self->organisation);
  g_free (self);
}

/* Before the first request. */
void
satchel_server_set_token_lifetime (SatchelServer *self, gint64 seconds)
{
  self->token_lifetime = seconds;
}

gint64
satchel_server_get_token_lifetime (const SatchelServer *self)
{
  return self->token_lifetime;
}

/* Before the first request. */
void
satchel_server_set_page_records (SatchelServer *self, guint n_records)
{
  g_return_if_fail (n_records > 0);

  self->page_records = n_records;
}

guint
satchel_server_get_page_records (const SatchelServer *self)
{
  return self->page_records;
}

const SatchelVocabulary *
satchel_server_get_vocabulary (const SatchelServer *self)
{
  return self->vocabulary;
}

const char *
satchel_server_get_epoch (const SatchelServer *self)
{
  return ((const SatchelStoredEpoch *) g_ptr_array_index (self->epochs, self->epochs->len - 1))->name;
}

const char *
satchel_server_get_organisation (const SatchelServer *self)
{
  return self->organisation != NULL ? self->organisation : "";
}

static char *
make_epoch (void)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
  GString *epoch = g_string_new (NULL);

  for (guint i = 0; i < EPOCH_BYTES; i++)
    g_string_append_c (epoch, letters[randombytes_uniform (sizeof letters - 1)]);

  return g_string_free_and_steal (epoch);
}

/**
 * satchel_server_found:
 * @session: a session that writes, in a transaction
 * @organisation: (nullable): what the organisation is called
 * @error: why not
 *
 * Begins the first epoch of a new store.
 *
 * Returns: whether it was done
 */
gboolean
satchel_server_found (SatchelStoreSession *session, const char *organisation, GError **error)
{
  g_autofree char *epoch = make_epoch ();

  return satchel_store_begin_epoch (session, epoch, error) &&
         satchel_store_set_meta (session, "organisation", organisation != NULL ? organisation : "", error);
}

/**
 * satchel_server_refound:
 * @session: a session that writes, in a transaction
 * @error: why not
 *
 * Begins a new epoch of a store that lost what came after a backup.
 *
 * Returns: whether it was done
 */
gboolean
satchel_server_refound (SatchelStoreSession *session, GError **error)
{
  g_autofree char *epoch = make_epoch ();

  return satchel_store_begin_epoch (session, epoch, error);
}

/* ---- Revisions ------------------------------------------------------------------------------------ */

gboolean
satchel_revision_parse (const char *text, SatchelRevision *revision)
{
  const char *dot = strchr (text, '.');
  gsize length = dot != NULL ? (gsize) (dot - text) : 0;

  if (length == 0 || length >= sizeof revision->epoch)
    return FALSE;

  memcpy (revision->epoch, text, length);
  revision->epoch[length] = '\0';

  return g_ascii_string_to_signed (dot + 1, 10, 0, G_MAXINT64, &revision->n, NULL);
}

char *
satchel_revision_to_string (const char *epoch, gint64 n)
{
  return g_strdup_printf ("%s.%" G_GINT64_FORMAT, epoch, n);
}

static gssize
find_epoch (const SatchelServer *self, const char *epoch)
{
  for (guint i = 0; i < self->epochs->len; i++)
    if (strcmp (((const SatchelStoredEpoch *) g_ptr_array_index (self->epochs, i))->name, epoch) == 0)
      return i;

  return -1;
}

gint64
satchel_server_get_cut (const SatchelServer *self, const char *epoch)
{
  gssize index = find_epoch (self, epoch);

  return index >= 0 ? ((const SatchelStoredEpoch *) g_ptr_array_index (self->epochs, index))->cut : -1;
}

gboolean
satchel_server_knows_epoch (const SatchelServer *self, const char *epoch)
{
  return find_epoch (self, epoch) >= 0;
}

/* Numbers go on through the epochs of a store, so what an older epoch wrote is known to every revision of a newer one.
 * The other way round nothing is known: a base of an epoch that ended may name what was lost with it. */
gboolean
satchel_server_is_unchanged (const SatchelServer *self, const SatchelRevision *changed, const SatchelRevision *base)
{
  if (strcmp (changed->epoch, base->epoch) == 0)
    return changed->n <= base->n;

  return find_epoch (self, changed->epoch) < find_epoch (self, base->epoch);
}
