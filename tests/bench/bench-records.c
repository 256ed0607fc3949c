/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How fast records come from the wire and go to the digests, beside what a bare json-glib takes for the same bytes.
 * One JSON line a figure. */

#include <string.h>
#include <time.h>

#include "records/satchel-id.h"
#include "records/satchel-record.h"

#define N_RECORDS 20000
#define N_ROUNDS 5

typedef struct
{
  const SatchelVocabulary *vocabulary;
  GPtrArray *texts;
  GPtrArray *objects;
  GPtrArray *records;
} Bench;

typedef void (*Work) (const Bench *bench, guint index);

static const char *const cities[] = { "Berlin", "México D.F.", "Москва", "กรุงเทพมหานคร", "London" };
static const char *const stages[] = { "prospect", "customer", "dormant" };

/* An account as a first sync brings it: 24 members, of which 14 are fields. */
static char *
make_account (guint n)
{
  g_autofree char *id = satchel_id_new ();
  g_autofree char *user = satchel_id_new ();
  const char *city = cities[n % G_N_ELEMENTS (cities)];

  return g_strdup_printf (
      "{\"id\":\"%s\",\"type\":\"account\",\"rev\":\"k3f9.%u\",\"bucket\":\"territory:%s\","
      "\"created_at\":\"2026-03-09T08:15:30.000Z\",\"created_by\":\"%s\","
      "\"updated_at\":\"2026-03-09T08:15:30.000Z\",\"updated_by\":\"%s\","
      "\"name\":\"Account %u %s\",\"kind\":\"business\",\"market\":\"retail\",\"industry\":\"Food trade\","
      "\"employees\":%u,\"revenue\":%u00,\"currency\":\"EUR\",\"phone\":\"030-00%u\","
      "\"street\":\"Obere Str. %u\",\"city\":\"%s\",\"postcode\":\"%05u\",\"country\":\"Germany\","
      "\"owner\":\"%s\",\"territory\":\"%s\",\"stage\":\"%s\",\"tags\":[\"food\",\"vip\"]}",
      id, n % 9 + 1, user, user, user, n, city, n % 500, n * 17, n, n % 200, city, n % 100000, user, user,
      stages[n % G_N_ELEMENTS (stages)]);
}

static JsonNode *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (text, &error);

  g_assert_no_error (error);

  return node;
}

static SatchelRecord *
read_record (const Bench *bench, JsonObject *object)
{
  g_autoptr (GError) error = NULL;
  SatchelRecord *record = satchel_record_from_wire (bench->vocabulary, object, &error);

  g_assert_no_error (error);

  return record;
}

static void
bench_init (Bench *bench)
{
  bench->vocabulary = satchel_vocabulary_get_default ();
  bench->texts = g_ptr_array_new_with_free_func (g_free);
  bench->objects = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  bench->records = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_record_unref);

  for (guint i = 0; i < N_RECORDS; i++)
    {
      char *text = make_account (i + 1);
      g_autoptr (JsonNode) node = parse (text);
      JsonObject *object = json_node_dup_object (node);

      g_ptr_array_add (bench->texts, text);
      g_ptr_array_add (bench->objects, object);
      g_ptr_array_add (bench->records, read_record (bench, object));
    }
}

static void
bench_clear (Bench *bench)
{
  g_ptr_array_unref (bench->records);
  g_ptr_array_unref (bench->objects);
  g_ptr_array_unref (bench->texts);
}

static void
parse_only (const Bench *bench, guint index)
{
  g_autoptr (JsonNode) node = parse (g_ptr_array_index (bench->texts, index));
}

static void
from_wire_only (const Bench *bench, guint index)
{
  g_autoptr (SatchelRecord) record = read_record (bench, g_ptr_array_index (bench->objects, index));
}

static void
from_text (const Bench *bench, guint index)
{
  const char *text = g_ptr_array_index (bench->texts, index);
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelRecord) record = satchel_record_from_wire_text (bench->vocabulary, text, strlen (text), &error);

  g_assert_no_error (error);
}

static void
write_only (const Bench *bench, guint index)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), g_ptr_array_index (bench->objects, index));
  g_autofree char *text = json_to_string (node, FALSE);
}

static void
to_wire_text (const Bench *bench, guint index)
{
  g_autoptr (JsonObject) object = satchel_record_to_wire (g_ptr_array_index (bench->records, index));
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);
  g_autofree char *text = json_to_string (node, FALSE);
}

static void
to_canonical (const Bench *bench, guint index)
{
  g_autofree char *text = satchel_record_to_canonical (g_ptr_array_index (bench->records, index));
}

/* The best of a few rounds, in records a second of processor time: other programs do not count. */
static double
measure (const Bench *bench, Work work)
{
  clock_t best = 0;

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      clock_t start = clock ();
      clock_t taken;

      for (guint i = 0; i < N_RECORDS; i++)
        work (bench, i);

      taken = MAX (clock () - start, 1);
      best = round == 0 ? taken : MIN (best, taken);
    }

  return (double) N_RECORDS * CLOCKS_PER_SEC / (double) best;
}

static double
report (const char *figure, double per_second, double floor)
{
  g_print ("{\"bench\":\"records\",\"figure\":\"%s\",\"records_per_second\":%.0f,\"times_floor\":%.2f}\n", figure,
           per_second, floor / per_second);

  return per_second;
}

int
main (void)
{
  Bench bench;
  double parsed;
  double written;

  bench_init (&bench);

  parsed = measure (&bench, parse_only);
  report ("floor_parse", parsed, parsed);
  report ("from_wire", measure (&bench, from_wire_only), parsed);
  report ("from_wire_text", measure (&bench, from_text), parsed);

  written = measure (&bench, write_only);
  report ("floor_write", written, written);
  report ("to_wire_text", measure (&bench, to_wire_text), written);
  report ("to_canonical", measure (&bench, to_canonical), written);

  bench_clear (&bench);

  return 0;
}
