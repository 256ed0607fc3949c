/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "records/satchel-merge.h"

G_BEGIN_DECLS

/* What must come of three texts; @expected: (nullable): an overlap. */
void merge_check (const char *base, const char *theirs, const char *mine, const char *expected);
/* What holds for any three texts: a merge with the base gives the other side, both orders agree, and the runs that a
 * person is shown make up the three texts. */
void merge_check_laws (const char *base, const char *theirs, const char *mine);

G_END_DECLS
