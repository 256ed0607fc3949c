/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-connection.h"
#include "satchel-token-store.h"

G_BEGIN_DECLS

/**
 * SatchelReply:
 * @status: the HTTP status
 * @media_type: (nullable): what the body is said to be
 * @retry_after: seconds until the server wants to be asked again; 0 when it does not say
 * @location: (nullable): where a redirection leads
 * @body: the body, whole
 *
 * What a server answered, whatever it means.
 */
typedef struct
{
  guint status;
  char *media_type;
  int retry_after;
  char *location;
  GBytes *body;
} SatchelReply;

void satchel_reply_clear (SatchelReply *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SatchelReply, satchel_reply_clear)

/**
 * SatchelRequest:
 * @method: the HTTP method
 * @path: the path at the server
 * @media_type: (nullable): what the body is
 * @body: (nullable): the body
 * @wait: seconds for which the server may hold the answer
 * @repeatable: may be sent twice, should a kept connection turn out to be closed
 */
typedef struct
{
  const char *method;
  const char *path;
  const char *media_type;
  GBytes *body;
  guint wait;
  gboolean repeatable;
} SatchelRequest;

/* One request and its whole answer; fails only where there is no answer. */
gboolean satchel_connection_send (SatchelConnection *self, const SatchelRequest *request, SatchelReply *reply,
                                  GCancellable *cancellable, GError **error);
const char *satchel_connection_get_server (SatchelConnection *self);
const char *satchel_connection_get_ca_file (SatchelConnection *self);

/* Whether the reply has the status and media type that were asked for; else @error says what it means. */
gboolean satchel_connection_check_reply (SatchelConnection *self, const SatchelReply *reply, guint status,
                                         const char *media_type, GError **error);

/* ---- For a replica ---- */

gboolean satchel_connection_has_token (SatchelConnection *self, const char *token);
/* Asks for a new token, keeps it, and signs in with it from then on; without one, the old one stays. */
gboolean satchel_connection_renew (SatchelConnection *self, const char *device_id, SatchelTokenPlace place,
                                   GCancellable *cancellable, GError **error);
SatchelConnection *satchel_connection_new_for_replica (SatchelReplica *replica, SatchelTokenPlace *place,
                                                       GError **error);
gboolean satchel_connection_load_token (SatchelConnection *self, const char *device_id, SatchelTokenPlace *place,
                                        GError **error);
gboolean satchel_connection_take_fork (SatchelConnection *self, SatchelSyncCore *core, SatchelTokenPlace place,
                                       GError **error);

/* ---- Comparing ---- */

/* A bucket's name, or a record's type and id; with its digest as the server has it. */
typedef struct
{
  char *name;
  char *digest;
  guint64 count;
} SatchelBucketDigest;
void satchel_bucket_digest_free (SatchelBucketDigest *self);

typedef struct
{
  char *type;
  char *id;
  char *digest;
} SatchelRecordDigest;
void satchel_record_digest_free (SatchelRecordDigest *self);

/* (element-type SatchelBucketDigest): of all buckets that are granted. */
GPtrArray *satchel_connection_get_digests (SatchelConnection *self, GCancellable *cancellable, GError **error);
/* (element-type SatchelRecordDigest): ascending by id; of a bucket that is not granted any more, none. */
GPtrArray *satchel_connection_get_bucket_digests (SatchelConnection *self, const char *bucket,
                                                  GCancellable *cancellable, GError **error);
/* The text of a record's wire object; NULL in @record without an error when there is none for us. */
gboolean satchel_connection_get_record (SatchelConnection *self, const char *type, const char *id, char **record,
                                        GCancellable *cancellable, GError **error);

/* ---- Addresses ---- */

/* A server's address as a person writes it to `https://host[:port]`, or NULL. */
char *satchel_address_normalise (const char *text, GError **error);
char *satchel_address_get_host (const char *server);

/* ---- What went wrong ---- */

void satchel_sync_error_set_untrusted (GError **error, const char *host, GTlsCertificate *certificate,
                                       GTlsCertificateFlags flags);
/* From what GIO or libsoup said when no answer came; cancellation stays what it is. Takes @reason. */
void satchel_sync_error_set_transport (GError **error, const char *host, GError *reason);
void satchel_sync_error_set_not_a_server (GError **error, const char *host, const char *detail);
/* From what the codec said of an answer: a cut one is a failure of the transport. Other domains stay. Takes @reason. */
void satchel_sync_error_take_wire (GError **error, GError *reason);

G_END_DECLS
