/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How the server says no: the table of errors in PROTOCOL.md. */

#include "satchel-config.h"

#include "http-answer.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <libsoup/soup.h>
#include <string.h>

#include "server/core/server-core.h"
#include "wire/satchel-frames.h"

#define RETRY_SECONDS 5
/* Somebody has to come and make room, or mend the disk. */
#define REPAIR_SECONDS 60

static const struct
{
  guint status;
  const char *code;
} answers[] = {
  [SATCHEL_SERVER_ERROR_MALFORMED] = { 400, "malformed"   },
    [SATCHEL_SERVER_ERROR_LIMITS] = { 400, "limits"      },
  [SATCHEL_SERVER_ERROR_PROTOCOL] = { 400, "protocol"    },
    [SATCHEL_SERVER_ERROR_CREDENTIALS] = { 401, "credentials" },
  [SATCHEL_SERVER_ERROR_CODE] = { 401, "code"        },
    [SATCHEL_SERVER_ERROR_TOKEN] = { 401, "token"       },
  [SATCHEL_SERVER_ERROR_DISABLED] = { 403, "disabled"    },
    [SATCHEL_SERVER_ERROR_PERMISSION] = { 403, "permission"  },
  [SATCHEL_SERVER_ERROR_NOT_FOUND] = { 404, "not_found"   },
    [SATCHEL_SERVER_ERROR_BUSY] = { 503, "busy"        },
  [SATCHEL_SERVER_ERROR_INTERNAL] = { 500, "internal"    },
};

static gboolean
is_disk_trouble (const GError *error)
{
  return g_error_matches (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_FULL) ||
         g_error_matches (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_DISK);
}

HttpRefusal
http_refusal_from_error (const GError *error)
{
  if (is_disk_trouble (error))
    return (HttpRefusal) { 503, "busy",
                           _ ("The server can store nothing at the moment. Nothing is lost; please try again later."),
                           REPAIR_SECONDS, FALSE };
  if (g_error_matches (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_CORRUPT))
    return (
        HttpRefusal) { 500, "internal",
                       _ ("Something that the server keeps is damaged. Nothing of yours is lost; please tell whoever "
                          "runs the server."),
                       0, FALSE };

  if (g_error_matches (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_BUSY) ||
      g_error_matches (error, SATCHEL_STORE_ERROR, SATCHEL_STORE_ERROR_AGAIN) ||
      g_error_matches (error, SATCHEL_SERVER_ERROR, SATCHEL_SERVER_ERROR_BUSY))
    return (HttpRefusal) { 503, "busy", _ ("The server is busy. Nothing is lost; please try again in a moment."),
                           RETRY_SECONDS, FALSE };

  if (error->domain == SATCHEL_SERVER_ERROR && error->code != SATCHEL_SERVER_ERROR_INTERNAL)
    return (HttpRefusal) { answers[error->code].status, answers[error->code].code, error->message, 0, FALSE };

  return (HttpRefusal) { 500, "internal",
                         _ ("Something went wrong in the server. Nothing is lost; please try again later."), 0, FALSE };
}

gboolean
http_error_is_for_log (const GError *error)
{
  return is_disk_trouble (error) || http_refusal_from_error (error).status == 500;
}

static JsonArray *
list_versions (void)
{
  JsonArray *versions = json_array_new ();

  json_array_add_int_element (versions, SATCHEL_PROTOCOL_VERSION);

  return versions;
}

GBytes *
http_refusal_to_json (const HttpRefusal *refusal)
{
  g_autoptr (JsonObject) outer = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  JsonObject *inner = json_object_new ();
  char *text;

  json_object_set_string_member (inner, "code", refusal->code);
  json_object_set_string_member (inner, "message", refusal->message);
  if (strcmp (refusal->code, "protocol") == 0)
    json_object_set_array_member (inner, "supported", list_versions ());
  if (*refusal->request != '\0')
    json_object_set_string_member (inner, "request", refusal->request);
  json_object_set_object_member (outer, "error", inner);
  node = json_node_init_object (json_node_alloc (), outer);
  text = json_to_string (node, FALSE);

  return g_bytes_new_take (text, strlen (text));
}

GBytes *
http_refusal_to_answer (const HttpRefusal *refusal)
{
  g_autoptr (GBytes) json = http_refusal_to_json (refusal);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *date = soup_date_time_to_string (now, SOUP_DATE_HTTP);
  GString *answer = g_string_new (NULL);

  g_string_printf (answer,
                   "HTTP/1.1 %u %s\r\nDate: %s\r\nConnection: close\r\nContent-Type: " HTTP_JSON
                   "\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n",
                   refusal->status, soup_status_get_phrase (refusal->status), date, g_bytes_get_size (json));
  if (*refusal->request != '\0')
    g_string_append_printf (answer, HTTP_REQUEST_ID_HEADER ": %s\r\n", refusal->request);
  if (refusal->retry_after > 0)
    g_string_append_printf (answer, "Retry-After: %u\r\n", refusal->retry_after);
  if (refusal->status == 401)
    g_string_append (answer, "WWW-Authenticate: Bearer\r\n");
  g_string_append (answer, "\r\n");
  if (!refusal->bodiless)
    g_string_append_len (answer, g_bytes_get_data (json, NULL), (gssize) g_bytes_get_size (json));

  return g_string_free_to_bytes (answer);
}
