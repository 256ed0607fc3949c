/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The one place that authorises. Pages, pushes and the history all pass through a view made here. */

#include "satchel-config.h"

#include "server-rights.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "records/satchel-id.h"
#include "server-devices.h"
#include "server-tokens.h"

typedef enum
{
  ROLE_REP,
  ROLE_MANAGER,
  ROLE_ADMIN,
  ROLE_ADMINISTRATION, /* the command line on the server's own machine */
} Role;

struct _SatchelView
{
  SatchelServer *server;
  SatchelStoreSession *session;
  SatchelStoredDevice *device;
  SatchelStoredUser *user;
  Role role;
  gboolean has_new_token;
  GPtrArray *buckets; /* of char *, sorted by being made in order; NULL-terminated */
  GHashTable *granted; /* set of the same strings */
  GHashTable *team; /* (nullable): users of the buckets' territories, once asked for */
};

#define TERRITORY_PREFIX "territory:"
#define USER_PREFIX "user:"

/* ---- What is granted ------------------------------------------------------------------------------ */

static void
grant (SatchelView *self, const char *prefix, const char *id)
{
  char *bucket = g_strconcat (prefix, id, NULL);

  if (g_hash_table_contains (self->granted, bucket))
    {
      g_free (bucket);
      return;
    }
  g_ptr_array_add (self->buckets, bucket);
  g_hash_table_add (self->granted, bucket);
}

static gboolean
grant_own_territories (SatchelView *self, GError **error)
{
  g_autoptr (GPtrArray) grants = satchel_store_list_grants (self->session, self->user->id, error);

  if (grants == NULL)
    return FALSE;
  for (guint i = 0; i < grants->len; i++)
    grant (self, TERRITORY_PREFIX, ((SatchelStoredGrant *) g_ptr_array_index (grants, i))->territory);

  return TRUE;
}

static gboolean
lies_in (GPtrArray *territories, const SatchelStoredTerritory *territory, const char *manager)
{
  /* Bounded, in case somebody made a ring of them. */
  for (guint depth = 0; territory != NULL && depth <= territories->len; depth++)
    {
      const SatchelStoredTerritory *above = NULL;

      if (g_strcmp0 (territory->manager, manager) == 0)
        return TRUE;
      for (guint i = 0; territory->parent != NULL && above == NULL && i < territories->len; i++)
        if (strcmp (((SatchelStoredTerritory *) g_ptr_array_index (territories, i))->id, territory->parent) == 0)
          above = g_ptr_array_index (territories, i);
      territory = above;
    }

  return FALSE;
}

/* Of a manager those of the team: managed by them, and what is part of those. Of an admin all. */
static gboolean
grant_team_territories (SatchelView *self, GError **error)
{
  g_autoptr (GPtrArray) territories = satchel_store_list_territories (self->session, error);

  if (territories == NULL)
    return FALSE;
  for (guint i = 0; i < territories->len; i++)
    {
      const SatchelStoredTerritory *territory = g_ptr_array_index (territories, i);

      if (self->role == ROLE_ADMIN || lies_in (territories, territory, self->user->id))
        grant (self, TERRITORY_PREFIX, territory->id);
    }

  return TRUE;
}

static gboolean
grant_all (SatchelView *self, GError **error)
{
  grant (self, "", "org");
  grant (self, USER_PREFIX, self->user->id);

  return grant_own_territories (self, error) && (self->role == ROLE_REP || grant_team_territories (self, error));
}

/* ---- Making a view -------------------------------------------------------------------------------- */

static SatchelView *
view_new (SatchelServer *server, SatchelStoreSession *session)
{
  SatchelView *self = g_new0 (SatchelView, 1);

  self->server = server;
  self->session = session;
  self->buckets = g_ptr_array_new_null_terminated (0, g_free, TRUE);
  self->granted = g_hash_table_new (g_str_hash, g_str_equal);

  return self;
}

static Role
read_role (const char *role)
{
  if (strcmp (role, "admin") == 0)
    return ROLE_ADMIN;

  return strcmp (role, "manager") == 0 ? ROLE_MANAGER : ROLE_REP;
}

static gboolean
check_device (SatchelView *self, GError **error)
{
  if (self->device == NULL || self->device->revoked)
    {
      g_set_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_TOKEN,
                   _ ("This device is not signed in. Nothing is lost; please sign in again."));
      return FALSE;
    }
  if (self->device->token_expires <= satchel_time_now_unix_ms () / 1000)
    {
      g_set_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_TOKEN,
                   _ ("This device was signed in too long ago. Nothing is lost; please sign in again."));
      return FALSE;
    }

  return TRUE;
}

static gboolean
check_user (SatchelView *self, GError **error)
{
  if (self->user != NULL && self->user->active)
    return TRUE;

  g_set_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_DISABLED,
               _ ("This user is disabled. Nothing is lost; please ask your administrator."));

  return FALSE;
}

/**
 * satchel_view_open:
 * @server: the server
 * @session: a session in a transaction; the view is for that transaction only
 * @token: the token that a request brought
 * @error: %SATCHEL_SERVER_ERROR_TOKEN, %SATCHEL_SERVER_ERROR_DISABLED, or what the store says
 *
 * Returns: (transfer full) (nullable): what the device with that token may see and do
 */
SatchelView *
satchel_view_open (SatchelServer *server, SatchelStoreSession *session, const char *token, GError **error)
{
  g_autoptr (SatchelView) self = view_new (server, session);
  g_autofree char *hash = satchel_token_hash (token);

  if (!satchel_store_find_device (session, hash, &self->device, error))
    return NULL;
  self->has_new_token = self->device != NULL && satchel_device_use_token (self->device, hash);
  if (!check_device (self, error) || !satchel_store_load_user (session, self->device->user, &self->user, error) ||
      !check_user (self, error))
    return NULL;

  self->role = read_role (self->user->role);

  return grant_all (self, error) ? g_steal_pointer (&self) : NULL;
}

SatchelView *
satchel_view_open_administration (SatchelServer *server, SatchelStoreSession *session)
{
  SatchelView *self = view_new (server, session);

  self->role = ROLE_ADMINISTRATION;

  return self;
}

void
satchel_view_free (SatchelView *self)
{
  g_clear_pointer (&self->device, satchel_stored_device_free);
  g_clear_pointer (&self->user, satchel_stored_user_free);
  g_hash_table_unref (self->granted);
  g_ptr_array_unref (self->buckets);
  g_clear_pointer (&self->team, g_hash_table_unref);
  g_free (self);
}

SatchelServer *
satchel_view_get_server (SatchelView *self)
{
  return self->server;
}

SatchelStoreSession *
satchel_view_get_session (SatchelView *self)
{
  return self->session;
}

SatchelStoredDevice *
satchel_view_get_device (SatchelView *self)
{
  return self->device;
}

const char *
satchel_view_get_user (SatchelView *self)
{
  return self->user != NULL ? self->user->id : NULL;
}

gboolean
satchel_view_wants_new_token (SatchelView *self)
{
  return self->device != NULL && satchel_device_wants_new_token (self->server, self->device);
}

gboolean
satchel_view_has_new_token (SatchelView *self)
{
  return self->has_new_token;
}

const char *const *
satchel_view_get_buckets (SatchelView *self, guint *n_buckets)
{
  *n_buckets = self->buckets->len;

  return (const char *const *) self->buckets->pdata;
}

/* ---- Reading -------------------------------------------------------------------------------------- */

gboolean
satchel_view_sees_bucket (SatchelView *self, const char *bucket)
{
  return self->role == ROLE_ADMINISTRATION || g_hash_table_contains (self->granted, bucket);
}

/**
 * satchel_view_load:
 * @self: a view
 * @type: the record's type
 * @id: its id
 * @error: %SATCHEL_SERVER_ERROR_NOT_FOUND also for what may not be seen, or what the store says
 *
 * Returns: (transfer full) (nullable): the record
 */
SatchelStored *
satchel_view_load (SatchelView *self, const char *type, const char *id, GError **error)
{
  const char *ids[] = { id, NULL };
  g_autoptr (GPtrArray) found = satchel_store_load_records (self->session, ids, error);
  const SatchelStored *stored;

  if (found == NULL)
    return NULL;

  stored = found->len > 0 ? g_ptr_array_index (found, 0) : NULL;
  if (stored == NULL || strcmp (stored->type, type) != 0 || !satchel_view_sees_bucket (self, stored->bucket))
    {
      g_set_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_NOT_FOUND,
                   _ ("This entry is not there, or is not yours to see."));
      return NULL;
    }

  return g_ptr_array_steal_index (found, 0);
}

/* ---- Writing -------------------------------------------------------------------------------------- */

static gboolean
refuse (char **reason, const char *sentence)
{
  *reason = g_strdup (sentence);

  return FALSE;
}

static gboolean
may_write_type (SatchelView *self, const SatchelType *type, char **reason)
{
  SatchelRights rights = satchel_type_get_rights (type);

  if (self->role == ROLE_ADMINISTRATION || rights == SATCHEL_RIGHTS_REP || rights == SATCHEL_RIGHTS_OWN)
    return TRUE;
  if (rights == SATCHEL_RIGHTS_MANAGER && self->role >= ROLE_MANAGER)
    return TRUE;
  if (rights == SATCHEL_RIGHTS_ADMIN && self->role >= ROLE_ADMIN)
    return TRUE;

  if (rights == SATCHEL_RIGHTS_SERVER)
    return refuse (reason, _ ("Only the server itself changes these entries."));

  return refuse (reason, rights == SATCHEL_RIGHTS_ADMIN ? _ ("Only an administrator may change these entries.")
                                                        : _ ("Only a manager may change these entries."));
}

gboolean
satchel_view_may_create (SatchelView *self, const SatchelType *type, char **reason)
{
  return may_write_type (self, type, reason);
}

static gboolean
is_own (SatchelView *self, const SatchelRecord *record)
{
  guint index;

  if (g_strcmp0 (satchel_record_get_created_by (record), self->user->id) == 0)
    return TRUE;

  return satchel_type_lookup_field (satchel_record_get_record_type (record), "owner", &index) &&
         g_strcmp0 (satchel_record_get_text (record, "owner"), self->user->id) == 0;
}

gboolean
satchel_view_may_edit (SatchelView *self, const SatchelRecord *record, char **reason)
{
  const SatchelType *type = satchel_record_get_record_type (record);

  if (!may_write_type (self, type, reason))
    return FALSE;
  if (satchel_type_get_rights (type) == SATCHEL_RIGHTS_OWN && self->role < ROLE_MANAGER && !is_own (self, record))
    return refuse (reason, _ ("Only who made this entry, or a manager, may change it."));

  return TRUE;
}

static SatchelFieldFlags
flags_of_unit (const SatchelType *type, const char *unit, gboolean *derived)
{
  const SatchelUnit *declared = satchel_type_lookup_unit (type, unit);
  SatchelFieldFlags flags = SATCHEL_FIELD_PLAIN;

  *derived = declared != NULL && declared->policy == SATCHEL_POLICY_DERIVED;
  for (guint i = 0; declared != NULL && i < declared->n_fields; i++)
    flags |= satchel_type_get_field (type, declared->fields[i])->flags;

  return flags;
}

/* A private entry is its author's: nobody else makes it one, or takes it out of their hands. */
static gboolean
may_hide (SatchelView *self, const SatchelRecord *record, const char *unit)
{
  const SatchelType *type = satchel_record_get_record_type (record);

  return strcmp (unit, "private") != 0 || satchel_type_get_home (type) != SATCHEL_HOME_ANCHORED ||
         g_strcmp0 (satchel_record_get_created_by (record), self->user->id) == 0;
}

gboolean
satchel_view_may_set (SatchelView *self, const SatchelRecord *record, const char *unit, gboolean creating,
                      char **reason)
{
  gboolean derived;
  SatchelFieldFlags flags = flags_of_unit (satchel_record_get_record_type (record), unit, &derived);

  if (derived)
    return refuse (reason, _ ("This is computed and cannot be set."));
  if (self->role == ROLE_ADMINISTRATION)
    return TRUE;
  if ((flags & SATCHEL_FIELD_SERVER) != 0)
    return refuse (reason, _ ("Only the server itself changes this."));
  if (creating)
    return TRUE;
  if ((flags & SATCHEL_FIELD_REASSIGN) != 0 && self->role < ROLE_MANAGER)
    return refuse (reason, _ ("Only a manager may reassign this. Please ask with a task."));
  if (!may_hide (self, record, unit))
    return refuse (reason, _ ("Only who wrote this may make it private."));

  return TRUE;
}

/* ---- Where things may be put ---------------------------------------------------------------------- */

static gboolean
load_team (SatchelView *self, GError **error)
{
  g_autoptr (GPtrArray) grants = NULL;

  if (self->team != NULL)
    return TRUE;

  grants = satchel_store_list_grants (self->session, NULL, error);
  if (grants == NULL)
    return FALSE;

  self->team = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_add (self->team, g_strdup (self->user->id));
  for (guint i = 0; i < grants->len; i++)
    {
      const SatchelStoredGrant *one = g_ptr_array_index (grants, i);
      g_autofree char *bucket = g_strconcat (TERRITORY_PREFIX, one->territory, NULL);

      if (satchel_view_sees_bucket (self, bucket))
        g_hash_table_add (self->team, g_strdup (one->user));
    }

  return TRUE;
}

/* Whether work may be handed to that user. */
static gboolean
may_hand_to (SatchelView *self, const char *user, gboolean *may, GError **error)
{
  g_autoptr (SatchelStoredUser) found = NULL;

  if (!satchel_store_load_user (self->session, user, &found, error))
    return FALSE;
  *may = found != NULL;
  if (!*may || self->role >= ROLE_ADMIN)
    return TRUE;

  if (!load_team (self, error))
    return FALSE;
  *may = self->role == ROLE_MANAGER && g_hash_table_contains (self->team, user);

  return TRUE;
}

/* A task is given to somebody by being put where only they see it. */
static gboolean
is_task_for (const SatchelRecord *record, const char *user)
{
  const SatchelType *type = satchel_record_get_record_type (record);
  guint index;

  return satchel_type_get_home (type) == SATCHEL_HOME_ANCHORED &&
         satchel_type_lookup_field (type, "assignee", &index) &&
         g_strcmp0 (satchel_record_get_text (record, "assignee"), user) == 0;
}

static gboolean
check_user_exists (SatchelView *self, const char *user, gboolean *exists, GError **error)
{
  g_autoptr (SatchelStoredUser) found = NULL;

  if (!satchel_store_load_user (self->session, user, &found, error))
    return FALSE;
  *exists = found != NULL;

  return TRUE;
}

static gboolean
may_put_into (SatchelView *self, const SatchelRecord *record, const char *bucket, gboolean *may, GError **error)
{
  const char *user = g_str_has_prefix (bucket, USER_PREFIX) ? bucket + strlen (USER_PREFIX) : NULL;

  *may = satchel_view_sees_bucket (self, bucket);
  if (*may || user == NULL)
    return TRUE;
  if (is_task_for (record, user))
    return check_user_exists (self, user, may, error);
  if (satchel_type_get_home (satchel_record_get_record_type (record)) == SATCHEL_HOME_ACCOUNT)
    return may_hand_to (self, user, may, error);

  return TRUE;
}

/* A new account may name any owner; a manager reassigns within the team. */
static gboolean
may_own (SatchelView *self, const SatchelRecord *record, gboolean creating, gboolean *may, GError **error)
{
  const SatchelType *type = satchel_record_get_record_type (record);
  const char *owner;
  guint index;

  *may = TRUE;
  if (satchel_type_get_home (type) != SATCHEL_HOME_ACCOUNT || !satchel_type_lookup_field (type, "owner", &index))
    return TRUE;

  owner = satchel_record_get_text (record, "owner");
  if (owner == NULL)
    return TRUE;

  return creating ? check_user_exists (self, owner, may, error) : may_hand_to (self, owner, may, error);
}

gboolean
satchel_view_may_place (SatchelView *self, const SatchelRecord *record, const char *from, const char *to, char **reason,
                        GError **error)
{
  gboolean may;

  if (self->role == ROLE_ADMINISTRATION)
    return TRUE;
  if (!may_own (self, record, from == NULL, &may, error))
    return FALSE;
  if (!may)
    return refuse (reason, _ ("That user cannot own this."));
  if (g_strcmp0 (from, to) == 0)
    return TRUE;
  if (!may_put_into (self, record, to, &may, error))
    return FALSE;

  return may || refuse (reason, _ ("You may not put entries there."));
}
