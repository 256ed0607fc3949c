/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-list-shape.h"

/* How far from its old page a record is looked for, in pages, beyond what the list has grown or shrunk by. */
#define REACH 2
#define MAX_REACH 16

static SatchelListShape *
satchel_list_shape_new (SatchelOutline *outline)
{
  SatchelListShape *self = g_atomic_rc_box_new0 (SatchelListShape);

  self->outline = outline;
  self->pages = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);
  self->positions = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

static void
satchel_list_shape_clear (gpointer data)
{
  SatchelListShape *self = data;

  g_hash_table_unref (self->positions);
  g_hash_table_unref (self->pages);
  satchel_outline_free (self->outline);
}

SatchelListShape *
satchel_list_shape_ref (SatchelListShape *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
satchel_list_shape_unref (SatchelListShape *self)
{
  g_atomic_rc_box_release_full (self, satchel_list_shape_clear);
}

void
satchel_held_clear (SatchelHeld *held)
{
  g_free (held->id);
}

guint
satchel_list_shape_get_n_items (SatchelListShape *self)
{
  return (guint) MIN (self->outline->n_records, G_MAXINT);
}

/* Where a record stands, if it is on one of the pages that were read. */
guint
satchel_list_shape_get_position (SatchelListShape *self, const char *id, guint otherwise)
{
  gpointer position;

  if (!g_hash_table_lookup_extended (self->positions, id, NULL, &position))
    return otherwise;
  return GPOINTER_TO_UINT (position);
}

static void
add_page (SatchelListShape *self, guint number, GPtrArray *page)
{
  guint start = number * self->outline->page_size;

  g_hash_table_insert (self->pages, GUINT_TO_POINTER (number), page);
  for (guint i = 0; i < page->len; i++)
    g_hash_table_insert (self->positions, (gpointer) satchel_record_get_id (page->pdata[i]),
                         GUINT_TO_POINTER (start + i));
}

typedef struct
{
  SatchelReplica *replica;
  SatchelQuery *query;
  SatchelListShape *shape;
} Reading;

static gboolean
read_page (Reading *reading, gint64 number, GError **error)
{
  GPtrArray *page;

  if (number < 0 || number >= reading->shape->outline->pages->len ||
      g_hash_table_contains (reading->shape->pages, GUINT_TO_POINTER (number)))
    return TRUE;

  page = satchel_replica_page_at (reading->replica, reading->query, reading->shape->outline, (guint) number, error);
  if (page == NULL)
    return FALSE;

  add_page (reading->shape, (guint) number, page);
  return TRUE;
}

static gboolean
has_all (Reading *reading, GArray *held, guint first, guint end)
{
  for (guint i = first; i < end; i++)
    if (!g_hash_table_contains (reading->shape->positions, g_array_index (held, SatchelHeld, i).id))
      return FALSE;
  return TRUE;
}

/* Looks for what was held of one page: where it was, then further and further away. */
static gboolean
find_page (Reading *reading, GArray *held, guint first, guint end, guint reach, GError **error)
{
  gint64 number = g_array_index (held, SatchelHeld, first).position / reading->shape->outline->page_size;

  for (guint distance = 0; distance <= reach; distance++)
    {
      if (!read_page (reading, number - distance, error) || !read_page (reading, number + distance, error))
        return FALSE;
      if (has_all (reading, held, first, end))
        break;
    }

  return TRUE;
}

static gboolean
find_held (Reading *reading, GArray *held, guint reach, GError **error)
{
  guint page_size = reading->shape->outline->page_size;

  for (guint first = 0, end; first < held->len; first = end)
    {
      guint number = g_array_index (held, SatchelHeld, first).position / page_size;

      for (end = first + 1; end < held->len; end++)
        if (g_array_index (held, SatchelHeld, end).position / page_size != number)
          break;
      if (!find_page (reading, held, first, end, reach, error))
        return FALSE;
    }

  return TRUE;
}

/**
 * satchel_list_shape_read:
 * @held: (element-type SatchelHeld): what is held of the list as it was, by ascending position
 * @n_before: how long the list was
 *
 * Reads how long a list is, where its pages and sections start, its first page
 * and the pages on which that stands which is held. Blocks; for worker threads.
 *
 * Returns: (transfer full): the shape, or %NULL and @error
 */
SatchelListShape *
satchel_list_shape_read (SatchelReplica *replica, SatchelQuery *query, guint page_size, GArray *held, guint n_before,
                         GError **error)
{
  g_autoptr (SatchelListShape) shape = NULL;
  SatchelOutline *outline = satchel_replica_outline (replica, query, page_size, error);
  Reading reading = { replica, query, NULL };
  gint64 growth;
  guint reach;

  if (outline == NULL)
    return NULL;

  shape = reading.shape = satchel_list_shape_new (outline);
  growth = ABS ((gint64) outline->n_records - (gint64) n_before);
  reach = (guint) MIN (REACH + growth / page_size, MAX_REACH);
  if (held->len == 0 && !read_page (&reading, 0, error))
    return NULL;
  if (!find_held (&reading, held, reach, error))
    return NULL;

  return g_steal_pointer (&shape);
}
