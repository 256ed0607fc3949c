/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <sqlite3.h>

#include "replica/satchel-replica-sync.h"
#include "server/core/server-request.h"

G_BEGIN_DECLS

/* Bugs that are made on purpose, to see that the oracle finds them. The objects that ship know nothing of it: the linker
 * leads some of their calls through sim-mutants.c (--wrap, see meson.build), which hands them on as they are when no
 * mutant was chosen. */
typedef enum
{
  MUTANT_NONE,
  MUTANT_COMPARE, /* the server compares places in the feed, not revisions of units */
  MUTANT_OVERLAY, /* a unit of unsettled work is not laid over its record */
  MUTANT_DEDUPE, /* the server does not look at the hash of a group */
  MUTANT_EXIT, /* the server does not tell that a record left */
  MUTANT_STAGING, /* a device lays down pages one by one */
  N_MUTANTS,
} Mutant;

gboolean sim_mutant_find (const char *name, Mutant *mutant);
char *sim_mutants_list (void); /* their names, for people */
void sim_mutant_choose (Mutant mutant);
/* What the server and the device work on just now, for mutants that need it. NULL: nothing. */
void sim_mutant_serve (const SatchelSyncRequest *request, sqlite3 *eye);
void sim_mutant_work (SatchelReplica *replica);

G_END_DECLS
