/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "records/satchel-vocabulary.h"

G_BEGIN_DECLS

int satchelctl_main (const SatchelVocabulary *vocabulary, int argc, char **argv);

G_END_DECLS
