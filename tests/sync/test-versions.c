/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Devices and servers of different versions: what one of them does not know is carried, and nothing is decided wrongly
 * for not knowing it. The older version has no tasks, and specimens without their last fields. */

#include <string.h>

#include "both-ends.h"
#include "test-vocabulary.h"

static const char *const older_types[] = {
  "user", "territory", "account", "contact", "note", "conflict", NULL,
};

/* Two devices of Nancy and one of Olga. */
typedef struct
{
  Fixture *server;
  SatchelVocabulary *newer;
  SatchelVocabulary *older;
  Rep *reps[3];
  char *account;
  char *specimen;
} Versions;

/* ---- Who has which version ------------------------------------------------------------------------ */

static void
update_server (Versions *self, SatchelVocabulary *vocabulary)
{
  self->server->vocabulary = vocabulary;
  fixture_reopen (self->server);
}

static void
sync_all (Versions *self)
{
  for (guint round = 0; round < 3; round++)
    for (guint i = 0; i < G_N_ELEMENTS (self->reps); i++)
      rep_sync (self->reps[i]);
}

/* All hold the same, whatever they know of it. */
static void
assert_same (Versions *self)
{
  g_autofree char *first = rep_dump (self->reps[0]);

  for (guint i = 1; i < G_N_ELEMENTS (self->reps); i++)
    {
      g_autofree char *other = rep_dump (self->reps[i]);

      g_assert_cmpstr (first, ==, other);
    }
}

static Rep *
rep_of_version (Versions *self, const char *user, SatchelVocabulary *vocabulary)
{
  SatchelVocabulary *of_server = self->server->vocabulary;
  Rep *rep;

  self->server->vocabulary = vocabulary;
  rep = rep_new (self->server, user);
  self->server->vocabulary = of_server;
  rep_sync (rep);

  return rep;
}

static void
begin (Versions *self, Fixture *server, gboolean server_is_older, gboolean last_is_older)
{
  *self = (Versions) { .server = server, .newer = server->vocabulary };
  self->older = satchel_test_vocabulary_new_of (older_types, TRUE);
  self->account = fixture_add (server, "account", "name", "Museum", "territory", server->eastern, NULL);
  if (server_is_older)
    update_server (self, self->older);
  for (guint i = 0; i < G_N_ELEMENTS (self->reps); i++)
    self->reps[i] = rep_of_version (self, i < 2 ? server->nancy : server->olga,
                                    last_is_older && i == 2 ? self->older : self->newer);
}

static void
end (Versions *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->reps); i++)
    rep_free (self->reps[i]);
  update_server (self, self->newer);
  satchel_vocabulary_free (self->older);
  g_free (self->account);
  g_free (self->specimen);
}

static void
assert_text (Rep *rep, const char *id, const char *field, const char *expected)
{
  g_autofree char *text = rep_dup_text (rep, id, field);

  g_assert_cmpstr (text, ==, expected);
}

/* The last three are not known to the older version. */
static char *
create_specimen (Versions *self)
{
  return rep_create (self->reps[0], "specimen", "account", self->account, "title", "Beetle", "pieces", "3", "seen_by",
                     "Eva", "labels", "dry,old", "measures", "{\"length\":12}", NULL);
}

static void
assert_specimen (Rep *rep, const char *specimen)
{
  assert_text (rep, specimen, "pieces", "3");
  assert_text (rep, specimen, "seen_by", "Eva");
  assert_text (rep, specimen, "labels", "dry,old");
  assert_text (rep, specimen, "measures", "{\"length\":12}");
}

static guint
count_everything_refused (Versions *self)
{
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (self->reps); i++)
    n += rep_count_tray (self->reps[i]) + rep_count_pending (self->reps[i]);

  return n;
}

/* ---- Newer devices at an older server ------------------------------------------------------------- */

static void
test_unknown_fields (Fixture *server, gconstpointer data)
{
  Versions self;

  begin (&self, server, TRUE, FALSE);
  self.specimen = create_specimen (&self);
  sync_all (&self);
  assert_specimen (self.reps[1], self.specimen);
  assert_specimen (self.reps[2], self.specimen);

  rep_change (self.reps[1], self.specimen, "measures", "{\"length\":13}", "seen_on", "2026-03-01", NULL);
  sync_all (&self);
  assert_text (self.reps[2], self.specimen, "measures", "{\"length\":13}");
  assert_text (self.reps[2], self.specimen, "seen_on", "2026-03-01");
  assert_text (self.reps[2], self.specimen, "seen_by", "Eva");
  g_assert_cmpuint (count_everything_refused (&self), ==, 0);
  assert_same (&self);
  end (&self);
}

/* Both have their members, or both are asked. */
static void
test_unknown_set (Fixture *server, gconstpointer data)
{
  Versions self;

  begin (&self, server, TRUE, FALSE);
  self.specimen = create_specimen (&self);
  sync_all (&self);
  rep_add_member (self.reps[0], self.specimen, "labels", "phone");
  rep_add_member (self.reps[2], self.specimen, "labels", "laptop");
  sync_all (&self);

  assert_text (self.reps[1], self.specimen, "labels", "dry,laptop,old,phone");
  g_assert_cmpuint (count_everything_refused (&self), ==, 0);
  assert_same (&self);
  end (&self);
}

/* What an older server cannot decide is a person's to decide. */
static void
test_unknown_unit_in_conflict (Fixture *server, gconstpointer data)
{
  Versions self;
  g_autoptr (GPtrArray) conflicts = NULL;
  g_autoptr (GPtrArray) left = NULL;

  begin (&self, server, TRUE, FALSE);
  self.specimen = create_specimen (&self);
  sync_all (&self);
  rep_change (self.reps[0], self.specimen, "measures", "{\"length\":1}", NULL);
  rep_change (self.reps[2], self.specimen, "measures", "{\"length\":2}", NULL);
  sync_all (&self);
  conflicts = rep_list_conflicts (self.reps[1]);
  g_assert_cmpuint (conflicts->len, ==, 1);
  assert_text (self.reps[1], self.specimen, "measures", "{\"length\":1}");

  rep_resolve (self.reps[1], satchel_record_get_id (g_ptr_array_index (conflicts, 0)), "1");
  sync_all (&self);
  assert_text (self.reps[0], self.specimen, "measures", "{\"length\":2}");
  left = rep_list_conflicts (self.reps[0]);
  g_assert_cmpuint (left->len, ==, 0);
  g_assert_cmpuint (count_everything_refused (&self), ==, 0);
  assert_same (&self);
  end (&self);
}

/* It goes to the tray with the reason, what comes behind it goes on, and when the server is newer it goes too. */
static void
test_unknown_type (Fixture *server, gconstpointer data)
{
  Versions self;
  g_autofree char *task = NULL;

  begin (&self, server, TRUE, FALSE);
  task = rep_create (self.reps[0], "task", "account", self.account, "title", "Call", NULL);
  rep_change (self.reps[0], self.account, "phone", "1", NULL);
  sync_all (&self);
  g_assert_cmpuint (rep_count_tray (self.reps[0]), ==, 1);
  assert_text (self.reps[2], self.account, "phone", "1");

  update_server (&self, self.newer);
  rep_retry_tray (self.reps[0]);
  sync_all (&self);
  assert_text (self.reps[2], task, "title", "Call");
  g_assert_cmpuint (count_everything_refused (&self), ==, 0);
  assert_same (&self);
  end (&self);
}

/* The server learns what it has carried. Somebody who had not seen the last change is not let over it. */
static void
test_server_is_updated (Fixture *server, gconstpointer data)
{
  Versions self;
  g_autoptr (GPtrArray) conflicts = NULL;

  begin (&self, server, TRUE, FALSE);
  self.specimen = create_specimen (&self);
  sync_all (&self);
  rep_change (self.reps[2], self.specimen, "measures", "{\"length\":2}", "seen_by", "Olga", NULL);
  rep_add_member (self.reps[2], self.specimen, "labels", "laptop");
  rep_change (self.reps[0], self.specimen, "measures", "{\"length\":1}", "seen_by", "Nancy", NULL);
  rep_add_member (self.reps[0], self.specimen, "labels", "phone");
  rep_sync (self.reps[0]);

  update_server (&self, self.newer);
  sync_all (&self);
  assert_text (self.reps[1], self.specimen, "measures", "{\"length\":1}");
  conflicts = rep_list_conflicts (self.reps[1]);
  g_assert_cmpuint (conflicts->len, ==, 1);
  assert_text (self.reps[1], self.specimen, "seen_by", "Olga");
  assert_text (self.reps[1], self.specimen, "labels", "dry,laptop,old,phone");
  g_assert_cmpuint (count_everything_refused (&self), ==, 0);
  assert_same (&self);
  end (&self);
}

/* ---- Older devices at a newer server -------------------------------------------------------------- */

/* It knows specimens in part and tasks not at all. */
static void
test_older_device (Fixture *server, gconstpointer data)
{
  Versions self;
  g_autofree char *task = NULL;

  begin (&self, server, FALSE, TRUE);
  self.specimen = create_specimen (&self);
  task = rep_create (self.reps[0], "task", "account", self.account, "title", "Call", NULL);
  sync_all (&self);
  assert_same (&self);

  rep_change (self.reps[2], self.specimen, "pieces", "4", "title", "Amber beetle", NULL);
  rep_change (self.reps[0], self.specimen, "seen_by", "Ann", NULL);
  sync_all (&self);
  assert_text (self.reps[1], self.specimen, "pieces", "4");
  assert_text (self.reps[1], self.specimen, "seen_by", "Ann");
  assert_text (self.reps[1], self.specimen, "labels", "dry,old");
  assert_same (&self);

  rep_change (self.reps[2], self.specimen, "title", "Old beetle", NULL);
  rep_update (self.reps[2], self.newer);
  g_assert_cmpuint (rep_count_pending (self.reps[2]), ==, 1);
  assert_text (self.reps[2], self.specimen, "seen_by", "Ann");
  assert_text (self.reps[2], task, "title", "Call");
  sync_all (&self);
  assert_text (self.reps[0], self.specimen, "title", "Old beetle");
  assert_text (self.reps[0], self.specimen, "labels", "dry,old");
  g_assert_cmpuint (count_everything_refused (&self), ==, 0);
  assert_same (&self);
  end (&self);
}

/* It can settle a conflict about what it does not know. */
static void
test_older_device_settles (Fixture *server, gconstpointer data)
{
  Versions self;
  g_autoptr (GPtrArray) conflicts = NULL;

  begin (&self, server, FALSE, TRUE);
  self.specimen = create_specimen (&self);
  sync_all (&self);
  rep_change (self.reps[0], self.specimen, "measures", "{\"length\":1}", NULL);
  rep_change (self.reps[1], self.specimen, "measures", "{\"length\":2}", NULL);
  sync_all (&self);
  conflicts = rep_list_conflicts (self.reps[2]);
  g_assert_cmpuint (conflicts->len, ==, 1);
  rep_resolve (self.reps[2], satchel_record_get_id (g_ptr_array_index (conflicts, 0)), "1");
  sync_all (&self);
  assert_text (self.reps[0], self.specimen, "measures", "{\"length\":2}");
  g_assert_cmpuint (count_everything_refused (&self), ==, 0);
  assert_same (&self);
  end (&self);
}

#define SKEW(name, function) server_test ("/versions/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  SKEW ("newer-device/unknown-fields", test_unknown_fields);
  SKEW ("newer-device/unknown-set", test_unknown_set);
  SKEW ("newer-device/unknown-unit-in-conflict", test_unknown_unit_in_conflict);
  SKEW ("newer-device/unknown-type", test_unknown_type);
  SKEW ("newer-device/server-is-updated", test_server_is_updated);
  SKEW ("older-device/carries", test_older_device);
  SKEW ("older-device/settles", test_older_device_settles);

  return g_test_run ();
}
