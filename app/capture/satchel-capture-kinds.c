/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-capture-kinds.h"

#include <glib/gi18n.h>

#define FIRST(...)               \
  .first = (const char *const[]) \
  {                              \
    __VA_ARGS__, NULL            \
  }

static const SatchelCaptureKind kinds[] = {
  {
   .name = "note",
   .title = N_ ("Note"),
   .icon = "document-edit-symbolic",
   .type = "note",
   },
  {
   .name = "visit",
   .title = N_ ("Visit"),
   .icon = "mark-location-symbolic",
   .type = "activity",
   .channel = "visit",
   FIRST ("account", "contact", "body", "outcome"),
   .focus = "body",
   .has_next_step = TRUE,
   .saved = N_ ("Visit written down"),
   },
  {
   .name = "call",
   .title = N_ ("Call"),
   .icon = "call-start-symbolic",
   .type = "activity",
   .channel = "call",
   FIRST ("account", "contact", "body", "outcome"),
   .focus = "body",
   .has_next_step = TRUE,
   .saved = N_ ("Call written down"),
   },
  {
   .name = "task",
   .title = N_ ("Task"),
   .icon = "checkbox-checked-symbolic",
   .type = "task",
   FIRST ("account", "title", "due_on"),
   .focus = "title",
   .saved = N_ ("Task added"),
   },
  {
   .name = "contact",
   .title = N_ ("Contact"),
   .icon = "avatar-default-symbolic",
   .type = "contact",
   FIRST ("account", "given_name", "family_name", "role", "mobile", "email"),
   .focus = "given_name",
   .saved = N_ ("Contact added"),
   },
  {
   .name = "account",
   .title = N_ ("Account"),
   .icon = "satchel-accounts-symbolic",
   .type = "account",
   FIRST ("name", "kind", "phone", "email", "city"),
   .focus = "name",
   .saved = N_ ("Account added"),
   },
};

const SatchelCaptureKind *
satchel_capture_kinds_get (guint *n_kinds)
{
  *n_kinds = G_N_ELEMENTS (kinds);
  return kinds;
}

/**
 * satchel_capture_kinds_lookup:
 * @name: the name of a kind
 *
 * Returns: (nullable): the kind
 */
const SatchelCaptureKind *
satchel_capture_kinds_lookup (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (kinds[i].name, name) == 0)
      return &kinds[i];
  return NULL;
}
