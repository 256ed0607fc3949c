/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What the server keeps, behind one interface, with SQLite or PostgreSQL behind it. Everything that is read or written
 * many times in a request goes in batches, and everything is in a transaction of a session. What a transaction that writes
 * has read stays so until it has committed. */

/**
 * SatchelStoreError:
 * @SATCHEL_STORE_ERROR_MISSING: there is no store there yet
 * @SATCHEL_STORE_ERROR_EXISTS: there is one already
 * @SATCHEL_STORE_ERROR_NEWER: it was written by a newer version
 * @SATCHEL_STORE_ERROR_CORRUPT: it is damaged
 * @SATCHEL_STORE_ERROR_FULL: no space is left; nothing was written
 * @SATCHEL_STORE_ERROR_BUSY: another process holds it
 * @SATCHEL_STORE_ERROR_AGAIN: others were in the way; nothing was written, and it must be done again from the beginning
 *   of the transaction: see satchel_store_transact()
 * @SATCHEL_STORE_ERROR_TAKEN: a name that must be one of its kind exists already
 * @SATCHEL_STORE_ERROR_FAILED: anything else
 * @SATCHEL_STORE_ERROR_DISK: its disk fails, or does not let it be written to; nothing was written
 */
typedef enum
{
  SATCHEL_STORE_ERROR_MISSING,
  SATCHEL_STORE_ERROR_EXISTS,
  SATCHEL_STORE_ERROR_NEWER,
  SATCHEL_STORE_ERROR_CORRUPT,
  SATCHEL_STORE_ERROR_FULL,
  SATCHEL_STORE_ERROR_BUSY,
  SATCHEL_STORE_ERROR_TAKEN,
  SATCHEL_STORE_ERROR_FAILED,
  SATCHEL_STORE_ERROR_DISK,
  SATCHEL_STORE_ERROR_AGAIN,
} SatchelStoreError;
#define SATCHEL_STORE_ERROR (satchel_store_error_quark ())
GQuark satchel_store_error_quark (void);

/* A revision, "EPOCH.N". */
typedef struct
{
  char epoch[24];
  gint64 n;
} SatchelRevision;

/**
 * SatchelStored: a record as it is kept.
 *
 * @account: (nullable): the account it hangs on
 * @target: (nullable): the record it is about (conflicts, attachments)
 * @owner: (nullable): of an account: whose it is, for sending one's own first
 * @epoch, @n: its revision
 * @units: (nullable): JSON object, unit to revision, of the units that were changed after the creation
 * @creator, @device: (nullable): who made it, with what
 * @body: the wire object, ready to be sent
 */
typedef struct
{
  char *id;
  char *type;
  char *bucket;
  char *account;
  char *target;
  char *owner;
  char *epoch;
  gint64 n;
  char *units;
  char *deleted_at;
  char *deleted_with;
  char *creator;
  char *device;
  char *body;
} SatchelStored;

/**
 * SatchelStoredChange: one line of a record's history: one unit, old and new, both JSON objects or NULL.
 * @past_epoch, @past_n: (nullable): the revision that the new value had in an epoch that ended
 */
typedef struct
{
  char *record;
  char *epoch;
  gint64 n;
  char *unit;
  char *kind;
  char *at;
  char *by;
  char *device;
  char *old_value;
  char *new_value;
  char *past_epoch;
  gint64 past_n;
} SatchelStoredChange;

/**
 * SatchelStoredGroup: what became of a group of a device.
 *
 * @body: (nullable): the mutations as submitted, where a later group may need them
 * @outcome: JSON object, the body of the outcome frame
 * @seen: (nullable): JSON object, record id to the revision that its author had seen
 */
typedef struct
{
  char *device;
  gint64 n;
  char *hash;
  char *body;
  char *outcome;
  char *seen;
  char *at;
} SatchelStoredGroup;

/**
 * SatchelStoredDevice:
 * @token_hash: (nullable): of the token that it signs in with; %NULL: signed out
 * @token_expires: Unix seconds
 * @next_hash: (nullable): of a token that was given to it and not used yet
 * @next_expires: when that one expires
 */
typedef struct
{
  char *id;
  char *user;
  char *name;
  char *token_hash;
  gint64 token_expires;
  char *next_hash;
  gint64 next_expires;
  char *created_at;
  char *last_seen; /* nullable */
  char *nonce; /* nullable */
  gint64 last_n;
  char *last_hash; /* nullable */
  char *forked_from; /* nullable */
  gboolean revoked;
} SatchelStoredDevice;

/* A user as far as the server itself needs one: what records of type user say, and the hash of the password. */
typedef struct
{
  char *id;
  char *name;
  char *role;
  gboolean active;
  char *password; /* nullable: cannot sign in yet */
} SatchelStoredUser;

/**
 * SatchelStoredInvitation: lets whoever has its code sign in once, as @user.
 * @hash: of the code
 * @expires: Unix seconds
 */
typedef struct
{
  char *hash;
  char *user;
  gint64 expires;
} SatchelStoredInvitation;

typedef struct
{
  char *id;
  char *name;
  char *parent; /* nullable */
  char *manager; /* nullable */
} SatchelStoredTerritory;

typedef struct
{
  char *user;
  char *territory;
} SatchelStoredGrant;

/* An open conflict: which one it is for a unit of a record. */
typedef struct
{
  char *target;
  char *unit;
  char *conflict;
} SatchelStoredConflict;

/**
 * SatchelStoredEpoch: a life of the store.
 * @cut: the position of the feed that it ended at, what came after it being lost; -1: it is the present one
 */
typedef struct
{
  char *name;
  gint64 cut;
} SatchelStoredEpoch;

/**
 * SatchelPruning: what is to be let go.
 * @now: the time
 * @before: what lies in the bin, or was sent or left, since before then
 * @limit: how many of a kind at once
 */
typedef struct
{
  const char *now;
  const char *before;
  guint limit;
} SatchelPruning;

/**
 * SatchelStoreBatch: what one transaction writes, in one go.
 *
 * @created, @changed: (element-type SatchelStored): a changed one that is in another bucket than before leaves an exit
 * @opened, @closed: conflicts: (element-type SatchelStoredConflict)
 */
typedef struct
{
  GPtrArray *created;
  GPtrArray *changed;
  GPtrArray *history;
  GPtrArray *groups;
  GPtrArray *opened;
  GPtrArray *closed;
} SatchelStoreBatch;

/**
 * SatchelFeedEntryKind: see the feed in PROTOCOL.md
 */
typedef enum
{
  SATCHEL_FEED_PUT,
  SATCHEL_FEED_EXIT,
  SATCHEL_FEED_DELETE,
} SatchelFeedEntryKind;

/* One entry of the feed, valid until the next one is asked for. What was committed and has no place yet stands behind the
 * head: a reader must not go on from there. */
typedef struct
{
  gint64 pos;
  SatchelFeedEntryKind kind;
  const char *body; /* of a put */
  gsize length;
  const char *owner; /* of a put of an account */
  const char *type;
  const char *id;
  const char *from; /* buckets, of an exit */
  const char *to;
} SatchelFeedEntry;

/* A bucket to read the feed of, from a position. */
typedef struct
{
  gint64 number;
  const char *name;
  gint64 after;
} SatchelFeedSource;

typedef struct _SatchelStore SatchelStore;
typedef struct _SatchelStoreSession SatchelStoreSession;
typedef gboolean (*SatchelFeedFunc) (const SatchelFeedEntry *entry, gpointer data);

/**
 * SatchelStoreAccess:
 * @SATCHEL_STORE_READ: one of many that read
 * @SATCHEL_STORE_WRITE: the one of a process that writes
 * @SATCHEL_STORE_ALONE: one that writes while nobody else uses the store. Of a file that is seen to by a lock on the file.
 */
typedef enum
{
  SATCHEL_STORE_READ,
  SATCHEL_STORE_WRITE,
  SATCHEL_STORE_ALONE,
} SatchelStoreAccess;

/* A table that a store is carried by from one kind of database to another: see satchel_store_copy(). */
typedef struct
{
  const char *name;
  const char *key; /* the order of its rows */
  const char *columns;
  const char *kinds; /* one letter a column: t text, n number */
  int bucket; /* the column with the number of a bucket; -1: none */
} SatchelStoreTable;

typedef gboolean (*SatchelStoreRowFunc) (const char *const *values, gpointer data, GError **error);

/* What an implementation has to bring. Sessions are connections: used by one thread at a time. */
typedef struct
{
  SatchelStoreSession *(*open_session) (SatchelStore *self, SatchelStoreAccess access, GError **error);
  void (*close_session) (SatchelStoreSession *session);
  void (*free) (SatchelStore *self);
  gboolean (*check) (SatchelStoreSession *session, GPtrArray *problems, GError **error);

  /* Transactions. Everything below happens in one. */
  gboolean (*begin) (SatchelStoreSession *session, GError **error);
  gboolean (*commit) (SatchelStoreSession *session, GError **error);
  void (*rollback) (SatchelStoreSession *session);
  gboolean (*get_stamp) (SatchelStoreSession *session, gint64 *stamp, GError **error);

  /* News of other processes, where they can be heard of; NULL where they can only be looked for. */
  SatchelStoreSession *(*listen) (SatchelStoreSession *writer, GError **error);
  gboolean (*wait_for_news) (SatchelStoreSession *session, int wake, GHashTable *touched, gboolean *vague,
                             GError **error);

  /* Records. */
  GPtrArray *(*load_records) (SatchelStoreSession *session, const char *const *ids, GError **error);
  GPtrArray *(*list_hanging) (SatchelStoreSession *session, const char *account, GError **error);
  GPtrArray *(*list_about) (SatchelStoreSession *session, const char *target, GError **error);
  gboolean (*foreach_of_type) (SatchelStoreSession *session, const char *type, GFunc func, gpointer data,
                               GError **error);
  GPtrArray *(*list_changes) (SatchelStoreSession *session, const char *record, const char *unit,
                              const SatchelRevision *after, guint limit, gboolean newest_first, GError **error);
  GPtrArray *(*list_conflicts) (SatchelStoreSession *session, const char *const *targets, GError **error);
  gboolean (*save) (SatchelStoreSession *session, const SatchelStoreBatch *batch, GError **error);
  gboolean (*is_buried) (SatchelStoreSession *session, const char *id, gboolean *buried, GError **error);
  gboolean (*prune) (SatchelStoreSession *session, const SatchelPruning *pruning, gboolean *more, GHashTable *touched,
                     GError **error);

  /* The feed. */
  gboolean (*get_head) (SatchelStoreSession *session, gint64 *pos, GError **error);
  gboolean (*number_buckets) (SatchelStoreSession *session, SatchelFeedSource *sources, guint n_sources,
                              GError **error);
  char *(*name_bucket) (SatchelStoreSession *session, gint64 number, GError **error);
  gboolean (*get_forgotten) (SatchelStoreSession *session, gint64 *pos, GError **error);
  gboolean (*read_feed) (SatchelStoreSession *session, const SatchelFeedSource *sources, guint n_sources,
                         const char *owner, SatchelFeedFunc func, gpointer data, gboolean *at_end, GError **error);

  /* Devices and what they sent. */
  gboolean (*load_device) (SatchelStoreSession *session, const char *id, SatchelStoredDevice **device, GError **error);
  gboolean (*find_device) (SatchelStoreSession *session, const char *token_hash, SatchelStoredDevice **device,
                           GError **error);
  GPtrArray *(*list_devices) (SatchelStoreSession *session, GError **error);
  gboolean (*save_device) (SatchelStoreSession *session, const SatchelStoredDevice *device, GError **error);
  gboolean (*load_group) (SatchelStoreSession *session, const char *device, gint64 n, SatchelStoredGroup **group,
                          GError **error);

  /* People and places. */
  gboolean (*load_user) (SatchelStoreSession *session, const char *id, SatchelStoredUser **user, GError **error);
  gboolean (*find_user) (SatchelStoreSession *session, const char *name, SatchelStoredUser **user, GError **error);
  GPtrArray *(*list_users) (SatchelStoreSession *session, GError **error);
  gboolean (*save_user) (SatchelStoreSession *session, const SatchelStoredUser *user, GError **error);
  gboolean (*set_password) (SatchelStoreSession *session, const char *user, const char *password, GError **error);
  gboolean (*find_invitation) (SatchelStoreSession *session, const char *hash, SatchelStoredInvitation **invitation,
                               GError **error);
  gboolean (*set_invitation) (SatchelStoreSession *session, const char *user, const SatchelStoredInvitation *invitation,
                              GError **error);
  GPtrArray *(*list_territories) (SatchelStoreSession *session, GError **error);
  gboolean (*save_territory) (SatchelStoreSession *session, const SatchelStoredTerritory *territory, GError **error);
  GPtrArray *(*list_grants) (SatchelStoreSession *session, const char *user, GError **error);
  gboolean (*set_grant) (SatchelStoreSession *session, const SatchelStoredGrant *grant, gboolean granted,
                         GError **error);

  /* Settings that live with the data: organisation, and the epochs, the oldest first. */
  gboolean (*get_meta) (SatchelStoreSession *session, const char *key, char **value, GError **error);
  gboolean (*set_meta) (SatchelStoreSession *session, const char *key, const char *value, GError **error);
  GPtrArray *(*list_epochs) (SatchelStoreSession *session, GError **error);
  gboolean (*begin_epoch) (SatchelStoreSession *session, const char *name, GError **error);

  /* All there is, table by table. */
  gboolean (*read_table) (SatchelStoreSession *session, const SatchelStoreTable *table, SatchelStoreRowFunc func,
                          gpointer data, GError **error);
  gboolean (*write_rows) (SatchelStoreSession *session, const SatchelStoreTable *table, GPtrArray *rows,
                          GError **error);
  gboolean (*end_rows) (SatchelStoreSession *session, GError **error);
  gboolean (*set_aside) (SatchelStoreSession *session, const char *name, GError **error);

  /* In no transaction. */
  gboolean (*discard) (SatchelStoreSession *session, GError **error);
  gboolean (*backup) (SatchelStoreSession *session, const char *path, GError **error);
} SatchelStoreInterface;

struct _SatchelStore
{
  const SatchelStoreInterface *interface;
};

struct _SatchelStoreSession
{
  SatchelStore *store;
};

/**
 * SatchelStoreOpen:
 * @SATCHEL_STORE_OPEN: there must be one; it is brought up to date
 * @SATCHEL_STORE_CREATE: there must be none
 */
typedef enum
{
  SATCHEL_STORE_OPEN,
  SATCHEL_STORE_CREATE,
} SatchelStoreOpen;

SatchelStore *satchel_store_open (const char *database, SatchelStoreOpen mode, GError **error);
void satchel_store_free (SatchelStore *self);

SatchelStoreSession *satchel_store_open_session (SatchelStore *self, SatchelStoreAccess access, GError **error);
void satchel_store_session_close (SatchelStoreSession *session);

/* The interface, called. Lists never hold NULL; a single thing that is not there is NULL without an error. */
gboolean satchel_store_check (SatchelStoreSession *session, GPtrArray *problems, GError **error);
gboolean satchel_store_begin (SatchelStoreSession *session, GError **error);
gboolean satchel_store_commit (SatchelStoreSession *session, GError **error);
void satchel_store_rollback (SatchelStoreSession *session);
/* Begins, runs, and commits, or rolls back; again and again, a bounded number of times, while others are in the way. */
typedef gboolean (*SatchelStoreFunc) (SatchelStoreSession *session, gpointer data, GError **error);
gboolean satchel_store_transact (SatchelStoreSession *session, SatchelStoreFunc func, gpointer data, GError **error);
gboolean satchel_store_get_stamp (SatchelStoreSession *session, gint64 *stamp, GError **error);
SatchelStoreSession *satchel_store_listen (SatchelStoreSession *writer, GError **error);
gboolean satchel_store_wait_for_news (SatchelStoreSession *session, int wake, GHashTable *touched, gboolean *vague,
                                      GError **error);
GPtrArray *satchel_store_load_records (SatchelStoreSession *session, const char *const *ids, GError **error);
GPtrArray *satchel_store_list_hanging (SatchelStoreSession *session, const char *account, GError **error);
GPtrArray *satchel_store_list_about (SatchelStoreSession *session, const char *target, GError **error);
gboolean satchel_store_foreach_of_type (SatchelStoreSession *session, const char *type, GFunc func, gpointer data,
                                        GError **error);
/* @after: only what it does not know; NULL for all. */
GPtrArray *satchel_store_list_changes (SatchelStoreSession *session, const char *record, const char *unit,
                                       const SatchelRevision *after, guint limit, gboolean newest_first,
                                       GError **error);
GPtrArray *satchel_store_list_conflicts (SatchelStoreSession *session, const char *const *targets, GError **error);
gboolean satchel_store_save (SatchelStoreSession *session, const SatchelStoreBatch *batch, GError **error);
/* Whether a record of that id was deleted for good. */
gboolean satchel_store_is_buried (SatchelStoreSession *session, const char *id, gboolean *buried, GError **error);
/* @more: set when there is more of it. @touched: (element-type utf8): gets the buckets that have news. */
gboolean satchel_store_prune (SatchelStoreSession *session, const SatchelPruning *pruning, gboolean *more,
                              GHashTable *touched, GError **error);
/* Up to where the feed does not know any more what left. */
gboolean satchel_store_get_forgotten (SatchelStoreSession *session, gint64 *pos, GError **error);
gboolean satchel_store_get_head (SatchelStoreSession *session, gint64 *pos, GError **error);
gboolean satchel_store_number_buckets (SatchelStoreSession *session, SatchelFeedSource *sources, guint n_sources,
                                       GError **error);
char *satchel_store_name_bucket (SatchelStoreSession *session, gint64 number, GError **error);
gboolean satchel_store_read_feed (SatchelStoreSession *session, const SatchelFeedSource *sources, guint n_sources,
                                  const char *owner, SatchelFeedFunc func, gpointer data, gboolean *at_end,
                                  GError **error);
gboolean satchel_store_load_device (SatchelStoreSession *session, const char *id, SatchelStoredDevice **device,
                                    GError **error);
/* By its token, or the one that was given to it last. */
gboolean satchel_store_find_device (SatchelStoreSession *session, const char *token_hash, SatchelStoredDevice **device,
                                    GError **error);
GPtrArray *satchel_store_list_devices (SatchelStoreSession *session, GError **error);
gboolean satchel_store_save_device (SatchelStoreSession *session, const SatchelStoredDevice *device, GError **error);
gboolean satchel_store_load_group (SatchelStoreSession *session, const char *device, gint64 n,
                                   SatchelStoredGroup **group, GError **error);
gboolean satchel_store_load_user (SatchelStoreSession *session, const char *id, SatchelStoredUser **user,
                                  GError **error);
gboolean satchel_store_find_user (SatchelStoreSession *session, const char *name, SatchelStoredUser **user,
                                  GError **error);
GPtrArray *satchel_store_list_users (SatchelStoreSession *session, GError **error);
gboolean satchel_store_save_user (SatchelStoreSession *session, const SatchelStoredUser *user, GError **error);
gboolean satchel_store_set_password (SatchelStoreSession *session, const char *user, const char *password,
                                     GError **error);
gboolean satchel_store_find_invitation (SatchelStoreSession *session, const char *hash,
                                        SatchelStoredInvitation **invitation, GError **error);
/* The one invitation of a user, in the place of an earlier one. @invitation: NULL for none. */
gboolean satchel_store_set_invitation (SatchelStoreSession *session, const char *user,
                                       const SatchelStoredInvitation *invitation, GError **error);
GPtrArray *satchel_store_list_territories (SatchelStoreSession *session, GError **error);
gboolean satchel_store_save_territory (SatchelStoreSession *session, const SatchelStoredTerritory *territory,
                                       GError **error);
GPtrArray *satchel_store_list_grants (SatchelStoreSession *session, const char *user, GError **error);
gboolean satchel_store_set_grant (SatchelStoreSession *session, const SatchelStoredGrant *grant, gboolean granted,
                                  GError **error);
gboolean satchel_store_get_meta (SatchelStoreSession *session, const char *key, char **value, GError **error);
gboolean satchel_store_set_meta (SatchelStoreSession *session, const char *key, const char *value, GError **error);
/* (element-type SatchelStoredEpoch): the oldest first. */
GPtrArray *satchel_store_list_epochs (SatchelStoreSession *session, GError **error);
/* Ends the present epoch at the head of the feed. The nonces of its devices mean nothing any more. */
gboolean satchel_store_begin_epoch (SatchelStoreSession *session, const char *name, GError **error);
/* Carries everything into a store that is empty, which may be of another kind, and compares what arrived, by digests of
 * each bucket and of what is in none. Both sessions in a transaction; the caller commits @to, if it was all right. */
gboolean satchel_store_copy (SatchelStoreSession *from, SatchelStoreSession *to, GError **error);
/* In a transaction that stands alone: what is there is put aside under that name, and an empty store is in its place. For
 * stores that are not files. */
gboolean satchel_store_set_aside (SatchelStoreSession *session, const char *name, GError **error);
/* Removes a store that was just made and came to nothing. For stores that are not files. */
gboolean satchel_store_discard (SatchelStoreSession *session, GError **error);
gboolean satchel_store_is_file (SatchelStore *self);
/* A copy of everything as of one moment, while others read and write: a file of SQLite's, whatever the store is. @path must
 * not be there yet. */
gboolean satchel_store_backup (SatchelStoreSession *session, const char *path, GError **error);

void satchel_stored_free (SatchelStored *self);
void satchel_stored_change_free (SatchelStoredChange *self);
void satchel_stored_group_free (SatchelStoredGroup *self);
void satchel_stored_device_free (SatchelStoredDevice *self);
void satchel_stored_user_free (SatchelStoredUser *self);
void satchel_stored_invitation_free (SatchelStoredInvitation *self);
void satchel_stored_territory_free (SatchelStoredTerritory *self);
void satchel_stored_grant_free (SatchelStoredGrant *self);
void satchel_stored_conflict_free (SatchelStoredConflict *self);
void satchel_stored_epoch_free (SatchelStoredEpoch *self);
void satchel_store_batch_init (SatchelStoreBatch *self);
void satchel_store_batch_clear (SatchelStoreBatch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelStore, satchel_store_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelStoreSession, satchel_store_session_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelStored, satchel_stored_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelStoredChange, satchel_stored_change_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelStoredGroup, satchel_stored_group_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelStoredDevice, satchel_stored_device_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelStoredUser, satchel_stored_user_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelStoredInvitation, satchel_stored_invitation_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelStoredTerritory, satchel_stored_territory_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelStoredGrant, satchel_stored_grant_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelStoredConflict, satchel_stored_conflict_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelStoredEpoch, satchel_stored_epoch_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SatchelStoreBatch, satchel_store_batch_clear)

G_END_DECLS
