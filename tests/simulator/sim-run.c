/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One seed from beginning to end: steps, quiet, and what the oracle says. */

#include <string.h>

#include "records/satchel-id.h"
#include "sim-virtual.h"

#define START_OF_TIME G_GINT64_CONSTANT (1767225600000) /* 2026-01-01 */
#define MAX_STEP_MS 20000
#define MAX_DEVICES 20
#define MAX_SKEW_HOURS 2000
#define MAX_ROUNDS 30
#define MAX_DEATHS 20

/* ---- Names ---------------------------------------------------------------------------------------- */

const char *
sim_name (Sim *sim, const char *id)
{
  static char name[64];

  for (guint i = 0; i < sim->things->len; i++)
    {
      const SimThing *thing = g_ptr_array_index (sim->things, i);

      if (g_strcmp0 (thing->id, id) == 0)
        {
          g_snprintf (name, sizeof name, "%s %u", thing->type, i + 1);
          return name;
        }
    }
  g_snprintf (name, sizeof name, "%s", id != NULL ? id : "nothing");

  return name;
}

/* ---- Who may see what ----------------------------------------------------------------------------- */

char *
sim_make_grant_key (const char *user, const char *territory)
{
  return g_strconcat (user, " territory:", territory, NULL);
}

/* The manager's are those that were given to begin with, by being its manager. */
static gboolean
manages (Sim *sim, const SimUser *user, const char *bucket)
{
  const char *territory = bucket + strlen ("territory:");

  return strcmp (user->role, "admin") == 0 ||
         (strcmp (user->role, "manager") == 0 &&
          (strcmp (territory, g_ptr_array_index (sim->start->territories, 0)) == 0 ||
           strcmp (territory, g_ptr_array_index (sim->start->territories, 2)) == 0));
}

gboolean
sim_may_see (Sim *sim, const SimUser *user, const char *bucket)
{
  g_autofree char *key = NULL;

  if (strcmp (bucket, "org") == 0)
    return TRUE;
  if (g_str_has_prefix (bucket, "user:"))
    return strcmp (bucket + strlen ("user:"), user->id) == 0;

  key = g_strconcat (user->id, " ", bucket, NULL);

  return g_hash_table_contains (sim->grants, key) || manages (sim, user, bucket);
}

/* ---- Set-up --------------------------------------------------------------------------------------- */

static gint64
tell_time (gpointer data)
{
  Sim *sim = data;

  return sim->now + sim->skew;
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
grant_to_begin_with (Sim *sim, guint user, guint territory)
{
  const SimUser *who = g_ptr_array_index (sim->start->users, user);

  g_hash_table_add (sim->grants, sim_make_grant_key (who->id, g_ptr_array_index (sim->start->territories, territory)));
}

static void
take_start (Sim *sim)
{
  for (guint i = 0; i < sim->start->things->len; i++)
    {
      const SimThing *thing = g_ptr_array_index (sim->start->things, i);

      g_ptr_array_add (sim->things, sim_thing_new (thing->id, thing->type));
    }
  grant_to_begin_with (sim, 0, 0);
  grant_to_begin_with (sim, 1, 0);
  grant_to_begin_with (sim, 2, 1);
  grant_to_begin_with (sim, 3, 2);
  fault_disk_restore (sim->server.disk, sim->start->store);
  sim_server_open (&sim->server);
}

static void
enrol_devices (Sim *sim)
{
  guint n_devices = 3 + sim_random_below (&sim->random, sim_random_percent (&sim->random, 8) ? MAX_DEVICES - 2 : 4);

  for (guint i = 0; i < n_devices; i++)
    {
      SimDevice *device = sim_device_enrol (sim, sim_random_pick (&sim->random, sim->start->users));

      if (sim_random_percent (&sim->random, 80))
        sim_device_settle (device);
    }
}

static void
set_up (Sim *sim, const SimStart *start, const SimPlan *plan)
{
  *sim = (Sim) { .start = start, .seed = plan->seed, .now = START_OF_TIME };
  sim_trace_init (&sim->trace, plan->prints);
  sim->trace.frames = plan->frames;
  oracle_init (&sim->oracle, &sim->trace);
  sim->devices = g_ptr_array_new_with_free_func ((GDestroyNotify) sim_device_free);
  sim->messages = g_ptr_array_new ();
  sim->things = g_ptr_array_new_with_free_func (thing_free);
  sim->grants = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  sim->disabled = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  sim->enrolled_anew = g_hash_table_new (NULL, NULL);
  sim->server = (SimServer) { .sim = sim, .disk = fault_disk_new (plan->seed) };
  sim->server.path = fault_disk_build_path (sim->server.disk, "satchel.db");

  satchel_time_set_clock (tell_time, sim);
  sim_random_seed (&sim->random, sim->seed, 0);
  sim_random_seed_libraries (sim->seed, 0);
  take_start (sim);
  enrol_devices (sim);
}

static void
tear_down (Sim *sim)
{
  sim_network_clear (sim);
  g_ptr_array_unref (sim->devices);
  g_ptr_array_unref (sim->messages);
  sim_server_free (&sim->server);
  g_ptr_array_unref (sim->things);
  g_hash_table_unref (sim->grants);
  g_hash_table_unref (sim->enrolled_anew);
  g_hash_table_unref (sim->disabled);
  oracle_clear (&sim->oracle);
  sim_trace_clear (&sim->trace);
}

/* ---- Steps ---------------------------------------------------------------------------------------- */

static SimDevice *
pick_device (Sim *sim)
{
  for (guint i = 0; i < 4; i++)
    {
      SimDevice *device = sim_random_pick (&sim->random, sim->devices);

      if (device->replica != NULL)
        return device;
    }

  return NULL;
}

static void
move_messages (Sim *sim)
{
  SimDevice *device = pick_device (sim);

  if (sim->messages->len > 0 && sim_random_percent (&sim->random, 75))
    sim_network_step (sim);
  else if (device != NULL && device->waiting == 0)
    sim_device_send (device);
}

static void
set_clock (Sim *sim, SimDevice *device)
{
  device->skew = ((gint64) sim_random_below (&sim->random, 2 * MAX_SKEW_HOURS) - MAX_SKEW_HOURS) * 3600 * 1000;
  sim_trace_fault (&sim->trace, FAULT_CLOCK_JUMP);
  sim_trace_say (&sim->trace, "the clock of device %u is set", device->number);
}

void
sim_let_go_lost (Sim *sim)
{
  g_autoptr (GHashTable) known = sim_server_list_tokens (&sim->server);

  for (guint i = 0; i < sim->oracle.typed->len; i++)
    {
      Typed *typed = g_ptr_array_index (sim->oracle.typed, i);

      if (typed->forgotten && !g_hash_table_contains (known, GUINT_TO_POINTER (typed->token)))
        typed->let_go = TRUE;
    }
}

/* A backup is made now and then; few seeds need it. */
static void
meet_server_fault (Sim *sim)
{
  if (sim->server.backup != NULL && sim_random_percent (&sim->random, 40))
    sim_server_restore (&sim->server);
  else
    sim_server_back_up (&sim->server);
}

/* One that has a backup is set back to it, sooner or later. */
static void
meet_backup (Sim *sim, SimDevice *device)
{
  if (device->backup != NULL && sim_random_percent (&sim->random, 60))
    sim_device_restore (device);
  else
    sim_device_back_up (device);
}

static void
meet_clone (Sim *sim, SimDevice *device)
{
  if (sim->devices->len < MAX_DEVICES)
    sim_device_clone (device);
}

static void
meet_refusal (Sim *sim, SimDevice *device)
{
  if (device->refused)
    sim_device_sign_in_again (device, sim_random_percent (&sim->random, 30));
}

static void
meet_server_backup (Sim *sim, SimDevice *device)
{
  meet_server_fault (sim);
}

static void
meet_full_disk (Sim *sim, SimDevice *device)
{
  sim_device_fill_up (device);
}

static void
meet_upgrade (Sim *sim, SimDevice *device)
{
  sim_device_upgrade (device);
}

static void
meet_end (Sim *sim, SimDevice *device)
{
  sim_device_doom (device);
}

static void
meet_fault (Sim *sim)
{
  static const struct
  {
    guint weight;
    void (*meet) (Sim *sim, SimDevice *device);
  } faults[] = {
    { 8,  set_clock          },
    { 4,  meet_full_disk     },
    { 3,  meet_upgrade       },
    { 12, meet_server_backup },
    { 12, meet_clone         },
    { 16, meet_backup        },
    { 8,  meet_refusal       },
    { 37, meet_end           },
  };
  SimDevice *device = pick_device (sim);
  guint chance = sim_random_below (&sim->random, 100);
  guint i = 0;

  for (; device != NULL && chance >= faults[i].weight; i++)
    chance -= faults[i].weight;
  if (device != NULL)
    faults[i].meet (sim, device);
}

static void
step (Sim *sim)
{
  guint chance = sim_random_below (&sim->random, 100);
  SimDevice *device;

  sim->now += sim_random_below (&sim->random, MAX_STEP_MS);
  if (chance < 50)
    move_messages (sim);
  else if (chance < 54)
    sim_office_step (sim);
  else if (chance < 58)
    meet_fault (sim);
  else if ((device = pick_device (sim)) != NULL)
    sim_person_step (device);
}

static void
mourn (Sim *sim)
{
  for (guint i = 0; i < sim->devices->len; i++)
    {
      SimDevice *device = g_ptr_array_index (sim->devices, i);

      for (guint tries = 0; fault_disk_is_dead (device->disk) && tries < MAX_DEATHS; tries++)
        sim_device_mourn (device);
      sim_device_make_room (device);
    }
}

static void
take_steps (Sim *sim, guint n_steps)
{
  for (guint i = 1; i <= n_steps && !sim_trace_has_failed (&sim->trace); i++)
    {
      sim->trace.step = i;
      sim_random_seed (&sim->random, sim->seed, i);
      sim_random_seed_libraries (sim->seed, i);
      step (sim);
      mourn (sim);
    }
}

/* ---- Quiet ---------------------------------------------------------------------------------------- */

/* Whoever may sign in does: also where the server does not know the device any more. */
static void
sign_in_again (SimDevice *device)
{
  if (device->refused && !g_hash_table_contains (device->sim->disabled, device->user->id))
    sim_device_sign_in_again (device, FALSE);
}

static gboolean
settle_all (Sim *sim)
{
  gboolean any = FALSE;

  for (guint i = 0; i < sim->devices->len; i++)
    {
      SimDevice *device = g_ptr_array_index (sim->devices, i);

      sim->now += 100;
      if (device->replica == NULL)
        continue;
      any |= sim_device_settle (device);
      if (device->refused)
        {
          sign_in_again (device);
          any |= sim_device_settle (device);
        }
    }

  return any;
}

static void
come_to_rest (Sim *sim)
{
  guint round = 0;

  sim->trace.step++;
  sim_trace_say (&sim->trace, "everybody syncs until nothing changes");
  sim_network_clear (sim);
  for (guint i = 0; i < sim->devices->len; i++)
    {
      SimDevice *device = g_ptr_array_index (sim->devices, i);

      fault_disk_clear_plans (device->disk);
      sim_device_make_room (device);
      if (device->replica == NULL)
        sim_trace_fail (&sim->trace, "device %u cannot be opened any more", device->number);
      else if (device->waiting != 0)
        sim_device_receive (device, NULL);
    }
  while (settle_all (sim) && round < MAX_ROUNDS && !sim_trace_has_failed (&sim->trace))
    round++;
  if (round == MAX_ROUNDS)
    sim_trace_fail (&sim->trace, "it never comes to rest");
}

/**
 * sim_run:
 * @start: what every seed starts from
 * @plan: which seed, how far
 * @result: (out): what came of it; its problems are to be freed
 *
 * The same plan has the same result, wherever and whenever it is run.
 */
void
sim_run (const SimStart *start, const SimPlan *plan, SimResult *result)
{
  Sim sim;

  set_up (&sim, start, plan);
  sim_virtual_listen (&sim);
  take_steps (&sim, plan->n_steps);
  if (!sim_trace_has_failed (&sim.trace))
    come_to_rest (&sim);
  if (!sim_trace_has_failed (&sim.trace))
    sim_check (&sim);

  *result = (SimResult) { .hash = sim.trace.hash };
  if (sim_trace_has_failed (&sim.trace))
    result->problems = g_strdup (sim.trace.problems->str);
  memcpy (result->faults, sim.trace.faults, sizeof result->faults);
  sim_virtual_listen (NULL);
  tear_down (&sim);
}
