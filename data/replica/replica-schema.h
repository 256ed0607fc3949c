/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "records/satchel-record.h"
#include "replica-connection.h"
#include "satchel-replica.h"

G_BEGIN_DECLS

#define REPLICA_USER_VERSION 2
#define REPLICA_MAX_TYPES 64

/* The columns that every type's table begins with, in the order of `select`. */
enum
{
  REPLICA_COLUMN_KEY,
  REPLICA_COLUMN_ID,
  REPLICA_COLUMN_REV,
  REPLICA_COLUMN_BUCKET,
  REPLICA_COLUMN_CREATED_AT,
  REPLICA_COLUMN_CREATED_BY,
  REPLICA_COLUMN_UPDATED_AT,
  REPLICA_COLUMN_UPDATED_BY,
  REPLICA_COLUMN_DELETED_AT,
  REPLICA_COLUMN_DELETED_WITH,
  REPLICA_COLUMN_EXTRA,
  REPLICA_COLUMN_PENDING,
  REPLICA_N_COLUMNS,
};

/**
 * ReplicaTable: the table of one record type, and the statements on it.
 *
 * @quoted: its name for SQL
 * @by_time: whether its own order is by time, newest first, instead of by title
 * @time_field: the field that such an order goes by, or -1 for the time of creation
 * @is_searchable: whether the search looks at it
 */
typedef struct
{
  const SatchelType *type;
  guint number;
  char *quoted;
  gboolean by_time;
  int time_field;
  gboolean is_searchable;
  char *select_searchable; /* ?1: a key */
  char *search_columns; /* the searchable fields, quoted */
  guint64 search_titles; /* bit i: the i-th of them is a title */
  guint64 search_phones; /* bit i: the i-th of them is a telephone number */
  char *columns;
  char *select_key; /* ?1: an id */
  char *select_by_id;
  char *select_by_key;
  char *insert;
  char *update;
  char *delete;
} ReplicaTable;

/* The tables of all types, made once from the vocabulary; immutable, so any thread may use it. */
typedef struct
{
  const SatchelVocabulary *vocabulary;
  ReplicaTable *tables[REPLICA_MAX_TYPES];
  char *locate; /* ?1: an id -> type number, key, deleted_at */
  char *last_key; /* the highest key of all tables */
} ReplicaSchema;

ReplicaSchema *replica_schema_new (const SatchelVocabulary *vocabulary);
void replica_schema_free (ReplicaSchema *self);
const ReplicaTable *replica_schema_find (const ReplicaSchema *self, const char *type);
const ReplicaTable *replica_schema_get (const ReplicaSchema *self, const SatchelType *type);

/* Whether lists narrowed to one value of the field are common: it names the account, or a person. */
gboolean replica_field_is_indexed (const SatchelField *field);
/* Whether the search looks at the field. */
gboolean replica_field_is_searchable (const SatchelField *field);
char *replica_table_dup_index_name (const ReplicaTable *table, const char *field);

gboolean replica_table_has_column (const ReplicaTable *table, const char *column);

/* What one transaction of the writer works with. */
typedef struct
{
  const ReplicaSchema *schema;
  ReplicaConnection *connection;
  SatchelChanges *changes; /* what to announce after the commit */
  gint64 next_key; /* 0: not looked up yet */
  char *made; /* (nullable): the group that it makes, as a line for the spare copy */
  const char *retried; /* (nullable): the id of the tray's entry that this group takes the place of */
  gboolean kept_changed; /* what the spare copy holds is different now */
  gboolean settled; /* groups are settled that it still holds */
} ReplicaTransaction;

/* Makes and migrates the tables in the file. */
gboolean replica_schema_prepare (ReplicaTransaction *tx, GError **error);
/* Whether replica_schema_prepare() has nothing to do; fails when the file was written by a newer version. */
gboolean replica_schema_check (const ReplicaSchema *self, ReplicaConnection *connection, gboolean *ready,
                               GError **error);
/* The indexes that lists go by; all or none. */
gboolean replica_schema_has_indexes (ReplicaConnection *connection);
gboolean replica_schema_create_indexes (ReplicaTransaction *tx, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReplicaSchema, replica_schema_free)

G_END_DECLS
