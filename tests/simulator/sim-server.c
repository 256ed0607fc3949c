/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The server as its shell drives it, without HTTP. */

#include <string.h>

#include "records/satchel-id.h"
#include "sim-mutants.h"
#include "sim.h"
#include "wire/satchel-frames.h"

/* How often a device is compared with the server on its way: it takes long. */
#define LOOK_PERCENT 20
#define DOOM_POINTS 25
#define MAX_PAGE_RECORDS 60

/* ---- The process ---------------------------------------------------------------------------------- */

static void
give_up (SimServer *self, const GError *error)
{
  if (!fault_disk_is_dead (self->disk))
    sim_trace_fail (&self->sim->trace, "the server cannot go on: %s", error->message);
}

static gboolean
open_sessions (SimServer *self, GError **error)
{
  g_autofree char *database = g_strconcat ("sqlite:", self->path, NULL);

  self->store = satchel_store_open (database, SATCHEL_STORE_OPEN, error);
  if (self->store == NULL)
    return FALSE;
  self->writer = satchel_store_open_session (self->store, SATCHEL_STORE_WRITE, error);
  self->reader = satchel_store_open_session (self->store, SATCHEL_STORE_READ, error);
  if (self->writer == NULL || self->reader == NULL)
    return FALSE;
  self->server = satchel_server_new (self->sim->start->vocabulary, self->writer, error);
  if (self->server != NULL)
    satchel_server_set_page_records (self->server, 1 + sim_random_below (&self->sim->random, MAX_PAGE_RECORDS));

  return self->server != NULL && sqlite3_open_v2 (self->path, &self->eye, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK;
}

void
sim_server_open (SimServer *self)
{
  g_autoptr (GError) error = NULL;

  if (!open_sessions (self, &error))
    give_up (self, error);
}

void
sim_server_close (SimServer *self)
{
  g_clear_pointer (&self->eye, sqlite3_close);
  g_clear_pointer (&self->server, satchel_server_free);
  g_clear_pointer (&self->reader, satchel_store_session_close);
  g_clear_pointer (&self->writer, satchel_store_session_close);
  g_clear_pointer (&self->store, satchel_store_free);
}

void
sim_server_doom (SimServer *self)
{
  fault_disk_plan (self->disk, FAULT_KILL, FAULT_POINTS, 1 + sim_random_below (&self->sim->random, DOOM_POINTS), 1);
}

void
sim_server_mourn (SimServer *self)
{
  gboolean lost_power = sim_random_percent (&self->sim->random, 40);

  if (!fault_disk_is_dead (self->disk))
    return;
  sim_server_close (self);
  sim_trace_fault (&self->sim->trace, lost_power ? FAULT_POWER_LOST : FAULT_SERVER_KILLED);
  sim_trace_say (&self->sim->trace, "the server %s", lost_power ? "loses its power" : "is killed");
  if (lost_power)
    fault_disk_lose_power (self->disk);
  else
    fault_disk_restart (self->disk);
  sim_server_open (self);
}

/* ---- Writing -------------------------------------------------------------------------------------- */

gboolean
sim_server_write (SimServer *self, SimServerFunc func, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (satchel_store_begin (self->writer, &error) && func (self, data, &error) &&
      satchel_store_commit (self->writer, &error))
    return TRUE;
  satchel_store_rollback (self->writer);

  return FALSE;
}

gboolean
sim_server_put (SimServer *self, SatchelRecord *record, GError **error)
{
  g_autoptr (SatchelView) view = satchel_view_open_administration (self->server, self->writer);
  g_autoptr (GPtrArray) records = g_ptr_array_new ();

  g_ptr_array_add (records, record);

  return satchel_server_put_records (view, records, NULL, NULL, error);
}

/* ---- Signing in ----------------------------------------------------------------------------------- */

typedef struct
{
  SatchelSignIn sign_in;
  SatchelWho who;
  char *answer;
} SigningIn;

static gboolean
sign_in (SimServer *self, gpointer data, GError **error)
{
  SigningIn *signing_in = data;

  signing_in->answer = satchel_server_sign_in (self->server, self->writer, &signing_in->sign_in, SIM_PASSWORD_HASH,
                                               &signing_in->who, error);
  satchel_who_clear (&signing_in->who);

  return signing_in->answer != NULL;
}

gboolean
sim_server_sign_in (SimServer *self, const SimUser *user, const char *previous, char **device, char **token,
                    gboolean *goes_on)
{
  SigningIn signing_in = {
    .sign_in = { .user = user->name,
                .password = (char *) "",
                .device = (char *) "phone",
                .previous = (char *) previous }
  };
  g_autoptr (JsonNode) node = NULL;

  if (!sim_server_write (self, sign_in, &signing_in))
    return FALSE;

  node = json_from_string (signing_in.answer, NULL);
  *device = g_strdup (json_object_get_string_member (json_node_get_object (node), "device"));
  *token = g_strdup (json_object_get_string_member (json_node_get_object (node), "token"));
  *goes_on = json_object_has_member (json_node_get_object (node), "continues");
  g_free (signing_in.answer);

  return TRUE;
}

/* ---- Answering ------------------------------------------------------------------------------------ */

static SatchelPush *
push (SimServer *self, const char *token, const SatchelSyncRequest *request, GError **error)
{
  g_autoptr (GHashTable) touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (SatchelPush) pushed = NULL;

  if (!satchel_store_begin (self->writer, error))
    return NULL;
  pushed = satchel_server_push (self->server, self->writer, token, request, touched, error);
  if (pushed != NULL && satchel_store_commit (self->writer, error))
    return g_steal_pointer (&pushed);
  satchel_store_rollback (self->writer);

  return NULL;
}

/* A fork is found while answering, and must be written first. */
static SatchelPull *
push_and_pull (SimServer *self, const char *token, const SatchelSyncRequest *request, gboolean writes, GError **error)
{
  g_autoptr (SatchelPush) pushed = writes ? push (self, token, request, error) : NULL;
  g_autoptr (SatchelPull) pulled = NULL;

  if (writes && pushed == NULL)
    return NULL;
  pulled = satchel_server_pull (self->server, self->reader, token, request, pushed, error);
  if (pulled == NULL || pulled->status != SATCHEL_PULL_FORK || writes)
    return g_steal_pointer (&pulled);

  return push_and_pull (self, token, request, TRUE, error);
}

static GBytes *
serve (SimServer *self, const char *token, GBytes *body, GError **error)
{
  g_autoptr (SatchelSyncRequest) request = satchel_sync_request_parse (body, error);
  g_autoptr (SatchelPull) pulled = NULL;

  if (request == NULL)
    return NULL;
  sim_mutant_serve (request, self->eye);
  pulled = push_and_pull (self, token, request, satchel_sync_request_writes (request), error);
  sim_mutant_serve (NULL, NULL);

  return pulled != NULL ? g_bytes_ref (pulled->answer) : NULL;
}

/* ---- Looking at answers --------------------------------------------------------------------------- */

static char *
find_member (const char *body, const char *name)
{
  g_autofree char *key = g_strdup_printf ("\"%s\":\"", name);
  const char *start = strstr (body, key);
  const char *end;

  if (start == NULL)
    return NULL;
  start += strlen (key);
  end = strchr (start, '"');

  return g_strndup (start, (gsize) (end - start));
}

/* Nothing that a person may not see is ever sent to them. */
static void
check_put (SimServer *self, const SimUser *user, const char *body)
{
  g_autofree char *bucket = find_member (body, "bucket");
  g_autofree char *id = NULL;

  if (bucket != NULL && sim_may_see (self->sim, user, bucket))
    return;
  id = find_member (body, "id");
  sim_trace_fail (&self->sim->trace, "%s was sent %s, which is in %s", user->name, sim_name (self->sim, id), bucket);
}

static void
look_at_page (SimAnswer *answer, const char *body)
{
  gboolean head = strstr (body, "\"head\":true") != NULL;
  gboolean arriving = strstr (body, "\"arriving\":true") != NULL;

  answer->cursor = find_member (body, "cursor");
  answer->at_head = head && !arriving;
  answer->in_middle = !head && !arriving;
}

static void
look_at (SimServer *self, const SimUser *user, SimAnswer *answer)
{
  g_autoptr (SatchelFrameReader) reader = satchel_frame_reader_new (answer->body, G_MAXUINT32, NULL);
  const char *kind, *body;
  gsize length;

  while (satchel_frame_reader_next_text (reader, &kind, &body, &length, NULL))
    {
      g_autofree char *text = g_strndup (body, length);

      if (strcmp (kind, "put") == 0)
        check_put (self, user, text);
      else if (strcmp (kind, "page") == 0)
        look_at_page (answer, text);
    }
}

/* What is in the store for that user, at this moment. */
static GPtrArray *
list_granted (SimServer *self, const SimUser *user)
{
  GPtrArray *held = g_ptr_array_new_with_free_func (g_free);
  sqlite3_stmt *statement = NULL;

  sqlite3_prepare_v2 (self->eye,
                      "SELECT b.name, r.id || ' ' || r.epoch || '.' || r.n FROM record r"
                      " JOIN bucket b ON b.number = r.bucket ORDER BY r.id",
                      -1, &statement, NULL);
  while (sqlite3_step (statement) == SQLITE_ROW)
    if (sim_may_see (self->sim, user, (const char *) sqlite3_column_text (statement, 0)))
      g_ptr_array_add (held, g_strdup ((const char *) sqlite3_column_text (statement, 1)));
  sqlite3_finalize (statement);

  return held;
}

SimAnswer *
sim_server_answer (SimServer *self, const SimUser *user, const char *token, GBytes *body)
{
  SimAnswer *answer = g_new0 (SimAnswer, 1);

  self->sim->skew = 0;
  answer->body = serve (self, token, body, &answer->refusal);
  answer->is_lost = fault_disk_is_dead (self->disk);
  if (answer->is_lost)
    g_clear_pointer (&answer->body, g_bytes_unref);
  if (answer->body == NULL)
    return answer;

  look_at (self, user, answer);
  if (answer->at_head && sim_random_percent (&self->sim->random, LOOK_PERCENT))
    answer->held = list_granted (self, user);

  return answer;
}

void
sim_answer_free (SimAnswer *self)
{
  g_clear_pointer (&self->body, g_bytes_unref);
  g_clear_pointer (&self->held, g_ptr_array_unref);
  g_clear_error (&self->refusal);
  g_free (self->cursor);
  g_free (self);
}

/* ---- Backups -------------------------------------------------------------------------------------- */

static GHashTable *
copy_set (GHashTable *set)
{
  GHashTable *copy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, set);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_hash_table_add (copy, g_strdup (key));

  return copy;
}

static void
forget_backup (SimServer *self)
{
  g_clear_pointer (&self->backup, fault_snapshot_free);
  g_clear_pointer (&self->backup_grants, g_hash_table_unref);
  g_clear_pointer (&self->backup_disabled, g_hash_table_unref);
}

void
sim_server_back_up (SimServer *self)
{
  forget_backup (self);
  self->backup = fault_disk_snapshot (self->disk);
  self->backup_grants = copy_set (self->sim->grants);
  self->backup_disabled = copy_set (self->sim->disabled);
  sim_trace_say (&self->sim->trace, "the server is backed up");
}

static gboolean
has_epoch (GPtrArray *epochs, const char *name)
{
  for (guint i = 0; i < epochs->len; i++)
    if (strcmp (((const SatchelStoredEpoch *) g_ptr_array_index (epochs, i))->name, name) == 0)
      return TRUE;

  return FALSE;
}

/* As "satchel-server restore" does: epochs that came after the backup are known to devices, and have ended too. */
static gboolean
begin_epoch (SimServer *self, gpointer data, GError **error)
{
  GPtrArray *before = data;
  g_autoptr (GPtrArray) here = satchel_store_list_epochs (self->writer, error);

  for (guint i = 0; here != NULL && i < before->len; i++)
    {
      const char *name = ((const SatchelStoredEpoch *) g_ptr_array_index (before, i))->name;

      if (!has_epoch (here, name) && !satchel_store_begin_epoch (self->writer, name, error))
        return FALSE;
    }

  return here != NULL && satchel_server_refound (self->writer, error);
}

void
sim_server_restore (SimServer *self)
{
  g_autoptr (GPtrArray) epochs = NULL;

  if (self->backup == NULL)
    return;
  sim_trace_fault (&self->sim->trace, FAULT_SERVER_RESTORED);
  sim_trace_say (&self->sim->trace, "the server is brought back from its backup");
  epochs = satchel_store_list_epochs (self->reader, NULL);
  sim_server_close (self);
  fault_disk_restart (self->disk);
  fault_disk_restore (self->disk, self->backup);
  sim_server_open (self);
  if (!sim_server_write (self, begin_epoch, epochs))
    sim_trace_fail (&self->sim->trace, "the server cannot be brought back");

  g_hash_table_unref (self->sim->grants);
  g_hash_table_unref (self->sim->disabled);
  self->sim->grants = copy_set (self->backup_grants);
  self->sim->disabled = copy_set (self->backup_disabled);
  self->was_restored = TRUE;
  sim_let_go_lost (self->sim);
  sim_server_close (self);
  sim_server_open (self);
}

void
sim_server_free (SimServer *self)
{
  sim_server_close (self);
  forget_backup (self);
  g_free (self->path);
  fault_disk_free (self->disk);
}

/* ---- Looking -------------------------------------------------------------------------------------- */

/* NULL: there is none. */
SatchelRecord *
sim_server_find (SimServer *self, const char *type, const char *id)
{
  sqlite3_stmt *statement = NULL;
  SatchelRecord *record = NULL;

  sqlite3_prepare_v2 (self->eye, "SELECT body FROM record WHERE id = ?1 AND type = ?2", -1, &statement, NULL);
  sqlite3_bind_text (statement, 1, id, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (statement, 2, type, -1, SQLITE_TRANSIENT);
  if (sqlite3_step (statement) == SQLITE_ROW)
    record = satchel_record_from_wire_text (self->sim->start->vocabulary,
                                            (const char *) sqlite3_column_text (statement, 0),
                                            (gsize) sqlite3_column_bytes (statement, 0), NULL);
  sqlite3_finalize (statement);

  return record;
}

static void
add_tokens (SimServer *self, const char *sql, GHashTable *tokens)
{
  sqlite3_stmt *statement = NULL;

  sqlite3_prepare_v2 (self->eye, sql, -1, &statement, NULL);
  while (sqlite3_step (statement) == SQLITE_ROW)
    {
      g_autoptr (GArray) found = oracle_tokens_of_text ((const char *) sqlite3_column_text (statement, 0));

      for (guint i = 0; i < found->len; i++)
        g_hash_table_add (tokens, GUINT_TO_POINTER (g_array_index (found, guint, i)));
    }
  sqlite3_finalize (statement);
}

GHashTable *
sim_server_list_tokens (SimServer *self)
{
  GHashTable *tokens = g_hash_table_new (NULL, NULL);

  add_tokens (self, "SELECT body FROM record", tokens);
  add_tokens (self, "SELECT new FROM history", tokens);

  return tokens;
}
