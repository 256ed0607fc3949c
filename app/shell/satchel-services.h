/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>
#include <libdex.h>

#include "client/satchel-session.h"
#include "shell/satchel-check.h"
#include "shell/satchel-jobs.h"
#include "replica/satchel-replica.h"

G_BEGIN_DECLS

/**
 * SatchelServices:
 *
 * What every page is handed: the way to read, to write, to go somewhere and
 * to say something. Belongs to the UI thread, where every function here must
 * be called; none of them blocks.
 *
 * Reading. A read runs on a worker thread and comes back as a future. In a
 * fiber (started with satchel_services_spawn()) wait for it:
 *
 * |[<!-- language="C" -->
 *   g_autoptr (SatchelRecord) record = satchel_await (satchel_services_get (services, id), &error);
 * ]|
 *
 * What satchel_await() returns is the caller's own. Keep the page alive over
 * the wait (a fiber's data holds a reference) and look afterwards whether the
 * answer is still wanted: another search may have been typed meanwhile.
 *
 * Writing. Make a SatchelEdit from the record as the person saw it, hand it
 * to satchel_services_commit(). Edits are written one after the other in the
 * order in which they were handed over. Whoever only wants it written disowns
 * the future: failures are told to the person either way.
 *
 * Signals: `changed` (SatchelChanges): after every commit, from wherever it
 * came, a sync or another program. `save-now`: write down at once what is
 * typed and not written yet: the window closes or the app is suspended.
 */
#define SATCHEL_TYPE_SERVICES (satchel_services_get_type ())
G_DECLARE_FINAL_TYPE (SatchelServices, satchel_services, SATCHEL, SERVICES, GObject)

SatchelServices *satchel_services_new (SatchelReplica *replica, SatchelSession *session);
SatchelReplica *satchel_services_get_replica (SatchelServices *self);
SatchelSession *satchel_services_get_session (SatchelServices *self); /* NULL in a demo and for screenshots */
SatchelCheck *satchel_services_get_check (SatchelServices *self);     /* NULL without a session */
const SatchelVocabulary *satchel_services_get_vocabulary (SatchelServices *self);
const SatchelType *satchel_services_get_record_type (SatchelServices *self, const char *name);

/* The last known state; property `status` notifies. NULL until it was read once. */
const SatchelStatus *satchel_services_get_status (SatchelServices *self);
const char *satchel_services_get_user_id (SatchelServices *self); /* NULL: nobody signed in */

/* Waiting. */
void satchel_services_spawn (DexFiberFunc fiber, gpointer data, GDestroyNotify data_free); /* on the UI thread */

/* Reading. @func runs on a worker; its answer is freed with @answer_free when nobody waits any more. */
DexFuture *satchel_services_read (SatchelServices *self, SatchelReadFunc func, gpointer data, GDestroyNotify data_free,
                                  GDestroyNotify answer_free);
DexFuture *satchel_services_get (SatchelServices *self, const char *id); /* SatchelRecord */
DexFuture *satchel_services_page (SatchelServices *self, SatchelQuery *query, const SatchelRecord *after,
                                  guint limit); /* GPtrArray of SatchelRecord */
DexFuture *satchel_services_search (SatchelServices *self, const char *text, const SatchelType *const *types,
                                    guint limit); /* GPtrArray of SatchelRecord */
/* GHashTable id -> title, of those that are there: names for references. @ids: NULL-terminated. */
DexFuture *satchel_services_titles (SatchelServices *self, const char *const *ids);

/* Writing. @undo_message: (nullable): what the toast with Undo says ("Account deleted"); without one no toast, but
 * Ctrl+Z takes it back all the same. Resolves to TRUE. */
DexFuture *satchel_services_commit (SatchelServices *self, SatchelEdit *edit, const char *undo_message);
gboolean satchel_services_undo (SatchelServices *self); /* FALSE: there is nothing to undo */
/* As satchel_services_read(), in line with the commits: for what writes but is not an edit. */
DexFuture *satchel_services_write (SatchelServices *self, SatchelReadFunc func, gpointer data, GDestroyNotify data_free,
                                   GDestroyNotify answer_free);
void satchel_services_save_now (SatchelServices *self);

/* Going somewhere, saying something. */
void satchel_services_open_record (SatchelServices *self, const char *type, const char *id);
void satchel_services_show_toast (SatchelServices *self, const char *message);
void satchel_services_add_toast (SatchelServices *self, AdwToast *toast); /* takes it */
void satchel_services_show_error (SatchelServices *self, const char *heading, const GError *error);

/* Whether anything is on its way: reads, writes, holds. A screenshot waits until nothing is; hold over what does not
 * go through here (a timeout that delays a search). */
gboolean satchel_services_get_busy (SatchelServices *self);
void satchel_services_hold (SatchelServices *self);
void satchel_services_release (SatchelServices *self);

/* For the application. A future of TRUE: nothing is on its way; and: everything typed is written, the session has
 * stopped and the replica is closed. */
DexFuture *satchel_services_idle (SatchelServices *self);
DexFuture *satchel_services_close (SatchelServices *self);

G_END_DECLS
