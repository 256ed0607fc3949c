/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Several processes on one database: what may come between what one of them reads, writes, and commits. */

#include "satchel-config.h"

#include "postgres.h"
#include "server-fixture.h"

#include <string.h>

#include "records/satchel-id.h"

static char *
add_account (Fixture *self, const char *name)
{
  return fixture_add (self, "account", "name", name, "territory", self->eastern, "owner", self->nancy, NULL);
}

static const char *
push_name (Device *device, const char *account, const char *name)
{
  return device_push (
      device, FALSE,
      "[{'type':'account','id':'%s','kind':'patch','units':{'name':{'base':'%s','value':{'name':'%s'}}}}]", account,
      device_rev (device, account), name);
}

static gboolean
was_told (Device *device, const char *kind, const char *id)
{
  for (guint i = 0; i < device->frames->len; i++)
    {
      const char *frame = g_ptr_array_index (device->frames, i);

      if (g_str_has_prefix (frame, kind) && strstr (frame, id) != NULL)
        return TRUE;
    }

  return FALSE;
}

static gint64
applied_through (Device *device)
{
  return json_object_get_int_member (device->page, "applied_through");
}

/* ---- The feed ------------------------------------------------------------------------------------- */

/* A process dies between its commit and giving places. A page counts the group as applied and has all of it, with a cursor
 * that does not move; when places are given by somebody else, it comes again, once. */
static void
test_committed_without_place (Fixture *self, gconstpointer data)
{
  g_autofree char *one = add_account (self, "One");
  g_autofree char *two = add_account (self, "Two");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);
  PGconn *sql = postgres_connect (self->postgres);
  g_autofree char *cursor = NULL;
  g_autoptr (GError) error = NULL;

  device_sync (nancy);
  device_sync (olga);
  cursor = g_strdup (olga->cursor);

  postgres_run (sql, "ALTER FUNCTION sequence_feed RENAME TO dead");
  g_assert_cmpstr (device_push (nancy, TRUE,
                                "[{'type':'account','id':'%s','kind':'patch','units':{'name':{'base':'%s','value':"
                                "{'name':'1'}}}},{'type':'account','id':'%s','kind':'delete','base':'%s'}]",
                                one, device_rev (nancy, one), two, device_rev (nancy, two)),
                   ==, "applied");
  g_assert_cmpint (applied_through (nancy), ==, 1);
  g_assert_cmpstr (device_get (nancy, one, "name"), ==, "1");
  g_assert_nonnull (device_get (nancy, two, "deleted_at"));
  device_sync (olga);
  g_assert_cmpstr (device_get (olga, one, "name"), ==, "1");
  g_assert_nonnull (device_get (olga, two, "deleted_at"));
  g_assert_cmpstr (olga->cursor, ==, cursor);

  postgres_run (sql, "ALTER FUNCTION dead RENAME TO sequence_feed");
  postgres_run (sql, "SELECT sequence_feed ()");
  PQfinish (sql);
  device_pull_once (olga, &error);
  g_assert_true (was_told (olga, "put", one));
  g_assert_true (was_told (olga, "put", two));
  device_pull_once (olga, &error);
  g_assert_false (was_told (olga, "put", one));
  g_assert_no_error (error);
}

/* More of it than fits a page: the page is not at the head, and the next one does not go on behind it. */
static void
test_much_without_place (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) accounts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  PGconn *sql = postgres_connect (self->postgres);
  g_autoptr (GError) error = NULL;

  device_sync (nancy);
  satchel_server_set_page_records (self->server, 3);
  postgres_run (sql, "ALTER FUNCTION sequence_feed RENAME TO dead");
  for (guint i = 0; i < 10; i++)
    g_ptr_array_add (accounts, add_account (self, "New"));
  device_pull_once (nancy, &error);
  g_assert_false (json_object_get_boolean_member (nancy->page, "head"));
  g_assert_false (json_object_has_member (nancy->page, "resync"));

  postgres_run (sql, "ALTER FUNCTION dead RENAME TO sequence_feed");
  postgres_run (sql, "SELECT sequence_feed ()");
  PQfinish (sql);
  device_sync (nancy);
  for (guint i = 0; i < accounts->len; i++)
    g_assert_true (device_has (nancy, g_ptr_array_index (accounts, i)));
}

/* Somebody takes long over a transaction. Others' changes have their places meanwhile, and its own come behind them: also
 * for those who are past where it began. */
static void
test_long_transaction (Fixture *self, gconstpointer data)
{
  Fixture *other = fixture_new_process (self);
  g_autoptr (SatchelView) view = satchel_view_open_administration (other->server, other->writer);
  g_autoptr (SatchelRecord) record = satchel_record_new (satchel_vocabulary_lookup (self->vocabulary, "account"),
                                                         "01890000-0000-7000-8000-000000000001");
  g_autoptr (GPtrArray) records = g_ptr_array_new ();
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autofree char *quick = NULL;
  g_autoptr (GError) error = NULL;

  device_sync (nancy);
  satchel_record_set_from_text (record, "name", "Slow", NULL);
  satchel_record_set_from_text (record, "territory", self->eastern, NULL);
  g_ptr_array_add (records, record);
  g_assert_true (satchel_store_begin (other->writer, &error));
  g_assert_true (satchel_server_put_records (view, records, NULL, NULL, &error));

  quick = add_account (self, "Quick");
  device_sync (nancy);
  g_assert_true (device_has (nancy, quick));
  g_assert_false (device_has (nancy, satchel_record_get_id (record)));

  g_assert_true (satchel_store_commit (other->writer, &error));
  device_sync (nancy);
  g_assert_true (device_has (nancy, satchel_record_get_id (record)));
  fixture_end_process (other);
}

/* A long transaction that changes rights, as an import, keeps nobody from sending. */
static void
test_long_import (Fixture *self, gconstpointer data)
{
  Fixture *other = fixture_new_process (self);
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  const SatchelStoredGrant grant = { self->nancy, self->western };
  g_autoptr (GError) error = NULL;

  device_sync (nancy);
  g_assert_true (satchel_store_begin (other->writer, &error));
  g_assert_true (satchel_store_set_grant (other->writer, &grant, TRUE, &error));
  g_assert_cmpstr (push_name (nancy, account, "New"), ==, "applied");
  g_assert_true (satchel_store_commit (other->writer, &error));
  fixture_end_process (other);
}

/* ---- News ----------------------------------------------------------------------------------------- */

typedef struct
{
  SatchelStoreSession *listener;
  int wake;
  GHashTable *touched;
  gboolean vague;
  GError *error;
} Listening;

static gpointer
listen_thread (gpointer data)
{
  Listening *self = data;

  satchel_store_wait_for_news (self->listener, self->wake, self->touched, &self->vague, &self->error);

  return NULL;
}

/* What another process commits is heard of, with the buckets; what this one commits is not. */
static void
test_news (Fixture *self, gconstpointer data)
{
  Fixture *other = fixture_new_process (self);
  g_autoptr (SatchelStoreSession) listener = NULL;
  g_autoptr (GHashTable) touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Listening listening = { .touched = touched, .wake = -1 };
  g_autofree char *bucket = g_strconcat ("territory:", self->eastern, NULL);
  g_autoptr (GError) error = NULL;
  GThread *thread;

  listener = listening.listener = satchel_store_listen (self->writer, &error);
  g_assert_no_error (error);
  g_free (add_account (self, "Own")); /* heard first, and no news */
  g_free (add_account (other, "Other"));
  thread = g_thread_new ("listener", listen_thread, &listening);
  g_thread_join (thread);
  while (!listening.vague && g_hash_table_size (touched) == 0)
    listen_thread (&listening);
  g_assert_no_error (listening.error);
  g_assert_false (listening.vague);
  g_assert_cmpuint (g_hash_table_size (touched), ==, 1);
  g_assert_true (g_hash_table_contains (touched, bucket));

  fixture_grant (other, self->nancy, self->western, TRUE);
  while (!listening.vague)
    listen_thread (&listening);
  g_assert_no_error (listening.error);
  fixture_end_process (other);
}

/* Without a word, as when a notification is lost, it is found by looking: but not what was our own. */
static void
test_looking (Fixture *self, gconstpointer data)
{
  Fixture *other = fixture_new_process (self);
  gint64 before, after;

  g_free (add_account (self, "Own"));
  fixture_grant (self, self->nancy, self->western, TRUE);
  g_assert_true (satchel_store_get_stamp (self->writer, &before, NULL));
  g_assert_true (satchel_store_get_stamp (self->writer, &after, NULL));
  g_assert_cmpint (before, ==, after);

  g_free (add_account (other, "Other"));
  g_assert_true (satchel_store_get_stamp (self->writer, &after, NULL));
  g_assert_true (satchel_store_get_stamp (self->writer, &after, NULL));
  g_assert_cmpint (before, !=, after);
  fixture_end_process (other);
}

/* ---- In each other's way -------------------------------------------------------------------------- */

typedef struct
{
  Fixture *process;
  const char *first;
  const char *second;
  GMutex *mutex;
  GCond *cond;
  guint *n_there;
  guint n_tries;
} Crossing;

/* Waits until both are there; only the first time. */
static void
meet (Crossing *self)
{
  g_mutex_lock (self->mutex);
  (*self->n_there)++;
  g_cond_broadcast (self->cond);
  while (*self->n_there < 2)
    g_cond_wait (self->cond, self->mutex);
  g_mutex_unlock (self->mutex);
}

static gboolean
load_one (SatchelStoreSession *session, const char *id, GError **error)
{
  const char *ids[] = { id, NULL };
  g_autoptr (GPtrArray) records = satchel_store_load_records (session, ids, error);

  return records != NULL;
}

static gboolean
cross (SatchelStoreSession *session, gpointer data, GError **error)
{
  Crossing *self = data;

  self->n_tries++;
  if (!load_one (session, self->first, error))
    return FALSE;
  if (self->n_tries == 1)
    meet (self);

  return load_one (session, self->second, error);
}

static gpointer
cross_thread (gpointer data)
{
  Crossing *self = data;
  g_autoptr (GError) error = NULL;

  g_assert_true (satchel_store_transact (self->process->writer, cross, self, &error));
  g_assert_no_error (error);

  return NULL;
}

/* Two lock the same records in opposite orders: one of them does it again, and neither hears of it. */
static void
test_deadlock (Fixture *self, gconstpointer data)
{
  Fixture *other = fixture_new_process (self);
  g_autofree char *one = add_account (self, "One");
  g_autofree char *two = add_account (self, "Two");
  GMutex mutex;
  GCond cond;
  guint n_there = 0;
  Crossing here = { self, one, two, &mutex, &cond, &n_there, 0 };
  Crossing there = { other, two, one, &mutex, &cond, &n_there, 0 };
  GThread *thread;

  g_mutex_init (&mutex);
  g_cond_init (&cond);
  thread = g_thread_new ("other", cross_thread, &there);
  cross_thread (&here);
  g_thread_join (thread);
  g_assert_cmpuint (here.n_tries + there.n_tries, >, 2);
  g_mutex_clear (&mutex);
  g_cond_clear (&cond);
  fixture_end_process (other);
}

typedef struct
{
  Device *device;
  GBytes *request;
} Sending;

static gpointer
send_thread (gpointer data)
{
  Sending *self = data;
  g_autoptr (GError) error = NULL;

  device_send (self->device, self->request, &error);
  g_assert_no_error (error);

  return NULL;
}

/* The same request reaches two processes at once, as when a device gives up waiting for the first. */
static void
test_sent_twice (Fixture *self, gconstpointer data)
{
  Fixture *other = fixture_new_process (self);
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) again = device_copy (nancy);

  again->fixture = other;
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *id = satchel_id_new ();
      g_autofree char *text = g_strdup_printf ("[{\"type\":\"note\",\"id\":\"%s\",\"kind\":\"create\",\"units\":{"
                                               "\"title\":{\"value\":{\"title\":\"x\"}}}}]",
                                               id);
      g_autofree char *group = device_make_group (nancy, FALSE, text);
      g_autoptr (GBytes) request = device_make_request (nancy, group);
      Sending here = { nancy, request };
      Sending there = { again, request };
      GThread *thread = g_thread_new ("other", send_thread, &there);

      send_thread (&here);
      g_thread_join (thread);
      g_assert_false (nancy->forked || again->forked);
      g_assert_cmpstr (json_object_get_string_member (nancy->outcome, "result"), ==, "applied");
      g_assert_cmpstr (json_object_get_string_member (again->outcome, "result"), ==, "applied");
    }
  fixture_end_process (other);
}

/* Until one of the store's sessions waits for a lock. */
static void
await_blocked (Fixture *self)
{
  PGconn *sql = postgres_connect (self->postgres);
  gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  g_autofree char *count = g_strdup ("0");

  while (strcmp (count, "0") == 0)
    {
      g_free (count);
      count = postgres_ask (sql, "SELECT count (*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                                 "AND datname = current_database ()");
      g_assert_cmpint (g_get_monotonic_time (), <, end);
    }
  PQfinish (sql);
}

typedef struct
{
  Fixture *process;
  const char *account;
  GPtrArray *hanging;
} Listing;

static gpointer
list_thread (gpointer data)
{
  Listing *self = data;
  g_autoptr (GError) error = NULL;

  g_assert_true (satchel_store_begin (self->process->writer, &error));
  g_assert_true (load_one (self->process->writer, self->account, &error));
  self->hanging = satchel_store_list_hanging (self->process->writer, self->account, &error);
  g_assert_no_error (error);

  return NULL;
}

static void
begin_to_put_file (Fixture *self, const char *note)
{
  g_autoptr (SatchelView) view = satchel_view_open_administration (self->server, self->writer);
  g_autofree char *id = satchel_id_new ();
  g_autoptr (SatchelRecord) file = satchel_record_new (satchel_vocabulary_lookup (self->vocabulary, "attachment"), id);
  g_autoptr (GPtrArray) records = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  satchel_record_set_from_text (file, "owner_type", "note", NULL);
  satchel_record_set_from_text (file, "owner_id", note, NULL);
  satchel_record_set_from_text (file, "name", "a", NULL);
  g_ptr_array_add (records, file);
  g_assert_true (satchel_store_begin (self->writer, &error));
  g_assert_true (satchel_server_put_records (view, records, NULL, NULL, &error));
}

static void
assert_all_locked (Fixture *self, const char *account)
{
  PGconn *sql = postgres_connect (self->postgres);
  g_autofree char *text = g_strdup_printf ("SELECT id FROM record WHERE account = '%s' FOR UPDATE SKIP LOCKED",
                                           account);
  g_autofree char *unlocked = postgres_ask (sql, text);

  g_assert_cmpstr (unlocked, ==, NULL);
  PQfinish (sql);
}

/* A file comes to a note while somebody else, who moves the account, waits for the note: they get the file too, for
 * themselves. */
static void
test_child_comes_while_listing (Fixture *self, gconstpointer data)
{
  Fixture *other = fixture_new_process (self);
  g_autofree char *account = add_account (self, "Account");
  g_autofree char *note = fixture_add (self, "note", "account", account, "title", "x", NULL);
  Listing listing = { other, account, NULL };
  g_autoptr (GError) error = NULL;
  GThread *thread;

  begin_to_put_file (self, note);
  thread = g_thread_new ("other", list_thread, &listing);
  await_blocked (self);
  g_assert_true (satchel_store_commit (self->writer, &error));
  g_thread_join (thread);
  g_assert_cmpuint (listing.hanging->len, ==, 2);
  assert_all_locked (self, account);
  satchel_store_rollback (other->writer);
  g_ptr_array_unref (listing.hanging);
  fixture_end_process (other);
}

static void
make_fork (Fixture *self, Device *device, Device *of)
{
  PGconn *sql = postgres_connect (self->postgres);
  g_autofree char *text = g_strdup_printf ("UPDATE device SET forked_from = '%s' WHERE id = '%s'", of->id, device->id);

  postgres_run (sql, text);
  PQfinish (sql);
}

/* Two copies of a replica, both forked, send what neither had sent when they parted, at once: the second waits, and finds
 * that it was done. */
static void
test_copies_send_at_once (Fixture *self, gconstpointer data)
{
  Fixture *other = fixture_new_process (self);
  g_autoptr (Device) root = device_new (self, self->nancy);
  g_autoptr (Device) one = device_new (self, self->nancy);
  g_autoptr (Device) two = device_new (other, self->nancy);
  g_autofree char *group = device_make_group (
      one, FALSE,
      "[{\"type\":\"unheard_of\",\"id\":\"01890000-0000-7000-8000-000000000001\","
      "\"kind\":\"create\",\"units\":{}}]");
  g_autoptr (GBytes) request = device_make_request (one, group);
  g_autoptr (SatchelSyncRequest) parsed = satchel_sync_request_parse (request, NULL);
  g_autoptr (GHashTable) touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (SatchelPush) push = NULL;
  g_autoptr (GError) error = NULL;
  Sending there = { two, request };
  GThread *thread;

  make_fork (self, one, root);
  make_fork (self, two, root);
  g_assert_true (satchel_store_begin (self->writer, &error));
  push = satchel_server_push (self->server, self->writer, one->token, parsed, touched, &error);
  g_assert_no_error (error);
  thread = g_thread_new ("other", send_thread, &there);
  await_blocked (self);
  g_assert_true (satchel_store_commit (self->writer, &error));
  g_thread_join (thread);
  g_assert_cmpstr (json_object_get_string_member (two->outcome, "result"), ==, "refused");
  fixture_end_process (other);
}

typedef struct
{
  Fixture *process;
  const char *user;
  const char *territory;
} Granting;

static gpointer
revoke_thread (gpointer data)
{
  Granting *self = data;

  fixture_grant (self->process, self->user, self->territory, FALSE);

  return NULL;
}

/* Who decides by rights that are about to be taken away comes before that, or after: never in between. */
static void
test_rights_stay (Fixture *self, gconstpointer data)
{
  Fixture *other = fixture_new_process (self);
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (SatchelView) view = NULL;
  Granting granting = { other, self->nancy, self->eastern };
  g_autoptr (GPtrArray) grants = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread;

  g_assert_true (satchel_store_begin (self->writer, &error));
  view = satchel_view_open (self->server, self->writer, nancy->token, &error);
  g_assert_no_error (error);
  thread = g_thread_new ("other", revoke_thread, &granting);
  await_blocked (self);
  grants = satchel_store_list_grants (self->writer, self->nancy, &error);
  g_assert_cmpuint (grants->len, ==, 1);
  g_assert_true (satchel_store_commit (self->writer, &error));
  g_thread_join (thread);
  fixture_end_process (other);
}

/* ---- The storm ------------------------------------------------------------------------------------ */

#define N_PROCESSES 3
#define N_STEPS 120
#define N_ACCOUNTS 5

/* One process with three devices at it. */
typedef struct
{
  Fixture *process;
  GPtrArray *devices;
  GPtrArray *notes;
  char **accounts;
  GRand *rand;
} Storm;

static const char *
pick_account (Storm *self)
{
  return self->accounts[g_rand_int_range (self->rand, 0, N_ACCOUNTS)];
}

static void
change_name (Storm *self, Device *device)
{
  const char *account = pick_account (self);
  g_autofree char *name = g_strdup_printf ("%u", g_rand_int (self->rand));

  if (device_has (device, account))
    push_name (device, account, name);
}

static void
move_account (Storm *self, Device *device)
{
  const char *account = pick_account (self);
  const char *territory = g_rand_boolean (self->rand) ? self->process->eastern : self->process->western;

  if (device_has (device, account))
    device_push (device, FALSE,
                 "[{'type':'account','id':'%s','kind':'patch','units':{'territory':{'base':'%s','value':"
                 "{'territory':'%s'}}}}]",
                 account, device_rev (device, account), territory);
}

static void
delete_or_restore (Storm *self, Device *device)
{
  const char *account = pick_account (self);

  if (device_has (device, account))
    device_push (device, FALSE, "[{'type':'account','id':'%s','kind':'%s','base':'%s'}]", account,
                 device_get (device, account, "deleted_at") != NULL ? "restore" : "delete",
                 device_rev (device, account));
}

static void
add_file (Device *device, const char *note)
{
  g_autofree char *file = satchel_id_new ();

  device_push (device, FALSE,
               "[{'type':'attachment','id':'%s','kind':'create','units':{'owner_type':{'value':{'owner_type':'note'}},"
               "'owner_id':{'value':{'owner_id':'%s'}},'name':{'value':{'name':'a'}}}}]",
               file, note);
}

/* A note under an account, and a file under some note, which knows the account only through it. */
static void
add_children (Storm *self, Device *device)
{
  char *note = satchel_id_new ();

  g_ptr_array_add (self->notes, note);
  device_push (
      device, g_rand_boolean (self->rand),
      "[{'type':'note','id':'%s','kind':'create','units':{'account':{'value':{'account':'%s'}},'title':{'value':"
      "{'title':'x'}}}}]",
      note, pick_account (self));
  add_file (device,
            g_ptr_array_index (self->notes, (guint) g_rand_int_range (self->rand, 0, (gint32) self->notes->len)));
}

static void
send_again (Device *device)
{
  g_autoptr (GError) error = NULL;

  if (device->last_request != NULL)
    device_send (device, device->last_request, &error);
  g_assert_no_error (error);
}

static void
one_step (Storm *self)
{
  Device *device = g_ptr_array_index (self->devices,
                                      (guint) g_rand_int_range (self->rand, 0, (gint32) self->devices->len));
  g_autoptr (GError) error = NULL;

  switch (g_rand_int_range (self->rand, 0, 10))
    {
    case 0:
      move_account (self, device);
      break;
    case 1:
      delete_or_restore (self, device);
      break;
    case 2:
      send_again (device);
      break;
    case 3:
    case 4:
      add_children (self, device);
      break;
    case 5:
    case 6:
    case 7:
      change_name (self, device);
      break;
    default:
      device_pull_once (device, &error);
      g_assert_no_error (error);
      break;
    }
}

static gpointer
storm_thread (gpointer data)
{
  Storm *self = data;

  for (guint i = 0; i < N_STEPS; i++)
    one_step (self);

  return NULL;
}

/* Each names what is wrong, if anything is. */
static const char *const laws[] = {
  /* Nothing was overwritten by somebody who had not seen it: each change of a unit begins where the last one ended. */
  "SELECT 'lost: ' || record || ' ' || unit || ' ' || n FROM (SELECT record, unit, n, old, "
  "lag (new) OVER (PARTITION BY record, unit ORDER BY n) AS before FROM history) h WHERE before <> old",
  "SELECT 'twice: ' || record || ' ' || n FROM history GROUP BY record, n, unit HAVING count (*) > 1",
  "SELECT 'ahead: ' || r.id FROM record r JOIN history h ON h.record = r.number WHERE h.n > r.n",
  "SELECT 'elsewhere: ' || c.id FROM record c JOIN record a ON a.id = c.account WHERE a.bucket <> c.bucket",
  "SELECT 'elsewhere: ' || c.id FROM record c JOIN record t ON t.id = c.target WHERE t.bucket <> c.bucket",
  "SELECT 'orphan: ' || c.id FROM record c JOIN record a ON a.id = c.account "
  "WHERE a.deleted_at IS NOT NULL AND c.deleted_at IS NULL AND c.type <> 'conflict'",
  "SELECT 'open and not: ' || c.id FROM conflict c JOIN record r ON r.id = c.id WHERE r.body NOT LIKE "
  "'%\"state\":\"open\"%'",
  "SELECT 'open twice: ' || target FROM record WHERE type = 'conflict' AND body LIKE '%\"state\":\"open\"%' "
  "AND id NOT IN (SELECT id FROM conflict)",
  "SELECT 'groups of ' || d.id FROM device d WHERE d.last_n <> (SELECT count (*) FROM sent s WHERE s.device = d.id)",
};

static void
check_laws (Fixture *self)
{
  PGconn *sql = postgres_connect (self->postgres);
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < G_N_ELEMENTS (laws); i++)
    {
      g_autofree char *problem = postgres_ask (sql, laws[i]);

      g_assert_cmpstr (problem, ==, NULL);
    }
  g_assert_true (satchel_store_check (self->reader, problems, NULL));
  g_assert_cmpuint (problems->len, ==, 0);
  PQfinish (sql);
}

/* A storm in which nothing happens proves nothing. */
static void
check_happened (Fixture *self)
{
  static const char *const events[] = {
    "SELECT count (*) FROM record WHERE type = 'note'",     "SELECT count (*) FROM record WHERE type = 'attachment'",
    "SELECT count (*) FROM record WHERE type = 'conflict'", "SELECT count (*) FROM history WHERE unit = 'territory'",
    "SELECT count (*) FROM history WHERE unit = 'name'",    "SELECT count (*) FROM feed WHERE kind = 1",
  };
  PGconn *sql = postgres_connect (self->postgres);

  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    {
      g_autofree char *count = postgres_ask (sql, events[i]);

      g_test_message ("%s: %s", events[i], count);
      g_assert_cmpstr (count, !=, "0");
    }
  PQfinish (sql);
}

/* Who followed all of it has what somebody has who comes new. */
static void
check_follower (Fixture *self, Device *device)
{
  g_autoptr (Device) fresh = device_new (self, device->user);
  GHashTableIter iter;
  gpointer id;

  device_sync (device);
  device_sync (fresh);
  g_hash_table_iter_init (&iter, fresh->records);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      g_assert_true (device_has (device, id));
      g_assert_cmpstr (device_rev (device, id), ==, device_rev (fresh, id));
      g_assert_cmpstr (device_get (device, id, "bucket"), ==, device_get (fresh, id, "bucket"));
    }
  g_assert_cmpuint (g_hash_table_size (device->records), ==, g_hash_table_size (fresh->records));
}

static void
storm_begin (Storm *self, Fixture *fixture, char **accounts)
{
  const char *users[] = { fixture->nancy, fixture->adam, fixture->mara };

  self->process = fixture_new_process (fixture);
  self->accounts = accounts;
  self->rand = g_rand_new_with_seed ((guint32) g_test_rand_int ());
  self->notes = g_ptr_array_new_with_free_func (g_free);
  self->devices = g_ptr_array_new_with_free_func ((GDestroyNotify) device_free);
  satchel_server_set_page_records (self->process->server, 7);
  for (guint i = 0; i < G_N_ELEMENTS (users); i++)
    {
      g_ptr_array_add (self->devices, device_new (self->process, users[i]));
      device_sync (g_ptr_array_index (self->devices, i));
    }
}

static void
storm_clear (Storm *self)
{
  g_ptr_array_unref (self->devices);
  g_ptr_array_unref (self->notes);
  g_rand_free (self->rand);
  fixture_end_process (self->process);
}

static void
test_storm (Fixture *self, gconstpointer data)
{
  char *accounts[N_ACCOUNTS];
  Storm storms[N_PROCESSES];
  GThread *threads[N_PROCESSES];

  for (guint i = 0; i < N_ACCOUNTS; i++)
    accounts[i] = add_account (self, "Account");
  for (guint i = 0; i < N_PROCESSES; i++)
    storm_begin (&storms[i], self, accounts);
  for (guint i = 0; i < N_PROCESSES; i++)
    threads[i] = g_thread_new ("process", storm_thread, &storms[i]);
  for (guint i = 0; i < N_PROCESSES; i++)
    g_thread_join (threads[i]);

  check_happened (self);
  check_laws (self);
  for (guint i = 0; i < N_PROCESSES; i++)
    {
      for (guint j = 0; j < storms[i].devices->len; j++)
        check_follower (storms[i].process, g_ptr_array_index (storms[i].devices, j));
      storm_clear (&storms[i]);
    }
  for (guint i = 0; i < N_ACCOUNTS; i++)
    g_free (accounts[i]);
}

/* ---- Carried to another store --------------------------------------------------------------------- */

static Fixture *
open_copy (Fixture *self, const char *database)
{
  Fixture *copy = g_memdup2 (self, sizeof *self);
  g_autoptr (GError) error = NULL;

  copy->store = satchel_store_open (database, SATCHEL_STORE_OPEN, &error);
  g_assert_no_error (error);

  return copy;
}

static void
close_copy (Fixture *copy)
{
  satchel_store_free (copy->store);
  g_free (copy);
}

static void
carry_into (Fixture *from, const char *database)
{
  g_autoptr (SatchelStore) store = NULL;
  g_autoptr (SatchelStoreSession) to = NULL;
  g_autoptr (GError) error = NULL;

  store = satchel_store_open (database, SATCHEL_STORE_CREATE, &error);
  g_assert_no_error (error);
  to = satchel_store_open_session (store, SATCHEL_STORE_ALONE, &error);
  g_assert_no_error (error);
  g_assert_true (satchel_store_begin (from->reader, &error));
  g_assert_true (satchel_store_begin (to, &error));
  satchel_store_copy (from->reader, to, &error);
  g_assert_no_error (error);
  g_assert_true (satchel_store_commit (to, &error));
  satchel_store_rollback (from->reader);
}

/* A device goes on at the copy where it stood, and what it sends is taken. */
static void
go_on_at (Fixture *copy, Device *device, const char *account, const char *name)
{
  Fixture *there = fixture_new_process (copy);
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  device->fixture = there;
  g_assert_true (satchel_store_check (there->reader, problems, &error));
  g_assert_cmpuint (problems->len, ==, 0);
  device_pull_once (device, &error);
  g_assert_no_error (error);
  g_assert_false (json_object_has_member (device->page, "resync"));
  device_sync (device);
  g_assert_cmpstr (push_name (device, account, name), ==, "applied");
  g_assert_cmpstr (device_get (device, account, "name"), ==, name);
  device->fixture = copy;
  fixture_end_process (there);
  close_copy (copy);
}

/* To SQLite as a backup is, while something has no place in the feed yet, and back. */
static void
test_there_and_back (Fixture *self, gconstpointer data)
{
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);
  g_autofree char *account = add_account (self, "One");
  g_autofree char *moved = add_account (self, "Moved");
  g_autofree char *path = g_build_filename (self->folder, "backup.db", NULL);
  g_autofree char *file = g_strconcat ("sqlite:", path, NULL);
  g_autofree char *late = NULL;
  PGconn *sql = postgres_connect (self->postgres);
  char *other = postgres_take ();
  g_autofree char *url = postgres_dup_url (other);
  g_autoptr (GError) error = NULL;
  Fixture *copy, *there;

  device_sync (nancy);
  device_sync (olga);
  g_assert_cmpstr (push_name (nancy, account, "Two"), ==, "applied");
  g_assert_cmpstr (push_name (olga, account, "Three"), ==, "partial");
  g_assert_cmpstr (device_push (nancy, FALSE, "[{'type':'account','id':'%s','kind':'delete','base':'%s'}]", moved,
                                device_rev (nancy, moved)),
                   ==, "applied");
  postgres_run (sql, "ALTER FUNCTION sequence_feed RENAME TO dead");
  late = add_account (self, "Late");
  satchel_store_backup (self->writer, path, &error);
  g_assert_no_error (error);
  postgres_run (sql, "ALTER FUNCTION dead RENAME TO sequence_feed");
  PQfinish (sql);

  go_on_at (open_copy (self, file), nancy, account, "At the backup");
  g_assert_true (device_has (nancy, late));
  device_sync (olga); /* where it was */

  copy = open_copy (self, file);
  there = fixture_new_process (copy);
  carry_into (there, url);
  go_on_at (open_copy (self, url), nancy, account, "Back again");
  fixture_end_process (there);
  close_copy (copy);
  nancy->fixture = olga->fixture = self;
  postgres_give_back (other);
}

/* Who stands alone lets nobody in, and is not let in where anybody is. */
static void
test_alone (Fixture *self, gconstpointer data)
{
  g_autoptr (SatchelStoreSession) alone = NULL;
  g_autoptr (SatchelStoreSession) other = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (satchel_store_open_session (self->store, SATCHEL_STORE_ALONE, &error));
  g_assert_error (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_BUSY);
  g_clear_error (&error);

  satchel_store_session_close (self->writer);
  satchel_store_session_close (self->reader);
  alone = satchel_store_open_session (self->store, SATCHEL_STORE_ALONE, &error);
  g_assert_no_error (error);
  g_assert_null (satchel_store_open_session (self->store, SATCHEL_STORE_READ, &error));
  g_assert_error (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_BUSY);
  g_clear_error (&error);

  g_clear_pointer (&alone, satchel_store_session_close);
  self->writer = satchel_store_open_session (self->store, SATCHEL_STORE_WRITE, &error);
  self->reader = satchel_store_open_session (self->store, SATCHEL_STORE_READ, &error);
  g_assert_no_error (error);
}

/* ---- The connection ------------------------------------------------------------------------------- */

static void
kill_connections (Fixture *self)
{
  PGconn *sql = postgres_connect (self->postgres);

  postgres_run (sql, "SELECT pg_terminate_backend (pid) FROM pg_stat_activity "
                     "WHERE application_name = 'satchel-server' AND datname = current_database ()");
  PQfinish (sql);
}

/* Between transactions nobody notices; in one, nothing of it is there, and the next one works. */
static void
test_lost_connection (Fixture *self, gconstpointer data)
{
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autofree char *value = NULL;
  g_autoptr (GError) error = NULL;

  device_sync (nancy);
  kill_connections (self);
  device_sync (nancy);
  g_free (add_account (self, "After"));

  g_assert_true (satchel_store_begin (self->writer, &error));
  g_assert_true (satchel_store_set_meta (self->writer, "half", "done", &error));
  kill_connections (self);
  g_assert_false (satchel_store_commit (self->writer, &error));
  g_assert_error (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_BUSY);
  g_clear_error (&error);
  satchel_store_rollback (self->writer);

  g_assert_true (satchel_store_begin (self->writer, &error));
  g_assert_true (satchel_store_get_meta (self->writer, "half", &value, &error));
  g_assert_null (value);
  satchel_store_rollback (self->writer);
}

/* What is said of it never holds the password. */
static void
test_password_is_not_told (void)
{
  static const char *const urls[] = {
    "postgresql://satchel:verysecret@/x?host=/nowhere",
    "postgresql://satchel:very%secret@/x?host=/nowhere",
    "postgres://satchel:verysecret@[/x",
    "mysql://satchel:verysecret@localhost/x",
  };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (satchel_store_open (urls[i], SATCHEL_STORE_OPEN, &error));
      g_assert_nonnull (error);
      g_assert_null (strstr (error->message, "secret"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  postgres_test ("/server/postgres/feed/committed-without-place", test_committed_without_place);
  postgres_test ("/server/postgres/feed/much-without-place", test_much_without_place);
  postgres_test ("/server/postgres/feed/long-transaction", test_long_transaction);
  postgres_test ("/server/postgres/feed/long-import", test_long_import);
  postgres_test ("/server/postgres/news/heard", test_news);
  postgres_test ("/server/postgres/news/looked-for", test_looking);
  postgres_test ("/server/postgres/locks/deadlock", test_deadlock);
  postgres_test ("/server/postgres/locks/sent-twice", test_sent_twice);
  postgres_test ("/server/postgres/locks/child-comes-while-listing", test_child_comes_while_listing);
  postgres_test ("/server/postgres/locks/copies-send-at-once", test_copies_send_at_once);
  postgres_test ("/server/postgres/locks/rights-stay", test_rights_stay);
  postgres_test ("/server/postgres/locks/storm", test_storm);
  postgres_test ("/server/postgres/carried/there-and-back", test_there_and_back);
  postgres_test ("/server/postgres/carried/alone", test_alone);
  postgres_test ("/server/postgres/connection/lost", test_lost_connection);
  g_test_add_func ("/server/postgres/connection/password-is-not-told", test_password_is_not_told);

  return g_test_run ();
}
