/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "client/satchel-token-store.h"
#include "records/satchel-id.h"

#define SECRETS_XML                                                                                   \
  "<node>"                                                                                            \
  " <interface name='org.freedesktop.Secret.Service'>"                                                \
  "  <method name='ReadAlias'><arg type='s' direction='in'/><arg type='o' direction='out'/></method>" \
  " </interface>"                                                                                     \
  " <interface name='org.freedesktop.Secret.Collection'>"                                             \
  "  <property name='Locked' type='b' access='read'/>"                                                \
  " </interface>"                                                                                     \
  "</node>"

/* What a made-up secret service is like. */
typedef struct
{
  const char *collection; /* NULL: it never answers */
  gboolean locked;
  GTestDBus *dbus;
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  GDBusConnection *bus;
  GMutex mutex;
  GCond cond;
  gboolean ready;
} Service;

/* ---- The file ---- */

static char *
get_path (const char *device)
{
  return g_build_filename (g_get_user_data_dir (), "satchel", "tokens", device, NULL);
}

static guint
get_mode (const char *path)
{
  GStatBuf status;

  g_assert_cmpint (g_stat (path, &status), ==, 0);

  return status.st_mode & 07777;
}

static void
test_file (void)
{
  g_autofree char *device = satchel_id_new ();
  g_autofree char *path = get_path (device);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  SatchelTokenPlace place = SATCHEL_TOKEN_PLACE_SERVICE;
  g_autoptr (GError) error = NULL;

  g_assert_null (satchel_token_store_load (device, NULL, &error));
  g_assert_no_error (error);

  g_assert_true (satchel_token_store_save (device, "secret", SATCHEL_TOKEN_PLACE_FILE, &error));
  g_assert_no_error (error);
  g_assert_cmphex (get_mode (path), ==, 0600);
  g_assert_cmphex (get_mode (folder), ==, 0700);
  first = satchel_token_store_load (device, &place, &error);
  g_assert_cmpstr (first, ==, "secret");
  g_assert_cmpint (place, ==, SATCHEL_TOKEN_PLACE_FILE);

  g_assert_true (satchel_token_store_save (device, "another", SATCHEL_TOKEN_PLACE_FILE, &error));
  second = satchel_token_store_load (device, NULL, &error);
  g_assert_cmpstr (second, ==, "another");

  g_assert_true (satchel_token_store_forget (device, &error));
  g_assert_null (satchel_token_store_load (device, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (satchel_token_store_forget (device, &error));
}

/* A folder that others could look into is closed; nothing else may stand in it for the token. */
static void
test_file_in_open_folder (void)
{
  g_autofree char *device = satchel_id_new ();
  g_autofree char *path = get_path (device);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_cmpint (g_chmod (folder, 0755), ==, 0);
  g_assert_true (satchel_token_store_save (device, "secret", SATCHEL_TOKEN_PLACE_FILE, NULL));
  g_assert_cmphex (get_mode (folder), ==, 0700);
  g_assert_cmphex (get_mode (path), ==, 0600);
}

static void
test_file_impossible (void)
{
  g_autofree char *device = satchel_id_new ();
  g_autofree char *path = get_path (device);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
  g_assert_false (satchel_token_store_save (device, "secret", SATCHEL_TOKEN_PLACE_FILE, &error));
  g_assert_nonnull (strstr (error->message, path));
  g_clear_error (&error);
  g_assert_null (satchel_token_store_load (device, NULL, &error));
  g_assert_nonnull (strstr (error->message, path));
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

/* ---- Whether there is a service ---- */

static void
method_cb (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *method,
           GVariant *parameters, GDBusMethodInvocation *invocation, gpointer data)
{
  Service *service = data;

  if (service->collection != NULL)
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", service->collection));
  else
    g_object_unref (invocation); /* never */
}

static GVariant *
property_cb (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *property,
             GError **error, gpointer data)
{
  Service *service = data;

  return g_variant_new_boolean (service->locked);
}

static void export (Service *service, GDBusNodeInfo *info, guint index, const char *path)
{
  static const GDBusInterfaceVTable functions = { method_cb, property_cb, NULL, { NULL } };
  g_autoptr (GError) error = NULL;

  g_dbus_connection_register_object (service->bus, path, info->interfaces[index], &functions, service, NULL, &error);
  g_assert_no_error (error);
}

static void
own_name (Service *service)
{
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (SECRETS_XML, NULL);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  service->bus = g_dbus_connection_new_for_address_sync (g_test_dbus_get_bus_address (service->dbus),
                                                         G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                             G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                                         NULL, NULL, &error);
  g_assert_no_error (error);
  export (service, info, 0, "/org/freedesktop/secrets");
  export (service, info, 1, "/org/freedesktop/secrets/collection/login");
  reply = g_dbus_connection_call_sync (service->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "RequestName",
                                       g_variant_new ("(su)", "org.freedesktop.secrets", 0), G_VARIANT_TYPE ("(u)"),
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
}

static gpointer
serve (gpointer data)
{
  Service *service = data;

  g_main_context_push_thread_default (service->context);
  own_name (service);
  g_mutex_lock (&service->mutex);
  service->ready = TRUE;
  g_cond_signal (&service->cond);
  g_mutex_unlock (&service->mutex);
  g_main_loop_run (service->loop);
  g_dbus_connection_close_sync (service->bus, NULL, NULL);
  g_clear_object (&service->bus);
  g_main_context_pop_thread_default (service->context);

  return NULL;
}

static void
service_start (Service *service)
{
  g_mutex_init (&service->mutex);
  g_cond_init (&service->cond);
  service->context = g_main_context_new ();
  service->loop = g_main_loop_new (service->context, FALSE);
  service->thread = g_thread_new ("secret-service", serve, service);

  g_mutex_lock (&service->mutex);
  while (!service->ready)
    g_cond_wait (&service->cond, &service->mutex);
  g_mutex_unlock (&service->mutex);
}

static gboolean
quit_cb (gpointer loop)
{
  g_main_loop_quit (loop);

  return G_SOURCE_REMOVE;
}

/* From within: the loop may not run yet. */
static void
service_stop (Service *service)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, quit_cb, service->loop, NULL);
  g_source_attach (source, service->context);
  g_thread_join (service->thread);
  g_main_loop_unref (service->loop);
  g_main_context_unref (service->context);
  g_mutex_clear (&service->mutex);
  g_cond_clear (&service->cond);
}

/* A second and what a busy computer adds to it. */
static gboolean
ask_for_service (void)
{
  gint64 began = g_get_monotonic_time ();
  gboolean has_service = satchel_token_store_has_service ();

  g_assert_cmpint (g_get_monotonic_time () - began, <, 5 * G_TIME_SPAN_SECOND);

  return has_service;
}

/* GIO keeps one connection to the bus of a process, so each case has a process of its own. */
static gboolean
begin_in_process (void)
{
  if (g_test_subprocess ())
    return TRUE;

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();

  return FALSE;
}

static void
check_service (const char *collection, gboolean locked, const char *display, gboolean expected)
{
  Service service = { .collection = collection, .locked = locked };

  if (!begin_in_process ())
    return;

  service.dbus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (service.dbus);
  service_start (&service);
  g_unsetenv ("DISPLAY");
  g_unsetenv ("WAYLAND_DISPLAY");
  if (display != NULL)
    g_setenv ("WAYLAND_DISPLAY", display, TRUE);

  g_assert_cmpint (ask_for_service (), ==, expected);

  service_stop (&service);
  g_test_dbus_stop (service.dbus);
  g_object_unref (service.dbus);
}

static void
test_service_open (void)
{
  check_service ("/org/freedesktop/secrets/collection/login", FALSE, NULL, TRUE);
}

static void
test_service_locked (void)
{
  check_service ("/org/freedesktop/secrets/collection/login", TRUE, NULL, FALSE);
}

static void
test_service_locked_with_display (void)
{
  check_service ("/org/freedesktop/secrets/collection/login", TRUE, "wayland-0", TRUE);
}

static void
test_service_without_collection (void)
{
  check_service ("/", FALSE, "wayland-0", FALSE);
}

static void
test_service_silent (void)
{
  check_service (NULL, FALSE, "wayland-0", FALSE);
}

static void
test_service_unwanted (void)
{
  g_setenv ("SATCHEL_TOKEN_STORE", "file", TRUE);
  check_service ("/org/freedesktop/secrets/collection/login", FALSE, NULL, FALSE);
  g_unsetenv ("SATCHEL_TOKEN_STORE");
}

static void
test_no_service (void)
{
  GTestDBus *dbus;

  if (!begin_in_process ())
    return;

  dbus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (dbus);
  g_assert_false (ask_for_service ());
  g_test_dbus_stop (dbus);
  g_object_unref (dbus);
}

static void
test_no_bus (void)
{
  if (!begin_in_process ())
    return;

  g_unsetenv ("DBUS_SESSION_BUS_ADDRESS");
  g_assert_false (ask_for_service ());
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus", TRUE);
  g_assert_false (ask_for_service ());
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  if (!g_test_subprocess ())
    g_unsetenv ("DBUS_SESSION_BUS_ADDRESS");

  g_test_add_func ("/token-store/file", test_file);
  g_test_add_func ("/token-store/file/open-folder", test_file_in_open_folder);
  g_test_add_func ("/token-store/file/impossible", test_file_impossible);
  g_test_add_func ("/token-store/service/open", test_service_open);
  g_test_add_func ("/token-store/service/locked", test_service_locked);
  g_test_add_func ("/token-store/service/locked-with-display", test_service_locked_with_display);
  g_test_add_func ("/token-store/service/without-collection", test_service_without_collection);
  g_test_add_func ("/token-store/service/silent", test_service_silent);
  g_test_add_func ("/token-store/service/unwanted", test_service_unwanted);
  g_test_add_func ("/token-store/service/none", test_no_service);
  g_test_add_func ("/token-store/service/no-bus", test_no_bus);

  return g_test_run ();
}
