/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-item-store.h"

#include "satchel-list-difference.h"

/**
 * satchel_item_store_new:
 *
 * Returns: (transfer full): an empty list of #SatchelRecordItem
 */
GListStore *
satchel_item_store_new (void)
{
  return g_list_store_new (SATCHEL_TYPE_RECORD_ITEM);
}

static GHashTable *
index_by_id (GPtrArray *records)
{
  GHashTable *positions = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < records->len; i++)
    g_hash_table_insert (positions, (gpointer) satchel_record_get_id (records->pdata[i]), GUINT_TO_POINTER (i));
  return positions;
}

static guint
find_place (GHashTable *positions, const char *id)
{
  gpointer position;

  return g_hash_table_lookup_extended (positions, id, NULL, &position) ? GPOINTER_TO_UINT (position)
                                                                       : SATCHEL_PLACE_GONE;
}

static GArray *
compare (GListStore *store, GPtrArray *records)
{
  g_autoptr (GHashTable) positions = index_by_id (records);
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (store));
  g_autofree SatchelPlace *places = g_new (SatchelPlace, n_items);

  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr (SatchelRecordItem) item = g_list_model_get_item (G_LIST_MODEL (store), i);

      places[i].before = i;
      places[i].after = find_place (positions, satchel_record_item_get_id (item));
    }

  return satchel_list_difference (places, n_items, n_items, records->len);
}

/* New places are filled with whatever stands there; the right records come afterwards. */
static void
splice (GListStore *store, const SatchelSplice *change, GPtrArray *records)
{
  g_autoptr (GPtrArray) added = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < change->added; i++)
    g_ptr_array_add (added, satchel_record_item_new (records->pdata[0]));
  g_list_store_splice (store, change->position, change->removed, added->pdata, added->len);
}

/**
 * satchel_item_store_update:
 * @store: a list of #SatchelRecordItem
 * @records: (element-type SatchelRecord): what it is to hold
 *
 * Moves the list to its new state by the smallest difference, so that rows
 * which stay keep their widgets, the focus and the scroll position.
 */
void
satchel_item_store_update (GListStore *store, GPtrArray *records)
{
  g_autoptr (GArray) changes = compare (store, records);

  for (guint i = 0; i < changes->len; i++)
    splice (store, &g_array_index (changes, SatchelSplice, i), records);
  for (guint i = 0; i < records->len; i++)
    {
      g_autoptr (SatchelRecordItem) item = g_list_model_get_item (G_LIST_MODEL (store), i);

      satchel_record_item_set_record (item, records->pdata[i]);
    }
}
