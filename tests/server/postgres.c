/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "postgres.h"

#include <gio/gio.h>
#include <string.h>

#define ADMINISTRATION "postgres"

/* Of the program. @input: the cluster lives until it is closed. */
static struct
{
  GSubprocess *process;
  char *folder;
  GPtrArray *free_names;
  guint n_names;
} cluster;

static void
stop (void)
{
  g_output_stream_close (g_subprocess_get_stdin_pipe (cluster.process), NULL, NULL);
  g_subprocess_wait (cluster.process, NULL, NULL);
  g_clear_object (&cluster.process);
  g_clear_pointer (&cluster.folder, g_free);
  g_clear_pointer (&cluster.free_names, g_ptr_array_unref);
}

/* In a group of its own, so that it can clean up when the program's group is killed. */
static void
start (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDataInputStream) output = NULL;

  cluster.process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, "setsid",
                                      g_getenv ("SATCHEL_POSTGRES_CLUSTER"), NULL);
  g_assert_no_error (error);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (cluster.process));
  cluster.folder = g_data_input_stream_read_line (output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (cluster.folder);
  cluster.free_names = g_ptr_array_new_with_free_func (g_free);
  atexit (stop);
}

static void
ensure (void)
{
  if (cluster.process == NULL)
    start ();
}

char *
postgres_dup_url (const char *name)
{
  g_autofree char *host = NULL;

  ensure ();
  host = g_uri_escape_string (cluster.folder, NULL, FALSE);

  return g_strdup_printf ("postgresql://satchel@/%s?host=%s", name, host);
}

PGconn *
postgres_connect (const char *name)
{
  g_autofree char *url = postgres_dup_url (name);
  PGconn *connection = PQconnectdb (url);

  g_assert_cmpint (PQstatus (connection), ==, CONNECTION_OK);
  postgres_run (connection, "SET client_min_messages = error");
  postgres_run (connection, "SET search_path = satchel");

  return connection;
}

void
postgres_run (PGconn *connection, const char *sql)
{
  PGresult *result = PQexec (connection, sql);

  g_assert_cmpstr (PQresultErrorMessage (result), ==, "");
  PQclear (result);
}

char *
postgres_ask (PGconn *connection, const char *sql)
{
  PGresult *result = PQexec (connection, sql);
  char *value;

  g_assert_cmpstr (PQresultErrorMessage (result), ==, "");
  value = PQntuples (result) > 0 ? g_strdup (PQgetvalue (result, 0, 0)) : NULL;
  PQclear (result);

  return value;
}

static void administrate (const char *format, ...) G_GNUC_PRINTF (1, 2);

static void
administrate (const char *format, ...)
{
  g_autofree char *sql = NULL;
  PGconn *connection = postgres_connect (ADMINISTRATION);
  va_list arguments;

  va_start (arguments, format);
  sql = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  postgres_run (connection, sql);
  PQfinish (connection);
}

char *
postgres_take (void)
{
  char *name;

  ensure ();
  if (cluster.free_names->len > 0)
    return g_ptr_array_steal_index (cluster.free_names, cluster.free_names->len - 1);

  name = g_strdup_printf ("case%u", ++cluster.n_names);
  administrate ("CREATE DATABASE %s", name);

  return name;
}

void
postgres_give_back (char *name)
{
  PGconn *connection = postgres_connect (name);

  postgres_run (connection, "DROP SCHEMA IF EXISTS satchel CASCADE");
  PQfinish (connection);
  g_ptr_array_add (cluster.free_names, name);
}

void
postgres_copy (const char *from, const char *to)
{
  administrate ("CREATE DATABASE %s TEMPLATE %s", to, from);
}

void
postgres_drop (const char *name)
{
  administrate ("DROP DATABASE IF EXISTS %s WITH (FORCE)", name);
}
