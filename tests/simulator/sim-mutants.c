/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "sim.h"

#include <string.h>

#include "records/satchel-mutation.h"
#include "server/core/server-cursor.h"
#include "server/core/server-base.h"
#include "sim-mutants.h"

static const char *const names[N_MUTANTS] = {
  [MUTANT_NONE] = "none",     [MUTANT_COMPARE] = "compare", [MUTANT_OVERLAY] = "overlay",
  [MUTANT_DEDUPE] = "dedupe", [MUTANT_EXIT] = "exit",       [MUTANT_STAGING] = "staging",
};

/* One world at a time in a process, one step at a time in it. */
static struct
{
  Mutant mutant;
  const SatchelSyncRequest *request;
  sqlite3 *eye;
  SatchelReplica *replica;
} now;

gboolean
sim_mutant_find (const char *name, Mutant *mutant)
{
  for (guint i = 0; i < N_MUTANTS; i++)
    if (strcmp (names[i], name) == 0)
      {
        *mutant = (Mutant) i;
        return TRUE;
      }

  return FALSE;
}

char *
sim_mutants_list (void)
{
  GString *list = g_string_new (names[MUTANT_NONE]);

  for (guint i = MUTANT_NONE + 1; i < N_MUTANTS; i++)
    g_string_append_printf (list, ", %s", names[i]);

  return g_string_free_and_steal (list);
}

void
sim_mutant_choose (Mutant mutant)
{
  now.mutant = mutant;
}

void
sim_mutant_serve (const SatchelSyncRequest *request, sqlite3 *eye)
{
  now.request = request;
  now.eye = eye;
}

void
sim_mutant_work (SatchelReplica *replica)
{
  now.replica = replica;
}

/* ---- compare -------------------------------------------------------------------------------------- */

gboolean __real_satchel_base_is_unchanged (SatchelSender *sender, const SatchelRow *row, const char *unit,
                                           const SatchelBase *base);
gboolean __wrap_satchel_base_is_unchanged (SatchelSender *sender, const SatchelRow *row, const char *unit,
                                           const SatchelBase *base);

static gint64
find_place (const char *id)
{
  sqlite3_stmt *statement = NULL;
  gint64 place = 0;

  sqlite3_prepare_v2 (now.eye, "SELECT pos FROM record WHERE id = ?1", -1, &statement, NULL);
  sqlite3_bind_text (statement, 1, id, -1, SQLITE_TRANSIENT);
  if (sqlite3_step (statement) == SQLITE_ROW)
    place = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);

  return place;
}

gboolean
__wrap_satchel_base_is_unchanged (SatchelSender *sender, const SatchelRow *row, const char *unit,
                                  const SatchelBase *base)
{
  g_autoptr (SatchelCursor) cursor = NULL;

  if (now.mutant != MUTANT_COMPARE || now.request == NULL || now.request->cursor == NULL)
    return __real_satchel_base_is_unchanged (sender, row, unit, base);

  cursor = satchel_cursor_parse (now.request->cursor);

  return cursor != NULL && find_place (satchel_record_get_id (row->record)) <= cursor->pos;
}

/* ---- overlay -------------------------------------------------------------------------------------- */

gboolean __real_satchel_unit_change_apply (const SatchelUnitChange *self, SatchelRecord *record, GError **error);
gboolean __wrap_satchel_unit_change_apply (const SatchelUnitChange *self, SatchelRecord *record, GError **error);

gboolean
__wrap_satchel_unit_change_apply (const SatchelUnitChange *self, SatchelRecord *record, GError **error)
{
  /* The server lays changes over records with it too. */
  if (now.mutant == MUTANT_OVERLAY && now.request == NULL && self->base != NULL && strcmp (self->unit, "phone") == 0)
    return TRUE;

  return __real_satchel_unit_change_apply (self, record, error);
}

/* ---- dedupe --------------------------------------------------------------------------------------- */

gboolean __real_satchel_store_load_group (SatchelStoreSession *session, const char *device, gint64 n,
                                          SatchelStoredGroup **group, GError **error);
gboolean __wrap_satchel_store_load_group (SatchelStoreSession *session, const char *device, gint64 n,
                                          SatchelStoredGroup **group, GError **error);
gboolean __real_satchel_sent_group_is_chained (const SatchelSentGroup *self, const char *previous);
gboolean __wrap_satchel_sent_group_is_chained (const SatchelSentGroup *self, const char *previous);

gboolean
__wrap_satchel_store_load_group (SatchelStoreSession *session, const char *device, gint64 n, SatchelStoredGroup **group,
                                 GError **error)
{
  if (!__real_satchel_store_load_group (session, device, n, group, error))
    return FALSE;

  for (guint i = 0; now.mutant == MUTANT_DEDUPE && *group != NULL && i < now.request->groups->len; i++)
    {
      const SatchelSentGroup *sent = g_ptr_array_index (now.request->groups, i);

      if (sent->n == n)
        g_set_str (&(*group)->hash, sent->hash);
    }

  return TRUE;
}

gboolean
__wrap_satchel_sent_group_is_chained (const SatchelSentGroup *self, const char *previous)
{
  return now.mutant == MUTANT_DEDUPE || __real_satchel_sent_group_is_chained (self, previous);
}

/* ---- exit ----------------------------------------------------------------------------------------- */

gboolean __real_satchel_store_read_feed (SatchelStoreSession *session, const SatchelFeedSource *sources,
                                         guint n_sources, const char *owner, SatchelFeedFunc func, gpointer data,
                                         gboolean *at_end, GError **error);
gboolean __wrap_satchel_store_read_feed (SatchelStoreSession *session, const SatchelFeedSource *sources,
                                         guint n_sources, const char *owner, SatchelFeedFunc func, gpointer data,
                                         gboolean *at_end, GError **error);

typedef struct
{
  SatchelFeedFunc func;
  gpointer data;
} Hearing;

static gboolean
hear_no_exit (const SatchelFeedEntry *entry, gpointer data)
{
  const Hearing *self = data;

  return (now.mutant == MUTANT_EXIT && entry->kind == SATCHEL_FEED_EXIT) || self->func (entry, self->data);
}

gboolean
__wrap_satchel_store_read_feed (SatchelStoreSession *session, const SatchelFeedSource *sources, guint n_sources,
                                const char *owner, SatchelFeedFunc func, gpointer data, gboolean *at_end,
                                GError **error)
{
  Hearing hearing = { func, data };

  return __real_satchel_store_read_feed (session, sources, n_sources, owner, hear_no_exit, &hearing, at_end, error);
}

/* ---- staging -------------------------------------------------------------------------------------- */

gboolean __real_satchel_delivery_stage (SatchelDelivery *delivery, GError **error);
gboolean __wrap_satchel_delivery_stage (SatchelDelivery *delivery, GError **error);

gboolean
__wrap_satchel_delivery_stage (SatchelDelivery *delivery, GError **error)
{
  g_autoptr (SatchelLink) link = NULL;
  SatchelDeliveryResult result;
  SatchelDeliveryEnd end = { 0 };

  if (now.mutant != MUTANT_STAGING || (link = satchel_replica_get_link (now.replica, NULL)) == NULL)
    return __real_satchel_delivery_stage (delivery, error);

  end = (SatchelDeliveryEnd) { .cursor = link->cursor, .epoch = link->epoch, .applied_through = link->acknowledged };

  return satchel_delivery_apply (delivery, &end, &result, error);
}
