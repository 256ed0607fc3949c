/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <sqlite3.h>

#include "client/satchel-sync-core.h"
#include "fault-vfs.h"
#include "oracle.h"
#include "server/core/server-administration.h"
#include "server/core/server-devices.h"
#include "server/core/server-sync.h"
#include "sim-random.h"
#include "sim-trace.h"

G_BEGIN_DECLS

/* A small team in one process: a server's store and core, devices with replicas and sync cores, and a network between
 * them that is nothing but a list of messages. Everything that happens comes from one seed. */

typedef struct _Sim Sim;

/* ---- What is the same for every seed -------------------------------------------------------------- */

/**
 * SimStart: prepared once in a process: the files that every seed starts from.
 *
 * @vocabulary, @older: of this version, and of the one before
 * @users: (element-type SimUser)
 * @territories: (element-type utf8): ids
 * @things: (element-type SimThing): what is there from the beginning
 */
typedef struct
{
  SatchelVocabulary *vocabulary;
  SatchelVocabulary *older;
  GPtrArray *users;
  GPtrArray *territories;
  GPtrArray *things;
  FaultSnapshot *replica;
  FaultSnapshot *older_replica;
  FaultSnapshot *store;
} SimStart;

typedef struct
{
  char *id;
  char *name;
  char *role;
} SimUser;

typedef struct
{
  char *id;
  char *type;
} SimThing;

#define SIM_PASSWORD_HASH "checked elsewhere"

SimStart *sim_start_new (void);
void sim_start_free (SimStart *self);
SimThing *sim_thing_new (const char *id, const char *type);

/* ---- The server ----------------------------------------------------------------------------------- */

typedef struct
{
  Sim *sim;
  FaultDisk *disk;
  char *path;
  SatchelStore *store;
  SatchelStoreSession *writer;
  SatchelStoreSession *reader;
  SatchelServer *server;
  sqlite3 *eye; /* what the oracle looks at the store with */
  FaultSnapshot *backup; /* (nullable) */
  GHashTable *backup_grants; /* who might see what then */
  GHashTable *backup_disabled;
  gboolean was_restored;
} SimServer;

/**
 * SimAnswer: what the server answers to one request.
 *
 * @body: (nullable): none when it refuses the request as a whole
 * @refusal: (nullable): then why
 * @is_lost: the server was killed before it could answer
 * @at_head: its page reaches the end of the feed, and nothing is arriving
 * @in_middle: its page must wait for others
 * @held: (element-type utf8) (nullable): "ID REV" of what a device has that has laid it down, ascending
 */
typedef struct
{
  GBytes *body;
  GError *refusal;
  gboolean is_lost;
  gboolean at_head;
  gboolean in_middle;
  char *cursor; /* (nullable) */
  GPtrArray *held;
} SimAnswer;

void sim_server_open (SimServer *self);
void sim_server_close (SimServer *self);
void sim_server_free (SimServer *self); /* what is in it */
void sim_server_doom (SimServer *self);
void sim_server_mourn (SimServer *self); /* when it was killed */
void sim_server_back_up (SimServer *self);
void sim_server_restore (SimServer *self); /* from its backup, if it has one: a new epoch */
SimAnswer *sim_server_answer (SimServer *self, const SimUser *user, const char *token, GBytes *body);
void sim_answer_free (SimAnswer *self);
/* Signs a device of @user in; FALSE when it is refused. */
/* @goes_on: out: whether the device goes on as a fork of @previous, which the server does not know. */
gboolean sim_server_sign_in (SimServer *self, const SimUser *user, const char *previous, char **device, char **token,
                             gboolean *goes_on);
GHashTable *sim_server_list_tokens (SimServer *self); /* set of all that it has */
SatchelRecord *sim_server_find (SimServer *self, const char *type, const char *id);
typedef gboolean (*SimServerFunc) (SimServer *self, gpointer data, GError **error);
/* In one transaction that writes. */
gboolean sim_server_write (SimServer *self, SimServerFunc func, gpointer data);
gboolean sim_server_put (SimServer *self, SatchelRecord *record, GError **error); /* within sim_server_write() */

/* ---- Devices -------------------------------------------------------------------------------------- */

/**
 * SimDevice: a replica and the process that works on it.
 *
 * @lineage: of a copy: that of what it was copied from
 * @waiting: number of the request that it waits for; 0: none
 * @request: (nullable): a request that went out early
 * @forms: (element-type SatchelRecord): filled, and not saved yet
 * @skew: its clock's, in milliseconds
 */
typedef struct
{
  Sim *sim;
  guint number;
  guint lineage;
  const SimUser *user;
  FaultDisk *disk;
  char *path;
  SatchelReplica *replica;
  SatchelSyncCore *core;
  char *token;
  GHashTable *tokens; /* what is kept of them: device id -> token */
  guint waiting;
  GBytes *request;
  GPtrArray *forms;
  gint64 skew;
  gboolean syncing; /* on its way to the head */
  gboolean refused; /* the last answer was that it must sign in again */
  gboolean is_older; /* an older version of Satchel */
  gboolean was_full; /* its disk, at some time */
  OracleSave *unsure; /* (nullable): what was being saved when the process was killed */
  gint64 unsure_group; /* the number that it would have got */
  SatchelEdit *undo; /* (nullable): of the last save */
  OracleSave *undone; /* (nullable): what that means */
  FaultSnapshot *backup; /* (nullable) */
  guint backup_typed; /* how much was typed by then */
} SimDevice;

SimDevice *sim_device_enrol (Sim *sim, const SimUser *user);
SimDevice *sim_device_clone (SimDevice *self);
void sim_device_free (SimDevice *self);
/* Its user enters the password; or the device is enrolled as if it had never been. */
void sim_device_sign_in_again (SimDevice *self, gboolean as_new);
void sim_device_upgrade (SimDevice *self); /* to this version */
void sim_device_fill_up (SimDevice *self); /* its disk is full for a while */
void sim_device_make_room (SimDevice *self); /* if that is why it could not be opened */
const SatchelVocabulary *sim_device_get_vocabulary (SimDevice *self);
void sim_device_open (SimDevice *self);
void sim_device_back_up (SimDevice *self);
void sim_device_restore (SimDevice *self); /* from its backup, if it has one */
void sim_device_doom (SimDevice *self); /* it will be killed soon, at some write */
void sim_device_mourn (SimDevice *self); /* when it was killed: what is left of it is opened again */
void sim_device_close (SimDevice *self);
void sim_device_act (SimDevice *self); /* its clock is the one that counts */
/* Sends its next request into the network. */
void sim_device_send (SimDevice *self);
void sim_device_receive (SimDevice *self, const SimAnswer *answer); /* NULL: nothing usable came */
void sim_device_check_overlay (SimDevice *self);
/* "ID REV" of what it holds of the server's, ascending. (element-type utf8) */
GPtrArray *sim_device_list_held (SimDevice *self);
/* To the head, nothing between. Returns whether anything was sent or came. */
gboolean sim_device_settle (SimDevice *self);

/* ---- The network ---------------------------------------------------------------------------------- */

/**
 * SimMessage: something on its way.
 *
 * @number: of the request, also of its answer
 * @answer: (nullable): none of a request
 */
typedef struct
{
  guint number;
  SimDevice *device;
  char *token;
  GBytes *request;
  SimAnswer *answer;
} SimMessage;

guint sim_network_send (Sim *sim, SimDevice *device, GBytes *request);
void sim_network_clear (Sim *sim); /* nothing is on its way any more */
void sim_network_step (Sim *sim); /* one message moves on, or does not */
void sim_network_forget (Sim *sim, SimDevice *device); /* its connections are gone */

/* ---- People --------------------------------------------------------------------------------------- */

/* What nobody can bring back, when the server is set back to what it has now. */
void sim_let_go_lost (Sim *sim);

void sim_person_step (SimDevice *device); /* does something */
void sim_office_step (Sim *sim); /* the administrator does something */

/* ---- All of it ------------------------------------------------------------------------------------ */

struct _Sim
{
  const SimStart *start;
  guint64 seed;
  SimRandom random;
  SimTrace trace;
  Oracle oracle;
  gint64 now;
  gint64 skew;
  SimServer server;
  GPtrArray *devices;
  GPtrArray *messages;
  GPtrArray *things; /* (element-type SimThing) */
  GHashTable *grants; /* "USER BUCKET": as the administrator gave them */
  GHashTable *disabled; /* ids of users */
  guint last_request;
  GHashTable *enrolled_anew; /* lineage -> how many copies of it the server has taken for new devices */
};

typedef struct
{
  guint64 seed;
  guint n_steps;
  gboolean prints;
  gboolean frames; /* each that is sent, too */
} SimPlan;

typedef struct
{
  char *problems; /* NULL: none */
  guint64 hash;
  guint faults[N_FAULTS];
} SimResult;

void sim_run (const SimStart *start, const SimPlan *plan, SimResult *result);
char *sim_make_grant_key (const char *user, const char *territory);
gboolean sim_may_see (Sim *sim, const SimUser *user, const char *bucket);
const char *sim_name (Sim *sim, const char *id); /* a short name of a record for the trace */

/* What the oracle looks at in the end. */
void sim_check (Sim *sim);

G_END_DECLS
