/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-conflict-case.h"
#include "shell/satchel-services.h"

G_BEGIN_DECLS

/** SatchelConflictEditor: a third answer, typed by the person. Signal `settled` (JsonObject): the unit's new value. */
#define SATCHEL_TYPE_CONFLICT_EDITOR (satchel_conflict_editor_get_type ())
G_DECLARE_FINAL_TYPE (SatchelConflictEditor, satchel_conflict_editor, SATCHEL, CONFLICT_EDITOR, AdwDialog)

gboolean satchel_conflict_editor_can_edit (const SatchelConflictCase *shown);
AdwDialog *satchel_conflict_editor_new (SatchelServices *services, const SatchelConflictCase *shown);

G_END_DECLS
