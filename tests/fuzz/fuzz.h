/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What a fuzzer has: libFuzzer calls it with what it makes up, replay.c with what the corpus has. A law that does not
 * hold aborts. */
int LLVMFuzzerInitialize (int *argc, char ***argv);
int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* The input's pieces between NUL bytes, @n of them; those that it lacks are empty. */
char **fuzz_split (const guint8 *data, gsize size, guint n);

/* A framed body of @lines as they are, with the end that belongs to them. */
GBytes *fuzz_seal (const char *lines, gsize length);

char *fuzz_object_to_canonical (JsonObject *object);

G_END_DECLS
