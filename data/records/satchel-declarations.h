/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-vocabulary.h"

G_BEGIN_DECLS

const SatchelTypeDeclaration *const *satchel_declarations_get (guint *n_declarations);

G_END_DECLS
