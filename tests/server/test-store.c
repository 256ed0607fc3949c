/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Opening stores that are not as they should be; signing in and out; names. */

#include "satchel-config.h"

#include "postgres.h"
#include "server-fixture.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#include "records/satchel-id.h"
#include "server/core/server-password.h"

/* ---- Opening -------------------------------------------------------------------------------------- */

static void
test_exists (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (satchel_store_open (self->database, SATCHEL_STORE_CREATE, &error));
  g_assert_error (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_EXISTS);
}

static void
run_postgres (Fixture *self, const char *sql)
{
  PGconn *connection = postgres_connect (self->postgres);

  postgres_run (connection, sql);
  PQfinish (connection);
}

/* As another program does. */
static void
run_sql (Fixture *self, const char *sql)
{
  g_autofree char *path = g_strdup_printf ("%s/satchel.db", self->folder);
  sqlite3 *database = NULL;

  if (self->postgres != NULL)
    {
      run_postgres (self, sql);
      return;
    }
  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (database);
}

static void
test_missing (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  if (self->postgres != NULL)
    run_sql (self, "DROP SCHEMA satchel CASCADE");
  g_assert_null (satchel_store_open (self->postgres != NULL ? self->database : "sqlite:/nowhere/satchel.db",
                                     SATCHEL_STORE_OPEN, &error));
  g_assert_error (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_MISSING);
}

static void
test_newer (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  run_sql (self, self->postgres != NULL ? "UPDATE version SET number = 9999" : "PRAGMA user_version = 9999");
  g_assert_null (satchel_store_open (self->database, SATCHEL_STORE_OPEN, &error));
  g_assert_error (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_NEWER);
}

/* A store of the second version, with somebody in it. */
static void
test_older (Fixture *self, gconstpointer data)
{
  g_autoptr (SatchelStore) store = NULL;
  g_autoptr (SatchelStoreSession) session = NULL;
  g_autoptr (SatchelStoredDevice) device = NULL;
  g_autoptr (GError) error = NULL;

  run_sql (self, "DROP TABLE invitation;"
                 "DROP INDEX device_next;"
                 "ALTER TABLE device DROP COLUMN next_hash;"
                 "ALTER TABLE device DROP COLUMN next_expires;"
                 "INSERT INTO device (id, person, name, token_hash, token_expires, created_at) "
                 "SELECT 'd', id, 'phone', 'h', 7, 'then' FROM person LIMIT 1;"
                 "PRAGMA user_version = 2");
  store = satchel_store_open (self->database, SATCHEL_STORE_OPEN, &error);
  g_assert_no_error (error);
  session = satchel_store_open_session (store, SATCHEL_STORE_READ, &error);
  g_assert_no_error (error);
  g_assert_true (satchel_store_begin (session, NULL));
  g_assert_true (satchel_store_find_device (session, "h", &device, &error));
  satchel_store_rollback (session);
  g_assert_nonnull (device);
  g_assert_cmpint (device->token_expires, ==, 7);
  g_assert_null (device->next_hash);
}

static void
test_not_a_database (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_strdup_printf ("%s/noise.db", self->folder);
  g_autofree char *database = g_strconcat ("sqlite:", path, NULL);
  g_autofree char *noise = g_strnfill (8192, 'x');
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, noise, -1, NULL);
  g_assert_null (satchel_store_open (database, SATCHEL_STORE_OPEN, &error));
  g_assert_error (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_CORRUPT);
}

static void
test_private_file (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_strdup_printf ("%s/satchel.db", self->folder);
  GStatBuf info;

  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
}

static void
test_check (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  g_assert_true (satchel_store_check (self->reader, problems, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (problems->len, ==, 0);

  run_sql (self, "UPDATE head SET pos = 1");
  g_assert_true (satchel_store_check (self->reader, problems, &error));
  g_assert_cmpuint (problems->len, >, 0);
}

static void
test_stamp (Fixture *self, gconstpointer data)
{
  gint64 before, same, after;

  g_assert_true (satchel_store_get_stamp (self->writer, &before, NULL));
  g_assert_true (satchel_store_get_stamp (self->writer, &same, NULL));
  g_assert_cmpint (before, ==, same);
  run_sql (self, "INSERT INTO meta VALUES ('x', 'y')"); /* as another process does */
  g_assert_true (satchel_store_get_stamp (self->writer, &after, NULL));
  g_assert_cmpint (before, !=, after);
}

/* ---- Signing in ----------------------------------------------------------------------------------- */

static SatchelSignIn *
make_sign_in (const char *user, const char *password, const char *previous)
{
  g_autofree char *text = g_strdup_printf (
      "{\"protocol\":1,\"user\":\"%s\",\"password\":\"%s\",\"device\":\"phone\"%s%s%s}", user, password,
      previous != NULL ? ",\"previous\":\"" : "", previous != NULL ? previous : "", previous != NULL ? "\"" : "");
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  SatchelSignIn *sign_in = satchel_sign_in_parse (body, &error);

  g_assert_no_error (error);

  return sign_in;
}

/* The device's id; NULL and an error when not let in. */
static char *
sign_in (Fixture *self, const char *user, const char *password, const char *previous, char **token, GError **error)
{
  g_autoptr (SatchelSignIn) asked = make_sign_in (user, password, previous);
  g_auto (SatchelWho) who = { 0 };
  g_autofree char *hash = NULL;
  g_autofree char *answer = NULL;
  g_autoptr (JsonNode) node = NULL;

  g_assert_true (satchel_server_find_password (self->server, self->reader, asked, &hash, &who, NULL));
  if (!satchel_password_verify (hash, asked->password))
    g_clear_pointer (&hash, g_free);
  satchel_store_begin (self->writer, NULL);
  answer = satchel_server_sign_in (self->server, self->writer, asked, hash, &who, error);
  satchel_store_commit (self->writer, NULL);
  if (answer == NULL)
    return NULL;

  node = json_from_string (answer, NULL);
  g_free (*token);
  *token = g_strdup (json_object_get_string_member (json_node_get_object (node), "token"));

  return g_strdup (json_object_get_string_member (json_node_get_object (node), "device"));
}

static void
set_password (Fixture *self, const char *user, const char *password)
{
  g_autofree char *hash = satchel_password_hash (password);

  satchel_store_begin (self->writer, NULL);
  g_assert_true (satchel_store_set_password (self->writer, user, hash, NULL));
  satchel_store_commit (self->writer, NULL);
}

static void
test_sign_in (Fixture *self, gconstpointer data)
{
  static const char *const wrong[][2] = {
    { "nancy",  "wrong"  },
    { "nancy",  ""       },
    { "nobody", "secret" },
    { "olga",   ""       },
    { "olga",   "x"      },
    { "Nancy",  "secret" }
  };
  g_autofree char *token = NULL;
  g_autofree char *old_token = NULL;
  g_autofree char *device = NULL;
  g_autofree char *again = NULL;
  g_autofree char *other = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) history = NULL;

  set_password (self, self->nancy, "secret");
  set_password (self, self->wim, "secret");
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_assert_null (sign_in (self, wrong[i][0], wrong[i][1], NULL, &token, &error));
      g_assert_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_CREDENTIALS);
      g_clear_error (&error);
    }

  device = sign_in (self, "nancy", "secret", NULL, &token, &error);
  g_assert_no_error (error);
  g_assert_true (satchel_id_is_valid (device));

  /* Over the same replica: the same device, another token; the old one is worth nothing. */
  old_token = g_strdup (token);
  again = sign_in (self, "nancy", "secret", device, &token, &error);
  g_assert_cmpstr (again, ==, device);
  history = satchel_server_history (self->server, self->reader, old_token, "user", self->nancy, &error);
  g_assert_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_TOKEN);
  g_clear_error (&error);

  /* Somebody else's device is not taken over. */
  other = sign_in (self, "wim", "secret", device, &token, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (other, !=, device);
}

static void
test_sign_out (Fixture *self, gconstpointer data)
{
  g_auto (SatchelWho) who = { 0 };
  g_autofree char *token = NULL;
  g_autofree char *device = NULL;
  g_autoptr (GError) error = NULL;

  set_password (self, self->nancy, "secret");
  device = sign_in (self, "nancy", "secret", NULL, &token, &error);
  for (guint i = 0; i < 2; i++)
    {
      satchel_store_begin (self->writer, NULL);
      g_assert_cmpint (satchel_server_sign_out (self->server, self->writer, token, &who, &error), ==, i == 0);
      satchel_store_commit (self->writer, NULL);
    }
  g_assert_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_TOKEN);
}

static void
test_sign_in_malformed (void)
{
  static const struct
  {
    const char *text;
    SatchelServerError code;
  } cases[] = {
    { "",                                                              SATCHEL_SERVER_ERROR_MALFORMED },
    { "[]",                                                            SATCHEL_SERVER_ERROR_MALFORMED },
    { "{\"protocol\":1}",                                              SATCHEL_SERVER_ERROR_MALFORMED },
    { "{\"protocol\":1,\"user\":1,\"password\":\"x\"}",                SATCHEL_SERVER_ERROR_MALFORMED },
    { "{\"protocol\":1,\"user\":[[[[[[[[]]]]]]]],\"password\":\"x\"}", SATCHEL_SERVER_ERROR_MALFORMED },
    { "{\"protocol\":2,\"user\":\"a\",\"password\":\"x\"}",            SATCHEL_SERVER_ERROR_PROTOCOL  },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) body = g_bytes_new_static (cases[i].text, strlen (cases[i].text));
      g_autoptr (GError) error = NULL;

      g_assert_null (satchel_sign_in_parse (body, &error));
      g_assert_error (error, SATCHEL_SERVER_ERROR, (int) cases[i].code);
    }
}

/* ---- Invitations ---------------------------------------------------------------------------------- */

static char *
find_invited (Fixture *self, const char *hash)
{
  g_autoptr (SatchelStoredInvitation) found = NULL;

  g_assert_true (satchel_store_find_invitation (self->writer, hash, &found, NULL));

  return found != NULL ? g_steal_pointer (&found->user) : NULL;
}

static void
test_one_invitation_each (Fixture *self, gconstpointer data)
{
  SatchelStoredInvitation first = { (char *) "1", self->nancy, 7 };
  SatchelStoredInvitation second = { (char *) "2", self->nancy, 8 };
  SatchelStoredInvitation other = { (char *) "3", self->wim, 9 };
  g_autofree char *nancy = NULL;
  g_autofree char *wim = NULL;

  satchel_store_begin (self->writer, NULL);
  g_assert_true (satchel_store_set_invitation (self->writer, self->nancy, &first, NULL));
  g_assert_true (satchel_store_set_invitation (self->writer, self->nancy, &second, NULL));
  g_assert_true (satchel_store_set_invitation (self->writer, self->wim, &other, NULL));
  g_assert_null (find_invited (self, "1"));
  nancy = find_invited (self, "2");
  g_assert_cmpstr (nancy, ==, self->nancy);

  g_assert_true (satchel_store_set_invitation (self->writer, self->nancy, NULL, NULL));
  g_assert_null (find_invited (self, "2"));
  wim = find_invited (self, "3");
  g_assert_cmpstr (wim, ==, self->wim);
  satchel_store_commit (self->writer, NULL);
}

/* ---- Names ---------------------------------------------------------------------------------------- */

/* Two of one name in one request: the second is refused, and nothing behind it is held up. */
static void
test_login_taken (Fixture *self, gconstpointer data)
{
  g_autoptr (Device) adam = device_new (self, self->adam);
  g_autofree char *one = satchel_id_new ();
  g_autofree char *two = satchel_id_new ();
  g_autofree char *three = satchel_id_new ();

  g_assert_cmpstr (
      device_push (adam, FALSE,
                   "[{'type':'user','id':'%s','kind':'create','units':{'name':{'value':{'name':'eva'}}}},"
                   "{'type':'user','id':'%s','kind':'create','units':{'name':{'value':{'name':'eva'}}}},"
                   "{'type':'user','id':'%s','kind':'create','units':{'name':{'value':{'name':'nancy'}}}}]",
                   one, two, three),
      ==, "partial");
  g_assert_cmpstr (device_unit_outcome (adam, one, "name"), ==, "applied");
  g_assert_cmpstr (device_unit_code (adam, two, "name"), ==, "validation");
  g_assert_cmpstr (device_unit_code (adam, three, "name"), ==, "validation");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  server_test ("/server/store/exists", test_exists);
  server_test ("/server/store/missing", test_missing);
  server_test ("/server/store/newer", test_newer);
  sqlite_test ("/server/store/older", test_older);
  sqlite_test ("/server/store/not-a-database", test_not_a_database);
  sqlite_test ("/server/store/private-file", test_private_file);
  server_test ("/server/store/check", test_check);
  sqlite_test ("/server/store/stamp", test_stamp);
  server_test ("/server/store/sign-in", test_sign_in);
  server_test ("/server/store/sign-out", test_sign_out);
  g_test_add_func ("/server/store/sign-in-malformed", test_sign_in_malformed);
  server_test ("/server/store/one-invitation-each", test_one_invitation_each);
  server_test ("/server/store/login-taken", test_login_taken);

  return g_test_run ();
}
