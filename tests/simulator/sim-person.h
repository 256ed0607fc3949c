/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim.h"

G_BEGIN_DECLS

/* Whether the edit changes that record already. */
gboolean sim_edit_touches (SatchelEdit *edit, const SatchelRecord *record);
/* Takes @saved. */
gboolean sim_device_commit (SimDevice *self, SatchelEdit *edit, OracleSave *saved, gboolean can_be_undone,
                            GError **error);

G_END_DECLS
