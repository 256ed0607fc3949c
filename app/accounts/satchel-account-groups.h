/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "accounts/satchel-record-group.h"

G_BEGIN_DECLS

extern const SatchelGroupKind satchel_group_next_steps;
extern const SatchelGroupKind satchel_group_timeline;
extern const SatchelGroupKind satchel_group_people;
extern const SatchelGroupKind satchel_group_notes;

G_END_DECLS
