/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The server's version with unsettled work laid over it, and how that work is retired. */

#include "replica-fixture.h"

#include <string.h>

#include "records/satchel-error.h"
#include "records/satchel-id.h"

/* ---- Chains --------------------------------------------------------------------------------------- */

static void
assert_base (Fixture *self, const char *id, const char *unit, const char *expected)
{
  g_autoptr (SatchelRecord) record = fixture_get (self, id);
  g_autofree char *base = satchel_record_dup_base (record, unit);

  g_assert_cmpstr (base, ==, expected);
}

static SatchelRecord *
changed_copy (const SatchelRecord *record, const char *field, const char *text)
{
  SatchelRecord *copy = satchel_record_copy (record);

  g_assert_true (satchel_record_set_from_text (copy, field, text, NULL));

  return copy;
}

static void
test_chain (Fixture *self, gconstpointer data)
{
  g_autoptr (SatchelRecord) given = fixture_given (self, "account", "name", "Alfreds", "phone", "1234", NULL);
  g_autoptr (SatchelRecord) first = changed_copy (given, "phone", "5678");
  g_autoptr (SatchelRecord) second = changed_copy (first, "phone", "9999");
  const char *id = satchel_record_get_id (given);

  assert_base (self, id, "phone", "e.1");
  fixture_change (self, id, "phone", "5678", NULL);
  assert_base (self, id, "phone", "@1");
  assert_base (self, id, "name", "e.1");
  assert_base (self, id, NULL, "@1");
  fixture_change (self, id, "phone", "9999", "website", "https://a.example/", NULL);
  fixture_assert_text (self, id, "phone", "9999");
  assert_base (self, id, "phone", "@2");

  /* The first is settled; what came after it stays on top. */
  fixture_settle (self, 1, first, "e.2");
  fixture_assert_text (self, id, "phone", "9999");
  fixture_assert_text (self, id, "website", "https://a.example/");
  assert_base (self, id, "phone", "@2");
  assert_base (self, id, "name", "e.2");
  g_assert_cmpuint (fixture_count_pending (self), ==, 1);

  /* So is the second; what the server made of it is shown, whatever it is. */
  fixture_settle (self, 2, second, "e.3");
  fixture_assert_text (self, id, "phone", "9999");
  fixture_assert_text (self, id, "website", "");
  assert_base (self, id, "phone", "e.3");
  g_assert_cmpuint (fixture_count_pending (self), ==, 0);
  g_assert_cmpuint (fixture_count_tray (self), ==, 0);
}

static void
test_put_under_work (Fixture *self, gconstpointer data)
{
  g_autoptr (SatchelRecord) given = fixture_given (self, "account", "name", "Alfreds", "phone", "1234", NULL);
  g_autoptr (SatchelRecord) renamed = changed_copy (given, "name", "Alfreds Futterkiste");
  g_autoptr (SatchelRecord) server = NULL;
  g_autoptr (SatchelRecord) shown = NULL;
  const char *id = satchel_record_get_id (given);

  fixture_change (self, id, "phone", "5678", NULL);
  fixture_land (self, renamed, "e.2");

  shown = fixture_get (self, id);
  g_assert_cmpstr (satchel_record_get_text (shown, "name"), ==, "Alfreds Futterkiste");
  g_assert_cmpstr (satchel_record_get_text (shown, "phone"), ==, "5678");
  g_assert_cmpstr (satchel_record_get_rev (shown), ==, "e.2");
  g_assert_true (satchel_record_get_pending (shown));

  server = satchel_replica_get_server_version (self->replica, id, NULL);
  g_assert_cmpstr (satchel_record_get_text (server, "phone"), ==, "1234");
  g_assert_false (satchel_record_get_pending (server));
}

/* A form that was filled before a page landed saves on the revision that it was filled from. */
static void
test_form (Fixture *self, gconstpointer data)
{
  g_autoptr (SatchelRecord) given = fixture_given (self, "account", "name", "Alfreds", "city", "Berlin", NULL);
  g_autoptr (SatchelRecord) landed = changed_copy (given, "name", "Alfreds Futterkiste");
  g_autoptr (SatchelRecord) seen = fixture_get (self, satchel_record_get_id (given));
  g_autoptr (SatchelRecord) left = changed_copy (seen, "street", "Obere Str. 57");
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  const SatchelMutation *mutation;
  const SatchelUnitChange *change;

  fixture_land (self, landed, "e.2");
  satchel_edit_update (edit, seen, left);
  fixture_commit (self, edit);

  mutation = g_ptr_array_index (satchel_edit_peek_group (edit)->mutations, 0);
  g_assert_cmpuint (mutation->units->len, ==, 1);
  change = g_ptr_array_index (mutation->units, 0);
  g_assert_cmpstr (change->unit, ==, "address");
  g_assert_cmpstr (change->base, ==, "e.1");
  g_assert_cmpstr (json_object_get_string_member (change->value, "city"), ==, "Berlin");

  fixture_assert_text (self, satchel_record_get_id (given), "name", "Alfreds Futterkiste");
  fixture_assert_text (self, satchel_record_get_id (given), "street", "Obere Str. 57");
}

static void
test_sets (Fixture *self, gconstpointer data)
{
  static const char *const vip[] = { "vip", NULL };
  static const char *const old[] = { "old", NULL };
  g_autoptr (SatchelRecord) given = fixture_given (self, "account", "name", "Alfreds", "tags", "cheese,old", NULL);
  g_autoptr (SatchelRecord) more = changed_copy (given, "tags", "cheese,old,wine");
  const char *id = satchel_record_get_id (given);
  g_autoptr (SatchelRecord) seen = fixture_get (self, id);
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (SatchelEdit) undo = NULL;
  g_autoptr (GError) error = NULL;

  satchel_edit_add_members (edit, seen, "tags", vip, &error);
  satchel_edit_remove_members (edit, seen, "tags", old, &error);
  satchel_replica_commit (self->replica, edit, &undo, &error);
  g_assert_no_error (error);
  fixture_assert_text (self, id, "tags", "cheese,vip");

  /* Another person's tag joins in. */
  fixture_land (self, more, "e.2");
  fixture_assert_text (self, id, "tags", "cheese,vip,wine");

  fixture_commit (self, undo);
  fixture_assert_text (self, id, "tags", "cheese,old,wine");
}

/* ---- Records made here ---------------------------------------------------------------------------- */

static void
test_created (Fixture *self, gconstpointer data)
{
  g_autofree char *id = fixture_create (self, "account", "name", "Cactus", NULL);
  g_autoptr (SatchelRecord) landed = NULL;
  Page *page;

  fixture_change (self, id, "phone", "135-5555", NULL);
  assert_base (self, id, "phone", "@2");
  assert_base (self, id, "name", "@1");
  g_assert_null (satchel_replica_get_server_version (self->replica, id, NULL));

  /* The server has the creation; the change is still on its way. */
  landed = fixture_record (self, "account", id, "name", "Cactus", "owner", "", NULL);
  fixture_settle (self, 1, landed, "e.1");
  fixture_assert_text (self, id, "phone", "135-5555");
  assert_base (self, id, "name", "e.1");

  page = page_new (self);
  page_outcome (page, 2, "refused", "permission", NULL);
  page_apply (page, 2);
  fixture_assert_text (self, id, "phone", "");
  g_assert_cmpuint (fixture_count_tray (self), ==, 1);
}

static void
link_user (Fixture *self, const char *user)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelLink) link = satchel_replica_get_link (self->replica, &error);

  g_assert_no_error (error);
  g_set_str (&link->user_id, user);
  satchel_replica_set_link (self->replica, link, &error);
  g_assert_no_error (error);
}

static void
test_owner (Fixture *self, gconstpointer data)
{
  g_autofree char *user = satchel_id_new ();
  g_autofree char *other = satchel_id_new ();
  g_autofree char *account = NULL;
  g_autofree char *given_away = NULL;
  g_autofree char *task = NULL;
  g_autoptr (SatchelRecord) shown = NULL;
  g_autoptr (GPtrArray) pending = NULL;
  const SatchelWork *work;

  link_user (self, user);
  account = fixture_create (self, "account", "name", "Cactus", NULL);
  given_away = fixture_create (self, "account", "name", "Dornen", "owner", other, NULL);
  task = fixture_create (self, "task", "title", "Water it", NULL);

  fixture_assert_text (self, account, "owner", user);
  fixture_assert_text (self, given_away, "owner", other);
  fixture_assert_text (self, task, "assignee", user);
  shown = fixture_get (self, account);
  g_assert_cmpstr (satchel_record_get_created_by (shown), ==, user);
  g_assert_cmpstr (satchel_record_get_updated_by (shown), ==, user);

  /* The server is told the same. */
  pending = satchel_replica_list_pending (self->replica, NULL);
  work = g_ptr_array_index (pending, 0);
  g_assert_nonnull (satchel_mutation_find_unit (g_ptr_array_index (work->mutations, 0), "owner"));
}

/* ---- The bin -------------------------------------------------------------------------------------- */

static gboolean
is_binned (Fixture *self, const char *id, const char *with)
{
  g_autoptr (SatchelRecord) record = fixture_get (self, id);

  if (satchel_record_get_deleted_at (record) == NULL)
    return FALSE;

  g_assert_cmpstr (satchel_record_get_deleted_with (record), ==, with);

  return TRUE;
}

typedef struct
{
  SatchelRecord *account;
  SatchelRecord *contact;
  SatchelRecord *deal;
  SatchelRecord *line;
  SatchelRecord *other;
} Family;

static void
family_clear (Family *family)
{
  satchel_record_unref (family->account);
  satchel_record_unref (family->contact);
  satchel_record_unref (family->deal);
  satchel_record_unref (family->line);
  satchel_record_unref (family->other);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Family, family_clear)

static void
family_init (Fixture *self, Family *family)
{
  const char *account, *deal;
  g_autofree char *product = satchel_id_new ();

  family->account = fixture_given (self, "account", "name", "Alfreds", NULL);
  family->other = fixture_given (self, "account", "name", "Berglunds", NULL);
  account = satchel_record_get_id (family->account);
  family->contact = fixture_given (self, "contact", "account", account, "given_name", "Maria", NULL);
  family->deal = fixture_given (self, "deal", "account", account, "title", "Tea", NULL);
  deal = satchel_record_get_id (family->deal);
  family->line = fixture_given (self, "deal_line", "deal", deal, "product", product, NULL);
}

static void
test_children_follow (Fixture *self, gconstpointer data)
{
  g_auto (Family) family = { 0 };
  const char *account;
  g_autofree char *note = NULL;
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (SatchelEdit) undo = NULL;
  g_autoptr (SatchelRecord) seen = NULL;
  g_autoptr (SatchelRecord) late = NULL;
  g_autoptr (GError) error = NULL;

  family_init (self, &family);
  account = satchel_record_get_id (family.account);
  note = fixture_create (self, "note", "account", account, "title", "Likes tea", NULL);
  seen = fixture_get (self, account);

  satchel_edit_delete (edit, seen);
  satchel_replica_commit (self->replica, edit, &undo, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (satchel_edit_peek_group (edit)->mutations->len, ==, 1);

  g_assert_true (is_binned (self, account, NULL));
  g_assert_true (is_binned (self, satchel_record_get_id (family.contact), account));
  g_assert_true (is_binned (self, satchel_record_get_id (family.deal), account));
  g_assert_true (is_binned (self, satchel_record_get_id (family.line), account));
  g_assert_true (is_binned (self, note, account));
  g_assert_false (is_binned (self, satchel_record_get_id (family.other), NULL));

  /* What lands under it follows. */
  late = fixture_given (self, "contact", "account", account, "given_name", "Late", NULL);
  g_assert_true (is_binned (self, satchel_record_get_id (late), account));
  fixture_land (self, late, "e.2");
  g_assert_true (is_binned (self, satchel_record_get_id (late), account));
  fixture_land (self, family.contact, "e.2");
  g_assert_true (is_binned (self, satchel_record_get_id (family.contact), account));

  /* And all of it comes back. */
  fixture_commit (self, undo);
  g_assert_false (is_binned (self, account, NULL));
  g_assert_false (is_binned (self, satchel_record_get_id (family.contact), NULL));
  g_assert_false (is_binned (self, satchel_record_get_id (family.line), NULL));
  g_assert_false (is_binned (self, note, NULL));
  g_assert_false (is_binned (self, satchel_record_get_id (late), NULL));
}

static void
test_children_return_when_refused (Fixture *self, gconstpointer data)
{
  g_auto (Family) family = { 0 };
  const char *account;
  Page *page;

  family_init (self, &family);
  account = satchel_record_get_id (family.account);
  fixture_delete (self, account);
  g_assert_true (is_binned (self, satchel_record_get_id (family.line), account));

  page = page_new (self);
  page_outcome (page, 1, "refused", "permission", NULL);
  page_apply (page, 1);

  g_assert_false (is_binned (self, account, NULL));
  g_assert_false (is_binned (self, satchel_record_get_id (family.contact), NULL));
  g_assert_false (is_binned (self, satchel_record_get_id (family.line), NULL));
  g_assert_cmpuint (fixture_count_tray (self), ==, 1);
}

/* What was in the bin by itself before stays there when its account comes back. */
static void
test_bin_alone (Fixture *self, gconstpointer data)
{
  g_auto (Family) family = { 0 };
  const char *account, *contact;
  g_autoptr (SatchelRecord) seen = NULL;
  g_autoptr (SatchelRecord) child = NULL;
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (SatchelEdit) early = satchel_edit_new ();
  g_autoptr (GError) error = NULL;

  family_init (self, &family);
  account = satchel_record_get_id (family.account);
  contact = satchel_record_get_id (family.contact);
  fixture_delete (self, contact);
  fixture_delete (self, account);
  g_assert_true (is_binned (self, contact, NULL));

  child = fixture_get (self, satchel_record_get_id (family.deal));
  satchel_edit_restore (early, child);
  g_assert_false (satchel_replica_commit (self->replica, early, NULL, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID);

  seen = fixture_get (self, account);
  satchel_edit_restore (edit, seen);
  fixture_commit (self, edit);
  g_assert_true (is_binned (self, contact, NULL));
  g_assert_false (is_binned (self, satchel_record_get_id (family.deal), NULL));
}

/* ---- Undo ----------------------------------------------------------------------------------------- */

static void
test_undo (Fixture *self, gconstpointer data)
{
  g_autoptr (SatchelRecord) record = fixture_record (self, "account", NULL, "name", "Cactus", "city", "Lima", NULL);
  g_autoptr (SatchelEdit) create = satchel_edit_new ();
  g_autoptr (SatchelEdit) uncreate = NULL;
  g_autoptr (SatchelEdit) recreate = NULL;
  g_autoptr (SatchelEdit) change = satchel_edit_new ();
  g_autoptr (SatchelEdit) unchange = NULL;
  g_autoptr (SatchelRecord) seen = NULL;
  g_autoptr (GError) error = NULL;
  const char *id = satchel_edit_create (create, record);

  satchel_replica_commit (self->replica, create, &uncreate, &error);
  g_assert_no_error (error);

  seen = fixture_get (self, id);
  satchel_edit_set_field (change, seen, "street", "Av. 1", &error);
  satchel_edit_set_field (change, seen, "city", "Quito", &error);
  satchel_edit_set_field (change, seen, "name", "Kaktus", &error);
  satchel_replica_commit (self->replica, change, &unchange, &error);
  g_assert_no_error (error);
  fixture_assert_text (self, id, "city", "Quito");
  fixture_assert_text (self, id, "street", "Av. 1");

  fixture_commit (self, unchange);
  fixture_assert_text (self, id, "city", "Lima");
  fixture_assert_text (self, id, "street", "");
  fixture_assert_text (self, id, "name", "Cactus");

  satchel_replica_commit (self->replica, uncreate, &recreate, &error);
  g_assert_no_error (error);
  g_assert_true (is_binned (self, id, NULL));
  fixture_commit (self, recreate);
  g_assert_false (is_binned (self, id, NULL));
}

/* ---- Conflicts ------------------------------------------------------------------------------------ */

static SatchelRecord *
given_conflict (Fixture *self, const SatchelRecord *target, const char *unit, const char *values)
{
  return fixture_given (self, "conflict", "target_type",
                        satchel_type_get_name (satchel_record_get_record_type (target)), "target_id",
                        satchel_record_get_id (target), "unit", unit, "values", values, "state", "open", NULL);
}

static guint
count_conflicts (Fixture *self)
{
  g_autoptr (GPtrArray) conflicts = satchel_replica_list_conflicts (self->replica, NULL);

  return conflicts->len;
}

static void
test_resolve (Fixture *self, gconstpointer data)
{
  g_autoptr (SatchelRecord) given = fixture_given (self, "account", "name", "Alfreds", "phone", "1", NULL);
  g_autoptr (SatchelRecord) conflict = NULL;
  g_autoptr (SatchelRecord) seen = NULL;
  g_autoptr (SatchelRecord) current = NULL;
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (SatchelEdit) again = satchel_edit_new ();
  g_autoptr (GError) error = NULL;
  Page *page;

  conflict = given_conflict (self, given, "phone", "[{\"fields\":{\"phone\":\"2\"}},{\"fields\":{\"phone\":\"3\"}}]");
  g_assert_cmpuint (count_conflicts (self), ==, 1);

  seen = fixture_get (self, satchel_record_get_id (conflict));
  current = fixture_get (self, satchel_record_get_id (given));
  satchel_edit_resolve_keep_value (edit, seen, current, 2, &error);
  g_assert_no_error (error);
  fixture_commit (self, edit);

  fixture_assert_text (self, satchel_record_get_id (given), "phone", "3");
  fixture_assert_text (self, satchel_record_get_id (conflict), "state", "resolved");
  g_assert_cmpuint (count_conflicts (self), ==, 0);

  satchel_edit_resolve_keep_current (again, seen, current);
  g_assert_false (satchel_replica_commit (self->replica, again, NULL, &error));
  g_assert_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_INVALID);

  /* The server says no: all is as it was. */
  page = page_new (self);
  page_outcome (page, 1, "refused", "permission", NULL);
  page_apply (page, 1);
  fixture_assert_text (self, satchel_record_get_id (given), "phone", "1");
  g_assert_cmpuint (count_conflicts (self), ==, 1);
}

static void
test_resolve_deleted (Fixture *self, gconstpointer data)
{
  g_autoptr (SatchelRecord) given = fixture_given (self, "account", "name", "Alfreds", NULL);
  g_autoptr (SatchelRecord) conflict = given_conflict (self, given, "deleted", "[{\"fields\":{\"deleted\":true}}]");
  g_autoptr (SatchelRecord) seen = fixture_get (self, satchel_record_get_id (conflict));
  g_autoptr (SatchelRecord) current = fixture_get (self, satchel_record_get_id (given));
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (GError) error = NULL;

  satchel_edit_resolve_keep_value (edit, seen, current, 1, &error);
  g_assert_no_error (error);
  fixture_commit (self, edit);
  g_assert_true (is_binned (self, satchel_record_get_id (given), NULL));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  REPLICA_TEST ("/overlay/chain", test_chain);
  REPLICA_TEST ("/overlay/put-under-work", test_put_under_work);
  REPLICA_TEST ("/overlay/form", test_form);
  REPLICA_TEST ("/overlay/sets", test_sets);
  REPLICA_TEST ("/overlay/created", test_created);
  REPLICA_TEST ("/overlay/owner", test_owner);
  REPLICA_TEST ("/overlay/children-follow", test_children_follow);
  REPLICA_TEST ("/overlay/children-return-when-refused", test_children_return_when_refused);
  REPLICA_TEST ("/overlay/bin-alone", test_bin_alone);
  REPLICA_TEST ("/overlay/undo", test_undo);
  REPLICA_TEST ("/overlay/resolve", test_resolve);
  REPLICA_TEST ("/overlay/resolve-deleted", test_resolve_deleted);

  return g_test_run ();
}
