/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "both-ends.h"

G_BEGIN_DECLS

/* Nancy with two devices and Olga with one, and an account of Eastern that all have when the backup is made. */
typedef struct
{
  Fixture *server;
  Rep *reps[3];
  char *account;
} Team;

void team_begin (Team *team, Fixture *server);
void team_clear (Team *team);
void team_sync (Team *team); /* everybody, until nothing is new */
void team_lose (Team *team, guint index); /* a phone in the river */

void team_assert_everywhere (Team *team, const char *id, const char *field, const char *expected);
void team_assert_settled (Team *team); /* nothing waits, nothing was refused, and everybody holds the same */
/* Whether somebody's value is in the history of a record. */
gboolean team_history_has (Team *team, const char *id, const char *value);
void rep_assert_text (Rep *rep, const char *id, const char *field, const char *expected);
guint rep_count_conflicts (Rep *rep);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Team, team_clear)

G_END_DECLS
