/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lines of the log that say who was let in, and who was given or lost a right. */

#include "satchel-config.h"

#include "server-audit.h"

#include <unistd.h>

#include "server-log.h"

#define N_DETAILS 9

typedef struct
{
  const char *name;
  const char *value;
} Detail;

static void
list_details (const ServerAudit *audit, Detail details[N_DETAILS])
{
  details[0] = (Detail) { "reason", audit->reason };
  details[1] = (Detail) { "user", audit->user };
  details[2] = (Detail) { "device", audit->device };
  details[3] = (Detail) { "territory", audit->territory };
  details[4] = (Detail) { "file", audit->file };
  details[5] = (Detail) { "address", audit->address };
  details[6] = (Detail) { "by", audit->by };
  details[7] = (Detail) { "request", audit->request };
  details[8] = (Detail) { "way", audit->way };
}

void
server_audit (const ServerAudit *audit)
{
  ServerLogLine *line = server_log_line_new (SERVER_LOG_AUDIT, audit->event);
  Detail details[N_DETAILS];

  list_details (audit, details);
  for (guint i = 0; i < N_DETAILS; i++)
    server_log_line_text (line, details[i].name, details[i].value);
  server_log_line_end (line);
}

static char *
make_message (const ServerAudit *audit)
{
  GString *message = g_string_new (audit->event);
  Detail details[N_DETAILS];

  list_details (audit, details);
  for (guint i = 0; i < N_DETAILS; i++)
    if (details[i].value != NULL)
      g_string_append_printf (message, " %s=%s", details[i].name, details[i].value);

  return g_string_free_and_steal (message);
}

static void
tell_journal (const ServerAudit *audit)
{
  g_autofree char *message = make_message (audit);
  const GLogField fields[] = {
    { "MESSAGE",           message,          -1 },
    { "PRIORITY",          "5",              -1 },
    { "SYSLOG_IDENTIFIER", "satchel-server", -1 },
    { "SATCHEL_EVENT",     audit->event,     -1 },
  };

  if (!g_log_writer_is_journald (STDERR_FILENO))
    g_log_writer_journald (G_LOG_LEVEL_MESSAGE, fields, G_N_ELEMENTS (fields), NULL);
}

void
server_audit_command (const ServerAudit *audit)
{
  g_autofree char *by = g_strdup_printf ("uid:%u", (guint) getuid ());
  ServerAudit told = *audit;

  told.by = by;
  server_audit (&told);
  tell_journal (&told);
}
