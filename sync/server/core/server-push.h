/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server-request.h"
#include "server-rights.h"

G_BEGIN_DECLS

struct _SatchelPush
{
  GPtrArray *outcomes; /* bodies of outcome frames, in the order of the groups */
  char *fork_device; /* NULL: no fork */
  char *fork_token;
  guint n_taken; /* offers */
  SatchelPushCounts counts;
  SatchelPushRights rights;
};

/* Whether the request comes from the replica that the device's other requests came from. */
gboolean satchel_request_is_of_device (const SatchelSyncRequest *request, const SatchelStoredDevice *device);

G_END_DECLS
