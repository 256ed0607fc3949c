/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The places of a list that somebody holds, and the pages that fill them. */

#include "satchel-record-list-model-private.h"

/* Pages kept beyond what is on screen, so that scrolling back shows no gaps. */
#define N_KEPT_PAGES 16
#define N_READERS 2

/* Places. */

void
satchel_record_list_place_gone_cb (gpointer owner, SatchelRecordItem *item)
{
  SatchelRecordListModel *self = owner;

  g_hash_table_remove (self->held, GUINT_TO_POINTER (satchel_record_item_get_position (item)));
}

void
satchel_record_list_hold_place (SatchelRecordListModel *self, SatchelRecordItem *item, guint position)
{
  satchel_record_item_set_position (item, position);
  g_hash_table_insert (self->held, GUINT_TO_POINTER (position), item);
}

void
satchel_record_list_let_go (SatchelRecordItem *item)
{
  satchel_record_item_set_owner (item, NULL, NULL);
}

SatchelRecord *
satchel_record_list_peek_record (SatchelRecordListModel *self, guint position)
{
  GPtrArray *page = g_hash_table_lookup (self->pages, GUINT_TO_POINTER (position / SATCHEL_RECORD_LIST_PAGE));

  return page != NULL && position % SATCHEL_RECORD_LIST_PAGE < page->len
             ? page->pdata[position % SATCHEL_RECORD_LIST_PAGE]
             : NULL;
}

static gint
compare_items (gconstpointer a, gconstpointer b)
{
  guint first = satchel_record_item_get_position (*(SatchelRecordItem *const *) a);
  guint second = satchel_record_item_get_position (*(SatchelRecordItem *const *) b);

  return first < second ? -1 : first > second;
}

/* What somebody holds, by ascending position; each with a reference. */
GPtrArray *
satchel_record_list_dup_held (SatchelRecordListModel *self)
{
  GPtrArray *items = g_hash_table_get_values_as_ptr_array (self->held);
  g_autoptr (GPtrArray) owned = g_ptr_array_new_full (items->len, g_object_unref);

  for (guint i = 0; i < items->len; i++)
    g_ptr_array_add (owned, g_object_ref (items->pdata[i]));
  g_ptr_array_unref (items);
  g_ptr_array_sort (owned, compare_items);

  return g_steal_pointer (&owned);
}

/* Pages. */

void
satchel_record_list_use_page (SatchelRecordListModel *self, guint number)
{
  g_queue_remove (&self->kept, GUINT_TO_POINTER (number));
  g_queue_push_head (&self->kept, GUINT_TO_POINTER (number));
}

void
satchel_record_list_drop_old_pages (SatchelRecordListModel *self)
{
  while (self->kept.length > N_KEPT_PAGES)
    g_hash_table_remove (self->pages, g_queue_pop_tail (&self->kept));
}

void
satchel_record_list_keep_page (SatchelRecordListModel *self, guint number, GPtrArray *page)
{
  g_hash_table_insert (self->pages, GUINT_TO_POINTER (number), g_ptr_array_ref (page));
  satchel_record_list_use_page (self, number);
}

void
satchel_record_list_want_page (SatchelRecordListModel *self, guint number)
{
  g_queue_remove (&self->wanted, GUINT_TO_POINTER (number));
  g_queue_push_head (&self->wanted, GUINT_TO_POINTER (number));
  if (!self->moving)
    satchel_record_list_read_wanted_pages (self);
}

void
satchel_record_list_forget_pages (SatchelRecordListModel *self)
{
  g_hash_table_remove_all (self->pages);
  g_queue_clear (&self->kept);
  g_queue_clear (&self->wanted);
}

/* Whether somebody still waits for a record of the page. */
static gboolean
is_awaited (SatchelRecordListModel *self, guint number)
{
  for (guint i = 0; i < SATCHEL_RECORD_LIST_PAGE; i++)
    {
      SatchelRecordItem *item = g_hash_table_lookup (self->held,
                                                     GUINT_TO_POINTER (number * SATCHEL_RECORD_LIST_PAGE + i));

      if (item != NULL && satchel_record_item_get_record (item) == NULL)
        return TRUE;
    }
  return FALSE;
}

static void
fill_places (SatchelRecordListModel *self, guint number, GPtrArray *page)
{
  for (guint i = 0; i < page->len; i++)
    {
      SatchelRecordItem *item = g_hash_table_lookup (self->held,
                                                     GUINT_TO_POINTER (number * SATCHEL_RECORD_LIST_PAGE + i));

      if (item != NULL)
        satchel_record_item_set_record (item, page->pdata[i]);
    }
}

typedef struct
{
  SatchelQuery *query;
  SatchelListShape *shape;
  guint number;
} PageRequest;

static void
page_request_free (PageRequest *request)
{
  satchel_query_unref (request->query);
  satchel_list_shape_unref (request->shape);
  g_free (request);
}

static gpointer
read_page_in_background (SatchelReplica *replica, gpointer data, GError **error)
{
  PageRequest *request = data;

  return satchel_replica_page_at (replica, request->query, request->shape->outline, request->number, error);
}

static DexFuture *
request_page (SatchelRecordListModel *self, guint number)
{
  PageRequest *request = g_new0 (PageRequest, 1);

  request->query = satchel_query_ref (self->query);
  request->shape = satchel_list_shape_ref (self->shape);
  request->number = number;
  return satchel_services_read (self->services, read_page_in_background, request, (GDestroyNotify) page_request_free,
                                (GDestroyNotify) g_ptr_array_unref);
}

typedef struct
{
  SatchelRecordListModel *model;
  guint state;
  guint number;
} PageReading;

static void
page_reading_free (PageReading *reading)
{
  g_object_unref (reading->model);
  g_free (reading);
}

static DexFuture *
read_page_fiber (gpointer data)
{
  PageReading *reading = data;
  SatchelRecordListModel *self = reading->model;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) page = satchel_await (request_page (self, reading->number), &error);

  self->n_reading--;
  if (page == NULL)
    g_debug ("A page of a list could not be read: %s", error->message);
  else if (reading->state == self->state)
    {
      satchel_record_list_keep_page (self, reading->number, page);
      satchel_record_list_drop_old_pages (self);
      fill_places (self, reading->number, page);
    }
  satchel_record_list_read_wanted_pages (self);

  return NULL;
}

static void
read_page (SatchelRecordListModel *self, guint number)
{
  PageReading *reading = g_new0 (PageReading, 1);

  reading->model = g_object_ref (self);
  reading->state = self->state;
  reading->number = number;
  self->n_reading++;
  satchel_services_spawn (read_page_fiber, reading, (GDestroyNotify) page_reading_free);
}

void
satchel_record_list_read_wanted_pages (SatchelRecordListModel *self)
{
  while (self->n_reading < N_READERS && self->wanted.length > 0 && !self->moving && self->answered == self->question)
    {
      guint number = GPOINTER_TO_UINT (g_queue_pop_head (&self->wanted));

      if (number < self->shape->outline->pages->len && is_awaited (self, number))
        read_page (self, number);
    }
}
