/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-ask.h"

#include <glib/gi18n.h>

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (DexPromise) promise = data;
  const char *response = adw_alert_dialog_choose_finish (ADW_ALERT_DIALOG (source), result);

  dex_promise_resolve_string (promise, g_strdup (response));
}

/**
 * satchel_ask:
 * @parent: where the question comes up
 * @heading: the question
 * @body: what there is to know about it
 * @response: the name of the answer that is not "cancel"
 * @label: its label
 * @appearance: how its button looks
 *
 * Asks a person, in a fiber.
 *
 * Returns: (transfer full): a future of a string: @response or "cancel"
 */
DexFuture *
satchel_ask (GtkWidget *parent, const char *heading, const char *body, const char *response, const char *label,
             AdwResponseAppearance appearance)
{
  AdwAlertDialog *dialog = ADW_ALERT_DIALOG (adw_alert_dialog_new (heading, body));
  DexPromise *promise = dex_promise_new ();
  DexFuture *future = dex_ref (DEX_FUTURE (promise));

  adw_alert_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), response, label, NULL);
  adw_alert_dialog_set_response_appearance (dialog, response, appearance);
  adw_alert_dialog_set_default_response (dialog, response);
  adw_alert_dialog_set_close_response (dialog, "cancel");
  adw_alert_dialog_choose (dialog, parent, NULL, answered_cb, promise);
  return future;
}
