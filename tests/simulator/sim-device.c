/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A device: the replica and the sync core that ship, driven as the sync run drives them. */

#include <string.h>

#include "records/satchel-error.h"
#include "server/core/server-core.h"
#include "sim-mutants.h"
#include "sim-person.h"

#define MAX_EXCHANGES 500
#define DOOM_POINTS 40
#define OLDER_PERCENT 15
#define FULL_POINTS 60

/* ---- Its process ---------------------------------------------------------------------------------- */

void
sim_device_act (SimDevice *self)
{
  self->sim->skew = self->skew;
  sim_mutant_work (self->replica);
}

/* A process that was killed does nothing any more, and that is right; nor can anything be kept on a full disk. */
static void
complain (SimDevice *self, const char *what, const GError *error)
{
  if (self->was_full && error->domain == SATCHEL_DATA_ERROR)
    sim_trace_say (&self->sim->trace, "device %u cannot %s: %s", self->number, what, error->message);
  else if (!fault_disk_is_dead (self->disk))
    sim_trace_fail (&self->sim->trace, "device %u cannot %s: %s", self->number, what, error->message);
}

/* The token is kept under the device's id, and found again by what the replica says that it is. */
static void
find_token (SimDevice *self)
{
  g_autoptr (SatchelLink) link = satchel_replica_get_link (self->replica, NULL);

  if (link != NULL && link->device_id != NULL)
    g_set_str (&self->token, g_hash_table_lookup (self->tokens, link->device_id));
}

static void
keep_token (SimDevice *self, const char *id, const char *token)
{
  g_hash_table_replace (self->tokens, g_strdup (id), g_strdup (token));
}

const SatchelVocabulary *
sim_device_get_vocabulary (SimDevice *self)
{
  return self->is_older ? self->sim->start->older : self->sim->start->vocabulary;
}

void
sim_device_open (SimDevice *self)
{
  g_autoptr (GError) error = NULL;

  sim_device_act (self);
  self->replica = satchel_replica_open (self->path, sim_device_get_vocabulary (self), SATCHEL_OPEN_MUST_EXIST, &error);
  if (self->replica == NULL)
    {
      complain (self, "be opened", error);
      return;
    }
  self->core = satchel_sync_core_new (self->replica);
  find_token (self);
}

void
sim_device_close (SimDevice *self)
{
  sim_network_forget (self->sim, self);
  self->waiting = 0;
  g_clear_pointer (&self->request, g_bytes_unref);
  g_ptr_array_set_size (self->forms, 0);
  g_clear_object (&self->undo);
  g_clear_pointer (&self->undone, oracle_save_free);
  g_clear_pointer (&self->core, satchel_sync_core_free);
  if (self->replica != NULL)
    satchel_replica_close (self->replica);
  g_clear_object (&self->replica);
}

static SimDevice *
device_new (Sim *sim, const SimUser *user)
{
  SimDevice *self = g_new0 (SimDevice, 1);
  self->sim = sim;
  self->number = self->lineage = sim->devices->len + 1;
  self->user = user;
  self->disk = fault_disk_new (sim->seed * 100 + self->number);
  self->path = fault_disk_build_path (self->disk, "replica.db");
  self->tokens = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->forms = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_record_unref);
  g_ptr_array_add (sim->devices, self);

  return self;
}

void
sim_device_free (SimDevice *self)
{
  sim_device_close (self);
  g_ptr_array_unref (self->forms);
  g_free (self->path);
  g_free (self->token);
  g_hash_table_unref (self->tokens);
  g_clear_pointer (&self->unsure, oracle_save_free);
  g_clear_pointer (&self->backup, fault_snapshot_free);
  fault_disk_free (self->disk);
  g_free (self);
}

static void
link_up (SimDevice *self, const char *id)
{
  g_autoptr (SatchelLink) link = satchel_replica_get_link (self->replica, NULL);
  gboolean linked;

  link->server = g_strdup ("https://127.0.0.1");
  link->device_id = g_strdup (id);
  link->user_id = g_strdup (self->user->id);
  link->user_name = g_strdup (self->user->name);
  link->epoch = g_strdup (satchel_server_get_epoch (self->sim->server.server));
  linked = satchel_replica_set_link (self->replica, link, NULL);
  g_assert (linked);
}

/* What is on its disk is copied while it goes on: a backup that is brought to another device, a cloned phone. */
SimDevice *
sim_device_clone (SimDevice *self)
{
  SimDevice *clone = device_new (self->sim, self->user);
  FaultSnapshot *snapshot = fault_disk_snapshot (self->disk);
  GHashTableIter iter;
  gpointer id, token;

  clone->lineage = self->lineage;
  clone->is_older = self->is_older;
  g_hash_table_iter_init (&iter, self->tokens);
  while (g_hash_table_iter_next (&iter, &id, &token))
    keep_token (clone, id, token);
  fault_disk_restore (clone->disk, snapshot);
  fault_snapshot_free (snapshot);
  sim_trace_fault (&self->sim->trace, FAULT_CLONED);
  sim_trace_say (&self->sim->trace, "device %u becomes a copy of device %u", clone->number, self->number);
  sim_device_open (clone);

  return clone;
}

SimDevice *
sim_device_enrol (Sim *sim, const SimUser *user)
{
  SimDevice *self = device_new (sim, user);
  g_autofree char *id = NULL;
  g_autofree char *token = NULL;
  gboolean goes_on;
  gboolean signed_in = sim_server_sign_in (&sim->server, user, NULL, &id, &token, &goes_on);

  g_assert (signed_in);
  keep_token (self, id, token);
  self->is_older = sim_random_percent (&sim->random, OLDER_PERCENT);
  fault_disk_restore (self->disk, self->is_older ? sim->start->older_replica : sim->start->replica);
  sim_device_open (self);
  link_up (self, id);
  find_token (self);
  sim_trace_say (&sim->trace, "%s signs in on device %u%s", user->name, self->number,
                 self->is_older ? " of an older version" : "");

  return self;
}

/* ---- Signing in again ----------------------------------------------------------------------------- */

/* As the client ties a replica to what the server answered. */
static gboolean
tie (SimDevice *self, const char *id, const char *token, gboolean goes_on, GError **error)
{
  g_autoptr (SatchelLink) before = satchel_replica_get_link (self->replica, error);
  g_autoptr (SatchelLink) link = NULL;

  if (before == NULL)
    return FALSE;
  keep_token (self, id, token);
  if (g_strcmp0 (before->device_id, id) != 0 && !goes_on &&
      !satchel_replica_restart (self->replica, satchel_server_get_epoch (self->sim->server.server), error))
    return FALSE;

  link = satchel_replica_get_link (self->replica, error);
  if (link == NULL)
    return FALSE;
  if (goes_on)
    {
      g_clear_pointer (&link->nonce, g_free);
      g_clear_pointer (&link->proposed_nonce, g_free);
    }
  g_set_str (&link->device_id, id);

  return satchel_replica_set_link (self->replica, link, error);
}

static void
start_anew (SimDevice *self)
{
  g_clear_pointer (&self->core, satchel_sync_core_free);
  self->core = satchel_sync_core_new (self->replica);
}

static void
count_new (SimDevice *self)
{
  gpointer key = GUINT_TO_POINTER (self->lineage);
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->sim->enrolled_anew, key));

  g_hash_table_insert (self->sim->enrolled_anew, key, GUINT_TO_POINTER (n + 1));
}

void
sim_device_sign_in_again (SimDevice *self, gboolean as_new)
{
  g_autoptr (SatchelLink) link = satchel_replica_get_link (self->replica, NULL);
  g_autofree char *id = NULL;
  g_autofree char *token = NULL;
  g_autoptr (GError) error = NULL;
  gboolean goes_on;

  sim_device_act (self);
  if (link == NULL || self->waiting != 0 ||
      !sim_server_sign_in (&self->sim->server, self->user, as_new ? NULL : link->device_id, &id, &token, &goes_on))
    return;
  if (g_strcmp0 (id, link->device_id) != 0 && !goes_on)
    count_new (self);
  sim_trace_say (&self->sim->trace, "%s signs in again on device %u%s", self->user->name, self->number,
                 as_new ? ", which the server takes for a new one" : "");
  if (!tie (self, id, token, goes_on, &error))
    complain (self, "sign in", error);
  start_anew (self);
  find_token (self);
}

/* ---- Versions ------------------------------------------------------------------------------------- */

void
sim_device_upgrade (SimDevice *self)
{
  if (!self->is_older)
    return;
  sim_device_close (self);
  self->is_older = FALSE;
  sim_trace_say (&self->sim->trace, "device %u is brought to this version", self->number);
  sim_device_open (self);
}

/* ---- Syncing -------------------------------------------------------------------------------------- */

void
sim_device_send (SimDevice *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) request = NULL;

  sim_device_act (self);
  request = satchel_sync_core_prepare (self->core, 0, &error);
  if (request == NULL)
    {
      complain (self, "sync", error);
      return;
    }

  /* It may be on its way already. */
  if (self->request != request)
    {
      g_clear_pointer (&self->request, g_bytes_unref);
      self->waiting = sim_network_send (self->sim, self, request);
    }
  else
    g_clear_pointer (&self->request, g_bytes_unref);
}

static void
look_ahead (SimDevice *self, GBytes *answer)
{
  if (!sim_random_percent (&self->sim->random, 50))
    return;
  self->request = satchel_sync_core_look_ahead (self->core, answer);
  if (self->request != NULL)
    self->waiting = sim_network_send (self->sim, self, self->request);
}

static void
take_fork (SimDevice *self)
{
  g_autoptr (GError) error = NULL;

  keep_token (self, satchel_sync_core_get_fork_device (self->core), satchel_sync_core_get_fork_token (self->core));
  if (!satchel_sync_core_accept_fork (self->core, &error))
    complain (self, "become another one", error);
  else
    sim_trace_say (&self->sim->trace, "device %u is a copy and becomes another one", self->number);
  find_token (self);
}

static void
compare_held (SimDevice *self, GPtrArray *expected, const char *when)
{
  g_autoptr (GPtrArray) held = sim_device_list_held (self);
  guint i = 0;

  if (fault_disk_is_dead (self->disk))
    return;
  while (i < MIN (held->len, expected->len) &&
         strcmp (g_ptr_array_index (held, i), g_ptr_array_index (expected, i)) == 0)
    i++;
  if (i < held->len || i < expected->len)
    sim_trace_fail (&self->sim->trace, "%s, device %u of %s has %s where %s should be", when, self->number,
                    self->user->name, i < held->len ? (char *) g_ptr_array_index (held, i) : "nothing more",
                    i < expected->len ? (char *) g_ptr_array_index (expected, i) : "nothing");
}

/* It is not, when the device finds that it has been copied. */
static gboolean
was_laid_down (SimDevice *self, const SimAnswer *answer)
{
  g_autoptr (SatchelLink) link = satchel_replica_get_link (self->replica, NULL);

  return link != NULL && g_strcmp0 (link->cursor, answer->cursor) == 0;
}

static gboolean
take_in (SimDevice *self, const SimAnswer *answer, SatchelSyncStep *step)
{
  g_autoptr (GPtrArray) before = answer->in_middle ? sim_device_list_held (self) : NULL;
  g_autoptr (GError) error = NULL;

  look_ahead (self, answer->body);
  if (!satchel_sync_core_receive (self->core, answer->body, step, &error))
    {
      sim_trace_say (&self->sim->trace, "device %u cannot use the answer: %s", self->number, error->message);
      return FALSE;
    }
  if (before != NULL)
    compare_held (self, before, "with a page that waits");
  if (answer->held != NULL && was_laid_down (self, answer))
    compare_held (self, answer->held, "at the head");

  return TRUE;
}

static void
stop_waiting (SimDevice *self)
{
  satchel_sync_core_fail (self->core);
  g_clear_pointer (&self->request, g_bytes_unref);
  self->waiting = 0;
  self->syncing = FALSE;
}

void
sim_device_receive (SimDevice *self, const SimAnswer *answer)
{
  SatchelSyncStep step;

  sim_device_act (self);
  self->waiting = 0;
  if (answer == NULL || answer->body == NULL)
    {
      self->refused = answer != NULL;
      stop_waiting (self);
      return;
    }
  if (!take_in (self, answer, &step))
    {
      g_clear_pointer (&self->request, g_bytes_unref);
      self->waiting = 0;
      self->syncing = FALSE;
      return;
    }

  self->refused = FALSE;
  if (step == SATCHEL_SYNC_STEP_FORKED)
    take_fork (self);
  if (fault_disk_is_dead (self->disk))
    return;
  self->syncing = step != SATCHEL_SYNC_STEP_DONE;
  if (sim_random_percent (&self->sim->random, 50))
    sim_device_check_overlay (self);
  if (self->syncing)
    sim_device_send (self);
  else
    g_clear_pointer (&self->request, g_bytes_unref);
}

/* ---- All the way, undisturbed --------------------------------------------------------------------- */

static gboolean
exchange (SimDevice *self, SatchelSyncStep *step)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) request = NULL;
  SimAnswer *answer;
  gboolean taken = FALSE;

  sim_device_act (self);
  request = satchel_sync_core_prepare (self->core, 0, &error);
  if (request == NULL)
    {
      complain (self, "sync", error);
      return FALSE;
    }
  answer = sim_server_answer (&self->sim->server, self->user, self->token, request);
  sim_device_act (self);
  self->refused = answer->body == NULL;
  if (self->refused)
    satchel_sync_core_fail (self->core);
  else
    taken = satchel_sync_core_receive (self->core, answer->body, step, &error);
  if (!taken && !self->refused)
    sim_trace_fail (&self->sim->trace, "device %u cannot use an answer that is whole: %s", self->number,
                    error->message);
  if (self->refused)
    sim_trace_say (&self->sim->trace, "device %u is refused: %s", self->number, answer->refusal->message);
  if (taken && *step == SATCHEL_SYNC_STEP_FORKED)
    take_fork (self);
  sim_answer_free (answer);

  return taken;
}

gboolean
sim_device_settle (SimDevice *self)
{
  SatchelSyncStep step = SATCHEL_SYNC_STEP_AGAIN;
  const SatchelSyncCounts *counts = satchel_sync_core_get_counts (self->core);

  satchel_sync_core_reset_counts (self->core);
  for (guint i = 0; i < MAX_EXCHANGES && step != SATCHEL_SYNC_STEP_DONE; i++)
    if (!exchange (self, &step))
      return FALSE;
  if (step != SATCHEL_SYNC_STEP_DONE)
    sim_trace_fail (&self->sim->trace, "device %u never reaches the head", self->number);

  return counts->pushed > 0 || counts->pulled > 0;
}

/* ---- What it holds -------------------------------------------------------------------------------- */

static gboolean
append_held (const char *type, const char *id, const char *canonical, gpointer data)
{
  const char *rev = strstr (canonical, "\"rev\":\"") + strlen ("\"rev\":\"");

  g_ptr_array_add (data, g_strdup_printf ("%s %.*s", id, (int) (strchr (rev, '"') - rev), rev));

  return TRUE;
}

GPtrArray *
sim_device_list_held (SimDevice *self)
{
  g_auto (GStrv) buckets = satchel_replica_list_buckets (self->replica, NULL);
  GPtrArray *held = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; buckets != NULL && buckets[i] != NULL; i++)
    satchel_replica_foreach_canonical (self->replica, buckets[i], append_held, held, NULL);
  g_ptr_array_sort_values (held, (GCompareFunc) strcmp);

  return held;
}

/* ---- Saving --------------------------------------------------------------------------------------- */

gboolean
sim_edit_touches (SatchelEdit *edit, const SatchelRecord *record)
{
  const SatchelGroup *group = satchel_edit_peek_group (edit);

  for (guint i = 0; i < group->mutations->len; i++)
    if (strcmp (((SatchelMutation *) g_ptr_array_index (group->mutations, i))->id, satchel_record_get_id (record)) == 0)
      return TRUE;

  return FALSE;
}

static void
forget_undo (SimDevice *self)
{
  g_clear_object (&self->undo);
  g_clear_pointer (&self->undone, oracle_save_free);
}

static void
find_out (SimDevice *self)
{
  OracleSave *unsure = g_steal_pointer (&self->unsure);

  if (unsure == NULL)
    return;
  if (satchel_replica_get_last_group (self->replica, NULL) >= self->unsure_group)
    {
      sim_trace_say (&self->sim->trace, "what was being saved on device %u is there", self->number);
      oracle_keep (&self->sim->oracle, unsure);
    }
  else
    oracle_save_free (unsure);
}

static const SatchelUnitChange *
find_change (const SatchelGroup *group, const Typed *typed)
{
  for (guint i = 0; i < group->mutations->len; i++)
    {
      const SatchelMutation *mutation = g_ptr_array_index (group->mutations, i);

      if (strcmp (mutation->id, typed->record) == 0)
        return satchel_mutation_find_unit (mutation, typed->unit);
    }

  return NULL;
}

/* A value goes back to what was shown when it was saved, which may have landed while the form was open. */
static void
read_undone (SimDevice *self)
{
  const SatchelGroup *group = satchel_edit_peek_group (self->undo);

  for (guint i = 0; i < self->undone->typed->len; i++)
    {
      Typed *typed = g_ptr_array_index (self->undone->typed, i);
      const SatchelUnitChange *change = typed->kind == TYPED_VALUE ? find_change (group, typed) : NULL;
      g_autoptr (JsonNode) node = NULL;
      g_autofree char *text = NULL;

      if (change == NULL || change->value == NULL)
        continue;
      node = json_node_init_object (json_node_alloc (), change->value);
      text = json_to_string (node, FALSE);
      g_array_unref (typed->made);
      typed->made = oracle_tokens_of_text (text);
    }
}

/* Takes the save. What was being saved when the disk failed or the process was killed may be there or not: that shows
 * later. */
gboolean
sim_device_commit (SimDevice *self, SatchelEdit *edit, OracleSave *saved, gboolean can_be_undone, GError **error)
{
  gint64 last = satchel_replica_get_last_group (self->replica, NULL);

  forget_undo (self);
  if (satchel_replica_commit (self->replica, edit, can_be_undone ? &self->undo : NULL, error))
    {
      if (self->undo != NULL && satchel_edit_is_empty (self->undo))
        g_clear_object (&self->undo);
      if (self->undo != NULL)
        {
          self->undone = oracle_save_reverse (saved);
          read_undone (self);
        }
      oracle_keep (&self->sim->oracle, saved);
      return TRUE;
    }
  if (last < 0)
    {
      oracle_save_free (saved);
      return FALSE;
    }
  self->unsure = saved;
  self->unsure_group = last + 1;
  if (!fault_disk_is_dead (self->disk))
    find_out (self);

  return FALSE;
}

/* ---- Killed --------------------------------------------------------------------------------------- */

/* It may be killed again while it opens its files. */
void
sim_device_mourn (SimDevice *self)
{
  gboolean lost_power = sim_random_percent (&self->sim->random, 40);

  if (!fault_disk_is_dead (self->disk))
    return;
  sim_device_close (self);
  sim_trace_fault (&self->sim->trace, lost_power ? FAULT_POWER_LOST : FAULT_DEVICE_KILLED);
  sim_trace_say (&self->sim->trace, "device %u %s", self->number, lost_power ? "loses its power" : "is killed");
  if (lost_power)
    fault_disk_lose_power (self->disk);
  else
    fault_disk_restart (self->disk);
  if (sim_random_percent (&self->sim->random, 10))
    sim_device_doom (self);
  sim_device_open (self);
  if (self->replica != NULL && !fault_disk_is_dead (self->disk))
    find_out (self);
}

/* ---- Backups -------------------------------------------------------------------------------------- */

void
sim_device_back_up (SimDevice *self)
{
  g_clear_pointer (&self->backup, fault_snapshot_free);
  self->backup = fault_disk_snapshot (self->disk);
  self->backup_typed = self->sim->oracle.typed->len;
  sim_trace_say (&self->sim->trace, "device %u is backed up", self->number);
}

/* What was typed since and has not reached the server is lost with the device, and nobody can help it. */
static void
let_go_since_backup (SimDevice *self)
{
  g_autoptr (GHashTable) known = sim_server_list_tokens (&self->sim->server);

  for (guint i = self->backup_typed; i < self->sim->oracle.typed->len; i++)
    {
      Typed *typed = g_ptr_array_index (self->sim->oracle.typed, i);

      if (typed->device != self->number)
        continue;
      typed->forgotten = TRUE;
      if (!g_hash_table_contains (known, GUINT_TO_POINTER (typed->token)))
        typed->let_go = TRUE;
    }
}

void
sim_device_restore (SimDevice *self)
{
  if (self->backup == NULL)
    return;
  let_go_since_backup (self);
  sim_device_close (self);
  fault_disk_restart (self->disk);
  fault_disk_restore (self->disk, self->backup);
  sim_trace_fault (&self->sim->trace, FAULT_REPLICA_RESTORED);
  sim_trace_say (&self->sim->trace, "device %u is restored from its backup", self->number);
  sim_device_open (self);
}

void
sim_device_fill_up (SimDevice *self)
{
  fault_disk_plan (self->disk, FAULT_NO_SPACE, FAULT_POINTS, 1 + sim_random_below (&self->sim->random, DOOM_POINTS),
                   1 + sim_random_below (&self->sim->random, FULL_POINTS));
  self->was_full = TRUE;
  sim_trace_fault (&self->sim->trace, FAULT_DISK_FULL);
  sim_trace_say (&self->sim->trace, "the disk of device %u is full for a while", self->number);
}

void
sim_device_make_room (SimDevice *self)
{
  if (self->replica != NULL || fault_disk_is_dead (self->disk))
    return;
  fault_disk_clear_plans (self->disk);
  sim_trace_say (&self->sim->trace, "room is made on device %u", self->number);
  sim_device_open (self);
  if (self->replica != NULL)
    find_out (self);
}

/* Some time soon. */
void
sim_device_doom (SimDevice *self)
{
  fault_disk_plan (self->disk, FAULT_KILL, FAULT_POINTS, 1 + sim_random_below (&self->sim->random, DOOM_POINTS), 1);
}

/* ---- What it shows -------------------------------------------------------------------------------- */

/* A conflict that is settled has its own say on the unit. */
static void
forget_settled (SimDevice *self, const SatchelMutation *mutation, GHashTable *last)
{
  g_autoptr (SatchelRecord) conflict = satchel_replica_get (self->replica, mutation->id, NULL);
  g_autofree char *key = NULL;

  if (conflict == NULL)
    return;
  key = g_strconcat (satchel_record_get_text (conflict, "target_id"), " ", satchel_record_get_text (conflict, "unit"),
                     NULL);
  g_hash_table_remove (last, key);
}

/* What unsettled work says last of each unit: "ID UNIT" -> its change. */
static void
collect_last (SimDevice *self, GPtrArray *pending, GHashTable *last)
{
  for (guint i = 0; i < pending->len; i++)
    {
      const SatchelWork *work = g_ptr_array_index (pending, i);

      for (guint m = 0; m < work->mutations->len; m++)
        {
          const SatchelMutation *mutation = g_ptr_array_index (work->mutations, m);

          if (mutation->kind == SATCHEL_MUTATION_RESOLVE)
            forget_settled (self, mutation, last);
          for (guint u = 0; u < mutation->units->len; u++)
            {
              SatchelUnitChange *change = g_ptr_array_index (mutation->units, u);

              if (change->value != NULL)
                g_hash_table_replace (last, g_strconcat (mutation->id, " ", change->unit, NULL), change);
            }
        }
    }
}

static void
check_shown (SimDevice *self, const char *id, const SatchelUnitChange *change)
{
  g_autoptr (SatchelRecord) record = satchel_replica_get (self->replica, id, NULL);
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GArray) wanted = NULL;
  g_autoptr (GArray) shown = NULL;

  if (record == NULL || fault_disk_is_dead (self->disk))
    return; /* it left, and its work is on the way to the tray */

  node = json_node_init_object (json_node_alloc (), change->value);
  text = json_to_string (node, FALSE);
  wanted = oracle_tokens_of_text (text);
  shown = oracle_tokens_of_unit (record, change->unit);
  for (guint i = 0; i < wanted->len; i++)
    if (!oracle_tokens_contain (shown, g_array_index (wanted, guint, i)))
      {
        sim_trace_fail (&self->sim->trace, "device %u does not show its own unsettled %s of %s: %s", self->number,
                        change->unit, sim_name (self->sim, id), text);
        return;
      }
}

void
sim_device_check_overlay (SimDevice *self)
{
  g_autoptr (GPtrArray) pending = satchel_replica_list_pending (self->replica, NULL);
  g_autoptr (GHashTable) last = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer key, change;

  if (pending == NULL)
    return;
  collect_last (self, pending, last);
  g_hash_table_iter_init (&iter, last);
  while (g_hash_table_iter_next (&iter, &key, &change))
    {
      g_autofree char *id = g_strndup (key, (gsize) (strchr (key, ' ') - (char *) key));

      check_shown (self, id, change);
    }
}
