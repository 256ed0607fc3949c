/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-version-view.h"

#include <glib/gi18n.h>

struct _SatchelVersionView
{
  AdwBin parent_instance;

  GtkLabel *heading;
  GtkLabel *author;
  GtkBox *rows;
  GtkButton *keep;
};

G_DEFINE_FINAL_TYPE (SatchelVersionView, satchel_version_view, ADW_TYPE_BIN)

enum
{
  KEEP,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
keep_cb (SatchelVersionView *self)
{
  g_signal_emit (self, signals[KEEP], 0);
}

static void
satchel_version_view_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), SATCHEL_TYPE_VERSION_VIEW);
  G_OBJECT_CLASS (satchel_version_view_parent_class)->dispose (object);
}

static void
satchel_version_view_class_init (SatchelVersionViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = satchel_version_view_dispose;
  signals[KEEP] = g_signal_new ("keep", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/satchelcrm/Satchel/sync-centre/satchel-version-view.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelVersionView, heading);
  gtk_widget_class_bind_template_child (widget_class, SatchelVersionView, author);
  gtk_widget_class_bind_template_child (widget_class, SatchelVersionView, rows);
  gtk_widget_class_bind_template_child (widget_class, SatchelVersionView, keep);
  gtk_widget_class_bind_template_callback (widget_class, keep_cb);
}

static void
satchel_version_view_init (SatchelVersionView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static GtkWidget *
add_label (GtkBox *box, const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  gtk_box_append (box, label);
  return label;
}

/* Where a unit has one field only, the card's title has named it already. */
static void
add_row (SatchelVersionView *self, const SatchelConflictCase *of, const SatchelVersion *version, guint row)
{
  const SatchelVersion *before = g_ptr_array_index (of->versions, 0);
  g_autofree char *value = satchel_version_dup_value (version, of, row);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *label;

  if (of->rows->len > 1)
    gtk_widget_add_css_class (add_label (GTK_BOX (box), satchel_conflict_case_get_row_label (of, row), "caption"),
                              "dim-label");
  label = add_label (GTK_BOX (box), value != NULL ? value : _ ("Nothing"), value != NULL ? NULL : "dim-label");
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  if (version != before && satchel_version_differs (version, before, of, row))
    gtk_widget_add_css_class (label, "differs");
  gtk_box_append (self->rows, box);
}

static void
add_rows (SatchelVersionView *self, const SatchelConflictCase *of, const SatchelVersion *version)
{
  if (version->deleted)
    add_label (self->rows, _ ("Deleted"), "differs");
  else if (of->rows->len == 0)
    add_label (self->rows, _ ("Kept"), NULL);
  for (guint i = 0; i < of->rows->len && !version->deleted; i++)
    add_row (self, of, version, i);
}

/**
 * satchel_version_get_title:
 * @version: a version
 *
 * Returns: what stands above it
 */
const char *
satchel_version_get_title (const SatchelVersion *version)
{
  switch (version->kind)
    {
    case SATCHEL_VERSION_BEFORE:
      return _ ("Before");
    case SATCHEL_VERSION_CURRENT:
      return _ ("On the server now");
    case SATCHEL_VERSION_VALUE:
    default:
      return version->mine ? _ ("Yours") : _ ("From a colleague");
    }
}

static const char *
get_keep_words (const SatchelConflictCase *of, const SatchelVersion *version)
{
  const SatchelVersion *current = g_ptr_array_index (of->versions, 1);

  if (version->deleted)
    return version == current ? _ ("Leave it deleted") : _ ("Delete it");
  if (current->deleted && version != current)
    return _ ("Bring it back with this");
  return of->rows->len == 0 ? _ ("Keep it") : _ ("Keep this");
}

/**
 * satchel_version_view_new:
 * @of: a case
 * @version: the position of one of its versions
 *
 * Returns: (transfer floating): what it says, and a button to keep it where that is possible
 */
GtkWidget *
satchel_version_view_new (const SatchelConflictCase *of, guint version)
{
  SatchelVersionView *self = g_object_new (SATCHEL_TYPE_VERSION_VIEW, NULL);
  const SatchelVersion *shown = g_ptr_array_index (of->versions, version);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *author = satchel_version_dup_heading (shown, now);
  g_autofree char *accessible = NULL;

  gtk_label_set_label (self->heading, satchel_version_get_title (shown));
  gtk_label_set_label (self->author, author);
  gtk_widget_set_visible (GTK_WIDGET (self->author), *author != '\0');
  add_rows (self, of, shown);
  gtk_widget_set_visible (GTK_WIDGET (self->keep), shown->kind != SATCHEL_VERSION_BEFORE);
  gtk_button_set_label (self->keep, get_keep_words (of, shown));
  accessible = g_strdup_printf ("%s: %s", get_keep_words (of, shown), satchel_version_get_title (shown));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->keep), GTK_ACCESSIBLE_PROPERTY_LABEL, accessible, -1);
  return GTK_WIDGET (self);
}
