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

/* What is sent next, as who receives it reads it. (element-type SatchelGroup) */
GPtrArray *fixture_take_groups (Fixture *self, guint max_groups);
guint fixture_count_pending (Fixture *self);
guint fixture_count_tray (Fixture *self);

/* A page of a server. Puts are records of the fixture with the revision and the bucket that they get. */
typedef struct
{
  Fixture *fixture;
  SatchelDelivery *delivery;
  SatchelDeliveryEnd end;
  SatchelDeliveryResult result;
} Page;

#define PAGE_BUCKET "territory:1"

Page *page_new (Fixture *fixture);
void page_put (Page *self, const SatchelRecord *record, const char *rev);
void page_put_in (Page *self, const SatchelRecord *record, const char *rev, const char *bucket);
void page_put_text (Page *self, const char *text);
/* @mutations: (nullable): JSON */
void page_outcome (Page *self, gint64 n, const char *result, const char *code, const char *mutations);
void page_stage (Page *self);
/* The last page of a sync; frees it. */
void page_apply (Page *self, gint64 applied_through);
/* One of an arriving, more to come; frees it. */
void page_arrive (Page *self);
void page_free (Page *self);
/* A page with one put. */
void fixture_land (Fixture *self, const SatchelRecord *record, const char *rev);
/* A record that the server has, and this device too. */
SatchelRecord *fixture_given (Fixture *self, const char *type, ...) G_GNUC_NULL_TERMINATED;
/* Settles group @n, which changed one record, as applied, and puts what the server has of it then. */
void fixture_settle (Fixture *self, gint64 n, const SatchelRecord *record, const char *rev);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Page, page_free)

/* As "Anna,Boris": the titles of the records. */
char *join_titles (GPtrArray *records);

G_END_DECLS
