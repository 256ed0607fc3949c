/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SatchelOptions: what the command line asked for; NULL where it said nothing.
 */
typedef struct
{
  char *replica;
  char *page;
  char *screenshot;
  int width;
  int height;
  gboolean dark;
} SatchelOptions;

void satchel_options_add (SatchelOptions *self, GApplication *application);
gboolean satchel_options_check (const SatchelOptions *self, GError **error);
void satchel_options_clear (SatchelOptions *self);

/**
 * SatchelUri: a link: a record, `satchel:TYPE/ID`, or an invitation, `satchel:connect?server=…&user=…` or
 * `satchel:connect?server=…&code=…`.
 */
typedef struct
{
  char *type;
  char *id;
  char *server;
  char *user;
} SatchelUri;

SatchelUri *satchel_uri_parse (const char *text, GError **error);
void satchel_uri_free (SatchelUri *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelUri, satchel_uri_free)

G_END_DECLS
