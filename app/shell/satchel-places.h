/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-page.h"

G_BEGIN_DECLS

/**
 * SatchelPlace:
 * @name: of `--page NAME` and `win.place::NAME`
 * @title: what a person reads, marked for translation
 * @icon_name: a symbolic icon
 * @in_bar: whether the bottom bar of a narrow window has it
 * @types: (array zero-terminated=1): the record types that it opens
 * @get_type: the type of its widget, a #SatchelPage; made when it is first shown
 */
typedef struct
{
  const char *name;
  const char *title;
  const char *icon_name;
  gboolean in_bar;
  const char *types[8];
  GType (*get_type) (void);
} SatchelPlace;

const SatchelPlace *satchel_places_get (guint *n_places);
const SatchelPlace *satchel_places_lookup (const char *name);
const SatchelPlace *satchel_places_lookup_for_type (const char *type);
const char *satchel_place_get_display_title (const SatchelPlace *self);

G_END_DECLS
