/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What ties a replica to a server, and what goes out. */

#include "satchel-config.h"

#include "replica-private.h"

#include <string.h>

#include "records/satchel-id.h"
#include "replica-journal.h"
#include "replica-link.h"
#include "replica-outbox.h"

/* ---- The link ------------------------------------------------------------------------------------- */

typedef struct
{
  const char *name;
  gsize offset;
  enum
  {
    LINK_IDENTITY, /* who is tied to whom */
    LINK_PROGRESS, /* changes with each sync */
    LINK_COUNTED, /* kept by the replica itself */
  } kind;
} LinkText;

#define LINK_TEXT(member, kind) { #member, G_STRUCT_OFFSET (SatchelLink, member), LINK_##kind }

static const LinkText link_texts[] = {
  LINK_TEXT (server, IDENTITY),    LINK_TEXT (ca_file, IDENTITY),    LINK_TEXT (user_id, IDENTITY),
  LINK_TEXT (user_name, IDENTITY), LINK_TEXT (device_id, IDENTITY),  LINK_TEXT (device_name, IDENTITY),
  LINK_TEXT (epoch, PROGRESS),     LINK_TEXT (nonce, PROGRESS),      LINK_TEXT (proposed_nonce, PROGRESS),
  LINK_TEXT (last_sync, PROGRESS), LINK_TEXT (recovering, PROGRESS), LINK_TEXT (cursor, COUNTED),
  LINK_TEXT (last_hash, COUNTED),
};

static char **
link_member (const SatchelLink *link, const LinkText *text)
{
  return (char **) G_STRUCT_MEMBER_P (link, text->offset);
}

/**
 * satchel_link_free:
 * @link: (transfer full): a link
 */
void
satchel_link_free (SatchelLink *link)
{
  for (guint i = 0; i < G_N_ELEMENTS (link_texts); i++)
    g_free (*link_member (link, &link_texts[i]));

  g_free (link);
}

SatchelLink *
replica_link_read (ReplicaConnection *connection, GError **error)
{
  g_autoptr (SatchelLink) link = g_new0 (SatchelLink, 1);

  for (guint i = 0; i < G_N_ELEMENTS (link_texts); i++)
    if (!replica_meta_get (connection, link_texts[i].name, link_member (link, &link_texts[i]), error))
      return NULL;

  if (!replica_meta_get_integer (connection, "acknowledged", &link->acknowledged, error))
    return NULL;

  return g_steal_pointer (&link);
}

static gboolean
write_text (ReplicaTransaction *tx, const LinkText *text, const char *value, GError **error)
{
  g_autofree char *before = NULL;

  if (!replica_meta_get (tx->connection, text->name, &before, error))
    return FALSE;
  if (g_strcmp0 (before, value) == 0)
    return TRUE;

  tx->changes->outbox = TRUE;
  tx->kept_changed |= text->kind == LINK_IDENTITY;

  return replica_meta_set (tx->connection, text->name, value, error);
}

gboolean
replica_link_write (ReplicaTransaction *tx, const SatchelLink *link, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (link_texts); i++)
    if (link_texts[i].kind != LINK_COUNTED &&
        !write_text (tx, &link_texts[i], *link_member (link, &link_texts[i]), error))
      return FALSE;

  return TRUE;
}

gboolean
replica_link_restore (ReplicaTransaction *tx, const SatchelLink *link, GError **error)
{
  return replica_link_write (tx, link, error) &&
         replica_meta_set (tx->connection, "last_hash", link->last_hash, error) &&
         replica_meta_set_integer (tx->connection, "acknowledged", link->acknowledged, error);
}

static gboolean
is_kept (const LinkText *text)
{
  return strcmp (text->name, "cursor") != 0;
}

JsonObject *
replica_link_to_json (const SatchelLink *link)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (link_texts); i++)
    {
      const char *text = *link_member (link, &link_texts[i]);

      if (text != NULL && is_kept (&link_texts[i]))
        json_object_set_string_member (object, link_texts[i].name, text);
    }
  json_object_set_int_member (object, "acknowledged", link->acknowledged);

  return object;
}

SatchelLink *
replica_link_from_json (JsonObject *object)
{
  SatchelLink *link = g_new0 (SatchelLink, 1);

  for (guint i = 0; i < G_N_ELEMENTS (link_texts); i++)
    {
      JsonNode *node = json_object_get_member (object, link_texts[i].name);

      if (is_kept (&link_texts[i]) && node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
          json_node_get_value_type (node) == G_TYPE_STRING)
        *link_member (link, &link_texts[i]) = json_node_dup_string (node);
    }
  link->acknowledged = json_object_get_int_member_with_default (object, "acknowledged", 0);

  return link;
}

/**
 * satchel_replica_get_link:
 * @self: a replica
 * @error: what went wrong with the file
 *
 * Blocks.
 *
 * Returns: (transfer full) (nullable): what ties the replica to its server
 */
SatchelLink *
satchel_replica_get_link (SatchelReplica *self, GError **error)
{
  ReplicaConnection *reader;
  SatchelLink *link;

  if (!replica_check_open (self, error))
    return NULL;

  reader = replica_pool_take (self->readers, error);
  if (reader == NULL)
    return NULL;

  link = replica_link_read (reader, error);
  replica_pool_give (self->readers, reader);

  return link;
}

static gboolean
set_link_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  return replica_link_write (tx, data, error);
}

/**
 * satchel_replica_set_link:
 * @self: a replica
 * @link: what ties the replica to its server
 * @error: what went wrong with the file
 *
 * Stores everything in @link but its cursor and what the replica counts by
 * itself. On disk when it returns. Blocks.
 *
 * Returns: whether it was stored
 */
gboolean
satchel_replica_set_link (SatchelReplica *self, const SatchelLink *link, GError **error)
{
  return replica_check_open (self, error) &&
         replica_writer_run (self->writer, REPLICA_DURABILITY_FULL, set_link_cb, (gpointer) link, error);
}

/* ---- What goes out -------------------------------------------------------------------------------- */

typedef struct
{
  gint64 after;
  guint max_groups;
  gsize max_bytes;
  GPtrArray *groups;
} Taking;

/* Before groups are sent there is a nonce on disk that speaks of this sending, the same until it is confirmed. */
static gboolean
propose_nonce (ReplicaTransaction *tx, GError **error)
{
  g_autofree char *proposed = NULL;

  if (!replica_meta_get (tx->connection, "proposed_nonce", &proposed, error))
    return FALSE;
  if (proposed != NULL)
    return TRUE;

  proposed = satchel_id_new ();

  return replica_meta_set (tx->connection, "proposed_nonce", proposed, error);
}

static gboolean
take_groups_cb (ReplicaTransaction *tx, gpointer data, GError **error)
{
  Taking *taking = data;
  GPtrArray *groups;
  SatchelOutgoing *first, *last;
  gint64 acknowledged;

  if (!replica_meta_get_integer (tx->connection, "acknowledged", &acknowledged, error))
    return FALSE;

  taking->groups = groups = replica_journal_take (tx->connection, MAX (taking->after, acknowledged), taking->max_groups,
                                                  taking->max_bytes, error);
  if (groups == NULL)
    return FALSE;
  if (groups->len > 0)
    return propose_nonce (tx, error);

  g_ptr_array_unref (groups);
  taking->groups = groups = replica_outbox_take (tx, taking->after, taking->max_groups, taking->max_bytes, error);
  if (groups == NULL)
    return FALSE;
  if (groups->len == 0)
    return TRUE;

  first = g_ptr_array_index (groups, 0);
  last = g_ptr_array_index (groups, groups->len - 1);

  return replica_outbox_mark_sent (tx, first->n, last->n, error) && propose_nonce (tx, error);
}

/**
 * satchel_replica_take_groups:
 * @self: a replica
 * @after: the group behind which to begin; 0: at the beginning
 * @max_groups: how many at most
 * @max_bytes: how large they may be together; one is given even when it is larger
 * @error: what went wrong with the file
 *
 * Takes groups to send, oldest first, without those that the server has
 * decided already. Where a restored server has lost some that were settled,
 * those of the journal come first. That they are sent is on disk when this
 * returns, and so are all that they hold and a proposed nonce. Blocks.
 *
 * Returns: (transfer full) (element-type SatchelOutgoing) (nullable): the groups
 */
GPtrArray *
satchel_replica_take_groups (SatchelReplica *self, gint64 after, guint max_groups, gsize max_bytes, GError **error)
{
  Taking taking = { after, max_groups, max_bytes, NULL };

  if (replica_check_open (self, error) &&
      replica_writer_run (self->writer, REPLICA_DURABILITY_FULL, take_groups_cb, &taking, error))
    return taking.groups;

  g_clear_pointer (&taking.groups, g_ptr_array_unref);

  return NULL;
}

/**
 * satchel_replica_get_last_group:
 * @self: a replica
 * @error: what went wrong with the file
 *
 * Blocks.
 *
 * Returns: the number of the newest group made; 0 when there never was one, -1 on an error
 */
gint64
satchel_replica_get_last_group (SatchelReplica *self, GError **error)
{
  ReplicaConnection *reader;
  gint64 last;
  gboolean read;

  if (!replica_check_open (self, error))
    return -1;

  reader = replica_pool_take (self->readers, error);
  if (reader == NULL)
    return -1;

  read = replica_meta_get_integer (reader, "last_group", &last, error);
  replica_pool_give (self->readers, reader);

  return read ? last : -1;
}
