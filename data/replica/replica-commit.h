/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica-schema.h"
#include "satchel-edit.h"

G_BEGIN_DECLS

/* Lays what a person did over the rows and lets it wait to be sent. @undo: (nullable): an empty edit that becomes the
 * one which takes it back. */
gboolean replica_commit_group (ReplicaTransaction *tx, SatchelGroup *group, SatchelGroup *undo, GError **error);
/* Once more, when the file has lost it. */
gboolean replica_commit_repeat (ReplicaTransaction *tx, SatchelGroup *group, const char *previous_hash, GError **error);

G_END_DECLS
