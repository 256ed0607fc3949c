/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server-rights.h"

G_BEGIN_DECLS

/* Lays records into the store as they are: new ones are made, of those that are there the units that differ are changed.
 * In the view's transaction, which the caller rolls back on an error. Their id, creation and values count; what a record
 * has no value for stays as it is. @n_created, @n_changed: (out) (optional) */
gboolean satchel_server_put_records (SatchelView *view, GPtrArray *records, guint *n_created, guint *n_changed,
                                     GError **error);

G_END_DECLS
