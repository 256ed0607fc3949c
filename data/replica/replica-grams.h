/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/* The tokenizer of the search: the groups of three letters within each word of a folded text. */
#define REPLICA_GRAMS "satchel_grams"

gboolean replica_grams_register (sqlite3 *db, GError **error);

G_END_DECLS
