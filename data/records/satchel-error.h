/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SatchelDataError:
 * @SATCHEL_DATA_ERROR_UNKNOWN_TYPE: no type of that name
 * @SATCHEL_DATA_ERROR_UNKNOWN_FIELD: no field of that name
 * @SATCHEL_DATA_ERROR_INVALID: a value does not fit its field
 * @SATCHEL_DATA_ERROR_TOO_LARGE: a value is over its limit
 * @SATCHEL_DATA_ERROR_MISSING: a required field has no value
 * @SATCHEL_DATA_ERROR_READ_ONLY: the field or the type is not for devices to change
 * @SATCHEL_DATA_ERROR_NOT_FOUND: no record, conflict or tray entry of that id
 * @SATCHEL_DATA_ERROR_EXISTS: a record of that id exists already
 * @SATCHEL_DATA_ERROR_NEWER: the replica was written by a newer version of Satchel
 * @SATCHEL_DATA_ERROR_CORRUPT: the replica file is damaged
 * @SATCHEL_DATA_ERROR_FULL: the disk is full
 * @SATCHEL_DATA_ERROR_BUSY: another process holds what is needed
 * @SATCHEL_DATA_ERROR_IO: reading or writing failed in another way
 * @SATCHEL_DATA_ERROR_PENDING: refused because it would drop work that is not sent yet
 * @SATCHEL_DATA_ERROR_MASS_DELETION: refused because it would remove much of the replica without having asked
 *
 * What callers act on. Messages are whole sentences for people, translated:
 * what happened, what is safe, what to do.
 */
typedef enum
{
  SATCHEL_DATA_ERROR_UNKNOWN_TYPE,
  SATCHEL_DATA_ERROR_UNKNOWN_FIELD,
  SATCHEL_DATA_ERROR_INVALID,
  SATCHEL_DATA_ERROR_TOO_LARGE,
  SATCHEL_DATA_ERROR_MISSING,
  SATCHEL_DATA_ERROR_READ_ONLY,
  SATCHEL_DATA_ERROR_NOT_FOUND,
  SATCHEL_DATA_ERROR_EXISTS,
  SATCHEL_DATA_ERROR_NEWER,
  SATCHEL_DATA_ERROR_CORRUPT,
  SATCHEL_DATA_ERROR_FULL,
  SATCHEL_DATA_ERROR_BUSY,
  SATCHEL_DATA_ERROR_IO,
  SATCHEL_DATA_ERROR_PENDING,
  SATCHEL_DATA_ERROR_MASS_DELETION,
} SatchelDataError;

#define SATCHEL_DATA_ERROR (satchel_data_error_quark ())
GQuark satchel_data_error_quark (void);

G_END_DECLS
