/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How the device and the server stand, in words. */

#include "sync-centre/satchel-sync-words.h"
#include "widgets/satchel-preview.h"

#define NOW "2026-11-22T12:00:00.000Z"

typedef struct
{
  const char *server;
  guint pending;
  guint conflicts;
  guint tray;
  SatchelSessionState state;
  const char *headline;
  const char *words;
} Case;

static const Case cases[] = {
  { NULL,        0, 0, 0, SATCHEL_SESSION_NOT_CONNECTED, "Only on this device",
   "Not connected to a team. Everything stays on this device."                           },
  { "https://x", 0, 0, 0, SATCHEL_SESSION_IDLE,          "All changes are on the server",
   "All changes are on the server. Last synced 2 minutes ago."                           },
  { "https://x", 1, 0, 0, SATCHEL_SESSION_OFFLINE,       "1 change waits to be sent",
   "1 change waits to be sent. There is no connection; everything is kept and will be sent. Last synced 2 minutes "
    "ago."                                                                               },
  { "https://x", 3, 0, 0, SATCHEL_SESSION_SYNCING,       "3 changes wait to be sent",
   "3 changes wait to be sent. Last synced 2 minutes ago."                               },
  { "https://x", 0, 1, 0, SATCHEL_SESSION_IDLE,          "1 conflict waits for you",
   "1 conflict waits for you. All changes are on the server. Last synced 2 minutes ago." },
  { "https://x", 0, 0, 2, SATCHEL_SESSION_IDLE,          "2 changes were not accepted",
   "2 changes were not accepted. Last synced 2 minutes ago."                             },
  { "https://x", 0, 0, 0, SATCHEL_SESSION_SIGNED_OUT,    "Please sign in again",
   "All changes are on the server. Please sign in again; everything is kept and will be sent. Last synced 2 minutes "
    "ago."                                                                               },
  { "https://x", 0, 0, 0, SATCHEL_SESSION_ASKING,        "Much would be removed",
   "All changes are on the server. Last synced 2 minutes ago."                           },
  { "https://x", 0, 0, 0, SATCHEL_SESSION_ARRIVING,      "Accounts are arriving",
   "All changes are on the server. 1200 entries have arrived so far; you can start working. Last synced 2 minutes "
    "ago."                                                                               },
};

static void
test_words (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_from_iso8601 (NOW, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Case *shown = &cases[i];
      SatchelStatus status = {
        .server = (char *) shown->server,
        .pending = shown->pending,
        .conflicts = shown->conflicts,
        .tray = shown->tray,
        .last_sync = (char *) "2026-11-22T11:57:30.000Z",
      };
      g_autofree char *headline = satchel_sync_dup_headline (&status, shown->state);
      g_autofree char *words = satchel_sync_dup_words (&status, shown->state, NULL, 1200, now);

      g_assert_cmpstr (headline, ==, shown->headline);
      g_assert_cmpstr (words, ==, shown->words);
    }
}

static void
test_message_comes_first_hand (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_from_iso8601 (NOW, NULL);
  SatchelStatus status = { .server = (char *) "https://x" };
  g_autofree char *words = satchel_sync_dup_words (&status, SATCHEL_SESSION_FAILED, "The server is full.", 0, now);

  g_assert_cmpstr (words, ==, "All changes are on the server. The server is full.");
}

static void
test_time (void)
{
  static const struct
  {
    const char *at;
    const char *words;
  } times[] = {
    { "2026-11-22T11:59:30.000Z", "just now"       },
    { "2026-11-22T12:10:00.000Z", "just now"       }, /* a clock that runs behind the server's */
    { "2026-11-22T11:59:00.000Z", "1 minute ago"   },
    { "2026-11-22T11:15:00.000Z", "45 minutes ago" },
    { "2026-11-22T09:00:00.000Z", "3 hours ago"    },
    { "2026-11-20T09:00:00.000Z", "11/20/26"       },
    { "nonsense",                 "nonsense"       },
  };
  g_autoptr (GDateTime) now = g_date_time_new_from_iso8601 (NOW, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      g_autofree char *words = satchel_sync_dup_time_words (times[i].at, now);

      g_assert_cmpstr (words, ==, times[i].words);
    }
}

static void
test_units (void)
{
  const SatchelType *account = satchel_vocabulary_lookup (satchel_vocabulary_get_default (), "account");
  g_autofree char *one = satchel_sync_dup_unit_label (account, "phone");
  g_autofree char *many = satchel_sync_dup_unit_label (account, "address");
  g_autofree char *unknown = satchel_sync_dup_unit_label (account, "extra.shoe_size");

  g_assert_cmpstr (one, ==, "Phone");
  g_assert_cmpstr (many, ==, "Street, City, Region…");
  g_assert_cmpstr (unknown, ==, "shoe_size");
}

static void
test_previews (void)
{
  g_autofree char *long_text = g_strnfill (500, 'x');
  g_autofree char *cut = satchel_preview_dup (long_text);
  g_autofree char *whole = satchel_preview_dup (" Двери\nсо двора \n");
  g_autofree char *nothing = satchel_preview_dup (NULL);
  g_autofree char *both = satchel_preview_join ("Call", "9 March");
  g_autofree char *first = satchel_preview_join ("Call", "");
  g_autofree char *second = satchel_preview_join (NULL, "9 March");

  g_assert_true (g_str_has_suffix (cut, "x…"));
  g_assert_cmpstr (whole, ==, "Двери со двора");
  g_assert_cmpstr (nothing, ==, "");
  g_assert_cmpstr (both, ==, "Call · 9 March");
  g_assert_cmpstr (first, ==, "Call");
  g_assert_cmpstr (second, ==, "9 March");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sync-words/words", test_words);
  g_test_add_func ("/sync-words/message", test_message_comes_first_hand);
  g_test_add_func ("/sync-words/time", test_time);
  g_test_add_func ("/sync-words/units", test_units);
  g_test_add_func ("/sync-words/previews", test_previews);

  return g_test_run ();
}
