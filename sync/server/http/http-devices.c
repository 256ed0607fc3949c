/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Signing in and out. A wrong name takes as long as a wrong password, and both are counted. */

#include "satchel-config.h"

#include "http-devices.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "http-tries.h"
#include "server/core/server-devices.h"
#include "server/core/server-password.h"
#include "server/operation/server-audit.h"

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

/* ---- What is told of it --------------------------------------------------------------------------- */

static void
audit (HttpRequest *request, const char *event, const char *way, const char *reason, const SatchelWho *who)
{
  server_audit (&(ServerAudit) {
      .event = event,
      .way = way,
      .reason = reason,
      .user = who != NULL ? who->user : NULL,
      .device = who != NULL ? who->device : NULL,
      .address = request->address,
      .request = request->id,
  });
}

/* A commit wakes whoever waits; the device that signed out, or got another token, then finds that it may not. */
static void
touch_devices (const SatchelWho *who, GHashTable *touched)
{
  if (who->user != NULL)
    g_hash_table_add (touched, g_strconcat ("user:", who->user, NULL));
}

/* ---- Signing in ----------------------------------------------------------------------------------- */

/**
 * SignIn:
 * @hash: (nullable): of the password; %NULL: there is no such user, or none was chosen
 * @answer: the JSON of the answer
 */
typedef struct
{
  HttpWork work;
  HttpDevices *devices;
  HttpRequest *request;
  SatchelSignIn *sign_in;
  SatchelWho who;
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
  satchel_who_clear (&self->who);
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

  satchel_server_find_password (server, session, self->sign_in, &self->hash, &self->who, &work->error);

  return self->sign_in->password != NULL ? HTTP_STEP_CHECK : HTTP_STEP_WRITE;
}

static HttpStep
sign_in_check (HttpWork *work)
{
  SignIn *self = (SignIn *) work;

  if (self->sign_in->code != NULL)
    self->hash = satchel_password_hash (self->sign_in->password);
  else if (!satchel_password_verify (self->hash, self->sign_in->password))
    g_set_error (&work->error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_CREDENTIALS,
                 _ ("The name or the password is wrong."));

  return HTTP_STEP_WRITE;
}

static HttpStep
sign_in_write (HttpWork *work, SatchelServer *server, SatchelStoreSession *session, GHashTable *touched)
{
  SignIn *self = (SignIn *) work;

  g_clear_pointer (&self->answer, g_free);
  self->answer = satchel_server_sign_in (server, session, self->sign_in, self->hash, &self->who, &work->error);
  if (self->answer != NULL)
    touch_devices (&self->who, touched);

  return HTTP_STEP_DONE;
}

/* What becomes of an attempt, in the words of the log and for counting. */
static const struct
{
  SatchelServerError code;
  const char *reason;
  ServerCount count;
} failures[] = {
  { SATCHEL_SERVER_ERROR_CREDENTIALS, "credentials", SERVER_COUNT_SIGN_IN_CREDENTIALS },
  { SATCHEL_SERVER_ERROR_CODE,        "code",        SERVER_COUNT_SIGN_IN_CODE        },
  { SATCHEL_SERVER_ERROR_DISABLED,    "disabled",    SERVER_COUNT_SIGN_IN_DISABLED    },
};

static void
tell_refused (HttpDevices *self, HttpRequest *request, const char *reason, ServerCount count, const SatchelWho *who)
{
  server_metrics_count (http_workers_get_metrics (self->workers), count, 1);
  audit (request, "sign-in-refused", NULL, reason, who);
}

static void
tell_failed (SignIn *self)
{
  guint i = 0;

  while (i < G_N_ELEMENTS (failures) &&
         !g_error_matches (self->work.error, SATCHEL_SERVER_ERROR, (int) failures[i].code))
    i++;
  if (i < G_N_ELEMENTS (failures))
    tell_refused (self->devices, self->request, failures[i].reason, failures[i].count, &self->who);
  else
    tell_refused (self->devices, self->request, "failed", SERVER_COUNT_SIGN_IN_FAILED, &self->who);
}

/* Who guesses is wrong: a name, a password, a code. */
static gboolean
is_wrong (const GError *error)
{
  return g_error_matches (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_CREDENTIALS) ||
         g_error_matches (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_CODE);
}

static void
take_back_try (SignIn *self)
{
  http_tries_take_back (self->devices->names, self->name);
  if (self->request->address != NULL)
    http_tries_take_back (self->devices->addresses, self->request->address);
}

static void
sign_in_done (HttpWork *work)
{
  g_autoptr (SignIn) self = (SignIn *) work;
  g_autoptr (GBytes) body = NULL;

  self->devices->n_sign_ins--;
  if (!is_wrong (work->error))
    take_back_try (self);
  if (work->error != NULL)
    {
      tell_failed (self);
      http_request_fail (self->request, work->error);
      return;
    }

  server_metrics_count (http_workers_get_metrics (work->workers), SERVER_COUNT_SIGN_IN_ACCEPTED, 1);
  audit (self->request, "sign-in", self->sign_in->code != NULL ? "code" : "password", NULL, &self->who);
  http_request_set_device (self->request, self->who.device);
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

/* Codes are counted by address. Where that is not known, all of them are one. */
static char *
name_try (HttpRequest *request, const SatchelSignIn *sign_in)
{
  if (sign_in->code == NULL)
    return g_utf8_casefold (sign_in->user, -1);

  return g_strconcat ("code\n", request->address != NULL ? sign_in->code : "", NULL);
}

static void
refuse_busy (HttpDevices *self, HttpRequest *request, guint status, guint seconds)
{
  const HttpRefusal refusal = { status, "busy",
                                status == 429 ? _ ("There were too many attempts to sign in. Please wait a minute.")
                                              : _ ("Too many are signing in just now. Please try again in a moment."),
                                seconds };

  tell_refused (self, request, "limited", SERVER_COUNT_SIGN_IN_LIMITED, NULL);
  http_request_refuse (request, &refusal);
}

static void
start_sign_in (HttpDevices *self, HttpRequest *request, SatchelSignIn *sign_in, char *name)
{
  SignIn *work = g_new0 (SignIn, 1);

  work->work.class = &sign_in_class;
  work->devices = self;
  work->request = http_request_ref (request);
  work->sign_in = sign_in;
  work->name = name;
  self->n_sign_ins++;
  http_request_hold (request);
  http_workers_start (self->workers, &work->work, HTTP_STEP_READ);
}

void
http_devices_sign_in (HttpDevices *self, HttpRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SatchelSignIn) sign_in = satchel_sign_in_parse (request->body, &error);
  g_autofree char *name = NULL;
  guint seconds;

  if (sign_in == NULL)
    {
      tell_refused (self, request, "failed", SERVER_COUNT_SIGN_IN_FAILED, NULL);
      http_request_fail (request, error);
      return;
    }
  if (self->n_sign_ins >= MAX_SIGN_INS)
    {
      refuse_busy (self, request, 503, 5);
      return;
    }
  name = name_try (request, sign_in);
  seconds = count_try (self, request, name);
  if (seconds > 0)
    {
      refuse_busy (self, request, 429, seconds);
      return;
    }

  start_sign_in (self, request, g_steal_pointer (&sign_in), g_steal_pointer (&name));
}

/* ---- What a device does with its token ------------------------------------------------------------ */

/**
 * TokenWork:
 * @answer: (nullable): the JSON of the answer
 */
typedef struct
{
  HttpWork work;
  HttpRequest *request;
  SatchelWho who;
  char *token;
  char *answer;
} TokenWork;

static void
token_work_free (TokenWork *self)
{
  g_clear_error (&self->work.error);
  http_request_unref (self->request);
  satchel_who_clear (&self->who);
  g_free (self->token);
  g_free (self->answer);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TokenWork, token_work_free)

static HttpStep
sign_out_write (HttpWork *work, SatchelServer *server, SatchelStoreSession *session, GHashTable *touched)
{
  TokenWork *self = (TokenWork *) work;

  if (satchel_server_sign_out (server, session, self->token, &self->who, &work->error))
    touch_devices (&self->who, touched);

  return HTTP_STEP_DONE;
}

static void
sign_out_done (HttpWork *work)
{
  g_autoptr (TokenWork) self = (TokenWork *) work;

  http_request_set_device (self->request, self->who.device);
  if (work->error != NULL)
    {
      http_request_fail (self->request, work->error);
      return;
    }

  server_metrics_count (http_workers_get_metrics (work->workers), SERVER_COUNT_SIGN_OUTS, 1);
  audit (self->request, "sign-out", NULL, NULL, &self->who);
  http_request_answer (self->request, 204, NULL, NULL);
}

static const HttpWorkClass sign_out_class = { .write = sign_out_write, .done = sign_out_done };

static HttpStep
renew_write (HttpWork *work, SatchelServer *server, SatchelStoreSession *session, GHashTable *touched)
{
  TokenWork *self = (TokenWork *) work;

  g_clear_pointer (&self->answer, g_free);
  self->answer = satchel_server_renew_token (server, session, self->token, &self->who, &work->error);

  return HTTP_STEP_DONE;
}

static void
renew_done (HttpWork *work)
{
  g_autoptr (TokenWork) self = (TokenWork *) work;
  g_autoptr (GBytes) body = NULL;

  http_request_set_device (self->request, self->who.device);
  if (work->error != NULL)
    {
      http_request_fail (self->request, work->error);
      return;
    }

  server_metrics_count (http_workers_get_metrics (work->workers), SERVER_COUNT_RENEWALS, 1);
  audit (self->request, "token-renewed", NULL, NULL, &self->who);
  body = g_bytes_new (self->answer, strlen (self->answer));
  http_request_answer (self->request, 200, HTTP_JSON, body);
}

static const HttpWorkClass renew_class = { .write = renew_write, .done = renew_done };

static void
start_token_work (HttpDevices *self, HttpRequest *request, const HttpWorkClass *class)
{
  TokenWork *work = g_new0 (TokenWork, 1);

  work->work.class = class;
  work->request = http_request_ref (request);
  work->token = g_strdup (request->head.token);
  http_request_hold (request);
  http_workers_start (self->workers, &work->work, HTTP_STEP_WRITE);
}

void
http_devices_sign_out (HttpDevices *self, HttpRequest *request)
{
  start_token_work (self, request, &sign_out_class);
}

void
http_devices_renew (HttpDevices *self, HttpRequest *request)
{
  start_token_work (self, request, &renew_class);
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
