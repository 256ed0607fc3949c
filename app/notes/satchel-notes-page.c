/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-notes-page.h"

#include <glib/gi18n.h>

#include "satchel-note-editor.h"
#include "satchel-note-row.h"
#include "shell/satchel-shell-buttons.h"
#include "widgets/satchel-record-list-model.h"

/**
 * SatchelNotesPage:
 *
 * The notes, pinned ones first, then the newest, and the note that is being
 * written beside them, or in their place where the window is narrow.
 */
struct _SatchelNotesPage
{
  AdwBin parent_instance;

  AdwNavigationSplitView *split_view;
  GtkSearchBar *search_bar;
  GtkSearchEntry *search_entry;
  GtkStack *states;
  GtkListView *list;
  SatchelNoteEditor *editor;

  SatchelServices *services;
  SatchelRecordListModel *pinned;
  SatchelRecordListModel *others;
  GtkSingleSelection *selection;
  gboolean narrow;
  gboolean selecting; /* the selection follows the editor, not the person */
};

enum
{
  PROP_SERVICES = 1,
  PROP_NARROW,
};

static void page_iface_init (SatchelPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SatchelNotesPage, satchel_notes_page, ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (SATCHEL_TYPE_PAGE, page_iface_init))

/* ---- What the list shows -------------------------------------------------------------------------- */

static const char *
get_search (SatchelNotesPage *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));

  return gtk_search_bar_get_search_mode (self->search_bar) && *text != '\0' ? text : NULL;
}

static SatchelQuery *
make_query (SatchelNotesPage *self, gboolean pinned)
{
  SatchelQuery *query = satchel_query_new (satchel_services_get_record_type (self->services, "note"));
  g_auto (SatchelValue) yes = SATCHEL_VALUE_INIT;

  satchel_value_set_integer (&yes, TRUE);
  if (pinned)
    satchel_query_where (query, "pinned", &yes);
  else
    satchel_query_where_not (query, "pinned", &yes);
  satchel_query_set_sort (query, "updated_at", TRUE, NULL);
  if (get_search (self) != NULL)
    satchel_query_set_search (query, get_search (self));

  return query;
}

static void
update_queries (SatchelNotesPage *self)
{
  g_autoptr (SatchelQuery) pinned = make_query (self, TRUE);
  g_autoptr (SatchelQuery) others = make_query (self, FALSE);

  satchel_record_list_model_set_query (self->pinned, pinned);
  satchel_record_list_model_set_query (self->others, others);
}

static void
search_changed_cb (SatchelNotesPage *self)
{
  if (self->services != NULL)
    update_queries (self);
}

/* ---- Selection ------------------------------------------------------------------------------------ */

static void
select_position (SatchelNotesPage *self, guint position)
{
  if (position == gtk_single_selection_get_selected (self->selection))
    return;
  self->selecting = TRUE;
  gtk_single_selection_set_selected (self->selection, position);
  self->selecting = FALSE;
}

static gboolean
find_note (SatchelNotesPage *self, const char *id, guint *position)
{
  if (satchel_record_list_model_find (self->pinned, id, position))
    return TRUE;
  if (!satchel_record_list_model_find (self->others, id, position))
    return FALSE;
  *position += g_list_model_get_n_items (G_LIST_MODEL (self->pinned));
  return TRUE;
}

/* Marks the note that is shown, where it is at hand; nothing in a narrow window. */
static void
mark_shown (SatchelNotesPage *self)
{
  const char *id = satchel_note_editor_get_id (self->editor);
  guint position;

  if (self->narrow || id == NULL || !find_note (self, id, &position))
    position = GTK_INVALID_LIST_POSITION;
  select_position (self, position);
}

static void
open_note (SatchelNotesPage *self, const char *id)
{
  satchel_note_editor_open (self->editor, id);
  adw_navigation_split_view_set_show_content (self->split_view, TRUE);
  mark_shown (self);
}

static void
open_position (SatchelNotesPage *self, guint position)
{
  g_autoptr (SatchelRecordItem) item = g_list_model_get_item (G_LIST_MODEL (self->selection), position);
  const char *id = item != NULL ? satchel_record_item_get_id (item) : NULL;

  if (id != NULL)
    open_note (self, id);
}

static void
selected_cb (SatchelNotesPage *self)
{
  guint position = self->selection != NULL ? gtk_single_selection_get_selected (self->selection)
                                           : GTK_INVALID_LIST_POSITION;

  if (self->services != NULL && !self->selecting && position != GTK_INVALID_LIST_POSITION)
    open_position (self, position);
}

static void
activate_cb (SatchelNotesPage *self, guint position)
{
  open_position (self, position);
}

static void
show_content_cb (SatchelNotesPage *self)
{
  if (self->services != NULL && self->narrow && !adw_navigation_split_view_get_show_content (self->split_view))
    select_position (self, GTK_INVALID_LIST_POSITION);
}

static void
moved_cb (SatchelNotesPage *self)
{
  gboolean loading = satchel_record_list_model_get_loading (self->pinned) ||
                     satchel_record_list_model_get_loading (self->others);
  gboolean empty = g_list_model_get_n_items (G_LIST_MODEL (self->selection)) == 0;

  gtk_stack_set_visible_child_name (self->states, !empty || loading           ? "list"
                                                  : get_search (self) != NULL ? "nothing"
                                                                              : "empty");
  mark_shown (self);
}

/* ---- Writing -------------------------------------------------------------------------------------- */

static void
start_cb (SatchelNotesPage *self)
{
  adw_navigation_split_view_set_show_content (self->split_view, TRUE);
  satchel_note_editor_start (self->editor, NULL);
  mark_shown (self);
}

/* Going back to the list leaves the note, so that it is saved. */
static void
hiding_cb (SatchelNotesPage *self)
{
  if (self->narrow && self->services != NULL)
    satchel_note_editor_leave (self->editor);
}

static void
deleted_cb (SatchelNotesPage *self)
{
  adw_navigation_split_view_set_show_content (self->split_view, FALSE);
}

/* ---- The page ------------------------------------------------------------------------------------- */

static gboolean
satchel_notes_page_open (SatchelPage *page, const char *type, const char *id)
{
  if (!g_str_equal (type, "note"))
    return FALSE;
  open_note (SATCHEL_NOTES_PAGE (page), id);
  return TRUE;
}

static void
satchel_notes_page_search (SatchelPage *page)
{
  SatchelNotesPage *self = SATCHEL_NOTES_PAGE (page);

  adw_navigation_split_view_set_show_content (self->split_view, FALSE);
  gtk_search_bar_set_search_mode (self->search_bar, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
  gtk_editable_select_region (GTK_EDITABLE (self->search_entry), 0, -1);
}

static gboolean
satchel_notes_page_back (SatchelPage *page)
{
  SatchelNotesPage *self = SATCHEL_NOTES_PAGE (page);

  if (self->narrow && adw_navigation_split_view_get_show_content (self->split_view))
    {
      adw_navigation_split_view_set_show_content (self->split_view, FALSE);
      return TRUE;
    }
  if (gtk_search_bar_get_search_mode (self->search_bar))
    {
      gtk_search_bar_set_search_mode (self->search_bar, FALSE);
      return TRUE;
    }
  return FALSE;
}

static void
page_iface_init (SatchelPageInterface *iface)
{
  iface->open = satchel_notes_page_open;
  iface->search = satchel_notes_page_search;
  iface->back = satchel_notes_page_back;
}

/* ---- The object ----------------------------------------------------------------------------------- */

static GListModel *
join_lists (SatchelNotesPage *self)
{
  g_autoptr (GListStore) lists = g_list_store_new (G_TYPE_LIST_MODEL);

  self->pinned = satchel_record_list_model_new (self->services, NULL);
  self->others = satchel_record_list_model_new (self->services, NULL);
  g_list_store_append (lists, self->pinned);
  g_list_store_append (lists, self->others);

  return G_LIST_MODEL (gtk_flatten_list_model_new (G_LIST_MODEL (g_steal_pointer (&lists))));
}

static void
set_up_list (SatchelNotesPage *self)
{
  g_autoptr (GtkListItemFactory) factory = satchel_note_row_factory_new (self->services);
  g_autoptr (GListModel) notes = join_lists (self);

  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_single_selection_set_model (self->selection, notes);
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_object (self->selection, "notify::selected", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->pinned, "moved", G_CALLBACK (moved_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->others, "moved", G_CALLBACK (moved_cb), self, G_CONNECT_SWAPPED);
}

static void
satchel_notes_page_constructed (GObject *object)
{
  SatchelNotesPage *self = SATCHEL_NOTES_PAGE (object);

  G_OBJECT_CLASS (satchel_notes_page_parent_class)->constructed (object);

  set_up_list (self);
  satchel_note_editor_set_services (self->editor, self->services);
  gtk_search_bar_connect_entry (self->search_bar, GTK_EDITABLE (self->search_entry));
  update_queries (self);
}

static void
satchel_notes_page_dispose (GObject *object)
{
  SatchelNotesPage *self = SATCHEL_NOTES_PAGE (object);

  /* Widgets that go still tell what changes in them. */
  g_clear_object (&self->services);
  g_clear_object (&self->selection);
  g_clear_object (&self->pinned);
  g_clear_object (&self->others);
  adw_bin_set_child (ADW_BIN (self), NULL); /* the template would unparent it behind the bin's back */
  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_NOTES_PAGE);
  G_OBJECT_CLASS (satchel_notes_page_parent_class)->dispose (object);
}

static void
satchel_notes_page_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  SatchelNotesPage *self = SATCHEL_NOTES_PAGE (object);

  switch (prop_id)
    {
    case PROP_SERVICES:
      g_value_set_object (value, self->services);
      break;
    case PROP_NARROW:
      g_value_set_boolean (value, self->narrow);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
set_narrow (SatchelNotesPage *self, gboolean narrow)
{
  if (self->narrow == narrow)
    return;
  self->narrow = narrow;
  g_object_notify (G_OBJECT (self), "narrow");
  if (self->selection != NULL)
    mark_shown (self);
}

static void
satchel_notes_page_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  SatchelNotesPage *self = SATCHEL_NOTES_PAGE (object);

  switch (prop_id)
    {
    case PROP_SERVICES:
      self->services = g_value_dup_object (value);
      break;
    case PROP_NARROW:
      set_narrow (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, "/org/satchelcrm/Satchel/notes/satchel-notes-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelNotesPage, split_view);
  gtk_widget_class_bind_template_child (widget_class, SatchelNotesPage, search_bar);
  gtk_widget_class_bind_template_child (widget_class, SatchelNotesPage, search_entry);
  gtk_widget_class_bind_template_child (widget_class, SatchelNotesPage, states);
  gtk_widget_class_bind_template_child (widget_class, SatchelNotesPage, list);
  gtk_widget_class_bind_template_child (widget_class, SatchelNotesPage, editor);
  gtk_widget_class_bind_template_callback (widget_class, show_content_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, start_cb);
  gtk_widget_class_bind_template_callback (widget_class, hiding_cb);
  gtk_widget_class_bind_template_callback (widget_class, deleted_cb);
}

static void
satchel_notes_page_class_init (SatchelNotesPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = satchel_notes_page_constructed;
  object_class->dispose = satchel_notes_page_dispose;
  object_class->get_property = satchel_notes_page_get_property;
  object_class->set_property = satchel_notes_page_set_property;
  g_object_class_override_property (object_class, PROP_SERVICES, "services");
  g_object_class_override_property (object_class, PROP_NARROW, "narrow");

  g_type_ensure (SATCHEL_TYPE_SHELL_BUTTONS);
  g_type_ensure (SATCHEL_TYPE_NOTE_EDITOR);
  bind_template (GTK_WIDGET_CLASS (klass));
}

static void
satchel_notes_page_init (SatchelNotesPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
