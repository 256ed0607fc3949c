/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "shell/satchel-services.h"

G_BEGIN_DECLS

/* An empty replica of the test vocabulary, and a plain window to show widgets in. */
typedef struct
{
  char *folder;
  SatchelVocabulary *vocabulary;
  SatchelReplica *replica;
  SatchelServices *services;
  GtkWindow *window; /* nullable: nothing is shown yet */
  guint n_changes; /* announced by the replica */
} PlainFixture;

#define PLAIN_TEST(path, function) \
  g_test_add (path, PlainFixture, NULL, plain_fixture_set_up, function, plain_fixture_tear_down)

void plain_fixture_set_up (PlainFixture *self, gconstpointer data);
void plain_fixture_tear_down (PlainFixture *self, gconstpointer data);

/* What somebody else does to the replica. Values come as field, text, ..., NULL. */
SatchelRecord *plain_fixture_make (PlainFixture *self, const char *type, ...) G_GNUC_NULL_TERMINATED;
char *plain_fixture_add (PlainFixture *self, const char *type, ...) G_GNUC_NULL_TERMINATED;
void plain_fixture_add_many (PlainFixture *self, const char *type, const char *field, const char *const *texts);
void plain_fixture_change (PlainFixture *self, const char *id, const char *field, const char *text);
void plain_fixture_delete (PlainFixture *self, const char *id);

SatchelRecord *plain_fixture_get (PlainFixture *self, const char *id);
char *plain_fixture_dup_text (PlainFixture *self, const char *id, const char *field);
guint plain_fixture_count (PlainFixture *self, const char *type);
/* The groups that wait to be sent, and the newest of them. */
GPtrArray *plain_fixture_list_groups (PlainFixture *self);

void plain_fixture_show (PlainFixture *self, GtkWidget *widget, int width, int height);
/* Until nothing is on its way. */
void plain_fixture_settle (PlainFixture *self);

G_END_DECLS
