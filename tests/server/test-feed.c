/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Cursors, pages, what arrives and what leaves. */

#include "satchel-config.h"

#include "server-fixture.h"

#include <string.h>

#include "records/satchel-id.h"
#include "server/core/server-cursor.h"

static char *
territory_bucket (const char *territory)
{
  return g_strconcat ("territory:", territory, NULL);
}

static void
set_field (Fixture *self, const char *type, const char *id, const char *field, const char *text)
{
  g_autoptr (SatchelView) view = satchel_view_open_administration (self->server, self->writer);
  g_autofree char *body = server_body (self, id);
  g_autoptr (SatchelRecord) record = satchel_record_from_wire_text (self->vocabulary, body, strlen (body), NULL);
  g_autoptr (GPtrArray) records = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  satchel_record_set_from_text (record, field, text, &error);
  g_assert_no_error (error);
  g_ptr_array_add (records, record);
  satchel_store_begin (self->writer, &error);
  satchel_server_put_records (view, records, NULL, NULL, &error);
  g_assert_no_error (error);
  satchel_store_commit (self->writer, &error);
  g_assert_no_error (error);
}

/* ---- Cursors -------------------------------------------------------------------------------------- */

static void
test_cursor_round_trip (void)
{
  static const char *const texts[] = {
    "1:abcde::0",
    "1:abcde:1.2.z:10",
    "1:abcde:1:zz:o.5.zz.7.8",
    "1:abcde::0:a.0.1z.1",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (SatchelCursor) cursor = satchel_cursor_parse (texts[i]);
      g_autofree char *text = NULL;

      g_assert_nonnull (cursor);
      text = satchel_cursor_to_text (cursor);
      g_assert_cmpstr (text, ==, texts[i]);
    }
}

static void
test_cursor_damaged (void)
{
  static const char *const texts[] = {
    "",
    "1",
    "2:abcde:1:5",
    "1:abcde:1:-5",
    "1:abcde:1.:5",
    "1:abcde:!:5",
    "1:abcde:1",
    "1:abcde:1:5:",
    "1:abcde:1:5:o.1.2",
    "1:abcde:1:5:o.x!.1.2",
    "1:a:1:5:a.1.1.1:6",
    "1:a:1:99999999999999999999",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (SatchelCursor) cursor = satchel_cursor_parse (texts[i]);

      g_assert_null (cursor);
    }
}

static void
test_strange_cursor (Fixture *self, gconstpointer data)
{
  static const char *const cursors[] = { "rubbish", "1:other:1:5", "1:%s:1:zzzzz", "1:%s:1:1:o.1.zzzzz.1" };

  for (guint i = 0; i < G_N_ELEMENTS (cursors); i++)
    {
      g_autoptr (Device) nancy = device_new (self, self->nancy);
      g_auto (GStrv) parts = g_strsplit (cursors[i], "%s", 2);
      g_autofree char *cursor = g_strjoinv (satchel_server_get_epoch (self->server), parts);

      g_set_str (&nancy->cursor, cursor);
      device_pull_once (nancy, NULL);
      g_assert_nonnull (strstr (g_ptr_array_index (nancy->frames, 0), "\"resync\":true"));
      g_assert_true (device_has (nancy, self->eastern));
    }
}

/* ---- Arriving ------------------------------------------------------------------------------------- */

static void
add_many (Fixture *self, guint count)
{
  g_autoptr (SatchelView) view = satchel_view_open_administration (self->server, self->writer);
  const SatchelType *type = satchel_vocabulary_lookup (self->vocabulary, "account");
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_record_unref);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < count; i++)
    {
      g_autofree char *id = satchel_id_new ();
      g_autofree char *name = g_strdup_printf ("Account %u", i);
      SatchelRecord *record = satchel_record_new (type, id);

      satchel_record_set_from_text (record, "name", name, NULL);
      satchel_record_set_from_text (record, "territory", self->eastern, NULL);
      satchel_record_set_from_text (record, "owner", i % 3 == 2 ? self->nancy : self->olga, NULL);
      g_ptr_array_add (records, record);
    }
  satchel_store_begin (self->writer, &error);
  satchel_server_put_records (view, records, NULL, NULL, &error);
  g_assert_no_error (error);
  satchel_store_commit (self->writer, &error);
  g_assert_no_error (error);
}

static void
test_own_accounts_first (Fixture *self, gconstpointer data)
{
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  guint n_own = 0, n_puts = 0, n_pages = 0;
  gboolean others = FALSE;

  add_many (self, 9000);
  do
    {
      device_pull_once (nancy, NULL);
      n_pages++;
      for (guint i = 0; i < nancy->frames->len; i++)
        {
          const char *frame = g_ptr_array_index (nancy->frames, i);
          gboolean account = strstr (frame, "\"type\":\"account\"") != NULL;
          g_autofree char *owner = g_strdup_printf ("\"owner\":\"%s\"", self->nancy);

          if (!g_str_has_prefix (frame, "put "))
            continue;
          n_puts++;
          if (account && strstr (frame, owner) != NULL)
            {
              g_assert_false (others);
              n_own++;
            }
          else if (account)
            others = TRUE;
        }
      g_assert_cmpint (json_object_get_boolean_member (nancy->page, "head"), !=,
                       json_object_get_boolean_member (nancy->page, "arriving"));
    }
  while (!json_object_get_boolean_member (nancy->page, "head"));

  g_assert_cmpuint (n_own, ==, 3000);
  g_assert_cmpuint (n_pages, >=, 3);
  g_assert_cmpuint (n_puts, ==, g_hash_table_size (nancy->records)); /* nothing twice */
  g_assert_cmpuint (n_puts, ==, 9000 + 5 + 2);
}

/* What happens while the many are on their way is not lost between the pages. */
static void
test_changes_while_arriving (Fixture *self, gconstpointer data)
{
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autofree char *first = fixture_add (self, "account", "name", "First", "territory", self->eastern, "owner",
                                        self->nancy, NULL);
  g_autofree char *other = fixture_add (self, "account", "name", "Other", "territory", self->eastern, "owner",
                                        self->olga, NULL);
  g_autofree char *leaving = fixture_add (self, "account", "name", "Leaving", "territory", self->eastern, "owner",
                                          self->olga, NULL);
  g_autofree char *coming = fixture_add (self, "account", "name", "Coming", "territory", self->western, NULL);

  add_many (self, 9000);
  device_pull_once (nancy, NULL);
  g_assert_true (json_object_get_boolean_member (nancy->page, "arriving"));
  set_field (self, "account", first, "phone", "1");
  set_field (self, "account", other, "phone", "2");
  set_field (self, "account", leaving, "territory", self->western);
  set_field (self, "account", coming, "territory", self->eastern);
  device_pull_once (nancy, NULL);
  set_field (self, "account", other, "owner", self->nancy);
  device_sync (nancy);
  g_assert_cmpstr (device_get (nancy, first, "phone"), ==, "1");
  g_assert_cmpstr (device_get (nancy, other, "phone"), ==, "2");
  g_assert_cmpstr (device_get (nancy, other, "owner"), ==, self->nancy);
  g_assert_false (device_has (nancy, leaving));
  g_assert_true (device_has (nancy, coming));
}

static void
test_grant_and_revoke (Fixture *self, gconstpointer data)
{
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autofree char *account = fixture_add (self, "account", "name", "West", "territory", self->western, NULL);

  device_sync (nancy);
  g_assert_false (device_has (nancy, account));
  fixture_grant (self, self->nancy, self->western, TRUE);
  device_sync (nancy);
  g_assert_true (device_has (nancy, account));
  fixture_grant (self, self->nancy, self->western, FALSE);
  device_sync (nancy);
  g_assert_false (device_has (nancy, account));
}

static void
test_nothing_new (Fixture *self, gconstpointer data)
{
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (GBytes) request = NULL;
  g_autoptr (SatchelSyncRequest) parsed = NULL;
  g_autoptr (SatchelPull) pulled = NULL;
  g_autoptr (GError) error = NULL;

  device_sync (nancy);
  request = device_make_request (nancy, NULL);
  parsed = satchel_sync_request_parse (request, &error);
  g_assert_no_error (error);
  pulled = satchel_server_pull (self->server, self->reader, nancy->token, parsed, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (pulled->status, ==, SATCHEL_PULL_NOTHING);
  g_assert_cmpuint (g_bytes_get_size (pulled->answer), <=, 400);
  g_assert_cmpuint (g_bytes_get_size (request), <=, 400);

  g_clear_pointer (&pulled, satchel_pull_free);
  g_free (fixture_add (self, "account", "name", "East", "territory", self->eastern, NULL));
  pulled = satchel_server_pull (self->server, self->reader, nancy->token, parsed, NULL, &error);
  g_assert_cmpint (pulled->status, ==, SATCHEL_PULL_ANSWER);

  /* What happens elsewhere is no news. */
  device_sync (nancy);
  g_free (fixture_add (self, "account", "name", "West", "territory", self->western, NULL));
  g_clear_pointer (&pulled, satchel_pull_free);
  g_clear_pointer (&parsed, satchel_sync_request_free);
  g_clear_pointer (&request, g_bytes_unref);
  request = device_make_request (nancy, NULL);
  parsed = satchel_sync_request_parse (request, &error);
  pulled = satchel_server_pull (self->server, self->reader, nancy->token, parsed, NULL, &error);
  g_assert_cmpint (pulled->status, ==, SATCHEL_PULL_NOTHING);
}

/* ---- Moving --------------------------------------------------------------------------------------- */

static gboolean
frames_mention (Device *device, const char *text)
{
  for (guint i = 0; i < device->frames->len; i++)
    if (strstr (g_ptr_array_index (device->frames, i), text) != NULL)
      return TRUE;

  return FALSE;
}

static void
test_account_moves_with_children (Fixture *self, gconstpointer data)
{
  g_autofree char *account = fixture_add (self, "account", "name", "Alfreds", "territory", self->eastern, NULL);
  g_autofree char *contact = fixture_add (self, "contact", "account", account, "given_name", "Maria", NULL);
  g_autofree char *order = fixture_add (self, "order", "account", account, NULL);
  g_autofree char *product = fixture_add (self, "product", "sku", "1", "name", "Chai", NULL);
  g_autofree char *line = fixture_add (self, "order_line", "order", order, "product", product, "quantity", "2", NULL);
  g_autofree char *file = fixture_add (self, "attachment", "owner_type", "contact", "owner_id", contact, "name", "a",
                                       NULL);
  g_autofree char *secret = fixture_add (self, "note", "account", account, "body", "mine", "private", "true",
                                         "created_by", self->nancy, NULL);
  g_autofree char *western = territory_bucket (self->western);
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);
  g_autoptr (Device) wim = device_new (self, self->wim);
  const char *moved[] = { account, contact, order, line, file };

  device_sync (nancy);
  device_sync (olga);
  device_sync (wim);
  g_assert_true (device_has (nancy, secret));
  g_assert_false (device_has (olga, secret));
  g_assert_false (device_has (wim, account));

  set_field (self, "account", account, "territory", self->western);
  device_pull_once (nancy, NULL);
  g_assert_true (frames_mention (nancy, "exit "));
  g_assert_false (frames_mention (nancy, western)); /* where it went is not nancy's to know */
  device_sync (wim);
  for (guint i = 0; i < G_N_ELEMENTS (moved); i++)
    {
      g_assert_false (device_has (nancy, moved[i]));
      g_assert_true (device_has (wim, moved[i]));
      g_assert_cmpstr (device_get (wim, moved[i], "bucket"), ==, western);
    }
  g_assert_true (device_has (nancy, secret));
  g_assert_false (device_has (wim, secret));

  /* And back: nothing of the exit is left. */
  set_field (self, "account", account, "territory", self->eastern);
  device_sync (nancy);
  device_sync (olga);
  device_sync (wim);
  for (guint i = 0; i < G_N_ELEMENTS (moved); i++)
    {
      g_assert_true (device_has (nancy, moved[i]));
      g_assert_true (device_has (olga, moved[i]));
      g_assert_false (device_has (wim, moved[i]));
    }
}

static void
test_line_follows_its_order (Fixture *self, gconstpointer data)
{
  g_autofree char *east = fixture_add (self, "account", "name", "East", "territory", self->eastern, NULL);
  g_autofree char *west = fixture_add (self, "account", "name", "West", "territory", self->western, NULL);
  g_autofree char *order = fixture_add (self, "order", "account", east, NULL);
  g_autofree char *product = fixture_add (self, "product", "sku", "1", "name", "Chai", NULL);
  g_autofree char *line = fixture_add (self, "order_line", "order", order, "product", product, "quantity", "2", NULL);
  g_autoptr (Device) wim = device_new (self, self->wim);

  device_sync (wim);
  g_assert_false (device_has (wim, line));
  set_field (self, "order", order, "account", west);
  device_sync (wim);
  g_assert_true (device_has (wim, line));

  /* It hangs on the new account now, and moves with it. */
  set_field (self, "account", west, "territory", self->eastern);
  device_sync (wim);
  g_assert_false (device_has (wim, line));
}

static void
test_account_is_filled_in (Fixture *self, gconstpointer data)
{
  g_autofree char *account = fixture_add (self, "account", "name", "East", "territory", self->eastern, NULL);
  g_autofree char *contact = fixture_add (self, "contact", "account", account, "given_name", "Maria", NULL);
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autofree char *id = satchel_id_new ();

  device_push (nancy, FALSE,
               "[{'type':'task','id':'%s','kind':'create','units':{'contact':{'value':{'contact':'%s'}},'title':"
               "{'value':{'title':'Call'}}}}]",
               id, contact);
  device_sync (nancy);
  g_assert_cmpstr (device_get (nancy, id, "account"), ==, account);
  g_assert_cmpstr (device_get (nancy, id, "bucket"), ==, device_get (nancy, account, "bucket"));
}

static void
test_task_for_somebody_else (Fixture *self, gconstpointer data)
{
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) mara = device_new (self, self->mara);
  g_autofree char *id = satchel_id_new ();

  g_assert_cmpstr (device_push (nancy, FALSE,
                                "[{'type':'task','id':'%s','kind':'create','units':{'assignee':{'value':{'assignee':"
                                "'%s'}},'title':{'value':{'title':'Please reassign'}}}}]",
                                id, self->mara),
                   ==, "applied");
  device_sync (nancy);
  device_sync (mara);
  g_assert_true (device_has (mara, id));
  g_assert_false (device_has (nancy, id));
}

/* ---- Anything, in any order ----------------------------------------------------------------------- */

#define N_ACCOUNTS 12
#define N_STEPS 300

typedef struct
{
  Fixture *fixture;
  GRand *rand;
  GPtrArray *accounts;
  GPtrArray *territories;
  GPtrArray *devices;
} Storm;

static const char *
pick (Storm *self, GPtrArray *from)
{
  return g_ptr_array_index (from, (guint) g_rand_int_range (self->rand, 0, (gint32) from->len));
}

static void
one_step (Storm *self)
{
  Fixture *fixture = self->fixture;
  Device *device = g_ptr_array_index (self->devices,
                                      (guint) g_rand_int_range (self->rand, 0, (gint32) self->devices->len));

  switch (g_rand_int_range (self->rand, 0, 9))
    {
    case 0:
      g_ptr_array_add (self->accounts, fixture_add (fixture, "account", "name", "New", "territory",
                                                    pick (self, self->territories), "owner", fixture->nancy, NULL));
      break;
    case 1:
    case 2:
      set_field (fixture, "account", pick (self, self->accounts), "territory", pick (self, self->territories));
      break;
    case 3:
      g_free (fixture_add (fixture, "note", "account", pick (self, self->accounts), "body", "x", "private",
                           g_rand_boolean (self->rand) ? "true" : "false", "created_by", device->user, NULL));
      break;
    case 4:
      fixture_grant (fixture, device->user, pick (self, self->territories), g_rand_boolean (self->rand));
      break;
    case 5:
      set_field (fixture, "account", pick (self, self->accounts), "owner", device->user);
      break;
    default:
      device_pull_once (device, NULL);
      break;
    }
}

/* What the view grants, read record by record: not the way that pages take. */
static void
check_equals_server (Storm *self, Device *device)
{
  Fixture *fixture = self->fixture;
  g_autoptr (SatchelView) view = NULL;
  g_autoptr (GError) error = NULL;
  guint n_seen = 0;

  satchel_store_begin (fixture->reader, &error);
  view = satchel_view_open (fixture->server, fixture->reader, device->token, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < self->accounts->len; i++)
    {
      const char *ids[] = { g_ptr_array_index (self->accounts, i), NULL };
      g_autoptr (GPtrArray) account = satchel_store_load_records (fixture->reader, ids, &error);
      g_autoptr (GPtrArray) hanging = satchel_store_list_hanging (fixture->reader, ids[0], &error);

      g_ptr_array_extend_and_steal (account, g_steal_pointer (&hanging));
      for (guint j = 0; j < account->len; j++)
        {
          const SatchelStored *stored = g_ptr_array_index (account, j);
          gboolean seen = satchel_view_sees_bucket (view, stored->bucket);

          g_assert_cmpint (device_has (device, stored->id), ==, seen);
          if (seen)
            g_assert_cmpstr (device_get (device, stored->id, "bucket"), ==, stored->bucket);
          n_seen += seen;
        }
    }
  satchel_store_rollback (fixture->reader);
  g_test_message ("%u records seen", n_seen);
}

static void
test_storm (Fixture *self, gconstpointer data)
{
  Storm storm = { .fixture = self,
                  .rand = g_rand_new_with_seed ((guint32) g_test_rand_int () ^ g_str_hash (g_test_get_path ())),
                  .accounts = g_ptr_array_new_with_free_func (g_free),
                  .territories = g_ptr_array_new_with_free_func (g_free),
                  .devices = g_ptr_array_new_with_free_func ((GDestroyNotify) device_free) };
  const char *users[] = { self->nancy, self->olga, self->wim, self->mara, self->adam };

  for (guint i = 0; i < 4; i++)
    g_ptr_array_add (storm.territories, fixture_add (self, "territory", "name", "T", NULL));
  g_ptr_array_add (storm.territories, g_strdup (self->eastern));
  for (guint i = 0; i < N_ACCOUNTS; i++)
    g_ptr_array_add (storm.accounts,
                     fixture_add (self, "account", "name", "A", "territory", pick (&storm, storm.territories), NULL));
  for (guint i = 0; i < G_N_ELEMENTS (users); i++)
    g_ptr_array_add (storm.devices, device_new (self, users[i]));

  for (guint i = 0; i < N_STEPS; i++)
    one_step (&storm);
  for (guint i = 0; i < storm.devices->len; i++)
    {
      device_sync (g_ptr_array_index (storm.devices, i));
      check_equals_server (&storm, g_ptr_array_index (storm.devices, i));
    }

  g_ptr_array_unref (storm.devices);
  g_ptr_array_unref (storm.accounts);
  g_ptr_array_unref (storm.territories);
  g_rand_free (storm.rand);
}

/* The first thing that ever comes into a bucket, while the others arrive, is not passed over at their end. */
static void
test_bucket_comes_to_be_while_arriving (Fixture *self, gconstpointer data)
{
  g_autoptr (Device) wim = device_new (self, self->wim);
  g_autofree char *note = satchel_id_new ();
  g_autoptr (GError) error = NULL;
  gboolean more = TRUE;

  satchel_server_set_page_records (self->server, 6);
  device_pull_once (wim, &error);
  g_assert_no_error (error);
  g_assert_true (json_object_get_boolean_member (wim->page, "arriving"));

  device_push (wim, FALSE, "[{'type':'note','id':'%s','kind':'create','units':{'title':{'value':{'title':'Mine'}}}}]",
               note);
  for (guint i = 0; i < 10 && more; i++)
    {
      more = !json_object_get_boolean_member (wim->page, "head");
      if (more)
        device_pull_once (wim, &error);
      g_assert_no_error (error);
    }
  g_assert_false (more);
  g_assert_true (device_has (wim, note));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/server/feed/cursor-round-trip", test_cursor_round_trip);
  g_test_add_func ("/server/feed/cursor-damaged", test_cursor_damaged);
  server_test ("/server/feed/strange-cursor", test_strange_cursor);
  server_test ("/server/feed/own-accounts-first", test_own_accounts_first);
  server_test ("/server/feed/changes-while-arriving", test_changes_while_arriving);
  server_test ("/server/feed/bucket-comes-to-be-while-arriving", test_bucket_comes_to_be_while_arriving);
  server_test ("/server/feed/grant-and-revoke", test_grant_and_revoke);
  server_test ("/server/feed/nothing-new", test_nothing_new);
  server_test ("/server/feed/account-moves-with-children", test_account_moves_with_children);
  server_test ("/server/feed/line-follows-its-order", test_line_follows_its_order);
  server_test ("/server/feed/account-is-filled-in", test_account_is_filled_in);
  server_test ("/server/feed/task-for-somebody-else", test_task_for_somebody_else);
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *path = g_strdup_printf ("/server/feed/storm/%u", i + 1);

      server_test (path, test_storm);
    }

  return g_test_run ();
}
