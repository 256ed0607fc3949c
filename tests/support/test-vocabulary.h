/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "records/satchel-vocabulary.h"

G_BEGIN_DECLS

/* Satchel's vocabulary and one type more, "specimen", which has a field of every kind and a unit of every policy. */
SatchelVocabulary *satchel_test_vocabulary_new (void);

G_END_DECLS
