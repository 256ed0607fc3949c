/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server-core.h"

G_BEGIN_DECLS

/* Bodies of answers with which a device compares what it holds with what the server has, and mends it; see "Digests" in
 * PROTOCOL.md. Each begins and ends its own snapshot of @session, which is in no transaction. */

/* The digests of all buckets that are granted. */
GBytes *satchel_server_digests (SatchelServer *self, SatchelStoreSession *session, const char *token, GError **error);
/* The digests of a bucket's records, from after the id @after (nullable) on; NOT_FOUND also for what may not be seen. */
GBytes *satchel_server_bucket_digests (SatchelServer *self, SatchelStoreSession *session, const char *token,
                                       const char *bucket, const char *after, GError **error);
/* One record; NOT_FOUND also for what may not be seen. */
GBytes *satchel_server_record (SatchelServer *self, SatchelStoreSession *session, const char *token, const char *type,
                               const char *id, GError **error);

G_END_DECLS
