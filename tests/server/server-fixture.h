/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server/core/server-administration.h"
#include "server/core/server-devices.h"
#include "server/core/server-sync.h"

G_BEGIN_DECLS

/* A server without HTTP, over a store of its own, in a temporary folder or in PostgreSQL: Eastern and Western; nancy and olga, reps of Eastern; wim,
 * rep of Western; mara, manager of Eastern; adam, an admin. */
typedef struct
{
  char *folder;
  char *postgres; /* name of the database; NULL: the store is SQLite's */
  char *database; /* what satchel_store_open() takes */
  SatchelVocabulary *vocabulary;
  SatchelStore *store;
  SatchelStoreSession *writer;
  SatchelStoreSession *reader;
  SatchelServer *server;
  char *eastern;
  char *western;
  char *nancy;
  char *olga;
  char *wim;
  char *mara;
  char *adam;
} Fixture;

void fixture_set_up (Fixture *self, gconstpointer data); /* the name of the store; NULL: SQLite's */
void fixture_tear_down (Fixture *self, gconstpointer data);
char *fixture_add (Fixture *self, const char *type, ...) G_GNUC_NULL_TERMINATED; /* FIELD, TEXT, … → id */
void fixture_grant (Fixture *self, const char *user, const char *territory, gboolean granted);
void fixture_reopen (Fixture *self);
/* What another process has of the same store; the first one's users and territories, lent. */
Fixture *fixture_new_process (Fixture *self);
void fixture_end_process (Fixture *self);
void fixture_backup (Fixture *self, const char *name);
void fixture_restore (Fixture *self, const char *name); /* a new epoch */

/* A device that does as the protocol says, as simply as can be. */
typedef struct
{
  Fixture *fixture;
  char *id;
  char *token;
  char *user;
  gint64 n;
  char *hash;
  char *nonce;
  char *cursor;
  GHashTable *records; /* id → JsonObject: what it has laid down */
  JsonObject *outcome; /* of the last group pushed */
  JsonObject *page; /* the last one */
  GPtrArray *frames; /* of the last answer: texts "KIND BODY" */
  gboolean forked; /* by the last answer */
  GBytes *last_request;
} Device;

Device *device_new (Fixture *fixture, const char *user);
Device *device_new_after (Fixture *fixture, const char *user, const char *previous); /* that the server does not know */
Device *device_copy (Device *self); /* a copied replica */
Device *device_resume (Fixture *fixture, const char *name); /* one that the store knows, from where it stands */
void device_free (Device *self);

/* One group; quotes are single, printf is applied first. Pushes it and lays the answer down. */
const char *device_push (Device *self, gboolean strict, const char *mutations, ...) G_GNUC_PRINTF (3, 4); /* result */
void device_sync (Device *self); /* to the head */
gboolean device_pull_once (Device *self, GError **error);
gboolean device_send (Device *self, GBytes *request, GError **error); /* and lays the answer down */
GBytes *device_make_request (Device *self, const char *groups); /* NULL: none; lines of group frames */
char *device_make_group (Device *self, gboolean strict, const char *mutations); /* JSON; advances the counter */

/* What the last outcome says: of a unit of a mutation. "applied" where nothing else is told. */
const char *device_unit_outcome (Device *self, const char *id, const char *unit);
const char *device_unit_code (Device *self, const char *id, const char *unit);
const char *device_code (Device *self); /* of the refused group */
const char *device_rev (Device *self, const char *id); /* of the record it has */
const char *device_get (Device *self, const char *id, const char *field); /* as text; NULL: none */
gboolean device_has (Device *self, const char *id);
char *device_find_conflict (Device *self, const char *target, const char *unit); /* id of the open one */
guint device_count_values (Device *self, const char *conflict);

/* What the server has. */
char *server_body (Fixture *self, const char *id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Device, device_free)

/* A test of what every store does, on each of them; what a test gets as its data is the name of the store. */
#define FIXTURE_SQLITE "sqlite"
#define FIXTURE_POSTGRES "postgresql"
#define store_test_full(path, Type, set_up, func, tear_down)                  \
  G_STMT_START                                                                \
  {                                                                           \
    static const char *const stores[] = { FIXTURE_SQLITE, FIXTURE_POSTGRES }; \
    for (guint i_ = 0; i_ < G_N_ELEMENTS (stores); i_++)                      \
      {                                                                       \
        g_autofree char *path_ = g_strconcat (path, "/", stores[i_], NULL);   \
        g_test_add (path_, Type, stores[i_], set_up, func, tear_down);        \
      }                                                                       \
  }                                                                           \
  G_STMT_END
#define server_test(path, func) store_test_full (path, Fixture, fixture_set_up, func, fixture_tear_down)
#define sqlite_test(path, func) g_test_add (path, Fixture, FIXTURE_SQLITE, fixture_set_up, func, fixture_tear_down)
#define postgres_test(path, func) g_test_add (path, Fixture, FIXTURE_POSTGRES, fixture_set_up, func, fixture_tear_down)

G_END_DECLS
