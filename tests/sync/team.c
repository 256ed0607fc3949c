/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "team.h"

#include <string.h>

void
team_sync (Team *team)
{
  for (guint round = 0; round < 4; round++)
    for (guint i = 0; i < G_N_ELEMENTS (team->reps); i++)
      if (team->reps[i] != NULL)
        rep_sync (team->reps[i]);
}

void
team_begin (Team *team, Fixture *server)
{
  team->server = server;
  team->account = fixture_add (server, "account", "name", "Alpha", "territory", server->eastern, "owner", server->nancy,
                               "phone", "0", NULL);
  team->reps[0] = rep_new (server, server->nancy);
  team->reps[1] = rep_new (server, server->nancy);
  team->reps[2] = rep_new (server, server->olga);
  team_sync (team);
}

void
team_clear (Team *team)
{
  for (guint i = 0; i < G_N_ELEMENTS (team->reps); i++)
    rep_free (team->reps[i]);
  g_free (team->account);
}

void
team_lose (Team *team, guint index)
{
  g_clear_pointer (&team->reps[index], rep_free);
}

void
rep_assert_text (Rep *rep, const char *id, const char *field, const char *expected)
{
  g_autofree char *text = rep_dup_text (rep, id, field);

  g_assert_cmpstr (text, ==, expected);
}

void
team_assert_everywhere (Team *team, const char *id, const char *field, const char *expected)
{
  for (guint i = 0; i < G_N_ELEMENTS (team->reps); i++)
    if (team->reps[i] != NULL)
      rep_assert_text (team->reps[i], id, field, expected);
}

void
team_assert_settled (Team *team)
{
  g_autofree char *first = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (team->reps); i++)
    {
      g_autofree char *dump = NULL;

      if (team->reps[i] == NULL)
        continue;
      g_assert_cmpuint (rep_count_pending (team->reps[i]), ==, 0);
      g_assert_cmpuint (rep_count_tray (team->reps[i]), ==, 0);
      if (team->reps[i] == team->reps[2])
        continue; /* of another person, with a bucket of her own */
      dump = rep_dump (team->reps[i]);
      if (first == NULL)
        first = g_steal_pointer (&dump);
      else
        g_assert_cmpstr (dump, ==, first);
    }
}

guint
rep_count_conflicts (Rep *rep)
{
  g_autoptr (GPtrArray) conflicts = rep_list_conflicts (rep);

  return conflicts->len;
}

gboolean
team_history_has (Team *team, const char *id, const char *value)
{
  g_autoptr (GPtrArray) changes = NULL;
  g_autoptr (GError) error = NULL;
  gboolean found = FALSE;

  satchel_store_begin (team->server->reader, &error);
  g_assert_no_error (error);
  changes = satchel_store_list_changes (team->server->reader, id, NULL, NULL, 1000, FALSE, &error);
  g_assert_no_error (error);
  satchel_store_rollback (team->server->reader);
  for (guint i = 0; i < changes->len; i++)
    {
      const SatchelStoredChange *change = g_ptr_array_index (changes, i);

      found |= change->new_value != NULL && strstr (change->new_value, value) != NULL;
    }

  return found;
}
