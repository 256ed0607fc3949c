/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "replica/satchel-replica-sync.h"
#include "test-vocabulary.h"

G_BEGIN_DECLS

/* A replica of the test vocabulary in a folder of its own. */
typedef struct
{
  char *folder;
  char *path;
  SatchelVocabulary *vocabulary;
  const SatchelType *account;
  const SatchelType *specimen;
  SatchelReplica *replica;
} Fixture;

#define REPLICA_TEST(path, function) g_test_add (path, Fixture, NULL, fixture_set_up, function, fixture_tear_down)

void fixture_set_up (Fixture *self, gconstpointer data);
void fixture_tear_down (Fixture *self, gconstpointer data);
void fixture_reopen (Fixture *self);

/* Records are given as type, id (%NULL: a new one) and pairs of field and text, ended by %NULL. */
SatchelRecord *fixture_record (Fixture *self, const char *type, const char *id, ...) G_GNUC_NULL_TERMINATED;
/* Commits a new record; returns its id. */
char *fixture_create (Fixture *self, const char *type, ...) G_GNUC_NULL_TERMINATED;
/* Commits changed fields of the record as it is shown now. */
void fixture_change (Fixture *self, const char *id, ...) G_GNUC_NULL_TERMINATED;
void fixture_commit (Fixture *self, SatchelEdit *edit);
void fixture_delete (Fixture *self, const char *id);
SatchelRecord *fixture_get (Fixture *self, const char *id);
gboolean fixture_has (Fixture *self, const char *id);
char *fixture_dup_text (Fixture *self, const char *id, const char *field);
void fixture_assert_text (Fixture *self, const char *id, const char *field, const char *expected);

guint fixture_count_pending (Fixture *self);
guint fixture_count_tray (Fixture *self);

/* What a server would send. @rev "e.1" and so on. */
JsonObject *fixture_wire (Fixture *self, SatchelRecord *record, const char *rev);
/* One page at the head with one put. */
void fixture_land (Fixture *self, SatchelRecord *record, const char *rev);

/* As "Anna,Boris": the titles of the records. */
char *join_titles (GPtrArray *records);

G_END_DECLS
