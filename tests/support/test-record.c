/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "test-record.h"

void
test_record_set_fields (SatchelRecord *record, va_list fields)
{
  g_autoptr (GError) error = NULL;
  const char *field;

  while ((field = va_arg (fields, const char *)) != NULL)
    {
      satchel_record_set_from_text (record, field, va_arg (fields, const char *), &error);
      g_assert_no_error (error);
    }
}
