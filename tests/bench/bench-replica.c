/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How fast a replica takes records in, finds them and lists them, beside a bare SQLite insert loop of the same values.
 * One JSON line a figure. The number of accounts is the argument. */

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <time.h>

#include "records/satchel-id.h"
#include "replica/satchel-replica-sync.h"

#define N_ACCOUNTS 100000
#define PAGE_RECORDS 5000
#define BUCKET "territory:019a0000-0000-7000-8000-000000000001"

typedef struct
{
  const SatchelVocabulary *vocabulary;
  const SatchelType *account;
  guint n;
  GRand *random;
  char *folder;
  char *owner;
  SatchelReplica *replica;
} Bench;

/* ---- Words ---------------------------------------------------------------------------------------- */

static const char *const syllables[] = {
  "ka",  "ro",  "ber",  "lin", "sta", "mo", "vi", "ten", "gu", "schne", "der", "al", "fre",  "do",  "mar", "ti",
  "nez", "per", "sson", "ha",  "ru",  "to", "na", "wo",  "jc", "ik",    "el",  "za", "beth", "qui", "no",  "ax",
};
static const char *const cyrillic[] = { "ва", "си", "ль", "ев", "пет", "ро", "мос", "ква", "чай", "ёл", "ка", "дом" };
static const char *const thai[] = { "ร้าน", "อาหาร", "ทะเล", "เกาะ", "สมุย", "กรุง", "เทพ", "ตลาด", "ข้าว" };
static const char *const trades[] = { "Markt", "Delikatessen", "Import", "Bistro", "Holdings", "ООО", "Trading" };
static const char *const industries[] = { "Food trade", "Restaurants", "Hotels", "Wholesale", "Розница" };

static void
append_word (Bench *self, GString *text)
{
  gint32 script = g_rand_int_range (self->random, 0, 10);
  const char *const *from = script < 7 ? syllables : script < 9 ? cyrillic : thai;
  gint32 n = script < 7 ? G_N_ELEMENTS (syllables) : script < 9 ? G_N_ELEMENTS (cyrillic) : G_N_ELEMENTS (thai);
  gint32 parts = g_rand_int_range (self->random, 2, 5);

  for (gint32 i = 0; i < parts; i++)
    g_string_append (text, from[g_rand_int_range (self->random, 0, n)]);
}

static char *
make_word (Bench *self)
{
  GString *text = g_string_new (NULL);

  append_word (self, text);

  return g_string_free_and_steal (text);
}

/* An account as a first sync brings it. */
static char *
make_account (Bench *self, guint i)
{
  g_autofree char *id = satchel_id_new ();
  g_autofree char *first = make_word (self);
  g_autofree char *second = make_word (self);
  g_autofree char *street = make_word (self);
  g_autofree char *city = make_word (self);

  return g_strdup_printf (
      "{\"id\":\"%s\",\"type\":\"account\",\"rev\":\"k3f9.%u\",\"bucket\":\"" BUCKET "\","
      "\"created_at\":\"2026-03-09T08:15:30.000Z\",\"created_by\":\"%s\","
      "\"updated_at\":\"2026-03-09T08:15:30.000Z\",\"updated_by\":\"%s\","
      "\"name\":\"%s %s %s\",\"kind\":\"business\",\"market\":\"retail\",\"industry\":\"%s\","
      "\"phone\":\"+49 30 %07d\",\"email\":\"info%u@%u.example\",\"street\":\"%s Str. %u\",\"city\":\"%s\","
      "\"postcode\":\"%05u\",\"country\":\"Germany\",\"owner\":\"%s\",\"stage\":\"customer\"}",
      id, i % 9 + 1, self->owner, self->owner, first, second, trades[i % G_N_ELEMENTS (trades)],
      industries[i % G_N_ELEMENTS (industries)], g_rand_int_range (self->random, 0, 9999999), i % 100, i, street,
      i % 200, city, i % 100000, self->owner);
}

/* ---- Figures -------------------------------------------------------------------------------------- */

static double
now (void)
{
  return (double) g_get_monotonic_time () / G_USEC_PER_SEC;
}

/* Time on the clock, and of the processors: the latter means something on a busy machine too. */
typedef struct
{
  double clock;
  double processor;
} Time;

static Time
time_now (void)
{
  return (Time) { now (), (double) clock () / CLOCKS_PER_SEC };
}

static Time
time_since (Time start)
{
  Time end = time_now ();

  return (Time) { end.clock - start.clock, end.processor - start.processor };
}

static void
report_rate (Bench *self, const char *what, Time taken)
{
  g_print ("{\"bench\":\"replica\",\"what\":\"%s\",\"records\":%u,\"seconds\":%.3f,\"processor_seconds\":%.3f,"
           "\"per_second\":%.0f}\n",
           what, self->n, taken.clock, taken.processor, self->n / taken.clock);
}

static void
report_ratio (Bench *self, const char *what, Time taken, Time floor)
{
  g_print ("{\"bench\":\"replica\",\"what\":\"%s\",\"records\":%u,\"ratio\":%.2f,\"processor_ratio\":%.2f}\n", what,
           self->n, taken.clock / floor.clock, taken.processor / floor.processor);
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double first = *(const double *) a, second = *(const double *) b;

  return (first > second) - (first < second);
}

static void
report_times (Bench *self, const char *what, GArray *times)
{
  g_array_sort (times, compare_doubles);
  g_print ("{\"bench\":\"replica\",\"what\":\"%s\",\"records\":%u,\"n\":%u,\"p50_ms\":%.3f,\"p95_ms\":%.3f,"
           "\"max_ms\":%.3f}\n",
           what, self->n, times->len, g_array_index (times, double, times->len / 2) * 1000,
           g_array_index (times, double, times->len * 95 / 100) * 1000,
           g_array_index (times, double, times->len - 1) * 1000);
}

static void
report_time (Bench *self, const char *what, double seconds)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));

  g_array_append_val (times, seconds);
  report_times (self, what, times);
}

/* ---- The floor ------------------------------------------------------------------------------------ */

static void
run (sqlite3 *db, const char *sql)
{
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
}

static char *
make_bare_sql (Bench *self, gboolean create)
{
  GString *sql = g_string_new (create ? "CREATE TABLE account (key INTEGER PRIMARY KEY, id TEXT UNIQUE"
                                      : "INSERT INTO account VALUES (NULL, ?");

  for (guint i = 0; i < satchel_type_get_n_fields (self->account); i++)
    if (create)
      g_string_append_printf (sql, ", \"%s\"", satchel_type_get_field (self->account, i)->name);
    else
      g_string_append (sql, ", ?");
  g_string_append_c (sql, ')');

  return g_string_free_and_steal (sql);
}

static void
bind_bare (sqlite3_stmt *statement, const SatchelRecord *record, guint n_fields)
{
  sqlite3_bind_text (statement, 1, satchel_record_get_id (record), -1, SQLITE_STATIC);
  for (guint i = 0; i < n_fields; i++)
    {
      const SatchelValue *value = satchel_record_get_value (record, i);

      if (value->storage == SATCHEL_STORAGE_TEXT)
        sqlite3_bind_text (statement, (int) i + 2, value->text, -1, SQLITE_STATIC);
      else if (value->storage == SATCHEL_STORAGE_INTEGER)
        sqlite3_bind_int64 (statement, (int) i + 2, value->integer);
      else
        sqlite3_bind_null (statement, (int) i + 2);
    }
}

/* Records that are in memory, into one bare table: no reading of JSON, no order, no search. */
static Time
measure_floor (Bench *self, GPtrArray *texts)
{
  g_autofree char *path = g_build_filename (self->folder, "bare.db", NULL);
  g_autofree char *create = make_bare_sql (self, TRUE);
  g_autofree char *insert = make_bare_sql (self, FALSE);
  guint n_fields = satchel_type_get_n_fields (self->account);
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) satchel_record_unref);
  sqlite3_stmt *statement;
  Time start, taken;
  sqlite3 *db;

  for (guint i = 0; i < texts->len; i++)
    {
      const char *text = g_ptr_array_index (texts, i);

      g_ptr_array_add (records, satchel_record_from_wire_text (self->vocabulary, text, strlen (text), NULL));
    }

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  run (db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;");
  run (db, create);
  g_assert_cmpint (sqlite3_prepare_v2 (db, insert, -1, &statement, NULL), ==, SQLITE_OK);

  start = time_now ();
  for (guint i = 0; i < records->len; i++)
    {
      if (i % PAGE_RECORDS == 0)
        run (db, "BEGIN");
      bind_bare (statement, g_ptr_array_index (records, i), n_fields);
      g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_DONE);
      sqlite3_reset (statement);
      if (i % PAGE_RECORDS == PAGE_RECORDS - 1 || i == records->len - 1)
        run (db, "COMMIT");
    }
  taken = time_since (start);

  sqlite3_finalize (statement);
  sqlite3_close (db);

  return taken;
}

/* ---- Taking in ------------------------------------------------------------------------------------ */

static void
apply (SatchelDelivery *delivery, gboolean arriving)
{
  g_autoptr (GError) error = NULL;
  SatchelDeliveryEnd end = { .cursor = "1", .epoch = "k3f9", .arriving = arriving };
  SatchelDeliveryResult result;

  satchel_delivery_apply (delivery, &end, &result, &error);
  g_assert_no_error (error);
}

static void
take_in_page (Bench *self, GPtrArray *texts, guint start)
{
  g_autoptr (SatchelDelivery) delivery = satchel_delivery_new (self->replica);
  g_autoptr (GError) error = NULL;

  for (guint i = start; i < texts->len && i < start + PAGE_RECORDS; i++)
    {
      const char *text = g_ptr_array_index (texts, i);

      satchel_delivery_add_put_text (delivery, text, strlen (text), &error);
      g_assert_no_error (error);
    }
  apply (delivery, TRUE);
}

static void
take_in (Bench *self, GPtrArray *texts, Time floor)
{
  g_autoptr (SatchelDelivery) last = NULL;
  Time start = time_now ();
  Time usable;

  for (guint i = 0; i < texts->len; i += PAGE_RECORDS)
    take_in_page (self, texts, i);
  usable = time_since (start);

  last = satchel_delivery_new (self->replica);
  apply (last, FALSE);
  report_rate (self, "bare insert", floor);
  report_rate (self, "rows usable", usable);
  report_rate (self, "rows, indexes and search", time_since (start));
  report_ratio (self, "rows usable over bare insert", usable, floor);
}

/* ---- Finding -------------------------------------------------------------------------------------- */

typedef void (*Keystroke) (Bench *self, const char *text);

static void
search_keystroke (Bench *self, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = satchel_replica_search (self->replica, text, NULL, 20, &error);

  g_assert_no_error (error);
}

static void
list_keystroke (Bench *self, const char *text)
{
  g_autoptr (SatchelQuery) query = satchel_query_new (self->account);
  g_autoptr (SatchelOutline) outline = NULL;
  g_autoptr (GPtrArray) page = NULL;
  g_autoptr (GError) error = NULL;

  satchel_query_set_search (query, text);
  outline = satchel_replica_outline (self->replica, query, 50, &error);
  g_assert_no_error (error);
  page = satchel_replica_page_at (self->replica, query, outline, 0, &error);
  g_assert_no_error (error);
}

/* Somebody types words, letter by letter. */
static void
type_words (Bench *self, const char *what, Keystroke keystroke)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint word = 0; word < 60; word++)
    {
      g_autofree char *text = word % 6 == 5 ? g_strdup_printf ("30 %u", g_rand_int_range (self->random, 1000, 99999))
                                            : make_word (self);

      for (const char *p = g_utf8_next_char (text);; p = g_utf8_next_char (p))
        {
          g_autofree char *typed = g_strndup (text, (gsize) (p - text));
          double start = now ();
          double seconds;

          keystroke (self, typed);
          seconds = now () - start;
          g_array_append_val (times, seconds);
          if (*p == '\0')
            break;
        }
    }

  report_times (self, what, times);
}

/* ---- Lists ---------------------------------------------------------------------------------------- */

static void
measure_lists (Bench *self)
{
  g_autoptr (SatchelQuery) query = satchel_query_new (self->account);
  g_autoptr (SatchelQuery) mine = satchel_query_new (self->account);
  g_autoptr (SatchelOutline) outline = NULL;
  g_autoptr (SatchelOutline) my_outline = NULL;
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));
  guint64 count;
  double start = now ();

  satchel_replica_count (self->replica, query, &count, NULL);
  g_assert_cmpuint (count, ==, self->n);
  report_time (self, "count", now () - start);

  start = now ();
  outline = satchel_replica_outline (self->replica, query, 50, NULL);
  report_time (self, "outline", now () - start);

  satchel_query_where_text (mine, "owner", self->owner, NULL);
  start = now ();
  my_outline = satchel_replica_outline (self->replica, mine, 50, NULL);
  g_assert_cmpuint (my_outline->n_records, ==, self->n);
  report_time (self, "outline of mine", now () - start);

  for (guint i = 0; i < 500; i++)
    {
      guint page = (guint) g_rand_int_range (self->random, 0, (gint32) outline->pages->len);
      g_autoptr (GPtrArray) records = NULL;
      double seconds;

      start = now ();
      records = satchel_replica_page_at (self->replica, query, outline, page, NULL);
      seconds = now () - start;
      g_assert_cmpuint (records->len, >, 0);
      g_array_append_val (times, seconds);
    }
  report_times (self, "page of 50", times);
}

/* ---- Writing -------------------------------------------------------------------------------------- */

static void
measure_edits (Bench *self)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *id = satchel_id_new ();
      g_autofree char *name = make_word (self);
      g_autoptr (SatchelRecord) record = satchel_record_new (self->account, id);
      g_autoptr (SatchelEdit) edit = satchel_edit_new ();
      g_autoptr (GError) error = NULL;
      double start = now ();
      double seconds;

      satchel_record_set_from_text (record, "name", name, NULL);
      satchel_edit_create (edit, record);
      satchel_replica_commit (self->replica, edit, NULL, &error);
      g_assert_no_error (error);
      seconds = now () - start;
      g_array_append_val (times, seconds);
    }

  report_times (self, "commit, durable", times);
}

/* ---- The whole ------------------------------------------------------------------------------------ */

static void
open_replica (Bench *self, const char *what)
{
  g_autofree char *path = g_build_filename (self->folder, "replica.db", NULL);
  g_autoptr (GError) error = NULL;
  double start = now ();

  self->replica = satchel_replica_open (path, self->vocabulary, SATCHEL_OPEN_DEFAULT, &error);
  g_assert_no_error (error);
  report_time (self, what, now () - start);
}

static void
report_size (Bench *self)
{
  g_autofree char *path = g_build_filename (self->folder, "replica.db", NULL);
  GStatBuf info;

  g_assert_no_errno (g_stat (path, &info));
  g_print ("{\"bench\":\"replica\",\"what\":\"file\",\"records\":%u,\"bytes_per_record\":%.0f}\n", self->n,
           (double) info.st_size / self->n);
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_remove (path);
    }

  g_rmdir (folder);
}

int
main (int argc, char *argv[])
{
  Bench self = { .n = argc > 1 ? (guint) g_ascii_strtoull (argv[1], NULL, 10) : N_ACCOUNTS };
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  Time floor;

  self.vocabulary = satchel_vocabulary_get_default ();
  self.account = satchel_vocabulary_lookup (self.vocabulary, "account");
  self.random = g_rand_new_with_seed (7);
  self.folder = g_dir_make_tmp ("satchel-bench-XXXXXX", NULL);
  self.owner = satchel_id_new ();
  for (guint i = 0; i < self.n; i++)
    g_ptr_array_add (texts, make_account (&self, i));

  floor = measure_floor (&self, texts);
  open_replica (&self, "open, new");
  take_in (&self, texts, floor);
  type_words (&self, "search keystroke", search_keystroke);
  type_words (&self, "list narrowed, keystroke", list_keystroke);
  measure_lists (&self);
  measure_edits (&self);

  g_clear_object (&self.replica);
  report_size (&self);
  open_replica (&self, "open");
  g_clear_object (&self.replica);

  remove_folder (self.folder);
  g_free (self.folder);
  g_free (self.owner);
  g_rand_free (self.random);

  return 0;
}
