/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server-core.h"
#include "server-outcomes.h"

G_BEGIN_DECLS

/**
 * SatchelSyncRequest: the body of one `POST /v1/sync`, decoded and checked in its shape. Immutable.
 */
typedef struct _SatchelSyncRequest SatchelSyncRequest;

/* Errors MALFORMED, LIMITS, PROTOCOL. Costly for big bodies: not for the thread that answers others. */
SatchelSyncRequest *satchel_sync_request_parse (GBytes *body, GError **error);
void satchel_sync_request_free (SatchelSyncRequest *self);
gboolean satchel_sync_request_writes (const SatchelSyncRequest *self); /* groups or offers */
guint satchel_sync_request_get_wait (const SatchelSyncRequest *self); /* seconds */

/**
 * SatchelPush: what became of the groups of a request: outcomes, or a fork. Worth nothing before the commit.
 */
typedef struct _SatchelPush SatchelPush;

/* The writing half: decides the groups, or forks. On @session, which writes, in a transaction that the caller began,
 * shares with other requests if it likes, and commits; on an error that is not a SatchelServerError it must roll back.
 * A request without groups changes nothing, unless its nonce asks for a fork. @touched: (element-type utf8): set; gets
 * the buckets that have news. */
SatchelPush *satchel_server_push (SatchelServer *self, SatchelStoreSession *session, const char *token,
                                  const SatchelSyncRequest *request, GHashTable *touched, GError **error);
void satchel_push_free (SatchelPush *self);

/**
 * SatchelPushCounts: what became of the groups of a push, in numbers.
 * @repeated: groups that had been sent before
 * @units: by what became of them
 */
typedef struct
{
  guint applied;
  guint partial;
  guint refused;
  guint repeated;
  guint forks;
  guint units[SATCHEL_OUTCOME_N_KINDS];
} SatchelPushCounts;
const SatchelPushCounts *satchel_push_get_counts (const SatchelPush *self);

/**
 * SatchelPushRights: what a push has changed of who may do what.
 * @by, @device: who did so, with what
 * @users, @territories: (nullable) (element-type utf8): ids of those that were made or changed
 */
typedef struct
{
  char *by;
  char *device;
  GPtrArray *users;
  GPtrArray *territories;
} SatchelPushRights;
const SatchelPushRights *satchel_push_get_rights (const SatchelPush *self);

/**
 * SatchelPullStatus:
 * @SATCHEL_PULL_ANSWER: there is an answer
 * @SATCHEL_PULL_NOTHING: there is an answer, but there is nothing new in it: who may wait, waits
 * @SATCHEL_PULL_FORK: the request must go through satchel_server_push() and a commit first
 */
typedef enum
{
  SATCHEL_PULL_ANSWER,
  SATCHEL_PULL_NOTHING,
  SATCHEL_PULL_FORK,
} SatchelPullStatus;

/**
 * SatchelPull: the answer to a request.
 * @answer: the body
 * @device: id; a newer request of the same device supersedes a waiting one
 * @buckets: what is granted: news there are news for it
 * @unseen: the device was not heard of for long, or uses a new token for the first time: satchel_server_note_seen()
 *   should be called
 * @n_changes: how many changes the answer tells
 */
typedef struct
{
  SatchelPullStatus status;
  GBytes *answer;
  char *device;
  char **buckets;
  gboolean unseen;
  guint n_changes;
} SatchelPull;

/* The reading half: changes and the page, in one snapshot that it begins and ends. @push: (nullable): committed. */
SatchelPull *satchel_server_pull (SatchelServer *self, SatchelStoreSession *session, const char *token,
                                  const SatchelSyncRequest *request, const SatchelPush *push, GError **error);
void satchel_pull_free (SatchelPull *self);

/* That the device with that token was here; a new token takes the place of the old one. In a transaction that writes. */
gboolean satchel_server_note_seen (SatchelServer *self, SatchelStoreSession *session, const char *token,
                                   GError **error);

/* Lets go of what was kept for 180 days, a part at a time. In a transaction that writes. */
gboolean satchel_server_prune (SatchelStoreSession *session, gboolean *more, GHashTable *touched, GError **error);

/* The body of the history of a record; NOT_FOUND also for what may not be seen. Begins and ends its own snapshot. */
GBytes *satchel_server_history (SatchelServer *self, SatchelStoreSession *session, const char *token, const char *type,
                                const char *id, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelSyncRequest, satchel_sync_request_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelPush, satchel_push_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelPull, satchel_pull_free)

G_END_DECLS
