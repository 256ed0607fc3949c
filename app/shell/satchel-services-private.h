/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-services.h"

G_BEGIN_DECLS

struct _SatchelServices
{
  GObject parent_instance;

  SatchelReplica *replica;
  SatchelSession *session;
  SatchelJobs *jobs;
  SatchelCheck *check; /* (nullable): without a session there is no server */

  SatchelStatus *status;
  gboolean status_stale;
  gboolean status_reading;
  gboolean closing; /* nobody wants to know any more */

  GPtrArray *undo; /* (element-type SatchelEdit), newest last */
};

/* A toast, with a button that takes @undo back where there is one; @undo is only compared, never used. */
void satchel_services_show_undo_toast (SatchelServices *self, const char *message, SatchelEdit *undo);

G_END_DECLS
