/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client/satchel-session.h"

G_BEGIN_DECLS

/**
 * SatchelSyncMood: how things stand, at a glance.
 */
typedef enum
{
  SATCHEL_SYNC_MOOD_ALONE,
  SATCHEL_SYNC_MOOD_DONE,
  SATCHEL_SYNC_MOOD_MOVING,
  SATCHEL_SYNC_MOOD_OFFLINE,
  SATCHEL_SYNC_MOOD_ATTENTION,
} SatchelSyncMood;

/* What is known: @status and @message may be NULL. */
SatchelSyncMood satchel_sync_mood (const SatchelStatus *status, SatchelSessionState state);
const char *satchel_sync_mood_get_icon_name (SatchelSyncMood mood);
char *satchel_sync_dup_headline (const SatchelStatus *status, SatchelSessionState state);
char *satchel_sync_dup_words (const SatchelStatus *status, SatchelSessionState state, const char *message,
                              guint64 received, GDateTime *now);
char *satchel_sync_dup_time_words (const char *at, GDateTime *now);

/* What a unit is called: its field, or the first of them. */
char *satchel_sync_dup_unit_label (const SatchelType *type, const char *unit_name);
/* The value of a field of a unit; NULL for none. @titles: names of what references point at, by id. */
char *satchel_sync_dup_field_value (const SatchelField *field, JsonObject *value, GHashTable *titles);
/* What a change does, such as "Phone, Street, City". */
char *satchel_sync_dup_change_words (const SatchelVocabulary *vocabulary, const SatchelMutation *mutation);

G_END_DECLS
