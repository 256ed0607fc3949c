/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-accounts-page.h"

#include <glib/gi18n.h>

#include "satchel-account-view.h"
#include "satchel-search-list.h"
#include "shell/satchel-shell-buttons.h"
#include "widgets/satchel-record-dialog.h"
#include "widgets/satchel-record-list-model.h"
#include "widgets/satchel-record-row.h"

/**
 * SatchelAccountsPage:
 *
 * The accounts: a list from A to Z with a search, and the account that was
 * chosen beside it, or in its place where the window is narrow.
 */
struct _SatchelAccountsPage
{
  AdwBin parent_instance;

  AdwNavigationSplitView *split_view;
  AdwToggleGroup *filter;
  GtkWidget *search_button;
  GtkSearchBar *search_bar;
  GtkSearchEntry *search_entry;
  SatchelSearchList *search_list;
  GtkStack *states;
  GtkScrolledWindow *scroller;
  GtkListView *list;
  SatchelAccountView *view;

  SatchelServices *services;
  SatchelRecordListModel *model;
  GtkSingleSelection *selection;
  gboolean narrow;
  gboolean selecting; /* the selection follows the view, not the person */
  gboolean fresh; /* the list answers another question than before, and is shown from its start */
};

enum
{
  PROP_SERVICES = 1,
  PROP_NARROW,
};

static void page_iface_init (SatchelPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SatchelAccountsPage, satchel_accounts_page, ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (SATCHEL_TYPE_PAGE, page_iface_init))

/* ---- What the list shows -------------------------------------------------------------------------- */

static gboolean
shows_mine (SatchelAccountsPage *self)
{
  return g_strcmp0 (adw_toggle_group_get_active_name (self->filter), "mine") == 0;
}

static gboolean
is_searching (SatchelAccountsPage *self)
{
  return gtk_search_bar_get_search_mode (self->search_bar) &&
         *gtk_editable_get_text (GTK_EDITABLE (self->search_entry)) != '\0';
}

static void
show_state (SatchelAccountsPage *self)
{
  gboolean empty = !satchel_record_list_model_get_loading (self->model) &&
                   g_list_model_get_n_items (G_LIST_MODEL (self->model)) == 0;
  const char *state = "list";

  if (is_searching (self))
    state = "search";
  else if (empty)
    state = shows_mine (self) ? "none-mine" : "empty";
  gtk_stack_set_visible_child_name (self->states, state);
}

static void
update_query (SatchelAccountsPage *self)
{
  const char *user = satchel_services_get_user_id (self->services);
  g_autoptr (SatchelQuery) query = NULL;

  query = satchel_query_new (satchel_services_get_record_type (self->services, "account"));
  if (shows_mine (self) && user != NULL)
    satchel_query_where_text (query, "owner", user, NULL);
  self->fresh = TRUE;
  satchel_record_list_model_set_query (self->model, query);
}

/* Without somebody signed in there is no mine. */
static void
status_cb (SatchelAccountsPage *self)
{
  gboolean known = satchel_services_get_status (self->services) != NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->filter), satchel_services_get_user_id (self->services) != NULL);
  if (known && satchel_record_list_model_get_query (self->model) == NULL)
    update_query (self);
}

static void
filter_cb (SatchelAccountsPage *self)
{
  if (self->model != NULL && satchel_record_list_model_get_query (self->model) != NULL)
    update_query (self);
}

static void
show_all_cb (SatchelAccountsPage *self)
{
  adw_toggle_group_set_active_name (self->filter, "all");
}

/* ---- Selection ------------------------------------------------------------------------------------ */

/* Marks the account that is shown, where it is at hand; nothing in a narrow window. */
static void
mark_shown (SatchelAccountsPage *self)
{
  const char *id = satchel_account_view_get_id (self->view);
  guint position = GTK_INVALID_LIST_POSITION;

  if (self->narrow || id == NULL || !satchel_record_list_model_find (self->model, id, &position))
    position = GTK_INVALID_LIST_POSITION;
  if (position == gtk_single_selection_get_selected (self->selection))
    return;
  self->selecting = TRUE;
  gtk_single_selection_set_selected (self->selection, position);
  self->selecting = FALSE;
}

static void
open_account (SatchelAccountsPage *self, const char *id)
{
  satchel_account_view_open (self->view, id);
  adw_navigation_split_view_set_show_content (self->split_view, TRUE);
  mark_shown (self);
}

static void
open_position (SatchelAccountsPage *self, guint position)
{
  g_autoptr (SatchelRecordItem) item = g_list_model_get_item (G_LIST_MODEL (self->model), position);
  const char *id = item != NULL ? satchel_record_item_get_id (item) : NULL;

  if (id != NULL)
    open_account (self, id);
}

static void
selected_cb (SatchelAccountsPage *self)
{
  guint position = self->selection != NULL ? gtk_single_selection_get_selected (self->selection)
                                           : GTK_INVALID_LIST_POSITION;

  if (self->model != NULL && !self->selecting && position != GTK_INVALID_LIST_POSITION)
    open_position (self, position);
}

static void
activate_cb (SatchelAccountsPage *self, guint position)
{
  open_position (self, position);
}

static void
show_content_cb (SatchelAccountsPage *self)
{
  if (self->model != NULL && self->narrow && !adw_navigation_split_view_get_show_content (self->split_view))
    {
      self->selecting = TRUE;
      gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
      self->selecting = FALSE;
    }
}

/* A list view puts its first row to the top, and with it the first heading out of sight. */
static gboolean
show_start_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  SatchelAccountsPage *self = SATCHEL_ACCOUNTS_PAGE (widget);
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);

  if (gtk_adjustment_get_upper (adjustment) <= gtk_adjustment_get_page_size (adjustment))
    return G_SOURCE_CONTINUE;
  gtk_adjustment_set_value (adjustment, 0);
  return G_SOURCE_REMOVE;
}

static void
items_changed_cb (SatchelAccountsPage *self)
{
  if (self->fresh && g_list_model_get_n_items (G_LIST_MODEL (self->model)) > 0)
    gtk_widget_add_tick_callback (GTK_WIDGET (self), show_start_cb, NULL, NULL);
  self->fresh = FALSE;
  show_state (self);
  mark_shown (self);
}

/* ---- Search --------------------------------------------------------------------------------------- */

static void
search_changed_cb (SatchelAccountsPage *self)
{
  if (self->model == NULL)
    return;
  satchel_search_list_set_text (self->search_list, gtk_editable_get_text (GTK_EDITABLE (self->search_entry)));
  show_state (self);
}

static void
search_mode_cb (SatchelAccountsPage *self)
{
  if (self->model != NULL)
    show_state (self);
}

static void
search_activate_cb (SatchelAccountsPage *self)
{
  if (is_searching (self))
    satchel_search_list_activate_first (self->search_list);
}

static void
chosen_cb (SatchelAccountsPage *self, SatchelRecord *record)
{
  satchel_services_open_record (self->services, satchel_type_get_name (satchel_record_get_record_type (record)),
                                satchel_record_get_id (record));
}

/* ---- The page ------------------------------------------------------------------------------------- */

typedef struct
{
  SatchelAccountsPage *page;
  char *id;
} Opening;

static void
opening_free (Opening *opening)
{
  g_object_unref (opening->page);
  g_free (opening->id);
  g_free (opening);
}

/* What hangs on an account is shown over the account. */
static DexFuture *
open_fiber (gpointer data)
{
  Opening *opening = data;
  SatchelAccountsPage *self = opening->page;
  g_autoptr (SatchelRecord) record = satchel_await (satchel_services_get (self->services, opening->id), NULL);
  const char *account;

  if (record == NULL || self->services == NULL)
    return NULL;
  account = satchel_record_get_text (record, "account");
  if (account != NULL)
    open_account (self, account);
  satchel_record_dialog_present (GTK_WIDGET (self), self->services, record);

  return NULL;
}

static gboolean
satchel_accounts_page_open (SatchelPage *page, const char *type, const char *id)
{
  SatchelAccountsPage *self = SATCHEL_ACCOUNTS_PAGE (page);
  const SatchelType *record_type = satchel_services_get_record_type (self->services, type);
  Opening *opening;

  if (g_str_equal (type, "account"))
    {
      open_account (self, id);
      return TRUE;
    }
  if (record_type == NULL || !satchel_type_find_field (record_type, "account", NULL))
    return FALSE;

  opening = g_new0 (Opening, 1);
  opening->page = g_object_ref (self);
  opening->id = g_strdup (id);
  satchel_services_spawn (open_fiber, opening, (GDestroyNotify) opening_free);
  return TRUE;
}

static void
satchel_accounts_page_search (SatchelPage *page)
{
  SatchelAccountsPage *self = SATCHEL_ACCOUNTS_PAGE (page);

  adw_navigation_split_view_set_show_content (self->split_view, FALSE);
  gtk_search_bar_set_search_mode (self->search_bar, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
  gtk_editable_select_region (GTK_EDITABLE (self->search_entry), 0, -1);
}

static gboolean
satchel_accounts_page_back (SatchelPage *page)
{
  SatchelAccountsPage *self = SATCHEL_ACCOUNTS_PAGE (page);

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

static char *
satchel_accounts_page_dup_context (SatchelPage *page)
{
  SatchelAccountsPage *self = SATCHEL_ACCOUNTS_PAGE (page);

  if (self->narrow && !adw_navigation_split_view_get_show_content (self->split_view))
    return NULL;
  return g_strdup (satchel_account_view_get_id (self->view));
}

static void
page_iface_init (SatchelPageInterface *iface)
{
  iface->open = satchel_accounts_page_open;
  iface->search = satchel_accounts_page_search;
  iface->back = satchel_accounts_page_back;
  iface->dup_context = satchel_accounts_page_dup_context;
}

/* ---- The object ----------------------------------------------------------------------------------- */

static void
set_up_list (SatchelAccountsPage *self)
{
  g_autoptr (GtkListItemFactory) factory = satchel_record_row_factory_new (self->services);
  g_autoptr (GtkListItemFactory) headings = NULL;

  self->model = satchel_record_list_model_new (self->services, NULL);
  headings = satchel_heading_factory_new (self->model);
  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_single_selection_set_model (self->selection, G_LIST_MODEL (self->model));
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_header_factory (self->list, headings);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_object (self->selection, "notify::selected", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->model, "notify::loading", G_CALLBACK (items_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->model, "moved", G_CALLBACK (items_changed_cb), self, G_CONNECT_SWAPPED);
}

static void
satchel_accounts_page_constructed (GObject *object)
{
  SatchelAccountsPage *self = SATCHEL_ACCOUNTS_PAGE (object);

  G_OBJECT_CLASS (satchel_accounts_page_parent_class)->constructed (object);

  set_up_list (self);
  satchel_account_view_set_services (self->view, self->services);
  satchel_search_list_set_services (self->search_list, self->services);
  g_signal_connect_object (self->services, "notify::status", G_CALLBACK (status_cb), self, G_CONNECT_SWAPPED);
  status_cb (self);
}

static void
satchel_accounts_page_dispose (GObject *object)
{
  SatchelAccountsPage *self = SATCHEL_ACCOUNTS_PAGE (object);

  /* Widgets that go still tell what changes in them. */
  g_clear_object (&self->selection);
  g_clear_object (&self->model);
  g_clear_object (&self->services);
  adw_bin_set_child (ADW_BIN (self), NULL); /* the template would unparent it behind the bin's back */
  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_ACCOUNTS_PAGE);
  G_OBJECT_CLASS (satchel_accounts_page_parent_class)->dispose (object);
}

static void
satchel_accounts_page_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  SatchelAccountsPage *self = SATCHEL_ACCOUNTS_PAGE (object);

  switch (property_id)
    {
    case PROP_SERVICES:
      g_value_set_object (value, self->services);
      break;
    case PROP_NARROW:
      g_value_set_boolean (value, self->narrow);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
set_narrow (SatchelAccountsPage *self, gboolean narrow)
{
  if (self->narrow == narrow)
    return;
  self->narrow = narrow;
  g_object_notify (G_OBJECT (self), "narrow");
  if (self->model != NULL)
    mark_shown (self);
}

static void
satchel_accounts_page_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  SatchelAccountsPage *self = SATCHEL_ACCOUNTS_PAGE (object);

  switch (property_id)
    {
    case PROP_SERVICES:
      self->services = g_value_dup_object (value);
      break;
    case PROP_NARROW:
      set_narrow (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/satchelcrm/Satchel/accounts/satchel-accounts-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountsPage, split_view);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountsPage, filter);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountsPage, search_button);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountsPage, search_bar);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountsPage, search_entry);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountsPage, search_list);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountsPage, states);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountsPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountsPage, list);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountsPage, view);
  gtk_widget_class_bind_template_callback (widget_class, show_content_cb);
  gtk_widget_class_bind_template_callback (widget_class, filter_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_mode_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_all_cb);
}

static void
satchel_accounts_page_class_init (SatchelAccountsPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = satchel_accounts_page_constructed;
  object_class->dispose = satchel_accounts_page_dispose;
  object_class->get_property = satchel_accounts_page_get_property;
  object_class->set_property = satchel_accounts_page_set_property;
  g_object_class_override_property (object_class, PROP_SERVICES, "services");
  g_object_class_override_property (object_class, PROP_NARROW, "narrow");

  g_type_ensure (SATCHEL_TYPE_SHELL_BUTTONS);
  g_type_ensure (SATCHEL_TYPE_ACCOUNT_VIEW);
  g_type_ensure (SATCHEL_TYPE_SEARCH_LIST);
  bind_template (GTK_WIDGET_CLASS (klass));
}

static void
satchel_accounts_page_init (SatchelAccountsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
