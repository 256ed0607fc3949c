/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "certificates.h"

G_BEGIN_DECLS

typedef struct _FakeServer FakeServer;

/* Called on the server's thread for each request. Whoever does not answer at once pauses the message. */
typedef void (*FakeServerFunc) (FakeServer *server, SoupServerMessage *message, gpointer data);

/* A server on loopback, on its own thread, at a free port; without @certificate it speaks plain HTTP. */
FakeServer *fake_server_new (const TestCertificate *certificate, FakeServerFunc func, gpointer data);
void fake_server_free (FakeServer *self);
const char *fake_server_get_address (FakeServer *self); /* https://127.0.0.1:PORT */
guint fake_server_get_port (FakeServer *self);
guint fake_server_count_requests (FakeServer *self);
guint fake_server_count_connections (FakeServer *self);
/* Blocks until so many requests have come in. */
void fake_server_wait_for (FakeServer *self, guint n_requests);
/* Sends an answer that was paused; any thread. */
void fake_server_answer_later (FakeServer *self, SoupServerMessage *message);

/* Ways to answer. */
void fake_server_answer (SoupServerMessage *message, guint status, const char *media_type, const void *body,
                         gsize length);
/* Writes these very bytes in the place of an answer, and closes. */
void fake_server_answer_raw (SoupServerMessage *message, const void *bytes, gsize length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeServer, fake_server_free)

G_END_DECLS
