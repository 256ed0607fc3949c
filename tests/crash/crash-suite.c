/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crash-suite.h"

typedef struct
{
  const CrashScenario *scenario;
  CrashMakeFunc make;
  void (*run) (CrashSubject *subject, const CrashScenario *scenario, CrashCount *count);
} Case;

static CrashCount count;

static void
test_case (gconstpointer data)
{
  const Case *self = data;
  g_autofree CrashSubject *subject = self->make (self->scenario);

  self->run (subject, self->scenario, &count);
}

static void
add (const char *name, const char *sort, Case value)
{
  g_autofree char *path = g_strdup_printf ("/crash/%s/%s/%s", name, value.scenario->name, sort);

  g_test_add_data_func_full (path, g_memdup2 (&value, sizeof value), test_case, g_free);
}

void
crash_suite_add (const char *name, const CrashScenario *scenarios, guint n_scenarios, CrashMakeFunc make)
{
  for (guint i = 0; i < n_scenarios; i++)
    {
      add (name, "deaths", (Case) { &scenarios[i], make, crash_run_deaths });
      add (name, "failures", (Case) { &scenarios[i], make, crash_run_failures });
    }
}

int
crash_suite_run (void)
{
  int status = g_test_run ();

  g_print ("# %u kill points, %u power-loss points, %u failures\n", count.kills, count.power_losses, count.failures);

  return status;
}
