/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica/satchel-replica-sync.h"
#include "wire/satchel-frames.h"

G_BEGIN_DECLS

/**
 * SatchelAnswer:
 * @epoch: the life of the server's store
 * @at: (nullable): the server's clock
 * @renew: the token is near its end
 * @resync: the cursor could not be read: everything comes anew
 * @fork_device: (nullable): the new device id, when the device was found to be a copy
 * @fork_token: (nullable): the new device's token
 * @restored: the server was brought back from a backup; nothing of the request was used
 * @known: with that: the last group of this device that the server has
 * @recovered: an answer to what was named or offered
 * @wanted: (element-type utf8): with that: what the server wants of what was named
 * @outcomes: (element-type SatchelOutcome): in the order of the groups that were sent
 * @has_page: whether the page was there
 * @cursor: (nullable): where the device stands after this page
 * @applied_through: every group up to it is decided, and its effects are in the feed up to here
 * @head: the page reached the end of the feed
 * @arriving: more of a first sync or of a new bucket is to come
 * @nonce: (nullable): the server's last nonce
 *
 * What an answer to a sync says beside its changes. Plain data.
 */
typedef struct
{
  char *epoch;
  char *at;
  gboolean renew;
  gboolean resync;
  char *fork_device;
  char *fork_token;
  gboolean restored;
  gint64 known;
  gboolean recovered;
  GPtrArray *wanted;
  GPtrArray *outcomes;
  gboolean has_page;
  char *cursor;
  gint64 applied_through;
  gboolean head;
  gboolean arriving;
  char *nonce;
} SatchelAnswer;

void satchel_answer_init (SatchelAnswer *self);
void satchel_answer_clear (SatchelAnswer *self);

/* Opens the body of an answer: it is whole and of our version. */
SatchelFrameReader *satchel_answer_open (GBytes *body, GError **error);
/* Only what the page says, ahead of reading the rest. */
gboolean satchel_answer_peek_page (SatchelAnswer *self, SatchelFrameReader *reader);
/* Reads a whole answer; changes are handed to @delivery as they come. Nothing is checked against what was sent. */
gboolean satchel_answer_read (SatchelAnswer *self, SatchelFrameReader *reader, SatchelDelivery *delivery,
                              GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SatchelAnswer, satchel_answer_clear)

G_END_DECLS
