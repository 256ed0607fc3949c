/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client/satchel-sync-core.h"
#include "wire/satchel-frames.h"

G_BEGIN_DECLS

/* A server by hand: what a device has sent is read, what it is answered is written frame by frame. */

/**
 * ScriptRequest: a request as it was sent.
 */
typedef struct
{
  JsonObject *begin;
  GPtrArray *groups; /* (element-type JsonObject) */
} ScriptRequest;

ScriptRequest *script_request_new (GBytes *body);
void script_request_free (ScriptRequest *self);
const char *script_request_get (ScriptRequest *self, const char *member); /* a string of begin, or NULL */
gint64 script_request_get_number (ScriptRequest *self, const char *member);
gint64 script_request_get_n (ScriptRequest *self, guint index); /* the counter of a group */
const char *script_request_get_hash (ScriptRequest *self, guint index);

/**
 * ScriptAnswer: an answer that is being written.
 */
typedef struct _ScriptAnswer ScriptAnswer;

typedef enum
{
  SCRIPT_MIDDLE = 0,
  SCRIPT_HEAD = 1 << 0,
  SCRIPT_ARRIVING = 1 << 1,
} ScriptPage;

ScriptAnswer *script_answer_new (void); /* in the epoch "e" */
void script_answer_free (ScriptAnswer *self);
/* One frame by its kind and its body's text. */
void script_answer_add (ScriptAnswer *self, const char *kind, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* A record as it is at the server, in bucket "user:me". */
void script_answer_put (ScriptAnswer *self, SatchelRecord *record, const char *rev);
/* An outcome of one mutation that was simply applied. */
void script_answer_applied (ScriptAnswer *self, gint64 n, const char *id, const char *rev);
void script_answer_page (ScriptAnswer *self, const char *cursor, gint64 applied_through, ScriptPage flags,
                         const char *nonce);
GBytes *script_answer_finish (ScriptAnswer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ScriptRequest, script_request_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ScriptAnswer, script_answer_free)

G_END_DECLS
