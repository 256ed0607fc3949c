/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-connect-form.h"

#include <glib/gi18n.h>

#include "client/satchel-invitation.h"
#include "satchel-ask.h"

struct _SatchelConnectForm
{
  AdwBin parent_instance;

  AdwBanner *trouble;
  GtkEditable *server_row;
  GtkEditable *user_row;
  GtkEditable *password_row;
  AdwActionRow *certificate_row;
  GtkWidget *certificate_clear;

  SatchelServices *services;
  GCancellable *cancellable;
  GFile *certificate;
  gboolean connecting;
};

G_DEFINE_FINAL_TYPE (SatchelConnectForm, satchel_connect_form, ADW_TYPE_BIN)

enum
{
  PROP_SERVICES = 1,
  PROP_CONNECTING,
  PROP_CAN_CONNECT,
  N_PROPERTIES
};
static GParamSpec *properties[N_PROPERTIES];

enum
{
  CONNECTED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static gboolean
is_filled (GtkEditable *row)
{
  return *gtk_editable_get_text (row) != '\0';
}

static char *
dup_server (SatchelConnectForm *self)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (self->server_row)));
}

/* Whether a link stands in the place of the address: then nothing else is needed. */
static gboolean
is_invited (SatchelConnectForm *self)
{
  g_autofree char *server = dup_server (self);

  return satchel_invitation_is_link (server);
}

static gboolean
can_connect (SatchelConnectForm *self)
{
  return !self->connecting && is_filled (self->server_row) &&
         (is_invited (self) || (is_filled (self->user_row) && is_filled (self->password_row)));
}

static void
show_what_is_needed (SatchelConnectForm *self)
{
  gboolean invited = is_invited (self);

  gtk_widget_set_visible (GTK_WIDGET (self->user_row), !invited);
  gtk_widget_set_visible (GTK_WIDGET (self->password_row), !invited);
  gtk_widget_set_visible (GTK_WIDGET (self->certificate_row), !invited);
}

static void
changed_cb (SatchelConnectForm *self)
{
  show_what_is_needed (self);
  adw_banner_set_revealed (self->trouble, FALSE);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CAN_CONNECT]);
}

static void
set_connecting (SatchelConnectForm *self, gboolean connecting)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  /* What is about to become insensitive must not hold the focus; it takes an on-screen keyboard away, too. */
  if (connecting && root != NULL)
    gtk_root_set_focus (root, NULL);
  self->connecting = connecting;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONNECTING]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CAN_CONNECT]);
}

static char *
connect_face (SatchelConnectForm *self, gboolean connecting)
{
  return g_strdup (connecting ? "connecting" : "words");
}

/* ---- Certificate ---- */

/**
 * satchel_connect_form_set_certificate:
 * @self: the form
 * @file: (nullable): the certificate of the team's own authority
 *
 * Trusts this one, too.
 */
void
satchel_connect_form_set_certificate (SatchelConnectForm *self, GFile *file)
{
  g_autofree char *name = file != NULL ? g_file_get_basename (file) : NULL;

  g_return_if_fail (SATCHEL_IS_CONNECT_FORM (self));

  g_set_object (&self->certificate, file);
  adw_action_row_set_subtitle (self->certificate_row,
                               name != NULL ? name : _ ("Only when your team has one of its own"));
  gtk_widget_set_visible (self->certificate_clear, file != NULL);
  changed_cb (self);
}

static void
certificate_chosen_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SatchelConnectForm) self = data;
  g_autoptr (GFile) file = gtk_file_dialog_open_finish (GTK_FILE_DIALOG (source), result, NULL);

  if (file != NULL)
    satchel_connect_form_set_certificate (self, file);
}

static void
choose_certificate_cb (SatchelConnectForm *self)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  gtk_file_dialog_set_title (dialog, _ ("Your team's certificate"));
  gtk_file_dialog_open (dialog, GTK_WINDOW (root), NULL, certificate_chosen_cb, g_object_ref (self));
}

static void
clear_certificate_cb (SatchelConnectForm *self)
{
  satchel_connect_form_set_certificate (self, NULL);
}

/* ---- Connecting ---- */

static gpointer
has_keyring (gpointer data, GError **error)
{
  return GINT_TO_POINTER (satchel_token_store_has_service ());
}

/* Where the sign-in may be kept; FALSE when the person would rather not. */
static gboolean
find_place (SatchelConnectForm *self, SatchelTokenPlace *place)
{
  g_autofree char *answer = NULL;

  *place = SATCHEL_TOKEN_PLACE_SERVICE;
  if (satchel_await (satchel_run_in_thread (has_keyring, NULL, NULL, NULL), NULL) != NULL)
    return TRUE;
  answer = dex_await_string (
      satchel_ask (
          GTK_WIDGET (self), _ ("Keep your sign-in in a file?"),
          _ ("This device has no keyring running that could keep it locked away. Satchel can keep your sign-in "
             "in a file that only you can read. Your password is not kept."),
          "keep", _ ("_Keep in a file"), ADW_RESPONSE_SUGGESTED),
      NULL);
  *place = SATCHEL_TOKEN_PLACE_FILE;
  return g_strcmp0 (answer, "keep") == 0;
}

static void
enrolled_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (DexPromise) promise = data;
  GError *error = NULL;

  if (satchel_session_enroll_finish (SATCHEL_SESSION (source), result, &error))
    dex_promise_resolve_boolean (promise, TRUE);
  else
    dex_promise_reject (promise, error);
}

static DexFuture *
enroll (SatchelConnectForm *self, SatchelTokenPlace place)
{
  DexPromise *promise = dex_promise_new ();
  DexFuture *future = dex_ref (DEX_FUTURE (promise));
  g_autofree char *certificate = self->certificate != NULL ? g_file_get_path (self->certificate) : NULL;
  g_autofree char *server = dup_server (self);
  g_autofree char *user = g_strstrip (g_strdup (gtk_editable_get_text (self->user_row)));
  SatchelSession *session = satchel_services_get_session (self->services);

  if (is_invited (self))
    satchel_session_accept_async (session, server, g_get_host_name (), place, self->cancellable, enrolled_cb, promise);
  else
    satchel_session_enroll_async (session, server, certificate, user, gtk_editable_get_text (self->password_row),
                                  g_get_host_name (), place, self->cancellable, enrolled_cb, promise);

  return future;
}

static void
show_trouble (SatchelConnectForm *self, const GError *error)
{
  adw_banner_set_title (self->trouble, error->message);
  adw_banner_set_revealed (self->trouble, TRUE);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), error->message, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
}

static DexFuture *
connect_fiber (gpointer data)
{
  SatchelConnectForm *self = data;
  g_autoptr (GError) error = NULL;
  SatchelTokenPlace place;

  if (find_place (self, &place) && self->services != NULL)
    dex_await (enroll (self, place), &error);
  else
    error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "");
  if (self->services == NULL)
    return NULL;

  set_connecting (self, FALSE);
  if (error == NULL)
    {
      gtk_editable_set_text (self->password_row, "");
      g_signal_emit (self, signals[CONNECTED], 0);
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_trouble (self, error);
  return NULL;
}

static void
connect_cb (SatchelConnectForm *self)
{
  if (!can_connect (self) || self->services == NULL || satchel_services_get_session (self->services) == NULL)
    return;
  adw_banner_set_revealed (self->trouble, FALSE);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  set_connecting (self, TRUE);
  satchel_services_spawn (connect_fiber, g_object_ref (self), g_object_unref);
}

/* Leaving the page is giving up. */
static void
satchel_connect_form_unmap (GtkWidget *widget)
{
  SatchelConnectForm *self = SATCHEL_CONNECT_FORM (widget);

  g_cancellable_cancel (self->cancellable);
  GTK_WIDGET_CLASS (satchel_connect_form_parent_class)->unmap (widget);
}

/* ---- Object ---- */

static void
satchel_connect_form_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  SatchelConnectForm *self = SATCHEL_CONNECT_FORM (object);

  switch (property_id)
    {
    case PROP_SERVICES:
      g_value_set_object (value, self->services);
      break;
    case PROP_CONNECTING:
      g_value_set_boolean (value, self->connecting);
      break;
    case PROP_CAN_CONNECT:
      g_value_set_boolean (value, self->server_row != NULL && can_connect (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
satchel_connect_form_set_property (GObject *object, guint property_id, const GValue *value, GParamSpec *pspec)
{
  SatchelConnectForm *self = SATCHEL_CONNECT_FORM (object);

  switch (property_id)
    {
    case PROP_SERVICES:
      if (g_set_object (&self->services, g_value_get_object (value)))
        g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
satchel_connect_form_dispose (GObject *object)
{
  SatchelConnectForm *self = SATCHEL_CONNECT_FORM (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  gtk_widget_dispose_template (GTK_WIDGET (self), SATCHEL_TYPE_CONNECT_FORM);
  g_clear_object (&self->certificate);
  g_clear_object (&self->services);
  G_OBJECT_CLASS (satchel_connect_form_parent_class)->dispose (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  properties[PROP_SERVICES] = g_param_spec_object ("services", NULL, NULL, SATCHEL_TYPE_SERVICES,
                                                   G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                                       G_PARAM_STATIC_STRINGS);
  properties[PROP_CONNECTING] = g_param_spec_boolean ("connecting", NULL, NULL, FALSE, readable);
  properties[PROP_CAN_CONNECT] = g_param_spec_boolean ("can-connect", NULL, NULL, FALSE, readable);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, "/org/satchelcrm/Satchel/shell/satchel-connect-form.ui");
  gtk_widget_class_bind_template_child (widget_class, SatchelConnectForm, trouble);
  gtk_widget_class_bind_template_child (widget_class, SatchelConnectForm, server_row);
  gtk_widget_class_bind_template_child (widget_class, SatchelConnectForm, user_row);
  gtk_widget_class_bind_template_child (widget_class, SatchelConnectForm, password_row);
  gtk_widget_class_bind_template_child (widget_class, SatchelConnectForm, certificate_row);
  gtk_widget_class_bind_template_child (widget_class, SatchelConnectForm, certificate_clear);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, connect_cb);
  gtk_widget_class_bind_template_callback (widget_class, connect_face);
  gtk_widget_class_bind_template_callback (widget_class, choose_certificate_cb);
  gtk_widget_class_bind_template_callback (widget_class, clear_certificate_cb);
}

static void
satchel_connect_form_class_init (SatchelConnectFormClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = satchel_connect_form_dispose;
  object_class->get_property = satchel_connect_form_get_property;
  object_class->set_property = satchel_connect_form_set_property;
  widget_class->unmap = satchel_connect_form_unmap;
  install_properties (object_class);
  signals[CONNECTED] = g_signal_new ("connected", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                     G_TYPE_NONE, 0);
  bind_template (widget_class);
}

static void
satchel_connect_form_init (SatchelConnectForm *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * satchel_connect_form_fill:
 * @self: the form
 * @server: (nullable): the server's address
 * @user: (nullable): the person's name there
 *
 * Fills in what a link knows, so that only the password is left to type.
 */
void
satchel_connect_form_fill (SatchelConnectForm *self, const char *server, const char *user)
{
  g_return_if_fail (SATCHEL_IS_CONNECT_FORM (self));

  if (server != NULL)
    gtk_editable_set_text (self->server_row, server);
  if (user != NULL)
    gtk_editable_set_text (self->user_row, user);
}
