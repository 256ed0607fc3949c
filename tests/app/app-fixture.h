/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica/satchel-replica-sync.h"
#include "shell/satchel-window.h"

G_BEGIN_DECLS

/* A window on a replica with the sample company, in a folder of its own, without a server. */
typedef struct
{
  char *folder;
  SatchelReplica *replica;
  SatchelServices *services;
  SatchelWindow *window;
} AppFixture;

/* Begins a test program. */
void app_test_init (int *argc, char ***argv);

#define APP_TEST(path, function) \
  g_test_add (path, AppFixture, NULL, app_fixture_set_up, function, app_fixture_tear_down)

void app_fixture_set_up (AppFixture *self, gconstpointer data);
void app_fixture_tear_down (AppFixture *self, gconstpointer data);

/* Shows the window at a size, and waits until it is complete. */
void app_fixture_show (AppFixture *self, int width, int height);
/* Until nothing is on its way and the window has been drawn since. */
void app_fixture_settle (AppFixture *self);
/* Until @condition holds; fails after a while. */
void app_wait_until (gboolean (*condition) (gpointer data), gpointer data);

/* The replica may not be asked on the UI thread, so this asks on another one and waits for it. */
gpointer app_fixture_ask (AppFixture *self, gpointer (*question) (SatchelReplica *replica, gpointer data),
                          gpointer data);
SatchelRecord *app_fixture_get (AppFixture *self, const char *id);

/* Lays down what a server would send. */
void app_fixture_land (AppFixture *self, const char *json);
void app_fixture_commit_text (AppFixture *self, const char *id, const char *field, const char *text);

/* Looking at widgets. */
typedef gboolean (*WidgetMatch) (GtkWidget *widget, gpointer data);
GtkWidget *find_widget (GtkWidget *root, WidgetMatch match, gpointer data); /* among those that are mapped */
GtkWidget *find_of_type (GtkWidget *root, GType type);
GtkWidget *find_button (GtkWidget *root, const char *label);
GtkWidget *find_label (GtkWidget *root, const char *text);

/* Of the sample company. */
#define SAMPLE_ACCOUNT "019b8b74-1800-7444-bd5a-49f0aed5f70f" /* Alfreds Futterkiste */
#define SAMPLE_NOTE "019b8b74-1800-76b9-9a4a-a482f9461b0b"
#define SAMPLE_USER "019b8b74-1800-7f24-a50e-13a648af6067" /* nancy */
#define SAMPLE_COLLEAGUE "019b8b74-1800-740f-89bf-d48305f75a1f" /* janet */

G_END_DECLS
