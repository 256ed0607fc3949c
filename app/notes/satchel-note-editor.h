/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "shell/satchel-services.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_NOTE_EDITOR (satchel_note_editor_get_type ())
G_DECLARE_FINAL_TYPE (SatchelNoteEditor, satchel_note_editor, SATCHEL, NOTE_EDITOR, AdwBin)

void satchel_note_editor_set_services (SatchelNoteEditor *self, SatchelServices *services);
void satchel_note_editor_open (SatchelNoteEditor *self, const char *id);
void satchel_note_editor_start (SatchelNoteEditor *self, const char *account_id);
void satchel_note_editor_focus (SatchelNoteEditor *self);
void satchel_note_editor_leave (SatchelNoteEditor *self);
const char *satchel_note_editor_get_id (SatchelNoteEditor *self);

G_END_DECLS
