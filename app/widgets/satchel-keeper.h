/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "shell/satchel-services.h"
#include "widgets/satchel-draft.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_KEEPER (satchel_keeper_get_type ())
G_DECLARE_FINAL_TYPE (SatchelKeeper, satchel_keeper, SATCHEL, KEEPER, GObject)

SatchelKeeper *satchel_keeper_new (SatchelServices *services, SatchelDraft *draft);
SatchelDraft *satchel_keeper_get_draft (SatchelKeeper *self);
gboolean satchel_keeper_get_saving (SatchelKeeper *self);
void satchel_keeper_save (SatchelKeeper *self);
void satchel_keeper_save_soon (SatchelKeeper *self);
void satchel_keeper_close (SatchelKeeper *self);

G_END_DECLS
