/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "http-request.h"
#include "http-workers.h"

G_BEGIN_DECLS

/**
 * HttpDevices: signing in, and the limits to trying.
 */
typedef struct _HttpDevices HttpDevices;

HttpDevices *http_devices_new (HttpWorkers *workers);
void http_devices_free (HttpDevices *self); /* after the workers */

/* Answers a `POST /v1/devices`. */
void http_devices_sign_in (HttpDevices *self, HttpRequest *request);
/* Answers a `DELETE /v1/devices/self`. */
void http_devices_sign_out (HttpDevices *self, HttpRequest *request);
/* Answers a `POST /v1/devices/self/token`. */
void http_devices_renew (HttpDevices *self, HttpRequest *request);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpDevices, http_devices_free)

G_END_DECLS
