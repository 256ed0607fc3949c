/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-conflict-card.h"

#include <glib/gi18n.h>

#include "satchel-conflict-editor.h"
#include "satchel-diff-view.h"
#include "satchel-version-view.h"

/* Beside each other as long as each is wide enough to read. */
#define VERSION_WIDTH 190
#define MAX_COLUMNS 4

struct _SatchelConflictCard
{
  AdwBin parent_instance;

  GtkLabel *title;
  GtkLabel *question;
  GtkBox *body;

  SatchelServices *services;
  SatchelConflictCase *shown;
  gboolean narrow;
};

G_DEFINE_FINAL_TYPE (SatchelConflictCard, satchel_conflict_card, ADW_TYPE_BIN)

enum
{
  PROP_NARROW = 1,
  N_PROPERTIES
};
static GParamSpec *properties[N_PROPERTIES];

/* ---- Settling ---- */

static void
settle (SatchelConflictCard *self, SatchelEdit *edit)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self), FALSE);
  dex_future_disown (satchel_services_commit (self->services, edit, _ ("Conflict settled")));
}

static void
keep (SatchelConflictCard *self, guint version)
{
  const SatchelVersion *kept = g_ptr_array_index (self->shown->versions, version);
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (GError) error = NULL;

  if (kept->kind == SATCHEL_VERSION_CURRENT)
    satchel_edit_resolve_keep_current (edit, self->shown->conflict, self->shown->target);
  else if (!satchel_edit_resolve_keep_value (edit, self->shown->conflict, self->shown->target, kept->number, &error))
    {
      satchel_services_show_error (self->services, _ ("Not settled"), error);
      return;
    }
  settle (self, edit);
}

static void
keep_cb (SatchelConflictCard *self, GtkWidget *widget)
{
  keep (self, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (widget), "satchel-version")));
}

static void
edited_cb (SatchelConflictCard *self, JsonObject *value)
{
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (GError) error = NULL;

  if (satchel_edit_resolve_with (edit, self->shown->conflict, self->shown->target, value, &error))
    settle (self, edit);
  else
    satchel_services_show_error (self->services, _ ("Not settled"), error);
}

static void
edit_cb (SatchelConflictCard *self)
{
  AdwDialog *editor = satchel_conflict_editor_new (self->services, self->shown);

  g_signal_connect_object (editor, "settled", G_CALLBACK (edited_cb), self, G_CONNECT_SWAPPED);
  adw_dialog_present (editor, GTK_WIDGET (self));
}

static void
history_cb (SatchelConflictCard *self)
{
  const SatchelRecord *target = self->shown->target;

  gtk_widget_activate_action (GTK_WIDGET (self), "win.history", "(ss)",
                              satchel_type_get_name (satchel_record_get_record_type (target)),
                              satchel_record_get_id (target));
}

static void
open_cb (SatchelConflictCard *self)
{
  const SatchelRecord *target = self->shown->target;

  satchel_services_open_record (self->services, satchel_type_get_name (satchel_record_get_record_type (target)),
                                satchel_record_get_id (target));
}

/* ---- Showing ---- */

static GtkWidget *
create_columns (SatchelConflictCard *self)
{
  GtkWidget *columns = gtk_flow_box_new ();
  guint n_versions = self->shown->versions->len;

  gtk_widget_add_css_class (columns, "versions");
  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (columns), GTK_SELECTION_NONE);
  g_object_bind_property (self, "narrow", columns, "homogeneous", G_BINDING_SYNC_CREATE | G_BINDING_INVERT_BOOLEAN);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (columns), MIN (n_versions, MAX_COLUMNS));
  gtk_flow_box_set_column_spacing (GTK_FLOW_BOX (columns), 12);
  gtk_flow_box_set_row_spacing (GTK_FLOW_BOX (columns), 12);
  for (guint i = 0; i < n_versions; i++)
    {
      GtkWidget *view = satchel_version_view_new (self->shown, i);

      g_object_set_data (G_OBJECT (view), "satchel-version", GUINT_TO_POINTER (i));
      g_signal_connect_object (view, "keep", G_CALLBACK (keep_cb), self, G_CONNECT_SWAPPED);
      gtk_widget_set_size_request (view, VERSION_WIDTH, -1);
      gtk_flow_box_append (GTK_FLOW_BOX (columns), view);
      gtk_widget_set_focusable (gtk_widget_get_parent (view), FALSE);
    }
  return columns;
}

static char *
dup_text (SatchelConflictCard *self, guint version)
{
  char *text = satchel_version_dup_value (g_ptr_array_index (self->shown->versions, version), self->shown, 0);

  return text != NULL ? text : g_strdup ("");
}

static void
append_diffs (SatchelConflictCard *self)
{
  g_autofree char *base = dup_text (self, 0);
  g_autofree char *current = dup_text (self, 1);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  for (guint i = 2; i < self->shown->versions->len; i++)
    {
      const SatchelVersion *version = g_ptr_array_index (self->shown->versions, i);
      g_autofree char *text = dup_text (self, i);
      g_autofree char *author = satchel_version_dup_heading (version, now);
      GtkWidget *label = gtk_label_new (author);

      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_label_set_wrap (GTK_LABEL (label), TRUE);
      gtk_widget_add_css_class (label, "caption");
      gtk_box_append (self->body, label);
      gtk_box_append (self->body, satchel_diff_view_new (base, current, text, _ ("On the server now"),
                                                         satchel_version_get_title (version)));
    }
}

static void
add_button (GtkWidget *box, SatchelConflictCard *self, const char *label, GCallback clicked, guint version)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_button_set_can_shrink (GTK_BUTTON (button), TRUE);
  g_object_set_data (G_OBJECT (button), "satchel-version", GUINT_TO_POINTER (version));
  g_signal_connect_object (button, "clicked", clicked, self, G_CONNECT_SWAPPED);
  adw_wrap_box_append (ADW_WRAP_BOX (box), button);
}

static char *
dup_keep_label (const SatchelVersion *version)
{
  if (version->kind == SATCHEL_VERSION_CURRENT)
    return g_strdup (_ ("Keep the server's"));
  if (version->mine || version->author == NULL)
    return g_strdup (version->mine ? _ ("Keep yours") : _ ("Keep the colleague's"));
  /* Translators: %s is a person's name. */
  return g_strdup_printf (_ ("Keep that of %s"), version->author);
}

static gboolean
is_comparable_text (SatchelConflictCard *self)
{
  const SatchelVersion *current = g_ptr_array_index (self->shown->versions, 1);

  return satchel_conflict_case_is_text (self->shown) && !current->deleted && self->shown->rows->len == 1;
}

static GtkWidget *
create_buttons (SatchelConflictCard *self)
{
  GtkWidget *box = adw_wrap_box_new ();

  adw_wrap_box_set_child_spacing (ADW_WRAP_BOX (box), 6);
  adw_wrap_box_set_line_spacing (ADW_WRAP_BOX (box), 6);
  for (guint i = 1; is_comparable_text (self) && i < self->shown->versions->len; i++)
    {
      g_autofree char *label = dup_keep_label (g_ptr_array_index (self->shown->versions, i));

      add_button (box, self, label, G_CALLBACK (keep_cb), i);
    }
  if (satchel_conflict_editor_can_edit (self->shown))
    add_button (box, self, _ ("Edit…"), G_CALLBACK (edit_cb), 0);
  add_button (box, self, _ ("History"), G_CALLBACK (history_cb), 0);
  return box;
}

static void
fill (SatchelConflictCard *self)
{
  g_autofree char *question = satchel_conflict_case_dup_question (self->shown);
  GtkWidget *child;

  gtk_label_set_label (self->title, self->shown->title);
  gtk_label_set_label (self->question, question);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->body))) != NULL)
    gtk_box_remove (self->body, child);
  if (is_comparable_text (self))
    append_diffs (self);
  else
    gtk_box_append (self->body, create_columns (self));
  gtk_box_append (self->body, create_buttons (self));
}

static void
satchel_conflict_card_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  switch (property_id)
    {
    case PROP_NARROW:
      g_value_set_boolean (value, SATCHEL_CONFLICT_CARD (object)->narrow);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
satchel_conflict_card_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  SatchelConflictCard *self = SATCHEL_CONFLICT_CARD (object);

  switch (property_id)
    {
    case PROP_NARROW:
      if (self->narrow != g_value_get_boolean (value))
        {
          self->narrow = !self->narrow;
          g_object_notify_by_pspec (object, pspec);
        }
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
satchel_conflict_card_dispose (GObject *object)
{
  SatchelConflictCard *self = SATCHEL_CONFLICT_CARD (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_CONFLICT_CARD);
  g_clear_pointer (&self->shown, satchel_conflict_case_free);
  g_clear_object (&self->services);
  G_OBJECT_CLASS (satchel_conflict_card_parent_class)->dispose (object);
}

static void
satchel_conflict_card_class_init (SatchelConflictCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = satchel_conflict_card_dispose;
  object_class->get_property = satchel_conflict_card_get_property;
  object_class->set_property = satchel_conflict_card_set_property;
  properties[PROP_NARROW] = g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                                                  G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/satchelcrm/Satchel/sync-centre/satchel-conflict-card.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelConflictCard, title);
  gtk_widget_class_bind_template_child (widget_class, SatchelConflictCard, question);
  gtk_widget_class_bind_template_child (widget_class, SatchelConflictCard, body);
  gtk_widget_class_bind_template_callback (widget_class, open_cb);
}

static void
satchel_conflict_card_init (SatchelConflictCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
satchel_conflict_card_new (SatchelServices *services)
{
  SatchelConflictCard *self = g_object_new (SATCHEL_TYPE_CONFLICT_CARD, NULL);

  self->services = g_object_ref (services);
  return GTK_WIDGET (self);
}

/**
 * satchel_conflict_card_show:
 * @self: a card
 * @shown: (transfer full): what it shows from now on
 *
 * Shows a case; one that says the same as before changes nothing on the screen.
 */
void
satchel_conflict_card_show (SatchelConflictCard *self, SatchelConflictCase *shown)
{
  gboolean same = self->shown != NULL && satchel_conflict_case_equal (self->shown, shown);

  g_return_if_fail (SATCHEL_IS_CONFLICT_CARD (self));

  gtk_widget_set_sensitive (GTK_WIDGET (self), TRUE);
  g_clear_pointer (&self->shown, satchel_conflict_case_free);
  self->shown = shown;
  if (!same)
    fill (self);
}
