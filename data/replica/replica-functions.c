/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What lists need of SQL beyond SQLite's own functions. Only the search's table depends on any
 * of them: the others can be read without. */

#include "satchel-config.h"

#include "replica-functions.h"

#include "records/satchel-text.h"
#include "replica-connection.h"
#include "replica-grams.h"
#include "replica-matches.h"
#include "replica-needle.h"

#define MAX_TEXTS 64

/* satchel_order(TEXT): its key in the order of lists. */
static void
order_cb (sqlite3_context *context, int n_values, sqlite3_value **values)
{
  const char *text = (const char *) sqlite3_value_text (values[0]);

  if (text != NULL)
    sqlite3_result_text (context, satchel_text_sort_key (text), -1, g_free);
}

static const ReplicaNeedle *
get_needle (sqlite3_context *context, sqlite3_value *text)
{
  const char *typed;

  if (sqlite3_get_auxdata (context, 0) == NULL)
    {
      typed = (const char *) sqlite3_value_text (text);
      sqlite3_set_auxdata (context, 0, replica_needle_new (typed != NULL ? typed : ""),
                           (void (*) (void *)) replica_needle_free);
    }

  return sqlite3_get_auxdata (context, 0);
}

/* satchel_matches(WHAT IS TYPED, MASK OF TELEPHONE NUMBERS, TEXT...): whether the texts are what is looked for. */
static void
matches_cb (sqlite3_context *context, int n_values, sqlite3_value **values)
{
  const ReplicaNeedle *needle = get_needle (context, values[0]);
  gint64 phones = sqlite3_value_int64 (values[1]);
  g_autoptr (GPtrArray) folded = g_ptr_array_new_null_terminated (8, g_free, TRUE);
  g_autoptr (GPtrArray) digits = g_ptr_array_new_null_terminated (2, g_free, TRUE);

  for (int i = 2; i < n_values && i < MAX_TEXTS + 2; i++)
    {
      const char *text = (const char *) sqlite3_value_text (values[i]);
      char *number;

      if (text == NULL)
        continue;

      g_ptr_array_add (folded, satchel_text_fold (text));
      if ((phones >> (i - 2) & 1) == 0)
        continue;

      number = satchel_text_phone_digits (text);
      if (number != NULL)
        g_ptr_array_add (digits, number);
    }

  sqlite3_result_int (context, needle != NULL && replica_needle_matches (needle, (const char *const *) folded->pdata,
                                                                         (const char *const *) digits->pdata));
}

/* satchel_has(SET, KEY): whether the search has found the row. */
static void
has_cb (sqlite3_context *context, int n_values, sqlite3_value **values)
{
  const ReplicaMatches *matches = sqlite3_value_pointer (values[0], REPLICA_MATCHES_POINTER);

  sqlite3_result_int (context, matches != NULL && replica_matches_has (matches, sqlite3_value_int64 (values[1])));
}

gboolean
replica_functions_register (sqlite3 *db, GError **error)
{
  int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;

  if (sqlite3_create_function (db, "satchel_order", 1, flags, NULL, order_cb, NULL, NULL) == SQLITE_OK &&
      sqlite3_create_function (db, "satchel_has", 2, flags, NULL, has_cb, NULL, NULL) == SQLITE_OK &&
      sqlite3_create_function (db, "satchel_matches", -1, flags, NULL, matches_cb, NULL, NULL) == SQLITE_OK)
    return replica_grams_register (db, error);

  replica_set_error (db, error);

  return FALSE;
}
