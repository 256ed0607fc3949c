/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-search-list.h"

#include <glib/gi18n.h>

#include "widgets/satchel-item-store.h"
#include "widgets/satchel-record-row.h"

#define MAX_RESULTS 100

/**
 * SatchelSearchList:
 *
 * What a search finds among accounts and what hangs on them, grouped by kind.
 *
 * Signal `chosen` (SatchelRecord): the person chose a result.
 */
struct _SatchelSearchList
{
  AdwBin parent_instance;

  GtkStack *stack;
  GtkListView *list;

  SatchelServices *services;
  GListStore *kinds; /* (element-type GListStore) of results, a store for each kind */
  char *text;
  char *answered; /* (nullable): the text that the results are for */
  guint question; /* counts searches: answers to an earlier one are dropped */
  gboolean reading;
  guint n_frames; /* since results for another text came */
};

enum
{
  CHOSEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SatchelSearchList, satchel_search_list, ADW_TYPE_BIN)

/* In this order. */
static const char *const kind_names[] = { "account", "contact", "note", "activity", "task", "order" };

static void search (SatchelSearchList *self);

static const SatchelType *
get_kind (SatchelSearchList *self, guint i)
{
  return satchel_services_get_record_type (self->services, kind_names[i]);
}

static GPtrArray *
pick (GPtrArray *records, const SatchelType *type)
{
  GPtrArray *picked = g_ptr_array_new ();

  for (guint i = 0; i < records->len; i++)
    if (satchel_record_get_record_type (records->pdata[i]) == type)
      g_ptr_array_add (picked, records->pdata[i]);
  return picked;
}

static void
announce (SatchelSearchList *self, guint n_results)
{
  g_autofree char *message = g_strdup_printf (ngettext ("%u result", "%u results", n_results), n_results);

  gtk_accessible_announce (GTK_ACCESSIBLE (self), message, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_LOW);
}

/* A list keeps its first row in sight when a heading comes to stand above it; that has happened one frame later. */
static gboolean
show_start_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  SatchelSearchList *self = SATCHEL_SEARCH_LIST (widget);

  if (self->n_frames++ == 0)
    return G_SOURCE_CONTINUE;
  gtk_adjustment_set_value (gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->list)), 0);
  return G_SOURCE_REMOVE;
}

static void
show_start (SatchelSearchList *self)
{
  self->n_frames = 0;
  gtk_widget_add_tick_callback (GTK_WIDGET (self), show_start_cb, NULL, NULL);
}

static void
take_results (SatchelSearchList *self, GPtrArray *records)
{
  for (guint i = 0; i < G_N_ELEMENTS (kind_names); i++)
    {
      g_autoptr (GPtrArray) picked = pick (records, get_kind (self, i));
      g_autoptr (GListStore) store = g_list_model_get_item (G_LIST_MODEL (self->kinds), i);

      satchel_item_store_update (store, picked);
    }
  gtk_stack_set_visible_child_name (self->stack, records->len > 0 ? "results" : "nothing");
  if (g_set_str (&self->answered, self->text))
    show_start (self);
  announce (self, records->len);
}

static DexFuture *
search_fiber (gpointer data)
{
  SatchelSearchList *self = data;
  const SatchelType *types[G_N_ELEMENTS (kind_names) + 1] = { NULL };
  guint question = self->question;
  g_autoptr (GPtrArray) records = NULL;

  if (self->services == NULL || self->text == NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (kind_names); i++)
    types[i] = get_kind (self, i);
  records = satchel_await (satchel_services_search (self->services, self->text, types, MAX_RESULTS), NULL);
  self->reading = FALSE;
  if (self->services == NULL)
    return NULL;

  if (question != self->question)
    search (self);
  else if (records != NULL)
    take_results (self, records);

  return NULL;
}

/* One search at a time; what is typed meanwhile is searched next. */
static void
search (SatchelSearchList *self)
{
  if (self->reading || self->text == NULL)
    return;
  self->reading = TRUE;
  satchel_services_spawn (search_fiber, g_object_ref (self), g_object_unref);
}

/* Other records were written: where the person is in the results stays. */
static void
changed_cb (SatchelSearchList *self)
{
  if (self->text == NULL)
    return;
  self->question++;
  search (self);
}

static void
activate_cb (SatchelSearchList *self, guint position)
{
  g_autoptr (SatchelRecordItem) item = g_list_model_get_item (G_LIST_MODEL (gtk_list_view_get_model (self->list)),
                                                              position);
  SatchelRecord *record = item != NULL ? satchel_record_item_get_record (item) : NULL;

  if (record != NULL)
    g_signal_emit (self, signals[CHOSEN], 0, record);
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
heading_bind_cb (GtkListItemFactory *factory, GtkListHeader *header)
{
  SatchelRecord *record = satchel_record_item_get_record (gtk_list_header_get_item (header));

  gtk_label_set_label (GTK_LABEL (gtk_list_header_get_child (header)),
                       satchel_type_get_display_plural (satchel_record_get_record_type (record)));
}

static void
add_headings (SatchelSearchList *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (heading_setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (heading_bind_cb), NULL);
  gtk_list_view_set_header_factory (self->list, factory);
}

static void
satchel_search_list_dispose (GObject *object)
{
  SatchelSearchList *self = SATCHEL_SEARCH_LIST (object);

  adw_bin_set_child (ADW_BIN (self), NULL); /* the template would unparent it behind the bin's back */
  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_SEARCH_LIST);
  g_clear_object (&self->services);
  g_clear_object (&self->kinds);
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->answered, g_free);
  G_OBJECT_CLASS (satchel_search_list_parent_class)->dispose (object);
}

static void
satchel_search_list_class_init (SatchelSearchListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = satchel_search_list_dispose;
  signals[CHOSEN] = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, SATCHEL_TYPE_RECORD);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/satchelcrm/Satchel/accounts/satchel-search-list.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelSearchList, stack);
  gtk_widget_class_bind_template_child (widget_class, SatchelSearchList, list);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
}

static void
satchel_search_list_init (SatchelSearchList *self)
{
  GtkFlattenListModel *all;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->kinds = g_list_store_new (G_TYPE_LIST_STORE);
  for (guint i = 0; i < G_N_ELEMENTS (kind_names); i++)
    {
      g_autoptr (GListStore) store = satchel_item_store_new ();

      g_list_store_append (self->kinds, store);
    }

  all = gtk_flatten_list_model_new (g_object_ref (G_LIST_MODEL (self->kinds)));
  {
    g_autoptr (GtkSelectionModel) selection = GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (all)));

    gtk_list_view_set_model (self->list, selection);
  }
  add_headings (self);
}

/**
 * satchel_search_list_set_services:
 * @services: searches; given once
 */
void
satchel_search_list_set_services (SatchelSearchList *self, SatchelServices *services)
{
  g_autoptr (GtkListItemFactory) factory = satchel_record_row_factory_new (services);

  g_return_if_fail (SATCHEL_IS_SEARCH_LIST (self));
  g_return_if_fail (self->services == NULL);

  self->services = g_object_ref (services);
  gtk_list_view_set_factory (self->list, factory);
  g_signal_connect_object (services, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
}

/**
 * satchel_search_list_set_text:
 * @text: (nullable): what to look for
 *
 * The results of the search before stay until the new ones are there.
 */
void
satchel_search_list_set_text (SatchelSearchList *self, const char *text)
{
  g_return_if_fail (SATCHEL_IS_SEARCH_LIST (self));

  if (text != NULL && *text == '\0')
    text = NULL;
  if (!g_set_str (&self->text, text))
    return;
  self->question++;
  search (self);
}

void
satchel_search_list_activate_first (SatchelSearchList *self)
{
  g_return_if_fail (SATCHEL_IS_SEARCH_LIST (self));

  activate_cb (self, 0);
}
