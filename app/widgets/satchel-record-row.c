/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-record-row.h"

#include <glib/gi18n.h>

#include "satchel-moment.h"
#include "satchel-record-list-model.h"

/**
 * SatchelRecordRow: a record in a list: what it is called, and below what tells it apart.
 */
struct _SatchelRecordRow
{
  AdwBin parent_instance;

  AdwAvatar *avatar;
  GtkLabel *title;
  GtkLabel *second_line;
  GtkLabel *hint;

  SatchelServices *services;
  SatchelNames *names; /* borrowed from the services */
  SatchelRecordItem *item; /* nullable */
  gulong item_handler;
};

G_DEFINE_FINAL_TYPE (SatchelRecordRow, satchel_record_row, ADW_TYPE_BIN)

/* Words. */

static void
add_part (GString *line, const char *part)
{
  if (part == NULL || *part == '\0')
    return;
  if (line->len > 0)
    g_string_append (line, " · ");
  g_string_append (line, part);
}

static void
add_field (GString *line, SatchelRecord *record, const char *field_name)
{
  const SatchelType *type = satchel_record_get_record_type (record);
  g_autofree char *text = NULL;
  guint index;

  if (!satchel_type_lookup_field (type, field_name, &index))
    return;
  text = satchel_value_to_display (satchel_type_get_field (type, index), satchel_record_get_value (record, index),
                                   NULL);
  add_part (line, text);
}

static void
add_moment (GString *line, const char *time)
{
  g_autofree char *moment = time != NULL ? satchel_moment_to_short_text (time) : NULL;

  add_part (line, moment);
}

/**
 * satchel_record_dup_second_line:
 * @record: a record
 * @names: (nullable): what the records that it refers to are called
 *
 * Returns: (transfer full): what stands below a record's title in a list, maybe ""
 */
char *
satchel_record_dup_second_line (SatchelRecord *record, SatchelNames *names)
{
  const char *type = satchel_type_get_name (satchel_record_get_record_type (record));
  GString *line = g_string_new (NULL);

  if (g_str_equal (type, "account"))
    {
      add_field (line, record, "city");
      add_field (line, record, "stage");
      add_field (line, record, "tier");
      return g_string_free_and_steal (line);
    }

  add_field (line, record, "role");
  if (satchel_type_find_field (satchel_record_get_record_type (record), "account", NULL) && names != NULL)
    add_part (line, satchel_names_lookup (names, satchel_record_get_text (record, "account")));
  if (g_str_equal (type, "activity"))
    add_moment (line, satchel_record_get_text (record, "starts_at"));
  else if (g_str_equal (type, "note"))
    add_moment (line, satchel_record_get_updated_at (record));
  if (g_str_equal (type, "user"))
    add_field (line, record, "email");

  return g_string_free_and_steal (line);
}

/* Whose account it is, where it is somebody else's. */
static const char *
find_hint (SatchelRecordRow *self, SatchelRecord *record)
{
  const char *owner;

  if (!g_str_equal (satchel_type_get_name (satchel_record_get_record_type (record)), "account"))
    return NULL;
  owner = satchel_record_get_text (record, "owner");
  if (owner == NULL || g_strcmp0 (owner, satchel_services_get_user_id (self->services)) == 0)
    return NULL;
  return satchel_names_lookup (self->names, owner);
}

/* The row's life. */

static void
show_record (SatchelRecordRow *self)
{
  SatchelRecord *record = self->item != NULL ? satchel_record_item_get_record (self->item) : NULL;
  g_autofree char *title = record != NULL ? satchel_record_dup_title (record) : NULL;
  g_autofree char *line = record != NULL ? satchel_record_dup_second_line (record, self->names) : NULL;
  const char *hint = record != NULL ? find_hint (self, record) : NULL;

  adw_avatar_set_text (self->avatar, title);
  adw_avatar_set_show_initials (self->avatar, title != NULL);
  gtk_label_set_label (self->title, title != NULL ? title : "");
  gtk_label_set_label (self->second_line, line != NULL ? line : "");
  gtk_widget_set_visible (GTK_WIDGET (self->second_line), line == NULL || *line != '\0');
  gtk_label_set_label (self->hint, hint != NULL ? hint : "");
  gtk_widget_set_visible (GTK_WIDGET (self->hint), hint != NULL);
}

static void
satchel_record_row_dispose (GObject *object)
{
  SatchelRecordRow *self = SATCHEL_RECORD_ROW (object);

  satchel_record_row_set_item (self, NULL);
  g_clear_object (&self->services);
  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_RECORD_ROW);
  G_OBJECT_CLASS (satchel_record_row_parent_class)->dispose (object);
}

static void
satchel_record_row_class_init (SatchelRecordRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = satchel_record_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/satchelcrm/Satchel/widgets/satchel-record-row.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelRecordRow, avatar);
  gtk_widget_class_bind_template_child (widget_class, SatchelRecordRow, title);
  gtk_widget_class_bind_template_child (widget_class, SatchelRecordRow, second_line);
  gtk_widget_class_bind_template_child (widget_class, SatchelRecordRow, hint);
}

static void
satchel_record_row_init (SatchelRecordRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * satchel_record_row_new:
 * @services: looks names up
 *
 * Returns: (transfer floating): a row without a record
 */
GtkWidget *
satchel_record_row_new (SatchelServices *services)
{
  SatchelRecordRow *self = g_object_new (SATCHEL_TYPE_RECORD_ROW, NULL);

  self->services = g_object_ref (services);
  self->names = satchel_names_get_default (services);
  g_signal_connect_object (self->names, "arrived", G_CALLBACK (show_record), self, G_CONNECT_SWAPPED);

  return GTK_WIDGET (self);
}

void
satchel_record_row_set_item (SatchelRecordRow *self, SatchelRecordItem *item)
{
  g_return_if_fail (SATCHEL_IS_RECORD_ROW (self));

  if (self->item == item)
    return;

  if (self->item != NULL)
    g_clear_signal_handler (&self->item_handler, self->item);
  g_set_object (&self->item, item);
  if (item != NULL)
    {
      self->item_handler = g_signal_connect_swapped (item, "notify::record", G_CALLBACK (show_record), self);
      show_record (self);
    }
}

/* Factories. */

static void
setup_cb (GtkListItemFactory *factory, GtkListItem *list_item, SatchelServices *services)
{
  gtk_list_item_set_child (list_item, satchel_record_row_new (services));
}

static void
label_item (SatchelRecordItem *item, GParamSpec *pspec, GtkListItem *list_item)
{
  SatchelRecord *record = satchel_record_item_get_record (item);
  g_autofree char *title = record != NULL ? satchel_record_dup_title (record) : NULL;

  gtk_list_item_set_accessible_label (list_item, title != NULL ? title : "");
}

static void
bind_cb (GtkListItemFactory *factory, GtkListItem *list_item)
{
  SatchelRecordItem *item = gtk_list_item_get_item (list_item);

  satchel_record_row_set_item (SATCHEL_RECORD_ROW (gtk_list_item_get_child (list_item)), item);
  g_signal_connect_object (item, "notify::record", G_CALLBACK (label_item), list_item, G_CONNECT_DEFAULT);
  label_item (item, NULL, list_item);
}

static void
unbind_cb (GtkListItemFactory *factory, GtkListItem *list_item)
{
  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (list_item), label_item, list_item);
  satchel_record_row_set_item (SATCHEL_RECORD_ROW (gtk_list_item_get_child (list_item)), NULL);
}

/**
 * satchel_record_row_factory_new:
 * @services: looks names up; must outlive the factory
 *
 * Returns: (transfer full): makes rows for #SatchelRecordItem
 */
GtkListItemFactory *
satchel_record_row_factory_new (SatchelServices *services)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_cb), services, G_CONNECT_DEFAULT);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), NULL);

  return factory;
}

static void
heading_setup_cb (GtkListItemFactory *factory, GtkListHeader *header)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "heading");
  gtk_list_header_set_child (header, label);
}

static void
heading_bind_cb (GtkListItemFactory *factory, GtkListHeader *header, SatchelRecordListModel *model)
{
  const char *heading = satchel_record_list_model_get_heading (model, gtk_list_header_get_start (header));

  gtk_label_set_label (GTK_LABEL (gtk_list_header_get_child (header)), heading != NULL ? heading : "");
}

/**
 * satchel_heading_factory_new:
 * @model: the list that has the sections
 *
 * Returns: (transfer full): makes the headings of the sections of a list
 */
GtkListItemFactory *
satchel_heading_factory_new (SatchelRecordListModel *model)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (heading_setup_cb), NULL);
  g_signal_connect_object (factory, "bind", G_CALLBACK (heading_bind_cb), model, G_CONNECT_DEFAULT);

  return factory;
}
