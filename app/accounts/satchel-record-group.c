/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-record-group.h"

#include <glib/gi18n.h>

#include "widgets/satchel-item-store.h"

#define FIRST_LIMIT 50
#define LIMIT_STEP 100

/**
 * SatchelRecordGroup: some of the records that hang on an account, in a box.
 */
struct _SatchelRecordGroup
{
  AdwBin parent_instance;

  GtkWidget *heading_label;
  GtkLabel *empty;
  GtkListBox *list;
  GtkWidget *more;

  SatchelServices *services;
  char *heading; /* nullable */
  const SatchelGroupKind *kind;
  GListStore *store;

  char *account_id; /* nullable */
  guint limit;
  guint question; /* counts accounts and limits: answers to an earlier one are dropped */
  gboolean reading;
  gboolean stale;
};

enum
{
  PROP_0,
  PROP_HEADING,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (SatchelRecordGroup, satchel_record_group, ADW_TYPE_BIN)

static void read_records (SatchelRecordGroup *self);

typedef struct
{
  SatchelGatherFunc gather;
  char *account_id;
  guint limit;
} Request;

static void
request_free (Request *request)
{
  g_free (request->account_id);
  g_free (request);
}

static gpointer
gather_in_background (SatchelReplica *replica, gpointer data, GError **error)
{
  Request *request = data;

  /* One more tells whether there are more. */
  return request->gather (replica, request->account_id, request->limit + 1, error);
}

static DexFuture *
request_records (SatchelRecordGroup *self)
{
  Request *request = g_new0 (Request, 1);

  request->gather = self->kind->gather;
  request->account_id = g_strdup (self->account_id);
  request->limit = self->limit;
  return satchel_services_read (self->services, gather_in_background, request, (GDestroyNotify) request_free,
                                (GDestroyNotify) g_ptr_array_unref);
}

static void
take_records (SatchelRecordGroup *self, GPtrArray *records)
{
  gboolean has_more = records->len > self->limit;

  if (has_more)
    g_ptr_array_set_size (records, (gint) self->limit);
  satchel_item_store_update (self->store, records);
  gtk_widget_set_visible (self->more, has_more);
  gtk_widget_set_visible (GTK_WIDGET (self->list), records->len > 0);
  gtk_widget_set_visible (self->heading_label, records->len > 0 && self->heading != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->empty), records->len == 0 && self->kind->empty != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self), records->len > 0 || self->kind->empty != NULL);
}

static DexFuture *
read_fiber (gpointer data)
{
  SatchelRecordGroup *self = data;
  guint question = self->question;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = NULL;

  if (self->account_id == NULL)
    return NULL;
  records = satchel_await (request_records (self), &error);
  if (question != self->question || self->account_id == NULL)
    return NULL;

  self->reading = FALSE;
  if (records != NULL)
    take_records (self, records);
  else
    g_debug ("A group of records could not be read: %s", error->message);
  if (self->stale)
    read_records (self);

  return NULL;
}

static void
read_records (SatchelRecordGroup *self)
{
  self->reading = TRUE;
  self->stale = FALSE;
  satchel_services_spawn (read_fiber, g_object_ref (self), g_object_unref);
}

static gboolean
concerns (SatchelRecordGroup *self, const SatchelChanges *changes)
{
  for (guint i = 0; self->kind->types[i] != NULL; i++)
    if (satchel_changes_has_type (changes, satchel_services_get_record_type (self->services, self->kind->types[i])))
      return TRUE;
  return FALSE;
}

static void
changed_cb (SatchelRecordGroup *self, const SatchelChanges *changes)
{
  if (self->account_id == NULL || !concerns (self, changes))
    return;
  if (self->reading)
    self->stale = TRUE;
  else
    read_records (self);
}

static void
more_cb (SatchelRecordGroup *self)
{
  self->limit += LIMIT_STEP;
  self->question++;
  read_records (self);
}

static GtkWidget *
make_row (gpointer item, gpointer data)
{
  SatchelRecordGroup *self = data;

  return self->kind->make_row (item, self->services);
}

static void
satchel_record_group_dispose (GObject *object)
{
  SatchelRecordGroup *self = SATCHEL_RECORD_GROUP (object);

  g_clear_pointer (&self->account_id, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_RECORD_GROUP);
  g_clear_object (&self->services);
  g_clear_object (&self->store);
  g_clear_pointer (&self->heading, g_free);
  G_OBJECT_CLASS (satchel_record_group_parent_class)->dispose (object);
}

static void
satchel_record_group_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_HEADING:
      g_value_set_string (value, SATCHEL_RECORD_GROUP (object)->heading);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
satchel_record_group_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_HEADING:
      if (g_set_str (&SATCHEL_RECORD_GROUP (object)->heading, g_value_get_string (value)))
        g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
satchel_record_group_class_init (SatchelRecordGroupClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = satchel_record_group_dispose;
  object_class->get_property = satchel_record_group_get_property;
  object_class->set_property = satchel_record_group_set_property;

  /**
   * SatchelRecordGroup:heading: (nullable)
   *
   * What stands above the records, when there are any.
   */
  properties[PROP_HEADING] = g_param_spec_string ("heading", NULL, NULL, NULL,
                                                  G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/satchelcrm/Satchel/accounts/satchel-record-group.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelRecordGroup, heading_label);
  gtk_widget_class_bind_template_child (widget_class, SatchelRecordGroup, empty);
  gtk_widget_class_bind_template_child (widget_class, SatchelRecordGroup, list);
  gtk_widget_class_bind_template_child (widget_class, SatchelRecordGroup, more);
  gtk_widget_class_bind_template_callback (widget_class, more_cb);
}

static void
satchel_record_group_init (SatchelRecordGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->store = satchel_item_store_new ();
  self->limit = FIRST_LIMIT;
}

/**
 * satchel_record_group_set_up:
 * @services: reads the records
 * @kind: which records, and how they look; must outlive the group
 */
void
satchel_record_group_set_up (SatchelRecordGroup *self, SatchelServices *services, const SatchelGroupKind *kind)
{
  g_return_if_fail (SATCHEL_IS_RECORD_GROUP (self));
  g_return_if_fail (self->services == NULL);

  self->services = g_object_ref (services);
  self->kind = kind;
  if (kind->empty != NULL)
    gtk_label_set_label (self->empty, _ (kind->empty));
  gtk_list_box_bind_model (self->list, G_LIST_MODEL (self->store), make_row, self, NULL);
  g_signal_connect_object (services, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
}

/**
 * satchel_record_group_set_account:
 * @account_id: (nullable): whose records
 */
void
satchel_record_group_set_account (SatchelRecordGroup *self, const char *account_id)
{
  g_return_if_fail (SATCHEL_IS_RECORD_GROUP (self));

  if (!g_set_str (&self->account_id, account_id))
    return;

  self->question++;
  self->limit = FIRST_LIMIT;
  g_list_store_remove_all (self->store);
  gtk_widget_set_visible (GTK_WIDGET (self->list), FALSE);
  gtk_widget_set_visible (self->heading_label, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->empty), FALSE);
  gtk_widget_set_visible (self->more, FALSE);
  if (account_id != NULL)
    read_records (self);
}

GListModel *
satchel_record_group_get_model (SatchelRecordGroup *self)
{
  g_return_val_if_fail (SATCHEL_IS_RECORD_GROUP (self), NULL);

  return G_LIST_MODEL (self->store);
}
