/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "records/satchel-record.h"
#include "sim-trace.h"

G_BEGIN_DECLS

/* Knows every value that was typed, and what may become of it. It shares no code with the merge, the overlay or the
 * server's decisions: it looks at what people did, and at what the files say in the end.
 *
 * Every value that is typed has a token in it, a number of nine digits that is found again wherever the value goes. */

#define ORACLE_FIRST_TOKEN 900000000u
#define ORACLE_LAST_TOKEN 900100000u

/* Tokens, ascending, each once. */
typedef GArray OracleTokens;
OracleTokens *oracle_tokens_of_text (const char *text);
OracleTokens *oracle_tokens_of_unit (const SatchelRecord *record, const char *unit);
OracleTokens *oracle_tokens_of_record (const SatchelRecord *record);
char *oracle_tokens_write (const OracleTokens *self);
gboolean oracle_tokens_contain (const OracleTokens *self, guint token);
gboolean oracle_tokens_equal (const OracleTokens *a, const OracleTokens *b);

typedef enum
{
  TYPED_VALUE, /* a unit's whole value, also of a new record */
  TYPED_ADD, /* to a set */
  TYPED_REMOVE, /* from a set */
  TYPED_DELETE, /* and restoring: the unit is "deleted", what was seen is all of the record */
  TYPED_RESTORE,
  TYPED_RESOLVE, /* the unit is the target's, what was made is the value that was kept */
} TypedKind;

/**
 * Typed: one thing that somebody did.
 *
 * @lineage: the replica; copies of it have the same
 * @creates: of a new record
 * @saw: what stood there when the form was filled; of a delete: in the whole record
 * @made: what stood there when it was saved
 * @token: (0: none): what is new in it
 * @conflict: (nullable): of a resolve
 * @listed: (nullable): of a resolve: the values that were seen in the list
 * @forgotten: the device that it was typed on does not know of it any more
 * @let_go: dropped from the tray by a person, or lost with the only device that had it
 */
typedef struct
{
  guint number;
  guint step;
  guint lineage;
  guint device;
  guint group;
  gboolean strict;
  gboolean creates;
  TypedKind kind;
  char *record;
  char *type;
  char *unit;
  SatchelPolicy policy;
  OracleTokens *saw;
  OracleTokens *made;
  guint token;
  char *conflict;
  OracleTokens *listed;
  gboolean let_go;
  gboolean forgotten;
} Typed;

typedef struct
{
  SimTrace *trace;
  guint last_token;
  guint last_group;
  GPtrArray *typed; /* all, in order */
  GHashTable *by_unit; /* "RECORD UNIT" -> GPtrArray of them */
  GHashTable *again; /* token -> how often it was sent again from a tray */
} Oracle;

void oracle_init (Oracle *self, SimTrace *trace);
void oracle_clear (Oracle *self);
guint oracle_new_token (Oracle *self);

/* One save: what is added to it counts when it is kept. */
typedef struct
{
  guint lineage;
  guint device;
  gboolean strict;
  GPtrArray *typed;
} OracleSave;
OracleSave *oracle_save_new (guint lineage, guint device, gboolean strict);
void oracle_save_free (OracleSave *self);
Typed *oracle_save_add (OracleSave *self, TypedKind kind, const SatchelRecord *record, const char *unit);
void oracle_save_value (OracleSave *self, const SatchelRecord *saw, const SatchelRecord *made, const char *unit,
                        guint token);
/* What takes all of it back. */
OracleSave *oracle_save_reverse (const OracleSave *self);
void oracle_keep (Oracle *self, OracleSave *save); /* takes it */

/* A person decided on what is in a tray: text of its mutations. */
void oracle_let_go (Oracle *self, guint device, const char *text);
void oracle_send_again (Oracle *self, const char *text);
GPtrArray *oracle_list_of_unit (Oracle *self, const char *record, const char *unit); /* NULL: none */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OracleSave, oracle_save_free)

G_END_DECLS
