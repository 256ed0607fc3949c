/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The writing half of a sync: nonces, counters and hashes of a device, forks, and its groups one after the other. */

#include "satchel-config.h"

#include "server-push.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "records/satchel-id.h"
#include "server-decide.h"
#include "server-devices.h"
#include "server-recover.h"
#include "server-tokens.h"

#define MAX_ANCESTORS 64

static SatchelPush *
push_new (void)
{
  SatchelPush *self = g_new0 (SatchelPush, 1);

  self->outcomes = g_ptr_array_new_with_free_func (g_free);

  return self;
}

void
satchel_push_free (SatchelPush *self)
{
  g_ptr_array_unref (self->outcomes);
  g_free (self->fork_device);
  g_free (self->fork_token);
  g_free (self->rights.by);
  g_free (self->rights.device);
  g_clear_pointer (&self->rights.users, g_ptr_array_unref);
  g_clear_pointer (&self->rights.territories, g_ptr_array_unref);
  g_free (self);
}

const SatchelPushCounts *
satchel_push_get_counts (const SatchelPush *self)
{
  return &self->counts;
}

const SatchelPushRights *
satchel_push_get_rights (const SatchelPush *self)
{
  return &self->rights;
}

/* ---- Which replica is it -------------------------------------------------------------------------- */

gboolean
satchel_request_is_of_device (const SatchelSyncRequest *request, const SatchelStoredDevice *device)
{
  if (request->parting)
    return FALSE;

  return device->nonce == NULL || g_strcmp0 (request->nonce, device->nonce) == 0 ||
         g_strcmp0 (request->proposed, device->nonce) == 0;
}

/* The device, and those that it was forked from, the nearest first. */
static char **
list_devices (SatchelStoreSession *session, const SatchelStoredDevice *device, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *next = g_strdup (device->forked_from);

  g_strv_builder_add (builder, device->id);
  for (guint i = 0; next != NULL && i < MAX_ANCESTORS; i++)
    {
      g_autoptr (SatchelStoredDevice) ancestor = NULL;

      g_strv_builder_add (builder, next);
      if (!satchel_store_load_device (session, next, &ancestor, error))
        return NULL;
      g_set_str (&next, ancestor != NULL ? ancestor->forked_from : NULL);
    }

  return g_strv_builder_end (builder);
}

/* Copies of one replica that all became devices of their own may each send what none of them had sent when they parted.
 * Those that share no line of ancestors are found only by looking through all devices. */
static gboolean
is_related (const SatchelStoredDevice *device, const char *user, GHashTable *family)
{
  return strcmp (device->user, user) == 0 && device->forked_from != NULL &&
         g_hash_table_contains (family, device->forked_from) && !g_hash_table_contains (family, device->id);
}

static GPtrArray *
find_siblings (SatchelStoreSession *session, const char *user, char **line, GError **error)
{
  g_autoptr (GPtrArray) devices = satchel_store_list_devices (session, error);
  g_autoptr (GHashTable) family = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) siblings = g_ptr_array_new_with_free_func (g_free);
  guint n_before;

  if (devices == NULL)
    return NULL;
  for (guint i = 0; line[i] != NULL; i++)
    g_hash_table_add (family, line[i]);

  do
    {
      n_before = siblings->len;
      for (guint i = 0; i < devices->len; i++)
        if (is_related (g_ptr_array_index (devices, i), user, family))
          {
            g_ptr_array_add (siblings, g_strdup (((SatchelStoredDevice *) g_ptr_array_index (devices, i))->id));
            g_hash_table_add (family, g_ptr_array_index (siblings, siblings->len - 1));
          }
    }
  while (siblings->len > n_before);

  return g_steal_pointer (&siblings);
}

/* ---- One push ------------------------------------------------------------------------------------- */

typedef struct
{
  SatchelStoreSession *session;
  const SatchelSyncRequest *request;
  SatchelStoredDevice *device; /* of the view */
  SatchelSender sender;
  SatchelPush *push;
  gboolean forked;
  GPtrArray *siblings; /* (nullable): of a fork, once looked for */
} Pushing;

/* FALSE: something failed. */
static gboolean
load_if_same (Pushing *self, const char *device, const SatchelSentGroup *sent, SatchelStoredGroup **group,
              GError **error)
{
  if (!satchel_store_load_group (self->session, device, sent->n, group, error))
    return FALSE;
  if (*group != NULL && strcmp ((*group)->hash, sent->hash) != 0)
    g_clear_pointer (group, satchel_stored_group_free);

  return TRUE;
}

static gboolean
find_at_siblings (Pushing *self, const SatchelSentGroup *sent, SatchelStoredGroup **group, GError **error)
{
  if (self->siblings == NULL)
    self->siblings = find_siblings (self->session, self->device->user, self->sender.devices, error);
  if (self->siblings == NULL)
    return FALSE;

  for (guint i = 0; i < self->siblings->len && *group == NULL; i++)
    if (!load_if_same (self, g_ptr_array_index (self->siblings, i), sent, group, error))
      return FALSE;

  return TRUE;
}

static gboolean
find_known (Pushing *self, const SatchelSentGroup *sent, SatchelStoredGroup **group, GError **error)
{
  *group = NULL;
  for (guint i = 0; self->sender.devices[i] != NULL && *group == NULL; i++)
    if (!load_if_same (self, self->sender.devices[i], sent, group, error))
      return FALSE;

  return *group != NULL || self->device->forked_from == NULL || find_at_siblings (self, sent, group, error);
}

/* What a sibling has sent is from now on this device's too, so that its later groups find what they build on. */
static void
adopt (Pushing *self, const SatchelStoredGroup *known)
{
  SatchelStoredGroup *group;

  if (g_strv_contains ((const char *const *) self->sender.devices, known->device))
    return;

  group = g_new0 (SatchelStoredGroup, 1);
  group->device = g_strdup (self->device->id);
  group->n = known->n;
  group->hash = g_strdup (known->hash);
  group->body = g_strdup (known->body);
  group->outcome = g_strdup (known->outcome);
  group->seen = g_strdup (known->seen);
  group->at = satchel_time_now ();
  satchel_ledger_add_group (self->sender.ledger, group);
}

/* Whether the group is the next one of this device. A forked device goes on from where its replica stands, which may be
 * longer ago than the server remembers: its first group is taken as it is. */
static gboolean
is_next (Pushing *self, const SatchelSentGroup *sent)
{
  if (self->device->last_hash == NULL && self->device->forked_from != NULL)
    return TRUE;

  return sent->n == self->device->last_n + 1 &&
         satchel_sent_group_is_chained (sent, self->device->last_hash != NULL ? self->device->last_hash : "");
}

static void
advance (Pushing *self, const SatchelSentGroup *sent)
{
  self->device->last_n = MAX (self->device->last_n, sent->n);
  g_set_str (&self->device->last_hash, sent->hash);
}

/* The mutations as they were submitted, for later groups that build on them. */
static char *
dup_mutations (const SatchelSentGroup *sent)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = NULL;

  if (!json_object_has_member (sent->object, "mutations"))
    return NULL;
  json_object_set_member (object, "mutations", json_object_dup_member (sent->object, "mutations"));
  node = json_node_init_object (json_node_alloc (), object);

  return satchel_json_to_canonical (node);
}

static void
keep (Pushing *self, const SatchelSentGroup *sent, const SatchelGroupOutcome *outcome, const char *text)
{
  SatchelStoredGroup *group = g_new0 (SatchelStoredGroup, 1);

  group->device = g_strdup (self->device->id);
  group->n = sent->n;
  group->hash = g_strdup (sent->hash);
  group->body = satchel_group_outcome_is_plain (outcome) ? NULL : dup_mutations (sent);
  group->outcome = g_strdup (text);
  group->seen = satchel_group_outcome_dup_seen (outcome);
  group->at = satchel_time_now ();
  satchel_ledger_add_group (self->sender.ledger, group);
}

static void
count_units (SatchelPushCounts *counts, const SatchelMutationOutcome *mutation)
{
  for (guint i = 0; i < mutation->units->len; i++)
    counts->units[((const SatchelUnitOutcome *) g_ptr_array_index (mutation->units, i))->kind]++;
}

static void
count (SatchelPushCounts *counts, const SatchelGroupOutcome *outcome)
{
  const char *result = satchel_group_outcome_get_result (outcome);

  if (strcmp (result, "refused") == 0)
    counts->refused++;
  else if (strcmp (result, "partial") == 0)
    counts->partial++;
  else
    counts->applied++;
  for (guint i = 0; i < outcome->mutations->len; i++)
    count_units (counts, g_ptr_array_index (outcome->mutations, i));
}

static void
decide (Pushing *self, const SatchelSentGroup *sent)
{
  g_autoptr (SatchelGroupOutcome) outcome = satchel_group_outcome_new (sent->n);
  char *text;

  self->sender.outcome = outcome;
  self->sender.replay = sent->replay;
  if (sent->group != NULL)
    satchel_decide_group (&self->sender, sent->group);
  else
    satchel_group_outcome_refuse (outcome, sent->too_large ? SATCHEL_REFUSED_TOO_LARGE : SATCHEL_REFUSED_VALIDATION,
                                  sent->flaw);

  text = satchel_group_outcome_to_text (outcome);
  keep (self, sent, outcome, text);
  g_ptr_array_add (self->push->outcomes, text);
  count (&self->push->counts, outcome);
  advance (self, sent);
}

/* A group that this device, or the one it was forked from, has sent before: what became of it then. */
static gboolean
repeat (Pushing *self, const SatchelSentGroup *sent, gboolean *repeated, GError **error)
{
  g_autoptr (SatchelStoredGroup) known = NULL;

  *repeated = FALSE;
  if (!find_known (self, sent, &known, error))
    return FALSE;
  if (known == NULL)
    return TRUE;

  *repeated = TRUE;
  self->push->counts.repeated++;
  adopt (self, known);
  g_ptr_array_add (self->push->outcomes, g_strdup (known->outcome));
  if (sent->n > self->device->last_n)
    advance (self, sent);

  return TRUE;
}

static gboolean
push_group (Pushing *self, const SatchelSentGroup *sent, GError **error)
{
  gboolean repeated;

  if (!repeat (self, sent, &repeated, error) || repeated)
    return repeated;

  if (is_next (self, sent))
    decide (self, sent);
  else
    self->forked = TRUE;

  return TRUE;
}

/* All that the groups will need at least, read at once. */
static void
load_targets (Pushing *self)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  for (guint i = 0; i < self->request->groups->len; i++)
    {
      const SatchelSentGroup *sent = g_ptr_array_index (self->request->groups, i);

      for (guint j = 0; sent->group != NULL && j < sent->group->mutations->len; j++)
        g_ptr_array_add (ids, ((SatchelMutation *) g_ptr_array_index (sent->group->mutations, j))->id);
    }
  satchel_ledger_load (self->sender.ledger, ids);
}

static gboolean
push_groups (Pushing *self, GError **error)
{
  load_targets (self);
  for (guint i = 0; i < self->request->groups->len && !self->forked; i++)
    if (!push_group (self, g_ptr_array_index (self->request->groups, i), error))
      return FALSE;

  return TRUE;
}

static gboolean
fork_device (Pushing *self, GError **error)
{
  SatchelServer *server = satchel_view_get_server (satchel_ledger_get_view (self->sender.ledger));
  g_autoptr (SatchelStoredDevice) fork = satchel_device_fork (server, self->session, self->device,
                                                              &self->push->fork_token, error);

  if (fork == NULL)
    return FALSE;

  self->push->fork_device = g_strdup (fork->id);
  self->push->counts = (SatchelPushCounts) { .forks = 1 };
  g_ptr_array_set_size (self->push->outcomes, 0);

  return TRUE;
}

static void
note_rights (Pushing *self)
{
  SatchelPushRights *rights = &self->push->rights;

  rights->by = g_strdup (self->device->user);
  rights->device = g_strdup (self->device->id);
  rights->users = satchel_ledger_list_changed (self->sender.ledger, "user");
  rights->territories = satchel_ledger_list_changed (self->sender.ledger, "territory");
}

static gboolean
save (Pushing *self, GHashTable *touched, GError **error)
{
  if (self->request->groups->len == 0)
    return TRUE;

  note_rights (self);
  if (self->request->proposed != NULL)
    g_set_str (&self->device->nonce, self->request->proposed);
  g_free (self->device->last_seen);
  self->device->last_seen = satchel_time_now ();

  return satchel_ledger_save (self->sender.ledger, touched, error) &&
         satchel_store_save_device (self->session, self->device, error);
}

/* A device that brings back what was lost has its counters looked at when it is through with that. */
static gboolean
take_offers (Pushing *self, GHashTable *touched, GError **error)
{
  self->push->n_taken = satchel_recover_take_offers (self->sender.ledger, self->sender.devices, self->request);

  return satchel_ledger_save (self->sender.ledger, touched, error);
}

static gboolean
run (Pushing *self, GHashTable *touched, GError **error)
{
  SatchelServer *server = satchel_view_get_server (satchel_ledger_get_view (self->sender.ledger));

  if (satchel_recover_is_due (server, self->request))
    return TRUE;
  if (self->request->recovering)
    return take_offers (self, touched, error);

  self->forked = !satchel_request_is_of_device (self->request, self->device);
  if (!self->forked && !push_groups (self, error))
    return FALSE;

  /* Nothing of the ledger is saved then: a fork begins with nothing applied. */
  return self->forked ? fork_device (self, error) : save (self, touched, error);
}

/**
 * satchel_server_push:
 * @self: the server
 * @session: a session that writes, in a transaction
 * @token: who sends it
 * @request: what they send
 * @touched: (element-type utf8): gets the buckets that have news
 * @error: %SATCHEL_SERVER_ERROR_TOKEN or %SATCHEL_SERVER_ERROR_DISABLED: nothing was written; or what the store
 *   says: the transaction must be rolled back
 *
 * Returns: (transfer full) (nullable): what became of it, true once the caller has committed
 */
SatchelPush *
satchel_server_push (SatchelServer *self, SatchelStoreSession *session, const char *token,
                     const SatchelSyncRequest *request, GHashTable *touched, GError **error)
{
  g_autoptr (SatchelView) view = satchel_view_open (self, session, token, error);
  g_autoptr (SatchelLedger) ledger = NULL;
  g_auto (GStrv) devices = NULL;
  g_autoptr (SatchelPush) push = NULL;
  Pushing pushing;
  gboolean pushed;

  if (view == NULL)
    return NULL;
  devices = list_devices (session, satchel_view_get_device (view), error);
  if (devices == NULL)
    return NULL;

  ledger = satchel_ledger_new (view);
  push = push_new ();
  pushing = (Pushing) {
    .session = session,
    .request = request,
    .device = satchel_view_get_device (view),
    .sender = { .ledger = ledger, .devices = devices },
    .push = push
  };

  pushed = run (&pushing, touched, error);
  g_clear_pointer (&pushing.siblings, g_ptr_array_unref);

  return pushed ? g_steal_pointer (&push) : NULL;
}

gboolean
satchel_server_note_seen (SatchelServer *self, SatchelStoreSession *session, const char *token, GError **error)
{
  g_autofree char *hash = satchel_token_hash (token);
  g_autoptr (SatchelStoredDevice) found = NULL;

  if (!satchel_store_find_device (session, hash, &found, error))
    return FALSE;
  if (found == NULL)
    return TRUE;

  satchel_device_use_token (found, hash);
  g_free (found->last_seen);
  found->last_seen = satchel_time_now ();

  return satchel_store_save_device (session, found, error);
}
