/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "http-answer.h"
#include "http-connection.h"
#include "server/operation/server-metrics.h"

G_BEGIN_DECLS

typedef struct _HttpRequest HttpRequest;

/* The request is over: answered, or its client is gone. */
typedef void (*HttpRequestEndFunc) (HttpRequest *request, gpointer data);

/**
 * HttpRequest: a request from the moment that it is whole, and its answer. It outlives its client. For one thread.
 * @connection: whose phases follow the answer
 * @id: what a person may quote, and the log has
 * @device: (nullable): whose it turned out to be
 * @written: the whole answer is on its way
 * @closing: the connection ends after the answer
 */
struct _HttpRequest
{
  grefcount refs;
  SoupServerMessage *message; /* NULL: over */
  HttpConnection *connection;
  HttpHead head;
  GBytes *body;
  char *address; /* nullable: whose tries are counted */
  guint number;
  char id[HTTP_REQUEST_ID_BYTES];
  char *device;
  ServerMetrics *metrics;
  gint64 began;
  guint status;
  gboolean paused;
  gboolean written;
  gboolean closing;

  HttpRequestEndFunc end_func;
  gpointer end_data;
  HttpRequestEndFunc gone_func;
  gpointer gone_data;
};

/* @metrics must live as long. */
HttpRequest *http_request_new (SoupServerMessage *message, HttpConnection *connection, guint number,
                               ServerMetrics *metrics);
/* What the number stands for outside of this process. */
void http_request_name (guint number, char id[HTTP_REQUEST_ID_BYTES]);
void http_request_set_device (HttpRequest *self, const char *device);
HttpRequest *http_request_ref (HttpRequest *self);
void http_request_unref (HttpRequest *self);
gboolean http_request_is_open (HttpRequest *self); /* neither answered nor gone */
void http_request_hold (HttpRequest *self); /* until it is answered */
/* Answers; what is answered already, or gone, stays as it is. */
void http_request_answer (HttpRequest *self, guint status, const char *media_type, GBytes *body);
void http_request_refuse (HttpRequest *self, const HttpRefusal *refusal);
void http_request_fail (HttpRequest *self, const GError *error);
/* Its client is gone, though libsoup has not seen it. */
void http_request_abandon (HttpRequest *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpRequest, http_request_unref)

G_END_DECLS
