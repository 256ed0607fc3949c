/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is counted, and how Prometheus reads it. */

#include "satchel-config.h"

#include "server-metrics.h"

#include <stdatomic.h>
#include <string.h>

#define MAX_ROUTES 24

/* Those that are ever answered; 0 is a client that was gone, the last one anything else. */
static const guint statuses[] = { 0, 200, 201, 204, 400, 401, 403, 404, 429, 500, 503, 999 };

/* The codes of errors in PROTOCOL.md; the last one is anything else. */
static const char *const codes[] = {
  "malformed", "limits",     "protocol",  "credentials", "code",     "token",
  "disabled",  "permission", "not_found", "busy",        "internal", "other",
};

/* Upper ends of the parts of a histogram: in microseconds, and in seconds as they are written. */
static const struct
{
  gint64 microseconds;
  const char *seconds;
} bounds[] = {
  { 500,      "0.0005" },
  { 1000,     "0.001"  },
  { 2500,     "0.0025" },
  { 5000,     "0.005"  },
  { 10000,    "0.01"   },
  { 25000,    "0.025"  },
  { 50000,    "0.05"   },
  { 100000,   "0.1"    },
  { 250000,   "0.25"   },
  { 500000,   "0.5"    },
  { 1000000,  "1"      },
  { 2500000,  "2.5"    },
  { 10000000, "10"     },
};

#define N_STATUSES G_N_ELEMENTS (statuses)
#define N_CODES G_N_ELEMENTS (codes)
#define N_BOUNDS G_N_ELEMENTS (bounds)

/**
 * Sample: one line of a metric. A metric's samples stand together; the first one brings its name and help.
 */
typedef struct
{
  const char *name;
  const char *help;
  const char *labels;
} Sample;

static const Sample counts[SERVER_N_COUNTS] = {
  [SERVER_COUNT_GROUPS_APPLIED] = { "satchel_pushed_groups_total",
                                   "Groups of changes that devices sent, by what became of them.",                        "result=\"applied\""     },
  [SERVER_COUNT_GROUPS_PARTIAL] = { NULL,                           NULL,                                                 "result=\"partial\""     },
  [SERVER_COUNT_GROUPS_REFUSED] = { NULL,                           NULL,                                                 "result=\"refused\""     },
  [SERVER_COUNT_GROUPS_REPEATED] = { NULL,                           NULL,                                                 "result=\"repeated\""    },
  [SERVER_COUNT_UNITS_APPLIED] = { "satchel_pushed_units_total",
                                   "Changed units of records in those groups, by outcome.",                               "outcome=\"applied\""    },
  [SERVER_COUNT_UNITS_MERGED] = { NULL,                           NULL,                                                 "outcome=\"merged\""     },
  [SERVER_COUNT_UNITS_CONFLICT] = { NULL,                           NULL,                                                 "outcome=\"conflict\""   },
  [SERVER_COUNT_UNITS_REFUSED] = { NULL,                           NULL,                                                 "outcome=\"refused\""    },
  [SERVER_COUNT_FORKS] = { "satchel_forks_total",          "Copied devices that were told to go their own way.", NULL                     },
  [SERVER_COUNT_PULLED] = { "satchel_pulled_changes_total", "Changes that were sent to devices.",                 NULL                     },
  [SERVER_COUNT_RECEIVED_BYTES] = { "satchel_received_bytes_total", "Bytes of bodies of requests.",                       NULL                     },
  [SERVER_COUNT_SENT_BYTES] = { "satchel_sent_bytes_total",     "Bytes of bodies of answers.",                        NULL                     },
  [SERVER_COUNT_SIGN_IN_ACCEPTED] = { "satchel_sign_ins_total",       "Attempts to sign in, by result.",
                                   "result=\"accepted\""                                                                                           },
  [SERVER_COUNT_SIGN_IN_CREDENTIALS] = { NULL,                           NULL,                                                 "result=\"credentials\"" },
  [SERVER_COUNT_SIGN_IN_CODE] = { NULL,                           NULL,                                                 "result=\"code\""        },
  [SERVER_COUNT_SIGN_IN_DISABLED] = { NULL,                           NULL,                                                 "result=\"disabled\""    },
  [SERVER_COUNT_SIGN_IN_LIMITED] = { NULL,                           NULL,                                                 "result=\"limited\""     },
  [SERVER_COUNT_SIGN_IN_FAILED] = { NULL,                           NULL,                                                 "result=\"failed\""      },
  [SERVER_COUNT_SIGN_OUTS] = { "satchel_sign_outs_total",      "Devices that signed out.",                           NULL                     },
  [SERVER_COUNT_RENEWALS] = { "satchel_token_renewals_total", "New tokens for devices whose own was near its end.",
                                   NULL                                                                                                            },
  [SERVER_COUNT_CONNECTIONS_ACCEPTED] = { "satchel_connections_total",    "Connections that clients made, by result.",
                                   "result=\"accepted\""                                                                                           },
  [SERVER_COUNT_CONNECTIONS_REFUSED] = { NULL,                           NULL,                                                 "result=\"refused\""     },
};

static const Sample gauges[SERVER_N_GAUGES] = {
  [SERVER_GAUGE_STORE_UP] = { "satchel_store_up",         "Whether the store answers.",                             NULL },
  [SERVER_GAUGE_FEED_HEAD] = { "satchel_feed_head",        "Position of the latest change.",                         NULL },
  [SERVER_GAUGE_WAITING] = { "satchel_waiting_devices",  "Devices that wait for news.",                            NULL },
  [SERVER_GAUGE_CONNECTIONS] = { "satchel_open_connections", "Connections that are open.",                             NULL },
  [SERVER_GAUGE_REQUESTS] = { "satchel_open_requests",    "Requests that are being worked on, or wait for news.",   NULL },
  [SERVER_GAUGE_QUEUED] = { "satchel_queued_works",     "Works that wait for the store or a thread, or have it.", NULL },
};

static const Sample timings[SERVER_N_TIMINGS] = {
  [SERVER_TIMING_READ] = { "satchel_store_seconds",    "Time that the store was used for, by kind of work.",
                          "work=\"read\""                                                                                      },
  [SERVER_TIMING_WRITE] = { NULL,                       NULL,                                                 "work=\"write\""  },
  [SERVER_TIMING_COMMIT] = { NULL,                       NULL,                                                 "work=\"commit\"" },
  [SERVER_TIMING_PASSWORD] = { "satchel_password_seconds", "Time that checking a password took.",                NULL              },
  [SERVER_TIMING_NEWS] = { "satchel_feed_lag_seconds",
                          "Time from a commit to the answer that tells it to a device that waited.",         NULL              },
};

typedef struct
{
  _Atomic guint64 parts[N_BOUNDS + 1];
  _Atomic guint64 sum; /* microseconds */
} Histogram;

struct _ServerMetrics
{
  _Atomic guint64 counts[SERVER_N_COUNTS];
  _Atomic gint64 gauges[SERVER_N_GAUGES];
  _Atomic guint64 answers[MAX_ROUTES][N_STATUSES];
  _Atomic guint64 refusals[N_CODES];
  Histogram timings[SERVER_N_TIMINGS];
  gint64 started; /* Unix, microseconds */
};

ServerMetrics *
server_metrics_new (void)
{
  ServerMetrics *self = g_new0 (ServerMetrics, 1);

  self->started = g_get_real_time ();

  return self;
}

void
server_metrics_free (ServerMetrics *self)
{
  g_free (self);
}

/* ---- Counting ------------------------------------------------------------------------------------- */

static void
add (_Atomic guint64 *number, guint64 n)
{
  atomic_fetch_add_explicit (number, n, memory_order_relaxed);
}

static guint64
get (_Atomic guint64 *number)
{
  return atomic_load_explicit (number, memory_order_relaxed);
}

void
server_metrics_count (ServerMetrics *self, ServerCount count, guint64 n)
{
  add (&self->counts[count], n);
}

void
server_metrics_count_answer (ServerMetrics *self, guint route, guint status)
{
  guint i = 0;

  g_return_if_fail (route < MAX_ROUTES);

  while (i < N_STATUSES - 1 && statuses[i] != status)
    i++;
  add (&self->answers[route][i], 1);
}

void
server_metrics_count_refusal (ServerMetrics *self, const char *code)
{
  guint i = 0;

  while (i < N_CODES - 1 && strcmp (codes[i], code) != 0)
    i++;
  add (&self->refusals[i], 1);
}

void
server_metrics_time (ServerMetrics *self, ServerTiming timing, gint64 microseconds)
{
  guint i = 0;

  while (i < N_BOUNDS && microseconds > bounds[i].microseconds)
    i++;
  add (&self->timings[timing].parts[i], 1);
  add (&self->timings[timing].sum, (guint64) MAX (microseconds, 0));
}

void
server_metrics_set (ServerMetrics *self, ServerGauge gauge, gint64 value)
{
  atomic_store_explicit (&self->gauges[gauge], value, memory_order_relaxed);
}

/* ---- The text ------------------------------------------------------------------------------------- */

static void
append_head (GString *text, const Sample *sample, const char *type)
{
  g_string_append_printf (text, "# HELP %s %s\n# TYPE %s %s\n", sample->name, sample->help, sample->name, type);
}

static void
append_line (GString *text, const char *name, const char *labels)
{
  g_string_append (text, name);
  if (labels != NULL)
    g_string_append_printf (text, "{%s}", labels);
}

/* Seconds: microseconds with six digits behind the point, whatever the locale has there. */
static void
append_seconds (GString *text, guint64 microseconds)
{
  g_string_append_printf (text, "%" G_GUINT64_FORMAT ".%06u", microseconds / G_USEC_PER_SEC,
                          (guint) (microseconds % G_USEC_PER_SEC));
}

static void
append_counts (ServerMetrics *self, GString *text)
{
  const char *name = NULL;

  for (guint i = 0; i < SERVER_N_COUNTS; i++)
    {
      if (counts[i].name != NULL)
        append_head (text, &counts[i], "counter");
      name = counts[i].name != NULL ? counts[i].name : name;
      append_line (text, name, counts[i].labels);
      g_string_append_printf (text, " %" G_GUINT64_FORMAT "\n", get (&self->counts[i]));
    }
}

static void
append_gauges (ServerMetrics *self, GString *text)
{
  for (guint i = 0; i < SERVER_N_GAUGES; i++)
    {
      append_head (text, &gauges[i], "gauge");
      g_string_append_printf (text, "%s %" G_GINT64_FORMAT "\n", gauges[i].name,
                              atomic_load_explicit (&self->gauges[i], memory_order_relaxed));
    }
}

static void
append_answer (GString *text, const char *route, guint status, guint64 n)
{
  if (n == 0)
    return;

  if (status == 0)
    g_string_append_printf (text, "satchel_requests_total{route=\"%s\",status=\"gone\"}", route);
  else if (status == statuses[N_STATUSES - 1])
    g_string_append_printf (text, "satchel_requests_total{route=\"%s\",status=\"other\"}", route);
  else
    g_string_append_printf (text, "satchel_requests_total{route=\"%s\",status=\"%u\"}", route, status);
  g_string_append_printf (text, " %" G_GUINT64_FORMAT "\n", n);
}

/* Only what has been; the rest would be hundreds of zeros. */
static void
append_answers (ServerMetrics *self, GString *text, const char *const *routes, guint n_routes)
{
  static const Sample head = { "satchel_requests_total", "Requests that were answered, by route and status.", NULL };

  append_head (text, &head, "counter");
  for (guint i = 0; i < n_routes; i++)
    for (guint j = 0; j < N_STATUSES; j++)
      append_answer (text, routes[i], statuses[j], get (&self->answers[i][j]));
}

static void
append_refusals (ServerMetrics *self, GString *text)
{
  static const Sample head = { "satchel_refused_requests_total", "Requests that were refused, by reason.", NULL };

  append_head (text, &head, "counter");
  for (guint i = 0; i < N_CODES; i++)
    g_string_append_printf (text, "%s{reason=\"%s\"} %" G_GUINT64_FORMAT "\n", head.name, codes[i],
                            get (&self->refusals[i]));
}

static void
append_part (GString *text, const char *name, const char *labels, const char *bound, guint64 n)
{
  g_string_append_printf (text, "%s_bucket{%s%sle=\"%s\"} %" G_GUINT64_FORMAT "\n", name, labels != NULL ? labels : "",
                          labels != NULL ? "," : "", bound, n);
}

static void
append_suffixed (GString *text, const char *name, const char *suffix, const char *labels)
{
  g_autofree char *whole = g_strconcat (name, suffix, NULL);

  append_line (text, whole, labels);
  g_string_append_c (text, ' ');
}

static void
append_histogram (GString *text, const char *name, const char *labels, Histogram *histogram)
{
  guint64 n = 0;

  for (guint i = 0; i <= N_BOUNDS; i++)
    {
      n += get (&histogram->parts[i]);
      append_part (text, name, labels, i < N_BOUNDS ? bounds[i].seconds : "+Inf", n);
    }

  append_suffixed (text, name, "_sum", labels);
  append_seconds (text, get (&histogram->sum));
  g_string_append_c (text, '\n');
  append_suffixed (text, name, "_count", labels);
  g_string_append_printf (text, "%" G_GUINT64_FORMAT "\n", n);
}

static void
append_timings (ServerMetrics *self, GString *text)
{
  const char *name = NULL;

  for (guint i = 0; i < SERVER_N_TIMINGS; i++)
    {
      if (timings[i].name != NULL)
        append_head (text, &timings[i], "histogram");
      name = timings[i].name != NULL ? timings[i].name : name;
      append_histogram (text, name, timings[i].labels, &self->timings[i]);
    }
}

static void
append_process (ServerMetrics *self, GString *text)
{
  static const Sample build = { "satchel_build_info", "The version that runs.", NULL };
  static const Sample start = { "process_start_time_seconds", "When it was started, in Unix seconds.", NULL };

  append_head (text, &build, "gauge");
  g_string_append (text, "satchel_build_info{version=\"" SATCHEL_VERSION "\"} 1\n");
  append_head (text, &start, "gauge");
  g_string_append (text, "process_start_time_seconds ");
  append_seconds (text, (guint64) self->started);
  g_string_append_c (text, '\n');
}

/**
 * server_metrics_to_text:
 * @self: the metrics
 * @routes: (array length=n_routes): what each route is called
 * @n_routes: how many there are
 *
 * Returns: (transfer full): all of them, in the text format of Prometheus
 */
char *
server_metrics_to_text (ServerMetrics *self, const char *const *routes, guint n_routes)
{
  GString *text = g_string_new (NULL);

  append_process (self, text);
  append_gauges (self, text);
  append_counts (self, text);
  append_answers (self, text, routes, n_routes);
  append_refusals (self, text);
  append_timings (self, text);

  return g_string_free_and_steal (text);
}
