/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What all stores share: finding the right one, calling it, and the plain data that goes in and out. */

#include "satchel-config.h"

#include "satchel-store.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "store-postgres.h"
#include "store-sqlite.h"

#define MAX_TRIES 5
#define PAUSE_US 20000

G_DEFINE_QUARK (satchel-store-error-quark, satchel_store_error)

/**
 * satchel_store_open:
 * @database: `sqlite:PATH`, or `postgresql://…` as libpq understands it
 * @mode: whether there must be one already
 * @error: why not
 *
 * Opens a store, and brings its schema up to date.
 *
 * Returns: (transfer full) (nullable): the store
 */
SatchelStore *
satchel_store_open (const char *database, SatchelStoreOpen mode, GError **error)
{
  if (g_str_has_prefix (database, "sqlite:"))
    return satchel_sqlite_store_open (database + strlen ("sqlite:"), mode, error);

  if (g_str_has_prefix (database, "postgresql://") || g_str_has_prefix (database, "postgres://"))
    return satchel_postgres_store_open (database, mode, error);

  /* Not the rest of it, which may hold a password. */
  g_set_error (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_FAILED,
               _ ("“%.*s…” is not a database that this server knows. Write sqlite: and the path of a file, or "
                  "postgresql://USER@HOST/NAME."),
               (int) strcspn (database, ":"), database);

  return NULL;
}

void
satchel_store_free (SatchelStore *self)
{
  self->interface->free (self);
}

/**
 * satchel_store_open_session:
 * @self: a store
 * @access: whether it will write
 * @error: why not
 *
 * Opens a session: a connection that one thread at a time uses. There is one
 * of a process that writes, and as many as wanted that read.
 *
 * Returns: (transfer full) (nullable): the session; it must be closed before the store is freed
 */
SatchelStoreSession *
satchel_store_open_session (SatchelStore *self, SatchelStoreAccess access, GError **error)
{
  return self->interface->open_session (self, access, error);
}

void
satchel_store_session_close (SatchelStoreSession *session)
{
  session->store->interface->close_session (session);
}

/* ---- The interface, called ------------------------------------------------------------------------ */

gboolean
satchel_store_check (SatchelStoreSession *session, GPtrArray *problems, GError **error)
{
  return session->store->interface->check (session, problems, error);
}

gboolean
satchel_store_begin (SatchelStoreSession *session, GError **error)
{
  return session->store->interface->begin (session, error);
}

gboolean
satchel_store_commit (SatchelStoreSession *session, GError **error)
{
  return session->store->interface->commit (session, error);
}

void
satchel_store_rollback (SatchelStoreSession *session)
{
  session->store->interface->rollback (session);
}

static gboolean
try_to (SatchelStoreSession *session, SatchelStoreFunc func, gpointer data, GError **error)
{
  if (!satchel_store_begin (session, error))
    return FALSE;
  if (func (session, data, error) && satchel_store_commit (session, error))
    return TRUE;

  satchel_store_rollback (session);

  return FALSE;
}

/**
 * satchel_store_transact:
 * @session: a session that writes, in no transaction
 * @func: what is to be done; it may be called several times, and only the last one counts
 * @data: for it
 * @error: why not
 *
 * Does something in a transaction, again from the beginning while others are in the way.
 *
 * Returns: whether it was done and committed
 */
gboolean
satchel_store_transact (SatchelStoreSession *session, SatchelStoreFunc func, gpointer data, GError **error)
{
  for (guint tries = 1;; tries++)
    {
      g_autoptr (GError) problem = NULL;

      if (try_to (session, func, data, &problem))
        return TRUE;
      if (tries == MAX_TRIES || !g_error_matches (problem, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_AGAIN))
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return FALSE;
        }

      /* Not in step with whoever was in the way. */
      g_usleep (g_random_int_range (0, (gint) (PAUSE_US * tries)));
    }
}

/* NULL without an error: nothing can be heard; satchel_store_get_stamp() tells. @writer: whose own news are none. */
SatchelStoreSession *
satchel_store_listen (SatchelStoreSession *writer, GError **error)
{
  const SatchelStoreInterface *interface = writer->store->interface;

  return interface->listen != NULL ? interface->listen (writer, error) : NULL;
}

gboolean
satchel_store_wait_for_news (SatchelStoreSession *session, int wake, GHashTable *touched, gboolean *vague,
                             GError **error)
{
  return session->store->interface->wait_for_news (session, wake, touched, vague, error);
}

gboolean
satchel_store_get_stamp (SatchelStoreSession *session, gint64 *stamp, GError **error)
{
  return session->store->interface->get_stamp (session, stamp, error);
}

GPtrArray *
satchel_store_load_records (SatchelStoreSession *session, const char *const *ids, GError **error)
{
  return session->store->interface->load_records (session, ids, error);
}

GPtrArray *
satchel_store_list_hanging (SatchelStoreSession *session, const char *account, GError **error)
{
  return session->store->interface->list_hanging (session, account, error);
}

GPtrArray *
satchel_store_list_about (SatchelStoreSession *session, const char *target, GError **error)
{
  return session->store->interface->list_about (session, target, error);
}

gboolean
satchel_store_foreach_of_type (SatchelStoreSession *session, const char *type, GFunc func, gpointer data,
                               GError **error)
{
  return session->store->interface->foreach_of_type (session, type, func, data, error);
}

GPtrArray *
satchel_store_list_changes (SatchelStoreSession *session, const char *record, const char *unit,
                            const SatchelRevision *after, guint limit, gboolean newest_first, GError **error)
{
  return session->store->interface->list_changes (session, record, unit, after, limit, newest_first, error);
}

GPtrArray *
satchel_store_list_conflicts (SatchelStoreSession *session, const char *const *targets, GError **error)
{
  return session->store->interface->list_conflicts (session, targets, error);
}

gboolean
satchel_store_save (SatchelStoreSession *session, const SatchelStoreBatch *batch, GError **error)
{
  return session->store->interface->save (session, batch, error);
}

gboolean
satchel_store_is_buried (SatchelStoreSession *session, const char *id, gboolean *buried, GError **error)
{
  return session->store->interface->is_buried (session, id, buried, error);
}

gboolean
satchel_store_prune (SatchelStoreSession *session, const SatchelPruning *pruning, gboolean *more, GHashTable *touched,
                     GError **error)
{
  return session->store->interface->prune (session, pruning, more, touched, error);
}

gboolean
satchel_store_get_forgotten (SatchelStoreSession *session, gint64 *pos, GError **error)
{
  return session->store->interface->get_forgotten (session, pos, error);
}

gboolean
satchel_store_get_head (SatchelStoreSession *session, gint64 *pos, GError **error)
{
  return session->store->interface->get_head (session, pos, error);
}

gboolean
satchel_store_number_buckets (SatchelStoreSession *session, SatchelFeedSource *sources, guint n_sources, GError **error)
{
  return session->store->interface->number_buckets (session, sources, n_sources, error);
}

char *
satchel_store_name_bucket (SatchelStoreSession *session, gint64 number, GError **error)
{
  return session->store->interface->name_bucket (session, number, error);
}

gboolean
satchel_store_read_feed (SatchelStoreSession *session, const SatchelFeedSource *sources, guint n_sources,
                         const char *owner, SatchelFeedFunc func, gpointer data, gboolean *at_end, GError **error)
{
  return session->store->interface->read_feed (session, sources, n_sources, owner, func, data, at_end, error);
}

gboolean
satchel_store_load_device (SatchelStoreSession *session, const char *id, SatchelStoredDevice **device, GError **error)
{
  return session->store->interface->load_device (session, id, device, error);
}

gboolean
satchel_store_find_device (SatchelStoreSession *session, const char *token_hash, SatchelStoredDevice **device,
                           GError **error)
{
  return session->store->interface->find_device (session, token_hash, device, error);
}

GPtrArray *
satchel_store_list_devices (SatchelStoreSession *session, GError **error)
{
  return session->store->interface->list_devices (session, error);
}

gboolean
satchel_store_save_device (SatchelStoreSession *session, const SatchelStoredDevice *device, GError **error)
{
  return session->store->interface->save_device (session, device, error);
}

gboolean
satchel_store_load_group (SatchelStoreSession *session, const char *device, gint64 n, SatchelStoredGroup **group,
                          GError **error)
{
  return session->store->interface->load_group (session, device, n, group, error);
}

gboolean
satchel_store_load_user (SatchelStoreSession *session, const char *id, SatchelStoredUser **user, GError **error)
{
  return session->store->interface->load_user (session, id, user, error);
}

gboolean
satchel_store_find_user (SatchelStoreSession *session, const char *name, SatchelStoredUser **user, GError **error)
{
  return session->store->interface->find_user (session, name, user, error);
}

GPtrArray *
satchel_store_list_users (SatchelStoreSession *session, GError **error)
{
  return session->store->interface->list_users (session, error);
}

gboolean
satchel_store_save_user (SatchelStoreSession *session, const SatchelStoredUser *user, GError **error)
{
  return session->store->interface->save_user (session, user, error);
}

gboolean
satchel_store_set_password (SatchelStoreSession *session, const char *user, const char *password, GError **error)
{
  return session->store->interface->set_password (session, user, password, error);
}

gboolean
satchel_store_find_invitation (SatchelStoreSession *session, const char *hash, SatchelStoredInvitation **invitation,
                               GError **error)
{
  return session->store->interface->find_invitation (session, hash, invitation, error);
}

gboolean
satchel_store_set_invitation (SatchelStoreSession *session, const char *user, const SatchelStoredInvitation *invitation,
                              GError **error)
{
  return session->store->interface->set_invitation (session, user, invitation, error);
}

GPtrArray *
satchel_store_list_territories (SatchelStoreSession *session, GError **error)
{
  return session->store->interface->list_territories (session, error);
}

gboolean
satchel_store_save_territory (SatchelStoreSession *session, const SatchelStoredTerritory *territory, GError **error)
{
  return session->store->interface->save_territory (session, territory, error);
}

GPtrArray *
satchel_store_list_grants (SatchelStoreSession *session, const char *user, GError **error)
{
  return session->store->interface->list_grants (session, user, error);
}

gboolean
satchel_store_set_grant (SatchelStoreSession *session, const SatchelStoredGrant *grant, gboolean granted,
                         GError **error)
{
  return session->store->interface->set_grant (session, grant, granted, error);
}

gboolean
satchel_store_get_meta (SatchelStoreSession *session, const char *key, char **value, GError **error)
{
  return session->store->interface->get_meta (session, key, value, error);
}

gboolean
satchel_store_set_meta (SatchelStoreSession *session, const char *key, const char *value, GError **error)
{
  return session->store->interface->set_meta (session, key, value, error);
}

GPtrArray *
satchel_store_list_epochs (SatchelStoreSession *session, GError **error)
{
  return session->store->interface->list_epochs (session, error);
}

gboolean
satchel_store_begin_epoch (SatchelStoreSession *session, const char *name, GError **error)
{
  return session->store->interface->begin_epoch (session, name, error);
}

gboolean
satchel_store_backup (SatchelStoreSession *session, const char *path, GError **error)
{
  return session->store->interface->backup (session, path, error);
}

gboolean
satchel_store_set_aside (SatchelStoreSession *session, const char *name, GError **error)
{
  return session->store->interface->set_aside (session, name, error);
}

gboolean
satchel_store_discard (SatchelStoreSession *session, GError **error)
{
  return session->store->interface->discard (session, error);
}

gboolean
satchel_store_is_file (SatchelStore *self)
{
  return self->interface->set_aside == NULL;
}

/* ---- Plain data ----------------------------------------------------------------------------------- */

void
satchel_stored_free (SatchelStored *self)
{
  g_free (self->id);
  g_free (self->type);
  g_free (self->bucket);
  g_free (self->account);
  g_free (self->target);
  g_free (self->owner);
  g_free (self->epoch);
  g_free (self->units);
  g_free (self->deleted_at);
  g_free (self->deleted_with);
  g_free (self->creator);
  g_free (self->device);
  g_free (self->body);
  g_free (self);
}

void
satchel_stored_change_free (SatchelStoredChange *self)
{
  g_free (self->record);
  g_free (self->epoch);
  g_free (self->unit);
  g_free (self->kind);
  g_free (self->at);
  g_free (self->by);
  g_free (self->device);
  g_free (self->old_value);
  g_free (self->new_value);
  g_free (self->past_epoch);
  g_free (self);
}

void
satchel_stored_group_free (SatchelStoredGroup *self)
{
  g_free (self->device);
  g_free (self->hash);
  g_free (self->body);
  g_free (self->outcome);
  g_free (self->seen);
  g_free (self->at);
  g_free (self);
}

void
satchel_stored_device_free (SatchelStoredDevice *self)
{
  g_free (self->id);
  g_free (self->user);
  g_free (self->name);
  g_free (self->token_hash);
  g_free (self->next_hash);
  g_free (self->created_at);
  g_free (self->last_seen);
  g_free (self->nonce);
  g_free (self->last_hash);
  g_free (self->forked_from);
  g_free (self);
}

void
satchel_stored_user_free (SatchelStoredUser *self)
{
  g_free (self->id);
  g_free (self->name);
  g_free (self->role);
  g_free (self->password);
  g_free (self);
}

void
satchel_stored_invitation_free (SatchelStoredInvitation *self)
{
  g_free (self->hash);
  g_free (self->user);
  g_free (self);
}

void
satchel_stored_territory_free (SatchelStoredTerritory *self)
{
  g_free (self->id);
  g_free (self->name);
  g_free (self->parent);
  g_free (self->manager);
  g_free (self);
}

void
satchel_stored_grant_free (SatchelStoredGrant *self)
{
  g_free (self->user);
  g_free (self->territory);
  g_free (self);
}

void
satchel_stored_conflict_free (SatchelStoredConflict *self)
{
  g_free (self->target);
  g_free (self->unit);
  g_free (self->conflict);
  g_free (self);
}

void
satchel_stored_epoch_free (SatchelStoredEpoch *self)
{
  g_free (self->name);
  g_free (self);
}

void
satchel_store_batch_init (SatchelStoreBatch *self)
{
  self->created = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_stored_free);
  self->changed = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_stored_free);
  self->history = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_stored_change_free);
  self->groups = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_stored_group_free);
  self->opened = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_stored_conflict_free);
  self->closed = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_stored_conflict_free);
}

void
satchel_store_batch_clear (SatchelStoreBatch *self)
{
  g_clear_pointer (&self->created, g_ptr_array_unref);
  g_clear_pointer (&self->changed, g_ptr_array_unref);
  g_clear_pointer (&self->history, g_ptr_array_unref);
  g_clear_pointer (&self->groups, g_ptr_array_unref);
  g_clear_pointer (&self->opened, g_ptr_array_unref);
  g_clear_pointer (&self->closed, g_ptr_array_unref);
}
