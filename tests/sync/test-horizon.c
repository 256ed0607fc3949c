/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is kept for 180 days only, and devices that were away for longer. */

#include <string.h>

#include "both-ends.h"
#include "records/satchel-error.h"
#include "records/satchel-id.h"

#define DAY_MS (G_GINT64_CONSTANT (24) * 60 * 60 * 1000)
#define N_NOTES 60

static gint64 days;

static gint64
clock_cb (gpointer data)
{
  return g_get_real_time () / 1000 + days * DAY_MS;
}

/* Two people of Eastern, at an account of it. */
typedef struct
{
  Fixture *server;
  Rep *nancy;
  Rep *olga;
  char *account;
} Team;

static void
team_begin (Team *team, Fixture *server)
{
  days = 0;
  satchel_time_set_clock (clock_cb, NULL);
  team->server = server;
  team->account = fixture_add (server, "account", "name", "Alpha", "territory", server->eastern, NULL);
  team->nancy = rep_new (server, server->nancy);
  team->olga = rep_new (server, server->olga);
  rep_sync (team->nancy);
  rep_sync (team->olga);
}

static void
team_clear (Team *team)
{
  rep_free (team->nancy);
  rep_free (team->olga);
  g_free (team->account);
  satchel_time_set_clock (NULL, NULL);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Team, team_clear)

/* People sign in again in time. */
static void
stay_signed_in (Team *team)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) devices = satchel_store_list_devices (team->server->writer, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < devices->len; i++)
    {
      SatchelStoredDevice *device = g_ptr_array_index (devices, i);

      device->token_expires = G_MAXINT64;
      satchel_store_save_device (team->server->writer, device, &error);
      g_assert_no_error (error);
    }
}

/* The server serves day after day. */
static void
live_through (Team *team, guint n_days)
{
  for (guint i = 0; i < n_days; i++)
    {
      g_autoptr (GHashTable) touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_autoptr (GError) error = NULL;
      gboolean more;

      days++;
      satchel_store_begin (team->server->writer, &error);
      g_assert_no_error (error);
      do
        satchel_server_prune (team->server->writer, &more, touched, &error);
      while (error == NULL && more);
      g_assert_no_error (error);
      stay_signed_in (team);
      satchel_store_commit (team->server->writer, &error);
      g_assert_no_error (error);
    }
}

static void
move (Team *team, const char *account, const char *territory)
{
  g_autoptr (Device) adam = device_new (team->server, team->server->adam);

  device_sync (adam);
  g_assert_cmpstr (device_push (adam, FALSE,
                                "[{'type':'account','id':'%s','kind':'patch','units':{'territory':{'base':'%s','value':"
                                "{'territory':'%s'}}}}]",
                                account, device_rev (adam, account), territory),
                   ==, "applied");
}

static gboolean
holds (Rep *rep, const char *id)
{
  g_autoptr (SatchelRecord) record = rep_get (rep, id);

  return record != NULL;
}

static void
test_bin_is_emptied (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autofree char *note = NULL;
  g_autofree char *kept = NULL;

  team_begin (&team, server);
  note = rep_create (team.nancy, "note", "account", team.account, "title", "Old", NULL);
  kept = rep_create (team.nancy, "note", "account", team.account, "title", "Kept", NULL);
  rep_sync (team.nancy);
  rep_delete (team.nancy, note);
  rep_sync (team.nancy);
  rep_sync (team.olga);
  live_through (&team, 179);
  rep_sync (team.olga);
  g_assert_true (holds (team.olga, note));

  live_through (&team, 2);
  rep_sync (team.nancy);
  rep_sync (team.olga);
  g_assert_false (holds (team.nancy, note));
  g_assert_false (holds (team.olga, note));
  g_assert_true (holds (team.olga, kept));
}

static void
test_ids_are_not_used_again (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autofree char *note = NULL;
  g_autoptr (Device) device = NULL;

  team_begin (&team, server);
  note = rep_create (team.nancy, "note", "account", team.account, "title", "Old", NULL);
  rep_sync (team.nancy);
  rep_delete (team.nancy, note);
  rep_sync (team.nancy);
  live_through (&team, 181);

  device = device_new (server, server->olga);
  device_sync (device);
  g_assert_cmpstr (
      device_push (device, FALSE,
                   "[{'type':'note','id':'%s','kind':'create','units':{'title':{'value':{'title':'New'}}}}]", note),
      ==, "refused");
  g_assert_cmpstr (device_code (device), ==, "gone");
}

/* Nothing that waits is lost, and nothing that was deleted comes back. */
static void
test_away_for_longer (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autofree char *note = NULL;
  g_autofree char *moved = NULL;
  g_autofree char *phone = NULL;

  team_begin (&team, server);
  note = rep_create (team.nancy, "note", "account", team.account, "title", "Old", NULL);
  moved = rep_create (team.nancy, "account", "name", "Beta", "territory", server->eastern, NULL);
  rep_sync (team.nancy);
  rep_sync (team.olga);
  rep_change (team.olga, team.account, "phone", "1", NULL);
  rep_change (team.olga, note, "body", "Still here?", NULL);

  rep_delete (team.nancy, note);
  rep_sync (team.nancy);
  move (&team, moved, server->western);
  live_through (&team, 400);
  rep_sync (team.olga);
  rep_sync (team.nancy);

  g_assert_false (holds (team.nancy, note));
  g_assert_false (holds (team.olga, note));
  g_assert_false (holds (team.olga, moved));
  phone = rep_dup_text (team.nancy, team.account, "phone");
  g_assert_cmpstr (phone, ==, "1");
  g_assert_cmpuint (rep_count_pending (team.olga), ==, 0);
  g_assert_cmpuint (rep_count_tray (team.olga), ==, 1);
}

/* An outcome that never arrived is told however much later. */
static void
test_lost_answer (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  SatchelSyncStep step;
  g_autofree char *note = NULL;

  team_begin (&team, server);
  note = rep_create (team.nancy, "note", "account", team.account, "title", "Once", NULL);
  rep_exchange (team.nancy, WAY_ANSWER_LOST, &step);
  rep_sync (team.olga);
  rep_change (team.olga, note, "title", "Twice", NULL);
  rep_sync (team.olga);
  live_through (&team, 200);
  rep_sync (team.nancy);

  g_assert_cmpuint (rep_count_tray (team.nancy), ==, 0);
  g_assert_true (holds (team.nancy, note));
}

static void
test_many_deletions (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) request = NULL;
  SatchelSyncStep step = SATCHEL_SYNC_STEP_AGAIN;

  team_begin (&team, server);
  for (guint i = 0; i < N_NOTES; i++)
    g_ptr_array_add (notes, rep_create (team.nancy, "note", "account", team.account, "title", "Old", NULL));
  rep_sync (team.nancy);
  rep_sync (team.olga);
  for (guint i = 0; i < N_NOTES; i++)
    rep_delete (team.nancy, g_ptr_array_index (notes, i));
  rep_sync (team.nancy);
  live_through (&team, 181);

  g_assert_false (rep_try_exchange (team.olga, &step, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_MASS_DELETION);
  g_assert_true (holds (team.olga, g_ptr_array_index (notes, 0)));
  /* Who saw them go to the bin is not asked. */
  rep_sync (team.nancy);
  g_assert_false (holds (team.nancy, g_ptr_array_index (notes, 0)));

  g_clear_error (&error);
  satchel_replica_allow_mass_deletion (team.olga->replica, &error);
  g_assert_no_error (error);
  rep_sync (team.olga);
  g_assert_false (holds (team.olga, g_ptr_array_index (notes, 0)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  server_test ("/horizon/bin-is-emptied", test_bin_is_emptied);
  server_test ("/horizon/ids-are-not-used-again", test_ids_are_not_used_again);
  server_test ("/horizon/away-for-longer", test_away_for_longer);
  server_test ("/horizon/lost-answer", test_lost_answer);
  server_test ("/horizon/many-deletions", test_many_deletions);

  return g_test_run ();
}
