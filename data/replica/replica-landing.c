/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "replica-landing.h"

#include <glib/gi18n-lib.h>

#include <string.h>

#include "records/satchel-error.h"
#include "records/satchel-id.h"
#include "replica-children.h"
#include "replica-outbox.h"
#include "replica-overlay.h"
#include "replica-server-version.h"
#include "replica-settle.h"

/* So many deletions at once, and more than that part of all, want a person to agree. */
#define MANY_DELETIONS 50
#define MANY_DELETIONS_PART 10

struct _ReplicaLanding
{
  ReplicaTransaction *tx;

  gboolean has_work; /* something is unsettled, so that a record may be touched */
  gboolean has_leaving; /* records wait to be dropped when the arriving has ended */
  GHashTable *binned; /* what unsettled deletions put into the bin: id -> Binned */
  GHashTable *to_show; /* ids to show anew -> Landed, or NULL where nothing has come */
  GHashTable *exits; /* id -> ReplicaLine: left their bucket and were not put since */
  GArray *landed; /* keys of the rows that were put */
  GHashTable *landed_raw; /* ids of the unread ones */
  guint n_pulled;
  gint64 n_deleted; /* that were not in the bin here */
};

/* @account: the account whose deletion it is */
typedef struct
{
  gint64 n;
  char *account;
} Binned;

/* The server's version of a record that unsettled work touches. It is kept aside at the end only if it does so still. */
typedef struct
{
  SatchelRecord *record;
  char *order; /* (nullable) */
} Landed;

static void
landed_free (gpointer data)
{
  Landed *landed = data;

  if (landed == NULL)
    return;
  satchel_record_unref (landed->record);
  g_free (landed->order);
  g_free (landed);
}

static void
binned_free (gpointer data)
{
  Binned *binned = data;

  g_free (binned->account);
  g_free (binned);
}

/* ---- What is unsettled at the beginning ----------------------------------------------------------- */

static void
take_deletion (ReplicaLanding *self, const char *id, gint64 n, const char *account)
{
  Binned *binned = g_new0 (Binned, 1);

  binned->n = n;
  binned->account = g_strdup (account);
  g_hash_table_replace (self->binned, g_strdup (id), binned);
}

static gboolean
find_deletions (ReplicaLanding *self, GError **error)
{
  g_autoptr (ReplicaStatement) statement = NULL;
  ReplicaStep step;

  statement = replica_query (self->tx->connection, error,
                             "SELECT n, id, type, cause, json_extract (body, '$.kind') AS kind FROM _mutation"
                             " WHERE kind IN ('delete', 'restore') ORDER BY n, position",
                             "");
  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    {
      const char *id = replica_column_text (statement, 1);
      const char *cause = replica_column_text (statement, 3);
      const ReplicaTable *table = replica_schema_find (self->tx->schema, replica_column_text (statement, 2));

      if (strcmp (replica_column_text (statement, 4), "restore") == 0)
        g_hash_table_remove (self->binned, id);
      else if (cause != NULL && *cause != '\0')
        take_deletion (self, id, replica_column_integer (statement, 0), cause);
      else if (table != NULL && replica_type_has_children (table->type))
        take_deletion (self, id, replica_column_integer (statement, 0), id);
    }

  return step == REPLICA_DONE;
}

static gboolean
find_work (ReplicaLanding *self, GError **error)
{
  gint64 has_work, has_leaving;

  if (!replica_query_integer (self->tx->connection, "SELECT EXISTS (SELECT 1 FROM _mutation)", &has_work, error) ||
      !replica_query_integer (self->tx->connection, "SELECT EXISTS (SELECT 1 FROM _leaving)", &has_leaving, error))
    return FALSE;

  self->has_work = has_work != 0;
  self->has_leaving = has_leaving != 0;

  return !self->has_work || find_deletions (self, error);
}

ReplicaLanding *
replica_landing_new (ReplicaTransaction *tx, GError **error)
{
  g_autoptr (ReplicaLanding) self = g_new0 (ReplicaLanding, 1);

  self->tx = tx;
  self->binned = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, binned_free);
  self->to_show = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, landed_free);
  self->exits = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) replica_line_free);
  self->landed = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->landed_raw = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  return find_work (self, error) ? g_steal_pointer (&self) : NULL;
}

void
replica_landing_free (ReplicaLanding *self)
{
  g_hash_table_unref (self->binned);
  g_hash_table_unref (self->to_show);
  g_hash_table_unref (self->exits);
  g_array_unref (self->landed);
  g_hash_table_unref (self->landed_raw);
  g_free (self);
}

/* ---- Puts ----------------------------------------------------------------------------------------- */

/* An unsettled deletion that the record hangs on; %NULL when there is none. */
static const Binned *
find_binned_parent (ReplicaLanding *self, const SatchelRecord *record)
{
  const SatchelType *type = satchel_record_get_record_type (record);

  if (g_hash_table_size (self->binned) == 0 || satchel_record_get_deleted_at (record) != NULL)
    return NULL;

  for (guint i = 0; i < satchel_type_get_n_fields (type); i++)
    {
      const SatchelField *field = satchel_type_get_field (type, i);
      const SatchelValue *value = satchel_record_get_value (record, i);
      const Binned *binned;

      if ((field->flags & SATCHEL_FIELD_ANCHOR) == 0 || value->storage != SATCHEL_STORAGE_TEXT)
        continue;

      binned = g_hash_table_lookup (self->binned, value->text);
      if (binned != NULL)
        return binned;
    }

  return NULL;
}

/* What lands under an account that is on its way to the bin goes there with it. */
static gboolean
follow_into_bin (ReplicaLanding *self, const SatchelRecord *record, gboolean *followed, GError **error)
{
  const char *id = satchel_record_get_id (record);
  const Binned *parent = find_binned_parent (self, record);
  g_autoptr (SatchelMutation) effect = NULL;

  *followed = parent != NULL && !g_hash_table_contains (self->binned, id);
  if (!*followed)
    return TRUE;

  effect = satchel_mutation_new (SATCHEL_MUTATION_DELETE,
                                 satchel_type_get_name (satchel_record_get_record_type (record)), id);
  if (!replica_outbox_add (self->tx, parent->n, effect, parent->account, error))
    return FALSE;

  take_deletion (self, id, parent->n, parent->account);

  return TRUE;
}

static void
put_under_work (ReplicaLanding *self, ReplicaLine *line)
{
  Landed *landed = g_new0 (Landed, 1);

  landed->record = satchel_record_ref (line->record);
  landed->order = g_steal_pointer (&line->order);
  g_hash_table_replace (self->to_show, g_strdup (satchel_record_get_id (line->record)), landed);
}

static gboolean
put_row (ReplicaLanding *self, ReplicaLine *line, GError **error)
{
  const SatchelRecord *record = line->record;
  const ReplicaTable *table = replica_schema_get (self->tx->schema, satchel_record_get_record_type (record));
  gboolean inserted;
  gint64 key;

  if (!replica_rows_insert (self->tx, line->record, line->order, NULL, &inserted, error))
    return FALSE;
  if (inserted)
    key = self->tx->next_key - 1;
  else if (!replica_rows_find_key (self->tx->connection, table, satchel_record_get_id (record), &key, error))
    return FALSE;

  g_array_append_val (self->landed, key);

  return inserted || replica_rows_update (self->tx, key, line->record, line->order, NULL, error);
}

static gboolean
stay (ReplicaLanding *self, const char *id, GError **error)
{
  self->n_pulled++;
  g_hash_table_remove (self->exits, id);

  return !self->has_leaving || replica_run (self->tx->connection, error, "DELETE FROM _leaving WHERE id = ?", "s", id);
}

static gboolean
land_put (ReplicaLanding *self, ReplicaLine *line, GError **error)
{
  const char *id = satchel_record_get_id (line->record);
  gboolean touched = FALSE, followed = FALSE;

  if (!stay (self, id, error))
    return FALSE;
  if (!self->has_work)
    return put_row (self, line, error);

  if (!replica_overlay_is_touched (self->tx->connection, id, &touched, error) ||
      !follow_into_bin (self, line->record, &followed, error))
    return FALSE;

  if (!touched && !followed)
    return put_row (self, line, error);

  put_under_work (self, line);

  return TRUE;
}

static gboolean
land_raw (ReplicaLanding *self, const ReplicaLine *line, GError **error)
{
  g_hash_table_add (self->landed_raw, g_strdup (line->id));

  return stay (self, line->id, error) &&
         replica_run (self->tx->connection, error,
                      "INSERT OR REPLACE INTO _raw (id, type, bucket, body) VALUES (?, ?, ?, ?)", "ssss", line->id,
                      line->type, line->from, line->body);
}

/* ---- What goes ------------------------------------------------------------------------------------ */

static gboolean
drop_unread (ReplicaLanding *self, const char *id, GError **error)
{
  return replica_run (self->tx->connection, error, "DELETE FROM _raw WHERE id = ?", "s", id);
}

/* The device has it no more. What is unsettled on it is sent all the same: the server refuses it, with a reason, and
 * it goes to the tray; taking it back here would leave a gap in the groups. */
static gboolean
drop_record (ReplicaLanding *self, const char *id, GError **error)
{
  const ReplicaTable *table;
  gboolean touched;
  gint64 key;

  if (!replica_rows_locate (self->tx->connection, self->tx->schema, id, &table, &key, error))
    return FALSE;
  if (table == NULL)
    return drop_unread (self, id, error);

  if (!replica_overlay_is_touched (self->tx->connection, id, &touched, error))
    return FALSE;
  if (!touched)
    return replica_rows_delete (self->tx, table, key, id, error);

  g_hash_table_replace (self->to_show, g_strdup (id), NULL);

  return replica_overlay_drop_base (self->tx, id, error);
}

/* What is in the bin here was let go already. */
static gboolean
count_deletion (ReplicaLanding *self, const char *id, GError **error)
{
  g_autoptr (ReplicaRow) row = NULL;

  if (!replica_rows_find (self->tx->connection, self->tx->schema, id, &row, error))
    return FALSE;
  self->n_deleted += row != NULL && satchel_record_get_deleted_at (row->record) == NULL;

  return TRUE;
}

static gboolean
land_delete (ReplicaLanding *self, const ReplicaLine *line, GError **error)
{
  g_hash_table_remove (self->exits, line->id);

  return count_deletion (self, line->id, error) && drop_record (self, line->id, error);
}

static gboolean
get_bucket (ReplicaLanding *self, const char *id, char **bucket, GError **error)
{
  const Landed *landed = g_hash_table_lookup (self->to_show, id);
  g_autoptr (ReplicaRow) row = NULL;
  g_autoptr (SatchelRecord) base = NULL;

  *bucket = NULL;
  if (landed != NULL)
    base = satchel_record_ref (landed->record);
  else if (!replica_overlay_get_base (self->tx->connection, self->tx->schema, id, &base, error))
    return FALSE;
  if (base == NULL && !replica_rows_find (self->tx->connection, self->tx->schema, id, &row, error))
    return FALSE;

  if (base != NULL)
    *bucket = g_strdup (satchel_record_get_bucket (base));
  else if (row != NULL)
    *bucket = g_strdup (satchel_record_get_bucket (row->record));

  return TRUE;
}

/* What entered another bucket before it left this one is still here. */
static gboolean
land_exit (ReplicaLanding *self, const ReplicaLine *line, GError **error)
{
  g_autofree char *bucket = NULL;

  if (!get_bucket (self, line->id, &bucket, error))
    return FALSE;

  if (bucket == NULL || line->from == NULL || strcmp (bucket, line->from) == 0)
    g_hash_table_replace (self->exits, g_strdup (line->id),
                          replica_line_new (line->kind, line->type, line->id, line->from, line->to));

  return TRUE;
}

/* Under unsettled work the row says where the record was when it was last shown, the version kept aside where it is. */
static gboolean
list_in_bucket (ReplicaLanding *self, const ReplicaTable *table, const char *bucket, GPtrArray *ids, GError **error)
{
  g_autofree char *sql = g_strdup_printf (
      "SELECT id FROM %s WHERE _bucket = (SELECT number FROM _bucket WHERE name = ?1) AND id NOT IN (SELECT id FROM "
      "_base)"
      " UNION ALL SELECT b.id FROM _base b JOIN %s t ON t.id = b.id WHERE b.bucket = ?1",
      table->quoted, table->quoted);
  g_autoptr (ReplicaStatement) statement = replica_query (self->tx->connection, error, sql, "s", bucket);
  ReplicaStep step;

  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    g_ptr_array_add (ids, replica_column_dup_text (statement, 0));

  return step == REPLICA_DONE;
}

/* What waits in memory is kept aside after all, for a query that goes over all of it. */
static gboolean
keep_landed (ReplicaLanding *self, GError **error)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->to_show);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Landed *landed = value;

      if (landed != NULL && !replica_overlay_set_base (self->tx, landed->record, error))
        return FALSE;
      g_hash_table_iter_replace (&iter, NULL);
    }

  return TRUE;
}

static gboolean
land_drop (ReplicaLanding *self, const ReplicaLine *line, GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  const ReplicaSchema *schema = self->tx->schema;

  if (!keep_landed (self, error))
    return FALSE;
  for (guint i = 0; i < REPLICA_MAX_TYPES; i++)
    if (schema->tables[i] != NULL && !list_in_bucket (self, schema->tables[i], line->from, ids, error))
      return FALSE;

  for (guint i = 0; i < ids->len; i++)
    if (!drop_record (self, g_ptr_array_index (ids, i), error))
      return FALSE;

  return replica_run (self->tx->connection, error, "DELETE FROM _raw WHERE bucket = ?", "s", line->from);
}

/**
 * replica_landing_lay:
 * @self: a landing
 * @line: what the server says
 * @error: what went wrong with the file
 *
 * Lays one line down. Records that unsettled work touches are shown anew at the end.
 */
gboolean
replica_landing_lay (ReplicaLanding *self, ReplicaLine *line, GError **error)
{
  switch (line->kind)
    {
    case REPLICA_LINE_PUT:
      return land_put (self, line, error);
    case REPLICA_LINE_RAW:
      return land_raw (self, line, error);
    case REPLICA_LINE_EXIT:
      return land_exit (self, line, error);
    case REPLICA_LINE_DELETE:
      return land_delete (self, line, error);
    case REPLICA_LINE_DROP:
      return land_drop (self, line, error);
    default:
      replica_set_error_code (SQLITE_CORRUPT, NULL, error);
      return FALSE;
    }
}

/**
 * replica_landing_recall:
 * @self: a landing
 * @id: a record that was put
 * @record: (out) (nullable): what the server says that it is; %NULL when it went again
 * @error: what went wrong with the file
 */
gboolean
replica_landing_recall (ReplicaLanding *self, const char *id, SatchelRecord **record, GError **error)
{
  const Landed *landed = g_hash_table_lookup (self->to_show, id);

  if (landed == NULL)
    return replica_server_version (self->tx->connection, self->tx->schema, id, record, error);

  *record = satchel_record_ref (landed->record);

  return TRUE;
}

/* ---- The end: what left --------------------------------------------------------------------------- */

/* While more is arriving, the bucket that it went to may still bring it. */
static gboolean
end_exits (ReplicaLanding *self, gboolean arriving, GError **error)
{
  GHashTableIter iter;
  gpointer id, value;

  g_hash_table_iter_init (&iter, self->exits);
  while (g_hash_table_iter_next (&iter, &id, &value))
    {
      const ReplicaLine *exit = value;
      gboolean waits = arriving && exit->to != NULL;
      gboolean done;

      if (waits)
        done = replica_run (self->tx->connection, error, "INSERT OR IGNORE INTO _leaving (id) VALUES (?)", "s", id);
      else
        done = drop_record (self, id, error);
      if (!done)
        return FALSE;
    }

  return TRUE;
}

static gboolean
list_ids (ReplicaLanding *self, const char *sql, GPtrArray *ids, GError **error)
{
  g_autoptr (ReplicaStatement) statement = replica_query (self->tx->connection, error, sql, "");
  ReplicaStep step;

  if (statement == NULL)
    return FALSE;

  while ((step = replica_step (statement, error)) == REPLICA_ROW)
    g_ptr_array_add (ids, replica_column_dup_text (statement, 0));

  return step == REPLICA_DONE;
}

static gboolean
drop_listed (ReplicaLanding *self, const char *sql, GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);

  if (!list_ids (self, sql, ids, error))
    return FALSE;

  for (guint i = 0; i < ids->len; i++)
    if (!drop_record (self, g_ptr_array_index (ids, i), error))
      return FALSE;

  return TRUE;
}

static gboolean
end_leaving (ReplicaLanding *self, GError **error)
{
  return drop_listed (self, "SELECT id FROM _leaving", error) &&
         replica_run (self->tx->connection, error, "DELETE FROM _leaving", "");
}

/* ---- The end: a server that sends everything anew ------------------------------------------------- */

/* Everything that the server has given before may be gone; what is put again is not. */
gboolean
replica_mark_all_stale (ReplicaTransaction *tx, GError **error)
{
  for (guint i = 0; i < REPLICA_MAX_TYPES; i++)
    {
      g_autofree char *sql = NULL;

      if (tx->schema->tables[i] == NULL)
        continue;

      sql = g_strdup_printf ("INSERT OR IGNORE INTO _stale (key, id) SELECT _key, id FROM %s WHERE rev IS NOT NULL",
                             tx->schema->tables[i]->quoted);
      if (!replica_run (tx->connection, error, sql, ""))
        return FALSE;
    }

  return replica_run (tx->connection, error,
                      "INSERT OR IGNORE INTO _stale (key, id) SELECT -row_number () OVER (ORDER BY id), id FROM _raw",
                      "");
}

static gboolean
forget_stale_raw (ReplicaLanding *self, GError **error)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, self->landed_raw);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    if (!replica_run (self->tx->connection, error, "DELETE FROM _stale WHERE key < 0 AND id = ?", "s", id))
      return FALSE;

  return TRUE;
}

/* Records that unsettled work touches have landed beside their rows. */
static gboolean
forget_stale_shown (ReplicaLanding *self, GError **error)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, self->to_show);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      const ReplicaTable *table;
      gint64 key;

      if (!replica_rows_locate (self->tx->connection, self->tx->schema, id, &table, &key, error))
        return FALSE;
      if (table != NULL && !replica_run (self->tx->connection, error, "DELETE FROM _stale WHERE key = ?", "i", key))
        return FALSE;
    }

  return TRUE;
}

static gboolean
count_stale (ReplicaLanding *self, GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);

  if (!list_ids (self, "SELECT id FROM _stale", ids, error))
    return FALSE;
  for (guint i = 0; i < ids->len; i++)
    if (!count_deletion (self, g_ptr_array_index (ids, i), error))
      return FALSE;

  return TRUE;
}

static gboolean
advance_resync (ReplicaLanding *self, gboolean arriving, GError **error)
{
  gint64 has_stale;

  if (!replica_query_integer (self->tx->connection, "SELECT EXISTS (SELECT 1 FROM _stale)", &has_stale, error))
    return FALSE;
  if (has_stale == 0)
    return TRUE;

  for (guint i = 0; i < self->landed->len; i++)
    if (!replica_run (self->tx->connection, error, "DELETE FROM _stale WHERE key = ?", "i",
                      g_array_index (self->landed, gint64, i)))
      return FALSE;

  if (!forget_stale_raw (self, error) || !forget_stale_shown (self, error))
    return FALSE;

  return arriving || (count_stale (self, error) && drop_listed (self, "SELECT id FROM _stale", error) &&
                      replica_run (self->tx->connection, error, "DELETE FROM _stale", ""));
}

/* ---- The end -------------------------------------------------------------------------------------- */

static gboolean
show_anew (ReplicaLanding *self, GError **error)
{
  GHashTableIter iter;
  gpointer id, value;

  g_hash_table_iter_init (&iter, self->to_show);
  while (g_hash_table_iter_next (&iter, &id, &value))
    {
      const Landed *landed = value;

      if (!replica_overlay_recompute (self->tx, id, landed != NULL ? landed->record : NULL,
                                      landed != NULL ? landed->order : NULL, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
store_nonce (ReplicaLanding *self, const char *nonce, GError **error)
{
  return nonce == NULL || (replica_meta_set (self->tx->connection, "nonce", nonce, error) &&
                           replica_meta_set (self->tx->connection, "proposed_nonce", NULL, error));
}

static gboolean
store_end (ReplicaLanding *self, const SatchelDeliveryEnd *end, GError **error)
{
  ReplicaConnection *connection = self->tx->connection;

  self->tx->changes->outbox = TRUE;

  return replica_meta_set (connection, "cursor", end->cursor, error) &&
         (end->epoch == NULL || replica_meta_set (connection, "epoch", end->epoch, error)) &&
         (end->at == NULL || replica_meta_set (connection, "last_sync", end->at, error)) &&
         replica_meta_set_integer (connection, "arriving", end->arriving, error) &&
         store_nonce (self, end->confirmed_nonce, error);
}

/* ---- The end: too much at once -------------------------------------------------------------------- */

static gboolean
count_live (ReplicaLanding *self, gint64 *n_live, GError **error)
{
  *n_live = 0;
  for (guint i = 0; i < REPLICA_MAX_TYPES; i++)
    {
      g_autofree char *sql = NULL;
      gint64 n;

      if (self->tx->schema->tables[i] == NULL)
        continue;
      sql = g_strdup_printf ("SELECT count(*) FROM %s WHERE deleted_at IS NULL", self->tx->schema->tables[i]->quoted);
      if (!replica_query_integer (self->tx->connection, sql, &n, error))
        return FALSE;
      *n_live += n;
    }

  return TRUE;
}

/* A server that is mistaken, or was taken over, shall not empty what people carry with them before one of them knows. */
static gboolean
check_deletions (ReplicaLanding *self, GError **error)
{
  gint64 n_live, allowed;

  if (self->n_deleted <= MANY_DELETIONS)
    return TRUE;
  if (!replica_meta_get_integer (self->tx->connection, "deletions_allowed", &allowed, error) ||
      !count_live (self, &n_live, error))
    return FALSE;
  if (allowed != 0)
    return replica_meta_set (self->tx->connection, "deletions_allowed", NULL, error);
  if (self->n_deleted * MANY_DELETIONS_PART <= n_live + self->n_deleted)
    return TRUE;

  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_MASS_DELETION,
               g_dngettext (GETTEXT_PACKAGE,
                            "The server wants to remove %u entry of %u from this device for good. Nothing was removed; "
                            "ask whoever looks after the server, and allow it if it is meant so.",
                            "The server wants to remove %u entries of %u from this device for good. Nothing was "
                            "removed; ask whoever looks after the server, and allow it if it is meant so.",
                            (gulong) self->n_deleted),
               (guint) self->n_deleted, (guint) (n_live + self->n_deleted));

  return FALSE;
}

/* By the server's clock: the device's may be anywhere. */
static char *
dup_time (const SatchelDeliveryEnd *end)
{
  return end->server_at != NULL ? g_strdup (end->server_at) : satchel_time_now ();
}

gboolean
replica_landing_end (ReplicaLanding *self, const SatchelDeliveryEnd *end, GPtrArray *outcomes,
                     SatchelDeliveryResult *result, GError **error)
{
  g_autofree char *at = dup_time (end);

  *result = (SatchelDeliveryResult) { .pulled = self->n_pulled };

  return end_exits (self, end->arriving, error) && (end->arriving || end_leaving (self, error)) &&
         (!end->resync || replica_mark_all_stale (self->tx, error)) && advance_resync (self, end->arriving, error) &&
         check_deletions (self, error) && replica_settle_store (self->tx, outcomes, error) &&
         (end->arriving || replica_settle (self->tx, end->applied_through, at, self->to_show, result, error)) &&
         show_anew (self, error) && store_end (self, end, error);
}
