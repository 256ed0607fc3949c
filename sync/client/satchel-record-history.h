/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica/satchel-replica.h"

G_BEGIN_DECLS

/* Who changed what of a record, from the replica's server. Blocks. (element-type JsonObject): `change` bodies of the
 * protocol, newest first. */
GPtrArray *satchel_history_fetch (SatchelReplica *replica, const char *type, const char *id, GCancellable *cancellable,
                                  GError **error);

G_END_DECLS
