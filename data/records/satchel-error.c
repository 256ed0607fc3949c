/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-error.h"

/**
 * SATCHEL_DATA_ERROR:
 *
 * The domain of what goes wrong with records and the replica; its codes are
 * #SatchelDataError.
 */
G_DEFINE_QUARK (satchel-data-error-quark, satchel_data_error)
