/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server-sync.h"

G_BEGIN_DECLS

/* A group as it was sent. */
typedef struct
{
  gint64 n;
  char *hash;
  char *canonical; /* of the group without its hash: what the hash runs over */
  JsonObject *object; /* as it came */
  SatchelGroup *group; /* NULL: it breaks the rules, see @flaw */
  char *flaw;
  gboolean too_large;
  JsonObject *replay; /* (nullable): what came of it in an epoch that ended */
} SatchelSentGroup;

struct _SatchelSyncRequest
{
  char *epoch;
  char *cursor;
  char *nonce;
  char *proposed;
  guint wait;
  GPtrArray *groups; /* SatchelSentGroup */
  gboolean recovering;
  gboolean parting; /* a copy that knows to be one */
  GHashTable *haves; /* id -> revision */
  GPtrArray *offers; /* JsonObject: records */
  JsonObject *replay; /* while it is read: of the group that comes next */
};

/* Whether the group is what the hash says, after a group with hash @previous ("" for the first). */
gboolean satchel_sent_group_is_chained (const SatchelSentGroup *self, const char *previous);

G_END_DECLS
