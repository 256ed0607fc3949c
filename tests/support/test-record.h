/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdarg.h>

#include "records/satchel-record.h"

G_BEGIN_DECLS

/* @fields: pairs of a field's name and its value as text, ended by %NULL */
void test_record_set_fields (SatchelRecord *record, va_list fields);

G_END_DECLS
