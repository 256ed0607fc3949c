/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What devices push, decided by the server's core. A line is a group: the device, `a` or `b`, in a capital for a strict group,
 * and its mutations. Every
 * group gets its outcome, and the same one when it is sent again. `$epoch`, `$eastern`, `$western`, `$nancy` and `$olga`
 * stand for what the store has made up. */

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "server-fixture.h"
#include "server/core/server-push.h"
#include "server/core/server-request.h"

#define MAX_DEPTH 28
#define MAX_GROUPS 12

static Fixture fixture;
static Device *devices[2];

static void
remove_store (void)
{
  g_clear_pointer (&devices[0], device_free);
  g_clear_pointer (&devices[1], device_free);
  fixture_tear_down (&fixture, NULL);
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  fixture_set_up (&fixture, NULL);
  devices[0] = device_new (&fixture, fixture.nancy);
  devices[1] = device_new (&fixture, fixture.olga);
  atexit (remove_store);

  return 0;
}

static char *
fill_in (const char *line)
{
  g_autoptr (GString) text = g_string_new (line);

  g_string_replace (text, "$epoch", satchel_server_get_epoch (fixture.server), 0);
  g_string_replace (text, "$eastern", fixture.eastern, 0);
  g_string_replace (text, "$western", fixture.western, 0);
  g_string_replace (text, "$nancy", fixture.nancy, 0);
  g_string_replace (text, "$olga", fixture.olga, 0);

  return g_strdup (text->str);
}

static void
check_outcome (const char *text)
{
  g_autoptr (JsonNode) node = satchel_json_parse (text, -1, MAX_DEPTH, NULL);
  const char *result;

  g_assert_true (node != NULL && JSON_NODE_HOLDS_OBJECT (node));
  result = json_object_get_string_member (json_node_get_object (node), "result");
  g_assert_true (strcmp (result, "applied") == 0 || strcmp (result, "partial") == 0 || strcmp (result, "refused") == 0);
}

static SatchelPush *
push (Device *device, GBytes *body)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelSyncRequest) request = satchel_sync_request_parse (body, &error);
  g_autoptr (GHashTable) touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  SatchelPush *done;

  g_assert_no_error (error);
  done = satchel_server_push (fixture.server, fixture.writer, device->token, request, touched, &error);
  g_assert_no_error (error);

  return done;
}

/* What the answer would tell the device. */
static void
confirm (Device *device, GBytes *body)
{
  g_autoptr (SatchelSyncRequest) request = satchel_sync_request_parse (body, NULL);

  g_set_str (&device->nonce, request->proposed);
}

static void
push_group (Device *device, gboolean strict, const char *mutations)
{
  g_autofree char *group = device_make_group (device, strict, mutations);
  g_autoptr (GBytes) body = device_make_request (device, group);
  g_autoptr (SatchelPush) first = push (device, body);
  g_autoptr (SatchelPush) again = push (device, body);

  g_assert_true (first->fork_device == NULL && again->fork_device == NULL);
  g_assert_true (first->outcomes->len == 1 && again->outcomes->len == 1);
  check_outcome (g_ptr_array_index (first->outcomes, 0));
  g_assert_cmpstr (g_ptr_array_index (first->outcomes, 0), ==, g_ptr_array_index (again->outcomes, 0));
  confirm (device, body);
}

static void
push_line (const char *line)
{
  g_autofree char *mutations = NULL;
  g_autoptr (JsonNode) node = NULL;
  const char *device = strchr ("abAB", line[0]);

  if (line[0] == '\0' || device == NULL)
    return;

  mutations = fill_in (line + 1);
  node = satchel_json_parse (mutations, -1, MAX_DEPTH, NULL);
  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    push_group (devices[g_ascii_tolower (*device) - 'a'], g_ascii_isupper (*device), mutations);
}

/* Nothing was committed; the devices know nothing of it either. */
static void
forget (void)
{
  satchel_store_rollback (fixture.writer);
  for (guint i = 0; i < G_N_ELEMENTS (devices); i++)
    {
      devices[i]->n = 0;
      g_set_str (&devices[i]->hash, "");
      g_clear_pointer (&devices[i]->nonce, g_free);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_auto (GStrv) pieces = fuzz_split (data, size, 1);
  g_auto (GStrv) lines = g_strsplit (pieces[0], "\n", MAX_GROUPS);
  g_autoptr (GError) error = NULL;

  satchel_store_begin (fixture.writer, &error);
  g_assert_no_error (error);
  for (guint i = 0; lines[i] != NULL; i++)
    push_line (lines[i]);
  forget ();

  return 0;
}
