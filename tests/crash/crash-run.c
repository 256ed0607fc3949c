/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Scenarios again and again, each time with one more operation before the fault. */

#include "crash-subject.h"

#include <signal.h>

/* A short run tries some of the points, a long one all of them with more chances: SATCHEL_CRASH=all. Under sanitizers,
 * which are slow, SATCHEL_CRASH=few tries a part of some. */
#define FEW 5

#define READ_STRIDE 23
#define READ_STRIDE_ALL 3

/* What a scenario makes when nothing goes wrong. */
typedef struct
{
  const CrashScenario *scenario;
  FaultSnapshot *start;
  guint n_prepared;
  guint n_steps;
  GPtrArray *dumps; /* one more than there are steps */

  /* What is tried at the moment. */
  const char *fault;
  guint64 at;
  guint chance;
} Track;

static const Track *tried;

/* Whatever it fails on, it says where. */
static void
abort_cb (int signal)
{
  if (tried != NULL)
    g_printerr ("# %s, %s %" G_GUINT64_FORMAT ".%u\n", tried->scenario->name, tried->fault, tried->at, tried->chance);
}

static gboolean
is_long_run (void)
{
  return g_strcmp0 (g_getenv ("SATCHEL_CRASH"), "all") == 0;
}

static guint
find_stride (const CrashScenario *scenario)
{
  if (is_long_run ())
    return 1;

  return g_strcmp0 (g_getenv ("SATCHEL_CRASH"), "few") == 0 ? FEW * scenario->stride : scenario->stride;
}

/* ---- The subject ---------------------------------------------------------------------------------- */

static void
begin_on_disk (CrashSubject *self, guint64 seed, const FaultSnapshot *snapshot)
{
  self->disk = fault_disk_new (seed);
  if (snapshot != NULL)
    fault_disk_restore (self->disk, snapshot);
}

static void
end_on_disk (CrashSubject *self)
{
  self->kind->close (self);
  g_clear_pointer (&self->disk, fault_disk_free);
}

static void
assert_opens (CrashSubject *self)
{
  g_autoptr (GError) error = NULL;

  self->kind->open (self, &error);
  g_assert_no_error (error);
}

static void
verify (CrashSubject *self)
{
  if (self->kind->verify != NULL)
    self->kind->verify (self);
}

/* Opened by itself first, as ids and times are those of a step. */
static gboolean
open_subject (CrashSubject *self, const Track *track, GError **error)
{
  crash_chance_begin (track->n_prepared);

  return self->kind->open (self, error);
}

/* ---- Without faults ------------------------------------------------------------------------------- */

static guint
count_steps (const CrashStep *steps)
{
  guint n = 0;

  while (steps != NULL && steps[n].name != NULL)
    n++;

  return n;
}

static void
assert_step (CrashSubject *self, const CrashStep *step, guint number)
{
  g_autoptr (GError) error = NULL;

  crash_chance_begin (number);
  step->run (self, &error);
  if (error != NULL)
    g_error ("%s: %s", step->name, error->message);
}

static void
check (CrashSubject *self, const Track *track, guint n_done)
{
  if (track->scenario->check != NULL)
    track->scenario->check (self, n_done);
}

static gboolean
has_line (char **lines, const char *line)
{
  return g_strv_contains ((const char *const *) lines, line);
}

static void
print_missing (const char *sign, char **lines, char **others)
{
  for (guint i = 0; lines[i] != NULL; i++)
    if (!has_line (others, lines[i]))
      g_printerr ("%s %.300s\n", sign, lines[i]);
}

G_NORETURN static void
report_difference (const Track *track, const char *dump, guint n_done)
{
  g_auto (GStrv) found = g_strsplit (dump, "\n", -1);
  g_auto (GStrv) expected = g_strsplit (g_ptr_array_index (track->dumps, n_done), "\n", -1);

  print_missing ("+", found, expected);
  print_missing ("-", expected, found);
  g_error ("Not what is to be there after %u steps", n_done);
}

static void
assert_dump (CrashSubject *self, const Track *track, guint n_done)
{
  g_autofree char *dump = self->kind->dump (self);

  if (!g_str_equal (dump, g_ptr_array_index (track->dumps, n_done)))
    report_difference (track, dump, n_done);
  check (self, track, n_done);
}

static void
prepare (CrashSubject *self, Track *track)
{
  begin_on_disk (self, 1, NULL);
  crash_chance_begin (0);
  if (track->scenario->preparation != NULL)
    assert_opens (self);
  for (guint i = 0; i < track->n_prepared; i++)
    assert_step (self, &track->scenario->preparation[i], i + 1);
  self->kind->close (self);
  if (track->scenario->meddle != NULL)
    track->scenario->meddle (self);
  track->start = fault_disk_snapshot (self->disk);
  end_on_disk (self);
}

static void
write_down (CrashSubject *self, Track *track)
{
  begin_on_disk (self, 1, track->start);
  crash_chance_begin (track->n_prepared);
  assert_opens (self);
  g_ptr_array_add (track->dumps, self->kind->dump (self));
  check (self, track, 0);
  for (guint i = 0; i < track->n_steps; i++)
    {
      assert_step (self, &track->scenario->steps[i], track->n_prepared + i + 1);
      g_ptr_array_add (track->dumps, self->kind->dump (self));
      check (self, track, i + 1);
    }
  end_on_disk (self);
}

static Track *
track_new (CrashSubject *self, const CrashScenario *scenario)
{
  Track *track = g_new0 (Track, 1);

  track->scenario = scenario;
  track->fault = "nothing";
  tried = track;
  signal (SIGABRT, abort_cb);
  track->n_prepared = count_steps (scenario->preparation);
  track->n_steps = count_steps (scenario->steps);
  track->dumps = g_ptr_array_new_with_free_func (g_free);
  prepare (self, track);
  write_down (self, track);

  return track;
}

static void
track_free (Track *track)
{
  tried = NULL;
  g_ptr_array_unref (track->dumps);
  fault_snapshot_free (track->start);
  g_free (track);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Track, track_free)

/* The rest of the steps, with nothing in their way. */
static void
run_on (CrashSubject *self, const Track *track, guint n_done)
{
  for (guint i = n_done; i < track->n_steps; i++)
    assert_step (self, &track->scenario->steps[i], track->n_prepared + i + 1);
  assert_dump (self, track, track->n_steps);
}

/* ---- Deaths --------------------------------------------------------------------------------------- */

typedef struct
{
  const char *name;
  void (*revive) (FaultDisk *disk);
  gboolean loses_unsynced;
} Death;

static const Death kill_point = { "kills", fault_disk_restart, FALSE };
static const Death power_loss = { "power losses", fault_disk_lose_power, TRUE };

/* Runs steps until one is not acknowledged; returns how many were. */
static guint
run_until_failure (CrashSubject *self, const Track *track)
{
  g_autoptr (GError) error = NULL;
  guint n = 0;

  while (n < track->n_steps)
    {
      crash_chance_begin (track->n_prepared + n + 1);
      if (!track->scenario->steps[n].run (self, &error))
        break;
      n++;
    }

  return n;
}

/* How many steps are there for sure. */
static guint
count_certain (const Track *track, const Death *death, guint n_done)
{
  while (death->loses_unsynced && n_done > 0 && track->scenario->steps[n_done - 1].may_be_lost)
    n_done--;

  return n_done;
}

/* How many steps the files show; later ones first, as a step may change nothing. */
static guint
find_state (CrashSubject *self, const Track *track, guint least, guint most)
{
  g_autofree char *dump = self->kind->dump (self);

  for (guint n = most + 1; n > least; n--)
    if (g_str_equal (dump, g_ptr_array_index (track->dumps, n - 1)))
      return n - 1;

  report_difference (track, dump, least);
}

/* With the first chance it also goes on to the end. */
static void
look_after_death (CrashSubject *self, const Track *track, const Death *death, guint n_done)
{
  guint least = count_certain (track, death, n_done);
  guint most = MIN (n_done + 1, track->n_steps);
  guint found;

  assert_opens (self);
  found = find_state (self, track, least, most);
  check (self, track, found);
  if (track->chance > 0)
    return;

  verify (self);
  run_on (self, track, found);
}

/* FALSE: the scenario was over before. */
static gboolean
die_at (CrashSubject *self, Track *track, const Death *death)
{
  g_autoptr (GError) error = NULL;
  gboolean died;
  guint n_done = 0;

  begin_on_disk (self, track->at * 1000 + track->chance, track->start);
  fault_disk_plan (self->disk, FAULT_KILL, FAULT_POINTS, track->at, 1);
  if (open_subject (self, track, &error))
    n_done = run_until_failure (self, track);
  self->kind->close (self);
  died = fault_disk_is_dead (self->disk);
  g_assert_true (died || n_done == track->n_steps);

  death->revive (self->disk);
  crash_chance_begin (track->n_prepared);
  look_after_death (self, track, death, n_done);
  end_on_disk (self);

  return died;
}

/* What is lost with the power is drawn more than once, too. */
static guint
get_n_chances (CrashSubject *self, const Death *death)
{
  return death->loses_unsynced ? (self->kind->n_chances + 1) / 2 : self->kind->n_chances;
}

static guint
run_death (CrashSubject *self, Track *track, const Death *death)
{
  guint n_chances = is_long_run () ? get_n_chances (self, death) : 1;
  guint stride = find_stride (track->scenario);
  gboolean died = TRUE;
  guint n = 0;

  track->fault = death->name;
  for (track->at = 1; died; track->at += stride)
    for (track->chance = 0; track->chance < n_chances && died; track->chance++)
      {
        died = die_at (self, track, death);
        n += died;
      }
  g_test_message ("%s: %u %s", track->scenario->name, n, death->name);

  return n;
}

void
crash_run_deaths (CrashSubject *self, const CrashScenario *scenario, CrashCount *count)
{
  g_autoptr (Track) track = track_new (self, scenario);

  count->kills += run_death (self, track, &kill_point);
  count->power_losses += run_death (self, track, &power_loss);
}

/* ---- Failures ------------------------------------------------------------------------------------- */

typedef struct
{
  const char *name;
  FaultEffect effect;
  guint kinds;
  guint64 times;
} Failure;

static const Failure failures[] = {
  { "full disk",         FAULT_NO_SPACE, FAULT_BIT (FAULT_WRITE) | FAULT_BIT (FAULT_CREATE), FAULT_FOR_EVER },
  { "full disk, once",   FAULT_NO_SPACE, FAULT_BIT (FAULT_WRITE) | FAULT_BIT (FAULT_CREATE), 1              },
  { "failed sync",       FAULT_IO_ERROR, FAULT_BIT (FAULT_SYNC),                             FAULT_FOR_EVER },
  { "failed sync, once", FAULT_IO_ERROR, FAULT_BIT (FAULT_SYNC),                             1              },
  { "failed write",      FAULT_IO_ERROR, FAULT_POINTS,                                       1              },
  { "failed read",       FAULT_IO_ERROR, FAULT_BIT (FAULT_READ) | FAULT_BIT (FAULT_OPEN),    1              },
};

static void
assert_telling (CrashSubject *self, const GError *error)
{
  g_assert_nonnull (error);
  g_assert_cmpstr (g_quark_to_string (error->domain), ==, g_quark_to_string (self->kind->get_domain ()));
}

static void
open_in_spite_of (CrashSubject *self, const Track *track)
{
  g_autoptr (GError) error = NULL;

  if (open_subject (self, track, &error))
    return;

  assert_telling (self, error);
  self->kind->close (self);
  fault_disk_clear_plans (self->disk);
  assert_opens (self);
}

/* What failed has changed nothing, and is done when what was in its way is gone. */
static void
run_in_spite_of (CrashSubject *self, const Track *track)
{
  for (guint i = 0; i < track->n_steps; i++)
    {
      const CrashStep *step = &track->scenario->steps[i];
      g_autoptr (GError) error = NULL;

      crash_chance_begin (track->n_prepared + i + 1);
      if (step->run (self, &error))
        continue;

      assert_telling (self, error);
      assert_dump (self, track, i);
      fault_disk_clear_plans (self->disk);
      assert_step (self, step, track->n_prepared + i + 1);
    }
}

/* At the end the power goes: what was acknowledged after a failure counts as much as before. */
static gboolean
fail_at (CrashSubject *self, Track *track, const Failure *failure)
{
  gboolean failed;
  guint found;

  begin_on_disk (self, track->at, track->start);
  fault_disk_plan (self->disk, failure->effect, failure->kinds, track->at, failure->times);
  open_in_spite_of (self, track);
  run_in_spite_of (self, track);
  failed = fault_disk_count_faults (self->disk, failure->effect) > 0;
  fault_disk_clear_plans (self->disk);
  assert_dump (self, track, track->n_steps);

  fault_disk_kill (self->disk);
  self->kind->close (self);
  fault_disk_lose_power (self->disk);
  assert_opens (self);
  found = find_state (self, track, count_certain (track, &power_loss, track->n_steps), track->n_steps);
  verify (self);
  run_on (self, track, found);
  end_on_disk (self);

  return failed;
}

/* There are few syncs and many reads. */
static guint
get_stride (const Track *track, const Failure *failure)
{
  if (failure->kinds == FAULT_BIT (FAULT_SYNC))
    return 1;
  if ((failure->kinds & FAULT_BIT (FAULT_READ)) != 0)
    return is_long_run () ? READ_STRIDE_ALL : READ_STRIDE;

  return find_stride (track->scenario);
}

static guint
run_failure (CrashSubject *self, Track *track, const Failure *failure)
{
  guint stride = get_stride (track, failure);
  gboolean failed = TRUE;
  guint n = 0;

  track->fault = failure->name;
  for (track->at = 1; failed; track->at += stride)
    {
      failed = fail_at (self, track, failure);
      n += failed;
    }
  g_test_message ("%s: %u times %s", track->scenario->name, n, failure->name);

  return n;
}

void
crash_run_failures (CrashSubject *self, const CrashScenario *scenario, CrashCount *count)
{
  g_autoptr (Track) track = track_new (self, scenario);

  for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
    count->failures += run_failure (self, track, &failures[i]);
}
