/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-record-chooser.h"

#include <glib/gi18n.h>

#include "satchel-record-list-model.h"
#include "satchel-record-row.h"

/**
 * SatchelRecordChooser: a list with a search from which one record is chosen.
 */
struct _SatchelRecordChooser
{
  AdwDialog parent_instance;

  GtkSearchEntry *search;
  GtkStack *stack;
  GtkListView *list;
  AdwWindowTitle *heading;

  SatchelServices *services;
  const SatchelType *type;
  char *account_id; /* nullable */
  SatchelRecordListModel *model;

  GObject *owner;
  SatchelChosenFunc func;
};

G_DEFINE_FINAL_TYPE (SatchelRecordChooser, satchel_record_chooser, ADW_TYPE_DIALOG)

static SatchelQuery *
make_query (SatchelRecordChooser *self)
{
  SatchelQuery *query = satchel_query_new (self->type);
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search));

  if (self->account_id != NULL && satchel_type_find_field (self->type, "account", NULL))
    satchel_query_where_text (query, "account", self->account_id, NULL);
  if (*text != '\0')
    satchel_query_set_search (query, text);

  return query;
}

static void
search_cb (SatchelRecordChooser *self)
{
  g_autoptr (SatchelQuery) query = make_query (self);

  satchel_record_list_model_set_query (self->model, query);
}

static void
model_cb (SatchelRecordChooser *self)
{
  gboolean empty = g_list_model_get_n_items (G_LIST_MODEL (self->model)) == 0 &&
                   !satchel_record_list_model_get_loading (self->model);

  gtk_stack_set_visible_child_name (self->stack, empty ? "empty" : "list");
}

static void
activate_cb (SatchelRecordChooser *self, guint position)
{
  g_autoptr (SatchelRecordItem) item = g_list_model_get_item (G_LIST_MODEL (self->model), position);
  SatchelRecord *record = item != NULL ? satchel_record_item_get_record (item) : NULL;

  if (record == NULL)
    return;
  self->func (self->owner, record);
  adw_dialog_close (ADW_DIALOG (self));
}

/* Enter in the search takes the first. */
static void
search_activate_cb (SatchelRecordChooser *self)
{
  activate_cb (self, 0);
}

static void
satchel_record_chooser_dispose (GObject *object)
{
  SatchelRecordChooser *self = SATCHEL_RECORD_CHOOSER (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_RECORD_CHOOSER);
  g_clear_object (&self->model);
  g_clear_object (&self->services);
  g_clear_object (&self->owner);
  g_clear_pointer (&self->account_id, g_free);
  G_OBJECT_CLASS (satchel_record_chooser_parent_class)->dispose (object);
}

static void
satchel_record_chooser_class_init (SatchelRecordChooserClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = satchel_record_chooser_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/satchelcrm/Satchel/widgets/satchel-record-chooser.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelRecordChooser, search);
  gtk_widget_class_bind_template_child (widget_class, SatchelRecordChooser, stack);
  gtk_widget_class_bind_template_child (widget_class, SatchelRecordChooser, list);
  gtk_widget_class_bind_template_child (widget_class, SatchelRecordChooser, heading);
  gtk_widget_class_bind_template_callback (widget_class, search_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
}

static void
satchel_record_chooser_init (SatchelRecordChooser *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
set_up (SatchelRecordChooser *self)
{
  g_autoptr (SatchelQuery) query = make_query (self);
  g_autoptr (GtkListItemFactory) factory = satchel_record_row_factory_new (self->services);
  g_autoptr (GtkSelectionModel) selection = NULL;

  self->model = satchel_record_list_model_new (self->services, query);
  selection = GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->model))));
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_model (self->list, selection);
  g_signal_connect_object (self->model, "notify::n-items", G_CALLBACK (model_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->model, "notify::loading", G_CALLBACK (model_cb), self, G_CONNECT_SWAPPED);
  adw_window_title_set_title (self->heading, satchel_type_get_display_label (self->type));
  adw_dialog_set_title (ADW_DIALOG (self), satchel_type_get_display_label (self->type));
}

/**
 * satchel_record_chooser_present:
 * @parent: the widget over which it appears
 * @services: reads the records
 * @type: the name of the type to choose from
 * @account_id: (nullable): offers only what hangs on this account
 * @func: called with @parent and the chosen record
 */
void
satchel_record_chooser_present (GtkWidget *parent, SatchelServices *services, const char *type, const char *account_id,
                                SatchelChosenFunc func)
{
  SatchelRecordChooser *self = g_object_new (SATCHEL_TYPE_RECORD_CHOOSER, NULL);

  self->services = g_object_ref (services);
  self->type = satchel_services_get_record_type (services, type);
  self->account_id = g_strdup (account_id);
  self->owner = g_object_ref (G_OBJECT (parent));
  self->func = func;
  set_up (self);
  adw_dialog_present (ADW_DIALOG (self), parent);
}
