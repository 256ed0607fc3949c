/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "shell/satchel-services.h"

G_BEGIN_DECLS

void satchel_journal_write (SatchelServices *services, const char *key, const char *text);
void satchel_journal_remove (SatchelServices *services, const char *key);
DexFuture *satchel_journal_read (SatchelServices *services, const char *key);

G_END_DECLS
