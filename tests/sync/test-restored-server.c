/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A server that is brought back from a backup, and what its devices bring back to it. */

#include <string.h>

#include "records/satchel-id.h"
#include "team.h"

/* ---- Nothing was lost ---- */

static void
test_nothing_lost (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };

  team_begin (&team, server);
  fixture_backup (server, "b");
  fixture_restore (server, "b");
  rep_change (team.reps[0], team.account, "phone", "1", NULL);
  team_sync (&team);

  team_assert_everywhere (&team, team.account, "phone", "1");
  team_assert_settled (&team);
}

/* ---- The author is still there ---- */

static void
test_own_changes (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autofree char *note = NULL;

  team_begin (&team, server);
  fixture_backup (server, "b");
  rep_change (team.reps[0], team.account, "phone", "1", NULL);
  rep_sync (team.reps[0]);
  rep_change (team.reps[0], team.account, "phone", "2", "email", "a@example.org", NULL);
  note = rep_create (team.reps[0], "note", "account", team.account, "title", "Talk", "body", "Said much", NULL);
  rep_sync (team.reps[0]);
  fixture_restore (server, "b");
  team_sync (&team);

  team_assert_everywhere (&team, team.account, "phone", "2");
  team_assert_everywhere (&team, team.account, "email", "a@example.org");
  team_assert_everywhere (&team, note, "body", "Said much");
  g_assert_true (team_history_has (&team, team.account, "\"1\""));
  g_assert_cmpuint (rep_count_conflicts (team.reps[0]), ==, 0);
  team_assert_settled (&team);
}

static void
test_twice (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };

  team_begin (&team, server);
  fixture_backup (server, "b");
  rep_change (team.reps[0], team.account, "phone", "1", NULL);
  team_sync (&team);
  fixture_restore (server, "b");
  team_sync (&team);
  rep_change (team.reps[2], team.account, "phone", "2", NULL);
  team_sync (&team);
  fixture_restore (server, "b");
  team_sync (&team);

  team_assert_everywhere (&team, team.account, "phone", "2");
  g_assert_cmpuint (rep_count_conflicts (team.reps[0]), ==, 0);
  team_assert_settled (&team);
}

/* ---- The author is gone ---- */

static void
test_rows_of_a_lost_device (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autofree char *contact = NULL;
  g_autofree char *account = NULL;

  team_begin (&team, server);
  fixture_backup (server, "b");
  rep_change (team.reps[0], team.account, "phone", "1", NULL);
  account = rep_create (team.reps[0], "account", "name", "Beta", "territory", server->eastern, NULL);
  contact = rep_create (team.reps[0], "contact", "account", account, "family_name", "Anders", NULL);
  rep_add_member (team.reps[0], team.account, "tags", "vip");
  team_sync (&team);
  team_lose (&team, 0);
  fixture_restore (server, "b");
  team_sync (&team);

  team_assert_everywhere (&team, team.account, "phone", "1");
  team_assert_everywhere (&team, team.account, "tags", "vip");
  team_assert_everywhere (&team, contact, "family_name", "Anders");
  g_assert_cmpuint (rep_count_conflicts (team.reps[1]), ==, 0);
  team_assert_settled (&team);
}

/* What one device has is rarely all: Olga saw the first change only, Nancy's other device both. */
static void
test_rows_of_different_age (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };

  team_begin (&team, server);
  fixture_backup (server, "b");
  rep_change (team.reps[0], team.account, "phone", "1", NULL);
  rep_sync (team.reps[0]);
  rep_sync (team.reps[2]);
  rep_change (team.reps[0], team.account, "email", "a@example.org", "phone", "2", NULL);
  rep_sync (team.reps[0]);
  rep_sync (team.reps[1]);
  team_lose (&team, 0);
  fixture_restore (server, "b");
  rep_sync (team.reps[2]);
  rep_assert_text (team.reps[2], team.account, "phone", "1");
  team_sync (&team);

  team_assert_everywhere (&team, team.account, "phone", "2");
  team_assert_everywhere (&team, team.account, "email", "a@example.org");
  g_assert_cmpuint (rep_count_conflicts (team.reps[1]), ==, 0);
  team_assert_settled (&team);
}

/* ---- Two truths ---- */

static void
test_two_truths (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autoptr (Rep) fresh = NULL;

  team_begin (&team, server);
  fixture_backup (server, "b");
  rep_change (team.reps[0], team.account, "phone", "1", "preferences", "tea", NULL);
  rep_sync (team.reps[0]);
  fixture_restore (server, "b");
  fresh = rep_new (server, server->olga);
  rep_sync (fresh);
  rep_change (fresh, team.account, "phone", "2", NULL);
  rep_add_member (fresh, team.account, "tags", "vip");
  rep_sync (fresh);
  team_sync (&team);

  team_assert_everywhere (&team, team.account, "phone", "2");
  team_assert_everywhere (&team, team.account, "preferences", "tea");
  team_assert_everywhere (&team, team.account, "tags", "vip");
  g_assert_cmpuint (rep_count_conflicts (team.reps[0]), ==, 1);
  team_assert_settled (&team);
}

/* Somebody saw the record without what is brought back later, and writes on that. */
static void
test_written_before_it_came_back (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autoptr (Rep) fresh = NULL;

  team_begin (&team, server);
  fixture_backup (server, "b");
  rep_change (team.reps[0], team.account, "phone", "1", NULL);
  rep_sync (team.reps[0]);
  rep_sync (team.reps[2]);
  rep_change (team.reps[2], team.account, "email", "o@example.org", NULL);
  rep_sync (team.reps[2]);
  fixture_restore (server, "b");

  fresh = rep_new (server, server->olga);
  rep_sync (fresh);
  rep_change (fresh, team.account, "website", "https://a.example.org", NULL);
  rep_sync (fresh);
  rep_assert_text (fresh, team.account, "phone", "0");
  rep_sync (team.reps[0]); /* brings the phone back */
  rep_change (fresh, team.account, "phone", "3", NULL); /* on sight of 0 */
  rep_sync (fresh);
  team_sync (&team);
  rep_sync (fresh);

  team_assert_everywhere (&team, team.account, "phone", "1");
  team_assert_everywhere (&team, team.account, "email", "o@example.org");
  team_assert_everywhere (&team, team.account, "website", "https://a.example.org");
  g_assert_cmpuint (rep_count_conflicts (team.reps[0]), ==, 1);
  team_assert_settled (&team);
}

/* ---- What waited ---- */

static void
test_pending_work (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };

  team_begin (&team, server);
  fixture_backup (server, "b");
  rep_change (team.reps[0], team.account, "phone", "1", NULL);
  team_sync (&team);
  rep_change (team.reps[2], team.account, "phone", "2", NULL); /* on sight of 1 */
  rep_change (team.reps[0], team.account, "email", "n@example.org", NULL);
  fixture_restore (server, "b");
  rep_sync (team.reps[2]);
  team_sync (&team);

  team_assert_everywhere (&team, team.account, "phone", "2");
  team_assert_everywhere (&team, team.account, "email", "n@example.org");
  g_assert_cmpuint (rep_count_conflicts (team.reps[0]), ==, 0);
  team_assert_settled (&team);
}

static void
test_conflicts (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };

  team_begin (&team, server);
  fixture_backup (server, "b");
  rep_change (team.reps[0], team.account, "phone", "1", NULL);
  rep_change (team.reps[1], team.account, "phone", "2", NULL);
  rep_change (team.reps[2], team.account, "phone", "3", NULL);
  team_sync (&team);
  g_assert_cmpuint (rep_count_conflicts (team.reps[0]), ==, 1);
  fixture_restore (server, "b");
  team_sync (&team);

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GPtrArray) conflicts = rep_list_conflicts (team.reps[i]);
      const char *values;

      g_assert_cmpuint (conflicts->len, ==, 1);
      values = satchel_record_get_text (g_ptr_array_index (conflicts, 0), "values");
      g_assert_nonnull (strstr (values, "\"2\""));
      g_assert_nonnull (strstr (values, "\"3\""));
    }
  team_assert_everywhere (&team, team.account, "phone", "1");
  team_assert_settled (&team);
}

static void
test_resolved (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autoptr (GPtrArray) conflicts = NULL;

  team_begin (&team, server);
  rep_change (team.reps[0], team.account, "phone", "1", NULL);
  rep_change (team.reps[1], team.account, "phone", "2", NULL);
  team_sync (&team);
  fixture_backup (server, "b");
  conflicts = rep_list_conflicts (team.reps[0]);
  rep_resolve (team.reps[0], satchel_record_get_id (g_ptr_array_index (conflicts, 0)), "1");
  rep_sync (team.reps[0]);
  fixture_restore (server, "b");
  team_sync (&team);

  team_assert_everywhere (&team, team.account, "phone", "2");
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (rep_count_conflicts (team.reps[i]), ==, 0);
  team_assert_settled (&team);
}

static void
test_deleted (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autofree char *note = NULL;

  team_begin (&team, server);
  note = rep_create (team.reps[0], "note", "account", team.account, "title", "Talk", NULL);
  team_sync (&team);
  fixture_backup (server, "b");
  rep_delete (team.reps[0], note);
  team_sync (&team);
  fixture_restore (server, "b");
  team_sync (&team);

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (SatchelRecord) record = rep_get (team.reps[i], note);

      g_assert_nonnull (satchel_record_get_deleted_at (record));
    }
  g_assert_cmpuint (rep_count_conflicts (team.reps[0]), ==, 0);
  team_assert_settled (&team);
}

/* ---- Devices that the server does not know ---- */

static void
test_unknown_device (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autoptr (Rep) late = NULL;
  g_autofree char *note = NULL;

  team_begin (&team, server);
  fixture_backup (server, "b");
  late = rep_new (server, server->olga);
  rep_sync (late);
  rep_change (late, team.account, "phone", "1", NULL);
  rep_sync (late);
  note = rep_create (late, "note", "account", team.account, "title", "Waits", NULL);
  rep_change (late, team.account, "phone", "2", NULL);
  fixture_restore (server, "b");
  rep_enroll_again (late);
  rep_sync (late);
  team_sync (&team);

  g_assert_cmpuint (rep_count_pending (late), ==, 0);
  g_assert_cmpuint (rep_count_tray (late), ==, 0);
  team_assert_everywhere (&team, team.account, "phone", "2");
  team_assert_everywhere (&team, note, "title", "Waits");
  g_assert_true (team_history_has (&team, team.account, "\"1\""));
  team_assert_settled (&team);
}

/* Killed at every exchange on the way, and with every answer lost once. */
static void
test_interrupted (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  SatchelSyncStep step = SATCHEL_SYNC_STEP_AGAIN;

  team_begin (&team, server);
  fixture_backup (server, "b");
  for (guint i = 1; i <= 5; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i);

      rep_change (team.reps[0], team.account, "phone", number, NULL);
      rep_sync (team.reps[0]);
    }
  rep_change (team.reps[0], team.account, "email", "a@example.org", NULL);
  fixture_restore (server, "b");
  for (guint i = 0; i < 40 && step != SATCHEL_SYNC_STEP_DONE; i++)
    {
      rep_exchange (team.reps[0], WAY_ANSWER_LOST, &step);
      if (i % 3 == 2)
        rep_restart (team.reps[0]);
      else
        rep_exchange (team.reps[0], WAY_CLEAR, &step);
    }
  team_sync (&team);

  team_assert_everywhere (&team, team.account, "phone", "5");
  team_assert_everywhere (&team, team.account, "email", "a@example.org");
  g_assert_true (team_history_has (&team, team.account, "\"3\""));
  g_assert_cmpuint (rep_count_conflicts (team.reps[0]), ==, 0);
  team_assert_settled (&team);
}

static void
set_phone_to_2 (Rep *rep, gpointer account)
{
  rep_change (rep, account, "phone", "2", NULL);
}

/* Work on top of a group that somebody else has built on since: the one who had not seen that does not overwrite it. */
static void
test_built_on_by_two (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };

  team_begin (&team, server);
  team_lose (&team, 1);
  fixture_backup (server, "b");
  rep_change (team.reps[0], team.account, "phone", "1", NULL);
  rep_exchange_meanwhile (team.reps[0], set_phone_to_2, team.account);
  rep_sync (team.reps[2]);

  fixture_restore (server, "b");
  rep_change (team.reps[2], team.account, "phone", "3", NULL);
  rep_sync (team.reps[2]);
  team_sync (&team);

  team_assert_everywhere (&team, team.account, "phone", "3");
  g_assert_cmpuint (rep_count_conflicts (team.reps[0]), ==, 1);
}

/* A device that was signed in, and had not synced yet. */
static void
test_device_that_holds_nothing (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autoptr (Rep) fresh = NULL;

  team_begin (&team, server);
  fresh = rep_new (server, server->nancy);
  fixture_backup (server, "b");
  fixture_restore (server, "b");
  rep_sync (fresh);

  rep_assert_text (fresh, team.account, "phone", "0");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  server_test ("/restored-server/nothing-lost", test_nothing_lost);
  server_test ("/restored-server/own-changes", test_own_changes);
  server_test ("/restored-server/twice", test_twice);
  server_test ("/restored-server/rows-of-a-lost-device", test_rows_of_a_lost_device);
  server_test ("/restored-server/rows-of-different-age", test_rows_of_different_age);
  server_test ("/restored-server/two-truths", test_two_truths);
  server_test ("/restored-server/written-before-it-came-back", test_written_before_it_came_back);
  server_test ("/restored-server/pending-work", test_pending_work);
  server_test ("/restored-server/conflicts", test_conflicts);
  server_test ("/restored-server/resolved", test_resolved);
  server_test ("/restored-server/deleted", test_deleted);
  server_test ("/restored-server/unknown-device", test_unknown_device);
  server_test ("/restored-server/interrupted", test_interrupted);
  server_test ("/restored-server/built-on-by-two", test_built_on_by_two);
  server_test ("/restored-server/device-that-holds-nothing", test_device_that_holds_nothing);

  return g_test_run ();
}
