/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server-commands.h"

G_BEGIN_DECLS

ServerExit server_import_run (ServerRun *run, GError **error);

G_END_DECLS
