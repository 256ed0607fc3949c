/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <sqlite3.h>

#include "fault-vfs.h"

G_BEGIN_DECLS

/* Something that keeps files on a fault disk, and what is done with it step by step, each of which is acknowledged or
 * not. A scenario is first run without faults, and what is in the files is written down after each step: later it is
 * one of these texts that must be found. */

typedef struct _CrashSubject CrashSubject;

typedef struct
{
  /* Opens what is on the disk, and makes it the first time. */
  gboolean (*open) (CrashSubject *self, GError **error);
  /* Also when it could not be opened. */
  void (*close) (CrashSubject *self);
  /* All that is in the files and counts. Aborts when they are not whole. */
  char *(*dump) (CrashSubject *self);
  /* (nullable): aborts when what was just opened is not in order. */
  void (*verify) (CrashSubject *self);
  /* Of the errors that callers can act on. */
  GQuark (*get_domain) (void);
  guint n_chances; /* how often a long run tries each point */
} CrashKind;

/* The first member of what a scenario works on. */
struct _CrashSubject
{
  const CrashKind *kind;
  FaultDisk *disk;
};

typedef gboolean (*CrashFunc) (CrashSubject *self, GError **error);

typedef struct
{
  const char *name;
  CrashFunc run;
  gboolean may_be_lost; /* with the power, though it was acknowledged: it would be done again */
} CrashStep;

typedef struct
{
  const char *name;
  const CrashStep *preparation; /* ended by one without a name; NULL: there is no file yet */
  const CrashStep *steps; /* too */
  /* (nullable): what happens to the files between the two. */
  void (*meddle) (CrashSubject *self);
  /* (nullable): looks at more than the dump after the @n_done-th step. */
  void (*check) (CrashSubject *self, guint n_done);
  guint stride; /* of how many points one is tried in a short run */
} CrashScenario;

/* How many points were tried, by kind. */
typedef struct
{
  guint kills;
  guint power_losses;
  guint failures;
} CrashCount;

/* Kills at each change of the disk and takes its power there, some times with other chances. */
void crash_run_deaths (CrashSubject *self, const CrashScenario *scenario, CrashCount *count);
/* Full disks, and writes, syncs and reads that fail, once and for ever. */
void crash_run_failures (CrashSubject *self, const CrashScenario *scenario, CrashCount *count);

/* Ids and times that come from the step alone, so that a step done again makes the same. */
void crash_chance_begin (guint step);
guint32 crash_chance_draw (void);
/* Ids of a scenario's records by their numbers; valid until the program ends. */
const char *crash_id (guint number);
void crash_assert_whole (sqlite3 *db);
/* The text of all tables of @db but those that are named in @ignored and made anew at will; rows sorted. */
char *crash_dump_tables (sqlite3 *db, const char *const *ignored_patterns, const char *ignored_rows);

G_END_DECLS
