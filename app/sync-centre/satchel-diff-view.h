/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/** SatchelDiffView: a text as two people changed it, in colours, with words for whoever sees none. */
#define SATCHEL_TYPE_DIFF_VIEW (satchel_diff_view_get_type ())
G_DECLARE_FINAL_TYPE (SatchelDiffView, satchel_diff_view, SATCHEL, DIFF_VIEW, AdwBin)

GtkWidget *satchel_diff_view_new (const char *base, const char *theirs, const char *mine, const char *their_heading,
                                  const char *my_heading);

/* Both versions laid into one text, for a person to finish: what overlaps stands there twice. */
char *satchel_diff_dup_draft (const char *base, const char *theirs, const char *mine);

G_END_DECLS
