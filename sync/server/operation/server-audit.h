/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ServerAudit: what is to be told of a sign-in, or of what an administrator did. Ids, never names; what is %NULL is left
 * out.
 * @event: a word that stays the same, see docs/server.md
 * @way: how somebody signed in: "password", "code"
 * @reason: why not, where it was refused
 * @request: of the request
 * @address: whom the request came from
 * @by: who did it: "uid:1000" at the command line
 */
typedef struct
{
  const char *event;
  const char *way;
  const char *reason;
  const char *request;
  const char *address;
  const char *by;
  const char *user;
  const char *device;
  const char *territory;
  const char *file;
} ServerAudit;

void server_audit (const ServerAudit *audit);
/* The same, by whoever runs this program; also for the journal of the system, if there is one that does not have it. */
void server_audit_command (const ServerAudit *audit);

G_END_DECLS
