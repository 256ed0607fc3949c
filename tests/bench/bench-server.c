/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How fast the server's core decides groups, durably, and tells pages: on the SQLite store, without HTTP. Beside it the
 * floors: a bare commit of one row, a bare zstd stream of the same bytes. One JSON line a figure. Argument: how many
 * accounts. */

#include "satchel-config.h"

#include <glib/gstdio.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zstd.h>

#include "records/satchel-id.h"
#include "server/core/server-administration.h"
#include "server/core/server-sync.h"
#include "server/core/server-tokens.h"
#include "wire/satchel-frames.h"

#define N_ACCOUNTS 100000
#define N_GROUPS 10000
#define N_IDLE 2000

typedef struct
{
  guint n_accounts;
  char *folder;
  SatchelStore *store;
  SatchelStoreSession *writer;
  SatchelStoreSession *reader;
  SatchelServer *server;
  char *user;
  char *territory;
  GPtrArray *accounts; /* ids */
  char *token;
  gint64 n;
  char *hash;
  char *cursor;
  char *nonce;
} Bench;

static double
now (void)
{
  return (double) g_get_monotonic_time () / G_USEC_PER_SEC;
}

/* Of this process: on a busy machine it says more than the clock on the wall. */
static double
cpu (void)
{
  struct timespec time;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);

  return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static void
figure (const char *name, double value, const char *unit, double floor)
{
  if (floor > 0)
    g_print ("{\"bench\":\"server\",\"figure\":\"%s\",\"value\":%.3f,\"unit\":\"%s\",\"floor\":%.3f,\"ratio\":%.3f}\n",
             name, value, unit, floor, value / floor);
  else
    g_print ("{\"bench\":\"server\",\"figure\":\"%s\",\"value\":%.3f,\"unit\":\"%s\"}\n", name, value, unit);
}

static void
must (gboolean done, GError *error)
{
  if (!done)
    g_error ("%s", error->message);
}

/* ---- A company ------------------------------------------------------------------------------------ */

static void
put (Bench *self, GPtrArray *records)
{
  g_autoptr (SatchelView) view = satchel_view_open_administration (self->server, self->writer);
  GError *error = NULL;

  must (satchel_server_put_records (view, records, NULL, NULL, &error), error);
  g_ptr_array_set_size (records, 0);
}

static SatchelRecord *
make_record (Bench *self, const char *type, const char *id, ...)
{
  SatchelRecord *record = satchel_record_new (satchel_vocabulary_lookup (satchel_vocabulary_get_default (), type), id);
  const char *field;
  va_list list;

  va_start (list, id);
  while ((field = va_arg (list, const char *)) != NULL)
    satchel_record_set_from_text (record, field, va_arg (list, const char *), NULL);
  va_end (list);

  return record;
}

static void
add_people (Bench *self, GPtrArray *records)
{
  self->user = satchel_id_new ();
  self->territory = satchel_id_new ();
  g_ptr_array_add (records, make_record (self, "user", self->user, "name", "nancy", "role", "rep", NULL));
  g_ptr_array_add (records, make_record (self, "territory", self->territory, "name", "Eastern", NULL));
  put (self, records);
}

static void
add_accounts (Bench *self, GPtrArray *records)
{
  double start = now (), start_cpu = cpu ();

  for (guint i = 0; i < self->n_accounts; i++)
    {
      char *id = satchel_id_new ();
      g_autofree char *name = g_strdup_printf ("Account %u", i);
      g_autofree char *phone = g_strdup_printf ("030 %u", i * 7919);
      g_autofree char *street = g_strdup_printf ("Obere Str. %u", i % 300);
      g_autofree char *postcode = g_strdup_printf ("%05u", i % 99999);

      g_ptr_array_add (self->accounts, id);
      g_ptr_array_add (records, make_record (self, "account", id, "name", name, "kind", "business", "industry",
                                             "Food trade", "phone", phone, "street", street, "city", "Berlin",
                                             "postcode", postcode, "country", "Germany", "territory", self->territory,
                                             "owner", self->user, "stage", "customer", "tags", "food,vip", NULL));
      if (records->len == 2000)
        put (self, records);
    }
  put (self, records);
  figure ("records imported per second", self->n_accounts / (now () - start), "1/s", 0);
  figure ("processor time a record imported", (cpu () - start_cpu) / self->n_accounts * 1e6, "us", 0);
}

static void
set_up (Bench *self)
{
  g_autofree char *database = NULL;
  g_autofree char *device = satchel_id_new ();
  g_autofree char *hash = NULL;
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_record_unref);
  GError *error = NULL;

  self->folder = g_dir_make_tmp ("satchel-bench-XXXXXX", NULL);
  self->accounts = g_ptr_array_new_with_free_func (g_free);
  self->hash = g_strdup ("");
  database = g_strdup_printf ("sqlite:%s/satchel.db", self->folder);
  self->store = satchel_store_open (database, SATCHEL_STORE_CREATE, &error);
  must (self->store != NULL, error);
  self->writer = satchel_store_open_session (self->store, SATCHEL_STORE_WRITE, &error);
  self->reader = satchel_store_open_session (self->store, SATCHEL_STORE_READ, &error);
  must (satchel_store_begin (self->writer, &error) && satchel_server_found (self->writer, "Bench", &error) &&
            satchel_store_commit (self->writer, &error),
        error);
  self->server = satchel_server_new (satchel_vocabulary_get_default (), self->writer, &error);
  must (self->server != NULL, error);

  must (satchel_store_begin (self->writer, &error), error);
  add_people (self, records);
  add_accounts (self, records);
  self->token = satchel_token_new ();
  hash = satchel_token_hash (self->token);
  must (satchel_store_set_grant (self->writer, &(SatchelStoredGrant) { self->user, self->territory }, TRUE, &error),
        error);
  must (satchel_store_save_device (self->writer,
                                   &(SatchelStoredDevice) { .id = device,
                                                            .user = self->user,
                                                            .name = (char *) "phone",
                                                            .token_hash = hash,
                                                            .token_expires = G_MAXINT32,
                                                            .created_at = (char *) "2026-11-22T00:00:00.000Z" },
                                   &error),
        error);
  must (satchel_store_commit (self->writer, &error), error);
}

static void
tear_down (Bench *self)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  satchel_store_session_close (self->reader);
  satchel_store_session_close (self->writer);
  satchel_server_free (self->server);
  satchel_store_free (self->store);
  dir = g_dir_open (self->folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (self->folder);
  g_ptr_array_unref (self->accounts);
  g_free (self->folder);
  g_free (self->user);
  g_free (self->territory);
  g_free (self->token);
  g_free (self->hash);
  g_free (self->cursor);
  g_free (self->nonce);
}

/* ---- Requests ------------------------------------------------------------------------------------- */

static char *
make_group (Bench *self, const char *account, const char *base)
{
  g_autofree char *canonical = g_strdup_printf (
      "{\"at\":\"2026-11-20T08:00:00.000Z\",\"mutations\":[{\"id\":\"%s\",\"kind\":\"patch\",\"type\":\"account\","
      "\"units\":{\"phone\":{\"base\":\"%s\",\"value\":{\"phone\":\"040 %" G_GINT64_FORMAT
      "\"}}}}],\"n\":%" G_GINT64_FORMAT ",\"strict\":false}",
      account, base, self->n, self->n + 1);
  g_autofree char *text = g_strconcat (self->hash, "\n", canonical, NULL);

  self->n++;
  g_free (self->hash);
  self->hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  return g_strdup_printf ("{\"hash\":\"%s\",%s", self->hash, canonical + 1);
}

static SatchelFrameWriter *
begin_request (Bench *self)
{
  SatchelFrameWriter *writer = satchel_frame_writer_new ();
  g_autofree char *begin = NULL;
  g_autofree char *proposed = satchel_id_new ();

  begin = g_strdup_printf ("{\"protocol\":1%s%s%s%s%s%s,\"proposed\":\"%s\"}",
                           self->cursor != NULL ? ",\"cursor\":\"" : "", self->cursor != NULL ? self->cursor : "",
                           self->cursor != NULL ? "\"" : "", self->nonce != NULL ? ",\"nonce\":\"" : "",
                           self->nonce != NULL ? self->nonce : "", self->nonce != NULL ? "\"" : "", proposed);
  satchel_frame_writer_add_text (writer, "begin", begin, -1);
  g_free (self->nonce);
  self->nonce = g_steal_pointer (&proposed);

  return writer;
}

static SatchelSyncRequest *
parse (GBytes *body)
{
  GError *error = NULL;
  SatchelSyncRequest *request = satchel_sync_request_parse (body, &error);

  must (request != NULL, error);

  return request;
}

static SatchelPush *
push (Bench *self, const SatchelSyncRequest *request)
{
  g_autoptr (GHashTable) touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GError *error = NULL;
  SatchelPush *pushed;

  must (satchel_store_begin (self->writer, &error), error);
  pushed = satchel_server_push (self->server, self->writer, self->token, request, touched, &error);
  must (pushed != NULL, error);
  must (satchel_store_commit (self->writer, &error), error);

  return pushed;
}

/* ---- Floors --------------------------------------------------------------------------------------- */

static double
measure_bare_commits (Bench *self, guint rows_per_commit)
{
  g_autofree char *path = g_build_filename (self->folder, "bare.db", NULL);
  sqlite3 *database;
  sqlite3_stmt *insert;
  double start;
  guint done = 0;

  g_unlink (path);
  sqlite3_open (path, &database);
  sqlite3_exec (database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (a INTEGER, b TEXT)",
                NULL, NULL, NULL);
  sqlite3_prepare_v2 (database, "INSERT INTO t VALUES (1, printf ('%500d', 7))", -1, &insert, NULL);
  start = now ();
  while (now () - start < 1.0)
    {
      sqlite3_exec (database, "BEGIN", NULL, NULL, NULL);
      for (guint i = 0; i < rows_per_commit; i++, done++)
        {
          sqlite3_step (insert);
          sqlite3_reset (insert);
        }
      sqlite3_exec (database, "COMMIT", NULL, NULL, NULL);
    }
  sqlite3_finalize (insert);
  sqlite3_close (database);

  return done / (now () - start);
}

static double
measure_bare_zstd (GByteArray *bytes)
{
  gsize bound = ZSTD_compressBound (bytes->len);
  g_autofree char *out = g_malloc (bound);
  double start = now ();

  ZSTD_compress (out, bound, bytes->data, bytes->len, 3);

  return now () - start;
}

/* ---- What is measured ----------------------------------------------------------------------------- */

static void
bench_push (Bench *self, guint groups_per_request)
{
  guint n_requests = MIN (MIN (N_GROUPS, self->n_accounts) / groups_per_request, 500);
  const char *epoch = satchel_server_get_epoch (self->server);
  g_autofree char *base = satchel_revision_to_string (epoch, 1000000);
  g_autofree char *name = g_strdup_printf ("groups pushed per second, %u a request", groups_per_request);
  g_autofree char *cpu_name = g_strdup_printf ("processor time a group, %u a request", groups_per_request);
  double floor = measure_bare_commits (self, groups_per_request);
  double spent = 0, spent_cpu = 0;

  for (guint i = 0; i < n_requests; i++)
    {
      SatchelFrameWriter *writer = begin_request (self);
      g_autoptr (GBytes) body = NULL;
      g_autoptr (SatchelSyncRequest) request = NULL;
      g_autoptr (SatchelPush) pushed = NULL;
      double start, start_cpu;

      for (guint j = 0; j < groups_per_request; j++)
        {
          const char *account = g_ptr_array_index (self->accounts,
                                                   (i * groups_per_request + j) * 7919 % self->n_accounts);
          g_autofree char *group = make_group (self, account, base);

          satchel_frame_writer_add_text (writer, "group", group, -1);
        }
      body = satchel_frame_writer_finish (writer);
      satchel_frame_writer_free (writer);

      start = now ();
      start_cpu = cpu ();
      request = parse (body);
      pushed = push (self, request);
      spent += now () - start;
      spent_cpu += cpu () - start_cpu;
    }
  figure (cpu_name, spent_cpu / (n_requests * groups_per_request) * 1e6, "us", 0);
  figure (name, n_requests * groups_per_request / spent, "1/s", floor);
}

static SatchelPull *
pull (Bench *self)
{
  SatchelFrameWriter *writer = begin_request (self);
  g_autoptr (GBytes) body = satchel_frame_writer_finish (writer);
  g_autoptr (SatchelSyncRequest) request = NULL;
  SatchelPull *pulled;
  GError *error = NULL;

  satchel_frame_writer_free (writer);
  request = parse (body);
  pulled = satchel_server_pull (self->server, self->reader, self->token, request, NULL, &error);
  must (pulled != NULL, error);

  return pulled;
}

/* Takes the cursor from an answer, and counts its puts. */
static guint
read_answer (Bench *self, GBytes *answer, GByteArray *plain, gboolean *head)
{
  g_autoptr (SatchelFrameReader) reader = satchel_frame_reader_new (answer, SATCHEL_ANSWER_MAX_DECODED, NULL);
  const char *kind, *text;
  gsize length;
  guint n_puts = 0;

  while (satchel_frame_reader_next_text (reader, &kind, &text, &length, NULL))
    {
      if (strcmp (kind, "put") == 0)
        {
          n_puts++;
          g_byte_array_append (plain, (const guint8 *) text, (guint) length);
        }
      else if (strcmp (kind, "page") == 0)
        {
          g_autoptr (JsonNode) node = satchel_json_parse (text, (gssize) length, 4, NULL);

          g_set_str (&self->cursor, json_object_get_string_member (json_node_get_object (node), "cursor"));
          *head = json_object_get_boolean_member (json_node_get_object (node), "head");
        }
    }

  return n_puts;
}

static void
bench_pages (Bench *self)
{
  g_autoptr (GByteArray) plain = g_byte_array_new ();
  gboolean head = FALSE;
  double spent = 0, spent_cpu = 0;
  guint n_records = 0, n_pages = 0;
  guint64 n_bytes = 0;

  g_clear_pointer (&self->cursor, g_free);
  while (!head)
    {
      double start = now (), start_cpu = cpu ();
      g_autoptr (SatchelPull) pulled = pull (self);

      spent += now () - start;
      spent_cpu += cpu () - start_cpu;
      n_records += read_answer (self, pulled->answer, plain, &head);
      n_bytes += g_bytes_get_size (pulled->answer);
      n_pages++;
    }
  figure ("records told per second", n_records / spent, "1/s", n_records / measure_bare_zstd (plain));
  figure ("processor time a record told", spent_cpu / n_records * 1e6, "us", 0);
  figure ("bytes per record", (double) n_bytes / n_records, "B", 0);
  figure ("records per page", (double) n_records / n_pages, "1", 0);
}

static void
bench_idle (Bench *self)
{
  double start = cpu ();

  for (guint i = 0; i < N_IDLE; i++)
    {
      g_autoptr (SatchelPull) pulled = pull (self);

      g_assert (pulled->status == SATCHEL_PULL_NOTHING);
    }
  figure ("processor time an idle pull", (cpu () - start) / N_IDLE * 1e6, "us", 0);
}

int
main (int argc, char **argv)
{
  Bench bench = { .n_accounts = argc > 1 ? (guint) atoi (argv[1]) : N_ACCOUNTS };

  g_assert (sodium_init () >= 0);
  set_up (&bench);
  bench_pages (&bench);
  bench_idle (&bench);
  bench_push (&bench, 1);
  bench_push (&bench, 50);
  bench_push (&bench, 1000);
  tear_down (&bench);

  return 0;
}
