/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server-core.h"

G_BEGIN_DECLS

/**
 * SatchelView:
 *
 * The store as one principal may see it: the only door through which a request
 * reads or writes. Made inside the transaction that it speaks of, so that what
 * was revoked before it is not there any more.
 */
typedef struct _SatchelView SatchelView;

/* For a device by its token; errors TOKEN and DISABLED. */
SatchelView *satchel_view_open (SatchelServer *server, SatchelStoreSession *session, const char *token, GError **error);
/* For the administrator at the command line: everything is allowed, nobody is the author. */
SatchelView *satchel_view_open_administration (SatchelServer *server, SatchelStoreSession *session);
void satchel_view_free (SatchelView *self);

SatchelServer *satchel_view_get_server (SatchelView *self);
SatchelStoreSession *satchel_view_get_session (SatchelView *self);
SatchelStoredDevice *satchel_view_get_device (SatchelView *self); /* NULL for the administrator */
const char *satchel_view_get_user (SatchelView *self); /* NULL for the administrator */
/* Whether the device's token is near its end; whether it uses one that it was given for the first time. */
gboolean satchel_view_wants_new_token (SatchelView *self);
gboolean satchel_view_has_new_token (SatchelView *self);
const char *const *satchel_view_get_buckets (SatchelView *self, guint *n_buckets);

/* Reading. */
gboolean satchel_view_sees_bucket (SatchelView *self, const char *bucket);
/* A record; NOT_FOUND also for what may not be seen. */
SatchelStored *satchel_view_load (SatchelView *self, const char *type, const char *id, GError **error);

/* Writing. Each says TRUE, or FALSE and a sentence for the person. A failing store is told by @error as well. */
gboolean satchel_view_may_create (SatchelView *self, const SatchelType *type, char **reason);
gboolean satchel_view_may_edit (SatchelView *self, const SatchelRecord *record, char **reason);
gboolean satchel_view_may_set (SatchelView *self, const SatchelRecord *record, const char *unit, gboolean creating,
                               char **reason);
/* Whether a record may be put where @record would be: @from is NULL for a new one. */
gboolean satchel_view_may_place (SatchelView *self, const SatchelRecord *record, const char *from, const char *to,
                                 char **reason, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelView, satchel_view_free)

G_END_DECLS
