/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "sim-workers.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* A seed takes a fraction of a second: one that takes so long hangs. */
#define MAX_SEED_SECONDS 120
#define MAX_SHOWN 10

typedef struct
{
  pid_t pid;
  FILE *lines; /* NULL: it has ended */
  guint64 next; /* the seed that it is at */
} Worker;

typedef struct
{
  const SimWork *work;
  Worker *workers;
  guint64 n_done;
  guint64 hash; /* of all traces */
  guint faults[N_FAULTS];
  GArray *failed; /* seeds */
  gboolean stopped;
} Gang;

/* ---- In the worker -------------------------------------------------------------------------------- */

static void
report (FILE *out, guint64 seed, const SimResult *result)
{
  g_autofree char *problems = g_strescape (result->problems != NULL ? result->problems : "", NULL);

  fprintf (out, "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, seed, result->hash);
  for (guint i = 0; i < N_FAULTS; i++)
    fprintf (out, " %u", result->faults[i]);
  fprintf (out, " |%s\n", problems);
  fflush (out);
}

static void
run_again (const SimStart *start, const SimPlan *plan, SimResult *result)
{
  SimResult again;

  sim_run (start, plan, &again);
  if (again.hash != result->hash && result->problems == NULL)
    result->problems = g_strdup ("it is not the same when it is run again\n");
  g_free (again.problems);
}

G_NORETURN static void
work_on (const SimWork *work, guint64 seed, int fd)
{
  FILE *out = fdopen (fd, "w");
  SimStart *start = sim_start_new ();

  for (; seed < work->first_seed + work->n_seeds; seed += work->n_workers)
    {
      SimPlan plan = { .seed = seed, .n_steps = work->n_steps };
      SimResult result;

      alarm (MAX_SEED_SECONDS);
      sim_run (start, &plan, &result);
      if (work->twice)
        run_again (start, &plan, &result);
      report (out, seed, &result);
      g_free (result.problems);
    }
  sim_start_free (start);
  fclose (out);
  _exit (EXIT_SUCCESS);
}

/* ---- In charge ------------------------------------------------------------------------------------ */

static void
start_worker (Gang *self, Worker *worker)
{
  int ends[2];
  gboolean piped = pipe (ends) == 0;

  g_assert (piped);
  fflush (stdout);
  worker->pid = fork ();
  g_assert (worker->pid >= 0);
  if (worker->pid == 0)
    {
      close (ends[0]);
      work_on (self->work, worker->next, ends[1]);
    }
  close (ends[1]);
  worker->lines = fdopen (ends[0], "r");
}

static void
stop_all (Gang *self)
{
  self->stopped = TRUE;
  for (guint i = 0; i < self->work->n_workers; i++)
    if (self->workers[i].lines != NULL)
      kill (self->workers[i].pid, SIGTERM);
}

static void
show_failure (Gang *self, guint64 seed, const char *problems)
{
  g_array_append_val (self->failed, seed);
  if (self->failed->len <= MAX_SHOWN)
    printf ("seed %" G_GUINT64_FORMAT " failed; --replay %" G_GUINT64_FORMAT " --steps %u%s shows it\n%s", seed, seed,
            self->work->n_steps, self->work->options, problems);
  fflush (stdout);
  if (self->work->stops && !self->stopped)
    stop_all (self);
}

static void
take_line (Gang *self, Worker *worker, char *line)
{
  char *rest = line;
  guint64 seed = g_ascii_strtoull (rest, &rest, 10);
  g_autofree char *problems = NULL;

  /* Order does not matter: workers finish as they like. */
  self->hash ^= g_ascii_strtoull (rest, &rest, 10) * (seed | 1);
  for (guint i = 0; i < N_FAULTS; i++)
    self->faults[i] += (guint) g_ascii_strtoull (rest, &rest, 10);
  rest = strchr (rest, '|') + 1;
  problems = g_strcompress (g_strchomp (rest));
  self->n_done++;
  worker->next = seed + self->work->n_workers;
  if (*problems != '\0')
    show_failure (self, seed, problems);
}

static gboolean
has_more (Gang *self, const Worker *worker)
{
  return !self->stopped && worker->next < self->work->first_seed + self->work->n_seeds;
}

/* One that ends before its time ends with the seed that it was at. */
static void
bury (Gang *self, Worker *worker)
{
  int status;
  g_autofree char *problems = NULL;

  g_clear_pointer (&worker->lines, fclose);
  waitpid (worker->pid, &status, 0);
  if (!has_more (self, worker))
    return;

  problems = WIFSIGNALED (status) ? g_strdup_printf ("its process ended with signal %d\n", WTERMSIG (status))
                                  : g_strdup_printf ("its process ended with code %d\n", WEXITSTATUS (status));
  show_failure (self, worker->next, problems);
  self->n_done++;
  worker->next += self->work->n_workers;
  if (has_more (self, worker))
    start_worker (self, worker);
}

static void
listen_to (Gang *self, Worker *worker)
{
  char *line = NULL;
  size_t size = 0;

  if (getline (&line, &size, worker->lines) > 0)
    take_line (self, worker, line);
  else
    bury (self, worker);
  free (line);
}

/* Each line is read whole, so nothing stays in the buffers that poll() does not know of but whole lines. */
static gboolean
listen_to_all (Gang *self)
{
  g_autofree struct pollfd *ends = g_new0 (struct pollfd, self->work->n_workers);
  gboolean any = FALSE;

  for (guint i = 0; i < self->work->n_workers; i++)
    {
      ends[i].fd = self->workers[i].lines != NULL ? fileno (self->workers[i].lines) : -1;
      ends[i].events = POLLIN;
      any |= ends[i].fd >= 0;
    }
  if (!any || poll (ends, self->work->n_workers, -1) < 0)
    return any;
  for (guint i = 0; i < self->work->n_workers; i++)
    if (ends[i].revents != 0)
      listen_to (self, &self->workers[i]);

  return TRUE;
}

/* ---- What came of it ------------------------------------------------------------------------------ */

static double
get_cpu_seconds (void)
{
  struct rusage usage;

  getrusage (RUSAGE_CHILDREN, &usage);

  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / G_USEC_PER_SEC;
}

static void
print_summary (const Gang *self, double seconds)
{
  double cpu = get_cpu_seconds ();

  printf ("%" G_GUINT64_FORMAT " seeds of %u steps in %.1f s: %.1f seeds/s, %.3f s of processor a seed; all traces "
          "%016" G_GINT64_MODIFIER "x\n",
          self->n_done, self->work->n_steps, seconds, (double) self->n_done / seconds,
          cpu / (double) MAX (self->n_done, 1), self->hash);
  for (guint i = 0; i < N_FAULTS; i++)
    if (self->faults[i] > 0)
      printf ("  %8u  %s\n", self->faults[i], fault_get_name (i));
  printf ("%u failed", self->failed->len);
  for (guint i = 0; i < self->failed->len; i++)
    printf ("%s %" G_GUINT64_FORMAT, i == 0 ? ":" : ",", g_array_index (self->failed, guint64, i));
  printf ("\n");
}

gboolean
sim_workers_run (const SimWork *work)
{
  Gang self = { .work = work, .failed = g_array_new (FALSE, FALSE, sizeof (guint64)) };
  gint64 began = g_get_monotonic_time ();
  gboolean well;

  self.workers = g_new0 (Worker, work->n_workers);
  for (guint i = 0; i < work->n_workers; i++)
    {
      self.workers[i].next = work->first_seed + i;
      if (has_more (&self, &self.workers[i]))
        start_worker (&self, &self.workers[i]);
    }
  while (listen_to_all (&self))
    continue;

  print_summary (&self, (double) (g_get_monotonic_time () - began) / G_USEC_PER_SEC);
  well = self.failed->len == 0;
  g_array_unref (self.failed);
  g_free (self.workers);

  return well;
}
