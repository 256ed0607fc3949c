/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "records/satchel-record.h"

G_BEGIN_DECLS

const char *satchel_icon_of_channel (const char *channel);
const char *satchel_icon_of_type (const char *type);
const char *satchel_icon_of_record (SatchelRecord *record);

G_END_DECLS
