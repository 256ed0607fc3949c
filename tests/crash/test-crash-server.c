/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What devices and administrators do to the server's store, ended at every write: each transaction is there whole or not
 * at all, what was acknowledged is there, and what is sent again has no second effect. */

#include "crash-server.h"
#include "crash-suite.h"

#include "records/satchel-value.h"
#include "wire/satchel-frames.h"

#define NANCY 1
#define OLGA 2
#define MARA 3
#define EASTERN 11
#define WESTERN 12

/* As crash_id() writes them. */
#define EAST "019a0000-0000-7000-8000-000000000011"
#define ALFREDS "019a0000-0000-7000-8000-000000000101"
#define BOLIDO "019a0000-0000-7000-8000-000000000102"
#define MARIA "019a0000-0000-7000-8000-000000000103"

/* ---- Requests ------------------------------------------------------------------------------------- */

/* What a device sends one after the other, made once: sent again they are the same to the last byte. */
typedef struct
{
  guint user;
  gboolean strict;
  const char *nonce; /* %NULL: the one before */
  const char *mutations; /* quotes are single */
} Sent;

static char *
make_group (const Sent *sent, gint64 n, char **hash)
{
  g_autofree char *mutations = g_strdelimit (g_strdup (sent->mutations), "'", '"');
  g_autofree char *text = g_strdup_printf ("{\"n\":%" G_GINT64_FORMAT
                                           ",\"strict\":%s,\"at\":\"2026-01-01T08:00:00.000Z\",\"mutations\":%s}",
                                           n, sent->strict ? "true" : "false", mutations);
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  g_autofree char *canonical = satchel_json_to_canonical (node);
  g_autofree char *chained = g_strconcat (*hash, "\n", canonical, NULL);

  g_free (*hash);
  *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, chained, -1);
  json_object_set_string_member (json_node_get_object (node), "hash", *hash);

  return json_to_string (node, FALSE);
}

static GBytes *
make_request (const char *group, const char *nonce, const char *proposed)
{
  g_autoptr (SatchelFrameWriter) writer = satchel_frame_writer_new ();
  g_autoptr (JsonObject) begin = json_object_new ();

  json_object_set_int_member (begin, "protocol", 1);
  if (nonce != NULL)
    json_object_set_string_member (begin, "nonce", nonce);
  json_object_set_string_member (begin, "proposed", proposed);
  satchel_frame_writer_add (writer, "begin", begin);
  satchel_frame_writer_add_text (writer, "group", group, -1);

  return satchel_frame_writer_finish (writer);
}

/* The requests of one device up to @place. */
static GBytes *
make_sent (const Sent *all, guint place)
{
  g_autofree char *hash = g_strdup ("");
  g_autofree char *group = NULL;
  g_autofree char *nonce = NULL;
  g_autofree char *proposed = NULL;
  gint64 n = 0;

  for (guint i = 0; i <= place; i++)
    if (all[i].user == all[place].user)
      {
        g_free (group);
        group = make_group (&all[i], ++n, &hash);
        g_free (nonce);
        nonce = g_steal_pointer (&proposed);
        proposed = g_strdup_printf ("nonce-%u", i);
      }

  return make_request (group, all[place].nonce != NULL ? all[place].nonce : nonce, proposed);
}

static const Sent sent[] = {
  { NANCY, FALSE, NULL,
   "[{'type':'account','id':'" ALFREDS "','kind':'create','units':{'name':{'value':{'name':'Alfreds'}},"
    "'territory':{'value':{'territory':'" EAST "'}}}},"
    "{'type':'contact','id':'" MARIA "','kind':'create','units':{'account':{'value':{'account':'" ALFREDS "'}},"
    "'name':{'value':{'given_name':'Maria'}}}}]"                                                                  },
  { NANCY, FALSE, NULL,
   "[{'type':'account','id':'" ALFREDS "','kind':'patch','units':{'phone':{'base':'@1','value':{'phone':'1'}}}}]" },
  /* Made on what was there before. */
  { OLGA,  FALSE, NULL,
   "[{'type':'account','id':'" ALFREDS "','kind':'patch','units':{'phone':{'base':'aaaaa.1','value':{'phone':'2'}},"
    "'website':{'base':'aaaaa.1','value':{'website':'https://example.com'}}}}]"                                   },
  { NANCY, TRUE,  NULL,
   "[{'type':'account','id':'" BOLIDO "','kind':'create','units':{'name':{'value':{'name':'Bolido'}},"
    "'territory':{'value':{'territory':'" EAST "'}}}},"
    "{'type':'account','id':'" ALFREDS "','kind':'patch','units':{'website':{'base':'aaaaa.1',"
    "'value':{'website':'https://other.example.com'}}}}]"                                                         },
  { OLGA,  FALSE, NULL, "[{'type':'account','id':'" ALFREDS "','kind':'delete','base':'aaaaa.3'}]"                },
};

static const Sent forked[] = {
  { NANCY, FALSE, NULL,
   "[{'type':'account','id':'" ALFREDS "','kind':'create','units':{'name':{'value':{'name':'Alfreds'}},"
    "'territory':{'value':{'territory':'" EAST "'}}}}]"                                                           },
  { NANCY, FALSE, "another nonce",
   "[{'type':'account','id':'" ALFREDS "','kind':'patch','units':{'phone':{'base':'@1','value':{'phone':'1'}}}}]" },
};

static gboolean
send (CrashSubject *self, const Sent *all, guint place, GError **error)
{
  g_autoptr (GBytes) request = make_sent (all, place);

  return crash_server_push (self, all[place].user, request, error);
}

#define SENDING(all, place)                                                 \
  static gboolean send_##all##_##place (CrashSubject *self, GError **error) \
  {                                                                         \
    return send (self, all, place, error);                                  \
  }

SENDING (sent, 0)
SENDING (sent, 1)
SENDING (sent, 2)
SENDING (sent, 3)
SENDING (sent, 4)
SENDING (forked, 0)
SENDING (forked, 1)

/* ---- Steps ---------------------------------------------------------------------------------------- */

static gboolean
put_people (CrashSubject *self, GError **error)
{
  GPtrArray *records = crash_records_new ();

  crash_records_add (records, "user", MARA, "name", "mara", "role", "manager", "active", "true", NULL);
  crash_records_add (records, "user", NANCY, "name", "nancy", "role", "rep", "active", "true", NULL);
  crash_records_add (records, "user", OLGA, "name", "olga", "role", "rep", "active", "true", NULL);
  crash_records_add (records, "territory", EASTERN, "name", "Eastern", "manager", crash_id (MARA), NULL);
  crash_records_add (records, "territory", WESTERN, "name", "Western", NULL);

  return crash_server_put (self, records, error);
}

static gboolean
grant_eastern (CrashSubject *self, GError **error)
{
  return crash_server_grant (self, NANCY, EASTERN, TRUE, error) &&
         crash_server_grant (self, OLGA, EASTERN, TRUE, error);
}

static gboolean
enrol_nancy (CrashSubject *self, GError **error)
{
  return crash_server_enrol (self, NANCY, error);
}

static gboolean
enrol_olga (CrashSubject *self, GError **error)
{
  return crash_server_enrol (self, OLGA, error);
}

static gboolean
grant_western (CrashSubject *self, GError **error)
{
  return crash_server_grant (self, NANCY, WESTERN, TRUE, error);
}

static gboolean
revoke_eastern (CrashSubject *self, GError **error)
{
  return crash_server_grant (self, OLGA, EASTERN, FALSE, error);
}

/* It moves with what hangs on it. */
static gboolean
move_account (CrashSubject *self, GError **error)
{
  GPtrArray *records = crash_records_new ();

  crash_records_add (records, "account", 101, "name", "Alfreds", "territory", crash_id (WESTERN), NULL);

  return crash_server_put (self, records, error);
}

static gboolean
disable_olga (CrashSubject *self, GError **error)
{
  GPtrArray *records = crash_records_new ();

  crash_records_add (records, "user", OLGA, "name", "olga", "role", "rep", "active", "false", NULL);

  return crash_server_put (self, records, error);
}

static gboolean
import (CrashSubject *self, GError **error)
{
  GPtrArray *records = crash_records_new ();

  for (guint i = 0; i < 80; i++)
    {
      crash_records_add (records, "account", 2000 + i, "name", "Imported", "territory", crash_id (EASTERN), NULL);
      crash_records_add (records, "note", 3000 + i, "account", crash_id (2000 + i), "title", "Imported", NULL);
    }

  return crash_server_put (self, records, error);
}

/* ---- Scenarios ------------------------------------------------------------------------------------ */

static const CrashStep with_people[] = {
  { "people", put_people },
  { "grants", grant_eastern },
  { "nancy", enrol_nancy },
  { "olga", enrol_olga },
  { NULL },
};

static const CrashStep with_account[] = {
  { "people", put_people },
  { "grants", grant_eastern },
  { "nancy", enrol_nancy },
  { "olga", enrol_olga },
  { "account", send_sent_0 },
  { NULL },
};

static const CrashStep pushing[] = {
  { "create", send_sent_0 },
  { "patch", send_sent_1 },
  { "again", send_sent_1 },
  { "conflict", send_sent_2 },
  { "strict", send_sent_3 },
  { "delete", send_sent_4 },
  { NULL },
};

static const CrashStep forking[] = {
  { "create", send_forked_0 },
  { "fork", send_forked_1 },
  { NULL },
};

static const CrashStep scope[] = {
  { "grant", grant_western },
  { "move", move_account },
  { "revoke", revoke_eastern },
  { "disable", disable_olga },
  { NULL },
};

static const CrashStep importing[] = {
  { "import", import },
  { "create", send_sent_0 },
  { NULL },
};

static const CrashStep founding[] = {
  { "people", put_people },
  { "grant", grant_western },
  { NULL },
};

static const CrashScenario scenarios[] = {
  { "founding",  NULL,         founding,  .stride = 7 },
  { "pushing",   with_people,  pushing,   .stride = 5 },
  { "forking",   with_people,  forking,   .stride = 3 },
  { "scope",     with_account, scope,     .stride = 5 },
  { "importing", with_people,  importing, .stride = 5 },
};

static CrashSubject *
make (const CrashScenario *scenario)
{
  CrashServer *self = g_new0 (CrashServer, 1);

  self->base.kind = &crash_server_kind;

  return &self->base;
}

/* ---- While it serves ------------------------------------------------------------------------------ */

#define PAGE 4096

static void
assert_opens (CrashServer *self)
{
  g_autoptr (GError) error = NULL;

  crash_chance_begin (1);
  crash_server_kind.open (&self->base, &error);
  g_assert_no_error (error);
}

static void
set_up (CrashServer *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  *self = (CrashServer) { .base.kind = &crash_server_kind, .base.disk = fault_disk_new (1) };
  assert_opens (self);
  g_assert_true (put_people (&self->base, &error) && grant_eastern (&self->base, &error) &&
                 enrol_nancy (&self->base, &error) && import (&self->base, &error) &&
                 send_sent_0 (&self->base, &error));
}

static void
tear_down (CrashServer *self, gconstpointer data)
{
  crash_server_kind.close (&self->base);
  fault_disk_free (self->base.disk);
}

/* Nothing is taken, and what is there is given. */
static void
assert_only_reads (CrashServer *self, SatchelStoreError code)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (send_sent_1 (&self->base, &error));
      g_assert_error (error, SATCHEL_STORE_ERROR, (gint) code);
      g_clear_error (&error);
      g_assert_true (crash_server_pull (&self->base, NANCY, &error));
      g_assert_no_error (error);
    }
}

/* Sent once more, it has no second effect. */
static void
assert_goes_on (CrashServer *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *once = NULL;
  g_autofree char *twice = NULL;

  g_assert_true (send_sent_1 (&self->base, &error));
  once = crash_server_kind.dump (&self->base);
  g_assert_true (send_sent_1 (&self->base, &error));
  twice = crash_server_kind.dump (&self->base);
  g_assert_cmpstr (once, ==, twice);
  crash_server_kind.verify (&self->base);
}

static void
test_becomes_read_only (CrashServer *self, gconstpointer data)
{
  fault_disk_set_read_only (self->base.disk, TRUE);
  assert_only_reads (self, SATCHEL_STORE_ERROR_DISK);
  fault_disk_set_read_only (self->base.disk, FALSE);
  assert_goes_on (self);
}

static void
test_becomes_full (CrashServer *self, gconstpointer data)
{
  fault_disk_plan (self->base.disk, FAULT_NO_SPACE, FAULT_BIT (FAULT_WRITE) | FAULT_BIT (FAULT_CREATE), 1,
                   FAULT_FOR_EVER);
  assert_only_reads (self, SATCHEL_STORE_ERROR_FULL);
  fault_disk_clear_plans (self->base.disk);
  assert_goes_on (self);
}

static void
test_fails (CrashServer *self, gconstpointer data)
{
  fault_disk_plan (self->base.disk, FAULT_IO_ERROR, FAULT_BIT (FAULT_SYNC), 1, FAULT_FOR_EVER);
  assert_only_reads (self, SATCHEL_STORE_ERROR_DISK);
  fault_disk_clear_plans (self->base.disk);
  assert_goes_on (self);
}

/* Whatever cannot be read says so and stops nothing else. */
static guint
count_done (CrashServer *self)
{
  static const CrashFunc functions[] = { send_sent_1, send_sent_0, grant_western };
  guint n_done = 0;

  for (guint i = 0; i <= G_N_ELEMENTS (functions); i++)
    {
      g_autoptr (GError) error = NULL;

      if (i < G_N_ELEMENTS (functions) ? functions[i](&self->base, &error)
                                       : crash_server_pull (&self->base, NANCY, &error))
        n_done++;
      else
        g_assert_error (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_CORRUPT);
    }

  return n_done;
}

static void
test_every_page (CrashServer *self, gconstpointer data)
{
  g_autoptr (FaultSnapshot) whole = NULL;
  guint n_pages, n_all = 0, n_some = 0;

  crash_server_kind.close (&self->base);
  whole = fault_disk_snapshot (self->base.disk);
  n_pages = (guint) fault_disk_get_size (self->base.disk, "satchel.db") / PAGE;
  g_assert_cmpuint (n_pages, >, 20);

  /* The first page is that of the schema: without it there is no database. */
  for (guint i = 1; i < n_pages; i++)
    {
      guint n_done;

      fault_disk_restore (self->base.disk, whole);
      fault_disk_damage (self->base.disk, "satchel.db", (gsize) i * PAGE, PAGE);
      if (!crash_server_open_as_it_is (&self->base, NULL))
        continue;
      n_done = count_done (self);
      n_all += n_done == 4;
      n_some += n_done > 0 && n_done < 4;
      crash_server_kind.close (&self->base);
    }
  g_test_message ("%u pages: %u times all was done, %u times some", n_pages, n_all, n_some);
  g_assert_cmpuint (n_all, >, 0);
  g_assert_cmpuint (n_some, >, 5);
}

#define SERVING(path, function) g_test_add ("/crash/server/" path, CrashServer, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  fault_vfs_register ();
  crash_server_tame_chance ();
  crash_suite_add ("server", scenarios, G_N_ELEMENTS (scenarios), make);
  SERVING ("becomes-read-only", test_becomes_read_only);
  SERVING ("becomes-full", test_becomes_full);
  SERVING ("fails", test_fails);
  SERVING ("every-page", test_every_page);

  return crash_suite_run ();
}
