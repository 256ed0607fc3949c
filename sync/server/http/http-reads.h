/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "http-request.h"
#include "http-workers.h"

G_BEGIN_DECLS

/* Requests that only read: a record, its history, digests, and whether the server is ready. */
void http_reads_history (HttpWorkers *workers, HttpRequest *request);
void http_reads_record (HttpWorkers *workers, HttpRequest *request);
void http_reads_digests (HttpWorkers *workers, HttpRequest *request);
void http_reads_ready (HttpWorkers *workers, HttpRequest *request);

G_END_DECLS
