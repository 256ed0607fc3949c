/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ctl.h"
#include "exchange/satchel-csv.h"
#include "replica/satchel-replica.h"

G_BEGIN_DECLS

/**
 * CtlExit: the exit codes of satchelctl, the same in every command.
 * @CTL_WAITING: done, but conflicts or tray entries wait for a person
 */
typedef enum
{
  CTL_DONE = 0,
  CTL_FAILED = 1,
  CTL_USAGE = 2,
  CTL_UNREACHABLE = 3,
  CTL_REFUSED = 4,
  CTL_WAITING = 5,
} CtlExit;

/**
 * Ctl: one run of the program.
 * @args: (array zero-terminated=1): what stands after the command's name and options
 */
typedef struct
{
  const SatchelVocabulary *vocabulary;
  char *replica_path;
  SatchelReplica *replica;
  gboolean json;
  char **args;
} Ctl;

typedef struct _CtlCommand CtlCommand;

/**
 * CtlCommand:
 * @usage: what stands after the name, shown by --help
 * @summary: one sentence
 * @options: (nullable): options of its own, beside --replica and --json
 * @run: does it
 */
struct _CtlCommand
{
  const char *name;
  const char *usage;
  const char *summary;
  GOptionEntry *options;
  CtlExit (*run) (Ctl *ctl, GError **error);
};

/* Domain of wrong usage; its errors end the program with CTL_USAGE. */
#define CTL_USAGE_ERROR (ctl_usage_error_quark ())
GQuark ctl_usage_error_quark (void);

gboolean ctl_open_replica (Ctl *ctl, gboolean must_exist, GError **error);
guint ctl_count_args (Ctl *ctl);
gboolean ctl_check_args (Ctl *ctl, guint least, guint most, GError **error);
CtlExit ctl_exit_of_error (const GError *error);
/* CTL_WAITING when conflicts or tray entries wait for a person, else CTL_DONE. */
CtlExit ctl_exit_of_waiting (Ctl *ctl, GError **error);
void ctl_say (const char *format, ...) G_GNUC_PRINTF (1, 2); /* a sentence on standard error */

/* ctl-input.c: what a person types. */
typedef struct
{
  char *field;
  char operation; /* '=', '+' or '-' */
  char *value;
} CtlAssignment;
void ctl_assignment_free (CtlAssignment *self);
GPtrArray *ctl_parse_assignments (char **words, GError **error);
SatchelRecord *ctl_get_record (Ctl *ctl, const char *id, GError **error);
/* Also takes the name of a user, a territory, an account… where an id belongs. */
char *ctl_resolve_value (Ctl *ctl, const SatchelField *field, const char *value, GError **error);

/* ctl-output.c: what is printed. */
void ctl_print_json (JsonNode *node);
void ctl_print_json_object (JsonObject *object);
void ctl_print_record (Ctl *ctl, const SatchelRecord *record);
void ctl_print_record_line (Ctl *ctl, const SatchelRecord *record);
void ctl_print_mutation (Ctl *ctl, const SatchelMutation *mutation);

/* Every record of a query, page by page, up to @limit. */
typedef gboolean (*CtlPageFunc) (Ctl *ctl, GPtrArray *records, gpointer data, GError **error);
gboolean ctl_foreach_page (Ctl *ctl, SatchelQuery *query, guint64 limit, CtlPageFunc func, gpointer data,
                           GError **error);
/* CSV of @records to @writer, a SatchelCsvWriter: a CtlPageFunc. */
gboolean ctl_write_csv_page (Ctl *ctl, GPtrArray *records, gpointer writer, GError **error);
SatchelCsvWriter *ctl_csv_writer_for_stdout (const SatchelType *type);

/* The commands. */
extern const CtlCommand ctl_records_commands[]; /* add, set, delete, restore, show, list, search */
extern const CtlCommand ctl_batch_commands[];
extern const CtlCommand ctl_conflict_commands[]; /* conflicts, resolve, tray */
extern const CtlCommand ctl_sync_commands[]; /* enroll, sync, status, sign-out */
extern const CtlCommand ctl_verify_commands[]; /* verify */
extern const CtlCommand ctl_exchange_commands[]; /* import, export */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CtlAssignment, ctl_assignment_free)

G_END_DECLS
