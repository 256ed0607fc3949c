/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "crash-subject.h"

G_BEGIN_DECLS

/* (transfer full): what the scenario works on, without a disk; freed with g_free() */
typedef CrashSubject *(*CrashMakeFunc) (const CrashScenario *scenario);

/* Adds /crash/NAME/SCENARIO/deaths and …/failures for each of the scenarios, which outlive the run. */
void crash_suite_add (const char *name, const CrashScenario *scenarios, guint n_scenarios, CrashMakeFunc make);
/* Runs all tests, and says at how many points it was. */
int crash_suite_run (void);

G_END_DECLS
