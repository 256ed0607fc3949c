/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the administrator does at the server: who may see what, and where accounts belong. */

#include <string.h>

#include "sim.h"

static const SimUser *
pick_user (Sim *sim)
{
  return sim_random_pick (&sim->random, sim->start->users);
}

static gboolean
set_grant (SimServer *server, gpointer data, GError **error)
{
  SatchelStoredGrant *grant = data;
  g_autofree char *key = sim_make_grant_key (grant->user, grant->territory);
  gboolean granted = !g_hash_table_contains (server->sim->grants, key);

  return satchel_store_set_grant (server->writer, grant, granted, error);
}

/* The oracle knows it as soon as it is committed. */
static void
change_grant (Sim *sim)
{
  const SimUser *user = pick_user (sim);
  SatchelStoredGrant grant = { user->id, sim_random_pick (&sim->random, sim->start->territories) };
  g_autofree char *key = sim_make_grant_key (grant.user, grant.territory);

  if (!sim_server_write (&sim->server, set_grant, &grant))
    return;
  sim_trace_fault (&sim->trace, FAULT_SCOPE_CHANGE);
  sim_trace_say (&sim->trace, "%s %s a territory", user->name,
                 g_hash_table_contains (sim->grants, key) ? "loses" : "is given");
  if (!g_hash_table_remove (sim->grants, key))
    g_hash_table_add (sim->grants, g_steal_pointer (&key));
}

static gboolean
put (SimServer *server, gpointer data, GError **error)
{
  return sim_server_put (server, data, error);
}

static gboolean
put_change (Sim *sim, const char *type, const char *id, const char *field, const char *value)
{
  g_autoptr (SatchelRecord) record = sim_server_find (&sim->server, type, id);

  return record != NULL && satchel_record_set_from_text (record, field, value, NULL) &&
         sim_server_write (&sim->server, put, record);
}

static void
move_account (Sim *sim)
{
  const SimThing *thing = sim_random_pick (&sim->random, sim->things);
  const char *territory = sim_random_pick (&sim->random, sim->start->territories);

  if (strcmp (thing->type, "account") != 0 || !put_change (sim, "account", thing->id, "territory", territory))
    return;
  sim_trace_fault (&sim->trace, FAULT_SCOPE_CHANGE);
  sim_trace_say (&sim->trace, "the administrator moves %s", sim_name (sim, thing->id));
}

static void
change_user (Sim *sim)
{
  const SimUser *user = pick_user (sim);
  gboolean disabled = g_hash_table_contains (sim->disabled, user->id);

  if (!put_change (sim, "user", user->id, "active", disabled ? "true" : "false"))
    return;
  sim_trace_fault (&sim->trace, FAULT_SCOPE_CHANGE);
  sim_trace_say (&sim->trace, "%s is %s", user->name, disabled ? "enabled" : "disabled");
  if (!g_hash_table_remove (sim->disabled, user->id))
    g_hash_table_add (sim->disabled, g_strdup (user->id));
}

static gboolean
revoke_stored (SimServer *server, gpointer data, GError **error)
{
  g_autoptr (SatchelStoredDevice) device = NULL;

  if (!satchel_store_load_device (server->writer, data, &device, error) || device == NULL)
    return FALSE;
  device->revoked = TRUE;

  return satchel_store_save_device (server->writer, device, error);
}

static void
revoke_device (Sim *sim)
{
  SimDevice *device = sim_random_pick (&sim->random, sim->devices);
  g_autoptr (SatchelLink) link = device->replica != NULL ? satchel_replica_get_link (device->replica, NULL) : NULL;

  if (link == NULL || !sim_server_write (&sim->server, revoke_stored, link->device_id))
    return;
  sim_trace_fault (&sim->trace, FAULT_DEVICE_REVOKED);
  sim_trace_say (&sim->trace, "device %u is revoked", device->number);
}

void
sim_office_step (Sim *sim)
{
  guint chance = sim_random_below (&sim->random, 100);

  sim->skew = 0;
  if (chance < 50)
    change_grant (sim);
  else if (chance < 80)
    move_account (sim);
  else if (chance < 87)
    revoke_device (sim);
  else
    change_user (sim);
}
