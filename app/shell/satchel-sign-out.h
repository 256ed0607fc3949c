/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-services.h"

G_BEGIN_DECLS

/* Asks, keeps unsent work in a file, leaves the team. A future of a boolean: whether the person is signed out. */
DexFuture *satchel_sign_out (GtkWidget *parent, SatchelServices *services);

G_END_DECLS
