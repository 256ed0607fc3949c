/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "http-workers.h"

G_BEGIN_DECLS

/**
 * HttpMetrics: a listener of its own, for Prometheus alone: `GET /metrics`.
 */
typedef struct _HttpMetrics HttpMetrics;

/* Sets what is so at the moment. */
typedef void (*HttpMeasureFunc) (ServerMetrics *metrics, gpointer data);

/* @where: ADDRESS:PORT, of this computer only: what listens there has no guards. */
HttpMetrics *http_metrics_new (const char *where, HttpWorkers *workers, HttpMeasureFunc measure, gpointer data,
                               GError **error);
void http_metrics_stop (HttpMetrics *self); /* before the workers are freed */
void http_metrics_free (HttpMetrics *self); /* after the workers */
char *http_metrics_dup_url (HttpMetrics *self);

G_END_DECLS
