/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Talking to PostgreSQL: connections, statements, parameters, results, errors. */

#include "satchel-config.h"

#include "store-postgres-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define CONNECT_TIMEOUT "5"
#define FIRST_PAUSE_MS 100
#define MAX_PAUSE_MS 5000

/* What is asked for is always found by an index, and plans made once stay right, whatever statistics there are. A reader
 * who is gone must not hold locks. Notices are nobody's business. */
#define SESSION_SETTINGS                                                                               \
  "SET search_path = satchel, pg_temp; SET client_encoding = 'UTF8'; SET client_min_messages = error;" \
  "SET jit = off; SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off;"   \
  "SET enable_mergejoin = off; SET plan_cache_mode = force_generic_plan; SET lock_timeout = '15s';"    \
  "SET idle_in_transaction_session_timeout = '60s'; SET standard_conforming_strings = on"

/* ---- Errors --------------------------------------------------------------------------------------- */

/* Names of PostgreSQL's own errors, or the first letters of a class of them. Others than the same id or name twice are
 * not to be mended by doing it again. */
static const struct
{
  const char *state;
  SatchelStoreError code;
} classes[] = {
  { "40",    SATCHEL_STORE_ERROR_AGAIN   }, /* deadlocks, snapshots that do not fit */
  { "55P03", SATCHEL_STORE_ERROR_AGAIN   }, /* waited for a lock for too long */
  { "23505", SATCHEL_STORE_ERROR_AGAIN   }, /* somebody else made it meanwhile */
  { "08",    SATCHEL_STORE_ERROR_BUSY    },
  { "53100", SATCHEL_STORE_ERROR_FULL    },
  { "53",    SATCHEL_STORE_ERROR_BUSY    },
  { "57",    SATCHEL_STORE_ERROR_BUSY    },
  { "25006", SATCHEL_STORE_ERROR_BUSY    }, /* not writable: a standby */
  { "25P0",  SATCHEL_STORE_ERROR_BUSY    },
  { "3D000", SATCHEL_STORE_ERROR_MISSING },
  { "XX001", SATCHEL_STORE_ERROR_CORRUPT },
  { "XX002", SATCHEL_STORE_ERROR_CORRUPT },
};

static SatchelStoreError
classify (const char *state)
{
  for (guint i = 0; state != NULL && i < G_N_ELEMENTS (classes); i++)
    if (g_str_has_prefix (state, classes[i].state))
      return classes[i].code;

  return state == NULL ? SATCHEL_STORE_ERROR_BUSY : SATCHEL_STORE_ERROR_FAILED;
}

static const char *
explain (SatchelStoreError code)
{
  switch (code)
    {
    case SATCHEL_STORE_ERROR_AGAIN:
      return _ ("Others changed the same at the same time. Nothing was changed; please try again.");
    case SATCHEL_STORE_ERROR_BUSY:
      return _ ("The database cannot be reached. What was not confirmed may be sent again.");
    case SATCHEL_STORE_ERROR_FULL:
      return _ ("The disk is full. Nothing was changed.");
    case SATCHEL_STORE_ERROR_CORRUPT:
      return _ ("The database is damaged. Please bring back a backup.");
    case SATCHEL_STORE_ERROR_MISSING:
      return _ ("There is no such database. Please make one: “createdb --encoding UTF8 NAME”.");
    case SATCHEL_STORE_ERROR_TAKEN:
      return _ ("That name or id is taken.");
    case SATCHEL_STORE_ERROR_EXISTS:
    case SATCHEL_STORE_ERROR_NEWER:
    case SATCHEL_STORE_ERROR_FAILED:
    default:
      return _ ("The database failed. Nothing was changed.");
    }
}

static gboolean
set_error (SatchelStoreError code, const char *message, GError **error)
{
  g_autofree char *detail = g_strstrip (g_strdelimit (g_strdup (message != NULL ? message : ""), "\n\t", ' '));

  g_set_error (error, SATCHEL_STORE_ERROR, code, "%s (PostgreSQL: %s)", explain (code), detail);

  return FALSE;
}

/* A connection that is gone takes its transaction along. What PostgreSQL says in detail may hold what people typed: only
 * its first words are told. */
gboolean
pq_fail (SatchelStoreSession *session, PGresult *result, GError **error)
{
  PostgresSession *self = POSTGRES_SESSION (session);
  const char *state = result != NULL ? PQresultErrorField (result, PG_DIAG_SQLSTATE) : NULL;
  const char *constraint = result != NULL ? PQresultErrorField (result, PG_DIAG_CONSTRAINT_NAME) : NULL;
  const char *message = result != NULL ? PQresultErrorField (result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
  SatchelStoreError code = g_strcmp0 (constraint, "person_name") == 0 ? SATCHEL_STORE_ERROR_TAKEN : classify (state);

  set_error (code, message != NULL ? message : _ ("the connection is lost"), error);
  if (PQstatus (self->connection) == CONNECTION_BAD || code == SATCHEL_STORE_ERROR_BUSY)
    pq_disconnect (self);

  return FALSE;
}

/* ---- Connections ---------------------------------------------------------------------------------- */

static PGconn *
check_connection (PGconn *connection, GError **error)
{
  if (PQstatus (connection) != CONNECTION_OK)
    set_error (SATCHEL_STORE_ERROR_BUSY, PQerrorMessage (connection), error);
  else if (g_strcmp0 (PQparameterStatus (connection, "server_encoding"), "UTF8") != 0)
    set_error (SATCHEL_STORE_ERROR_FAILED, _ ("the database must be one of encoding UTF8"), error);
  else if (PQserverVersion (connection) < 150000)
    set_error (SATCHEL_STORE_ERROR_FAILED, _ ("the server must be of version 15 or newer"), error);
  else
    return connection;

  PQfinish (connection);

  return NULL;
}

/* One that may write: after a failover the one that was made the primary. Everything else is as the URL says. */
PGconn *
pq_connect (const char *url, GError **error)
{
  static const char *const names[] = { "target_session_attrs",
                                       "connect_timeout",
                                       "fallback_application_name",
                                       "keepalives_idle",
                                       "keepalives_interval",
                                       "keepalives_count",
                                       "tcp_user_timeout",
                                       "dbname",
                                       NULL };
  const char *const values[] = { "read-write", CONNECT_TIMEOUT, "satchel-server", "10", "5", "3", "20000", url, NULL };
  PQconninfoOption *options = PQconninfoParse (url, NULL);

  /* What the library says about it would hold pieces of it, as of a password. */
  if (options == NULL)
    {
      set_error (SATCHEL_STORE_ERROR_FAILED, _ ("the address cannot be read"), error);
      return NULL;
    }
  PQconninfoFree (options);

  return check_connection (PQconnectdbParams (names, values, TRUE), error);
}

void
pq_disconnect (PostgresSession *self)
{
  g_clear_pointer (&self->connection, PQfinish);
  g_hash_table_remove_all (self->statements);
  g_hash_table_remove_all (self->bucket_names);
  g_hash_table_remove_all (self->bucket_numbers);
}

/* Who replaces everything wants to be alone. */
static gboolean
take_use (PostgresSession *self, GError **error)
{
  gboolean alone = self->access == SATCHEL_STORE_ALONE;
  const char *sql = alone ? "SELECT pg_try_advisory_lock (" G_STRINGIFY (PQ_LOCKS) ", " G_STRINGIFY (PQ_LOCK_USE) ")"
                          : "SELECT pg_try_advisory_lock_shared (" G_STRINGIFY (PQ_LOCKS) ", " G_STRINGIFY (
                                PQ_LOCK_USE) ")";
  g_autoptr (PGresult) result = PQexec (self->connection, sql);

  if (PQresultStatus (result) != PGRES_TUPLES_OK)
    return pq_fail (&self->base, result, error);
  if (g_strcmp0 (pq_get_text (result, 0, 0), "t") == 0)
    return TRUE;

  g_set_error_literal (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_BUSY,
                       alone ? _ ("A server is at work on this store. Nothing was changed; please stop it first.")
                             : _ ("This store is being replaced by a backup. Please try again when that is done."));

  return FALSE;
}

static gboolean
connect_session (PostgresSession *self, GError **error)
{
  self->connection = pq_connect (((PostgresStore *) self->base.store)->url, error);

  return self->connection != NULL && pq_run_plain (&self->base, SESSION_SETTINGS, error) && take_use (self, error) &&
         (self->news == NULL || store_postgres_begin_news (self, error));
}

/* Who asks again and again meanwhile is told at once that it is not there. */
static gboolean
is_too_early (PostgresSession *self, GError **error)
{
  if (g_get_monotonic_time () >= self->next_attempt)
    return FALSE;

  set_error (SATCHEL_STORE_ERROR_BUSY, _ ("the connection is lost"), error);

  return TRUE;
}

static void
plan_attempt (PostgresSession *self)
{
  guint pause = MIN (FIRST_PAUSE_MS << MIN (self->n_attempts, 10), MAX_PAUSE_MS);

  self->n_attempts++;
  self->next_attempt = g_get_monotonic_time () + (gint64) (pause / 2 + g_random_int_range (0, (gint) pause)) * 1000;
}

gboolean
pq_has_connection (SatchelStoreSession *session, GError **error)
{
  PostgresSession *self = POSTGRES_SESSION (session);

  if (self->connection != NULL)
    return TRUE;
  if (self->in_transaction)
    return set_error (SATCHEL_STORE_ERROR_BUSY, _ ("the connection is lost"), error);
  if (is_too_early (self, error))
    return FALSE;

  if (!connect_session (self, error))
    {
      pq_disconnect (self);
      plan_attempt (self);
      return FALSE;
    }
  self->n_attempts = 0;

  return TRUE;
}

/* ---- Parameters ----------------------------------------------------------------------------------- */

void
pq_text (PqParams *params, const char *text)
{
  g_assert (params->n < PQ_MAX_PARAMS);

  params->values[params->n++] = text;
}

void
pq_number (PqParams *params, gint64 number)
{
  g_assert (params->n < PQ_MAX_PARAMS);

  g_snprintf (params->numbers[params->n], sizeof params->numbers[0], "%" G_GINT64_FORMAT, number);
  params->values[params->n] = params->numbers[params->n];
  params->n++;
}

GString *
pq_array (PqParams *params)
{
  g_assert (params->n < PQ_MAX_PARAMS);

  return params->arrays[params->n++] = g_string_new ("{");
}

static void
begin_element (GString *array)
{
  if (array->len > 1)
    g_string_append_c (array, ',');
}

void
pq_array_add_text (GString *array, const char *text)
{
  begin_element (array);
  if (text == NULL)
    {
      g_string_append (array, "NULL");
      return;
    }

  g_string_append_c (array, '"');
  for (const char *rest = text; *rest != '\0';)
    {
      gsize plain = strcspn (rest, "\"\\");

      g_string_append_len (array, rest, (gssize) plain);
      rest += plain;
      if (*rest == '\0')
        break;
      g_string_append_c (array, '\\');
      g_string_append_c (array, *rest++);
    }
  g_string_append_c (array, '"');
}

void
pq_array_add_number (GString *array, gint64 number)
{
  begin_element (array);
  g_string_append_printf (array, "%" G_GINT64_FORMAT, number);
}

/* One member of many structs. */
void
pq_array_of_texts (PqParams *params, GPtrArray *structs, gsize offset)
{
  GString *array = pq_array (params);

  for (guint i = 0; i < structs->len; i++)
    pq_array_add_text (array, G_STRUCT_MEMBER (char *, g_ptr_array_index (structs, i), offset));
}

void
pq_array_of_numbers (PqParams *params, GPtrArray *structs, gsize offset)
{
  GString *array = pq_array (params);

  for (guint i = 0; i < structs->len; i++)
    pq_array_add_number (array, G_STRUCT_MEMBER (gint64, g_ptr_array_index (structs, i), offset));
}

void
pq_params_clear (PqParams *params)
{
  for (int i = 0; i < params->n; i++)
    if (params->arrays[i] != NULL)
      g_string_free (g_steal_pointer (&params->arrays[i]), TRUE);
  params->n = 0;
}

static void
end_arrays (PqParams *params)
{
  for (int i = 0; i < params->n; i++)
    if (params->arrays[i] != NULL)
      params->values[i] = g_string_append_c (params->arrays[i], '}')->str;
}

/* ---- Statements ----------------------------------------------------------------------------------- */

static const char *
prepare (PostgresSession *self, const char *sql, GError **error)
{
  char *name = g_hash_table_lookup (self->statements, sql);
  g_autoptr (PGresult) result = NULL;

  if (name != NULL)
    return name;

  name = g_strdup_printf ("s%u", ++self->n_statements);
  result = PQprepare (self->connection, name, sql, 0, NULL);
  if (PQresultStatus (result) != PGRES_COMMAND_OK)
    {
      g_free (name);
      pq_fail (&self->base, result, error);
      return NULL;
    }
  g_hash_table_insert (self->statements, (gpointer) sql, name);

  return name;
}

static PGresult *
check_result (SatchelStoreSession *session, PGresult *result, GError **error)
{
  switch (PQresultStatus (result))
    {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
      return result;
    default:
      pq_fail (session, result, error);
      PQclear (result);
      return NULL;
    }
}

PGresult *
pq_query (SatchelStoreSession *session, const char *sql, PqParams *params, GError **error)
{
  PostgresSession *self = POSTGRES_SESSION (session);
  g_auto (PqParams) none = { .n = 0 };
  PGresult *result = NULL;
  const char *name;

  if (params == NULL)
    params = &none;
  if (pq_has_connection (session, error) && (name = prepare (self, sql, error)) != NULL)
    {
      end_arrays (params);
      result = check_result (session, PQexecPrepared (self->connection, name, params->n, params->values, NULL, NULL, 0),
                             error);
    }
  pq_params_clear (params);

  return result;
}

gboolean
pq_run (SatchelStoreSession *session, const char *sql, PqParams *params, GError **error)
{
  g_autoptr (PGresult) result = pq_query (session, sql, params, error);

  return result != NULL;
}

gboolean
pq_run_plain (SatchelStoreSession *session, const char *sql, GError **error)
{
  PostgresSession *self = POSTGRES_SESSION (session);
  g_autoptr (PGresult) result = NULL;

  if (!pq_has_connection (session, error))
    return FALSE;
  result = check_result (session, PQexec (self->connection, sql), error);

  return result != NULL;
}

/* ---- Results -------------------------------------------------------------------------------------- */

const char *
pq_get_text (const PGresult *result, int row, int column)
{
  return PQgetisnull (result, row, column) ? NULL : PQgetvalue (result, row, column);
}

char *
pq_dup_text (const PGresult *result, int row, int column)
{
  return g_strdup (pq_get_text (result, row, column));
}

gint64
pq_get_number (const PGresult *result, int row, int column)
{
  const char *text = pq_get_text (result, row, column);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : 0;
}

GPtrArray *
pq_list (SatchelStoreSession *session, const char *sql, PqParams *params, PqRowFunc func, GDestroyNotify destroy,
         GError **error)
{
  g_autoptr (PGresult) result = pq_query (session, sql, params, error);
  GPtrArray *list;

  if (result == NULL)
    return NULL;

  list = g_ptr_array_new_with_free_func (destroy);
  for (int i = 0; i < PQntuples (result); i++)
    g_ptr_array_add (list, func (session, result, i));

  return list;
}

/* The first row, if there is one. */
gboolean
pq_one (SatchelStoreSession *session, const char *sql, PqParams *params, PqRowFunc func, gpointer *found,
        GError **error)
{
  g_autoptr (PGresult) result = pq_query (session, sql, params, error);

  *found = result != NULL && PQntuples (result) > 0 ? func (session, result, 0) : NULL;

  return result != NULL;
}

gboolean
pq_one_number (SatchelStoreSession *session, const char *sql, PqParams *params, gint64 *number, gboolean *found,
               GError **error)
{
  g_autoptr (PGresult) result = pq_query (session, sql, params, error);

  if (result == NULL)
    return FALSE;
  *number = PQntuples (result) > 0 ? pq_get_number (result, 0, 0) : 0;
  if (found != NULL)
    *found = PQntuples (result) > 0;

  return TRUE;
}

gboolean
pq_writes (SatchelStoreSession *session)
{
  PostgresSession *self = POSTGRES_SESSION (session);

  return self->access != SATCHEL_STORE_READ && self->in_transaction;
}
