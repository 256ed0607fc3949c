/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-page.h"

G_DEFINE_INTERFACE (SatchelPage, satchel_page, GTK_TYPE_WIDGET)

static void
satchel_page_default_init (SatchelPageInterface *iface)
{
  g_object_interface_install_property (
      iface, g_param_spec_object ("services", NULL, NULL, SATCHEL_TYPE_SERVICES,
                                  G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS));
  g_object_interface_install_property (
      iface, g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                                   G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS));
}

/**
 * satchel_page_open:
 * @self: a page
 * @type: the name of a record type
 * @id: the record's id
 *
 * Shows a record in its place.
 *
 * Returns: %FALSE when this place shows no such records
 */
gboolean
satchel_page_open (SatchelPage *self, const char *type, const char *id)
{
  SatchelPageInterface *iface;

  g_return_val_if_fail (SATCHEL_IS_PAGE (self), FALSE);
  g_return_val_if_fail (type != NULL && id != NULL, FALSE);

  iface = SATCHEL_PAGE_GET_IFACE (self);
  return iface->open != NULL && iface->open (self, type, id);
}

/**
 * satchel_page_search:
 * @self: a page
 *
 * Moves the focus into the page's search, where it has one.
 */
void
satchel_page_search (SatchelPage *self)
{
  SatchelPageInterface *iface;

  g_return_if_fail (SATCHEL_IS_PAGE (self));

  iface = SATCHEL_PAGE_GET_IFACE (self);
  if (iface->search != NULL)
    iface->search (self);
}

/**
 * satchel_page_back:
 * @self: a page
 *
 * Leaves the detail for the list.
 *
 * Returns: %FALSE when the page stands at its beginning already
 */
gboolean
satchel_page_back (SatchelPage *self)
{
  SatchelPageInterface *iface;

  g_return_val_if_fail (SATCHEL_IS_PAGE (self), FALSE);

  iface = SATCHEL_PAGE_GET_IFACE (self);
  return iface->back != NULL && iface->back (self);
}

/**
 * satchel_page_dup_context:
 * @self: a page
 *
 * Which account the person is looking at, for what they make next.
 *
 * Returns: (transfer full) (nullable): the id of an account
 */
char *
satchel_page_dup_context (SatchelPage *self)
{
  SatchelPageInterface *iface;

  g_return_val_if_fail (SATCHEL_IS_PAGE (self), NULL);

  iface = SATCHEL_PAGE_GET_IFACE (self);
  return iface->dup_context != NULL ? iface->dup_context (self) : NULL;
}
