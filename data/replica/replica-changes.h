/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-replica.h"

G_BEGIN_DECLS

SatchelChanges *replica_changes_new (void);
void replica_changes_unref (SatchelChanges *self);
void replica_changes_add_type (SatchelChanges *self, guint number);
void replica_changes_add (SatchelChanges *self, guint number, const char *id);
void replica_changes_add_everything (SatchelChanges *self);
void replica_changes_merge (SatchelChanges *self, const SatchelChanges *other);
gboolean replica_changes_is_empty (const SatchelChanges *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelChanges, replica_changes_unref)

G_END_DECLS
