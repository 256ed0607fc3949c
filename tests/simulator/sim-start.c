/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The files that every seed starts from: made once, then copied. */

#include <string.h>

#include "records/satchel-id.h"
#include "sim.h"
#include "test-vocabulary.h"

#define START_OF_TIME G_GINT64_CONSTANT (1767225600000) /* 2026-01-01 */

/* Who works there. The first territory of each line is granted; @manages is a number too. */
static const struct
{
  const char *name;
  const char *role;
  int territory;
} people[] = {
  { "nancy", "rep",     0  },
  { "olga",  "rep",     0  },
  { "wim",   "rep",     1  },
  { "nora",  "rep",     2  },
  { "mara",  "manager", -1 },
  { "adam",  "admin",   -1 },
};

static const char *const territory_names[] = { "Eastern", "Western", "Northern" };

/* Enough for every home and every policy; the fewer, the faster. */
static const char *const types[] = {
  "account", "contact", "note", "task", "deal", "consent", "territory", "user", "conflict", NULL,
};

static const char *const older_types[] = {
  "account", "contact", "note", "task", "deal", "territory", "user", "conflict", NULL,
};

SimThing *
sim_thing_new (const char *id, const char *type)
{
  SimThing *self = g_new0 (SimThing, 1);

  self->id = g_strdup (id);
  self->type = g_strdup (type);

  return self;
}

static void
thing_free (gpointer data)
{
  SimThing *self = data;

  g_free (self->id);
  g_free (self->type);
  g_free (self);
}

static void
user_free (gpointer data)
{
  SimUser *self = data;

  g_free (self->id);
  g_free (self->name);
  g_free (self->role);
  g_free (self);
}

/* ---- The server's store --------------------------------------------------------------------------- */

static gboolean
found (SimServer *server, gpointer data, GError **error)
{
  return satchel_server_found (server->writer, "Northwind Traders", error);
}

static gboolean
put (SimServer *server, gpointer data, GError **error)
{
  return sim_server_put (server, data, error);
}

static char *
add_record (SimServer *server, const SatchelVocabulary *vocabulary, const char *type, ...)
{
  g_autofree char *id = satchel_id_new ();
  g_autoptr (SatchelRecord) record = satchel_record_new (satchel_vocabulary_lookup (vocabulary, type), id);
  const char *field;
  va_list list;

  va_start (list, type);
  while ((field = va_arg (list, const char *)) != NULL)
    {
      const char *text = va_arg (list, const char *);
      gboolean fits = text == NULL || satchel_record_set_from_text (record, field, text, NULL);

      g_assert (fits);
    }
  va_end (list);
  g_assert (sim_server_write (server, put, record));

  return g_steal_pointer (&id);
}

static gboolean
grant (SimServer *server, gpointer data, GError **error)
{
  return satchel_store_set_grant (server->writer, data, TRUE, error);
}

static gboolean
set_password (SimServer *server, gpointer data, GError **error)
{
  return satchel_store_set_password (server->writer, data, SIM_PASSWORD_HASH, error);
}

static void
add_user (SimStart *self, SimServer *server, guint index)
{
  SimUser *user = g_new0 (SimUser, 1);

  user->name = g_strdup (people[index].name);
  user->role = g_strdup (people[index].role);
  user->id = add_record (server, self->vocabulary, "user", "name", user->name, "role", user->role, "active", "true",
                         NULL);
  g_assert (sim_server_write (server, set_password, user->id));
  g_ptr_array_add (self->users, user);
}

static void
add_people (SimStart *self, SimServer *server)
{
  for (guint i = 0; i < G_N_ELEMENTS (people); i++)
    add_user (self, server, i);

  /* The manager has the first territory, and what is part of it. */
  for (guint i = 0; i < G_N_ELEMENTS (territory_names); i++)
    g_ptr_array_add (self->territories,
                     add_record (server, self->vocabulary, "territory", "name", territory_names[i], "manager",
                                 i == 0 ? ((SimUser *) g_ptr_array_index (self->users, 4))->id : NULL, "parent",
                                 i == 2 ? g_ptr_array_index (self->territories, 0) : NULL, NULL));

  for (guint i = 0; i < G_N_ELEMENTS (people); i++)
    if (people[i].territory >= 0)
      {
        SatchelStoredGrant granted = { ((SimUser *) g_ptr_array_index (self->users, i))->id,
                                       g_ptr_array_index (self->territories, people[i].territory) };

        g_assert (sim_server_write (server, grant, &granted));
      }
}

static void
add_thing (SimStart *self, char *id, const char *type)
{
  g_ptr_array_add (self->things, sim_thing_new (id, type));
  g_free (id);
}

/* A few accounts in each territory, with something to change on each. */
static void
add_things (SimStart *self, SimServer *server)
{
  const SatchelVocabulary *vocabulary = self->vocabulary;

  for (guint i = 0; i < G_N_ELEMENTS (territory_names); i++)
    for (guint j = 0; j < 2; j++)
      {
        char *account = add_record (server, vocabulary, "account", "name", j == 0 ? "Alpha" : "Beta", "territory",
                                    g_ptr_array_index (self->territories, i), "owner",
                                    ((SimUser *) g_ptr_array_index (self->users, i == 0 ? j : i + 1))->id, NULL);

        add_thing (self,
                   add_record (server, vocabulary, "specimen", "title", "Stone", "account", account, "story",
                               "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight", NULL),
                   "specimen");
        add_thing (self, add_record (server, vocabulary, "contact", "family_name", "Doe", "account", account, NULL),
                   "contact");
        add_thing (self, account, "account");
      }
}

static void
prepare_store (SimStart *self)
{
  Sim sim = { .start = self };
  g_autoptr (FaultDisk) disk = fault_disk_new (0);
  SimServer server = { .sim = &sim, .disk = disk, .path = fault_disk_build_path (disk, "satchel.db") };
  g_autofree char *database = g_strconcat ("sqlite:", server.path, NULL);

  server.store = satchel_store_open (database, SATCHEL_STORE_CREATE, NULL);
  server.writer = satchel_store_open_session (server.store, SATCHEL_STORE_WRITE, NULL);
  g_assert (sim_server_write (&server, found, NULL));
  satchel_store_session_close (server.writer);
  satchel_store_free (server.store);

  sim_server_open (&server);
  add_people (self, &server);
  add_things (self, &server);
  sim_server_close (&server);
  g_free (server.path);
  self->store = fault_disk_snapshot (disk);
}

/* ---- The empty replica ---------------------------------------------------------------------------- */

static FaultSnapshot *
prepare_replica (const SatchelVocabulary *vocabulary)
{
  g_autoptr (FaultDisk) disk = fault_disk_new (0);
  g_autofree char *path = fault_disk_build_path (disk, "replica.db");
  g_autoptr (SatchelReplica) replica = satchel_replica_open (path, vocabulary, SATCHEL_OPEN_DEFAULT, NULL);

  g_assert (replica != NULL);
  satchel_replica_close (replica);

  return fault_disk_snapshot (disk);
}

static gint64
stand_still (gpointer data)
{
  return START_OF_TIME;
}

SimStart *
sim_start_new (void)
{
  SimStart *self = g_new0 (SimStart, 1);

  self->vocabulary = satchel_test_vocabulary_new_of (types, FALSE);
  self->older = satchel_test_vocabulary_new_of (older_types, TRUE);
  self->users = g_ptr_array_new_with_free_func (user_free);
  self->territories = g_ptr_array_new_with_free_func (g_free);
  self->things = g_ptr_array_new_with_free_func (thing_free);

  fault_vfs_register ();
  sim_random_seed_libraries (0, 0);
  satchel_time_set_clock (stand_still, NULL);
  prepare_store (self);
  self->replica = prepare_replica (self->vocabulary);
  self->older_replica = prepare_replica (self->older);

  return self;
}

void
sim_start_free (SimStart *self)
{
  fault_snapshot_free (self->replica);
  fault_snapshot_free (self->older_replica);
  fault_snapshot_free (self->store);
  g_ptr_array_unref (self->things);
  g_ptr_array_unref (self->territories);
  g_ptr_array_unref (self->users);
  satchel_vocabulary_free (self->vocabulary);
  satchel_vocabulary_free (self->older);
  g_free (self);
}
