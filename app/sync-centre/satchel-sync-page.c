/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-sync-page.h"

#include <glib/gi18n.h>

#include "satchel-conflict-card.h"
#include "satchel-settle-all.h"
#include "satchel-sync-words.h"
#include "satchel-tray-card.h"
#include "satchel-work-item.h"
#include "shell/satchel-shell-buttons.h"

/* As many as a person looks through; the rest follows when these are done. */
#define MAX_CONFLICTS 30
#define MAX_TRAY 30
#define MAX_PENDING 100

struct _SatchelSyncPage
{
  AdwBin parent_instance;

  GtkImage *mood_icon;
  GtkLabel *headline;
  GtkLabel *words;
  GtkButton *act_button;
  GtkWidget *conflicts_group;
  GtkWidget *all;
  GtkBox *conflicts;
  GtkWidget *tray_group;
  GtkBox *tray;
  GtkWidget *pending_group;
  GtkListBox *pending;
  GtkWidget *team_group;
  AdwActionRow *server_row;
  AdwActionRow *user_row;
  AdwActionRow *last_sync_row;
  AdwActionRow *check_row;
  GtkWidget *check_button;

  SatchelServices *services;
  GHashTable *cards; /* id of a conflict -> SatchelConflictCard, the box's own */
  GSignalGroup *session_signals;
  gboolean narrow;
  gboolean stale;
  gboolean reading;
};

static void satchel_sync_page_iface_init (SatchelPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SatchelSyncPage, satchel_sync_page, ADW_TYPE_BIN,
                               G_IMPLEMENT_INTERFACE (SATCHEL_TYPE_PAGE, satchel_sync_page_iface_init))

enum
{
  PROP_SERVICES = 1,
  PROP_NARROW,
};

/* ---- The state in words ---- */

static SatchelSessionState
get_state (SatchelSyncPage *self)
{
  SatchelSession *session = satchel_services_get_session (self->services);

  return session != NULL ? satchel_session_get_state (session) : SATCHEL_SESSION_NOT_CONNECTED;
}

static char *
dup_words (SatchelSyncPage *self, GDateTime *now)
{
  SatchelSession *session = satchel_services_get_session (self->services);
  guint64 received = 0;

  if (session != NULL)
    g_object_get (session, "received", &received, NULL);
  return satchel_sync_dup_words (satchel_services_get_status (self->services), get_state (self),
                                 session != NULL ? satchel_session_get_message (session) : NULL, received, now);
}

/* What the one button does now; NULL: there is nothing to do. */
static const char *
get_action (SatchelSyncPage *self)
{
  const SatchelStatus *status = satchel_services_get_status (self->services);

  if (satchel_services_get_session (self->services) == NULL)
    return NULL;
  if (get_state (self) == SATCHEL_SESSION_SIGNED_OUT || status == NULL || status->server == NULL)
    return "win.sign-in";
  if (get_state (self) == SATCHEL_SESSION_ASKING)
    return "win.allow-removal";
  return "win.sync";
}

static void
show_action (SatchelSyncPage *self)
{
  const SatchelStatus *status = satchel_services_get_status (self->services);
  const char *action = get_action (self);

  gtk_widget_set_visible (GTK_WIDGET (self->act_button), action != NULL);
  if (g_strcmp0 (action, "win.sync") == 0)
    gtk_button_set_label (self->act_button, _ ("Sync now"));
  else if (g_strcmp0 (action, "win.allow-removal") == 0)
    gtk_button_set_label (self->act_button, _ ("Let it be removed"));
  else if (status != NULL && status->server != NULL)
    gtk_button_set_label (self->act_button, _ ("Sign in"));
  else
    gtk_button_set_label (self->act_button, _ ("Connect to your team"));
}

static void
show_team (SatchelSyncPage *self, const SatchelStatus *status, GDateTime *now)
{
  g_autofree char *ago = NULL;

  gtk_widget_set_visible (self->team_group, status != NULL && status->server != NULL);
  if (status == NULL || status->server == NULL)
    return;
  if (status->last_sync != NULL)
    ago = satchel_sync_dup_time_words (status->last_sync, now);
  adw_action_row_set_subtitle (self->server_row, status->server);
  adw_action_row_set_subtitle (self->user_row, status->user_name != NULL ? status->user_name : "");
  adw_action_row_set_subtitle (self->last_sync_row, ago != NULL ? ago : _ ("Not yet"));
}

static char *
dup_check_words (SatchelCheck *check, GDateTime *now)
{
  g_autofree char *words = satchel_check_dup_words (check);
  const char *at = satchel_check_get_at (check);
  g_autofree char *ago = at != NULL ? satchel_sync_dup_time_words (at, now) : NULL;

  if (satchel_check_get_running (check))
    return g_strdup (_ ("Comparing…"));
  if (words == NULL)
    return g_strdup (_ ("Not yet; Satchel does it by itself now and then."));
  return ago != NULL ? g_strdup_printf ("%s\n%s", words, ago) : g_steal_pointer (&words);
}

static void
show_check (SatchelSyncPage *self)
{
  SatchelCheck *check = satchel_services_get_check (self->services);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *words = check != NULL ? dup_check_words (check, now) : NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->check_row), check != NULL);
  if (check == NULL)
    return;
  adw_action_row_set_subtitle (self->check_row, words);
  gtk_widget_set_sensitive (self->check_button, !satchel_check_get_running (check));
}

static void
check_cb (SatchelSyncPage *self)
{
  satchel_check_start (satchel_services_get_check (self->services));
}

/* What the headline says already need not be said again. */
static const char *
skip_headline (const char *words, const char *headline)
{
  gsize length = strlen (headline);

  if (!g_str_has_prefix (words, headline) || words[length] != '.')
    return words;
  return words[length + 1] == ' ' ? words + length + 2 : words + length + 1;
}

static void
show_state (SatchelSyncPage *self)
{
  const SatchelStatus *status = satchel_services_get_status (self->services);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *headline = satchel_sync_dup_headline (status, get_state (self));
  g_autofree char *words = dup_words (self, now);

  gtk_image_set_from_icon_name (self->mood_icon,
                                satchel_sync_mood_get_icon_name (satchel_sync_mood (status, get_state (self))));
  gtk_label_set_label (self->headline, headline);
  gtk_label_set_label (self->words, skip_headline (words, headline));
  show_action (self);
  show_team (self, status, now);
  show_check (self);
}

static void
act_cb (SatchelSyncPage *self)
{
  const char *action = get_action (self);

  if (action != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), action, NULL);
}

static void
keep_mine_cb (SatchelSyncPage *self)
{
  satchel_settle_all_start (GTK_WIDGET (self), self->services, SATCHEL_SIDE_MINE);
}

static void
keep_theirs_cb (SatchelSyncPage *self)
{
  satchel_settle_all_start (GTK_WIDGET (self), self->services, SATCHEL_SIDE_THEIRS);
}

/* ---- What waits ---- */

typedef struct
{
  GPtrArray *pending;
  GPtrArray *tray;
  GPtrArray *conflicts;
} Contents;

static void
contents_free (Contents *contents)
{
  g_clear_pointer (&contents->pending, g_ptr_array_unref);
  g_clear_pointer (&contents->tray, g_ptr_array_unref);
  g_clear_pointer (&contents->conflicts, g_ptr_array_unref);
  g_free (contents);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Contents, contents_free)

static gpointer
read_contents (SatchelReplica *replica, gpointer data, GError **error)
{
  g_autoptr (Contents) contents = g_new0 (Contents, 1);

  contents->pending = satchel_work_items_read_pending (replica, error);
  if (contents->pending != NULL)
    contents->tray = satchel_work_items_read_tray (replica, error);
  if (contents->tray != NULL)
    contents->conflicts = satchel_conflict_cases_read (replica, error);
  return contents->conflicts != NULL ? g_steal_pointer (&contents) : NULL;
}

static void
clear_box (GtkBox *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    gtk_box_remove (box, child);
}

/* Those whose conflict is settled leave. */
static void
remove_others (SatchelSyncPage *self, GHashTable *staying)
{
  GHashTableIter iter;
  gpointer id, card;

  g_hash_table_iter_init (&iter, self->cards);
  while (g_hash_table_iter_next (&iter, &id, &card))
    if (!g_hash_table_contains (staying, id))
      gtk_box_remove (self->conflicts, card);
}

/* A card whose conflict is as it was stays as it is, with whatever has the focus in it. */
static void
show_conflicts (SatchelSyncPage *self, GPtrArray *cases)
{
  g_autoptr (GHashTable) cards = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GtkWidget *after = NULL;

  g_ptr_array_set_free_func (cases, NULL);
  for (guint i = 0; i < cases->len; i++)
    {
      SatchelConflictCase *shown = g_ptr_array_index (cases, i);
      const char *id = satchel_record_get_id (shown->conflict);
      GtkWidget *card;

      if (i >= MAX_CONFLICTS)
        {
          satchel_conflict_case_free (shown);
          continue;
        }
      card = g_hash_table_lookup (self->cards, id);
      if (card == NULL)
        {
          card = satchel_conflict_card_new (self->services);
          g_object_bind_property (self, "narrow", card, "narrow", G_BINDING_SYNC_CREATE);
          gtk_box_append (self->conflicts, card);
        }
      gtk_box_reorder_child_after (self->conflicts, card, after);
      g_hash_table_insert (cards, g_strdup (id), card);
      satchel_conflict_card_show (SATCHEL_CONFLICT_CARD (card), shown);
      after = card;
    }
  remove_others (self, cards);
  g_hash_table_unref (self->cards);
  self->cards = g_steal_pointer (&cards);
  gtk_widget_set_visible (self->conflicts_group, cases->len > 0);
  gtk_widget_set_visible (self->all, cases->len > 1);
}

static void
show_tray (SatchelSyncPage *self, GPtrArray *items)
{
  clear_box (self->tray);
  for (guint i = 0; i < MIN (items->len, MAX_TRAY); i++)
    gtk_box_append (self->tray, satchel_tray_card_new (self->services, g_ptr_array_index (items, i)));
  gtk_widget_set_visible (self->tray_group, items->len > 0);
}

static GtkWidget *
create_pending_row (SatchelSyncPage *self, const SatchelWorkItem *item, GDateTime *now)
{
  const SatchelMutation *first = g_ptr_array_index (item->work->mutations, 0);
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *title = satchel_work_item_dup_title (item);
  g_autofree char *subtitle = satchel_work_item_dup_subtitle (item, satchel_services_get_vocabulary (self->services),
                                                              now);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), first->kind != SATCHEL_MUTATION_RESOLVE);
  g_object_set_data_full (G_OBJECT (row), "satchel-type", g_strdup (first->type), g_free);
  g_object_set_data_full (G_OBJECT (row), "satchel-id", g_strdup (first->id), g_free);
  return row;
}

static void
show_pending (SatchelSyncPage *self, GPtrArray *items)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *more = NULL;

  gtk_list_box_remove_all (self->pending);
  for (guint i = 0; i < MIN (items->len, MAX_PENDING); i++)
    gtk_list_box_append (self->pending, create_pending_row (self, g_ptr_array_index (items, i), now));
  if (items->len > MAX_PENDING)
    more = g_strdup_printf (ngettext ("and %u more", "and %u more", items->len - MAX_PENDING),
                            items->len - MAX_PENDING);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self->pending_group), more);
  gtk_widget_set_visible (self->pending_group, items->len > 0);
}

static void
pending_activated_cb (SatchelSyncPage *self, GtkListBoxRow *row)
{
  satchel_services_open_record (self->services, g_object_get_data (G_OBJECT (row), "satchel-type"),
                                g_object_get_data (G_OBJECT (row), "satchel-id"));
}

/* One reader at a time; what changes meanwhile is read once more. */
static DexFuture *
read_fiber (gpointer data)
{
  SatchelSyncPage *self = data;

  while (self->stale && self->services != NULL)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (Contents) contents = NULL;

      self->stale = FALSE;
      contents = satchel_await (
          satchel_services_read (self->services, read_contents, NULL, NULL, (GDestroyNotify) contents_free), &error);
      if (self->services == NULL)
        break;
      if (contents == NULL)
        {
          satchel_services_show_error (self->services, _ ("The state cannot be shown"), error);
          break;
        }
      show_conflicts (self, contents->conflicts);
      show_tray (self, contents->tray);
      show_pending (self, contents->pending);
    }
  self->reading = FALSE;
  return NULL;
}

static void
refresh (SatchelSyncPage *self)
{
  self->stale = TRUE;
  if (self->reading)
    return;
  self->reading = TRUE;
  satchel_services_spawn (read_fiber, g_object_ref (self), g_object_unref);
}

/* ---- Object ---- */

static void
satchel_sync_page_constructed (GObject *object)
{
  SatchelSyncPage *self = SATCHEL_SYNC_PAGE (object);

  G_OBJECT_CLASS (satchel_sync_page_parent_class)->constructed (object);

  g_signal_connect_object (self->services, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->services, "notify::status", G_CALLBACK (show_state), self, G_CONNECT_SWAPPED);
  if (satchel_services_get_check (self->services) != NULL)
    g_signal_connect_object (satchel_services_get_check (self->services), "changed", G_CALLBACK (show_check), self,
                             G_CONNECT_SWAPPED);
  self->session_signals = g_signal_group_new (SATCHEL_TYPE_SESSION);
  g_signal_group_connect_swapped (self->session_signals, "notify", G_CALLBACK (show_state), self);
  g_signal_group_set_target (self->session_signals, satchel_services_get_session (self->services));
  show_state (self);
  refresh (self);
}

static void
satchel_sync_page_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  SatchelSyncPage *self = SATCHEL_SYNC_PAGE (object);

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
satchel_sync_page_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  SatchelSyncPage *self = SATCHEL_SYNC_PAGE (object);

  switch (property_id)
    {
    case PROP_SERVICES:
      self->services = g_value_dup_object (value);
      break;
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
satchel_sync_page_dispose (GObject *object)
{
  SatchelSyncPage *self = SATCHEL_SYNC_PAGE (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_SYNC_PAGE);
  g_clear_pointer (&self->cards, g_hash_table_unref);
  g_clear_object (&self->session_signals);
  g_clear_object (&self->services);
  G_OBJECT_CLASS (satchel_sync_page_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/satchelcrm/Satchel/sync-centre/satchel-sync-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelSyncPage, mood_icon);
  gtk_widget_class_bind_template_child (widget_class, SatchelSyncPage, headline);
  gtk_widget_class_bind_template_child (widget_class, SatchelSyncPage, words);
  gtk_widget_class_bind_template_child (widget_class, SatchelSyncPage, act_button);
  gtk_widget_class_bind_template_child (widget_class, SatchelSyncPage, conflicts_group);
  gtk_widget_class_bind_template_child (widget_class, SatchelSyncPage, all);
  gtk_widget_class_bind_template_child (widget_class, SatchelSyncPage, conflicts);
  gtk_widget_class_bind_template_child (widget_class, SatchelSyncPage, tray_group);
  gtk_widget_class_bind_template_child (widget_class, SatchelSyncPage, tray);
  gtk_widget_class_bind_template_child (widget_class, SatchelSyncPage, pending_group);
  gtk_widget_class_bind_template_child (widget_class, SatchelSyncPage, pending);
  gtk_widget_class_bind_template_child (widget_class, SatchelSyncPage, team_group);
  gtk_widget_class_bind_template_child (widget_class, SatchelSyncPage, server_row);
  gtk_widget_class_bind_template_child (widget_class, SatchelSyncPage, user_row);
  gtk_widget_class_bind_template_child (widget_class, SatchelSyncPage, last_sync_row);
  gtk_widget_class_bind_template_child (widget_class, SatchelSyncPage, check_row);
  gtk_widget_class_bind_template_child (widget_class, SatchelSyncPage, check_button);
  gtk_widget_class_bind_template_callback (widget_class, act_cb);
  gtk_widget_class_bind_template_callback (widget_class, check_cb);
  gtk_widget_class_bind_template_callback (widget_class, keep_mine_cb);
  gtk_widget_class_bind_template_callback (widget_class, keep_theirs_cb);
  gtk_widget_class_bind_template_callback (widget_class, pending_activated_cb);
}

static void
satchel_sync_page_class_init (SatchelSyncPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = satchel_sync_page_constructed;
  object_class->dispose = satchel_sync_page_dispose;
  object_class->get_property = satchel_sync_page_get_property;
  object_class->set_property = satchel_sync_page_set_property;
  g_object_class_override_property (object_class, PROP_SERVICES, "services");
  g_object_class_override_property (object_class, PROP_NARROW, "narrow");

  g_type_ensure (SATCHEL_TYPE_SHELL_BUTTONS);
  bind_template (GTK_WIDGET_CLASS (klass));
}

static void
satchel_sync_page_init (SatchelSyncPage *self)
{
  self->cards = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
}

static gboolean
satchel_sync_page_open (SatchelPage *page, const char *type, const char *id)
{
  return g_str_equal (type, "conflict");
}

static void
satchel_sync_page_iface_init (SatchelPageInterface *iface)
{
  iface->open = satchel_sync_page_open;
}
