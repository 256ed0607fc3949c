/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "shell/satchel-page.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_NOTES_PAGE (satchel_notes_page_get_type ())
G_DECLARE_FINAL_TYPE (SatchelNotesPage, satchel_notes_page, SATCHEL, NOTES_PAGE, AdwBin)

G_END_DECLS
