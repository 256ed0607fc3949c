/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ServerLock: says to other processes what is done with a store. It ends with the process at the latest.
 */
typedef struct _ServerLock ServerLock;

/* Beside the file of the store; NULL without an error where the store is no file. */
ServerLock *server_lock_to_use (const char *database, GError **error); /* any number of processes */
ServerLock *server_lock_to_replace (const char *database, GError **error); /* one, while nobody uses it */
void server_lock_free (ServerLock *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ServerLock, server_lock_free)

G_END_DECLS
