/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-titles.h"

typedef struct
{
  SatchelServices *services;
  char **ids;
  GObject *owner;
  SatchelTitlesFunc func;
} Request;

static void
request_free (Request *request)
{
  g_object_unref (request->services);
  g_strfreev (request->ids);
  g_object_unref (request->owner);
  g_free (request);
}

static DexFuture *
fetch_fiber (gpointer data)
{
  Request *request = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) titles = satchel_await (
      satchel_services_titles (request->services, (const char *const *) request->ids), &error);

  if (titles != NULL)
    request->func (request->owner, titles);
  else
    g_debug ("Titles could not be read: %s", error->message);

  return NULL;
}

/**
 * satchel_titles_fetch:
 * @ids: (array zero-terminated=1): ids of records of any type
 * @owner: (type GObject): kept until the answer is there
 * @func: called with @owner and a #GHashTable from id to title; asks whether the answer is still wanted
 *
 * Looks up what to write where a field refers to another record.
 */
void
satchel_titles_fetch (SatchelServices *services, const char *const *ids, gpointer owner, SatchelTitlesFunc func)
{
  Request *request = g_new0 (Request, 1);

  request->services = g_object_ref (services);
  request->ids = g_strdupv ((char **) ids);
  request->owner = g_object_ref (owner);
  request->func = func;
  satchel_services_spawn (fetch_fiber, request, (GDestroyNotify) request_free);
}
