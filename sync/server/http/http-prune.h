/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "http-workers.h"

G_BEGIN_DECLS

/**
 * HttpPrune: lets go of what was kept long enough, now and then while the server serves.
 */
typedef struct _HttpPrune HttpPrune;

HttpPrune *http_prune_new (HttpWorkers *workers);
/* Before the workers are freed. */
void http_prune_free (HttpPrune *self);

G_END_DECLS
