/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "satchel-conflict-case.h"

G_BEGIN_DECLS

/** SatchelVersionView: one version of what is in conflict. Signal `keep`: the person wants this one. */
#define SATCHEL_TYPE_VERSION_VIEW (satchel_version_view_get_type ())
G_DECLARE_FINAL_TYPE (SatchelVersionView, satchel_version_view, SATCHEL, VERSION_VIEW, AdwBin)

/* The view shows the words and keeps nothing of @of. */
GtkWidget *satchel_version_view_new (const SatchelConflictCase *of, guint version);

/* What stands above a version: "Before", "On the server now", "Yours". */
const char *satchel_version_get_title (const SatchelVersion *version);

G_END_DECLS
