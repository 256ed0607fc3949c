/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SatchelTokenPlace:
 * @SATCHEL_TOKEN_PLACE_SERVICE: the secret service (keyring)
 * @SATCHEL_TOKEN_PLACE_FILE: a file of mode 0600, `$XDG_DATA_HOME/satchel/tokens/DEVICE-ID`
 */
typedef enum
{
  SATCHEL_TOKEN_PLACE_SERVICE,
  SATCHEL_TOKEN_PLACE_FILE,
} SatchelTokenPlace;

/* All block; not for the UI thread. SATCHEL_TOKEN_STORE=file in the environment keeps away from the secret service. */
gboolean satchel_token_store_has_service (void);
gboolean satchel_token_store_save (const char *device_id, const char *token, SatchelTokenPlace place, GError **error);
/* Looks in the file, then in the service. NULL without @error: there is none. */
char *satchel_token_store_load (const char *device_id, SatchelTokenPlace *place, GError **error);
gboolean satchel_token_store_forget (const char *device_id, GError **error);

G_END_DECLS
