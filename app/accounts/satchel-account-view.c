/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-account-view.h"

#include <glib/gi18n.h>

#include "records/satchel-error.h"
#include "satchel-account-groups.h"
#include "satchel-reach.h"
#include "satchel-record-group.h"
#include "widgets/satchel-deletion.h"
#include "widgets/satchel-form.h"
#include "widgets/satchel-keeper.h"
#include "widgets/satchel-record-row.h"

/* How far one scrolls until the name has left the page and stands in the header bar. */
#define HERO_HEIGHT 120

/**
 * SatchelAccountView:
 *
 * One account: who it is and how to reach it, what happened and what comes
 * next, its details to be changed in place, its people and its notes.
 */
struct _SatchelAccountView
{
  AdwBin parent_instance;

  GtkStack *states;
  GtkWidget *menu_button;
  AdwWindowTitle *heading;
  GtkScrolledWindow *scroller;
  AdwAvatar *avatar;
  GtkLabel *name;
  GtkLabel *second_line;
  GtkWidget *call_button;
  GtkWidget *message_button;
  GtkWidget *mail_button;
  GtkWidget *place_button;
  SatchelForm *form;
  SatchelRecordGroup *next_steps;
  SatchelRecordGroup *timeline;
  SatchelRecordGroup *people;
  SatchelRecordGroup *notes;

  SatchelServices *services;
  GSimpleActionGroup *actions;
  char *id; /* nullable: the account that is shown or being read */
  SatchelKeeper *keeper; /* nullable: of the account that is shown */
};

enum
{
  PROP_0,
  PROP_TITLE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (SatchelAccountView, satchel_account_view, ADW_TYPE_BIN)

static SatchelRecord *
get_account (SatchelAccountView *self)
{
  return self->keeper != NULL ? satchel_draft_get_record (satchel_keeper_get_draft (self->keeper)) : NULL;
}

/* ---- Reaching them -------------------------------------------------------------------------------- */

typedef void (*ReachFunc) (GtkWidget *widget, const char *address);

static void
add_addresses (GMenu *menu, SatchelRecord *record, const char *const *fields, const char *action)
{
  g_autofree char *who = satchel_record_dup_title (record);

  for (guint i = 0; fields[i] != NULL; i++)
    {
      const char *address = satchel_type_find_field (satchel_record_get_record_type (record), fields[i], NULL)
                                ? satchel_record_get_text (record, fields[i])
                                : NULL;
      g_autofree char *label = g_strdup_printf ("%s · %s", who, address);
      g_autoptr (GMenuItem) item = NULL;

      if (address == NULL)
        continue;
      item = g_menu_item_new (label, NULL);
      g_menu_item_set_action_and_target (item, action, "s", address);
      g_menu_append_item (menu, item);
    }
}

/* The account's own addresses and those of its people. */
static GMenu *
list_addresses (SatchelAccountView *self, const char *const *fields, const char *action)
{
  GMenu *menu = g_menu_new ();
  GListModel *people = satchel_record_group_get_model (self->people);

  if (get_account (self) != NULL)
    add_addresses (menu, get_account (self), fields, action);
  for (guint i = 0; i < g_list_model_get_n_items (people); i++)
    {
      g_autoptr (SatchelRecordItem) item = g_list_model_get_item (people, i);

      add_addresses (menu, satchel_record_item_get_record (item), fields, action);
    }

  return menu;
}

static const char *const numbers[] = { "mobile", "phone", NULL };
static const char *const mails[] = { "email", NULL };

static void
show_reach (SatchelAccountView *self)
{
  g_autoptr (GMenu) phones = list_addresses (self, numbers, "account.call");
  g_autoptr (GMenu) addresses = list_addresses (self, mails, "account.mail");
  gboolean has_phone = g_menu_model_get_n_items (G_MENU_MODEL (phones)) > 0;
  SatchelRecord *account = get_account (self);

  gtk_widget_set_visible (self->call_button, has_phone);
  gtk_widget_set_visible (self->message_button, has_phone);
  gtk_widget_set_visible (self->mail_button, g_menu_model_get_n_items (G_MENU_MODEL (addresses)) > 0);
  gtk_widget_set_visible (self->place_button, account != NULL && satchel_reach_has_place (account));
}

static void
popover_closed_cb (GtkWidget *popover)
{
  g_idle_add_once ((GSourceOnceFunc) gtk_widget_unparent, popover);
}

/* One address is reached at once; of several the person chooses. */
static void
reach (SatchelAccountView *self, GtkWidget *button, const char *const *fields, const char *action)
{
  g_autoptr (GMenu) menu = list_addresses (self, fields, action);
  GtkWidget *popover;

  if (g_menu_model_get_n_items (G_MENU_MODEL (menu)) == 1)
    {
      g_autoptr (GVariant) address = g_menu_model_get_item_attribute_value (G_MENU_MODEL (menu), 0,
                                                                            G_MENU_ATTRIBUTE_TARGET, NULL);

      gtk_widget_activate_action_variant (GTK_WIDGET (self), action, address);
      return;
    }

  popover = gtk_popover_menu_new_from_model (G_MENU_MODEL (menu));
  gtk_widget_set_parent (popover, button);
  g_signal_connect (popover, "closed", G_CALLBACK (popover_closed_cb), NULL);
  gtk_popover_popup (GTK_POPOVER (popover));
}

static void
call_cb (SatchelAccountView *self)
{
  reach (self, self->call_button, numbers, "account.call");
}

static void
message_cb (SatchelAccountView *self)
{
  reach (self, self->message_button, numbers, "account.message");
}

static void
mail_cb (SatchelAccountView *self)
{
  reach (self, self->mail_button, mails, "account.mail");
}

static void
place_cb (SatchelAccountView *self)
{
  satchel_reach_place (GTK_WIDGET (self), get_account (self));
}

static void
reach_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  const char *name = g_action_get_name (G_ACTION (action));
  const char *address = g_variant_get_string (parameter, NULL);

  if (g_str_equal (name, "call"))
    satchel_reach_call (data, address);
  else if (g_str_equal (name, "message"))
    satchel_reach_message (data, address);
  else
    satchel_reach_mail (data, address);
}

static void
history_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_widget_activate_action (data, "win.history", "(ss)", "account", SATCHEL_ACCOUNT_VIEW (data)->id);
}

static void
website_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SatchelRecord *account = get_account (data);

  if (account != NULL)
    satchel_reach_website (data, satchel_record_get_text (account, "website"));
}

/* ---- What is shown -------------------------------------------------------------------------------- */

static void
show_title (SatchelAccountView *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  gboolean scrolled = self->keeper != NULL && gtk_adjustment_get_value (adjustment) > HERO_HEIGHT;

  adw_window_title_set_title (self->heading, scrolled ? gtk_label_get_label (self->name) : "");
}

static void
show_account (SatchelAccountView *self)
{
  SatchelRecord *account = get_account (self);
  g_autofree char *name = satchel_record_dup_title (account);
  g_autofree char *line = satchel_record_dup_second_line (account, NULL);
  GAction *website = g_action_map_lookup_action (G_ACTION_MAP (self->actions), "website");

  adw_avatar_set_text (self->avatar, name);
  gtk_label_set_label (self->name, name);
  gtk_label_set_label (self->second_line, line);
  gtk_widget_set_visible (GTK_WIDGET (self->second_line), *line != '\0');
  g_simple_action_set_enabled (G_SIMPLE_ACTION (website), satchel_record_has (account, "website"));
  show_reach (self);
  show_title (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
}

static void
show_state (SatchelAccountView *self, const char *state)
{
  gtk_stack_set_visible_child_name (self->states, state);
  gtk_widget_set_visible (self->menu_button, g_str_equal (state, "account"));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
}

/* Saves what is typed and lets go of the account. */
static void
leave (SatchelAccountView *self)
{
  if (self->keeper == NULL)
    return;
  satchel_form_take_typed (self->form);
  satchel_keeper_close (self->keeper);
  g_signal_handlers_disconnect_by_data (self->keeper, self);
  g_signal_handlers_disconnect_by_data (satchel_keeper_get_draft (self->keeper), self);
  g_clear_object (&self->keeper);
}

static void
gone_cb (SatchelAccountView *self)
{
  leave (self);
  show_state (self, "gone");
}

static void
finished_cb (SatchelAccountView *self)
{
  if (self->keeper != NULL)
    satchel_keeper_save (self->keeper);
}

static void
save_now_cb (SatchelAccountView *self)
{
  if (self->keeper == NULL)
    return;
  satchel_form_take_typed (self->form);
  satchel_keeper_save (self->keeper);
}

static void
set_groups (SatchelAccountView *self, const char *id)
{
  satchel_record_group_set_account (self->next_steps, id);
  satchel_record_group_set_account (self->timeline, id);
  satchel_record_group_set_account (self->people, id);
  satchel_record_group_set_account (self->notes, id);
}

static void
take_account (SatchelAccountView *self, SatchelRecord *account)
{
  g_autoptr (SatchelDraft) draft = satchel_draft_new (account);

  leave (self);
  self->keeper = satchel_keeper_new (self->services, draft);
  g_signal_connect_object (self->keeper, "landed", G_CALLBACK (show_account), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->keeper, "gone", G_CALLBACK (gone_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (draft, "edited", G_CALLBACK (show_account), self, G_CONNECT_SWAPPED);
  satchel_form_set_draft (self->form, draft);
  set_groups (self, self->id);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scroller), 0);
  show_account (self);
  show_state (self, "account");
}

typedef struct
{
  SatchelAccountView *view;
  char *id;
} Opening;

static void
opening_free (Opening *opening)
{
  g_object_unref (opening->view);
  g_free (opening->id);
  g_free (opening);
}

static DexFuture *
open_fiber (gpointer data)
{
  Opening *opening = data;
  SatchelAccountView *self = opening->view;
  g_autoptr (SatchelRecord) account = satchel_await (satchel_services_get (self->services, opening->id), NULL);

  if (g_strcmp0 (opening->id, self->id) != 0 || self->services == NULL)
    return NULL;
  if (account != NULL && satchel_record_get_deleted_at (account) == NULL)
    take_account (self, account);
  else
    gone_cb (self);

  return NULL;
}

/* ---- Making something ----------------------------------------------------------------------------- */

static void
make (SatchelAccountView *self, const char *kind)
{
  if (self->id != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.new-about", "(ss)", kind, self->id);
}

static void
add_person_cb (SatchelAccountView *self)
{
  make (self, "contact");
}

static void
add_note_cb (SatchelAccountView *self)
{
  make (self, "note");
}

static void
delete_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SatchelAccountView *self = data;

  if (self->keeper == NULL)
    return;
  leave (self);
  satchel_deletion_start (self->services, self->id, _ ("Account deleted"));
  satchel_account_view_open (self, NULL);
}

static const GActionEntry entries[] = {
  { "call", reach_action, "s" },
  { "message", reach_action, "s" },
  { "mail", reach_action, "s" },
  { "website", website_action },
  { "history", history_action },
  { "delete", delete_action },
};

/* ---- The object ----------------------------------------------------------------------------------- */

static void
satchel_account_view_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  SatchelAccountView *self = SATCHEL_ACCOUNT_VIEW (object);

  switch (prop_id)
    {
    case PROP_TITLE:
      g_value_set_string (value, self->keeper != NULL ? gtk_label_get_label (self->name) : _ ("Account"));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
satchel_account_view_dispose (GObject *object)
{
  SatchelAccountView *self = SATCHEL_ACCOUNT_VIEW (object);

  if (self->services != NULL)
    leave (self);
  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_ACCOUNT_VIEW);
  g_clear_object (&self->actions);
  g_clear_object (&self->services);
  g_clear_pointer (&self->id, g_free);
  G_OBJECT_CLASS (satchel_account_view_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/satchelcrm/Satchel/accounts/satchel-account-view.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountView, states);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountView, menu_button);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountView, heading);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountView, scroller);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountView, avatar);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountView, name);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountView, second_line);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountView, call_button);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountView, message_button);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountView, mail_button);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountView, place_button);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountView, form);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountView, next_steps);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountView, timeline);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountView, people);
  gtk_widget_class_bind_template_child (widget_class, SatchelAccountView, notes);
  gtk_widget_class_bind_template_callback (widget_class, call_cb);
  gtk_widget_class_bind_template_callback (widget_class, message_cb);
  gtk_widget_class_bind_template_callback (widget_class, mail_cb);
  gtk_widget_class_bind_template_callback (widget_class, place_cb);
  gtk_widget_class_bind_template_callback (widget_class, finished_cb);
  gtk_widget_class_bind_template_callback (widget_class, add_person_cb);
  gtk_widget_class_bind_template_callback (widget_class, add_note_cb);
}

static void
satchel_account_view_class_init (SatchelAccountViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = satchel_account_view_dispose;
  object_class->get_property = satchel_account_view_get_property;

  /**
   * SatchelAccountView:title:
   *
   * The name of the account.
   */
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (SATCHEL_TYPE_FORM);
  g_type_ensure (SATCHEL_TYPE_RECORD_GROUP);
  bind_template (GTK_WIDGET_CLASS (klass));
}

static void
satchel_account_view_init (SatchelAccountView *self)
{
  GtkAdjustment *adjustment;

  gtk_widget_init_template (GTK_WIDGET (self));

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "account", G_ACTION_GROUP (self->actions));
  adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (show_title), self, G_CONNECT_SWAPPED);
  show_state (self, "none");
}

/**
 * satchel_account_view_set_services:
 * @services: reads and writes accounts; given once
 */
void
satchel_account_view_set_services (SatchelAccountView *self, SatchelServices *services)
{
  GListModel *people;

  g_return_if_fail (SATCHEL_IS_ACCOUNT_VIEW (self));
  g_return_if_fail (self->services == NULL);

  self->services = g_object_ref (services);
  satchel_form_set_services (self->form, services);
  satchel_record_group_set_up (self->next_steps, services, &satchel_group_next_steps);
  satchel_record_group_set_up (self->timeline, services, &satchel_group_timeline);
  satchel_record_group_set_up (self->people, services, &satchel_group_people);
  satchel_record_group_set_up (self->notes, services, &satchel_group_notes);
  people = satchel_record_group_get_model (self->people);
  g_signal_connect_object (people, "items-changed", G_CALLBACK (show_reach), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (services, "save-now", G_CALLBACK (save_now_cb), self, G_CONNECT_SWAPPED);
}

/**
 * satchel_account_view_open:
 * @id: (nullable): the id of an account
 *
 * Shows an account as soon as it is read; saves what is typed in the one
 * shown until then.
 */
void
satchel_account_view_open (SatchelAccountView *self, const char *id)
{
  Opening *opening;

  g_return_if_fail (SATCHEL_IS_ACCOUNT_VIEW (self));

  if (!g_set_str (&self->id, id))
    return;
  if (id == NULL)
    {
      leave (self);
      set_groups (self, NULL);
      show_state (self, "none");
      return;
    }

  opening = g_new0 (Opening, 1);
  opening->view = g_object_ref (self);
  opening->id = g_strdup (id);
  satchel_services_spawn (open_fiber, opening, (GDestroyNotify) opening_free);
}

/**
 * satchel_account_view_get_id:
 *
 * Returns: (nullable): the id of the account that is shown
 */
const char *
satchel_account_view_get_id (SatchelAccountView *self)
{
  g_return_val_if_fail (SATCHEL_IS_ACCOUNT_VIEW (self), NULL);

  return self->id;
}
