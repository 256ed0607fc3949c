/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Signing in and out. A wrong name takes as long as a wrong password, and both are counted. */

#include "satchel-config.h"

#include "http-devices.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "http-tries.h"
#include "server/core/server-devices.h"
#include "server/core/server-password.h"

#define MOST_TRIES 10
#define TRIES_SECONDS 60
#define MAX_SIGN_INS 64

struct _HttpDevices
{
  HttpWorkers *workers;
  HttpTries *names;
  HttpTries *addresses;
  guint n_sign_ins;
};

/* ---- Signing in ----------------------------------------------------------------------------------- */

/**
 * SignIn:
 * @hash: (nullable): of the password; %NULL: there is no such user
 * @answer: the JSON of the answer
 */
typedef struct
{
  HttpWork work;
  HttpDevices *devices;
  HttpRequest *request;
  SatchelSignIn *sign_in;
  char *name;
  char *hash;
  char *answer;
} SignIn;

static void
sign_in_free (SignIn *self)
{
  g_clear_error (&self->work.error);
  http_request_unref (self->request);
  g_clear_pointer (&self->sign_in, satchel_sign_in_free);
  g_free (self->name);
  g_free (self->hash);
  g_free (self->answer);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SignIn, sign_in_free)

static HttpStep
sign_in_read (HttpWork *work, SatchelServer *server, SatchelStoreSession *session)
{
  SignIn *self = (SignIn *) work;

  satchel_server_find_password (server, session, self->sign_in, &self->hash, &work->error);

  return HTTP_STEP_CHECK;
}

static HttpStep
sign_in_check (HttpWork *work)
{
  SignIn *self = (SignIn *) work;

  if (!satchel_password_verify (self->hash, self->sign_in->password))
    g_set_error (&work->error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_CREDENTIALS,
                 _ ("The name or the password is wrong."));

  return HTTP_STEP_WRITE;
}

static HttpStep
sign_in_write (HttpWork *work, SatchelServer *server, SatchelStoreSession *session, GHashTable *touched)
{
  SignIn *self = (SignIn *) work;

  g_clear_pointer (&self->answer, g_free);
  self->answer = satchel_server_sign_in (server, session, self->sign_in, self->hash, &work->error);

  return HTTP_STEP_DONE;
}

static void
sign_in_done (HttpWork *work)
{
  g_autoptr (SignIn) self = (SignIn *) work;
  g_autoptr (GBytes) body = NULL;

  self->devices->n_sign_ins--;
  if (!g_error_matches (work->error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_CREDENTIALS))
    {
      http_tries_take_back (self->devices->names, self->name);
      if (self->request->address != NULL)
        http_tries_take_back (self->devices->addresses, self->request->address);
    }
  if (work->error != NULL)
    {
      http_request_fail (self->request, work->error);
      return;
    }

  body = g_bytes_new (self->answer, strlen (self->answer));
  http_request_answer (self->request, 201, HTTP_JSON, body);
}

static const HttpWorkClass sign_in_class = { sign_in_read, sign_in_check, sign_in_write, sign_in_done };

/* Both count, so that neither many names from one address nor many addresses for one name get far. */
static guint
count_try (HttpDevices *self, HttpRequest *request, const char *name)
{
  gint64 now = g_get_monotonic_time ();
  guint seconds = request->address != NULL ? http_tries_add (self->addresses, request->address, now) : 0;

  if (seconds > 0)
    return seconds;

  seconds = http_tries_add (self->names, name, now);
  if (seconds > 0 && request->address != NULL)
    http_tries_take_back (self->addresses, request->address);

  return seconds;
}

static void
refuse_busy (HttpRequest *request, guint status, guint seconds)
{
  const HttpRefusal refusal = { status, "busy",
                                status == 429 ? _ ("There were too many attempts to sign in. Please wait a minute.")
                                              : _ ("Too many are signing in just now. Please try again in a moment."),
                                seconds, FALSE };

  http_request_refuse (request, &refusal);
}

void
http_devices_sign_in (HttpDevices *self, HttpRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelSignIn) sign_in = satchel_sign_in_parse (request->body, &error);
  g_autofree char *name = NULL;
  SignIn *work;
  guint seconds;

  if (sign_in == NULL)
    {
      http_request_fail (request, error);
      return;
    }
  if (self->n_sign_ins >= MAX_SIGN_INS)
    {
      refuse_busy (request, 503, 5);
      return;
    }
  name = g_utf8_casefold (sign_in->user, -1);
  seconds = count_try (self, request, name);
  if (seconds > 0)
    {
      refuse_busy (request, 429, seconds);
      return;
    }

  work = g_new0 (SignIn, 1);
  work->work.class = &sign_in_class;
  work->devices = self;
  work->request = http_request_ref (request);
  work->sign_in = g_steal_pointer (&sign_in);
  work->name = g_steal_pointer (&name);
  self->n_sign_ins++;
  http_request_hold (request);
  http_workers_start (self->workers, &work->work, HTTP_STEP_READ);
}

/* ---- Signing out ---------------------------------------------------------------------------------- */

typedef struct
{
  HttpWork work;
  HttpRequest *request;
  char *token;
} SignOut;

static HttpStep
sign_out_write (HttpWork *work, SatchelServer *server, SatchelStoreSession *session, GHashTable *touched)
{
  satchel_server_sign_out (server, session, ((SignOut *) work)->token, &work->error);

  return HTTP_STEP_DONE;
}

static void
sign_out_done (HttpWork *work)
{
  SignOut *self = (SignOut *) work;

  if (work->error != NULL)
    http_request_fail (self->request, work->error);
  else
    http_request_answer (self->request, 204, NULL, NULL);

  g_clear_error (&work->error);
  http_request_unref (self->request);
  g_free (self->token);
  g_free (self);
}

static const HttpWorkClass sign_out_class = { .write = sign_out_write, .done = sign_out_done };

void
http_devices_sign_out (HttpDevices *self, HttpRequest *request)
{
  SignOut *work = g_new0 (SignOut, 1);

  work->work.class = &sign_out_class;
  work->request = http_request_ref (request);
  work->token = g_strdup (request->head.token);
  http_request_hold (request);
  http_workers_start (self->workers, &work->work, HTTP_STEP_WRITE);
}

/* ---- All of it ------------------------------------------------------------------------------------ */

HttpDevices *
http_devices_new (HttpWorkers *workers)
{
  HttpDevices *self = g_new0 (HttpDevices, 1);

  self->workers = workers;
  self->names = http_tries_new (MOST_TRIES, TRIES_SECONDS);
  self->addresses = http_tries_new (MOST_TRIES, TRIES_SECONDS);

  return self;
}

void
http_devices_free (HttpDevices *self)
{
  http_tries_free (self->names);
  http_tries_free (self->addresses);
  g_free (self);
}
