/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How the device and the server stand, in a person's words. */

#include "satchel-sync-words.h"

#include <glib/gi18n.h>

/**
 * satchel_sync_mood:
 * @status: (nullable): what the replica knows
 * @state: what the session does
 *
 * Returns: how things stand; what waits for a person comes first
 */
SatchelSyncMood
satchel_sync_mood (const SatchelStatus *status, SatchelSessionState state)
{
  if (status != NULL && (status->conflicts > 0 || status->tray > 0))
    return SATCHEL_SYNC_MOOD_ATTENTION;
  switch (state)
    {
    case SATCHEL_SESSION_SIGNED_OUT:
    case SATCHEL_SESSION_FAILED:
    case SATCHEL_SESSION_ASKING:
      return SATCHEL_SYNC_MOOD_ATTENTION;
    case SATCHEL_SESSION_SYNCING:
    case SATCHEL_SESSION_ARRIVING:
      return SATCHEL_SYNC_MOOD_MOVING;
    case SATCHEL_SESSION_OFFLINE:
      return SATCHEL_SYNC_MOOD_OFFLINE;
    case SATCHEL_SESSION_NOT_CONNECTED:
    case SATCHEL_SESSION_IDLE:
    default:
      break;
    }
  if (status == NULL || status->server == NULL)
    return SATCHEL_SYNC_MOOD_ALONE;
  return status->pending > 0 ? SATCHEL_SYNC_MOOD_OFFLINE : SATCHEL_SYNC_MOOD_DONE;
}

const char *
satchel_sync_mood_get_icon_name (SatchelSyncMood mood)
{
  switch (mood)
    {
    case SATCHEL_SYNC_MOOD_DONE:
      return "satchel-synced-symbolic";
    case SATCHEL_SYNC_MOOD_MOVING:
      return "satchel-sync-symbolic";
    case SATCHEL_SYNC_MOOD_OFFLINE:
      return "satchel-waiting-symbolic";
    case SATCHEL_SYNC_MOOD_ATTENTION:
      return "satchel-attention-symbolic";
    case SATCHEL_SYNC_MOOD_ALONE:
    default:
      return "satchel-alone-symbolic";
    }
}

static char *
dup_waiting (guint pending)
{
  return g_strdup_printf (ngettext ("%u change waits to be sent", "%u changes wait to be sent", pending), pending);
}

static char *
dup_for_you (guint n)
{
  return g_strdup_printf (ngettext ("%u conflict waits for you", "%u conflicts wait for you", n), n);
}

static char *
dup_not_taken (guint n)
{
  return g_strdup_printf (ngettext ("%u change was not accepted", "%u changes were not accepted", n), n);
}

/**
 * satchel_sync_dup_headline:
 * @status: (nullable): what the replica knows
 * @state: what the session does
 *
 * Returns: (transfer full): the most important thing, in a few words without a full stop
 */
char *
satchel_sync_dup_headline (const SatchelStatus *status, SatchelSessionState state)
{
  if (status != NULL && status->conflicts > 0)
    return dup_for_you (status->conflicts);
  if (status != NULL && status->tray > 0)
    return dup_not_taken (status->tray);
  if (state == SATCHEL_SESSION_SIGNED_OUT)
    return g_strdup (_ ("Please sign in again"));
  if (state == SATCHEL_SESSION_FAILED)
    return g_strdup (_ ("Syncing has stopped"));
  if (state == SATCHEL_SESSION_ASKING)
    return g_strdup (_ ("Much would be removed"));
  if (state == SATCHEL_SESSION_ARRIVING || (status != NULL && status->arriving && state == SATCHEL_SESSION_SYNCING))
    return g_strdup (_ ("Accounts are arriving"));
  if (status != NULL && status->pending > 0 && status->server != NULL)
    return dup_waiting (status->pending);
  if (state == SATCHEL_SESSION_SYNCING)
    return g_strdup (_ ("Syncing"));
  if (state == SATCHEL_SESSION_OFFLINE)
    return g_strdup (_ ("No connection"));
  if (status == NULL || status->server == NULL)
    return g_strdup (_ ("Only on this device"));
  return g_strdup (_ ("All changes are on the server"));
}

/**
 * satchel_sync_dup_time_words:
 * @at: a time as it is stored
 * @now: the time it is
 *
 * Returns: (transfer full): how long ago that was, for the middle of a sentence
 */
char *
satchel_sync_dup_time_words (const char *at, GDateTime *now)
{
  g_autoptr (GDateTime) then = g_date_time_new_from_iso8601 (at, NULL);
  g_autoptr (GDateTime) local = NULL;
  GTimeSpan span;
  guint n;

  if (then == NULL)
    return g_strdup (at);
  span = g_date_time_difference (now, then);
  if (span < G_TIME_SPAN_MINUTE)
    return g_strdup (_ ("just now"));
  if (span < G_TIME_SPAN_HOUR)
    {
      n = (guint) (span / G_TIME_SPAN_MINUTE);
      return g_strdup_printf (ngettext ("%u minute ago", "%u minutes ago", n), n);
    }
  if (span < G_TIME_SPAN_DAY)
    {
      n = (guint) (span / G_TIME_SPAN_HOUR);
      return g_strdup_printf (ngettext ("%u hour ago", "%u hours ago", n), n);
    }
  local = g_date_time_to_local (then);
  return g_date_time_format (local, "%x");
}

static void
add_sentence (GString *words, const char *format, ...)
{
  va_list args;
  g_autofree char *sentence = NULL;

  va_start (args, format);
  sentence = g_strdup_vprintf (format, args);
  va_end (args);
  if (words->len > 0)
    g_string_append_c (words, ' ');
  g_string_append (words, sentence);
}

static void
add_what_waits (GString *words, const SatchelStatus *status)
{
  g_autofree char *conflicts = dup_for_you (status->conflicts);
  g_autofree char *tray = dup_not_taken (status->tray);
  g_autofree char *pending = dup_waiting (status->pending);

  /* Translators: %s is a clause such as "2 conflicts wait for you"; this ends the sentence. */
  const char *sentence = C_ ("sentence", "%s.");

  if (status->conflicts > 0)
    add_sentence (words, sentence, conflicts);
  if (status->tray > 0)
    add_sentence (words, sentence, tray);
  if (status->pending > 0)
    add_sentence (words, sentence, pending);
  else if (status->server != NULL && status->tray == 0)
    add_sentence (words, "%s", _ ("All changes are on the server."));
}

static void
add_session (GString *words, const SatchelStatus *status, SatchelSessionState state, const char *message,
             guint64 received)
{
  if (message != NULL)
    add_sentence (words, "%s", message);
  else if (state == SATCHEL_SESSION_OFFLINE)
    add_sentence (words, "%s", _ ("There is no connection; everything is kept and will be sent."));
  else if (state == SATCHEL_SESSION_SIGNED_OUT)
    add_sentence (words, "%s", _ ("Please sign in again; everything is kept and will be sent."));
  if (state == SATCHEL_SESSION_ARRIVING)
    add_sentence (words,
                  ngettext ("%u entry has arrived so far; you can start working.",
                            "%u entries have arrived so far; you can start working.", (gulong) received),
                  (guint) received);
}

/**
 * satchel_sync_dup_words:
 * @status: (nullable): what the replica knows
 * @state: what the session does
 * @message: (nullable): what the session has to say
 * @received: how much has arrived of a first sync
 * @now: the time it is
 *
 * Returns: (transfer full): everything worth knowing, in whole sentences
 */
char *
satchel_sync_dup_words (const SatchelStatus *status, SatchelSessionState state, const char *message, guint64 received,
                        GDateTime *now)
{
  g_autoptr (GString) words = g_string_new (NULL);
  g_autofree char *ago = NULL;

  if (status == NULL || status->server == NULL)
    add_sentence (words, "%s", _ ("Not connected to a team. Everything stays on this device."));
  else
    {
      add_what_waits (words, status);
      add_session (words, status, state, message, received);
      if (status->last_sync != NULL)
        {
          ago = satchel_sync_dup_time_words (status->last_sync, now);
          /* Translators: %s is "just now", "5 minutes ago" or a date. */
          add_sentence (words, _ ("Last synced %s."), ago);
        }
    }
  return g_string_free_and_steal (g_steal_pointer (&words));
}

#define MAX_LABELS 3

/**
 * satchel_sync_dup_unit_label:
 * @type: a type
 * @unit_name: the name of one of its units, or of a field that only a newer version knows
 *
 * Returns: (transfer full): the labels of its fields, the first of them when they are many
 */
char *
satchel_sync_dup_unit_label (const SatchelType *type, const char *unit_name)
{
  const SatchelUnit *unit = satchel_type_lookup_unit (type, unit_name);
  g_autoptr (GString) labels = g_string_new (NULL);
  guint n_labels = 0;

  if (unit == NULL)
    return g_strdup (g_str_has_prefix (unit_name, "extra.") ? unit_name + strlen ("extra.") : unit_name);
  for (guint i = 0; i < unit->n_fields; i++)
    {
      const SatchelField *field = satchel_type_get_field (type, unit->fields[i]);

      if ((field->flags & SATCHEL_FIELD_HIDDEN) != 0)
        continue;
      if (n_labels++ == MAX_LABELS)
        {
          g_string_append (labels, "…");
          break;
        }
      if (labels->len > 0)
        g_string_append (labels, C_ ("list of fields", ", "));
      g_string_append (labels, satchel_field_get_display_label (field));
    }
  return g_string_free_and_steal (g_steal_pointer (&labels));
}

static const char *
get_title (GHashTable *titles, const char *id)
{
  const char *title = g_hash_table_lookup (titles, id);

  return title != NULL ? title : _ ("Something that is not here any more");
}

/**
 * satchel_sync_dup_field_value:
 * @field: a line of the vocabulary
 * @value: the value of its unit
 * @titles: names of what references point at, by id
 *
 * Returns: (transfer full) (nullable): the field's value as a person reads it; %NULL for none
 */
char *
satchel_sync_dup_field_value (const SatchelField *field, JsonObject *value, GHashTable *titles)
{
  JsonNode *node = json_object_get_member (value, field->name);
  g_auto (SatchelValue) parsed = SATCHEL_VALUE_INIT;

  if (node == NULL || !satchel_value_from_json (field, node, &parsed, NULL) || satchel_value_is_null (&parsed))
    return NULL;
  if (field->kind == SATCHEL_KIND_REFERENCE)
    return g_strdup (get_title (titles, parsed.text));
  return satchel_value_to_display (field, &parsed,
                                   json_object_get_string_member_with_default (value, "currency", NULL));
}

static char *
dup_patch_words (const SatchelType *type, const SatchelMutation *mutation)
{
  g_autoptr (GString) words = g_string_new (NULL);

  for (guint i = 0; i < mutation->units->len; i++)
    {
      const SatchelUnitChange *change = g_ptr_array_index (mutation->units, i);
      g_autofree char *label = satchel_sync_dup_unit_label (type, change->unit);

      if (words->len > 0)
        g_string_append (words, C_ ("list of fields", ", "));
      g_string_append (words, label);
    }
  return g_string_free_and_steal (g_steal_pointer (&words));
}

/**
 * satchel_sync_dup_change_words:
 * @vocabulary: the vocabulary
 * @mutation: a change
 *
 * Returns: (transfer full): what it does, without saying to what
 */
char *
satchel_sync_dup_change_words (const SatchelVocabulary *vocabulary, const SatchelMutation *mutation)
{
  const SatchelType *type = satchel_vocabulary_lookup (vocabulary, mutation->type);

  switch (mutation->kind)
    {
    case SATCHEL_MUTATION_CREATE:
      /* Translators: %s is a kind of record, such as "Account". */
      return g_strdup_printf (_ ("New: %s"), type != NULL ? satchel_type_get_display_label (type) : mutation->type);
    case SATCHEL_MUTATION_DELETE:
      return g_strdup (_ ("Deleted"));
    case SATCHEL_MUTATION_RESTORE:
      return g_strdup (_ ("Brought back"));
    case SATCHEL_MUTATION_RESOLVE:
      return g_strdup (_ ("Conflict settled"));
    case SATCHEL_MUTATION_PATCH:
    default:
      return type != NULL ? dup_patch_words (type, mutation) : g_strdup (_ ("Changed"));
    }
}
