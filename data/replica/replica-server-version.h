/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-schema.h"

G_BEGIN_DECLS

/* The server's version of a record; %NULL without an error: it has none. */
gboolean replica_server_version (ReplicaConnection *connection, const ReplicaSchema *schema, const char *id,
                                 SatchelRecord **record, GError **error);

G_END_DECLS
