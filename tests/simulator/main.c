/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <malloc.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim-mutants.h"
#include "sim-workers.h"

static gint64 n_seeds = 500;
static gint64 first_seed = 1;
static gint64 replayed_seed = -1;
static int n_steps = 250;
static int n_workers;
static char *mutant_name;
static gboolean twice;
static gboolean expects_failure;
static gboolean shows_frames;

static const GOptionEntry options[] = {
  { "seeds",          0, 0, G_OPTION_ARG_INT64,  &n_seeds,         "How many seeds (500)",                              "N"    },
  { "from",           0, 0, G_OPTION_ARG_INT64,  &first_seed,      "The first of them (1)",                             "S"    },
  { "steps",          0, 0, G_OPTION_ARG_INT,    &n_steps,         "Steps of each seed (250)",                          "K"    },
  { "jobs",           0, 0, G_OPTION_ARG_INT,    &n_workers,       "Processes at once (one for each processor)",        "N"    },
  { "mutant",         0, 0, G_OPTION_ARG_STRING, &mutant_name,     "Makes a bug on purpose, which must be found",       "NAME" },
  { "expect-failure", 0, 0, G_OPTION_ARG_NONE,   &expects_failure,
   "Ends at the first seed that fails, and well only then",                                                             NULL   },
  { "twice",          0, 0, G_OPTION_ARG_NONE,   &twice,           "Runs each seed twice: both times must be the same", NULL   },
  { "replay",         0, 0, G_OPTION_ARG_INT64,  &replayed_seed,   "Shows the steps of one seed in words",              "SEED" },
  { "frames",         0, 0, G_OPTION_ARG_NONE,   &shows_frames,    "With --replay: and what was said, frame by frame",  NULL   },
  G_OPTION_ENTRY_NULL,
};

static int
replay (void)
{
  SimStart *start = sim_start_new ();
  SimPlan plan = {
    .seed = (guint64) replayed_seed, .n_steps = (guint) n_steps, .prints = TRUE, .frames = shows_frames
  };
  SimResult result;

  sim_run (start, &plan, &result);
  printf ("seed %" G_GUINT64_FORMAT ": trace %016" G_GINT64_MODIFIER "x, %s\n", plan.seed, result.hash,
          result.problems != NULL ? "failed" : "all is well");
  sim_start_free (start);
  g_free (result.problems);

  return result.problems != NULL ? EXIT_FAILURE : EXIT_SUCCESS;
}

static char *
dup_options_to_replay (void)
{
  return g_strconcat (mutant_name != NULL ? " --mutant " : "", mutant_name != NULL ? mutant_name : "", NULL);
}

static int
run_many (void)
{
  g_autofree char *options_to_replay = dup_options_to_replay ();
  SimWork work = { .first_seed = (guint64) first_seed,
                   .n_seeds = (guint64) n_seeds,
                   .n_steps = (guint) n_steps,
                   .options = options_to_replay,
                   .twice = twice,
                   .stops = expects_failure,
                   .n_workers = n_workers > 0 ? (guint) n_workers : g_get_num_processors () };

  return sim_workers_run (&work) != expects_failure ? EXIT_SUCCESS : EXIT_FAILURE;
}

static gboolean
choose_mutant (void)
{
  g_autofree char *list = sim_mutants_list ();
  Mutant mutant = MUTANT_NONE;

  if (mutant_name != NULL && !sim_mutant_find (mutant_name, &mutant))
    {
      fprintf (stderr, "satchel-simulator: there is no mutant “%s”; there are %s\n", mutant_name, list);
      return FALSE;
    }
  sim_mutant_choose (mutant);

  return TRUE;
}

/* Most of a seed's time goes into opening files and asking for memory: here nobody counts it, or gives it back. */
static void
keep_memory (void)
{
  mallopt (M_MMAP_THRESHOLD, G_MAXINT32);
  mallopt (M_TRIM_THRESHOLD, G_MAXINT32);
  sqlite3_config (SQLITE_CONFIG_MEMSTATUS, 0);
  sqlite3_config (SQLITE_CONFIG_LOOKASIDE, 512, 500);
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("— tries to break sync");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      fprintf (stderr, "satchel-simulator: %s\n", error->message);
      return 2;
    }
  keep_memory ();
  if (sodium_init () < 0)
    return EXIT_FAILURE;
  if (!choose_mutant ())
    return 2;

  return replayed_seed >= 0 ? replay () : run_many ();
}
