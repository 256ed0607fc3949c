/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "records/satchel-vocabulary.h"

G_BEGIN_DECLS

/* Satchel's vocabulary and one type more, "specimen", which has a field of every kind and a unit of every policy. */
SatchelVocabulary *satchel_test_vocabulary_new (void);
/* Only some of Satchel's types, and "specimen"; of an older version without its last fields. */
SatchelVocabulary *satchel_test_vocabulary_new_of (const char *const *types, gboolean older);

G_END_DECLS
