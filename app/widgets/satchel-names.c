/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-names.h"

/* Enough for what stands on one screen, many times over. */
#define MAX_NAMES 5000

/**
 * SatchelNames:
 *
 * What records are called that lists only refer to: the owner of an account,
 * the account of a note. A name that is not known yet is looked up in the
 * background together with the others that were asked for meanwhile.
 *
 * Signal `arrived`: there are names that were not there before, or others.
 */
struct _SatchelNames
{
  GObject parent_instance;

  SatchelServices *services; /* borrowed: it owns us */
  GHashTable *names; /* id to name; NULL: asked for, or not there */
  GPtrArray *wanted; /* (element-type utf8) */
  guint source;
};

enum
{
  ARRIVED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SatchelNames, satchel_names, G_TYPE_OBJECT)

typedef struct
{
  SatchelNames *names;
  GPtrArray *ids;
} Fetch;

static void
fetch_free (Fetch *fetch)
{
  g_object_unref (fetch->names);
  g_ptr_array_unref (fetch->ids);
  g_free (fetch);
}

static DexFuture *
fetch_fiber (gpointer data)
{
  Fetch *fetch = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) titles = NULL;
  GHashTableIter iter;
  gpointer id, title;

  if (fetch->names->services == NULL)
    return NULL;
  titles = satchel_await (satchel_services_titles (fetch->names->services, (const char *const *) fetch->ids->pdata),
                          &error);
  if (titles == NULL)
    return NULL;

  g_hash_table_iter_init (&iter, titles);
  while (g_hash_table_iter_next (&iter, &id, &title))
    g_hash_table_insert (fetch->names->names, g_strdup (id), g_strdup (title));
  g_signal_emit (fetch->names, signals[ARRIVED], 0);

  return NULL;
}

static gboolean
fetch_cb (gpointer data)
{
  SatchelNames *self = data;
  Fetch *fetch = g_new0 (Fetch, 1);

  self->source = 0;
  fetch->names = g_object_ref (self);
  fetch->ids = g_steal_pointer (&self->wanted);
  g_ptr_array_add (fetch->ids, NULL);
  self->wanted = g_ptr_array_new_with_free_func (g_free);
  satchel_services_spawn (fetch_fiber, fetch, (GDestroyNotify) fetch_free);

  return G_SOURCE_REMOVE;
}

static void
want (SatchelNames *self, const char *id)
{
  g_ptr_array_add (self->wanted, g_strdup (id));
  if (self->source == 0)
    self->source = g_idle_add_full (G_PRIORITY_DEFAULT, fetch_cb, self, NULL);
}

/* Names that changed are looked up again; until then the old ones stand. */
static void
changed_cb (SatchelNames *self, const SatchelChanges *changes)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, self->names);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    if (satchel_changes_has_id (changes, id))
      want (self, id);
}

static void
services_gone_cb (gpointer data, GObject *services)
{
  SATCHEL_NAMES (data)->services = NULL;
}

static void
satchel_names_finalize (GObject *object)
{
  SatchelNames *self = SATCHEL_NAMES (object);

  g_clear_handle_id (&self->source, g_source_remove);
  if (self->services != NULL)
    g_object_weak_unref (G_OBJECT (self->services), services_gone_cb, self);
  g_hash_table_unref (self->names);
  g_ptr_array_unref (self->wanted);
  G_OBJECT_CLASS (satchel_names_parent_class)->finalize (object);
}

static void
satchel_names_class_init (SatchelNamesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = satchel_names_finalize;

  signals[ARRIVED] = g_signal_new ("arrived", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 0);
}

static void
satchel_names_init (SatchelNames *self)
{
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->wanted = g_ptr_array_new_with_free_func (g_free);
}

/**
 * satchel_names_get_default:
 *
 * Returns: (transfer none): the names that all lists of these services share
 */
SatchelNames *
satchel_names_get_default (SatchelServices *services)
{
  SatchelNames *self = g_object_get_data (G_OBJECT (services), "satchel-names");

  if (self != NULL)
    return self;

  self = g_object_new (SATCHEL_TYPE_NAMES, NULL);
  self->services = services;
  g_object_weak_ref (G_OBJECT (services), services_gone_cb, self);
  g_signal_connect_object (services, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_object_set_data_full (G_OBJECT (services), "satchel-names", self, g_object_unref);

  return self;
}

/**
 * satchel_names_lookup:
 * @id: (nullable): a record's id
 *
 * Returns: (nullable): its name, or %NULL as long as it is not known
 */
const char *
satchel_names_lookup (SatchelNames *self, const char *id)
{
  gpointer name;

  g_return_val_if_fail (SATCHEL_IS_NAMES (self), NULL);

  if (id == NULL)
    return NULL;
  if (g_hash_table_lookup_extended (self->names, id, NULL, &name))
    return name;

  if (g_hash_table_size (self->names) > MAX_NAMES)
    g_hash_table_remove_all (self->names);
  g_hash_table_insert (self->names, g_strdup (id), NULL);
  want (self, id);
  return NULL;
}
