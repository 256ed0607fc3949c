/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Digests over what a bucket holds: the same text from the same records on every device and on the server. */

#include "satchel-config.h"

#include "satchel-digest.h"

#include <sodium.h>
#include <string.h>

#include "records/satchel-error.h"
#include "satchel-frames.h"

/* ---- One record ----------------------------------------------------------------------------------- */

/* A record of a type that is not known here: its object, less its bucket. */
static char *
read_unknown (const char *wire, gsize length, char **type, char **id, GError **error)
{
  g_autoptr (JsonNode) node = satchel_json_parse (wire, (gssize) length, SATCHEL_JSON_MAX_DEPTH, error);
  JsonObject *object;

  if (node == NULL)
    return NULL;

  /* It was read up to its type, so it is an object with an id. */
  object = json_node_get_object (node);
  *type = g_strdup (json_object_get_string_member (object, "type"));
  *id = g_strdup (json_object_get_string_member (object, "id"));
  json_object_remove_member (object, "bucket");

  return satchel_json_to_canonical (node);
}

/**
 * satchel_digest_read_canonical:
 * @vocabulary: the types that are known
 * @wire: the text of a record's wire object
 * @length: its bytes
 * @type: (out) (transfer full): the record's type
 * @id: (out) (transfer full): its id
 * @error: %SATCHEL_DATA_ERROR_INVALID; nothing is given out then
 *
 * Any thread.
 *
 * Returns: (transfer full) (nullable): what the record's digest runs over
 */
char *
satchel_digest_read_canonical (const SatchelVocabulary *vocabulary, const char *wire, gsize length, char **type,
                               char **id, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (SatchelRecord) record = satchel_record_from_wire_text (vocabulary, wire, length, &problem);

  if (record != NULL)
    {
      *type = g_strdup (satchel_type_get_name (satchel_record_get_record_type (record)));
      *id = g_strdup (satchel_record_get_id (record));
      return satchel_record_to_canonical (record);
    }
  if (g_error_matches (problem, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_UNKNOWN_TYPE))
    return read_unknown (wire, length, type, id, error);

  g_propagate_error (error, g_steal_pointer (&problem));

  return NULL;
}

/**
 * satchel_digest_of_canonical:
 * @canonical: a record's canonical text
 * @digest: (out): BLAKE2b-128 of it, in lower hexadecimal digits
 *
 * Any thread.
 */
void
satchel_digest_of_canonical (const char *canonical, char digest[SATCHEL_DIGEST_LENGTH])
{
  guint8 bytes[SATCHEL_DIGEST_BYTES];

  crypto_generichash (bytes, sizeof bytes, (const guint8 *) canonical, strlen (canonical), NULL, 0);
  sodium_bin2hex (digest, SATCHEL_DIGEST_LENGTH, bytes, sizeof bytes);
}

/* ---- A bucket ------------------------------------------------------------------------------------- */

struct _SatchelDigest
{
  crypto_generichash_state state;
  guint64 count;
};

/**
 * satchel_digest_new:
 *
 * Returns: (transfer full): the digest of an empty bucket
 */
SatchelDigest *
satchel_digest_new (void)
{
  SatchelDigest *self = g_aligned_alloc0 (1, sizeof (SatchelDigest), G_ALIGNOF (SatchelDigest));

  crypto_generichash_init (&self->state, NULL, 0, SATCHEL_DIGEST_BYTES);

  return self;
}

void
satchel_digest_free (SatchelDigest *self)
{
  g_aligned_free (self);
}

/**
 * satchel_digest_add:
 * @self: a digest
 * @id: the record's id, greater than the one before
 * @canonical: its canonical text
 */
void
satchel_digest_add (SatchelDigest *self, const char *id, const char *canonical)
{
  char digest[SATCHEL_DIGEST_LENGTH];

  satchel_digest_of_canonical (canonical, digest);
  satchel_digest_add_digest (self, id, digest);
}

void
satchel_digest_add_digest (SatchelDigest *self, const char *id, const char *digest)
{
  crypto_generichash_update (&self->state, (const guint8 *) id, strlen (id));
  crypto_generichash_update (&self->state, (const guint8 *) " ", 1);
  crypto_generichash_update (&self->state, (const guint8 *) digest, strlen (digest));
  crypto_generichash_update (&self->state, (const guint8 *) "\n", 1);
  self->count++;
}

guint64
satchel_digest_get_count (const SatchelDigest *self)
{
  return self->count;
}

/**
 * satchel_digest_finish:
 * @self: a digest, to which nothing is added any more
 * @digest: (out): BLAKE2b-128 over a line "ID DIGEST" for each record, in lower hexadecimal digits
 */
void
satchel_digest_finish (SatchelDigest *self, char digest[SATCHEL_DIGEST_LENGTH])
{
  guint8 bytes[SATCHEL_DIGEST_BYTES];

  crypto_generichash_final (&self->state, bytes, sizeof bytes);
  sodium_bin2hex (digest, SATCHEL_DIGEST_LENGTH, bytes, sizeof bytes);
}
