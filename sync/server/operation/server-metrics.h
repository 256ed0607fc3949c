/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is counted. What each is called stands once, in server-metrics.c. */
typedef enum
{
  SERVER_COUNT_GROUPS_APPLIED,
  SERVER_COUNT_GROUPS_PARTIAL,
  SERVER_COUNT_GROUPS_REFUSED,
  SERVER_COUNT_GROUPS_REPEATED,
  SERVER_COUNT_UNITS_APPLIED,
  SERVER_COUNT_UNITS_MERGED,
  SERVER_COUNT_UNITS_CONFLICT,
  SERVER_COUNT_UNITS_REFUSED,
  SERVER_COUNT_FORKS,
  SERVER_COUNT_PULLED,
  SERVER_COUNT_RECEIVED_BYTES,
  SERVER_COUNT_SENT_BYTES,
  SERVER_COUNT_SIGN_IN_ACCEPTED,
  SERVER_COUNT_SIGN_IN_CREDENTIALS,
  SERVER_COUNT_SIGN_IN_CODE,
  SERVER_COUNT_SIGN_IN_DISABLED,
  SERVER_COUNT_SIGN_IN_LIMITED,
  SERVER_COUNT_SIGN_IN_FAILED,
  SERVER_COUNT_SIGN_OUTS,
  SERVER_COUNT_RENEWALS,
  SERVER_COUNT_CONNECTIONS_ACCEPTED,
  SERVER_COUNT_CONNECTIONS_REFUSED,
  SERVER_N_COUNTS,
} ServerCount;

/* What is so at the moment. */
typedef enum
{
  SERVER_GAUGE_STORE_UP,
  SERVER_GAUGE_FEED_HEAD,
  SERVER_GAUGE_WAITING,
  SERVER_GAUGE_CONNECTIONS,
  SERVER_GAUGE_REQUESTS,
  SERVER_GAUGE_QUEUED,
  SERVER_N_GAUGES,
} ServerGauge;

/* How long things take. */
typedef enum
{
  SERVER_TIMING_READ,
  SERVER_TIMING_WRITE,
  SERVER_TIMING_COMMIT,
  SERVER_TIMING_PASSWORD,
  SERVER_TIMING_NEWS,
  SERVER_N_TIMINGS,
} ServerTiming;

/**
 * ServerMetrics:
 *
 * Counters of a process. Counting is an atomic addition, from any thread.
 */
typedef struct _ServerMetrics ServerMetrics;

ServerMetrics *server_metrics_new (void);
void server_metrics_free (ServerMetrics *self);
void server_metrics_count (ServerMetrics *self, ServerCount count, guint64 n);
/* An answer: @route from 0, below @n_routes of server_metrics_to_text(); @status 0: the client was gone before. */
void server_metrics_count_answer (ServerMetrics *self, guint route, guint status);
/* A refusal, by the code of PROTOCOL.md. */
void server_metrics_count_refusal (ServerMetrics *self, const char *code);
void server_metrics_time (ServerMetrics *self, ServerTiming timing, gint64 microseconds);
void server_metrics_set (ServerMetrics *self, ServerGauge gauge, gint64 value);

/* Prometheus's text format, version 0.0.4. @routes: what each route is called. */
#define SERVER_METRICS_MEDIA_TYPE "text/plain; version=0.0.4; charset=utf-8"
char *server_metrics_to_text (ServerMetrics *self, const char *const *routes, guint n_routes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ServerMetrics, server_metrics_free)

G_END_DECLS
