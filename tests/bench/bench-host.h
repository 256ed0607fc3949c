/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define BENCH_USER "nancy"
#define BENCH_PASSWORD "correct horse battery"

/**
 * BenchHost: a real satchel-server, a process of its own, over TLS on loopback, with one rep and many accounts.
 */
typedef struct
{
  const char *program;
  char *folder;
  char *ca_file;
  char *url;
  GSubprocess *process;
} BenchHost;

BenchHost *bench_host_new (const char *program, guint n_accounts);
/* What the serving process has used so far. */
double bench_host_get_processor_seconds (BenchHost *self);
void bench_host_free (BenchHost *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BenchHost, bench_host_free)

/* Removes a folder with all that is in it. */
void bench_remove_folder (const char *folder);

G_END_DECLS
