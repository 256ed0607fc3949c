/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whether this device holds what the server has: verify. */

#include "satchel-config.h"

#include "ctl-private.h"

#include <stdio.h>

#include <glib/gi18n-lib.h>

#include "client/satchel-verify.h"

static void
print_verified_json (const SatchelVerifyCounts *counts)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_int_member (object, "buckets", counts->buckets);
  json_object_set_int_member (object, "records", (gint64) counts->records);
  json_object_set_int_member (object, "repaired", (gint64) counts->repaired);
  json_object_set_boolean_member (object, "equal", counts->mismatched == 0);
  ctl_print_json_object (object);
}

static char *
describe_repaired (guint64 n)
{
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%'" G_GUINT64_FORMAT " repaired", "%'" G_GUINT64_FORMAT " repaired", (gulong) n),
      n);
}

static char *
describe_different (guint64 n)
{
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%'" G_GUINT64_FORMAT " still different",
                                       "%'" G_GUINT64_FORMAT " still different", (gulong) n),
                          n);
}

static void
print_verified_text (const SatchelVerifyCounts *counts)
{
  g_autofree char *buckets = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%'u bucket", "%'u buckets", counts->buckets), counts->buckets);
  g_autofree char *records = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%'" G_GUINT64_FORMAT " record",
                                                           "%'" G_GUINT64_FORMAT " records", (gulong) counts->records),
                                              counts->records);
  g_autofree char *repaired = describe_repaired (counts->repaired);
  g_autofree char *different = describe_different (counts->mismatched);

  printf ("%s, %s", buckets, records);
  if (counts->repaired > 0)
    printf (", %s", repaired);
  if (counts->mismatched > 0)
    printf (", %s", different);
  if (counts->repaired == 0 && counts->mismatched == 0)
    printf (", %s", _ ("all equal"));
  putchar ('\n');
}

static CtlExit
run_verify (Ctl *ctl, GError **error)
{
  SatchelVerifyCounts counts;

  if (!ctl_check_args (ctl, 0, 0, error) || !ctl_open_replica (ctl, TRUE, error) ||
      !satchel_verify_run (ctl->replica, NULL, &counts, error))
    return CTL_FAILED;

  if (ctl->json)
    print_verified_json (&counts);
  else
    print_verified_text (&counts);

  return counts.mismatched == 0 ? CTL_DONE : CTL_FAILED;
}

const CtlCommand ctl_verify_commands[] = {
  { "verify", "", N_ ("Compares what is here with the server, and repairs it"), NULL, run_verify },
  { NULL },
};
