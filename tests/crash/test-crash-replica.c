/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a rep and the sync session do with the replica, ended at every write: what was acknowledged is there, a group is
 * there whole or not at all, and all of it goes on. */

#include "crash-replica.h"
#include "crash-suite.h"

#include "replica/replica-private.h"
#include "test-vocabulary.h"

static SatchelVocabulary *test_vocabulary;

#define LONG_TEXT "A long story that goes over a page when it is told often enough. "

static char *
make_story (guint n)
{
  GString *story = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (story, "%u: " LONG_TEXT "\n", i);

  return g_string_free_and_steal (story);
}

/* ---- What is there at first ----------------------------------------------------------------------- */

static gboolean
link_first (CrashSubject *self, GError **error)
{
  return crash_link (self, error, "nonce-1");
}

/* Accounts 1 to 8, a note on each. */
static gboolean
land_first (CrashSubject *self, GError **error)
{
  CrashPage *page = crash_page_new (self);
  g_autofree char *story = make_story (8);

  for (guint i = 1; i <= 8; i++)
    {
      g_autofree char *name = g_strdup_printf ("Account %u", i);

      crash_page_put (page, CRASH_BUCKET, "e.1", "account", i, "name", name, "phone", "1", NULL);
      crash_page_put (page, CRASH_BUCKET, "e.1", "note", 100 + i, "account", crash_id (i), "title", name, "body", story,
                      NULL);
    }

  return crash_page_apply (page, "1", 0, error);
}

static gboolean
catch_up (CrashSubject *self, GError **error)
{
  return replica_writer_catch_up (CRASH_REPLICA (self)->replica->writer, error);
}

static gboolean
type_over (CrashSubject *self, GError **error)
{
  return crash_change (self, error, 1, "phone", "2", NULL);
}

static gboolean
type_account (CrashSubject *self, GError **error)
{
  return crash_create (self, error, "account", 20, "name", "Typed", NULL);
}

static gboolean
type_note (CrashSubject *self, GError **error)
{
  g_autofree char *story = make_story (30);

  return crash_create (self, error, "note", 21, "account", crash_id (20), "title", "Typed", "body", story, NULL);
}

static const CrashStep at_first[] = {
  { "link", link_first },
  { "land", land_first },
  { "catch up", catch_up },
  { NULL },
};

static const CrashStep with_work[] = {
  { "link", link_first },
  { "land", land_first },
  { "change", type_over },
  { "account", type_account },
  { "note", type_note },
  { NULL },
};

static const CrashStep nothing[] = { { NULL } };

/* ---- Typing --------------------------------------------------------------------------------------- */

static gboolean
type_again (CrashSubject *self, GError **error)
{
  return crash_change (self, error, 1, "phone", "3", "website", "https://example.com", NULL);
}

static gboolean
add_tag (CrashSubject *self, GError **error)
{
  return crash_change (self, error, 2, "tags", "vip", NULL);
}

static gboolean
delete_account (CrashSubject *self, GError **error)
{
  return crash_delete (self, error, 3);
}

static gboolean
restore_account (CrashSubject *self, GError **error)
{
  return crash_restore (self, error, 3);
}

/* Two changes and a new record, all or none. */
static gboolean
type_strict (CrashSubject *self, GError **error)
{
  const SatchelVocabulary *vocabulary = CRASH_REPLICA (self)->vocabulary;
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (SatchelRecord) contact = satchel_record_new (satchel_vocabulary_lookup (vocabulary, "contact"),
                                                          crash_id (22));

  satchel_edit_set_strict (edit, TRUE);
  for (guint i = 4; i <= 5; i++)
    {
      g_autoptr (SatchelRecord) seen = crash_get (self, i, error);

      if (seen == NULL || !satchel_edit_set_field (edit, seen, "phone", "4", error))
        return FALSE;
    }
  satchel_record_set_from_text (contact, "given_name", "Maria", NULL);
  satchel_record_set_from_text (contact, "account", crash_id (4), NULL);
  satchel_edit_create (edit, contact);

  return satchel_replica_commit (CRASH_REPLICA (self)->replica, edit, NULL, error);
}

static gboolean
change_6 (CrashSubject *self, GError **error)
{
  return crash_change (self, error, 6, "phone", "6", NULL);
}

static const CrashStep typing[] = {
  { "change", type_over },
  { "account", type_account },
  { "note", type_note },
  { "change again", type_again },
  { "tag", add_tag },
  { "strict", type_strict },
  { "delete", delete_account },
  { "restore", restore_account },
  { "change 6", change_6 },
  { NULL },
};

/* ---- Sending -------------------------------------------------------------------------------------- */

static gboolean
propose (CrashSubject *self, GError **error)
{
  return crash_link (self, error, "nonce-2");
}

static gboolean
take (CrashSubject *self, gint64 after, guint n, GError **error)
{
  g_autoptr (GPtrArray) groups = satchel_replica_take_groups (CRASH_REPLICA (self)->replica, after, n, G_MAXSIZE,
                                                              error);

  return groups != NULL;
}

static gboolean
take_two (CrashSubject *self, GError **error)
{
  return take (self, 0, 2, error);
}

static gboolean
take_rest (CrashSubject *self, GError **error)
{
  return take (self, 2, 10, error);
}

/* The first was applied, the second in part. */
static gboolean
settle_two (CrashSubject *self, GError **error)
{
  CrashPage *page = crash_page_new (self);

  crash_page_put (page, CRASH_BUCKET, "e.2", "account", 1, "name", "Account 1", "phone", "2", NULL);
  crash_page_put (page, CRASH_BUCKET, "e.1", "account", 20, "name", "Typed", NULL);
  crash_page_outcome (page, 1, "applied", NULL, NULL);
  crash_page_outcome (page, 2, "applied", NULL, NULL);

  return crash_page_apply (page, "2", 2, error);
}

static gboolean
settle_rest (CrashSubject *self, GError **error)
{
  CrashPage *page = crash_page_new (self);
  g_autofree char *story = make_story (30);

  crash_page_put (page, CRASH_BUCKET, "e.1", "note", 21, "account", crash_id (20), "title", "Typed", "body", story,
                  NULL);
  crash_page_outcome (page, 3, "applied", NULL, NULL);

  return crash_page_apply (page, "3", 3, error);
}

static const CrashStep sending[] = {
  { "propose", propose },
  { "take two", take_two },
  { "settle two", settle_two, TRUE },
  { "take rest", take_rest },
  { "type on", type_again },
  { "settle rest", settle_rest, TRUE },
  { NULL },
};

/* ---- Pages ---------------------------------------------------------------------------------------- */

static gboolean
stage (CrashSubject *self, guint first, GError **error)
{
  CrashPage *page = crash_page_new (self);
  g_autofree char *story = make_story (10);

  for (guint i = first; i < first + 30; i++)
    {
      crash_page_put (page, CRASH_BUCKET, "e.1", "account", i, "name", "Staged", NULL);
      crash_page_put (page, CRASH_BUCKET, "e.1", "note", 1000 + i, "account", crash_id (i), "title", "Staged", "body",
                      story, NULL);
    }

  return crash_page_stage (page, error);
}

static gboolean
stage_first (CrashSubject *self, GError **error)
{
  return stage (self, 200, error);
}

static gboolean
stage_second (CrashSubject *self, GError **error)
{
  return stage (self, 300, error);
}

/* Records that come, change, leave, move and go, with the outcomes of what was sent. */
static gboolean
apply_at_head (CrashSubject *self, GError **error)
{
  CrashPage *page = crash_page_new (self);

  satchel_delivery_add_exit (page->delivery, "account", crash_id (2), CRASH_BUCKET, NULL);
  satchel_delivery_add_delete (page->delivery, "note", crash_id (103));
  crash_page_put (page, "territory:2", "e.2", "account", 4, "name", "Moved", NULL);
  crash_page_put (page, CRASH_BUCKET, "e.2", "account", 1, "name", "Account 1", "phone", "2", NULL);
  crash_page_put (page, CRASH_BUCKET, "e.2", "account", 200, "name", "Staged and changed", NULL);
  crash_page_outcome (page, 1, "applied", NULL, NULL);
  crash_page_outcome (page, 2, "refused", "permission", NULL);

  return crash_page_apply (page, "4", 2, error);
}

static gboolean
drop_bucket (CrashSubject *self, GError **error)
{
  CrashPage *page = crash_page_new (self);

  satchel_delivery_drop_bucket (page->delivery, "territory:2");
  crash_page_put (page, CRASH_BUCKET, "e.3", "account", 5, "name", "Changed", NULL);

  return crash_page_apply (page, "5", 2, error);
}

static const CrashStep staging[] = {
  { "stage", stage_first, TRUE },
  { "type between", type_again },
  { "stage more", stage_second, TRUE },
  { "head", apply_at_head, TRUE },
  { "drop", drop_bucket, TRUE },
  { "type after", change_6 },
  { NULL },
};

static gboolean
arrive (CrashSubject *self, guint first, const char *cursor, GError **error)
{
  CrashPage *page = crash_page_new (self);

  for (guint i = first; i < first + 200; i++)
    crash_page_put (page, CRASH_BUCKET, "e.1", "account", i, "name", "Arriving", "phone", "030 123", NULL);

  return crash_page_arrive (page, cursor, error);
}

static gboolean
arrive_first (CrashSubject *self, GError **error)
{
  return arrive (self, 1000, "a1", error);
}

static gboolean
arrive_second (CrashSubject *self, GError **error)
{
  return arrive (self, 2000, "a2", error);
}

static const CrashStep arriving[] = {
  { "link", link_first },
  { "arrive", arrive_first, TRUE },
  { "type between", type_account },
  { "arrive more", arrive_second, TRUE },
  { "end", land_first, TRUE },
  { "catch up", catch_up, TRUE },
  { "type after", type_over },
  { NULL },
};

/* ---- The tray ------------------------------------------------------------------------------------- */

static gboolean
refuse (CrashSubject *self, GError **error)
{
  CrashPage *page = crash_page_new (self);

  crash_page_outcome (page, 1, "refused", "permission", NULL);
  crash_page_outcome (page, 2, "refused", "validation", NULL);
  crash_page_outcome (page, 3, "refused", "dependency", NULL);

  return crash_page_apply (page, "2", 3, error);
}

/* The entry of the group @n. */
static char *
find_entry (CrashSubject *self, gint64 n, GError **error)
{
  g_autoptr (GPtrArray) tray = satchel_replica_list_tray (CRASH_REPLICA (self)->replica, error);

  for (guint i = 0; tray != NULL && i < tray->len; i++)
    if (((SatchelWork *) g_ptr_array_index (tray, i))->n == n)
      return g_strdup (((SatchelWork *) g_ptr_array_index (tray, i))->id);

  return NULL;
}

static gboolean
retry (CrashSubject *self, GError **error)
{
  g_autofree char *id = find_entry (self, 2, error);

  return id != NULL && satchel_replica_tray_retry (CRASH_REPLICA (self)->replica, id, error);
}

static gboolean
let_go (CrashSubject *self, GError **error)
{
  g_autofree char *id = find_entry (self, 1, error);

  return id != NULL && satchel_replica_tray_drop (CRASH_REPLICA (self)->replica, id, error);
}

static const CrashStep tray[] = {
  { "refuse", refuse, TRUE },
  { "retry", retry },
  { "let go", let_go },
  { "take", take_two },
  { NULL },
};

/* ---- Leaving -------------------------------------------------------------------------------------- */

static gboolean
sign_out (CrashSubject *self, GError **error)
{
  g_autofree char *path = fault_disk_build_path (self->disk, "kept.ndjson");

  return satchel_replica_sign_out (CRASH_REPLICA (self)->replica, path, error);
}

/* What was not sent is in the one file or in the other. */
static void
check_kept (CrashSubject *self, guint n_done)
{
  g_autofree char *path = fault_disk_build_path (self->disk, "kept.ndjson");
  g_autofree char *kept = NULL;

  if (n_done < 2)
    return;

  g_assert_true (g_file_get_contents (path, &kept, NULL, NULL));
  g_assert_nonnull (g_strstr_len (kept, -1, crash_id (20)));
  g_assert_nonnull (g_strstr_len (kept, -1, crash_id (21)));
}

static const CrashStep leaving[] = {
  { "sign out", sign_out },
  { "type", type_account },
  { NULL },
};

static gboolean
enrol_anew (CrashSubject *self, GError **error)
{
  return satchel_replica_restart (CRASH_REPLICA (self)->replica, "e", error);
}

static const CrashStep restarting[] = {
  { "take", take_two },
  { "restart", enrol_anew },
  { "type", type_again },
  { NULL },
};

static gboolean
compact (CrashSubject *self, GError **error)
{
  return replica_writer_compact (CRASH_REPLICA (self)->replica->writer, error);
}

static const CrashStep compacting[] = {
  { "compact", compact },
  { "type", type_again },
  { NULL },
};

static const CrashStep indexing[] = {
  { "catch up", catch_up },
  { "type", type_again },
  { NULL },
};

/* ---- Opening -------------------------------------------------------------------------------------- */

static const CrashStep typing_first[] = {
  { "link", link_first },
  { "account", type_account },
  { "note", type_note },
  { NULL },
};

/* The next version knows a type more. */
static void
learn_type (CrashSubject *self)
{
  CRASH_REPLICA (self)->vocabulary = test_vocabulary;
}

static gboolean
type_specimen (CrashSubject *self, GError **error)
{
  return crash_create (self, error, "specimen", 30, "account", crash_id (20), "title", "New", NULL);
}

static const CrashStep typing_specimen[] = {
  { "specimen", type_specimen },
  { NULL },
};

static void
damage (CrashSubject *self)
{
  fault_disk_damage (self->disk, "replica.db", 0, 4096);
  CRASH_REPLICA (self)->flags = SATCHEL_OPEN_SET_ASIDE | SATCHEL_OPEN_MUST_EXIST;
}

static gboolean
type_another (CrashSubject *self, GError **error)
{
  return crash_create (self, error, "account", 30, "name", "After", NULL);
}

static const CrashStep typing_another[] = {
  { "type", type_another },
  { NULL },
};

static const CrashScenario scenarios[] = {
  { "founding", NULL, typing_first, .stride = 29 },
  { "typing", at_first, typing, .stride = 7 },
  { "sending", with_work, sending, .stride = 7 },
  { "staging", with_work, staging, .stride = 13 },
  { "arriving", nothing, arriving, .stride = 31 },
  { "tray", with_work, tray, .stride = 7 },
  { "leaving", with_work, leaving, .stride = 29, .check = check_kept },
  { "restarting", with_work, restarting, .stride = 7 },
  { "compacting", with_work, compacting, .stride = 29 },
  { "indexing", with_work, indexing, .stride = 13 },
  { "migrating", with_work, typing_specimen, .stride = 7, .meddle = learn_type },
  { "salvaging", with_work, typing_another, .stride = 13, .meddle = damage },
};

static const SatchelVocabulary *
choose_vocabulary (const CrashScenario *scenario)
{
  return scenario->meddle == learn_type ? satchel_vocabulary_get_default () : test_vocabulary;
}

static CrashSubject *
make (const CrashScenario *scenario)
{
  CrashReplica *self = g_new0 (CrashReplica, 1);

  self->base.kind = &crash_replica_kind;
  self->vocabulary = choose_vocabulary (scenario);

  return &self->base;
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  fault_vfs_register ();
  test_vocabulary = satchel_test_vocabulary_new ();
  crash_suite_add ("replica", scenarios, G_N_ELEMENTS (scenarios), make);

  status = crash_suite_run ();
  satchel_vocabulary_free (test_vocabulary);

  return status;
}
