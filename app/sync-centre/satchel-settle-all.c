/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Many conflicts at once, after a week without a network. */

#include "satchel-settle-all.h"

#include <glib/gi18n.h>

#include "shell/satchel-ask.h"

typedef struct
{
  GtkWidget *parent;
  SatchelServices *services;
  SatchelSide side;
} Settling;

static void
settling_free (Settling *settling)
{
  g_object_unref (settling->parent);
  g_object_unref (settling->services);
  g_free (settling);
}

static gboolean
is_about_deleting (const SatchelConflictCase *conflict)
{
  for (guint i = 0; i < conflict->versions->len; i++)
    if (((const SatchelVersion *) g_ptr_array_index (conflict->versions, i))->deleted)
      return TRUE;
  return conflict->rows->len == 0;
}

/**
 * satchel_settle_all_choose:
 * @conflict: a case
 * @side: whose answer
 *
 * Returns: (transfer none) (nullable): the newest version of that side
 */
const SatchelVersion *
satchel_settle_all_choose (const SatchelConflictCase *conflict, SatchelSide side)
{
  if (is_about_deleting (conflict))
    return NULL;
  for (guint i = conflict->versions->len; i > 1; i--)
    {
      const SatchelVersion *version = g_ptr_array_index (conflict->versions, i - 1);

      if (version->mine == (side == SATCHEL_SIDE_MINE))
        return version;
    }
  return NULL;
}

static guint
count_answers (GPtrArray *cases, SatchelSide side)
{
  guint n = 0;

  for (guint i = 0; i < cases->len; i++)
    n += satchel_settle_all_choose (g_ptr_array_index (cases, i), side) != NULL;
  return n;
}

/* Each on its own, so that one that the server does not take keeps none of the others. */
static void
settle (SatchelServices *services, const SatchelConflictCase *conflict, const SatchelVersion *kept)
{
  g_autoptr (SatchelEdit) edit = satchel_edit_new ();
  g_autoptr (GError) error = NULL;

  if (kept->kind == SATCHEL_VERSION_CURRENT)
    satchel_edit_resolve_keep_current (edit, conflict->conflict, conflict->target);
  else if (!satchel_edit_resolve_keep_value (edit, conflict->conflict, conflict->target, kept->number, &error))
    {
      satchel_services_show_error (services, _ ("Not settled"), error);
      return;
    }
  dex_future_disown (satchel_services_commit (services, edit, NULL));
}

static gboolean
ask (Settling *settling, guint n)
{
  gboolean mine = settling->side == SATCHEL_SIDE_MINE;
  g_autofree char *body = g_strdup_printf (
      mine ? ngettext ("%u conflict is settled with what you wrote. What others wrote stays in the history.",
                       "%u conflicts are settled with what you wrote. What others wrote stays in the history.", n)
           : ngettext ("%u conflict is settled with what others wrote. What you wrote stays in the history.",
                       "%u conflicts are settled with what others wrote. What you wrote stays in the history.", n),
      n);
  g_autofree char *answer = dex_await_string (satchel_ask (settling->parent,
                                                           mine ? _ ("Keep all of yours?") : _ ("Keep all of theirs?"),
                                                           body, "keep", _ ("_Keep all"), ADW_RESPONSE_SUGGESTED),
                                              NULL);

  return g_strcmp0 (answer, "keep") == 0;
}

static gpointer
read_cases (SatchelReplica *replica, gpointer data, GError **error)
{
  return satchel_conflict_cases_read (replica, error);
}

static void
settle_all (Settling *settling, GPtrArray *cases, guint n)
{
  g_autofree char *message = g_strdup_printf (ngettext ("%u conflict settled", "%u conflicts settled", n), n);

  for (guint i = 0; i < cases->len; i++)
    {
      const SatchelConflictCase *conflict = g_ptr_array_index (cases, i);
      const SatchelVersion *kept = satchel_settle_all_choose (conflict, settling->side);

      if (kept != NULL)
        settle (settling->services, conflict, kept);
    }
  satchel_services_show_toast (settling->services, message);
}

static DexFuture *
settle_fiber (gpointer data)
{
  Settling *settling = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) cases = satchel_await (
      satchel_services_read (settling->services, read_cases, NULL, NULL, (GDestroyNotify) g_ptr_array_unref), &error);
  guint n;

  if (cases == NULL)
    {
      satchel_services_show_error (settling->services, _ ("Not settled"), error);
      return NULL;
    }
  n = count_answers (cases, settling->side);
  if (n == 0)
    satchel_services_show_toast (settling->services, _ ("Please decide these one by one"));
  else if (ask (settling, n))
    settle_all (settling, cases, n);
  return NULL;
}

/**
 * satchel_settle_all_start:
 * @parent: where the question comes up
 * @services: the services
 * @side: whose answers are kept
 *
 * Asks whether all conflicts are to be settled for one side, and does it.
 */
void
satchel_settle_all_start (GtkWidget *parent, SatchelServices *services, SatchelSide side)
{
  Settling *settling = g_new0 (Settling, 1);

  settling->parent = g_object_ref (parent);
  settling->services = g_object_ref (services);
  settling->side = side;
  satchel_services_spawn (settle_fiber, settling, (GDestroyNotify) settling_free);
}
