/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How a list moves from one state to the next. */

#include "satchel-record-list-model-private.h"

#include "satchel-list-difference.h"

/* Sections. */

static GArray *
copy_sections (SatchelListShape *shape)
{
  GArray *sections = shape->outline->sections;

  return sections != NULL ? g_array_copy (sections) : g_array_new (FALSE, FALSE, sizeof (SatchelSection));
}

static gboolean
same_sections (GArray *a, GArray *b)
{
  gboolean same = a->len == b->len;

  for (guint i = 0; same && i < a->len; i++)
    same = g_array_index (a, SatchelSection, i).start == g_array_index (b, SatchelSection, i).start &&
           g_str_equal (g_array_index (a, SatchelSection, i).heading, g_array_index (b, SatchelSection, i).heading);
  return same;
}

static void
shift_sections (GArray *sections, const SatchelSplice *splice)
{
  guint removed_end = splice->position + splice->removed;

  for (guint i = 1; i < sections->len; i++)
    {
      SatchelSection *section = &g_array_index (sections, SatchelSection, i);

      if (section->start >= removed_end)
        section->start = section->start + splice->added - splice->removed;
      else if (section->start > splice->position)
        section->start = splice->position;
    }
}
/* From one state to the next. */

static void
shift_held (SatchelRecordListModel *self, const SatchelSplice *splice)
{
  g_autoptr (GPtrArray) items = satchel_record_list_dup_held (self);
  guint removed_end = splice->position + splice->removed;

  g_hash_table_remove_all (self->held);
  for (guint i = 0; i < items->len; i++)
    {
      guint position = satchel_record_item_get_position (items->pdata[i]);

      if (position < splice->position)
        satchel_record_list_hold_place (self, items->pdata[i], position);
      else if (position >= removed_end)
        satchel_record_list_hold_place (self, items->pdata[i], position + splice->added - splice->removed);
      else
        satchel_record_list_let_go (items->pdata[i]);
    }
}

static void
splice_list (SatchelRecordListModel *self, const SatchelSplice *splice)
{
  shift_held (self, splice);
  shift_sections (self->sections, splice);
  self->n_items += splice->added - splice->removed;
  g_list_model_items_changed (G_LIST_MODEL (self), splice->position, splice->removed, splice->added);
}

static guint
find_place (SatchelListShape *shape, SatchelRecordItem *item)
{
  const char *id = satchel_record_item_get_id (item);
  guint position;

  if (id == NULL)
    return SATCHEL_PLACE_UNKNOWN;
  position = satchel_list_shape_get_position (shape, id, SATCHEL_PLACE_GONE);
  return position < satchel_list_shape_get_n_items (shape) ? position : SATCHEL_PLACE_GONE;
}

static GArray *
compare_states (SatchelRecordListModel *self, SatchelListShape *shape)
{
  g_autoptr (GPtrArray) items = satchel_record_list_dup_held (self);
  g_autofree SatchelPlace *places = g_new (SatchelPlace, items->len);

  for (guint i = 0; i < items->len; i++)
    {
      places[i].before = satchel_record_item_get_position (items->pdata[i]);
      places[i].after = find_place (shape, items->pdata[i]);
    }

  return satchel_list_difference (places, items->len, self->n_items, satchel_list_shape_get_n_items (shape));
}

static void
take_pages (SatchelRecordListModel *self, SatchelListShape *shape)
{
  GHashTableIter iter;
  gpointer number, page;

  satchel_record_list_forget_pages (self);
  g_hash_table_iter_init (&iter, shape->pages);
  while (g_hash_table_iter_next (&iter, &number, &page))
    satchel_record_list_keep_page (self, GPOINTER_TO_UINT (number), page);
}

static void
refill_places (SatchelRecordListModel *self)
{
  g_autoptr (GPtrArray) items = satchel_record_list_dup_held (self);

  for (guint i = 0; i < items->len; i++)
    {
      guint position = satchel_record_item_get_position (items->pdata[i]);
      SatchelRecord *record = satchel_record_list_peek_record (self, position);

      if (record != NULL)
        satchel_record_item_set_record (items->pdata[i], record);
      else
        satchel_record_list_want_page (self, position / SATCHEL_RECORD_LIST_PAGE);
    }
  satchel_record_list_drop_old_pages (self);
}

static void
take_sections (SatchelRecordListModel *self, GArray *sections)
{
  gboolean same = same_sections (self->sections, sections);

  g_array_unref (self->sections);
  self->sections = sections;
  if (!same && self->n_items > 0)
    gtk_section_model_sections_changed (GTK_SECTION_MODEL (self), 0, self->n_items);
}

static void
take_shape (SatchelRecordListModel *self, SatchelListShape *shape)
{
  g_clear_pointer (&self->shape, satchel_list_shape_unref);
  self->shape = satchel_list_shape_ref (shape);
  self->state++;
}

/* Moves the list to what was read, touching only what changed. */
void
satchel_record_list_move_to (SatchelRecordListModel *self, SatchelListShape *shape)
{
  g_autoptr (GArray) splices = compare_states (self, shape);
  guint n_before = self->n_items;

  self->moving = TRUE;
  take_shape (self, shape);
  take_pages (self, shape);
  for (guint i = 0; i < splices->len; i++)
    splice_list (self, &g_array_index (splices, SatchelSplice, i));
  g_assert (self->n_items == satchel_list_shape_get_n_items (shape));
  take_sections (self, copy_sections (shape));
  self->moving = FALSE;

  refill_places (self);
  satchel_record_list_read_wanted_pages (self);
  if (self->n_items != n_before)
    g_object_notify (G_OBJECT (self), "n-items");
}

/* Starts over: another question has another answer, shown from its start. */
void
satchel_record_list_replace_with (SatchelRecordListModel *self, SatchelListShape *shape)
{
  SatchelSplice all = { 0, self->n_items, 0 };
  guint n_before = self->n_items;

  g_array_set_size (self->sections, 0);
  satchel_record_list_forget_pages (self);
  take_shape (self, shape);
  if (n_before > 0)
    splice_list (self, &all);

  take_pages (self, shape);
  g_array_unref (self->sections);
  self->sections = copy_sections (shape);
  self->n_items = satchel_list_shape_get_n_items (shape);
  if (self->n_items > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, self->n_items);
  if (self->n_items != n_before)
    g_object_notify (G_OBJECT (self), "n-items");
}
