/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "satchel-record-history.h"

#include "satchel-connection-private.h"

/**
 * satchel_history_fetch:
 * @replica: a replica that is signed in
 * @type: the record's type
 * @id: the record's id
 * @cancellable: (nullable): stops it
 * @error: set to a #SatchelSyncError or #SatchelDataError, or %G_IO_ERROR_CANCELLED
 *
 * Asks the replica's server who changed what of a record, on a connection of
 * its own. Blocks.
 *
 * Returns: (transfer full) (nullable) (element-type JsonObject): `change`
 *   bodies of the protocol, newest first; %NULL with @error set
 */
GPtrArray *
satchel_history_fetch (SatchelReplica *replica, const char *type, const char *id, GCancellable *cancellable,
                       GError **error)
{
  SatchelTokenPlace place;
  g_autoptr (SatchelConnection) connection = satchel_connection_new_for_replica (replica, &place, error);

  return connection != NULL ? satchel_connection_get_history (connection, type, id, cancellable, error) : NULL;
}
