/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-schema.h"

G_BEGIN_DECLS

SatchelStatus *replica_status_new (ReplicaConnection *connection, const ReplicaSchema *schema, GError **error);
GPtrArray *replica_status_list_conflicts (ReplicaConnection *connection, const ReplicaSchema *schema, GError **error);

G_END_DECLS
