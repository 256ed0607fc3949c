/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "crash-subject.h"
#include "replica/satchel-replica-sync.h"

G_BEGIN_DECLS

typedef struct
{
  CrashSubject base;
  const SatchelVocabulary *vocabulary;
  SatchelOpenFlags flags;
  SatchelReplica *replica; /* %NULL: not open */
} CrashReplica;

extern const CrashKind crash_replica_kind;

#define CRASH_REPLICA(subject) ((CrashReplica *) (subject))
#define CRASH_BUCKET "territory:1"

/* What steps are made of. Fields are pairs of name and text, ended by %NULL. */
gboolean crash_create (CrashSubject *self, GError **error, const char *type, guint id, ...) G_GNUC_NULL_TERMINATED;
gboolean crash_change (CrashSubject *self, GError **error, guint id, ...) G_GNUC_NULL_TERMINATED;
gboolean crash_delete (CrashSubject *self, GError **error, guint id);
gboolean crash_restore (CrashSubject *self, GError **error, guint id);
SatchelRecord *crash_get (CrashSubject *self, guint id, GError **error);
gboolean crash_link (CrashSubject *self, GError **error, const char *proposed_nonce);

/* A page: begun, filled, and ended by one of the last three, which free it. What fails shows at the end. */
typedef struct
{
  CrashReplica *replica;
  SatchelDelivery *delivery;
  GError *error;
} CrashPage;

CrashPage *crash_page_new (CrashSubject *self);
void crash_page_put (CrashPage *self, const char *bucket, const char *rev, const char *type, guint id,
                     ...) G_GNUC_NULL_TERMINATED;
/* @mutations: (nullable): JSON */
void crash_page_outcome (CrashPage *self, gint64 n, const char *result, const char *code, const char *mutations);
gboolean crash_page_stage (CrashPage *self, GError **error);
gboolean crash_page_apply (CrashPage *self, const char *cursor, gint64 applied_through, GError **error);
gboolean crash_page_arrive (CrashPage *self, const char *cursor, GError **error);

G_END_DECLS
