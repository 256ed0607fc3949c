/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-services.h"

G_BEGIN_DECLS

/**
 * SatchelPage:
 *
 * A place where a rep can be: Accounts, Notes, the Sync centre. A widget that
 * fills the window beside the sidebar (or above the bottom bar), with header
 * bars of its own. To add one: write the widget, add a line to
 * satchel-places.c.
 *
 * Properties that an implementation overrides:
 * - `services` (SatchelServices, construct only);
 * - `narrow` (boolean): the window is as narrow as a phone: show list and
 *   detail one after the other (`AdwNavigationSplitView:collapsed`).
 *
 * The header bar that stands at the top right of a page's root (of the list,
 * where there is a list) packs a `$SatchelShellButtons` at its end: the sync
 * indicator and the primary menu, shown only where no sidebar shows them.
 *
 * Virtual functions, each may be left out:
 * @open: shows the record; FALSE when it is not of this place
 * @search: shows the search and moves the focus there
 * @back: leaves the detail for the list; FALSE when there is nothing to leave
 * @dup_context: the account that a new note or call would be about, or NULL
 */
#define SATCHEL_TYPE_PAGE (satchel_page_get_type ())
G_DECLARE_INTERFACE (SatchelPage, satchel_page, SATCHEL, PAGE, GtkWidget)

struct _SatchelPageInterface
{
  GTypeInterface parent_iface;

  gboolean (*open) (SatchelPage *self, const char *type, const char *id);
  void (*search) (SatchelPage *self);
  gboolean (*back) (SatchelPage *self);
  char *(*dup_context) (SatchelPage *self);
};

gboolean satchel_page_open (SatchelPage *self, const char *type, const char *id);
void satchel_page_search (SatchelPage *self);
gboolean satchel_page_back (SatchelPage *self);
char *satchel_page_dup_context (SatchelPage *self);

G_END_DECLS
