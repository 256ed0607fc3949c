/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-record-list-model-private.h"

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

static void list_model_iface_init (GListModelInterface *iface);
static void section_model_iface_init (GtkSectionModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SatchelRecordListModel, satchel_record_list_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init)
                                   G_IMPLEMENT_INTERFACE (GTK_TYPE_SECTION_MODEL, section_model_iface_init))

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

  record = self->moving ? NULL : satchel_record_list_peek_record (self, position);
  item = satchel_record_item_new (record);
  satchel_record_item_set_owner (item, self, satchel_record_list_place_gone_cb);
  satchel_record_list_hold_place (self, item, position);
  if (record != NULL)
    satchel_record_list_use_page (self, position / SATCHEL_RECORD_LIST_PAGE);
  else
    satchel_record_list_want_page (self, position / SATCHEL_RECORD_LIST_PAGE);

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

/* The object. */

static void
satchel_record_list_model_constructed (GObject *object)
{
  SatchelRecordListModel *self = SATCHEL_RECORD_LIST_MODEL (object);

  G_OBJECT_CLASS (satchel_record_list_model_parent_class)->constructed (object);

  self->changed_handler = g_signal_connect (self->services, "changed", G_CALLBACK (satchel_record_list_changed_cb),
                                            self);
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
    satchel_record_list_let_go (item);
  g_hash_table_remove_all (self->held);

  G_OBJECT_CLASS (satchel_record_list_model_parent_class)->dispose (object);
}

static void
satchel_record_list_model_finalize (GObject *object)
{
  SatchelRecordListModel *self = SATCHEL_RECORD_LIST_MODEL (object);

  satchel_record_list_forget_pages (self);
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
  g_signal_new ("moved", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
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
    satchel_record_list_read (self);
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
