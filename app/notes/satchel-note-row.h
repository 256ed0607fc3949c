/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "shell/satchel-services.h"

G_BEGIN_DECLS

/* For list views of SatchelRecordItem that hold notes. */
GtkListItemFactory *satchel_note_row_factory_new (SatchelServices *services);

G_END_DECLS
