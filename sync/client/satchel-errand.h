/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-connection.h"

G_BEGIN_DECLS

/**
 * SatchelErrand:
 *
 * One request of a sync on its way, on a thread of its own, while the thread
 * that sent it does something else. The thread that sent it owns it.
 */
typedef struct _SatchelErrand SatchelErrand;

/* @arrived is called on the errand's thread when it has come back, with an answer or without. */
typedef void (*SatchelErrandFunc) (gpointer data);

SatchelErrand *satchel_errand_new (SatchelConnection *connection, GBytes *request, guint wait,
                                   SatchelErrandFunc arrived, gpointer data);
GBytes *satchel_errand_get_request (SatchelErrand *self);
gboolean satchel_errand_has_arrived (SatchelErrand *self);
void satchel_errand_cancel (SatchelErrand *self);
void satchel_errand_wait (SatchelErrand *self);
/* Waits for it and frees it. */
GBytes *satchel_errand_finish (SatchelErrand *self, GError **error);
/* Waits for it and frees it; what it brings is dropped. */
void satchel_errand_free (SatchelErrand *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelErrand, satchel_errand_free)

G_END_DECLS
