/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who may see and do what: every type of the vocabulary × every kind of bucket × every principal × every way to ask. The
 * expectations are written down here on their own, from the rules and not from the code. */

#include "satchel-config.h"

#include "server-fixture.h"

#include <string.h>

#include "records/satchel-id.h"
#include "server/core/server-digest.h"

typedef enum
{
  NANCY, /* rep of Eastern */
  OLGA, /* rep of Eastern */
  WIM, /* rep of Western */
  MARA, /* manager of Eastern */
  ADAM, /* admin */
  N_PRINCIPALS,
} Principal;

typedef enum
{
  PLACE_EASTERN,
  PLACE_WESTERN,
  PLACE_OWN, /* nancy's own */
  PLACE_PRIVATE, /* private, nancy's, on an account of Eastern */
  PLACE_ORG,
  N_PLACES,
} Place;

static const char *const principal_names[] = { "nancy", "olga", "wim", "mara", "adam" };
static const char *const place_names[] = { "eastern", "western", "own", "private", "org" };

static const gboolean sees[N_PLACES][N_PRINCIPALS] = {
  [PLACE_EASTERN] = { TRUE,  TRUE,  FALSE, TRUE,  TRUE  },
    [PLACE_WESTERN] = { FALSE, FALSE, TRUE,  FALSE, TRUE  },
  [PLACE_OWN] = { TRUE,  FALSE, FALSE, FALSE, FALSE },
    [PLACE_PRIVATE] = { TRUE,  FALSE, FALSE, FALSE, FALSE },
  [PLACE_ORG] = { TRUE,  TRUE,  TRUE,  TRUE,  TRUE  },
};

/* nancy has made every record here. */
static const gboolean edits[][N_PRINCIPALS] = {
  [SATCHEL_RIGHTS_REP] = { TRUE,  TRUE,  TRUE,  TRUE,  TRUE  },
  [SATCHEL_RIGHTS_OWN] = { TRUE,  FALSE, FALSE, TRUE,  TRUE  },
  [SATCHEL_RIGHTS_MANAGER] = { FALSE, FALSE, FALSE, TRUE,  TRUE  },
  [SATCHEL_RIGHTS_ADMIN] = { FALSE, FALSE, FALSE, FALSE, TRUE  },
  [SATCHEL_RIGHTS_SERVER] = { FALSE, FALSE, FALSE, FALSE, FALSE },
};

static const gboolean reassigns[N_PRINCIPALS] = { FALSE, FALSE, FALSE, TRUE, TRUE };

typedef struct
{
  Fixture *fixture;
  char *accounts[N_PLACES];
  Device *devices[N_PRINCIPALS];
} World;

/* ---- Records of any type -------------------------------------------------------------------------- */

static const char *
sample_value (const SatchelField *field, guint variant)
{
  static const char *const samples[][2] = {
    [SATCHEL_KIND_TEXT] = { "one",                      "two"                      },
    [SATCHEL_KIND_LONG_TEXT] = { "one\n",                    "two\n"                    },
    [SATCHEL_KIND_PHONE] = { "030 1",                    "030 2"                    },
    [SATCHEL_KIND_EMAIL] = { "a@example.org",            "b@example.org"            },
    [SATCHEL_KIND_URI] = { "https://a.example",        "https://b.example"        },
    [SATCHEL_KIND_INTEGER] = { "1",                        "2"                        },
    [SATCHEL_KIND_NUMBER] = { "1",                        "2"                        },
    [SATCHEL_KIND_BOOLEAN] = { "true",                     "false"                    },
    [SATCHEL_KIND_MONEY] = { "100",                      "200"                      },
    [SATCHEL_KIND_CURRENCY] = { "EUR",                      "USD"                      },
    [SATCHEL_KIND_DATE] = { "2026-01-01",               "2026-01-02"               },
    [SATCHEL_KIND_TIME] = { "2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z" },
    [SATCHEL_KIND_SET] = { "a",                        "b"                        },
    [SATCHEL_KIND_JSON] = { "{\"a\":1}",                "{\"a\":2}"                },
  };

  if (field->kind == SATCHEL_KIND_CHOICE)
    return field->choices[variant].value;

  return samples[field->kind][variant];
}

static gboolean
can_live_in (const SatchelType *type, Place place)
{
  guint index;

  switch (satchel_type_get_home (type))
    {
    case SATCHEL_HOME_ORG:
      return place == PLACE_ORG;
    case SATCHEL_HOME_ANCHORED:
      return place != PLACE_ORG && (place != PLACE_PRIVATE || satchel_type_lookup_field (type, "private", &index));
    case SATCHEL_HOME_ACCOUNT:
    case SATCHEL_HOME_TARGET:
    default:
      return place != PLACE_ORG && place != PLACE_PRIVATE;
    }
}

static void
fill_account (World *self, SatchelRecord *record, Place place)
{
  if (place == PLACE_OWN)
    satchel_record_set_from_text (record, "owner", self->fixture->nancy, NULL);
  else
    satchel_record_set_from_text (record, "territory",
                                  place == PLACE_EASTERN ? self->fixture->eastern : self->fixture->western, NULL);
}

/* What a required reference points at: the account itself, or something that hangs on it. */
static char *
make_target (World *self, const SatchelField *field, const char *account)
{
  if (strcmp (field->target, "account") == 0)
    return g_strdup (account);
  if (strcmp (field->target, "product") == 0)
    return fixture_add (self->fixture, "product", "sku", "x", "name", "x", NULL);
  if (strcmp (field->target, "campaign") == 0)
    return fixture_add (self->fixture, "campaign", "name", "x", NULL);
  if (strcmp (field->target, "survey") == 0)
    return fixture_add (self->fixture, "survey", "title", "x", NULL);
  if (strcmp (field->target, "deal") == 0)
    return fixture_add (self->fixture, "deal", "account", account, "title", "x", NULL);
  if (strcmp (field->target, "order") == 0)
    return fixture_add (self->fixture, "order", "account", account, NULL);

  g_error ("A required reference to “%s” is new: say here what it points at", field->target);
}

static void
fill_field (World *self, SatchelRecord *record, const SatchelField *field, const char *account)
{
  g_autofree char *target = NULL;
  g_autofree char *unique = satchel_id_new ();
  const char *text;
  g_autoptr (GError) error = NULL;

  if (field->kind == SATCHEL_KIND_REFERENCE)
    text = target = make_target (self, field, account);
  else if (g_str_has_suffix (field->name, "_id"))
    text = account;
  else if (g_str_has_suffix (field->name, "_type"))
    text = "account";
  else if (strcmp (field->name, "name") == 0)
    text = unique;
  else
    text = sample_value (field, 0);
  satchel_record_set_from_text (record, field->name, text, &error);
  g_assert_no_error (error);
}

static gboolean
names_account (const SatchelField *field)
{
  return (field->flags & SATCHEL_FIELD_ANCHOR) != 0 && strcmp (field->target, "account") == 0;
}

static SatchelRecord *
make_record (World *self, const SatchelType *type, Place place)
{
  g_autofree char *id = satchel_id_new ();
  SatchelRecord *record = satchel_record_new (type, id);
  const char *account = self->accounts[place == PLACE_PRIVATE ? PLACE_EASTERN : place];

  for (guint i = 0; i < satchel_type_get_n_fields (type); i++)
    {
      const SatchelField *field = satchel_type_get_field (type, i);

      if ((field->flags & SATCHEL_FIELD_REQUIRED) != 0 || names_account (field) ||
          ((field->flags & SATCHEL_FIELD_EITHER) != 0 && strcmp (field->name, "account") == 0))
        fill_field (self, record, field, account);
    }
  if (satchel_type_get_home (type) == SATCHEL_HOME_ACCOUNT)
    fill_account (self, record, place);
  if (place == PLACE_PRIVATE)
    satchel_record_set_from_text (record, "private", "true", NULL);
  satchel_record_set_created (record, NULL, self->fixture->nancy);

  return record;
}

static void
put (World *self, SatchelRecord *record)
{
  Fixture *fixture = self->fixture;
  g_autoptr (SatchelView) view = satchel_view_open_administration (fixture->server, fixture->writer);
  g_autoptr (GPtrArray) records = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (records, record);
  satchel_store_begin (fixture->writer, &error);
  satchel_server_put_records (view, records, NULL, NULL, &error);
  g_assert_no_error (error);
  satchel_store_commit (fixture->writer, &error);
  g_assert_no_error (error);
}

/* A unit that anybody who may edit the record may change. */
static const SatchelField *
find_plain_field (const SatchelType *type, const char **unit)
{
  for (guint i = satchel_type_get_n_fields (type); i > 0; i--)
    {
      const SatchelField *field = satchel_type_get_field (type, i - 1);

      *unit = satchel_type_get_unit_of_field (type, i - 1)->name;
      if (field->policy == SATCHEL_POLICY_ASK && field->kind != SATCHEL_KIND_REFERENCE &&
          strcmp (field->name, "private") != 0 && !g_str_has_suffix (field->name, "_id") &&
          (field->flags & (SATCHEL_FIELD_SERVER | SATCHEL_FIELD_REASSIGN | SATCHEL_FIELD_ANCHOR)) == 0)
        return field;
    }
  g_assert_not_reached ();
}

/* ---- Asking --------------------------------------------------------------------------------------- */

static void
check_code (Device *device, const char *result, gboolean seen, gboolean allowed, const char *what)
{
  const char *expected = !seen ? "gone" : !allowed ? "permission" : NULL;

  if (g_strcmp0 (expected, device_code (device)) == 0 && strcmp (result, expected == NULL ? "applied" : "refused") == 0)
    return;
  g_error ("%s: expected %s, and it was %s with %s", what, expected != NULL ? expected : "applied", result,
           device_code (device));
}

static void
check_history (World *self, Device *device, const SatchelRecord *record, gboolean seen)
{
  Fixture *fixture = self->fixture;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = satchel_server_history (fixture->server, fixture->reader, device->token,
                                                    satchel_type_get_name (satchel_record_get_record_type (record)),
                                                    satchel_record_get_id (record), &error);

  g_assert_cmpint (body != NULL, ==, seen);
  if (!seen)
    g_assert_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_NOT_FOUND);
}

/* What a device compares itself with, and mends itself from. */
static void
check_digests (World *self, Device *device, const SatchelRecord *record, gboolean seen)
{
  Fixture *fixture = self->fixture;
  const char *id = satchel_record_get_id (record);
  g_autoptr (GError) error = NULL, bucket_error = NULL;
  g_autofree char *stored = server_body (fixture, id);
  g_autoptr (JsonNode) node = json_from_string (stored, NULL);
  const char *bucket = json_object_get_string_member (json_node_get_object (node), "bucket");
  g_autoptr (GBytes) body = satchel_server_record (fixture->server, fixture->reader, device->token,
                                                   satchel_type_get_name (satchel_record_get_record_type (record)), id,
                                                   &error);
  g_autoptr (GBytes) digests = satchel_server_bucket_digests (fixture->server, fixture->reader, device->token, bucket,
                                                              NULL, &bucket_error);

  g_assert_cmpint (body != NULL, ==, seen);
  g_assert_cmpint (digests != NULL, ==, seen);
  if (seen)
    return;
  g_assert_error (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_NOT_FOUND);
  g_assert_error (bucket_error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_NOT_FOUND);
}

static const char *
get_server_rev (World *self, const char *id)
{
  g_autofree char *body = server_body (self->fixture, id);
  g_autoptr (JsonNode) node = json_from_string (body, NULL);

  return g_intern_string (json_object_get_string_member (json_node_get_object (node), "rev"));
}

static void
check_patch (World *self, Device *device, const SatchelRecord *record, gboolean seen, gboolean allowed,
             const char *what)
{
  const SatchelType *type = satchel_record_get_record_type (record);
  const char *unit;
  const SatchelField *field = find_plain_field (type, &unit);
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *json = NULL;
  const char *id = satchel_record_get_id (record);

  satchel_value_parse (field, sample_value (field, (guint) g_test_rand_int_range (0, 2)), &value, NULL);
  node = satchel_value_to_json (field, &value);
  json = json_to_string (node, FALSE);
  check_code (device,
              device_push (device, FALSE,
                           "[{'type':'%s','id':'%s','kind':'patch','units':{'%s':{'base':'%s','value':{'%s':%s}}}}]",
                           satchel_type_get_name (type), id, unit, get_server_rev (self, id), field->name, json),
              seen, allowed, what);
}

static void
check_bin (World *self, Device *device, const SatchelRecord *record, const char *kind, gboolean seen, gboolean allowed,
           const char *what)
{
  const char *id = satchel_record_get_id (record);

  check_code (device,
              device_push (device, FALSE, "[{'type':'%s','id':'%s','kind':'%s','base':'%s'}]",
                           satchel_type_get_name (satchel_record_get_record_type (record)), id, kind,
                           get_server_rev (self, id)),
              seen, allowed, what);
}

/* The same record under a new id, made by the device: where it may not be put, or what it hangs on may not be seen. */
static void
check_create (World *self, Principal principal, const SatchelRecord *like, Place place, gboolean allowed,
              const char *what)
{
  Device *device = self->devices[principal];
  const SatchelType *type = satchel_record_get_record_type (like);
  g_autofree char *id = satchel_id_new ();
  g_autoptr (JsonObject) units = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *json = NULL;
  const char *result, *code;
  /* Work of one's own is handed to nancy by who may reassign it to her. */
  gboolean seen = sees[place == PLACE_PRIVATE ? PLACE_EASTERN : place][principal] ||
                  (satchel_type_get_home (type) == SATCHEL_HOME_ACCOUNT && place == PLACE_OWN && reassigns[principal]);

  for (guint i = 0; i < satchel_type_get_n_units (type); i++)
    {
      const SatchelUnit *unit = satchel_type_get_unit (type, i);
      g_autoptr (JsonObject) change = json_object_new ();
      gboolean empty = TRUE;

      for (guint j = 0; j < unit->n_fields; j++)
        empty = empty && satchel_value_is_null (satchel_record_get_value (like, unit->fields[j]));
      if (empty)
        continue;
      json_object_set_object_member (change, "value", satchel_record_dup_unit (like, unit->name));
      json_object_set_object_member (units, unit->name, g_steal_pointer (&change));
    }
  if (strcmp (satchel_type_get_name (type), "user") == 0)
    json_object_set_string_member (
        json_object_get_object_member (json_object_get_object_member (units, "name"), "value"), "name", id);
  node = json_node_init_object (json_node_alloc (), units);
  json = json_to_string (node, FALSE);
  result = device_push (device, FALSE, "[{'type':'%s','id':'%s','kind':'create','units':%s}]",
                        satchel_type_get_name (type), id, json);
  code = device_code (device);

  if (allowed && seen)
    {
      if (strcmp (result, "applied") != 0)
        g_error ("%s: %s", what, code);
      return;
    }
  /* An account by its territory or owner is a question of permission, all else of what it hangs on. */
  if (strcmp (result, "refused") != 0 || (strcmp (code, "gone") != 0 && strcmp (code, "permission") != 0))
    g_error ("%s: %s with %s", what, result, code);
  if (!allowed)
    g_assert_cmpstr (code, ==, "permission");
}

static void
check_cell (World *self, const SatchelType *type, Place place, Principal principal)
{
  Device *device = self->devices[principal];
  g_autoptr (SatchelRecord) record = make_record (self, type, place);
  gboolean seen = sees[place][principal];
  gboolean append_only = (satchel_type_get_flags (type) & SATCHEL_TYPE_APPEND_ONLY) != 0;
  gboolean writes = edits[satchel_type_get_rights (type)][principal];
  gboolean edit = writes && !append_only;
  g_autofree char *what = g_strdup_printf ("%s in %s by %s", satchel_type_get_name (type), place_names[place],
                                           principal_names[principal]);

  put (self, record);
  device_sync (device);
  if (device_has (device, satchel_record_get_id (record)) != seen)
    g_error ("%s: the feed is wrong", what);
  check_history (self, device, record, seen);
  check_digests (self, device, record, seen);
  check_patch (self, device, record, seen, edit, what);
  check_bin (self, device, record, "delete", seen, edit, what);
  check_bin (self, device, record, "restore", seen, edit, what);
  /* Who makes a segment owns it. */
  check_create (self, principal, record, place, writes || satchel_type_get_rights (type) == SATCHEL_RIGHTS_OWN, what);
}

/* ---- The worlds they are asked in ----------------------------------------------------------------- */

static void
set_up_world (World *self, Fixture *fixture)
{
  const char *users[] = { fixture->nancy, fixture->olga, fixture->wim, fixture->mara, fixture->adam };

  *self = (World) { .fixture = fixture };
  self->accounts[PLACE_EASTERN] = fixture_add (fixture, "account", "name", "East", "territory", fixture->eastern, NULL);
  self->accounts[PLACE_WESTERN] = fixture_add (fixture, "account", "name", "West", "territory", fixture->western, NULL);
  self->accounts[PLACE_OWN] = fixture_add (fixture, "account", "name", "Own", "owner", fixture->nancy, NULL);
  for (guint i = 0; i < N_PRINCIPALS; i++)
    self->devices[i] = device_new (fixture, users[i]);
}

static void
tear_down_world (World *self)
{
  for (guint i = 0; i < N_PLACES; i++)
    g_free (self->accounts[i]);
  for (guint i = 0; i < N_PRINCIPALS; i++)
    device_free (self->devices[i]);
}

static void
test_matrix (Fixture *self, gconstpointer data)
{
  World world;
  guint n_cells = 0;

  set_up_world (&world, self);
  for (guint i = 0; i < satchel_vocabulary_get_n_types (self->vocabulary); i++)
    for (Place place = 0; place < N_PLACES; place++)
      for (Principal principal = 0; principal < N_PRINCIPALS; principal++)
        {
          const SatchelType *type = satchel_vocabulary_get_type_at (self->vocabulary, i);

          if (!can_live_in (type, place))
            continue;
          check_cell (&world, type, place, principal);
          n_cells++;
        }
  g_test_message ("%u cells", n_cells);
  g_assert_cmpuint (n_cells, >, 200);
  tear_down_world (&world);
}

static void
test_reassign (Fixture *self, gconstpointer data)
{
  World world;

  set_up_world (&world, self);
  for (Principal principal = 0; principal < N_PRINCIPALS; principal++)
    {
      Device *device = world.devices[principal];
      g_autofree char *account = fixture_add (self, "account", "name", "A", "territory", self->eastern, "owner",
                                              self->nancy, NULL);
      gboolean seen = sees[PLACE_EASTERN][principal];

      device_sync (device);
      check_code (device,
                  device_push (device, FALSE,
                               "[{'type':'account','id':'%s','kind':'patch','units':{'owner':{'base':'%s','value':"
                               "{'owner':'%s'}}}}]",
                               account, get_server_rev (&world, account), self->olga),
                  seen, reassigns[principal], principal_names[principal]);

      /* Not out of the team, unless one may everything. */
      check_code (device,
                  device_push (device, FALSE,
                               "[{'type':'account','id':'%s','kind':'patch','units':{'territory':{'base':'%s','value':"
                               "{'territory':'%s'}}}}]",
                               account, get_server_rev (&world, account), self->western),
                  seen, principal == ADAM, principal_names[principal]);
    }
  tear_down_world (&world);
}

static void
test_server_fields (Fixture *self, gconstpointer data)
{
  g_autofree char *product = fixture_add (self, "product", "sku", "1", "name", "Chai", "stock", "5", NULL);
  g_autoptr (Device) adam = device_new (self, self->adam);

  device_sync (adam);
  device_push (adam, FALSE,
               "[{'type':'product','id':'%s','kind':'patch','units':{'stock':{'base':'%s','value':{'stock':9}}}}]",
               product, device_rev (adam, product));
  g_assert_cmpstr (device_code (adam), ==, "permission");
}

/* Settling a conflict is no way around a right. */
static void
test_conflict_is_no_back_door (Fixture *self, gconstpointer data)
{
  g_autofree char *account = fixture_add (self, "account", "name", "A", "territory", self->eastern, "owner",
                                          self->nancy, NULL);
  g_autoptr (Device) mara = device_new (self, self->mara);
  g_autoptr (Device) adam = device_new (self, self->adam);
  g_autoptr (Device) nancy = device_new (self, self->nancy);
  g_autoptr (Device) wim = device_new (self, self->wim);
  g_autofree char *conflict = NULL;
  const char *base;

  device_sync (mara);
  device_sync (adam);
  base = device_rev (mara, account);
  for (guint i = 0; i < 2; i++)
    device_push (i == 0 ? mara : adam, FALSE,
                 "[{'type':'account','id':'%s','kind':'patch','units':{'owner':{'base':'%s','value':{'owner':'%s'}}}}]",
                 account, base, i == 0 ? self->olga : self->mara);
  device_sync (nancy);
  conflict = device_find_conflict (nancy, account, "owner");
  g_assert_nonnull (conflict);

  for (guint i = 0; i < 2; i++)
    {
      Device *device = i == 0 ? nancy : wim;

      device_push (device, FALSE,
                   "[{'type':'conflict','id':'%s','kind':'resolve','base':'%s','resolution':"
                   "{'seen':1,'keep':'value','value':{'owner':'%s'},'target_base':'%s'}}]",
                   conflict, device_rev (nancy, conflict), self->nancy, device_rev (nancy, account));
      g_assert_cmpstr (device_code (device), ==, i == 0 ? "permission" : "gone");
      device_push (device, FALSE,
                   "[{'type':'conflict','id':'%s','kind':'patch','units':{'state':{'base':'%s','value':{'state':"
                   "'resolved'}}}}]",
                   conflict, device_rev (nancy, conflict));
      g_assert_cmpstr (device_code (device), ==, i == 0 ? "permission" : "gone");
    }
}

/* Another one's note is not made private, and so taken away from all others, by anybody else. */
static void
test_private_by_others (Fixture *self, gconstpointer data)
{
  g_autofree char *account = fixture_add (self, "account", "name", "A", "territory", self->eastern, NULL);
  g_autofree char *note = fixture_add (self, "note", "account", account, "body", "x", "created_by", self->nancy, NULL);
  g_autoptr (Device) olga = device_new (self, self->olga);
  g_autoptr (Device) nancy = device_new (self, self->nancy);

  device_sync (olga);
  device_sync (nancy);
  device_push (olga, FALSE,
               "[{'type':'note','id':'%s','kind':'patch','units':{'private':{'base':'%s','value':{'private':true}}}}]",
               note, device_rev (olga, note));
  g_assert_cmpstr (device_code (olga), ==, "permission");
  g_assert_cmpstr (
      device_push (
          nancy, FALSE,
          "[{'type':'note','id':'%s','kind':'patch','units':{'private':{'base':'%s','value':{'private':true}}}}]", note,
          device_rev (nancy, note)),
      ==, "applied");
  device_sync (olga);
  g_assert_false (device_has (olga, note));
}

/* ---- Whom nobody listens to ----------------------------------------------------------------------- */

static void
check_shut_out (Device *device, SatchelServerError code)
{
  Fixture *fixture = device->fixture;
  g_autoptr (GError) pull_error = NULL;
  g_autoptr (GError) push_error = NULL;
  g_autoptr (GError) history_error = NULL;
  g_autofree char *group = device_make_group (device, FALSE,
                                              "[{\"type\":\"note\",\"id\":\"01a200da-00b2-751c-92b2-ac82d6b047dd\","
                                              "\"kind\":\"create\",\"units\":{}}]");
  g_autoptr (GBytes) push = device_make_request (device, group);

  g_assert_false (device_pull_once (device, &pull_error));
  g_assert_error (pull_error, SATCHEL_SERVER_ERROR, (int) code);
  g_assert_false (device_send (device, push, &push_error));
  g_assert_error (push_error, SATCHEL_SERVER_ERROR, (int) code);
  g_assert_null (
      satchel_server_history (fixture->server, fixture->reader, device->token, "user", fixture->nancy, &history_error));
  g_assert_error (history_error, SATCHEL_SERVER_ERROR, (int) code);
}

static void
change_device (Device *device, gboolean revoked, gint64 expires)
{
  Fixture *fixture = device->fixture;
  g_autoptr (SatchelStoredDevice) stored = NULL;
  g_autoptr (GError) error = NULL;

  satchel_store_begin (fixture->writer, &error);
  satchel_store_load_device (fixture->writer, device->id, &stored, &error);
  stored->revoked = revoked;
  stored->token_expires = expires;
  satchel_store_save_device (fixture->writer, stored, &error);
  satchel_store_commit (fixture->writer, &error);
  g_assert_no_error (error);
}

static void
test_shut_out (Fixture *self, gconstpointer data)
{
  g_autoptr (Device) revoked = device_new (self, self->nancy);
  g_autoptr (Device) expired = device_new (self, self->nancy);
  g_autoptr (Device) stranger = device_new (self, self->nancy);
  g_autoptr (Device) disabled = device_new (self, self->wim);
  g_autofree char *body = server_body (self, self->wim);
  g_autoptr (SatchelRecord) wim = satchel_record_from_wire_text (self->vocabulary, body, strlen (body), NULL);
  World world = { .fixture = self };

  device_sync (revoked);
  device_sync (expired);
  device_sync (disabled);
  change_device (revoked, TRUE, G_MAXINT32);
  change_device (expired, FALSE, satchel_time_now_unix_ms () / 1000);
  g_set_str (&stranger->token, "nobody");
  satchel_record_set_from_text (wim, "active", "false", NULL);
  put (&world, wim);

  check_shut_out (revoked, SATCHEL_SERVER_ERROR_TOKEN);
  check_shut_out (expired, SATCHEL_SERVER_ERROR_TOKEN);
  check_shut_out (stranger, SATCHEL_SERVER_ERROR_TOKEN);
  check_shut_out (disabled, SATCHEL_SERVER_ERROR_DISABLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  server_test ("/server/rights/matrix", test_matrix);
  server_test ("/server/rights/reassign", test_reassign);
  server_test ("/server/rights/server-fields", test_server_fields);
  server_test ("/server/rights/conflict-is-no-back-door", test_conflict_is_no_back_door);
  server_test ("/server/rights/private-by-others", test_private_by_others);
  server_test ("/server/rights/shut-out", test_shut_out);

  return g_test_run ();
}
