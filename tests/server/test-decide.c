/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the server decides on groups: units, policies, conflicts, the bin, chains, strict groups. Quotes in JSON are
 * single here; the fixture turns them. */

#include "satchel-config.h"

#include "server-fixture.h"

#include <string.h>

#include "records/satchel-id.h"
#include "wire/satchel-frames.h"

static char *
add_account (Fixture *self, const char *name)
{
  return fixture_add (self, "account", "name", name, "territory", self->eastern, "owner", self->nancy, "phone", "1",
                      "tags", "a", "preferences", "one\ntwo\nthree\nfour\n", NULL);
}

/* ---- Units ---------------------------------------------------------------------------------------- */

static void
test_different_units (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);

  device_sync (nancy);
  device_sync (olga);
  g_assert_cmpstr (device_push (nancy, FALSE,
                                "[{'type':'account','id':'%s','kind':'patch','units':{'phone':{'base':'%s',"
                                "'value':{'phone':'030'}}}}]",
                                account, device_rev (nancy, account)),
                   ==, "applied");
  g_assert_cmpstr (device_push (olga, FALSE,
                                "[{'type':'account','id':'%s','kind':'patch','units':{'industry':{'base':'%s',"
                                "'value':{'industry':'Cheese'}}}}]",
                                account, device_rev (olga, account)),
                   ==, "applied");
  device_sync (nancy);
  g_assert_cmpstr (device_get (nancy, account, "phone"), ==, "030");
  g_assert_cmpstr (device_get (nancy, account, "industry"), ==, "Cheese");
  g_assert_true (g_str_has_suffix (device_rev (nancy, account), ".3"));
  g_assert_cmpstr (device_get (nancy, account, "updated_by"), ==, self->olga);
}

static void
patch_phone (Device *device, const char *account, const char *base, const char *phone)
{
  device_push (device, FALSE,
               "[{'type':'account','id':'%s','kind':'patch','units':{'phone':{'base':'%s','value':{'phone':'%s'}}}}]",
               account, base, phone);
}

static void
test_conflict_and_resolution (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);
  g_autofree char *conflict = NULL;
  g_autofree char *again = NULL;
  const char *base;

  device_sync (nancy);
  device_sync (olga);
  base = device_rev (nancy, account);
  patch_phone (nancy, account, base, "2");
  patch_phone (olga, account, base, "3");
  g_assert_cmpstr (json_object_get_string_member (olga->outcome, "result"), ==, "partial");
  g_assert_cmpstr (device_unit_outcome (olga, account, "phone"), ==, "conflict");

  device_sync (nancy);
  conflict = device_find_conflict (nancy, account, "phone");
  g_assert_nonnull (conflict);
  g_assert_cmpuint (device_count_values (nancy, conflict), ==, 1);
  g_assert_cmpstr (device_get (nancy, conflict, "base"), ==, "{\"phone\":\"1\"}");
  g_assert_cmpstr (device_get (nancy, account, "phone"), ==, "2");
  g_assert_cmpstr (device_get (nancy, conflict, "bucket"), ==, device_get (nancy, account, "bucket"));

  g_assert_cmpstr (device_push (nancy, FALSE,
                                "[{'type':'conflict','id':'%s','kind':'resolve','base':'%s','resolution':"
                                "{'seen':1,'keep':1,'target_base':'%s'}}]",
                                conflict, device_rev (nancy, conflict), device_rev (nancy, account)),
                   ==, "applied");
  device_sync (olga);
  g_assert_cmpstr (device_get (olga, account, "phone"), ==, "3");
  g_assert_cmpstr (device_get (olga, conflict, "state"), ==, "resolved");
  again = device_find_conflict (olga, account, "phone");
  g_assert_null (again);
}

static void
test_equal_values (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);
  const char *base;

  device_sync (nancy);
  device_sync (olga);
  base = device_rev (nancy, account);
  patch_phone (nancy, account, base, "2");
  patch_phone (olga, account, base, "2");
  g_assert_cmpstr (json_object_get_string_member (olga->outcome, "result"), ==, "applied");
  g_assert_cmpstr (device_rev (olga, account), ==, device_rev (nancy, account));
}

static void
test_values_join (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);
  g_autoptr (Device) mara = device_new (self, self->mara);
  g_autofree char *conflict = NULL;
  g_autofree char *same = NULL;
  const char *base, *seen;

  device_sync (nancy);
  device_sync (olga);
  device_sync (mara);
  base = device_rev (nancy, account);
  patch_phone (nancy, account, base, "2");
  patch_phone (olga, account, base, "3");
  conflict = device_find_conflict (olga, account, "phone");
  seen = device_rev (olga, conflict);
  patch_phone (mara, account, base, "4");
  device_sync (olga);
  same = device_find_conflict (olga, account, "phone");
  g_assert_cmpstr (same, ==, conflict);
  g_assert_cmpuint (device_count_values (olga, conflict), ==, 2);

  /* Who saw one value settles one value. */
  g_assert_cmpstr (device_push (olga, FALSE,
                                "[{'type':'conflict','id':'%s','kind':'resolve','base':'%s','resolution':"
                                "{'seen':1,'keep':'current','target_base':'%s'}}]",
                                conflict, seen, device_rev (olga, account)),
                   ==, "applied");
  g_assert_cmpuint (device_count_values (olga, conflict), ==, 1);
  g_assert_cmpstr (device_get (olga, conflict, "state"), ==, "open");
  g_assert_nonnull (strstr (device_get (olga, conflict, "values"), "\"4\""));
}

/* A value that took the place of one that the person saw was never seen. */
static void
test_replaced_value_stays (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);
  g_autofree char *conflict = NULL;
  const char *base, *seen;
  gint64 n;

  device_sync (nancy);
  device_sync (olga);
  base = device_rev (nancy, account);
  patch_phone (nancy, account, base, "2");
  patch_phone (olga, account, base, "3");
  n = olga->n;
  device_sync (nancy);
  conflict = device_find_conflict (nancy, account, "phone");
  seen = device_rev (nancy, conflict);

  device_push (olga, FALSE,
               "[{'type':'account','id':'%s','kind':'patch','units':{'phone':{'base':'@%d','value':{'phone':'33'}}}}]",
               account, (int) n);
  g_assert_cmpstr (device_unit_outcome (olga, account, "phone"), ==, "conflict");
  g_assert_cmpuint (device_count_values (olga, conflict), ==, 1);

  device_push (nancy, FALSE,
               "[{'type':'conflict','id':'%s','kind':'resolve','base':'%s','resolution':"
               "{'seen':1,'keep':'current','target_base':'%s'}}]",
               conflict, seen, device_rev (nancy, account));
  g_assert_cmpstr (device_get (nancy, conflict, "state"), ==, "open");
  g_assert_nonnull (strstr (device_get (nancy, conflict, "values"), "\"33\""));
}

/* Somebody changes the target while it is decided on: the choice becomes a value. */
static void
test_resolution_on_changed_target (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);
  g_autofree char *conflict = NULL;
  const char *base, *seen;

  device_sync (nancy);
  device_sync (olga);
  base = device_rev (nancy, account);
  patch_phone (nancy, account, base, "2");
  patch_phone (olga, account, base, "3");
  conflict = device_find_conflict (olga, account, "phone");
  seen = device_rev (olga, account);
  patch_phone (nancy, account, device_rev (nancy, account), "22");

  g_assert_cmpstr (device_push (olga, FALSE,
                                "[{'type':'conflict','id':'%s','kind':'resolve','base':'%s','resolution':"
                                "{'seen':1,'keep':'value','value':{'phone':'333'},'target_base':'%s'}}]",
                                conflict, device_rev (olga, conflict), seen),
                   ==, "partial");
  g_assert_cmpstr (device_unit_outcome (olga, conflict, "resolution"), ==, "conflict");
  g_assert_cmpstr (device_get (olga, account, "phone"), ==, "22");
  g_assert_cmpstr (device_get (olga, conflict, "state"), ==, "open");
}

static void
test_resolved_twice (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);
  g_autofree char *conflict = NULL;
  const char *base;

  device_sync (nancy);
  device_sync (olga);
  base = device_rev (nancy, account);
  patch_phone (nancy, account, base, "2");
  patch_phone (olga, account, base, "3");
  device_sync (nancy);
  conflict = device_find_conflict (nancy, account, "phone");

  for (guint i = 0; i < 2; i++)
    {
      Device *device = i == 0 ? nancy : olga;

      g_assert_cmpstr (device_push (device, FALSE,
                                    "[{'type':'conflict','id':'%s','kind':'resolve','base':'%s','resolution':"
                                    "{'seen':1,'keep':1,'target_base':'%s'}}]",
                                    conflict, device_rev (device, conflict), device_rev (device, account)),
                       ==, "applied");
      g_assert_cmpstr (device_get (device, account, "phone"), ==, "3");
    }
}

/* ---- Policies ------------------------------------------------------------------------------------- */

static void
patch_text (Device *device, const char *account, const char *base, const char *text)
{
  device_push (device, FALSE,
               "[{'type':'account','id':'%s','kind':'patch','units':{'preferences':{'base':'%s','value':"
               "{'preferences':'%s'}}}}]",
               account, base, text);
}

static void
test_text_merges (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);
  const char *base;

  device_sync (nancy);
  device_sync (olga);
  base = device_rev (nancy, account);
  patch_text (nancy, account, base, "ONE\\ntwo\\nthree\\nfour\\n");
  patch_text (olga, account, base, "one\\ntwo\\nthree\\nFOUR\\n");
  g_assert_cmpstr (json_object_get_string_member (olga->outcome, "result"), ==, "applied");
  g_assert_cmpstr (device_unit_outcome (olga, account, "preferences"), ==, "merged");
  g_assert_cmpstr (device_get (olga, account, "preferences"), ==, "ONE\ntwo\nthree\nFOUR\n");

  patch_text (nancy, account, base, "1\\ntwo\\nthree\\nfour\\n");
  g_assert_cmpstr (device_unit_outcome (nancy, account, "preferences"), ==, "conflict");
}

/* A text typed over one's own pending text, which was merged with somebody else's: that stays. */
static void
test_text_chain_after_merge (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);
  const char *base;

  device_sync (nancy);
  device_sync (olga);
  base = device_rev (nancy, account);
  patch_text (nancy, account, base, "ONE\\ntwo\\nthree\\nfour\\n");
  patch_text (olga, account, base, "one\\ntwo\\nthree\\nFOUR\\n");
  g_assert_cmpstr (device_unit_outcome (olga, account, "preferences"), ==, "merged");
  patch_text (olga, account, "@1", "one\\ntwo\\nthree\\nFOUR!\\n");
  g_assert_cmpstr (json_object_get_string_member (olga->outcome, "result"), ==, "applied");
  g_assert_cmpstr (device_get (olga, account, "preferences"), ==, "ONE\ntwo\nthree\nFOUR!\n");
}

static void
test_sets_merge (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);
  const char *base;

  device_sync (nancy);
  device_sync (olga);
  base = device_rev (nancy, account);
  device_push (nancy, FALSE,
               "[{'type':'account','id':'%s','kind':'patch','units':{'tags':{'base':'%s','add':['b'],'remove':[]}}}]",
               account, base);
  g_assert_cmpstr (
      device_push (
          olga, FALSE,
          "[{'type':'account','id':'%s','kind':'patch','units':{'tags':{'base':'%s','add':['c'],'remove':['a']}}}]",
          account, base),
      ==, "applied");
  g_assert_cmpstr (device_get (olga, account, "tags"), ==, "[\"b\",\"c\"]");

  /* Sent whole, it counts by what it gained and lost. */
  g_assert_cmpstr (
      device_push (nancy, FALSE,
                   "[{'type':'account','id':'%s','kind':'patch','units':{'tags':{'base':'%s','value':{'tags':['a','d']}"
                   "}}}]",
                   account, base),
      ==, "applied");
  g_assert_cmpstr (device_get (nancy, account, "tags"), ==, "[\"b\",\"c\",\"d\"]");
}

static void
test_latest_wins (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);
  const char *base;

  device_sync (nancy);
  device_sync (olga);
  base = device_rev (nancy, account);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpstr (device_push (i == 0 ? nancy : olga, FALSE,
                                  "[{'type':'account','id':'%s','kind':'patch','units':{'next_visit_every':"
                                  "{'base':'%s','value':{'next_visit_every':%u}}}}]",
                                  account, base, 10 + i),
                     ==, "applied");
  g_assert_cmpstr (device_get (olga, account, "next_visit_every"), ==, "11");
}

static void
test_append_only (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autofree char *id = satchel_id_new ();

  g_assert_cmpstr (device_push (nancy, FALSE,
                                "[{'type':'loyalty_entry','id':'%s','kind':'create','units':{'account':{'value':"
                                "{'account':'%s'}},'points':{'value':{'points':5}}}}]",
                                id, account),
                   ==, "applied");
  g_assert_cmpstr (device_push (nancy, FALSE,
                                "[{'type':'loyalty_entry','id':'%s','kind':'patch','units':{'points':{'base':'@1',"
                                "'value':{'points':6}}}}]",
                                id),
                   ==, "refused");
  g_assert_cmpstr (device_code (nancy), ==, "permission");
}

/* ---- Chains --------------------------------------------------------------------------------------- */

static void
test_edit_over_own_pending_edit (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);

  device_sync (nancy);
  patch_phone (nancy, account, device_rev (nancy, account), "2");
  patch_phone (nancy, account, "@1", "3");
  g_assert_cmpstr (json_object_get_string_member (nancy->outcome, "result"), ==, "applied");
  patch_phone (nancy, account, "@2", "4");
  g_assert_cmpstr (device_get (nancy, account, "phone"), ==, "4");
}

/* In one request: the first group is not in the store yet when the second one needs it. */
static void
test_chain_in_one_request (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autofree char *id = satchel_id_new ();
  g_autofree char *one = NULL, *two = NULL, *three = NULL, *all = NULL;
  g_autofree char *create = NULL, *patch = NULL, *delete = NULL;
  g_autoptr (GBytes) request = NULL;
  g_autoptr (GError) error = NULL;

  create = g_strdup_printf ("[{\"type\":\"note\",\"id\":\"%s\",\"kind\":\"create\",\"units\":{\"account\":{\"value\":"
                            "{\"account\":\"%s\"}},\"body\":{\"value\":{\"body\":\"a\\n\"}}}}]",
                            id, account);
  patch = g_strdup_printf ("[{\"type\":\"note\",\"id\":\"%s\",\"kind\":\"patch\",\"units\":{\"body\":{\"base\":\"@1\","
                           "\"value\":{\"body\":\"b\\n\"}}}}]",
                           id);
  delete = g_strdup_printf ("[{\"type\":\"note\",\"id\":\"%s\",\"kind\":\"delete\",\"base\":\"@2\"}]", id);
  one = device_make_group (nancy, FALSE, create);
  two = device_make_group (nancy, FALSE, patch);
  three = device_make_group (nancy, FALSE, delete);
  all = g_strjoin ("\n", one, two, three, NULL);
  request = device_make_request (nancy, all);
  device_send (nancy, request, &error);
  g_assert_no_error (error);
  device_sync (nancy);
  g_assert_cmpstr (device_get (nancy, id, "body"), ==, "b\n");
  g_assert_nonnull (device_get (nancy, id, "deleted_at"));
}

static void
test_chain_after_refusal (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);

  device_sync (nancy);
  device_push (nancy, FALSE,
               "[{'type':'account','id':'%s','kind':'patch','units':{'stage':{'base':'%s','value':{'stage':'no'}}}}]",
               account, device_rev (nancy, account));
  g_assert_cmpstr (device_code (nancy), ==, "validation");
  device_push (nancy, FALSE,
               "[{'type':'account','id':'%s','kind':'patch','units':{'stage':{'base':'@1','value':{'stage':'lost'}}}}]",
               account);
  g_assert_cmpstr (device_code (nancy), ==, "dependency");
}

/* A conflict was settled in the meantime for what its author had typed: what they typed over it applies. */
static void
test_chain_after_settled_conflict (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);
  g_autofree char *conflict = NULL;
  const char *base;

  device_sync (nancy);
  device_sync (olga);
  base = device_rev (nancy, account);
  patch_phone (nancy, account, base, "2");
  patch_phone (olga, account, base, "3");
  device_sync (nancy);
  conflict = device_find_conflict (nancy, account, "phone");
  device_push (nancy, FALSE,
               "[{'type':'conflict','id':'%s','kind':'resolve','base':'%s','resolution':"
               "{'seen':1,'keep':1,'target_base':'%s'}}]",
               conflict, device_rev (nancy, conflict), device_rev (nancy, account));
  patch_phone (olga, account, "@1", "33");
  g_assert_cmpstr (json_object_get_string_member (olga->outcome, "result"), ==, "applied");
  g_assert_cmpstr (device_get (olga, account, "phone"), ==, "33");
}

/* ---- Strict groups -------------------------------------------------------------------------------- */

static void
test_strict_leaves_nothing (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);
  g_autofree char *contact = satchel_id_new ();
  g_autofree char *conflict = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  const char *base;

  device_sync (nancy);
  device_sync (olga);
  base = device_rev (nancy, account);
  patch_phone (nancy, account, base, "2");
  before = server_body (self, account);
  g_assert_cmpstr (device_push (olga, TRUE,
                                "[{'type':'contact','id':'%s','kind':'create','units':{'account':{'value':{'account':"
                                "'%s'}},'name':{'value':{'given_name':'Maria'}}}},"
                                "{'type':'account','id':'%s','kind':'patch','units':{'tier':{'base':'%s','value':"
                                "{'tier':'A'}},'phone':{'base':'%s','value':{'phone':'3'}}}}]",
                                contact, account, account, base, base),
                   ==, "refused");
  g_assert_cmpstr (device_code (olga), ==, "stale");
  after = server_body (self, account);
  g_assert_cmpstr (before, ==, after);
  g_assert_false (device_has (olga, contact));
  device_sync (olga);
  conflict = device_find_conflict (olga, account, "phone");
  g_assert_null (conflict);

  /* The id was never used, the counter goes on. */
  g_assert_cmpstr (device_push (olga, TRUE,
                                "[{'type':'contact','id':'%s','kind':'create','units':{'account':{'value':{'account':"
                                "'%s'}},'name':{'value':{'given_name':'Maria'}}}}]",
                                contact, account),
                   ==, "applied");
}

static void
test_strict_group_takes_merges (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);
  const char *base;

  device_sync (nancy);
  device_sync (olga);
  base = device_rev (nancy, account);
  patch_text (nancy, account, base, "ONE\\ntwo\\nthree\\nfour\\n");
  g_assert_cmpstr (device_push (olga, TRUE,
                                "[{'type':'account','id':'%s','kind':'patch','units':{'preferences':{'base':'%s',"
                                "'value':{'preferences':'one\\ntwo\\nthree\\nFOUR\\n'}}}}]",
                                account, base),
                   ==, "applied");
}

/* ---- Creating ------------------------------------------------------------------------------------- */

static void
test_create (Fixture *self, gconstpointer data)
{
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autofree char *id = satchel_id_new ();
  g_autofree char *bucket = g_strconcat ("user:", self->nancy, NULL);

  g_assert_cmpstr (device_push (nancy, FALSE,
                                "[{'type':'account','id':'%s','kind':'create','units':{'name':{'value':{'name':"
                                "'Corner shop'}}}}]",
                                id),
                   ==, "applied");
  device_sync (nancy);
  g_assert_cmpstr (device_get (nancy, id, "owner"), ==, self->nancy);
  g_assert_cmpstr (device_get (nancy, id, "bucket"), ==, bucket);
  g_assert_cmpstr (device_get (nancy, id, "created_by"), ==, self->nancy);
  g_assert_cmpstr (device_get (nancy, id, "created_at"), ==, "2026-11-20T08:00:00.000Z");

  g_assert_cmpstr (
      device_push (nancy, FALSE,
                   "[{'type':'account','id':'%s','kind':'create','units':{'name':{'value':{'name':'x'}}}}]", id),
      ==, "refused");
  g_assert_cmpstr (device_code (nancy), ==, "exists");
}

static void
test_create_refused (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *units;
    const char *code;
  } cases[] = {
    { "{'industry':{'value':{'industry':'x'}}}",                                       "validation" }, /* no name */
    { "{'name':{'value':{'name':'x'}},'stage':{'value':{'stage':'sideways'}}}",        "validation" },
    { "{'name':{'value':{'name':'x'}},'birthday':{'value':{'birthday':'yesterday'}}}", "validation" },
    { "{'name':{'value':{'name':5}}}",                                                 "validation" },
    { "{'name':{'value':{'name':'x','phone':'1'}}}",                                   "validation" },
  };
  g_autoptr (Device) nancy = device_new (self, self->nancy);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *id = satchel_id_new ();

      g_assert_cmpstr (
          device_push (nancy, FALSE, "[{'type':'account','id':'%s','kind':'create','units':%s}]", id, cases[i].units),
          ==, "refused");
      g_assert_cmpstr (device_code (nancy), ==, cases[i].code);
    }
}

static void
test_unknown_type (Fixture *self, gconstpointer data)
{
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autofree char *id = satchel_id_new ();

  g_assert_cmpstr (device_push (nancy, FALSE, "[{'type':'spaceship','id':'%s','kind':'create','units':{}}]", id), ==,
                   "refused");
  g_assert_cmpstr (device_code (nancy), ==, "unknown_type");
}

static void
test_unknown_fields_are_carried (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);
  const char *base;

  device_sync (nancy);
  device_sync (olga);
  base = device_rev (nancy, account);
  g_assert_cmpstr (device_push (nancy, FALSE,
                                "[{'type':'account','id':'%s','kind':'patch','units':{'extra.vat':{'base':'%s','value':"
                                "{'vat':'DE1'}},'shipping':{'base':'%s','value':{'dock':4,'gate':'B'}}}}]",
                                account, base, base),
                   ==, "applied");
  g_assert_cmpstr (device_get (nancy, account, "vat"), ==, "DE1");
  g_assert_cmpstr (device_get (nancy, account, "dock"), ==, "4");
  g_assert_cmpstr (device_push (olga, FALSE,
                                "[{'type':'account','id':'%s','kind':'patch','units':{'shipping':{'base':'%s','value':"
                                "{'dock':5,'gate':'B'}}}}]",
                                account, base),
                   ==, "partial");
  g_assert_cmpstr (device_unit_outcome (olga, account, "shipping"), ==, "conflict");
}

/* Every kind of field and every policy, by the declaration alone. */
static void
test_specimen (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autofree char *id = satchel_id_new ();

  g_assert_cmpstr (
      device_push (nancy, FALSE,
                   "[{'type':'specimen','id':'%s','kind':'create','units':{'account':{'value':{'account':'%s'}},"
                   "'title':{'value':{'title':'S'}},'story':{'value':{'story':'a\\nb\\n'}},'pieces':{'value':{'pieces':"
                   "3}},'weight':{'value':{'weight':1.5}},'fragile':{'value':{'fragile':true}},'value':{'value':"
                   "{'amount':100,'currency':'EUR'}},'finding':{'value':{'found_on':'2026-01-02'}},'colour':{'value':"
                   "{'colour':'red'}},'labels':{'value':{'labels':['x','y']}},'measures':{'value':{'measures':{'a':"
                   "[1,2]}}}}}]",
                   id, account),
      ==, "applied");
  device_sync (nancy);
  g_assert_cmpstr (device_get (nancy, id, "amount"), ==, "100");
  g_assert_cmpstr (device_get (nancy, id, "measures"), ==, "{\"a\":[1,2]}");
  g_assert_cmpstr (device_push (nancy, FALSE,
                                "[{'type':'specimen','id':'%s','kind':'patch','units':{'mood':{'base':'@1','value':"
                                "{'mood':'calm'}},'stock':{'base':'@1','value':{'stock':1}},'score':{'base':'@1',"
                                "'value':{'score':1}}}}]",
                                id),
                   ==, "partial");
  g_assert_cmpstr (device_unit_outcome (nancy, id, "mood"), ==, "applied");
  g_assert_cmpstr (device_unit_code (nancy, id, "stock"), ==, "permission");
  g_assert_cmpstr (device_unit_code (nancy, id, "score"), ==, "permission");
}

static void
test_too_large (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autofree char *text = g_strnfill (1024 * 1024 + 1, 'x');

  device_sync (nancy);
  patch_text (nancy, account, device_rev (nancy, account), text);
  g_assert_cmpstr (device_code (nancy), ==, "too_large");
}

/* ---- The bin -------------------------------------------------------------------------------------- */

static void
test_delete_takes_children_along (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autofree char *contact = fixture_add (self, "contact", "account", account, "given_name", "Maria", NULL);
  g_autofree char *order = fixture_add (self, "order", "account", account, NULL);
  g_autofree char *product = fixture_add (self, "product", "sku", "1", "name", "Chai", NULL);
  g_autofree char *line = fixture_add (self, "order_line", "order", order, "product", product, "quantity", "2", NULL);
  g_autofree char *gone = fixture_add (self, "note", "account", account, "body", "x", "created_by", self->nancy, NULL);
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);

  device_sync (nancy);
  g_assert_cmpstr (device_push (nancy, FALSE, "[{'type':'note','id':'%s','kind':'delete','base':'%s'}]", gone,
                                device_rev (nancy, gone)),
                   ==, "applied");
  g_assert_cmpstr (device_push (nancy, FALSE, "[{'type':'account','id':'%s','kind':'delete','base':'%s'}]", account,
                                device_rev (nancy, account)),
                   ==, "applied");
  device_sync (olga);
  g_assert_nonnull (device_get (olga, account, "deleted_at"));
  g_assert_cmpstr (device_get (olga, contact, "deleted_with"), ==, account);
  g_assert_cmpstr (device_get (olga, line, "deleted_with"), ==, account);
  g_assert_null (device_get (olga, gone, "deleted_with"));

  /* Nothing new hangs on what is in the bin, nothing leaves it alone. */
  {
    g_autofree char *id = satchel_id_new ();

    device_push (olga, FALSE,
                 "[{'type':'contact','id':'%s','kind':'create','units':{'account':{'value':{'account':'%s'}},'name':"
                 "{'value':{'given_name':'X'}}}}]",
                 id, account);
    g_assert_cmpstr (device_code (olga), ==, "gone");
  }
  device_push (olga, FALSE, "[{'type':'contact','id':'%s','kind':'restore','base':'%s'}]", contact,
               device_rev (olga, contact));
  g_assert_cmpstr (device_code (olga), ==, "gone");

  g_assert_cmpstr (device_push (olga, FALSE, "[{'type':'account','id':'%s','kind':'restore','base':'%s'}]", account,
                                device_rev (olga, account)),
                   ==, "applied");
  device_sync (nancy);
  g_assert_null (device_get (nancy, account, "deleted_at"));
  g_assert_null (device_get (nancy, contact, "deleted_at"));
  g_assert_null (device_get (nancy, line, "deleted_with"));
  g_assert_nonnull (device_get (nancy, gone, "deleted_at"));
}

static void
test_delete_against_edit (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);
  g_autofree char *conflict = NULL;
  const char *base;

  device_sync (nancy);
  device_sync (olga);
  base = device_rev (nancy, account);
  patch_phone (olga, account, base, "3");
  g_assert_cmpstr (
      device_push (nancy, FALSE, "[{'type':'account','id':'%s','kind':'delete','base':'%s'}]", account, base), ==,
      "partial");
  g_assert_cmpstr (device_unit_outcome (nancy, account, "deleted"), ==, "conflict");
  device_sync (nancy);
  g_assert_null (device_get (nancy, account, "deleted_at"));
  conflict = device_find_conflict (nancy, account, "deleted");
  g_assert_nonnull (conflict);

  g_assert_cmpstr (device_push (nancy, FALSE,
                                "[{'type':'conflict','id':'%s','kind':'resolve','base':'%s','resolution':"
                                "{'seen':1,'keep':1,'target_base':'%s'}}]",
                                conflict, device_rev (nancy, conflict), device_rev (nancy, account)),
                   ==, "applied");
  g_assert_nonnull (device_get (nancy, account, "deleted_at"));
  g_assert_cmpstr (device_get (nancy, conflict, "state"), ==, "resolved");
}

static void
test_edit_against_delete (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autofree char *contact = fixture_add (self, "contact", "account", account, "given_name", "Maria", NULL);
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);
  g_autofree char *conflict = NULL;
  const char *base;

  device_sync (nancy);
  device_sync (olga);
  base = device_rev (nancy, account);
  device_push (nancy, FALSE, "[{'type':'account','id':'%s','kind':'delete','base':'%s'}]", account, base);
  patch_phone (olga, account, base, "3");
  g_assert_cmpstr (device_unit_outcome (olga, account, "phone"), ==, "conflict");
  device_sync (olga);
  conflict = device_find_conflict (olga, account, "phone");
  g_assert_nonnull (conflict);

  /* Keeping the edit brings the account back, and what went with it. */
  g_assert_cmpstr (device_push (olga, FALSE,
                                "[{'type':'conflict','id':'%s','kind':'resolve','base':'%s','resolution':"
                                "{'seen':1,'keep':1,'target_base':'%s'}}]",
                                conflict, device_rev (olga, conflict), device_rev (olga, account)),
                   ==, "applied");
  device_sync (olga);
  g_assert_null (device_get (olga, account, "deleted_at"));
  g_assert_cmpstr (device_get (olga, account, "phone"), ==, "3");
  g_assert_null (device_get (olga, contact, "deleted_at"));
}

/* Own pending work does not stand against one's own delete; somebody else's work does, seen or not. */
static void
test_delete_over_own_edit (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autofree char *other = add_account (self, "Berglunds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);

  device_sync (nancy);
  device_sync (olga);
  patch_phone (nancy, account, device_rev (nancy, account), "2");
  g_assert_cmpstr (device_push (nancy, FALSE, "[{'type':'account','id':'%s','kind':'delete','base':'@1'}]", account),
                   ==, "applied");

  device_push (olga, FALSE,
               "[{'type':'account','id':'%s','kind':'patch','units':{'industry':{'base':'%s','value':{'industry':"
               "'x'}}}}]",
               other, device_rev (olga, other));
  patch_phone (nancy, other, device_rev (nancy, other), "2"); /* laid down with olga's edit behind its back */
  device_push (nancy, FALSE, "[{'type':'account','id':'%s','kind':'delete','base':'@3'}]", other);
  g_assert_cmpstr (device_unit_outcome (nancy, other, "deleted"), ==, "conflict");
}

/* A deletion that became a conflict, taken back and made again: what somebody wrote meanwhile is still unseen. */
static void
test_delete_again (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);
  g_autofree char *seen = NULL;

  device_sync (nancy);
  device_sync (olga);
  seen = g_strdup (device_rev (nancy, account));
  patch_phone (olga, account, device_rev (olga, account), "2");

  device_push (nancy, FALSE, "[{'type':'account','id':'%s','kind':'delete','base':'%s'}]", account, seen);
  g_assert_cmpstr (device_unit_outcome (nancy, account, "deleted"), ==, "conflict");
  device_push (nancy, FALSE, "[{'type':'account','id':'%s','kind':'restore','base':'@1'}]", account);
  device_push (nancy, FALSE, "[{'type':'account','id':'%s','kind':'delete','base':'@2'}]", account);
  g_assert_cmpstr (device_unit_outcome (nancy, account, "deleted"), ==, "conflict");
}

static void
test_delete_in_the_same_group (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autofree char *id = satchel_id_new ();

  device_sync (nancy);
  g_assert_cmpstr (device_push (nancy, FALSE,
                                "[{'type':'note','id':'%s','kind':'create','units':{'body':{'value':{'body':'x'}}}},"
                                "{'type':'note','id':'%s','kind':'delete','base':'@1'}]",
                                id, id),
                   ==, "applied");
  device_sync (nancy);
  g_assert_nonnull (device_get (nancy, id, "deleted_at"));
}

/* ---- Counters, hashes, nonces --------------------------------------------------------------------- */

/* The group of the last request again, in a request of now. */
static void
resend (Device *device)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelFrameReader) reader = satchel_frame_reader_new (device->last_request, 1 << 20, &error);
  g_autofree char *group = NULL;
  g_autoptr (GBytes) request = NULL;
  const char *kind, *body;
  gsize length;

  while (satchel_frame_reader_next_text (reader, &kind, &body, &length, &error))
    if (strcmp (kind, "group") == 0)
      group = g_strndup (body, length);
  g_assert_no_error (error);
  request = device_make_request (device, group);
  device_send (device, request, &error);
  g_assert_no_error (error);
}

static void
send_group (Device *device, const char *group)
{
  g_autoptr (GBytes) request = device_make_request (device, group);
  g_autoptr (GError) error = NULL;

  device_send (device, request, &error);
  g_assert_no_error (error);
}

static void
test_resent (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  device_sync (nancy);
  patch_phone (nancy, account, device_rev (nancy, account), "2");
  before = server_body (self, account);

  /* The answer was lost: the same request again, then once more later under another nonce. */
  device_send (nancy, nancy->last_request, &error);
  g_assert_no_error (error);
  g_assert_false (nancy->forked);
  g_assert_cmpstr (json_object_get_string_member (nancy->outcome, "result"), ==, "applied");
  after = server_body (self, account);
  g_assert_cmpstr (before, ==, after);
}

static void
test_copied_replica_forks (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) copy = NULL;
  const char *base;

  device_sync (nancy);
  base = device_rev (nancy, account);
  patch_phone (nancy, account, base, "2");
  copy = device_copy (nancy);

  device_push (nancy, FALSE,
               "[{'type':'account','id':'%s','kind':'patch','units':{'tier':{'base':'@1','value':{'tier':'A'}}}}]",
               account);
  g_assert_false (nancy->forked);

  /* The copy has a group 2 of its own. */
  g_assert_null (device_push (
      copy, FALSE,
      "[{'type':'account','id':'%s','kind':'patch','units':{'industry':{'base':'@1','value':{'industry':'Tea'}}}}]",
      account));
  g_assert_true (copy->forked);
  g_assert_cmpstr (copy->id, !=, nancy->id);

  /* It keeps its counters and bases and sends the same group again, under its new name and a new nonce. */
  resend (copy);
  g_assert_false (copy->forked);
  g_assert_cmpstr (json_object_get_string_member (copy->outcome, "result"), ==, "applied");
  device_sync (nancy);
  g_assert_cmpstr (device_get (nancy, account, "tier"), ==, "A");
  g_assert_cmpstr (device_get (nancy, account, "industry"), ==, "Tea");

  /* What was sent under the old name is known under the new one, too. */
  patch_phone (copy, account, "@1", "5");
  g_assert_cmpstr (json_object_get_string_member (copy->outcome, "result"), ==, "applied");
}

/* Behind one's own value, which is in conflict, somebody else's was never seen: deleting is no answer to it. */
static void
test_delete_after_own_conflict (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) olga = device_new (self, self->olga);
  g_autofree char *base = NULL;

  device_sync (nancy);
  device_sync (olga);
  base = g_strdup (device_rev (nancy, account));
  patch_phone (olga, account, base, "olga");
  patch_phone (nancy, account, base, "nancy");
  g_assert_cmpstr (device_unit_outcome (nancy, account, "phone"), ==, "conflict");

  /* Made on what the record has become since, with one's own value laid over it. */
  device_push (nancy, FALSE,
               "[{'type':'account','id':'%s','kind':'patch','units':{'tier':{'base':'%s','value':{'tier':'A'}}}}]",
               account, device_rev (nancy, account));
  device_push (nancy, FALSE, "[{'type':'account','id':'%s','kind':'delete','base':'@2'}]", account);
  g_assert_cmpstr (device_unit_outcome (nancy, account, "deleted"), ==, "conflict");
}

/* Two copies with the same unsent work, of which a third one has taken the device's name. */
static void
test_siblings_send_the_same (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) first = NULL;
  g_autoptr (Device) second = NULL;
  g_autofree char *text = g_strdup_printf ("[{\"type\":\"account\",\"id\":\"%s\",\"kind\":\"patch\",\"units\":{"
                                           "\"next_visit_every\":{\"base\":\"@1\",\"value\":{"
                                           "\"next_visit_every\":7}}}}]",
                                           account);
  g_autofree char *unsent = NULL;
  g_autofree char *again = NULL;

  device_sync (nancy);
  patch_phone (nancy, account, device_rev (nancy, account), "2");
  first = device_copy (nancy);
  second = device_copy (nancy);
  unsent = device_make_group (first, FALSE, text);
  again = device_make_group (second, FALSE, text);
  g_assert_cmpstr (unsent, ==, again);
  patch_phone (nancy, account, "@1", "3");

  send_group (first, unsent);
  g_assert_true (first->forked);
  send_group (first, unsent);
  g_assert_cmpstr (json_object_get_string_member (first->outcome, "result"), ==, "applied");
  device_push (nancy, FALSE,
               "[{'type':'account','id':'%s','kind':'patch','units':{'next_visit_every':{'base':'@1','value':{"
               "'next_visit_every':9}}}}]",
               account);

  send_group (second, unsent);
  g_assert_true (second->forked);
  send_group (second, unsent);
  g_assert_cmpstr (json_object_get_string_member (second->outcome, "result"), ==, "applied");
  device_sync (nancy);
  g_assert_cmpstr (device_get (nancy, account, "next_visit_every"), ==, "9");

  /* What it was given is known under its own name. */
  device_push (second, FALSE,
               "[{'type':'account','id':'%s','kind':'patch','units':{'tier':{'base':'@2','value':{'tier':'A'}}}}]",
               account);
  g_assert_cmpstr (json_object_get_string_member (second->outcome, "result"), ==, "applied");
}

/* What the other copy has changed since they parted is somebody else's work. */
static void
test_copy_deletes_what_the_other_changed (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) copy = NULL;

  device_sync (nancy);
  patch_phone (nancy, account, device_rev (nancy, account), "2");
  copy = device_copy (nancy);
  device_push (nancy, FALSE,
               "[{'type':'account','id':'%s','kind':'patch','units':{'tier':{'base':'@1','value':{'tier':'A'}}}}]",
               account);

  g_assert_null (device_push (copy, FALSE, "[{'type':'account','id':'%s','kind':'delete','base':'@1'}]", account));
  g_assert_true (copy->forked);
  resend (copy);
  g_assert_cmpstr (device_unit_outcome (copy, account, "deleted"), ==, "conflict");
  device_sync (nancy);
  g_assert_cmpstr (device_get (nancy, account, "tier"), ==, "A");
}

/* A replica that was set back to before something that it had sent. */
static void
test_restored_replica_forks (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) backup = NULL;
  const char *base;

  device_sync (nancy);
  base = device_rev (nancy, account);
  backup = device_copy (nancy);
  patch_phone (nancy, account, base, "2");

  /* It was never given a nonce, so only the counter tells. */
  g_assert_null (
      device_push (backup, FALSE,
                   "[{'type':'account','id':'%s','kind':'patch','units':{'tier':{'base':'%s','value':{'tier':'B'}}}}]",
                   account, base));
  g_assert_true (backup->forked);
  resend (backup);
  g_assert_false (backup->forked);
  g_assert_cmpstr (json_object_get_string_member (backup->outcome, "result"), ==, "applied");
}

/* ---- Reading -------------------------------------------------------------------------------------- */

static void
test_history (Fixture *self, gconstpointer data)
{
  g_autofree char *account = add_account (self, "Alfreds");
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) wim = device_new (self, self->wim);
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;

  device_sync (nancy);
  patch_phone (nancy, account, device_rev (nancy, account), "2");
  body = satchel_server_history (self->server, self->reader, nancy->token, "account", account, &error);
  g_assert_no_error (error);
  g_assert_nonnull (body);

  g_clear_pointer (&body, g_bytes_unref);
  body = satchel_server_history (self->server, self->reader, wim->token, "account", account, &error);
  g_assert_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  server_test ("/server/decide/different-units", test_different_units);
  server_test ("/server/decide/conflict-and-resolution", test_conflict_and_resolution);
  server_test ("/server/decide/equal-values", test_equal_values);
  server_test ("/server/decide/values-join", test_values_join);
  server_test ("/server/decide/replaced-value-stays", test_replaced_value_stays);
  server_test ("/server/decide/resolution-on-changed-target", test_resolution_on_changed_target);
  server_test ("/server/decide/resolved-twice", test_resolved_twice);
  server_test ("/server/decide/text-merges", test_text_merges);
  server_test ("/server/decide/text-chain-after-merge", test_text_chain_after_merge);
  server_test ("/server/decide/sets-merge", test_sets_merge);
  server_test ("/server/decide/latest-wins", test_latest_wins);
  server_test ("/server/decide/append-only", test_append_only);
  server_test ("/server/decide/edit-over-own-pending-edit", test_edit_over_own_pending_edit);
  server_test ("/server/decide/chain-in-one-request", test_chain_in_one_request);
  server_test ("/server/decide/chain-after-refusal", test_chain_after_refusal);
  server_test ("/server/decide/chain-after-settled-conflict", test_chain_after_settled_conflict);
  server_test ("/server/decide/strict-leaves-nothing", test_strict_leaves_nothing);
  server_test ("/server/decide/strict-group-takes-merges", test_strict_group_takes_merges);
  server_test ("/server/decide/create", test_create);
  server_test ("/server/decide/create-refused", test_create_refused);
  server_test ("/server/decide/unknown-type", test_unknown_type);
  server_test ("/server/decide/unknown-fields-are-carried", test_unknown_fields_are_carried);
  server_test ("/server/decide/specimen", test_specimen);
  server_test ("/server/decide/too-large", test_too_large);
  server_test ("/server/decide/delete-takes-children-along", test_delete_takes_children_along);
  server_test ("/server/decide/delete-against-edit", test_delete_against_edit);
  server_test ("/server/decide/edit-against-delete", test_edit_against_delete);
  server_test ("/server/decide/delete-over-own-edit", test_delete_over_own_edit);
  server_test ("/server/decide/delete-again", test_delete_again);
  server_test ("/server/decide/delete-in-the-same-group", test_delete_in_the_same_group);
  server_test ("/server/decide/resent", test_resent);
  server_test ("/server/decide/copied-replica-forks", test_copied_replica_forks);
  server_test ("/server/decide/delete-after-own-conflict", test_delete_after_own_conflict);
  server_test ("/server/decide/siblings-send-the-same", test_siblings_send_the_same);
  server_test ("/server/decide/copy-deletes-what-the-other-changed", test_copy_deletes_what_the_other_changed);
  server_test ("/server/decide/restored-replica-forks", test_restored_replica_forks);
  server_test ("/server/decide/history", test_history);

  return g_test_run ();
}
