/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Ways to bring work back to a restored server wrongly, each of which the simulator found once. */

#include <string.h>

#include "team.h"

static char *
dup_values (Rep *rep)
{
  g_autoptr (GPtrArray) conflicts = rep_list_conflicts (rep);

  g_assert_cmpuint (conflicts->len, ==, 1);

  return g_strdup (satchel_record_get_text (g_ptr_array_index (conflicts, 0), "values"));
}

static guint
count (const char *text, const char *part)
{
  guint n = 0;

  for (const char *c = strstr (text, part); c != NULL; c = strstr (c + 1, part))
    n++;

  return n;
}

/* Somebody who has only what the backup had changes a field before anybody brings back what was lost. */
static Rep *
change_on_backup (Team *team, const char *field, const char *value)
{
  Rep *fresh = rep_new (team->server, team->server->olga);

  rep_sync (fresh);
  rep_change (fresh, team->account, field, value, NULL);
  rep_sync (fresh);

  return fresh;
}

/* Its author was told that it went through: it does not come back to their tray because of what others did since. */
static void
test_strict_group (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autoptr (Rep) fresh = NULL;
  g_autofree char *note = NULL;
  g_autofree char *values = NULL;

  team_begin (&team, server);
  note = rep_create (team.reps[0], "note", "account", team.account, "title", "Talk", NULL);
  team_sync (&team);
  fixture_backup (server, "b");
  rep_change_together (team.reps[0], team.account, "phone", "1", note, "title", "More");
  team_sync (&team);
  team_lose (&team, 1);
  fixture_restore (server, "b");
  fresh = change_on_backup (&team, "phone", "2");
  team_sync (&team);

  team_assert_everywhere (&team, note, "title", "More");
  team_assert_everywhere (&team, team.account, "phone", "2");
  values = dup_values (team.reps[0]);
  g_assert_cmpuint (count (values, "\"1\""), ==, 1);
  team_assert_settled (&team);
}

/* What was offered is the newest; the older groups of the device that offered it do not take its place in a conflict. */
static void
test_offered_into_conflict (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autoptr (Rep) fresh = NULL;
  g_autofree char *values = NULL;

  team_begin (&team, server);
  fixture_backup (server, "b");
  rep_change (team.reps[0], team.account, "phone", "1", NULL);
  rep_sync (team.reps[0]);
  rep_change (team.reps[0], team.account, "phone", "2", NULL);
  team_sync (&team);
  fixture_restore (server, "b");
  fresh = change_on_backup (&team, "phone", "3");
  team_sync (&team);

  values = dup_values (team.reps[0]);
  g_assert_cmpuint (count (values, "\"phone\""), ==, 1);
  g_assert_cmpuint (count (values, "\"2\""), ==, 1);
  g_assert_cmpuint (count (values, "\"device\""), ==, 1);
  team_assert_settled (&team);
}

/* The same when nobody is left who knows who typed it. */
static void
test_offered_by_another (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autoptr (Rep) fresh = NULL;
  g_autofree char *values = NULL;

  team_begin (&team, server);
  fixture_backup (server, "b");
  rep_change (team.reps[0], team.account, "phone", "1", NULL);
  team_sync (&team);
  team_lose (&team, 0);
  fixture_restore (server, "b");
  fresh = change_on_backup (&team, "phone", "3");
  team_sync (&team);

  values = dup_values (team.reps[1]);
  g_assert_cmpuint (count (values, "\"phone\""), ==, 1);
  g_assert_cmpuint (count (values, server->nancy), ==, 1);
  g_assert_cmpuint (count (values, "\"device\""), ==, 0);
  team_assert_settled (&team);
}

/* A value that stood in a conflict is brought back first. Who was at that revision has not seen it. */
static void
test_stood_in_conflict (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autofree char *values = NULL;
  g_autofree char *phone = NULL;

  team_begin (&team, server);
  fixture_backup (server, "b");
  rep_change (team.reps[0], team.account, "phone", "1", NULL);
  rep_change (team.reps[2], team.account, "phone", "2", NULL);
  rep_sync (team.reps[0]);
  rep_sync (team.reps[2]);
  rep_sync (team.reps[0]);
  fixture_grant (server, server->olga, server->eastern, FALSE);
  rep_sync (team.reps[2]); /* holds nothing of it any more */
  fixture_restore (server, "b");
  rep_sync (team.reps[2]);
  team_sync (&team);

  values = dup_values (team.reps[0]);
  phone = rep_dup_text (team.reps[0], team.account, "phone");
  g_assert_cmpuint (count (values, strcmp (phone, "1") == 0 ? "\"2\"" : "\"1\""), ==, 1);
}

/* A replica that was restored, too: it has made fewer groups than the server knows, and the nonces are forgotten. */
static void
test_replica_restored_too (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autoptr (Rep) old = NULL;

  team_begin (&team, server);
  old = rep_clone (team.reps[0]);
  rep_change (team.reps[0], team.account, "phone", "1", NULL);
  rep_sync (team.reps[0]);
  fixture_backup (server, "b");
  rep_change (team.reps[0], team.account, "email", "n@example.org", NULL);
  rep_sync (team.reps[0]);
  team_lose (&team, 0);
  fixture_restore (server, "b");
  rep_sync (old);
  rep_change (old, team.account, "website", "https://a.example.org", NULL);
  rep_sync (old);
  team_sync (&team);

  team_assert_everywhere (&team, team.account, "phone", "1");
  team_assert_everywhere (&team, team.account, "website", "https://a.example.org");
  team_assert_settled (&team);
}

/* Of a record that somebody else brings back in its newest state its author still knows how it began. */
static void
test_first_value (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autofree char *note = NULL;

  team_begin (&team, server);
  fixture_backup (server, "b");
  note = rep_create (team.reps[0], "note", "account", team.account, "title", "First words", NULL);
  team_sync (&team);
  rep_change (team.reps[2], note, "title", "Second words", NULL);
  team_sync (&team);
  fixture_restore (server, "b");
  rep_sync (team.reps[2]);
  team_sync (&team);

  team_assert_everywhere (&team, note, "title", "Second words");
  g_assert_true (team_history_has (&team, note, "First words"));
  team_assert_settled (&team);
}

/* What somebody took out of a set on sight of it does not come back with the group that put it there. */
static void
test_removed_member (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };

  team_begin (&team, server);
  fixture_backup (server, "b");
  rep_add_member (team.reps[0], team.account, "tags", "vip");
  team_sync (&team);
  fixture_restore (server, "b");
  rep_sync (team.reps[2]);
  rep_assert_text (team.reps[2], team.account, "tags", "vip");
  rep_remove_member (team.reps[2], team.account, "tags", "vip");
  rep_sync (team.reps[2]);
  team_sync (&team);

  team_assert_everywhere (&team, team.account, "tags", "");
  team_assert_settled (&team);
}

/* Of units where the latest wins, too, a newer state of the past goes over an older one that came back first. */
static void
test_latest_of_different_age (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };

  team_begin (&team, server);
  fixture_backup (server, "b");
  rep_change (team.reps[0], team.account, "next_visit_every", "7", NULL);
  rep_sync (team.reps[0]);
  rep_sync (team.reps[2]);
  rep_change (team.reps[0], team.account, "next_visit_every", "14", NULL);
  rep_sync (team.reps[0]);
  rep_sync (team.reps[1]);
  team_lose (&team, 0);
  fixture_restore (server, "b");
  rep_sync (team.reps[2]);
  rep_assert_text (team.reps[2], team.account, "next_visit_every", "7");
  team_sync (&team);

  team_assert_everywhere (&team, team.account, "next_visit_every", "14");
  team_assert_settled (&team);
}

/* A conflict comes back as it was before the last value joined it, and is settled: that value was never seen. */
static void
test_joined_later (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autoptr (GPtrArray) conflicts = NULL;
  g_autofree char *values = NULL;

  team_begin (&team, server);
  fixture_backup (server, "b");
  rep_change (team.reps[0], team.account, "phone", "1", NULL);
  rep_sync (team.reps[0]);
  rep_change (team.reps[1], team.account, "phone", "2", NULL);
  rep_sync (team.reps[1]);
  rep_change (team.reps[2], team.account, "phone", "3", NULL);
  rep_sync (team.reps[2]);
  fixture_restore (server, "b");
  rep_sync (team.reps[1]);
  conflicts = rep_list_conflicts (team.reps[1]);
  rep_resolve (team.reps[1], satchel_record_get_id (g_ptr_array_index (conflicts, 0)), "1");
  rep_sync (team.reps[1]);
  team_sync (&team);

  team_assert_everywhere (&team, team.account, "phone", "2");
  values = dup_values (team.reps[2]);
  g_assert_cmpuint (count (values, "\"3\""), ==, 1);
  g_assert_cmpuint (count (values, "\"2\""), ==, 0);
  team_assert_settled (&team);
}

/* Copies of a replica that a restored server does not know: each goes on as a fork of what it was, and what they have in
 * common is one. */
static void
test_unknown_copies (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autoptr (Rep) late = NULL;
  g_autoptr (Rep) copy = NULL;
  g_autofree char *note = NULL;

  team_begin (&team, server);
  fixture_backup (server, "b");
  late = rep_new (server, server->olga);
  rep_sync (late);
  rep_change (late, team.account, "phone", "1", NULL);
  rep_sync (late);
  note = rep_create (late, "note", "account", team.account, "title", "Waits", NULL);
  rep_change (late, team.account, "next_visit_every", "7", NULL);
  copy = rep_clone (late);
  fixture_restore (server, "b");
  rep_go_on (late);
  rep_sync (late);
  team_sync (&team);
  rep_change (team.reps[0], team.account, "next_visit_every", "14", NULL);
  team_sync (&team);
  rep_go_on (copy);
  rep_sync (copy);
  team_sync (&team);

  g_assert_cmpuint (rep_count_pending (copy), ==, 0);
  g_assert_cmpuint (rep_count_tray (copy), ==, 0);
  g_assert_cmpuint (rep_count_tray (late), ==, 0);
  team_assert_everywhere (&team, team.account, "next_visit_every", "14");
  team_assert_everywhere (&team, team.account, "phone", "1");
  team_assert_everywhere (&team, note, "title", "Waits");
  g_assert_cmpuint (rep_count_conflicts (team.reps[0]), ==, 0);
  team_assert_settled (&team);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  server_test ("/restored-found/strict-group", test_strict_group);
  server_test ("/restored-found/offered-into-conflict", test_offered_into_conflict);
  server_test ("/restored-found/offered-by-another", test_offered_by_another);
  server_test ("/restored-found/stood-in-conflict", test_stood_in_conflict);
  server_test ("/restored-found/replica-restored-too", test_replica_restored_too);
  server_test ("/restored-found/unknown-copies", test_unknown_copies);
  server_test ("/restored-found/first-value", test_first_value);
  server_test ("/restored-found/removed-member", test_removed_member);
  server_test ("/restored-found/latest-of-different-age", test_latest_of_different_age);
  server_test ("/restored-found/joined-later", test_joined_later);

  return g_test_run ();
}
