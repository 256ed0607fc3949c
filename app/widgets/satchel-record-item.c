/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-record-item.h"

/**
 * SatchelRecordItem:
 *
 * A place in a list: the record that stands there, or nothing yet while its
 * page is being read. Belongs to the thread that draws.
 */
struct _SatchelRecordItem
{
  GObject parent_instance;

  SatchelRecord *record;
  guint position;

  /* Borrowed: the list that hands the item out and must hear when nobody holds it any more. */
  gpointer owner;
  SatchelRecordItemGone gone;
};

enum
{
  PROP_0,
  PROP_RECORD,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (SatchelRecordItem, satchel_record_item, G_TYPE_OBJECT)

static void
satchel_record_item_finalize (GObject *object)
{
  SatchelRecordItem *self = SATCHEL_RECORD_ITEM (object);

  if (self->owner != NULL)
    self->gone (self->owner, self);
  g_clear_pointer (&self->record, satchel_record_unref);

  G_OBJECT_CLASS (satchel_record_item_parent_class)->finalize (object);
}

static void
satchel_record_item_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  SatchelRecordItem *self = SATCHEL_RECORD_ITEM (object);

  switch (prop_id)
    {
    case PROP_RECORD:
      g_value_set_boxed (value, self->record);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
satchel_record_item_class_init (SatchelRecordItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = satchel_record_item_finalize;
  object_class->get_property = satchel_record_item_get_property;

  /**
   * SatchelRecordItem:record: (nullable)
   *
   * The record, or %NULL while it is being read.
   */
  properties[PROP_RECORD] = g_param_spec_boxed ("record", NULL, NULL, SATCHEL_TYPE_RECORD,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
satchel_record_item_init (SatchelRecordItem *self)
{
}

/**
 * satchel_record_item_new:
 * @record: (nullable): the record, or %NULL while it is being read
 *
 * Returns: (transfer full): a new item
 */
SatchelRecordItem *
satchel_record_item_new (SatchelRecord *record)
{
  SatchelRecordItem *self = g_object_new (SATCHEL_TYPE_RECORD_ITEM, NULL);

  satchel_record_item_set_record (self, record);
  return self;
}

/**
 * satchel_record_item_get_record:
 *
 * Returns: (transfer none) (nullable): the record, or %NULL while it is being read
 */
SatchelRecord *
satchel_record_item_get_record (SatchelRecordItem *self)
{
  g_return_val_if_fail (SATCHEL_IS_RECORD_ITEM (self), NULL);

  return self->record;
}

/**
 * satchel_record_item_set_record:
 * @record: (nullable) (transfer none): the record that stands here now
 */
void
satchel_record_item_set_record (SatchelRecordItem *self, SatchelRecord *record)
{
  g_return_if_fail (SATCHEL_IS_RECORD_ITEM (self));

  if (self->record == record)
    return;

  g_clear_pointer (&self->record, satchel_record_unref);
  if (record != NULL)
    self->record = satchel_record_ref (record);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECORD]);
}

/**
 * satchel_record_item_get_id:
 *
 * Returns: (nullable): the record's id, or %NULL while it is being read
 */
const char *
satchel_record_item_get_id (SatchelRecordItem *self)
{
  g_return_val_if_fail (SATCHEL_IS_RECORD_ITEM (self), NULL);

  return self->record != NULL ? satchel_record_get_id (self->record) : NULL;
}

guint
satchel_record_item_get_position (SatchelRecordItem *self)
{
  g_return_val_if_fail (SATCHEL_IS_RECORD_ITEM (self), G_MAXUINT);

  return self->position;
}

void
satchel_record_item_set_position (SatchelRecordItem *self, guint position)
{
  g_return_if_fail (SATCHEL_IS_RECORD_ITEM (self));

  self->position = position;
}

/**
 * satchel_record_item_set_owner:
 * @owner: (nullable): the list that hands the item out; clears it before it goes itself
 * @gone: called with @owner when the last reference is dropped
 *
 * Lets a list know its items without holding them.
 */
void
satchel_record_item_set_owner (SatchelRecordItem *self, gpointer owner, SatchelRecordItemGone gone)
{
  g_return_if_fail (SATCHEL_IS_RECORD_ITEM (self));

  self->owner = owner;
  self->gone = gone;
}
