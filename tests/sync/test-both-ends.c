/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The device's core over real replicas at the server's core over a real store. */

#include <string.h>

#include "both-ends.h"
#include "records/satchel-id.h"

static void
assert_text (Rep *rep, const char *id, const char *field, const char *expected)
{
  g_autofree char *text = rep_dup_text (rep, id, field);

  g_assert_cmpstr (text, ==, expected);
}

/* Everybody has everything: one round sends, the next brings it to the others. */
static void
sync_all (Rep **reps, guint n_reps)
{
  for (guint round = 0; round < 3; round++)
    for (guint i = 0; i < n_reps; i++)
      rep_sync (reps[i]);
}

static void
assert_equal (Rep *a, Rep *b)
{
  g_autofree char *a_text = rep_dump (a);
  g_autofree char *b_text = rep_dump (b);

  g_assert_cmpstr (a_text, ==, b_text);
}

/* Two devices of Nancy and one of Olga, with one account of Eastern. */
typedef struct
{
  Rep *reps[3];
  char *account;
} Team;

static void
team_begin (Team *team, Fixture *server)
{
  team->account = fixture_add (server, "account", "name", "Alpha", "territory", server->eastern, "owner", server->nancy,
                               "phone", "0", NULL);
  team->reps[0] = rep_new (server, server->nancy);
  team->reps[1] = rep_new (server, server->nancy);
  team->reps[2] = rep_new (server, server->olga);
  sync_all (team->reps, 3);
  for (guint i = 0; i < 3; i++)
    assert_text (team->reps[i], team->account, "name", "Alpha");
}

/* All have the same, and nothing is waiting. */
static void
team_settle (Team *team)
{
  sync_all (team->reps, 3);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (rep_count_pending (team->reps[i]), ==, 0);
  assert_equal (team->reps[0], team->reps[1]);
}

static void
team_clear (Team *team)
{
  for (guint i = 0; i < 3; i++)
    rep_free (team->reps[i]);
  g_free (team->account);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Team, team_clear)

static void
team_assert_text (Team *team, const char *id, const char *field, const char *expected)
{
  for (guint i = 0; i < 3; i++)
    assert_text (team->reps[i], id, field, expected);
}

static guint
team_assert_conflicts (Team *team, guint n)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GPtrArray) conflicts = rep_list_conflicts (team->reps[i]);

      g_assert_cmpuint (conflicts->len, ==, n);
    }

  return n;
}

static char *
dup_conflict_id (Rep *rep)
{
  g_autoptr (GPtrArray) conflicts = rep_list_conflicts (rep);

  g_assert_cmpuint (conflicts->len, ==, 1);

  return g_strdup (satchel_record_get_id (g_ptr_array_index (conflicts, 0)));
}

/* ---- Edits that meet ---- */

static void
test_different_units (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };

  team_begin (&team, server);
  rep_change (team.reps[0], team.account, "phone", "1", NULL);
  rep_change (team.reps[1], team.account, "email", "a@example.org", NULL);
  rep_change (team.reps[2], team.account, "website", "https://a.example.org", NULL);
  team_settle (&team);

  team_assert_text (&team, team.account, "phone", "1");
  team_assert_text (&team, team.account, "email", "a@example.org");
  team_assert_text (&team, team.account, "website", "https://a.example.org");
  team_assert_conflicts (&team, 0);
}

static void
test_same_unit (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autofree char *conflict = NULL;
  g_autofree char *values = NULL;

  team_begin (&team, server);
  rep_change (team.reps[0], team.account, "phone", "111", NULL);
  rep_change (team.reps[1], team.account, "phone", "222", NULL);
  rep_change (team.reps[2], team.account, "phone", "333", NULL);
  team_settle (&team);

  team_assert_text (&team, team.account, "phone", "111");
  team_assert_conflicts (&team, 1);
  conflict = dup_conflict_id (team.reps[2]);
  values = rep_dup_text (team.reps[0], conflict, "values");
  g_assert_nonnull (strstr (values, "222"));
  g_assert_nonnull (strstr (values, "333"));

  rep_resolve (team.reps[2], conflict, "1");
  team_settle (&team);
  team_assert_conflicts (&team, 0);
  team_assert_text (&team, team.account, "phone", "222");
}

static void
test_resolve_keeping_current (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autofree char *conflict = NULL;

  team_begin (&team, server);
  rep_change (team.reps[0], team.account, "phone", "111", NULL);
  rep_change (team.reps[2], team.account, "phone", "333", NULL);
  team_settle (&team);
  conflict = dup_conflict_id (team.reps[1]);
  rep_resolve (team.reps[1], conflict, "current");
  team_settle (&team);

  team_assert_conflicts (&team, 0);
  team_assert_text (&team, team.account, "phone", "111");
}

static void
test_text_merges (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autofree char *note = NULL;

  team_begin (&team, server);
  note = rep_create (team.reps[0], "note", "account", team.account, "body", "one\ntwo\nthree\nfour\nfive\n", NULL);
  team_settle (&team);
  rep_change (team.reps[0], note, "body", "ONE\ntwo\nthree\nfour\nfive\n", NULL);
  rep_change (team.reps[2], note, "body", "one\ntwo\nthree\nfour\nFIVE\n", NULL);
  team_settle (&team);

  team_assert_text (&team, note, "body", "ONE\ntwo\nthree\nfour\nFIVE\n");
  team_assert_conflicts (&team, 0);
}

/* Typed over one's own text that was on its way: it merges against that. */
static void
test_text_merges_on_pending (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autofree char *note = NULL;
  SatchelSyncStep step;

  team_begin (&team, server);
  note = rep_create (team.reps[0], "note", "account", team.account, "body", "one\ntwo\nthree\nfour\nfive\n", NULL);
  team_settle (&team);
  rep_change (team.reps[2], note, "body", "one\ntwo\nthree\nfour\nFIVE\n", NULL);
  rep_sync (team.reps[2]);
  rep_change (team.reps[0], note, "body", "ONE\ntwo\nthree\nfour\nfive\n", NULL);
  rep_exchange (team.reps[0], WAY_ANSWER_LOST, &step);
  rep_change (team.reps[0], note, "body", "ONE\nTWO\nthree\nfour\nfive\n", NULL);
  team_settle (&team);

  team_assert_text (&team, note, "body", "ONE\nTWO\nthree\nfour\nFIVE\n");
  team_assert_conflicts (&team, 0);
}

static void
test_sets_merge (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autofree char *tags = NULL;

  team_begin (&team, server);
  rep_add_member (team.reps[0], team.account, "tags", "red");
  rep_add_member (team.reps[1], team.account, "tags", "green");
  rep_add_member (team.reps[2], team.account, "tags", "blue");
  team_settle (&team);

  tags = rep_dup_text (team.reps[1], team.account, "tags");
  g_assert_nonnull (strstr (tags, "red"));
  g_assert_nonnull (strstr (tags, "green"));
  g_assert_nonnull (strstr (tags, "blue"));
  team_assert_text (&team, team.account, "tags", tags);
}

static void
test_delete_against_edit (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };

  team_begin (&team, server);
  rep_change (team.reps[0], team.account, "phone", "1", NULL);
  rep_sync (team.reps[0]);
  rep_delete (team.reps[2], team.account);
  team_settle (&team);

  team_assert_conflicts (&team, 1);
  team_assert_text (&team, team.account, "phone", "1");
}

static void
test_edit_against_delete (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };

  team_begin (&team, server);
  rep_delete (team.reps[2], team.account);
  rep_sync (team.reps[2]);
  rep_change (team.reps[0], team.account, "phone", "1", NULL);
  team_settle (&team);

  team_assert_conflicts (&team, 1);
}

/* A second edit while the first is on its way does not meet itself, whatever became of the first. */
static void
test_chain (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autofree char *conflict = NULL;
  g_autofree char *values = NULL;
  SatchelSyncStep step;

  team_begin (&team, server);
  rep_change (team.reps[0], team.account, "email", "1@example.org", NULL);
  rep_exchange (team.reps[0], WAY_ANSWER_LOST, &step);
  rep_change (team.reps[0], team.account, "email", "2@example.org", NULL);
  rep_change (team.reps[0], team.account, "email", "3@example.org", NULL);
  team_settle (&team);
  team_assert_conflicts (&team, 0);
  team_assert_text (&team, team.account, "email", "3@example.org");

  /* The first becomes a conflict; the second takes its place in it. */
  rep_change (team.reps[2], team.account, "phone", "333", NULL);
  rep_sync (team.reps[2]);
  rep_change (team.reps[0], team.account, "phone", "+49 111 111", NULL);
  rep_exchange (team.reps[0], WAY_ANSWER_LOST, &step);
  rep_change (team.reps[0], team.account, "phone", "+49 111 112", NULL);
  team_settle (&team);
  team_assert_conflicts (&team, 1);
  team_assert_text (&team, team.account, "phone", "333");
  conflict = dup_conflict_id (team.reps[0]);
  values = rep_dup_text (team.reps[0], conflict, "values");
  g_assert_nonnull (strstr (values, "+49 111 112"));
  g_assert_null (strstr (values, "+49 111 111"));
}

/* ---- The way between ---- */

/* However often it is sent: once. */
static void
test_sent_twice (Fixture *server, gconstpointer data)
{
  static const Way ways[] = { WAY_ANSWER_LOST, WAY_ANSWER_CUT, WAY_REQUEST_TWICE, WAY_REQUEST_LOST };
  g_auto (Team) team = { 0 };

  team_begin (&team, server);
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr (SatchelRecord) before = rep_get (team.reps[2], team.account);
      g_autoptr (SatchelRecord) after = NULL;
      g_autofree char *phone = g_strdup_printf ("1%u", i);
      SatchelSyncStep step;
      gint64 n, then;

      rep_change (team.reps[0], team.account, "phone", phone, NULL);
      rep_exchange (team.reps[0], ways[i], &step);
      team_settle (&team);
      team_assert_text (&team, team.account, "phone", phone);
      after = rep_get (team.reps[2], team.account);
      n = g_ascii_strtoll (strrchr (satchel_record_get_rev (before), '.') + 1, NULL, 10);
      then = g_ascii_strtoll (strrchr (satchel_record_get_rev (after), '.') + 1, NULL, 10);
      g_assert_cmpint (then, ==, n + 1);
    }
  team_assert_conflicts (&team, 0);
}

static void
test_restarts (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  SatchelSyncStep step;

  team_begin (&team, server);
  rep_change (team.reps[0], team.account, "phone", "1", NULL);
  rep_exchange (team.reps[0], WAY_ANSWER_LOST, &step);
  rep_restart (team.reps[0]);
  fixture_reopen (server);
  rep_change (team.reps[0], team.account, "phone", "2", NULL);
  rep_restart (team.reps[0]);
  team_settle (&team);

  team_assert_text (&team, team.account, "phone", "2");
  team_assert_conflicts (&team, 0);
}

/* ---- Copies of a device ---- */

static void
test_clone (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autoptr (Rep) clone = NULL;
  g_autoptr (SatchelLink) link = NULL;
  g_autoptr (SatchelLink) clone_link = NULL;

  team_begin (&team, server);
  rep_change (team.reps[0], team.account, "email", "1@example.org", NULL);
  rep_sync (team.reps[0]);
  clone = rep_clone (team.reps[0]);
  rep_change (team.reps[0], team.account, "phone", "1", NULL);
  rep_change (clone, team.account, "website", "https://clone.example.org", NULL);
  rep_sync (team.reps[0]);
  rep_sync (clone);
  rep_sync (team.reps[0]);
  rep_sync (clone);
  team_settle (&team);

  team_assert_text (&team, team.account, "phone", "1");
  team_assert_text (&team, team.account, "website", "https://clone.example.org");
  team_assert_conflicts (&team, 0);
  link = satchel_replica_get_link (team.reps[0]->replica, NULL);
  clone_link = satchel_replica_get_link (clone->replica, NULL);
  g_assert_cmpstr (link->device_id, !=, clone_link->device_id);
  rep_sync (clone);
  assert_equal (clone, team.reps[0]);
}

/* Copied with work that was sent already: that is not done twice. */
static void
test_clone_with_work_in_flight (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autoptr (Rep) clone = NULL;
  g_autofree char *note = NULL;
  SatchelSyncStep step;

  team_begin (&team, server);
  note = rep_create (team.reps[0], "note", "account", team.account, "title", "Once", NULL);
  rep_exchange (team.reps[0], WAY_ANSWER_LOST, &step);
  clone = rep_clone (team.reps[0]);
  rep_change (clone, note, "title", "Twice", NULL);
  rep_change (team.reps[0], team.account, "phone", "1", NULL);
  rep_sync (team.reps[0]);
  rep_sync (clone);
  team_settle (&team);
  rep_sync (clone);

  team_assert_text (&team, note, "title", "Twice");
  team_assert_text (&team, team.account, "phone", "1");
  team_assert_conflicts (&team, 0);
  g_assert_cmpuint (rep_count_tray (clone), ==, 0);
  assert_equal (clone, team.reps[0]);
}

/* ---- What one may see ---- */

static void
test_other_territory (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autoptr (Rep) wim = NULL;
  g_autoptr (SatchelRecord) unseen = NULL;

  team_begin (&team, server);
  wim = rep_new (server, server->wim);
  rep_sync (wim);
  unseen = rep_get (wim, team.account);
  g_assert_null (unseen);

  fixture_grant (server, server->wim, server->eastern, TRUE);
  rep_sync (wim);
  assert_text (wim, team.account, "name", "Alpha");
  rep_change (wim, team.account, "phone", "7", NULL);

  /* Taken away again with work on it: that goes to the tray, not to the void. */
  fixture_grant (server, server->wim, server->eastern, FALSE);
  rep_sync (wim);
  unseen = rep_get (wim, team.account);
  g_assert_null (unseen);
  g_assert_cmpuint (rep_count_tray (wim), ==, 1);
  g_assert_cmpuint (rep_count_pending (wim), ==, 0);
  team_settle (&team);
  team_assert_text (&team, team.account, "phone", "0");
}

/* ---- Many at once ---- */

static void
create_notes (Rep *rep, const char *account, guint n_notes)
{
  const SatchelType *type = satchel_vocabulary_lookup (rep->server->vocabulary, "note");
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n_notes; i++)
    {
      g_autofree char *id = satchel_id_new ();
      g_autofree char *title = g_strdup_printf ("Note %u", i);
      g_autoptr (SatchelRecord) note = satchel_record_new (type, id);

      satchel_record_set_from_text (note, "account", account, NULL);
      satchel_record_set_from_text (note, "title", title, NULL);
      satchel_edit_create (edit, note);
    }
  satchel_replica_commit (rep->replica, edit, NULL, &error);
  g_assert_no_error (error);
}

/* A first sync over several pages while others write. */
static void
test_first_sync_of_many (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  g_autoptr (Rep) late = NULL;
  SatchelSyncStep step = SATCHEL_SYNC_STEP_AGAIN;
  guint n_exchanges = 0;

  team_begin (&team, server);
  create_notes (team.reps[0], team.account, 3000);
  rep_sync (team.reps[0]);

  late = rep_new (server, server->olga);
  while (step != SATCHEL_SYNC_STEP_DONE)
    {
      g_autofree char *phone = g_strdup_printf ("%u", ++n_exchanges);

      g_assert_true (rep_exchange (late, WAY_CLEAR, &step));
      g_assert_cmpuint (n_exchanges, <, 100);
      if (n_exchanges < 10)
        {
          rep_change (team.reps[1], team.account, "phone", phone, NULL);
          rep_sync (team.reps[1]);
        }
    }
  team_settle (&team);
  rep_sync (late);
  assert_equal (late, team.reps[2]);
  team_assert_conflicts (&team, 0);
}

/* ---- By chance ---- */

/* Each value typed is of a kind that is never typed again. */
typedef struct
{
  guint n_typed;
  guint n_clashes; /* typed without having seen what another has typed */
} Story;

static void
type_something (Rep *rep, const char *account, Story *story)
{
  static const char *const fields[] = { "phone", "email", "website", "source", "industry" };
  const char *field = fields[g_test_rand_int_range (0, G_N_ELEMENTS (fields))];
  g_autofree char *word = g_strdup_printf ("w%u.example.org", ++story->n_typed);
  g_autofree char *text = NULL;
  g_autoptr (SatchelRecord) seen = rep_get (rep, account);

  if (seen == NULL || satchel_record_get_deleted_at (seen) != NULL)
    return;
  if (strcmp (field, "email") == 0)
    text = g_strdup_printf ("me@%s", word);
  else if (strcmp (field, "website") == 0)
    text = g_strdup_printf ("https://%s", word);
  else if (strcmp (field, "phone") == 0)
    text = g_strdup_printf ("%u", 1000 + story->n_typed);
  else
    text = g_strdup (word);
  rep_change (rep, account, field, text, NULL);
}

static void
add_tag (Rep *rep, const char *account, Story *story)
{
  g_autofree char *tag = g_strdup_printf ("tag %u", ++story->n_typed);

  rep_add_member (rep, account, "tags", tag);
}

static void
step_by_chance (Team *team, Story *story)
{
  Rep *rep = team->reps[g_test_rand_int_range (0, 3)];
  SatchelSyncStep step;

  switch (g_test_rand_int_range (0, 10))
    {
    case 0:
    case 1:
    case 2:
    case 3:
      type_something (rep, team->account, story);
      break;
    case 4:
      rep_restart (rep);
      break;
    case 5:
      add_tag (rep, team->account, story);
      break;
    default:
      rep_exchange (rep, (Way) g_test_rand_int_range (0, WAY_N_WAYS), &step);
    }
}

/* Devices that caught up show the same, however the way between was. */
static void
test_by_chance (Fixture *server, gconstpointer data)
{
  g_auto (Team) team = { 0 };
  Story story = { 0 };

  team_begin (&team, server);
  for (guint i = 0; i < 300; i++)
    step_by_chance (&team, &story);
  team_settle (&team);
  assert_equal (team.reps[0], team.reps[2]);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (rep_count_tray (team.reps[i]), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  server_test ("/both-ends/meet/different-units", test_different_units);
  server_test ("/both-ends/meet/same-unit", test_same_unit);
  server_test ("/both-ends/meet/resolve-keeping-current", test_resolve_keeping_current);
  server_test ("/both-ends/meet/text-merges", test_text_merges);
  server_test ("/both-ends/meet/text-merges-on-pending", test_text_merges_on_pending);
  server_test ("/both-ends/meet/sets-merge", test_sets_merge);
  server_test ("/both-ends/meet/delete-against-edit", test_delete_against_edit);
  server_test ("/both-ends/meet/edit-against-delete", test_edit_against_delete);
  server_test ("/both-ends/meet/chain", test_chain);
  server_test ("/both-ends/way/sent-twice", test_sent_twice);
  server_test ("/both-ends/way/restarts", test_restarts);
  server_test ("/both-ends/copies/clone", test_clone);
  server_test ("/both-ends/copies/work-in-flight", test_clone_with_work_in_flight);
  server_test ("/both-ends/rights/other-territory", test_other_territory);
  server_test ("/both-ends/many/first-sync", test_first_sync_of_many);
  server_test ("/both-ends/chance", test_by_chance);

  return g_test_run ();
}
