/* SPDX-License-Identifier: GPL-3.0-or-later */

/* As the trigram tokenizer that FTS5 has, but without the groups that lie across two words: what is looked for is one
 * word or several, so that nobody asks for those, and a third of the index and of the time to make it is saved. Two
 * words may be found as if they were one where the second begins with the last two letters of the first. */

#include "satchel-config.h"

#include "replica-grams.h"

#include "replica-connection.h"

/* There is nothing to remember, but FTS5 wants something that is not %NULL. */
static int
create_cb (void *context, const char **arguments, int n_arguments, Fts5Tokenizer **tokenizer)
{
  static char nothing;

  *tokenizer = (Fts5Tokenizer *) &nothing;

  return SQLITE_OK;
}

static void
delete_cb (Fts5Tokenizer *tokenizer)
{
}

static int
letter_length (guchar first)
{
  return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

static int
tokenize_cb (Fts5Tokenizer *tokenizer, void *context, int flags, const char *text, int length,
             int (*take) (void *, int, const char *, int, int, int))
{
  int before_last = -1, last = -1; /* where the two letters before begin, within this word */
  int next;

  for (int i = 0; i < length; i = next)
    {
      int code = SQLITE_OK;

      next = MIN (i + letter_length ((guchar) text[i]), length);
      if ((guchar) text[i] <= ' ')
        {
          before_last = last = -1;
          continue;
        }

      if (before_last >= 0)
        code = take (context, 0, text + before_last, next - before_last, before_last, next);
      if (code != SQLITE_OK)
        return code;

      before_last = last;
      last = i;
    }

  return SQLITE_OK;
}

static fts5_api *
get_api (sqlite3 *db)
{
  sqlite3_stmt *statement = NULL;
  fts5_api *api = NULL;

  if (sqlite3_prepare_v2 (db, "SELECT fts5 (?)", -1, &statement, NULL) == SQLITE_OK)
    {
      sqlite3_bind_pointer (statement, 1, &api, "fts5_api_ptr", NULL);
      sqlite3_step (statement);
    }
  sqlite3_finalize (statement);

  return api;
}

gboolean
replica_grams_register (sqlite3 *db, GError **error)
{
  fts5_tokenizer tokenizer = { create_cb, delete_cb, tokenize_cb };
  fts5_api *api = get_api (db);

  if (api != NULL && api->xCreateTokenizer (api, REPLICA_GRAMS, NULL, &tokenizer, NULL) == SQLITE_OK)
    return TRUE;

  replica_set_error (db, error);

  return FALSE;
}
