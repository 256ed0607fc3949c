/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 first_seed;
  guint64 n_seeds;
  guint n_steps;
  guint n_workers;
  const char *options; /* to be given with --replay, beside the steps */
  gboolean twice; /* each seed, and both times must be the same */
  gboolean stops; /* at the first failure */
} SimWork;

/* Runs the seeds in processes of their own, so that one that aborts fails alone, and prints what came of them. Returns
 * whether all went well. */
gboolean sim_workers_run (const SimWork *work);

G_END_DECLS
