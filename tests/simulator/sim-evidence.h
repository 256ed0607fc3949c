/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim.h"

G_BEGIN_DECLS

/* What the files say in the end, as plain data: read from the store with SQL, and from the replicas as people see them. */

typedef struct
{
  char *id;
  char *type;
  char *bucket;
  char *rev;
  char *text;
  JsonObject *body;
} SimRow;

typedef struct
{
  const SimRow *row;
  char *rev;
  char *unit;
  char *kind;
  OracleTokens *before;
  OracleTokens *after;
  gboolean noted; /* something stood over it already when it was brought back to a restored server */
} SimChange;

/**
 * SimEvidence:
 *
 * @rows: id -> SimRow
 * @ids: (element-type utf8): of them, ascending
 * @changes: (element-type SimChange): in the order in which the server made them
 * @applied: set of tokens that are, or once were, the value of something that is no conflict
 * @found: set of tokens that are anywhere where a person can find them
 * @kept_aside: text of everything that is in a tray or was not sent yet
 */
typedef struct
{
  Sim *sim;
  GHashTable *rows;
  GPtrArray *ids;
  GPtrArray *changes;
  GHashTable *applied;
  GHashTable *found;
  GString *kept_aside;
} SimEvidence;

void sim_evidence_init (SimEvidence *self, Sim *sim);
void sim_evidence_clear (SimEvidence *self);
const char *sim_row_get (const SimRow *row, const char *member); /* NULL: none */
gboolean sim_evidence_has (GHashTable *tokens, guint token);

/* Which bucket each record belongs into, and whether every device holds what its user may see. */
void sim_check_scope (const SimEvidence *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SimEvidence, sim_evidence_clear)

G_END_DECLS
