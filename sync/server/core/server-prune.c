/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How long things are kept. */

#include "satchel-config.h"

#include "server-sync.h"

#include "records/satchel-id.h"

#define KEPT_DAYS 180
#define RECORDS_AT_ONCE 500

static char *
format_time (gint64 unix_ms)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (unix_ms / 1000);

  return g_date_time_format (time, "%Y-%m-%dT%H:%M:%S.000Z");
}

/**
 * satchel_server_prune:
 * @session: a session that writes, in a transaction
 * @more: (out): whether there is more to do: the next transaction should go on
 * @touched: (element-type utf8): gets the buckets that have news
 * @error: what the store says
 *
 * Lets go of what was kept for 180 days: what lies in the bin goes for good and leaves its id behind, that nothing is
 * made under it again; what is known of groups and of what left a bucket is forgotten. A bounded part at a time. Wants to
 * be called once a day at least, that days can be told apart.
 *
 * Returns: whether it was done; if not, the caller must roll back
 */
gboolean
satchel_server_prune (SatchelStoreSession *session, gboolean *more, GHashTable *touched, GError **error)
{
  gint64 now = satchel_time_now_unix_ms ();
  g_autofree char *today = format_time (now);
  g_autofree char *before = format_time (now - KEPT_DAYS * G_GINT64_CONSTANT (24) * 60 * 60 * 1000);
  const SatchelPruning pruning = { .now = today, .before = before, .limit = RECORDS_AT_ONCE };

  *more = FALSE;

  return satchel_store_prune (session, &pruning, more, touched, error);
}
