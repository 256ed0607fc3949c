/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fault-disk.h"

G_BEGIN_DECLS

/* Makes SQLite find fault disks: a VFS becomes the default one that hands other paths on to the one that was. Once for
 * each process, before it opens its first database. */
void fault_vfs_register (void);
/* What SQLite takes for chance from now on. */
void fault_vfs_seed (guint64 seed);

G_END_DECLS
