/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client/satchel-connection.h"
#include "server-fixture.h"

G_BEGIN_DECLS

/**
 * What becomes of one exchange on its way.
 */
typedef enum
{
  WAY_CLEAR,
  WAY_REQUEST_LOST,
  WAY_ANSWER_LOST,
  WAY_ANSWER_CUT,
  WAY_REQUEST_TWICE, /* the second answer arrives */
  WAY_N_WAYS,
} Way;

/**
 * Rep: a device with a real replica and the real core, at the real server's core.
 */
typedef struct
{
  Fixture *server;
  const SatchelVocabulary *vocabulary; /* of the app's version: as the server's at first */
  char *folder;
  char *path;
  SatchelReplica *replica;
  SatchelSyncCore *core;
  char *token;
} Rep;

Rep *rep_new (Fixture *server, const char *user);
/* The app becomes another version. */
void rep_update (Rep *self, const SatchelVocabulary *vocabulary);
/* A copy of the replica's file, as it is: a restored backup, a cloned phone. */
Rep *rep_clone (Rep *self);
void rep_free (Rep *self);
/* As if the process had been killed and started again. */
void rep_restart (Rep *self);
/* Signs in anew over the same replica, as a device that the server does not know. */
void rep_enroll_again (Rep *self);
/* The same, saying which device it was: it goes on as a fork of that. */
void rep_go_on (Rep *self);

/* One exchange; FALSE when nothing usable came back. */
gboolean rep_exchange (Rep *self, Way way, SatchelSyncStep *step);
gboolean rep_try_exchange (Rep *self, SatchelSyncStep *step, GError **error); /* one that may fail here */
/* The same, undisturbed, with something happening between the answer and its arrival. */
typedef void (*RepFunc) (Rep *self, gpointer data);
void rep_exchange_meanwhile (Rep *self, RepFunc func, gpointer data);
void rep_sync (Rep *self); /* to the head, everything sent */

char *rep_create (Rep *self, const char *type, ...) G_GNUC_NULL_TERMINATED; /* FIELD, TEXT, … → id */
void rep_change (Rep *self, const char *id, ...) G_GNUC_NULL_TERMINATED;
void rep_add_member (Rep *self, const char *id, const char *field, const char *member);
void rep_remove_member (Rep *self, const char *id, const char *field, const char *member);
/* One field each of two records, in one strict group. */
void rep_change_together (Rep *self, const char *id, const char *field, const char *text, const char *other_id,
                          const char *other_field, const char *other_text);
void rep_delete (Rep *self, const char *id);
void rep_resolve (Rep *self, const char *conflict, const char *keep); /* "current", or a number from 1 */
SatchelRecord *rep_get (Rep *self, const char *id); /* NULL: none */
char *rep_dup_text (Rep *self, const char *id, const char *field); /* NULL: no record */
GPtrArray *rep_list_conflicts (Rep *self); /* (element-type SatchelRecord) */
guint rep_count_pending (Rep *self);
guint rep_count_tray (Rep *self);
void rep_retry_tray (Rep *self); /* all of it */
/* Everything that the server is known to say, as one text. */
char *rep_dump (Rep *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Rep, rep_free)

G_END_DECLS
