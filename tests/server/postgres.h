/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libpq-fe.h>

#include <glib.h>

G_BEGIN_DECLS

/* A PostgreSQL of the test program's own. It is started when the first database is asked for, and ends with the program,
 * however that ends. */

/* An empty database; to be given back with postgres_give_back(). */
char *postgres_take (void);
void postgres_give_back (char *name); /* takes it */

char *postgres_dup_url (const char *name);
/* A connection of one's own, that sees the store's tables as the store does. */
PGconn *postgres_connect (const char *name);
void postgres_run (PGconn *connection, const char *sql);
char *postgres_ask (PGconn *connection, const char *sql); /* the first value */

/* Copies of whole databases, while nobody is connected to them. */
void postgres_copy (const char *from, const char *to);
void postgres_drop (const char *name);

G_END_DECLS
