/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every place where a rep can be, in the order of the sidebar, of the bottom bar and of Ctrl+1, Ctrl+2… Places that
 * have no content yet are absent. */

#include "satchel-places.h"

#include <glib/gi18n.h>

#include "accounts/satchel-accounts-page.h"
#include "notes/satchel-notes-page.h"
#include "sync-centre/satchel-sync-page.h"

static const SatchelPlace places[] = {
  {
   .name = "accounts",
   .title = N_ ("Accounts"),
   .icon_name = "satchel-accounts-symbolic",
   .in_bar = TRUE,
   .types = { "account", "contact", "activity", "task", "order" },
   .get_type = satchel_accounts_page_get_type,
   },
  {
   .name = "notes",
   .title = N_ ("Notes"),
   .icon_name = "satchel-notes-symbolic",
   .in_bar = TRUE,
   .types = { "note" },
   .get_type = satchel_notes_page_get_type,
   },
  {
   .name = "sync",
   .title = N_ ("Sync centre"),
   .icon_name = "satchel-sync-symbolic",
   .types = { "conflict" },
   .get_type = satchel_sync_page_get_type,
   },
};

const SatchelPlace *
satchel_places_get (guint *n_places)
{
  *n_places = G_N_ELEMENTS (places);
  return places;
}

const SatchelPlace *
satchel_places_lookup (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (g_strcmp0 (places[i].name, name) == 0)
      return &places[i];
  return NULL;
}

/**
 * satchel_places_lookup_for_type:
 * @type: the name of a record type
 *
 * Returns: (nullable): the place that opens such records
 */
const SatchelPlace *
satchel_places_lookup_for_type (const char *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (g_strv_contains (places[i].types, type))
      return &places[i];
  return NULL;
}

const char *
satchel_place_get_display_title (const SatchelPlace *self)
{
  return _ (self->title);
}
