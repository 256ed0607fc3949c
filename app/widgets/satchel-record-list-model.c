/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-record-list-model.h"

#include "satchel-list-difference.h"
#include "satchel-list-shape.h"

#define PAGE_SIZE 100
/* Pages kept beyond what is on screen, so that scrolling back shows no gaps. */
#define N_KEPT_PAGES 16
#define N_READERS 2
/* A list that takes long to read is read anew at most this part of the time. */
#define REST_FACTOR 3

/**
 * SatchelRecordListModel:
 *
 * What a query finds, as a list model for any number of records. How long the
 * list is and where its sections start is read first; a page of records is
 * read when one of its places is shown, and places are held weakly, so that
 * memory follows the screen. When the replica changes, the list is read anew
 * and moves to its new state by the smallest difference: who holds an item
 * keeps it, and scrolling and selection stay where they are.
 *
 * Belongs to the UI thread; reads on worker threads.
 */
struct _SatchelRecordListModel
{
  GObject parent_instance;

  SatchelServices *services;
  SatchelQuery *query;
  gulong changed_handler;

  guint n_items;
  SatchelListShape *shape; /* nullable: not read yet */
  GArray *sections; /* (element-type SatchelSection) */
  GHashTable *held; /* position to item, borrowed */

  GHashTable *pages; /* number to page, owned */
  GQueue kept; /* numbers of pages, the last used first */
  GQueue wanted; /* numbers of pages, the last asked for first */
  guint n_reading;

  guint question; /* counts queries: answers to an earlier one are dropped */
  guint answered; /* the question that the list answers */
  guint state; /* counts readings: pages of an earlier one are dropped */
  guint rest; /* source */
  gboolean reading;
  gboolean stale;
  gboolean moving;
};

enum
{
  PROP_0,
  PROP_ITEM_TYPE,
  PROP_N_ITEMS,
  PROP_SERVICES,
  PROP_QUERY,
  PROP_LOADING,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

enum
{
  MOVED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void list_model_iface_init (GListModelInterface *iface);
static void section_model_iface_init (GtkSectionModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SatchelRecordListModel, satchel_record_list_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init)
                                   G_IMPLEMENT_INTERFACE (GTK_TYPE_SECTION_MODEL, section_model_iface_init))

static void read_list (SatchelRecordListModel *self);
static void read_wanted_pages (SatchelRecordListModel *self);

/* Places. */

static void
item_gone_cb (gpointer owner, SatchelRecordItem *item)
{
  SatchelRecordListModel *self = owner;

  g_hash_table_remove (self->held, GUINT_TO_POINTER (satchel_record_item_get_position (item)));
}

static void
hold_place (SatchelRecordListModel *self, SatchelRecordItem *item, guint position)
{
  satchel_record_item_set_position (item, position);
  g_hash_table_insert (self->held, GUINT_TO_POINTER (position), item);
}

static void
let_go (SatchelRecordItem *item)
{
  satchel_record_item_set_owner (item, NULL, NULL);
}

static SatchelRecord *
peek_record (SatchelRecordListModel *self, guint position)
{
  GPtrArray *page = g_hash_table_lookup (self->pages, GUINT_TO_POINTER (position / PAGE_SIZE));

  return page != NULL && position % PAGE_SIZE < page->len ? page->pdata[position % PAGE_SIZE] : NULL;
}

static gint
compare_items (gconstpointer a, gconstpointer b)
{
  guint first = satchel_record_item_get_position (*(SatchelRecordItem *const *) a);
  guint second = satchel_record_item_get_position (*(SatchelRecordItem *const *) b);

  return first < second ? -1 : first > second;
}

/* What somebody holds, by ascending position; each with a reference. */
static GPtrArray *
list_held (SatchelRecordListModel *self)
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

static void
use_page (SatchelRecordListModel *self, guint number)
{
  g_queue_remove (&self->kept, GUINT_TO_POINTER (number));
  g_queue_push_head (&self->kept, GUINT_TO_POINTER (number));
}

static void
drop_old_pages (SatchelRecordListModel *self)
{
  while (self->kept.length > N_KEPT_PAGES)
    g_hash_table_remove (self->pages, g_queue_pop_tail (&self->kept));
}

static void
keep_page (SatchelRecordListModel *self, guint number, GPtrArray *page)
{
  g_hash_table_insert (self->pages, GUINT_TO_POINTER (number), g_ptr_array_ref (page));
  use_page (self, number);
}

static void
want_page (SatchelRecordListModel *self, guint number)
{
  g_queue_remove (&self->wanted, GUINT_TO_POINTER (number));
  g_queue_push_head (&self->wanted, GUINT_TO_POINTER (number));
  if (!self->moving)
    read_wanted_pages (self);
}

static void
forget_pages (SatchelRecordListModel *self)
{
  g_hash_table_remove_all (self->pages);
  g_queue_clear (&self->kept);
  g_queue_clear (&self->wanted);
}

/* Whether somebody still waits for a record of the page. */
static gboolean
is_awaited (SatchelRecordListModel *self, guint number)
{
  for (guint i = 0; i < PAGE_SIZE; i++)
    {
      SatchelRecordItem *item = g_hash_table_lookup (self->held, GUINT_TO_POINTER (number * PAGE_SIZE + i));

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
      SatchelRecordItem *item = g_hash_table_lookup (self->held, GUINT_TO_POINTER (number * PAGE_SIZE + i));

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
      keep_page (self, reading->number, page);
      drop_old_pages (self);
      fill_places (self, reading->number, page);
    }
  read_wanted_pages (self);

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

static void
read_wanted_pages (SatchelRecordListModel *self)
{
  while (self->n_reading < N_READERS && self->wanted.length > 0 && !self->moving && self->answered == self->question)
    {
      guint number = GPOINTER_TO_UINT (g_queue_pop_head (&self->wanted));

      if (number < self->shape->outline->pages->len && is_awaited (self, number))
        read_page (self, number);
    }
}

/* The list model. */

static GType
satchel_record_list_model_get_item_type (GListModel *model)
{
  return SATCHEL_TYPE_RECORD_ITEM;
}

static guint
satchel_record_list_model_get_n_items (GListModel *model)
{
  return SATCHEL_RECORD_LIST_MODEL (model)->n_items;
}

static gpointer
satchel_record_list_model_get_item (GListModel *model, guint position)
{
  SatchelRecordListModel *self = SATCHEL_RECORD_LIST_MODEL (model);
  SatchelRecordItem *item;
  SatchelRecord *record;

  if (position >= self->n_items)
    return NULL;

  item = g_hash_table_lookup (self->held, GUINT_TO_POINTER (position));
  if (item != NULL)
    return g_object_ref (item);

  record = self->moving ? NULL : peek_record (self, position);
  item = satchel_record_item_new (record);
  satchel_record_item_set_owner (item, self, item_gone_cb);
  hold_place (self, item, position);
  if (record != NULL)
    use_page (self, position / PAGE_SIZE);
  else
    want_page (self, position / PAGE_SIZE);

  return item;
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = satchel_record_list_model_get_item_type;
  iface->get_n_items = satchel_record_list_model_get_n_items;
  iface->get_item = satchel_record_list_model_get_item;
}

/* Sections. */

static guint
find_section (SatchelRecordListModel *self, guint position)
{
  guint low = 0, high = self->sections->len;

  while (high - low > 1)
    {
      guint middle = (low + high) / 2;

      if (g_array_index (self->sections, SatchelSection, middle).start <= position)
        low = middle;
      else
        high = middle;
    }

  return low;
}

static void
satchel_record_list_model_get_section (GtkSectionModel *model, guint position, guint *out_start, guint *out_end)
{
  SatchelRecordListModel *self = SATCHEL_RECORD_LIST_MODEL (model);
  guint section;

  *out_start = position < self->n_items ? 0 : self->n_items;
  *out_end = position < self->n_items ? self->n_items : G_MAXUINT;
  if (position >= self->n_items || self->sections->len == 0)
    return;

  section = find_section (self, position);
  *out_start = (guint) g_array_index (self->sections, SatchelSection, section).start;
  if (section + 1 < self->sections->len)
    *out_end = (guint) MIN (g_array_index (self->sections, SatchelSection, section + 1).start, self->n_items);
}

static void
section_model_iface_init (GtkSectionModelInterface *iface)
{
  iface->get_section = satchel_record_list_model_get_section;
}

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
  g_autoptr (GPtrArray) items = list_held (self);
  guint removed_end = splice->position + splice->removed;

  g_hash_table_remove_all (self->held);
  for (guint i = 0; i < items->len; i++)
    {
      guint position = satchel_record_item_get_position (items->pdata[i]);

      if (position < splice->position)
        hold_place (self, items->pdata[i], position);
      else if (position >= removed_end)
        hold_place (self, items->pdata[i], position + splice->added - splice->removed);
      else
        let_go (items->pdata[i]);
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
  g_autoptr (GPtrArray) items = list_held (self);
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

  forget_pages (self);
  g_hash_table_iter_init (&iter, shape->pages);
  while (g_hash_table_iter_next (&iter, &number, &page))
    keep_page (self, GPOINTER_TO_UINT (number), page);
}

static void
refill_places (SatchelRecordListModel *self)
{
  g_autoptr (GPtrArray) items = list_held (self);

  for (guint i = 0; i < items->len; i++)
    {
      guint position = satchel_record_item_get_position (items->pdata[i]);
      SatchelRecord *record = peek_record (self, position);

      if (record != NULL)
        satchel_record_item_set_record (items->pdata[i], record);
      else
        want_page (self, position / PAGE_SIZE);
    }
  drop_old_pages (self);
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
static void
move_to (SatchelRecordListModel *self, SatchelListShape *shape)
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
  read_wanted_pages (self);
  if (self->n_items != n_before)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_ITEMS]);
}

/* Starts over: another question has another answer, shown from its start. */
static void
replace_with (SatchelRecordListModel *self, SatchelListShape *shape)
{
  SatchelSplice all = { 0, self->n_items, 0 };
  guint n_before = self->n_items;

  g_array_set_size (self->sections, 0);
  forget_pages (self);
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
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_ITEMS]);
}

/* Reading. */

static GArray *
describe_held (SatchelRecordListModel *self)
{
  g_autoptr (GPtrArray) items = list_held (self);
  GArray *held = g_array_new (FALSE, FALSE, sizeof (SatchelHeld));

  g_array_set_clear_func (held, (GDestroyNotify) satchel_held_clear);
  for (guint i = 0; self->answered == self->question && i < items->len; i++)
    {
      const char *id = satchel_record_item_get_id (items->pdata[i]);
      SatchelHeld entry = { satchel_record_item_get_position (items->pdata[i]), g_strdup (id) };

      if (id != NULL)
        g_array_append_val (held, entry);
    }

  return held;
}

typedef struct
{
  SatchelQuery *query;
  GArray *held; /* of a list that answers the same question */
  guint n_before;
} ListRequest;

static void
list_request_free (ListRequest *request)
{
  satchel_query_unref (request->query);
  g_array_unref (request->held);
  g_free (request);
}

static gpointer
read_list_in_background (SatchelReplica *replica, gpointer data, GError **error)
{
  ListRequest *request = data;

  return satchel_list_shape_read (replica, request->query, PAGE_SIZE, request->held, request->n_before, error);
}

static DexFuture *
request_list (SatchelRecordListModel *self)
{
  ListRequest *request = g_new0 (ListRequest, 1);

  request->query = satchel_query_ref (self->query);
  request->held = describe_held (self);
  request->n_before = self->n_items;
  return satchel_services_read (self->services, read_list_in_background, request, (GDestroyNotify) list_request_free,
                                (GDestroyNotify) satchel_list_shape_unref);
}

static gboolean
rest_over_cb (gpointer data)
{
  SatchelRecordListModel *self = data;

  self->rest = 0;
  read_list (self);
  return G_SOURCE_REMOVE;
}

static void
rest_then_read (SatchelRecordListModel *self, gint64 took)
{
  if (self->rest == 0)
    self->rest = g_timeout_add ((guint) (REST_FACTOR * took / 1000), rest_over_cb, self);
}

static void
take_answer (SatchelRecordListModel *self, guint question, SatchelListShape *shape)
{
  gboolean first = self->shape == NULL;

  if (self->answered == question)
    move_to (self, shape);
  else
    replace_with (self, shape);
  self->answered = question;
  if (first)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOADING]);
  g_signal_emit (self, signals[MOVED], 0);
}

static DexFuture *
read_list_fiber (gpointer data)
{
  SatchelRecordListModel *self = data;
  g_autoptr (SatchelListShape) shape = NULL;
  g_autoptr (GError) error = NULL;
  guint question = self->question;
  gint64 started = g_get_monotonic_time ();

  shape = satchel_await (request_list (self), &error);
  if (question != self->question)
    return NULL;

  self->reading = FALSE;
  if (shape != NULL)
    take_answer (self, question, shape);
  else
    g_debug ("A list could not be read: %s", error->message);
  if (self->stale)
    rest_then_read (self, g_get_monotonic_time () - started);

  return NULL;
}

static void
read_list (SatchelRecordListModel *self)
{
  self->reading = TRUE;
  self->stale = FALSE;
  satchel_services_spawn (read_list_fiber, g_object_ref (self), g_object_unref);
}

static void
changed_cb (SatchelServices *services, const SatchelChanges *changes, gpointer data)
{
  SatchelRecordListModel *self = data;

  if (self->query == NULL || !satchel_changes_has_type (changes, satchel_query_get_record_type (self->query)))
    return;

  if (self->reading || self->rest != 0)
    self->stale = TRUE;
  else
    read_list (self);
}

/* The object. */

static void
satchel_record_list_model_constructed (GObject *object)
{
  SatchelRecordListModel *self = SATCHEL_RECORD_LIST_MODEL (object);

  G_OBJECT_CLASS (satchel_record_list_model_parent_class)->constructed (object);

  self->changed_handler = g_signal_connect (self->services, "changed", G_CALLBACK (changed_cb), self);
}

static void
satchel_record_list_model_dispose (GObject *object)
{
  SatchelRecordListModel *self = SATCHEL_RECORD_LIST_MODEL (object);
  GHashTableIter iter;
  gpointer item;

  if (self->services != NULL)
    g_clear_signal_handler (&self->changed_handler, self->services);
  g_clear_handle_id (&self->rest, g_source_remove);
  g_hash_table_iter_init (&iter, self->held);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    let_go (item);
  g_hash_table_remove_all (self->held);

  G_OBJECT_CLASS (satchel_record_list_model_parent_class)->dispose (object);
}

static void
satchel_record_list_model_finalize (GObject *object)
{
  SatchelRecordListModel *self = SATCHEL_RECORD_LIST_MODEL (object);

  forget_pages (self);
  g_hash_table_unref (self->pages);
  g_hash_table_unref (self->held);
  g_array_unref (self->sections);
  g_clear_pointer (&self->shape, satchel_list_shape_unref);
  g_clear_pointer (&self->query, satchel_query_unref);
  g_clear_object (&self->services);

  G_OBJECT_CLASS (satchel_record_list_model_parent_class)->finalize (object);
}

static void
satchel_record_list_model_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  SatchelRecordListModel *self = SATCHEL_RECORD_LIST_MODEL (object);

  switch (prop_id)
    {
    case PROP_ITEM_TYPE:
      g_value_set_gtype (value, SATCHEL_TYPE_RECORD_ITEM);
      break;
    case PROP_N_ITEMS:
      g_value_set_uint (value, self->n_items);
      break;
    case PROP_SERVICES:
      g_value_set_object (value, self->services);
      break;
    case PROP_QUERY:
      g_value_set_boxed (value, self->query);
      break;
    case PROP_LOADING:
      g_value_set_boolean (value, satchel_record_list_model_get_loading (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
satchel_record_list_model_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  SatchelRecordListModel *self = SATCHEL_RECORD_LIST_MODEL (object);

  switch (prop_id)
    {
    case PROP_SERVICES:
      self->services = g_value_dup_object (value);
      break;
    case PROP_QUERY:
      satchel_record_list_model_set_query (self, g_value_get_boxed (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
satchel_record_list_model_class_init (SatchelRecordListModelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = satchel_record_list_model_constructed;
  object_class->dispose = satchel_record_list_model_dispose;
  object_class->finalize = satchel_record_list_model_finalize;
  object_class->get_property = satchel_record_list_model_get_property;
  object_class->set_property = satchel_record_list_model_set_property;

  properties[PROP_ITEM_TYPE] = g_param_spec_gtype ("item-type", NULL, NULL, SATCHEL_TYPE_RECORD_ITEM,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * SatchelRecordListModel:n-items:
   *
   * How many records the query finds; 0 until it is known.
   */
  properties[PROP_N_ITEMS] = g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SERVICES] = g_param_spec_object ("services", NULL, NULL, SATCHEL_TYPE_SERVICES,
                                                   G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_QUERY] = g_param_spec_boxed ("query", NULL, NULL, SATCHEL_TYPE_QUERY,
                                               G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  /**
   * SatchelRecordListModel:loading:
   *
   * Whether nothing is known about the list yet.
   */
  properties[PROP_LOADING] = g_param_spec_boolean ("loading", NULL, NULL, TRUE,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * SatchelRecordListModel::moved:
   *
   * The list shows what was read last; all its changes are made.
   */
  signals[MOVED] = g_signal_new ("moved", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
satchel_record_list_model_init (SatchelRecordListModel *self)
{
  self->sections = g_array_new (FALSE, FALSE, sizeof (SatchelSection));
  self->held = g_hash_table_new (NULL, NULL);
  self->pages = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);
  g_queue_init (&self->kept);
  g_queue_init (&self->wanted);
}

/**
 * satchel_record_list_model_new:
 * @services: reads the records
 * @query: (nullable): which of them; an empty list without one
 *
 * Returns: (transfer full): a new list model
 */
SatchelRecordListModel *
satchel_record_list_model_new (SatchelServices *services, SatchelQuery *query)
{
  g_return_val_if_fail (SATCHEL_IS_SERVICES (services), NULL);

  return g_object_new (SATCHEL_TYPE_RECORD_LIST_MODEL, "services", services, "query", query, NULL);
}

/**
 * satchel_record_list_model_set_query:
 * @query: (nullable): what to show from now on
 *
 * The list stays as it is until the answer is there.
 */
void
satchel_record_list_model_set_query (SatchelRecordListModel *self, SatchelQuery *query)
{
  g_return_if_fail (SATCHEL_IS_RECORD_LIST_MODEL (self));

  if (self->query == query)
    return;

  g_clear_pointer (&self->query, satchel_query_unref);
  self->query = query != NULL ? satchel_query_ref (query) : NULL;
  self->question++;
  self->reading = FALSE;
  g_clear_handle_id (&self->rest, g_source_remove);
  if (query != NULL)
    read_list (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_QUERY]);
}

/**
 * satchel_record_list_model_get_query:
 *
 * Returns: (transfer none) (nullable): what is shown
 */
SatchelQuery *
satchel_record_list_model_get_query (SatchelRecordListModel *self)
{
  g_return_val_if_fail (SATCHEL_IS_RECORD_LIST_MODEL (self), NULL);

  return self->query;
}

/**
 * satchel_record_list_model_get_loading:
 *
 * Returns: whether nothing is known about the list yet
 */
gboolean
satchel_record_list_model_get_loading (SatchelRecordListModel *self)
{
  g_return_val_if_fail (SATCHEL_IS_RECORD_LIST_MODEL (self), FALSE);

  return self->shape == NULL;
}

/**
 * satchel_record_list_model_get_heading:
 * @position: a place in the list
 *
 * Returns: (transfer none) (nullable): the heading that it stands under, in lists that have headings
 */
const char *
satchel_record_list_model_get_heading (SatchelRecordListModel *self, guint position)
{
  g_return_val_if_fail (SATCHEL_IS_RECORD_LIST_MODEL (self), NULL);

  if (self->sections->len == 0)
    return NULL;
  return g_array_index (self->sections, SatchelSection, find_section (self, position)).heading;
}

/**
 * satchel_record_list_model_find:
 * @id: a record's id
 * @position: (out): where it stands
 *
 * Looks for a record among those that are at hand; never reads.
 *
 * Returns: whether it was found
 */
gboolean
satchel_record_list_model_find (SatchelRecordListModel *self, const char *id, guint *position)
{
  GHashTableIter iter;
  gpointer item;

  g_return_val_if_fail (SATCHEL_IS_RECORD_LIST_MODEL (self), FALSE);

  g_hash_table_iter_init (&iter, self->held);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    if (g_strcmp0 (satchel_record_item_get_id (item), id) == 0)
      {
        *position = satchel_record_item_get_position (item);
        return TRUE;
      }

  *position = self->shape != NULL ? satchel_list_shape_get_position (self->shape, id, G_MAXUINT) : G_MAXUINT;
  return *position < self->n_items;
}
