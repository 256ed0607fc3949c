/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-replica.h"

G_BEGIN_DECLS

/* The door for the sync session: what it needs to know, to send and to lay down. Threads as for SatchelReplica. */

/**
 * SatchelLink: what ties a replica to a server. Plain data; NULL where not known.
 */
typedef struct
{
  char *server; /* URL without a path */
  char *ca_file; /* absolute path of a private CA, or NULL */
  char *user_id;
  char *user_name;
  char *device_id;
  char *device_name;
  char *epoch;
  char *recovering; /* the epoch that ended, while what it held is brought back */
  char *cursor; /* opaque */
  char *nonce; /* confirmed session nonce */
  char *proposed_nonce; /* stored before groups are sent, reused until confirmed */
  gint64 acknowledged; /* the last group that was settled */
  char *last_hash; /* of that group: start of the chain of the next */
  char *last_sync;
} SatchelLink;
SatchelLink *satchel_replica_get_link (SatchelReplica *self, GError **error);
/* Stores everything in @link but cursor, acknowledged and last_hash, with full durability. */
gboolean satchel_replica_set_link (SatchelReplica *self, const SatchelLink *link, GError **error);
void satchel_link_free (SatchelLink *link);

/* One process at a time syncs a replica; released by satchel_replica_unlock_sync() or when the process ends.
 * Error BUSY when another holds it. */
gboolean satchel_replica_lock_sync (SatchelReplica *self, GError **error);
void satchel_replica_unlock_sync (SatchelReplica *self);

/**
 * SatchelOutgoing: a group that is on its way to the server.
 *
 * @text: its canonical text, with the hash
 * @replay: (nullable): the text of the frame that stands before it, where it was settled before
 */
typedef struct
{
  gint64 n;
  char *text;
  char *replay;
} SatchelOutgoing;
void satchel_outgoing_free (SatchelOutgoing *outgoing);

/* Groups not settled, ascending, after group @after, within the bounds (at least one when there is one). Marks them
 * sent, and sees to it that there is a proposed nonce, with full durability, before returning. Hashes are chained. (element-type SatchelOutgoing) */
GPtrArray *satchel_replica_take_groups (SatchelReplica *self, gint64 after, guint max_groups, gsize max_bytes,
                                        GError **error);
gint64 satchel_replica_get_last_group (SatchelReplica *self, GError **error); /* newest made, 0 when none ever */

/**
 * SatchelOutcome: what the server decided on one group.
 *
 * @result: "applied", "partial" (some units in conflict or refused stay behind) or "refused"
 * @code, @reason: of a refusal
 * @mutations: JSON array, one object per mutation, `{"id", "rev", "units": {UNIT: {"outcome": "applied|merged|
 *   conflict|refused", "conflict": ID, "code", "reason"}}}`
 */
typedef struct
{
  gint64 n;
  char *result;
  char *code;
  char *reason;
  JsonNode *mutations;
} SatchelOutcome;
void satchel_outcome_free (SatchelOutcome *outcome);

/**
 * SatchelChangeKind: what the feed says of a record.
 * @SATCHEL_CHANGE_PUT: it is so now (also in the bin)
 * @SATCHEL_CHANGE_EXIT: it left a bucket, perhaps for another
 * @SATCHEL_CHANGE_DELETE: it is gone for good
 */
typedef enum
{
  SATCHEL_CHANGE_PUT,
  SATCHEL_CHANGE_EXIT,
  SATCHEL_CHANGE_DELETE,
} SatchelChangeKind;

/**
 * SatchelDelivery: pages from the server on their way into the replica.
 *
 * A delivery is begun, fed line by line and ended. While it is staged the
 * lines wait in the replica file, memory stays flat, nothing is shown. A page
 * that was not read at the head ends with satchel_delivery_stage(); the one
 * read at the head ends with satchel_delivery_apply(), which lays down every
 * staged line, the outcomes, the retired pending work and the cursor in one
 * transaction. While arriving (first sync, backfill) satchel_delivery_apply()
 * is called page by page.
 */
typedef struct _SatchelDelivery SatchelDelivery;
SatchelDelivery *satchel_delivery_new (SatchelReplica *self);
void satchel_delivery_free (SatchelDelivery *delivery);
/* @record: the wire object of a put. Unknown types are kept raw. */
gboolean satchel_delivery_add_put (SatchelDelivery *delivery, JsonObject *record, GError **error);
/* The same from the object's text, as it came and unchecked: what a first sync calls for each record. Read with
 * satchel_record_from_wire_text(), staged as it is. */
gboolean satchel_delivery_add_put_text (SatchelDelivery *delivery, const char *record, gsize length, GError **error);
void satchel_delivery_add_exit (SatchelDelivery *delivery, const char *type, const char *id, const char *from_bucket,
                                const char *to_bucket);
void satchel_delivery_add_delete (SatchelDelivery *delivery, const char *type, const char *id);
void satchel_delivery_drop_bucket (SatchelDelivery *delivery, const char *bucket); /* no longer granted */
void satchel_delivery_add_outcome (SatchelDelivery *delivery, SatchelOutcome *outcome); /* takes it */

typedef struct
{
  const char *cursor;
  const char *epoch;
  gint64 applied_through;
  gboolean arriving; /* more of a first sync or backfill is to come */
  gboolean resync; /* with the first page after the server lost track: when the arriving has ended, settled records
                       * that were not put since are removed; remembered across restarts */
  const char *confirmed_nonce; /* NULL: unchanged */
  const char *at; /* time of this sync, for status; NULL: leave */
  const char *server_at; /* the same by the server's clock; NULL: it did not say */
} SatchelDeliveryEnd;

typedef struct
{
  guint applied; /* groups */
  guint merged; /* units */
  guint conflicts; /* units */
  guint refused; /* groups that went to the tray */
  guint pulled; /* records */
} SatchelDeliveryResult;
gboolean satchel_delivery_stage (SatchelDelivery *delivery, GError **error);
gboolean satchel_delivery_apply (SatchelDelivery *delivery, const SatchelDeliveryEnd *end,
                                 SatchelDeliveryResult *result, GError **error);
gboolean satchel_replica_drop_staged (SatchelReplica *self, GError **error);

/* After error MASS_DELETION: a person has agreed; the next delivery may remove what it wants. */
gboolean satchel_replica_allow_mass_deletion (SatchelReplica *self, GError **error);

/* The server's version of a record, without pending work: what digests run over. */
SatchelRecord *satchel_replica_get_server_version (SatchelReplica *self, const char *id, GError **error);
/* Canonical texts of all server versions in a bucket, by ascending id. Stops when the callback returns FALSE. */
typedef gboolean (*SatchelCanonicalFunc) (const char *type, const char *id, const char *canonical, gpointer data);
gboolean satchel_replica_foreach_canonical (SatchelReplica *self, const char *bucket, SatchelCanonicalFunc func,
                                            gpointer data, GError **error);
/* Buckets that rows are held of. */
char **satchel_replica_list_buckets (SatchelReplica *self, GError **error);

/* For sign-out: forgets the server and every settled record. Refuses (PENDING) while there is unsettled work or a
 * tray, unless @keep_pending_file is given: then that work is first written there as NDJSON and synced to disk. */
gboolean satchel_replica_sign_out (SatchelReplica *self, const char *keep_pending_file, GError **error);

/* A device enrolled anew over the same replica: outbox stays, cursor starts over. @epoch: the server's now; where it is
 * not what it was, the journal is sent again too. */
gboolean satchel_replica_restart (SatchelReplica *self, const char *epoch, GError **error);

/* The server was brought back from a backup: of this device's groups it has those up to @known. The others are not
 * settled any more, those of the journal included. */
gboolean satchel_replica_begin_recovery (SatchelReplica *self, const char *epoch, gint64 known, GError **error);

/**
 * SatchelRevisionWalk: a place between the records of a replica: type by type, each behind those it hangs on.
 */
typedef struct
{
  guint table;
  char *id;
  gboolean at_end;
} SatchelRevisionWalk;
typedef void (*SatchelRevisionFunc) (const char *id, const char *revision, gpointer data);
/* The next @limit records that the server has given, at most. */
gboolean satchel_replica_walk_revisions (SatchelReplica *self, SatchelRevisionWalk *walk, guint limit,
                                         SatchelRevisionFunc func, gpointer data, GError **error);
/* The wire text of a record as the server has it; NULL without an error: there is none. */
char *satchel_replica_dup_server_text (SatchelReplica *self, const char *id, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelLink, satchel_link_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelDelivery, satchel_delivery_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelOutcome, satchel_outcome_free)

G_END_DECLS
