/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Chance of the simulator's own. Each step has its own stream, so that a step that is left out changes no other. */
typedef struct
{
  guint64 state;
} SimRandom;

void sim_random_seed (SimRandom *self, guint64 seed, guint64 stream);
guint sim_random_below (SimRandom *self, guint limit); /* 0 when the limit is */
gboolean sim_random_percent (SimRandom *self, guint percent);
gpointer sim_random_pick (SimRandom *self, GPtrArray *array); /* NULL of an empty one */

/* Makes all that takes its chance from GLib or libsodium begin anew from here. */
void sim_random_seed_libraries (guint64 seed, guint64 stream);

G_END_DECLS
