/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-tray-card.h"

#include <glib/gi18n.h>

struct _SatchelTrayCard
{
  AdwBin parent_instance;

  GtkLabel *title;
  GtkLabel *subtitle;
  GtkLabel *reason;
  GtkLabel *values;

  SatchelServices *services;
  char *entry_id;
};

G_DEFINE_FINAL_TYPE (SatchelTrayCard, satchel_tray_card, ADW_TYPE_BIN)

static gpointer
retry (SatchelReplica *replica, gpointer data, GError **error)
{
  satchel_replica_tray_retry (replica, data, error);
  return NULL;
}

static gpointer
drop (SatchelReplica *replica, gpointer data, GError **error)
{
  satchel_replica_tray_drop (replica, data, error);
  return NULL;
}

typedef struct
{
  SatchelServices *services;
  SatchelReadFunc func;
  char *entry_id;
} TrayJob;

static void
tray_job_free (TrayJob *job)
{
  g_object_unref (job->services);
  g_free (job->entry_id);
  g_free (job);
}

static DexFuture *
tray_fiber (gpointer data)
{
  TrayJob *job = data;
  g_autoptr (GError) error = NULL;

  satchel_await (satchel_services_write (job->services, job->func, g_strdup (job->entry_id), g_free, NULL), &error);
  if (error != NULL)
    satchel_services_show_error (job->services, _ ("That did not work"), error);
  return NULL;
}

static void
run (SatchelServices *services, SatchelReadFunc func, const char *entry_id)
{
  TrayJob *job = g_new0 (TrayJob, 1);

  job->services = g_object_ref (services);
  job->func = func;
  job->entry_id = g_strdup (entry_id);
  satchel_services_spawn (tray_fiber, job, (GDestroyNotify) tray_job_free);
}

static void
retry_cb (SatchelTrayCard *self)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self), FALSE);
  run (self->services, retry, self->entry_id);
}

static void
copy_cb (SatchelTrayCard *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), gtk_label_get_text (self->values));
  satchel_services_show_toast (self->services, _ ("Copied"));
}

/* ---- Discarding ---- */

static void
undone_cb (SatchelTrayCard *self, AdwToast *toast)
{
  g_object_set_data (G_OBJECT (toast), "satchel-undone", GINT_TO_POINTER (TRUE));
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
}

/* Only now, when nobody took it back, is it gone. */
static void
dismissed_cb (SatchelTrayCard *self, AdwToast *toast)
{
  if (g_object_get_data (G_OBJECT (toast), "satchel-undone") == NULL)
    run (self->services, drop, self->entry_id);
}

static void
discard_cb (SatchelTrayCard *self)
{
  AdwToast *toast = adw_toast_new (_ ("Discarded"));

  adw_toast_set_button_label (toast, _ ("Undo"));
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (undone_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (dismissed_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  satchel_services_add_toast (self->services, toast);
}

/* ---- Object ---- */

static void
satchel_tray_card_dispose (GObject *object)
{
  SatchelTrayCard *self = SATCHEL_TRAY_CARD (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_TRAY_CARD);
  g_clear_object (&self->services);
  g_clear_pointer (&self->entry_id, g_free);
  G_OBJECT_CLASS (satchel_tray_card_parent_class)->dispose (object);
}

static void
satchel_tray_card_class_init (SatchelTrayCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = satchel_tray_card_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/satchelcrm/Satchel/sync-centre/satchel-tray-card.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelTrayCard, title);
  gtk_widget_class_bind_template_child (widget_class, SatchelTrayCard, subtitle);
  gtk_widget_class_bind_template_child (widget_class, SatchelTrayCard, reason);
  gtk_widget_class_bind_template_child (widget_class, SatchelTrayCard, values);
  gtk_widget_class_bind_template_callback (widget_class, retry_cb);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
  gtk_widget_class_bind_template_callback (widget_class, discard_cb);
}

static void
satchel_tray_card_init (SatchelTrayCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * satchel_tray_card_new:
 * @services: the services
 * @item: an item of the tray; nothing of it is kept
 *
 * Returns: (transfer floating): a card
 */
GtkWidget *
satchel_tray_card_new (SatchelServices *services, const SatchelWorkItem *item)
{
  SatchelTrayCard *self = g_object_new (SATCHEL_TYPE_TRAY_CARD, NULL);
  const SatchelVocabulary *vocabulary = satchel_services_get_vocabulary (services);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *title = satchel_work_item_dup_title (item);
  g_autofree char *subtitle = satchel_work_item_dup_subtitle (item, vocabulary, now);
  g_autofree char *values = satchel_work_item_dup_values (item, vocabulary);

  self->services = g_object_ref (services);
  self->entry_id = g_strdup (item->work->id);
  gtk_label_set_label (self->title, title);
  gtk_label_set_label (self->subtitle, subtitle);
  gtk_label_set_label (self->reason, item->work->reason != NULL ? item->work->reason : "");
  gtk_label_set_label (self->values, values);
  return GTK_WIDGET (self);
}
