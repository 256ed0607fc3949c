/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How fast a device comes into step with a real server, over TLS on loopback: a first sync, a sync with nothing new,
 * offline work pushed, an edit seen on another device. One JSON line a figure; floors are measured in the same run.
 * Arguments: satchel-server, how many accounts, and which of the parts below; without, all of them. */

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench-host.h"
#include "client/satchel-session.h"
#include "client/satchel-sync-run.h"
#include "records/satchel-id.h"

#define N_ACCOUNTS 100000
#define N_EXCHANGES 300
#define N_EDITS 100

typedef struct
{
  BenchHost *server;
  guint n_accounts;
  char *folder;
  guint n_replicas;
} Bench;

typedef struct
{
  guint number;
  SatchelReplica *replica;
  SatchelSyncRun *run;
} Device;

static void
check (const GError *error)
{
  if (error != NULL)
    g_error ("%s", error->message);
}

static double
now (void)
{
  return (double) g_get_monotonic_time () / G_USEC_PER_SEC;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

/* Of times in seconds, in milliseconds. */
static double
percentile (GArray *times, double part)
{
  g_array_sort (times, compare_doubles);

  return 1000 * g_array_index (times, double, (guint) (part * (times->len - 1)));
}

/* ---- Devices ---- */

static SatchelReplica *
open_replica (Bench *self)
{
  g_autofree char *path = g_strdup_printf ("%s/%u.db", self->folder, ++self->n_replicas);
  g_autoptr (GError) error = NULL;
  SatchelReplica *replica = satchel_replica_open (path, satchel_vocabulary_get_default (), SATCHEL_OPEN_DEFAULT,
                                                  &error);

  check (error);

  return replica;
}

static void
enroll (Bench *self, SatchelReplica *replica)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelConnection) connection = satchel_connection_new (self->server->url, self->server->ca_file, &error);
  g_autoptr (SatchelLink) link = NULL;
  g_autofree char *token = NULL;

  check (error);
  satchel_connection_enroll (connection, replica, BENCH_USER, BENCH_PASSWORD, "bench", NULL, &token, &error);
  check (error);
  link = satchel_replica_get_link (replica, &error);
  check (error);
  satchel_token_store_save (link->device_id, token, SATCHEL_TOKEN_PLACE_FILE, &error);
  check (error);
}

static Device
make_device (Bench *self)
{
  SatchelReplica *replica = open_replica (self);
  Device device = { self->n_replicas, replica, NULL };
  g_autoptr (GError) error = NULL;

  enroll (self, device.replica);
  device.run = satchel_sync_run_new (device.replica, NULL, &error);
  check (error);

  return device;
}

static void
device_clear (Device *self)
{
  g_clear_pointer (&self->run, satchel_sync_run_free);
  satchel_replica_close (self->replica);
  g_clear_object (&self->replica);
}

static void
sync_device (Device *self)
{
  g_autoptr (GError) error = NULL;

  satchel_sync_run_to_head (self->run, 0, &error);
  check (error);
}

/* ---- A first sync ---- */

/* Every page as the server sends it, laid down nowhere. */
static GPtrArray *
fetch_pages (Device *device)
{
  SatchelConnection *connection = satchel_sync_run_get_connection (device->run);
  SatchelSyncCore *core = satchel_sync_run_get_core (device->run);
  GPtrArray *pages = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GError) error = NULL;
  GBytes *request = satchel_sync_core_prepare (core, 0, &error);

  check (error);
  while (request != NULL)
    {
      GBytes *page = satchel_connection_sync (connection, request, 0, NULL, &error);

      check (error);
      g_ptr_array_add (pages, page);
      g_bytes_unref (request);
      request = satchel_sync_core_look_ahead (core, page);
    }

  return pages;
}

/* The same pages into the same tables, without a network between. */
static void
lay_down (Bench *self, GPtrArray *pages)
{
  g_autoptr (SatchelReplica) replica = open_replica (self);
  g_autoptr (SatchelSyncCore) core = NULL;
  g_autoptr (SatchelLink) link = satchel_replica_get_link (replica, NULL);
  g_autoptr (GError) error = NULL;

  g_set_str (&link->server, self->server->url);
  g_set_str (&link->device_id, "bench");
  satchel_replica_set_link (replica, link, &error);
  check (error);
  core = satchel_sync_core_new (replica);
  for (guint i = 0; i < pages->len; i++)
    {
      SatchelSyncStep step;
      g_autoptr (GBytes) request = satchel_sync_core_prepare (core, 0, &error);

      check (error);
      satchel_sync_core_receive (core, g_ptr_array_index (pages, i), &step, &error);
      check (error);
    }
  g_clear_pointer (&core, satchel_sync_core_free);
  satchel_replica_close (replica);
}

/* Watches for the moment from which all rows are there, while their indexes are still made. */
typedef struct
{
  char *path;
  double usable; /* 0: not yet */
} Arrival;

static gpointer
watch_arrival (gpointer data)
{
  Arrival *self = data;
  sqlite3_stmt *statement = NULL;
  sqlite3 *database = NULL;

  if (sqlite3_open (self->path, &database) != SQLITE_OK ||
      sqlite3_prepare_v2 (database,
                          "SELECT EXISTS (SELECT 1 FROM _meta WHERE name = 'cursor')"
                          " AND EXISTS (SELECT 1 FROM _meta WHERE name = 'arriving' AND value = '0')",
                          -1, &statement, NULL) != SQLITE_OK)
    g_error ("%s", sqlite3_errmsg (database));
  while (sqlite3_step (statement) == SQLITE_ROW && sqlite3_column_int (statement, 0) == 0)
    {
      sqlite3_reset (statement);
      g_usleep (G_USEC_PER_SEC / 500);
    }
  self->usable = now ();
  sqlite3_finalize (statement);
  sqlite3_close (database);

  return NULL;
}

/* Returns: how long until all rows were there */
static double
sync_first (Bench *self, Device *device)
{
  Arrival arrival = { g_strdup_printf ("%s/%u.db", self->folder, device->number), 0 };
  GThread *watching = g_thread_new ("watch", watch_arrival, &arrival);
  double start = now ();

  sync_device (device);
  g_thread_join (watching);
  g_free (arrival.path);

  return arrival.usable - start;
}

static void
bench_first_sync (Bench *self)
{
  Device fetching = make_device (self), device = make_device (self);
  double start = now (), fetched, laid, usable, synced;
  g_autoptr (GPtrArray) pages = fetch_pages (&fetching);
  const SatchelSyncCounts *counts = satchel_sync_core_get_counts (satchel_sync_run_get_core (device.run));

  fetched = now () - start;
  start = now ();
  lay_down (self, pages);
  laid = now () - start;
  start = now ();
  usable = sync_first (self, &device);
  synced = now () - start;

  g_print ("{\"bench\":\"sync\",\"figure\":\"first_sync\",\"records\":%u,\"seconds\":%.2f,\"records_per_second\":%.0f,"
           "\"usable_per_second\":%.0f,\"bytes_per_record\":%.1f,\"requests\":%u,\"times_floor\":%.2f,\"floor_laid_"
           "down\":%.2f,"
           "\"floor_fetched\":%.2f}\n",
           counts->pulled, synced, counts->pulled / synced, counts->pulled / usable,
           (double) counts->bytes_received / counts->pulled, counts->requests, synced / laid, laid, fetched);
  device_clear (&fetching);
  device_clear (&device);
}

/* ---- Small syncs ---- */

static double
ask_health (SatchelConnection *connection)
{
  SatchelRequest request = { "GET", "/healthz", NULL, NULL, 0, TRUE };
  g_auto (SatchelReply) reply = { 0 };
  g_autoptr (GError) error = NULL;
  double start = now ();

  satchel_connection_send (connection, &request, &reply, NULL, &error);
  check (error);
  g_assert_cmpuint (reply.status, ==, 200);

  return now () - start;
}

static void
report_small (const char *figure, GArray *times, GArray *floors, guint64 bytes, guint requests)
{
  g_print ("{\"bench\":\"sync\",\"figure\":\"%s\",\"p50_ms\":%.2f,\"p95_ms\":%.2f,\"bytes\":%" G_GUINT64_FORMAT
           ",\"requests\":%u,\"times_floor\":%.2f,\"floor_ms\":%.2f}\n",
           figure, percentile (times, 0.5), percentile (times, 0.95), bytes, requests,
           percentile (times, 0.5) / percentile (floors, 0.5), percentile (floors, 0.5));
}

/* On wires that are kept open; the floor is the smallest question on the same wire. */
static void
bench_idle (Device *device)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) floors = g_array_new (FALSE, FALSE, sizeof (double));
  SatchelSyncCore *core = satchel_sync_run_get_core (device->run);

  for (guint i = 0; i < N_EXCHANGES; i++)
    {
      double start = now (), taken, floor;

      satchel_sync_core_reset_counts (core);
      sync_device (device);
      taken = now () - start;
      floor = ask_health (satchel_sync_run_get_connection (device->run));
      g_array_append_val (times, taken);
      g_array_append_val (floors, floor);
    }

  report_small ("idle", times, floors,
                satchel_sync_core_get_counts (core)->bytes_sent + satchel_sync_core_get_counts (core)->bytes_received,
                satchel_sync_core_get_counts (core)->requests);
}

/* A new process, a new wire: what a command pays. */
static void
bench_cold_idle (Device *device)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) floors = g_array_new (FALSE, FALSE, sizeof (double));
  SatchelSyncCounts counts;

  for (guint i = 0; i < N_EXCHANGES / 10; i++)
    {
      g_autoptr (SatchelConnection) connection = NULL;
      g_autoptr (SatchelLink) link = satchel_replica_get_link (device->replica, NULL);
      g_autoptr (GError) error = NULL;
      double start = now (), taken, floor;

      satchel_sync_run (device->replica, 0, NULL, &counts, &error);
      check (error);
      taken = now () - start;
      start = now ();
      connection = satchel_connection_new (link->server, link->ca_file, &error);
      check (error);
      ask_health (connection);
      floor = now () - start;
      g_array_append_val (times, taken);
      g_array_append_val (floors, floor);
    }

  report_small ("idle_new_wire", times, floors, counts.bytes_sent + counts.bytes_received, counts.requests);
}

/* ---- Work ---- */

static GPtrArray *
list_accounts (Device *device, guint n)
{
  g_autoptr (SatchelQuery) query = satchel_query_new (
      satchel_vocabulary_lookup (satchel_vocabulary_get_default (), "account"));
  g_autoptr (GError) error = NULL;
  GPtrArray *page = satchel_replica_page (device->replica, query, NULL, n, &error);

  check (error);
  if (page->len < n)
    g_error ("There are only %u accounts", page->len);

  return page;
}

static void
edit_phone (Device *device, const char *id, guint n)
{
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelRecord) seen = satchel_replica_get (device->replica, id, &error);
  g_autofree char *phone = g_strdup_printf ("+49 40 %u", n);

  check (error);
  satchel_edit_set_field (edit, seen, "phone", phone, &error);
  check (error);
  satchel_replica_commit (device->replica, edit, NULL, &error);
  check (error);
}

static void
bench_one_change (Device *sender, Device *receiver)
{
  g_autoptr (GPtrArray) accounts = list_accounts (sender, 1);
  const char *id = satchel_record_get_id (g_ptr_array_index (accounts, 0));
  g_autoptr (GArray) sent = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) received = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) floors = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < N_EXCHANGES; i++)
    {
      double start, taken, floor;

      edit_phone (sender, id, i);
      start = now ();
      sync_device (sender);
      taken = now () - start;
      g_array_append_val (sent, taken);
      satchel_sync_core_reset_counts (satchel_sync_run_get_core (receiver->run));
      start = now ();
      sync_device (receiver);
      taken = now () - start;
      g_array_append_val (received, taken);
      floor = ask_health (satchel_sync_run_get_connection (receiver->run));
      g_array_append_val (floors, floor);
    }

  report_small ("one_change_sent", sent, floors, 0, 1);
  report_small ("one_change_received", received, floors,
                satchel_sync_core_get_counts (satchel_sync_run_get_core (receiver->run))->bytes_received, 1);
}

static void
run_sql (sqlite3 *database, const char *sql)
{
  if (sqlite3_exec (database, sql, NULL, NULL, NULL) != SQLITE_OK)
    g_error ("%s", sqlite3_errmsg (database));
}

/* As many rows of that size as are pushed, in transactions of a thousand that are durable, on each of two ends. */
static double
write_bare_rows (Bench *self, guint n)
{
  g_autofree char *path = g_build_filename (self->folder, "bare.db", NULL);
  g_autofree char *text = g_strnfill (300, 'x');
  sqlite3 *database = NULL;
  sqlite3_stmt *insert = NULL;
  double start;

  if (sqlite3_open (path, &database) != SQLITE_OK)
    g_error ("%s", sqlite3_errmsg (database));
  run_sql (database, "PRAGMA journal_mode=WAL");
  run_sql (database, "PRAGMA synchronous=FULL");
  run_sql (database, "CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, body TEXT)");
  sqlite3_prepare_v2 (database, "INSERT INTO bare (body) VALUES (?1)", -1, &insert, NULL);

  start = now ();
  for (guint end = 0; end < 2; end++)
    for (guint i = 0; i < n; i++)
      {
        if (i % 1000 == 0)
          run_sql (database, "BEGIN");
        sqlite3_bind_text (insert, 1, text, -1, SQLITE_STATIC);
        sqlite3_step (insert);
        sqlite3_reset (insert);
        if (i % 1000 == 999 || i == n - 1)
          run_sql (database, "COMMIT");
      }
  start = now () - start;

  sqlite3_finalize (insert);
  sqlite3_close (database);

  return start;
}

/* The search finds what was edited before the push begins, as it has on a device that comes back after a day. */
static void
wait_for_search (Bench *self, Device *device)
{
  g_autofree char *path = g_strdup_printf ("%s/%u.db", self->folder, device->number);
  sqlite3_stmt *statement = NULL;
  sqlite3 *database = NULL;

  if (sqlite3_open (path, &database) != SQLITE_OK ||
      sqlite3_prepare_v2 (database, "SELECT EXISTS (SELECT 1 FROM _unindexed)", -1, &statement, NULL) != SQLITE_OK)
    g_error ("%s", sqlite3_errmsg (database));
  while (sqlite3_step (statement) == SQLITE_ROW && sqlite3_column_int (statement, 0) != 0)
    {
      sqlite3_reset (statement);
      g_usleep (G_USEC_PER_SEC / 100);
    }
  sqlite3_finalize (statement);
  sqlite3_close (database);
}

static void
bench_push (Bench *self, Device *device, guint n)
{
  g_autoptr (GPtrArray) accounts = list_accounts (device, n);
  double start, taken, floor;
  double processor, server;

  for (guint i = 0; i < n; i++)
    edit_phone (device, satchel_record_get_id (g_ptr_array_index (accounts, i)), n + i);
  wait_for_search (self, device);
  satchel_sync_core_reset_counts (satchel_sync_run_get_core (device->run));
  processor = (double) clock () / CLOCKS_PER_SEC;
  server = bench_host_get_processor_seconds (self->server);
  start = now ();
  sync_device (device);
  taken = now () - start;
  processor = (double) clock () / CLOCKS_PER_SEC - processor;
  server = bench_host_get_processor_seconds (self->server) - server;
  floor = write_bare_rows (self, n);

  g_assert_cmpuint (satchel_sync_core_get_counts (satchel_sync_run_get_core (device->run))->pushed, ==, n);
  g_print ("{\"bench\":\"sync\",\"figure\":\"push\",\"groups\":%u,\"ms\":%.0f,\"groups_per_second\":%.0f,"
           "\"times_floor\":%.1f,\"floor_ms\":%.1f,\"processor_ms_of_device\":%.0f,"
           "\"processor_ms_of_server\":%.0f,\"requests\":%u}\n",
           n, 1000 * taken, n / taken, taken / floor, 1000 * floor, 1000 * processor, 1000 * server,
           satchel_sync_core_get_counts (satchel_sync_run_get_core (device->run))->requests);
}

/* ---- Live ---- */

typedef struct
{
  const char *id;
  gboolean seen;
} Watch;

static void
changed_cb (SatchelReplica *replica, const SatchelChanges *changes, Watch *watch)
{
  watch->seen = watch->seen || satchel_changes_has_id (changes, watch->id);
}

static void
wait_for_state (SatchelSession *session, SatchelSessionState state)
{
  while (satchel_session_get_state (session) != state)
    g_main_context_iteration (NULL, TRUE);
}

/* From the commit on one device to the announcement on the other, both listening. */
static void
bench_live (Device *sender, Device *receiver)
{
  g_autoptr (SatchelSession) sending = satchel_session_new (sender->replica);
  g_autoptr (SatchelSession) receiving = satchel_session_new (receiver->replica);
  g_autoptr (GPtrArray) accounts = list_accounts (sender, 1);
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));
  Watch watch = { satchel_record_get_id (g_ptr_array_index (accounts, 0)), FALSE };

  g_signal_connect (receiver->replica, "changed", G_CALLBACK (changed_cb), &watch);
  satchel_session_start (sending);
  satchel_session_start (receiving);
  for (guint i = 0; i < N_EDITS; i++)
    {
      double start, taken;

      wait_for_state (sending, SATCHEL_SESSION_IDLE);
      wait_for_state (receiving, SATCHEL_SESSION_IDLE);
      watch.seen = FALSE;
      start = now ();
      edit_phone (sender, watch.id, 5000000 + i);
      while (!watch.seen)
        g_main_context_iteration (NULL, TRUE);
      taken = now () - start;
      g_array_append_val (times, taken);
    }
  satchel_session_stop (sending);
  satchel_session_stop (receiving);
  g_signal_handlers_disconnect_by_data (receiver->replica, &watch);

  g_print ("{\"bench\":\"sync\",\"figure\":\"live\",\"p50_ms\":%.1f,\"p99_ms\":%.1f}\n", percentile (times, 0.5),
           percentile (times, 0.99));
}

/* ---- All ---- */

static void
prepare_environment (Bench *self)
{
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("satchel-bench-XXXXXX", &error);
  check (error);
  g_setenv ("XDG_DATA_HOME", self->folder, TRUE);
  g_setenv ("SATCHEL_TOKEN_STORE", "file", TRUE);
}

typedef struct
{
  const char *name;
  void (*run) (Bench *self, Device *a, Device *b);
} Part;

static void
run_first_sync (Bench *self, Device *a, Device *b)
{
  bench_first_sync (self);
}

static void
run_small (Bench *self, Device *a, Device *b)
{
  bench_idle (a);
  bench_cold_idle (a);
  bench_one_change (a, b);
}

static void
run_push (Bench *self, Device *a, Device *b)
{
  bench_push (self, a, 1000);
  bench_push (self, a, MIN (10000, self->n_accounts));
  sync_device (b);
}

static void
run_live (Bench *self, Device *a, Device *b)
{
  bench_live (a, b);
}

static const Part parts[] = {
  { "first-sync", run_first_sync },
  { "small",      run_small      },
  { "push",       run_push       },
  { "live",       run_live       },
};

static void
run_parts (Bench *self, const char *const *names)
{
  Device a = make_device (self), b = make_device (self);

  sync_device (&a);
  sync_device (&b);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (*names == NULL || g_strv_contains (names, parts[i].name))
      parts[i].run (self, &a, &b);

  device_clear (&a);
  device_clear (&b);
}

int
main (int argc, char *argv[])
{
  Bench self = { .n_accounts = argc > 2 ? (guint) atoi (argv[2]) : N_ACCOUNTS };

  if (argc < 2)
    g_error ("usage: bench-sync SATCHEL-SERVER [ACCOUNTS [PART...]]");
  prepare_environment (&self);
  self.server = bench_host_new (argv[1], self.n_accounts);

  run_parts (&self, (const char *const *) argv + MIN (argc, 3));

  bench_host_free (self.server);
  bench_remove_folder (self.folder);
  g_free (self.folder);

  return 0;
}
