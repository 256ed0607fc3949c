/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-connection-private.h"
#include "wire/satchel-frames.h"

/**
 * SATCHEL_SYNC_ERROR:
 *
 * The domain of what goes wrong between a device and its server; its codes
 * are #SatchelSyncError.
 */
G_DEFINE_QUARK (satchel-sync-error-quark, satchel_sync_error)

/* Private: see the header. */
void
satchel_sync_error_take_wire (GError **error, GError *reason)
{
  SatchelSyncError code = SATCHEL_SYNC_ERROR_PROTOCOL;

  if (reason->domain != SATCHEL_WIRE_ERROR)
    {
      g_propagate_error (error, reason);
      return;
    }

  if (reason->code == SATCHEL_WIRE_ERROR_INCOMPLETE)
    code = SATCHEL_SYNC_ERROR_UNREACHABLE;
  else if (reason->code == SATCHEL_WIRE_ERROR_PROTOCOL)
    code = SATCHEL_SYNC_ERROR_VERSION;
  g_set_error_literal (error, SATCHEL_SYNC_ERROR, code, reason->message);
  g_error_free (reason);
}
