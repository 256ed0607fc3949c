/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-set-row.h"

#include <glib/gi18n.h>

#include "satchel-record-chooser.h"
#include "satchel-titles.h"

/**
 * SatchelSetRow: a set: each member a pill that goes when it is pressed; new
 * ones are typed, or chosen where the members are other records.
 */
struct _SatchelSetRow
{
  AdwPreferencesRow parent_instance;

  AdwWrapBox *pills;
  GtkEntry *entry;
  GtkWidget *add_button;

  SatchelServices *services; /* nullable */
  GPtrArray *members; /* (element-type utf8) */
  GHashTable *titles; /* nullable: of members that are records */
};

static void field_row_iface_init (SatchelFieldRowInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SatchelSetRow, satchel_set_row, ADW_TYPE_PREFERENCES_ROW,
                               G_IMPLEMENT_INTERFACE (SATCHEL_TYPE_FIELD_ROW, field_row_iface_init))

static void show_pills (SatchelSetRow *self);

static gboolean
has_target (SatchelSetRow *self)
{
  return satchel_field_row_get_field (SATCHEL_FIELD_ROW (self))->target != NULL;
}

static void
edited (SatchelSetRow *self)
{
  show_pills (self);
  satchel_field_row_edited (SATCHEL_FIELD_ROW (self));
}

static void
remove_cb (SatchelSetRow *self, GtkWidget *pill)
{
  const char *member = g_object_get_data (G_OBJECT (pill), "satchel-member");
  guint index;

  if (!g_ptr_array_find_with_equal_func (self->members, member, g_str_equal, &index))
    return;
  g_ptr_array_remove_index (self->members, index);
  edited (self);
  satchel_field_row_finished (SATCHEL_FIELD_ROW (self));
}

static GtkWidget *
make_pill (SatchelSetRow *self, const char *member)
{
  const char *title = self->titles != NULL ? g_hash_table_lookup (self->titles, member) : NULL;
  const char *text = title != NULL ? title : has_target (self) ? "…" : member;
  g_autofree char *tooltip = g_strdup_printf (_ ("Remove “%s”"), text);
  GtkWidget *pill = gtk_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("window-close-symbolic"));
  gtk_button_set_child (GTK_BUTTON (pill), box);
  gtk_widget_set_tooltip_text (pill, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (pill), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip, -1);
  gtk_widget_add_css_class (pill, "satchel-pill");
  g_object_set_data_full (G_OBJECT (pill), "satchel-member", g_strdup (member), g_free);
  g_signal_connect_swapped (pill, "clicked", G_CALLBACK (remove_cb), self);

  return pill;
}

static void
show_pills (SatchelSetRow *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->pills))) != NULL)
    adw_wrap_box_remove (self->pills, child);
  for (guint i = 0; i < self->members->len; i++)
    adw_wrap_box_append (self->pills, make_pill (self, self->members->pdata[i]));
  gtk_widget_set_visible (GTK_WIDGET (self->pills), self->members->len > 0);
}

static void
take_titles (gpointer owner, GHashTable *titles)
{
  SatchelSetRow *self = owner;

  g_clear_pointer (&self->titles, g_hash_table_unref);
  self->titles = g_hash_table_ref (titles);
  show_pills (self);
}

static void
fetch_titles (SatchelSetRow *self)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  if (!has_target (self) || self->services == NULL || self->members->len == 0)
    return;
  for (guint i = 0; i < self->members->len; i++)
    g_ptr_array_add (ids, self->members->pdata[i]);
  g_ptr_array_add (ids, NULL);
  satchel_titles_fetch (self->services, (const char *const *) ids->pdata, self, take_titles);
}

/* Several at once, with commas between them. */
static gboolean
add_members (SatchelSetRow *self, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  gboolean added = FALSE;

  for (guint i = 0; parts[i] != NULL; i++)
    {
      const char *member = g_strstrip (parts[i]);

      if (*member == '\0' || g_ptr_array_find_with_equal_func (self->members, member, g_str_equal, NULL))
        continue;
      g_ptr_array_add (self->members, g_strdup (member));
      added = TRUE;
    }

  return added;
}

/* What is typed becomes members when the person is done with it. */
static void
entry_finished_cb (SatchelSetRow *self)
{
  gboolean added = add_members (self, gtk_editable_get_text (GTK_EDITABLE (self->entry)));

  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  if (!added)
    return;
  edited (self);
  satchel_field_row_finished (SATCHEL_FIELD_ROW (self));
}

static void
entry_changed_cb (SatchelSetRow *self)
{
  if (*gtk_editable_get_text (GTK_EDITABLE (self->entry)) != '\0')
    satchel_field_row_edited (SATCHEL_FIELD_ROW (self));
}

static void
chosen_cb (gpointer owner, SatchelRecord *record)
{
  SatchelSetRow *self = owner;

  if (!add_members (self, satchel_record_get_id (record)))
    return;
  edited (self);
  fetch_titles (self);
  satchel_field_row_finished (SATCHEL_FIELD_ROW (self));
}

static void
add_cb (SatchelSetRow *self)
{
  if (self->services != NULL)
    satchel_record_chooser_present (GTK_WIDGET (self), self->services,
                                    satchel_field_row_get_field (SATCHEL_FIELD_ROW (self))->target, NULL, chosen_cb);
}

static void
satchel_set_row_show (SatchelFieldRow *row, const SatchelValue *value)
{
  SatchelSetRow *self = SATCHEL_SET_ROW (row);
  g_auto (GStrv) members = satchel_value_dup_set (value);

  g_ptr_array_set_size (self->members, 0);
  for (guint i = 0; members != NULL && members[i] != NULL; i++)
    g_ptr_array_add (self->members, g_strdup (members[i]));
  gtk_widget_set_visible (GTK_WIDGET (self->entry), !has_target (self));
  gtk_widget_set_visible (self->add_button, has_target (self));
  show_pills (self);
  fetch_titles (self);
}

/* What is typed and not a pill yet counts: it must not be lost. */
static gboolean
satchel_set_row_read (SatchelFieldRow *row, SatchelValue *value, GError **error)
{
  SatchelSetRow *self = SATCHEL_SET_ROW (row);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) typed = g_strsplit (gtk_editable_get_text (GTK_EDITABLE (self->entry)), ",", -1);

  for (guint i = 0; i < self->members->len; i++)
    g_strv_builder_add (builder, self->members->pdata[i]);
  for (guint i = 0; typed[i] != NULL; i++)
    if (*g_strstrip (typed[i]) != '\0')
      g_strv_builder_add (builder, typed[i]);

  satchel_value_take_set (value, g_strv_builder_end (builder));
  return TRUE;
}

static void
field_row_iface_init (SatchelFieldRowInterface *iface)
{
  iface->show = satchel_set_row_show;
  iface->read = satchel_set_row_read;
}

static void
satchel_set_row_finalize (GObject *object)
{
  SatchelSetRow *self = SATCHEL_SET_ROW (object);

  g_clear_object (&self->services);
  g_clear_pointer (&self->titles, g_hash_table_unref);
  g_ptr_array_unref (self->members);
  G_OBJECT_CLASS (satchel_set_row_parent_class)->finalize (object);
}

static void
satchel_set_row_class_init (SatchelSetRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = satchel_set_row_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/satchelcrm/Satchel/widgets/satchel-set-row.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelSetRow, pills);
  gtk_widget_class_bind_template_child (widget_class, SatchelSetRow, entry);
  gtk_widget_class_bind_template_child (widget_class, SatchelSetRow, add_button);
  gtk_widget_class_bind_template_callback (widget_class, entry_finished_cb);
  gtk_widget_class_bind_template_callback (widget_class, entry_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, add_cb);
}

static void
satchel_set_row_init (SatchelSetRow *self)
{
  self->members = g_ptr_array_new_with_free_func (g_free);
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
satchel_set_row_set_services (SatchelSetRow *self, SatchelServices *services)
{
  g_return_if_fail (SATCHEL_IS_SET_ROW (self));

  g_set_object (&self->services, services);
}
