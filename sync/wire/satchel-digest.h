/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "records/satchel-record.h"

G_BEGIN_DECLS

/* What both ends prove to each other that they hold the same with; see "Digests" in PROTOCOL.md. */
#define SATCHEL_DIGEST_BYTES 16
#define SATCHEL_DIGEST_LENGTH (2 * SATCHEL_DIGEST_BYTES + 1) /* as text, with its end */

/* The canonical text of a record from its wire object's text, whether or not its type is known; and what it is. */
char *satchel_digest_read_canonical (const SatchelVocabulary *vocabulary, const char *wire, gsize length, char **type,
                                     char **id, GError **error);
/* The digest of one record. */
void satchel_digest_of_canonical (const char *canonical, char digest[SATCHEL_DIGEST_LENGTH]);

/**
 * SatchelDigest: the digest of a bucket, made record by record, ascending by id.
 */
typedef struct _SatchelDigest SatchelDigest;

SatchelDigest *satchel_digest_new (void);
void satchel_digest_free (SatchelDigest *self);
void satchel_digest_add (SatchelDigest *self, const char *id, const char *canonical);
/* The same, with the record's digest made already. */
void satchel_digest_add_digest (SatchelDigest *self, const char *id, const char *digest);
guint64 satchel_digest_get_count (const SatchelDigest *self);
/* Once, after the last record. */
void satchel_digest_finish (SatchelDigest *self, char digest[SATCHEL_DIGEST_LENGTH]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelDigest, satchel_digest_free)

G_END_DECLS
