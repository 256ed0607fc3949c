/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server-cursor.h"
#include "server-decide.h"
#include "server-request.h"

G_BEGIN_DECLS

/* What devices bring back that was lost with an epoch: see "Restored servers" in PROTOCOL.md. */

/* Whether what the device holds is more than this store ever had, and it does not know that yet. */
gboolean satchel_recover_is_due (const SatchelServer *server, const SatchelSyncRequest *request);
/* Whether a cursor means the same here as in the epoch that it is of. */
gboolean satchel_recover_may_go_on (const SatchelServer *server, const SatchelCursor *cursor);

/* Lays the offers of a request on the ledger; the caller saves it. Returns how many taught us something. */
guint satchel_recover_take_offers (SatchelLedger *ledger, char **devices, const SatchelSyncRequest *request);
/* The ids, of those that the device has named, that it shall offer. (element-type utf8) */
GPtrArray *satchel_recover_list_wanted (SatchelView *view, const SatchelSyncRequest *request, GError **error);

G_END_DECLS
