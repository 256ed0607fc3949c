/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <sqlite3.h>

#include "records/satchel-vocabulary.h"

G_BEGIN_DECLS

/* One connection to the replica file, with its prepared statements. Used by one thread at a time. */
typedef struct _ReplicaConnection ReplicaConnection;

/* A prepared statement on loan from its connection; releasing it makes it ready for its next use. */
typedef struct sqlite3_stmt ReplicaStatement;

typedef enum
{
  REPLICA_FAILED = -1,
  REPLICA_DONE,
  REPLICA_ROW,
} ReplicaStep;

typedef enum
{
  REPLICA_ACCESS_READ,
  REPLICA_ACCESS_WRITE,
} ReplicaAccess;

ReplicaConnection *replica_connection_open (const char *path, ReplicaAccess access, GError **error);
void replica_connection_close (ReplicaConnection *self);
sqlite3 *replica_connection_get_db (ReplicaConnection *self);
GHashTable *replica_connection_get_bucket_names (ReplicaConnection *self);
GHashTable *replica_connection_get_bucket_numbers (ReplicaConnection *self);

/* When another process may have changed what they are. */
void replica_connection_forget_buckets (ReplicaConnection *self);

/* @kinds has a letter for each parameter: s text (nullable), i gint64, r double, n null. Texts are copied. */
ReplicaStatement *replica_query (ReplicaConnection *self, GError **error, const char *sql, const char *kinds, ...);
gboolean replica_run (ReplicaConnection *self, GError **error, const char *sql, const char *kinds, ...);
gboolean replica_run_script (ReplicaConnection *self, const char *sql, GError **error);
ReplicaStatement *replica_prepare (ReplicaConnection *self, const char *sql, GError **error);
ReplicaStep replica_step (ReplicaStatement *statement, GError **error);
gboolean replica_finish (ReplicaStatement *statement, GError **error);
void replica_statement_release (ReplicaStatement *statement);
const char *replica_column_text (ReplicaStatement *statement, int column);
char *replica_column_dup_text (ReplicaStatement *statement, int column);
gint64 replica_column_integer (ReplicaStatement *statement, int column);

/* The first column of the first row; @fallback when there is no row or it is null. */
gboolean replica_query_integer (ReplicaConnection *self, const char *sql, gint64 *value, GError **error);

gboolean replica_begin (ReplicaConnection *self, GError **error);
gboolean replica_commit (ReplicaConnection *self, GError **error);
void replica_rollback (ReplicaConnection *self);
/* After a commit that failed: nothing of it comes back when the process is killed now, if the disk lets that be seen to. */
void replica_mend_log (ReplicaConnection *self);
gboolean replica_sync (ReplicaConnection *self);

void replica_set_error (sqlite3 *db, GError **error);
void replica_set_error_code (int code, const char *details, GError **error);

/* Settings and state of the replica by name. */
gboolean replica_meta_get (ReplicaConnection *self, const char *name, char **value, GError **error);
gboolean replica_meta_get_integer (ReplicaConnection *self, const char *name, gint64 *value, GError **error);
gboolean replica_meta_set (ReplicaConnection *self, const char *name, const char *value, GError **error);
gboolean replica_meta_set_integer (ReplicaConnection *self, const char *name, gint64 value, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReplicaConnection, replica_connection_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReplicaStatement, replica_statement_release)

G_END_DECLS
