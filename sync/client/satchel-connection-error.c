/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>
#include <string.h>

#include "satchel-connection-private.h"
#include "wire/satchel-frames.h"

/* What is shown of a server's own sentence. */
#define MAX_MESSAGE 300

#define TOO_MANY_REQUESTS 429

/* ---- Certificates ---- */

static char *
make_fingerprint (GTlsCertificate *certificate)
{
  g_autoptr (GByteArray) der = NULL;
  g_autofree char *hex = NULL;
  GString *text = g_string_new (NULL);

  g_object_get (certificate, "certificate", &der, NULL);
  hex = g_compute_checksum_for_data (G_CHECKSUM_SHA256, der->data, der->len);
  for (const char *pair = hex; *pair != '\0'; pair += 2)
    g_string_append_printf (text, "%s%c%c", pair == hex ? "" : ":", g_ascii_toupper (pair[0]),
                            g_ascii_toupper (pair[1]));

  return g_string_free_and_steal (text);
}

static void
add_reason (GString *reasons, const char *reason)
{
  g_string_append_printf (reasons, "%s%s", reasons->len > 0 ? ", " : "", reason);
}

static char *
format_date (GDateTime *when)
{
  return when != NULL ? g_date_time_format (when, "%F") : g_strdup ("?");
}

static char *
list_reasons (const char *host, GTlsCertificate *certificate, GTlsCertificateFlags flags)
{
  GString *reasons = g_string_new (NULL);
  g_autoptr (GDateTime) until = g_tls_certificate_get_not_valid_after (certificate);
  g_autoptr (GDateTime) from = g_tls_certificate_get_not_valid_before (certificate);
  g_autofree char *until_date = format_date (until);
  g_autofree char *from_date = format_date (from);
  g_autofree char *identity = g_strdup_printf (_ ("it is not for “%s”"), host);
  g_autofree char *expired = g_strdup_printf (_ ("it expired on %s"), until_date);
  g_autofree char *early = g_strdup_printf (_ ("it is not valid before %s"), from_date);

  if (flags & G_TLS_CERTIFICATE_UNKNOWN_CA)
    add_reason (reasons, _ ("no authority that this device trusts has signed it"));
  if (flags & G_TLS_CERTIFICATE_BAD_IDENTITY)
    add_reason (reasons, identity);
  if (flags & G_TLS_CERTIFICATE_EXPIRED)
    add_reason (reasons, expired);
  if (flags & G_TLS_CERTIFICATE_NOT_ACTIVATED)
    add_reason (reasons, early);
  if (flags & G_TLS_CERTIFICATE_REVOKED)
    add_reason (reasons, _ ("it was revoked"));
  if (flags & G_TLS_CERTIFICATE_INSECURE)
    add_reason (reasons, _ ("it is made in an insecure way"));
  if (reasons->len == 0)
    add_reason (reasons, _ ("it cannot be checked"));

  return g_string_free_and_steal (reasons);
}

static const char *
give_advice (GTlsCertificateFlags flags)
{
  if (flags & G_TLS_CERTIFICATE_UNKNOWN_CA)
    return _ (
        "If this is your team’s own server, ask for the file of its certificate authority and connect with that.");
  if (flags & G_TLS_CERTIFICATE_BAD_IDENTITY)
    return _ ("Check the address.");

  return _ ("Check the date of this device, and tell whoever looks after the server.");
}

/* Private: sets UNTRUSTED, naming the certificate. */
void
satchel_sync_error_set_untrusted (GError **error, const char *host, GTlsCertificate *certificate,
                                  GTlsCertificateFlags flags)
{
  g_autofree char *reasons = list_reasons (host, certificate, flags);
  g_autofree char *subject = g_tls_certificate_get_subject_name (certificate);
  g_autofree char *issuer = g_tls_certificate_get_issuer_name (certificate);
  g_autofree char *fingerprint = make_fingerprint (certificate);

  g_set_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_UNTRUSTED,
               _ ("The server at “%s” cannot be trusted: %s. Its certificate is “%s”, issued by “%s”, with the SHA-256 "
                  "fingerprint %s. Nothing was sent to it. %s"),
               host, reasons, subject != NULL ? subject : "?", issuer != NULL ? issuer : "?", fingerprint,
               give_advice (flags));
}

/* ---- No answer ---- */

/* Private: sets NOT_A_SERVER. */
void
satchel_sync_error_set_not_a_server (GError **error, const char *host, const char *detail)
{
  g_set_error (
      error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_NOT_A_SERVER,
      _ ("What answers at “%s” is not a Satchel server: %s. Your work is safe on this device; check the address."),
      host, detail);
}

/* Private: sets UNREACHABLE, or what the transport's failure means otherwise. */
void
satchel_sync_error_set_transport (GError **error, const char *host, GError *reason)
{
  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED) || reason->domain == SATCHEL_SYNC_ERROR)
    {
      g_propagate_error (error, reason);
      return;
    }

  /* A server that dies before it greets looks the same as one that never speaks TLS. */
  if (g_error_matches (reason, G_TLS_ERROR, G_TLS_ERROR_NOT_TLS))
    g_set_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_UNREACHABLE,
                 _ ("What answers at “%s” ended the connection before it was secure: it is starting, or it is not a "
                    "Satchel server. Your work is safe on this device and will be sent when there is a connection."),
                 host);
  else
    g_set_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_UNREACHABLE,
                 _ ("The server at “%s” cannot be reached (%s). Your work is safe on this device and will be sent when "
                    "there is a connection."),
                 host, reason->message);
  g_error_free (reason);
}

/* ---- Answers that are refusals ---- */

typedef struct
{
  char *code;
  char *message;
} Refusal;

static void
refusal_clear (Refusal *self)
{
  g_clear_pointer (&self->code, g_free);
  g_clear_pointer (&self->message, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Refusal, refusal_clear)

/* One line, not endless: it is shown to a person. */
static char *
tidy_message (const char *message)
{
  g_autofree char *line = g_strdelimit (g_strdup (message), "\r\n\t", ' ');

  return g_utf8_strlen (line, -1) > MAX_MESSAGE ? g_utf8_substring (line, 0, MAX_MESSAGE) : g_steal_pointer (&line);
}

static gboolean
read_refusal (const SatchelReply *reply, Refusal *refusal)
{
  gsize length;
  const char *text = g_bytes_get_data (reply->body, &length);
  g_autoptr (JsonNode) node = NULL;
  JsonNode *inner;

  if (g_strcmp0 (reply->media_type, "application/json") != 0)
    return FALSE;
  node = satchel_json_parse (text, length, SATCHEL_JSON_MAX_DEPTH, NULL);
  inner = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_object_get_member (json_node_get_object (node), "error")
                                                        : NULL;
  if (inner == NULL || !JSON_NODE_HOLDS_OBJECT (inner))
    return FALSE;

  refusal->code = g_strdup (json_object_get_string_member_with_default (json_node_get_object (inner), "code", NULL));
  refusal->message = tidy_message (
      json_object_get_string_member_with_default (json_node_get_object (inner), "message", ""));

  return refusal->code != NULL;
}

static void
set_busy (GError **error, const char *host, const SatchelReply *reply)
{
  if (reply->retry_after > 0)
    g_set_error (
        error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_BUSY,
        _ ("The server at “%s” is busy and asks to come back in %d seconds. Your work is safe on this device and "
           "will be sent then."),
        host, reply->retry_after);
  else
    g_set_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_BUSY,
                 _ ("The server at “%s” is busy. Your work is safe on this device and will be sent later."), host);
}

/* What a proxy before the server says, or the server in distress; no body needed. */
static gboolean
explain_distress (const char *host, const SatchelReply *reply, GError **error)
{
  switch (reply->status)
    {
    case TOO_MANY_REQUESTS:
    case SOUP_STATUS_SERVICE_UNAVAILABLE:
      set_busy (error, host, reply);
      return TRUE;
    case SOUP_STATUS_BAD_GATEWAY:
    case SOUP_STATUS_GATEWAY_TIMEOUT:
      g_set_error (
          error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_UNREACHABLE,
          _ ("The server behind “%s” does not answer (status %u). Your work is safe on this device and will be "
             "sent when it is back."),
          host, reply->status);
      return TRUE;
    default:
      return FALSE;
    }
}

static SatchelSyncError
classify_refusal (const SatchelReply *reply, const Refusal *refusal)
{
  if (strcmp (refusal->code, "credentials") == 0 || strcmp (refusal->code, "code") == 0)
    return SATCHEL_SYNC_ERROR_CREDENTIALS;
  if (strcmp (refusal->code, "protocol") == 0)
    return SATCHEL_SYNC_ERROR_VERSION;
  if (reply->status == SOUP_STATUS_UNAUTHORIZED)
    return SATCHEL_SYNC_ERROR_SIGNED_OUT;
  if (reply->status == SOUP_STATUS_FORBIDDEN || reply->status == SOUP_STATUS_NOT_FOUND)
    return SATCHEL_SYNC_ERROR_REFUSED;
  if (reply->status >= 500 && reply->status != SOUP_STATUS_NOT_IMPLEMENTED)
    return SATCHEL_SYNC_ERROR_BUSY;

  return SATCHEL_SYNC_ERROR_PROTOCOL;
}

static const char *
get_sentence (SatchelSyncError code)
{
  switch ((int) code)
    {
    case SATCHEL_SYNC_ERROR_CREDENTIALS:
      return _ ("The name or the password is wrong. Nothing was changed; try again.");
    case SATCHEL_SYNC_ERROR_VERSION:
      return _ ("The server speaks another version of the protocol. Your work is safe on this device; Satchel or the "
                "server must be updated.");
    case SATCHEL_SYNC_ERROR_SIGNED_OUT:
      return _ ("The server does not know this device any more, or its sign-in has expired. Your work is safe on this "
                "device; sign in again to send it.");
    case SATCHEL_SYNC_ERROR_REFUSED:
      return _ ("The server refuses this. Your work is safe on this device; ask whoever looks after the server.");
    case SATCHEL_SYNC_ERROR_BUSY:
      return _ ("Something went wrong in the server. Your work is safe on this device and will be sent later.");
    default:
      return _ ("The server does not understand what this device sent. Your work is safe on this device; tell whoever "
                "looks after the server.");
    }
}

static void
explain_refusal (const SatchelReply *reply, const Refusal *refusal, GError **error)
{
  SatchelSyncError code = classify_refusal (reply, refusal);

  if (strcmp (refusal->code, "code") == 0)
    g_set_error (error, SATCHEL_SYNC_ERROR, code,
                 _ ("This code is wrong, was used already, or has expired. Nothing was changed; ask for a new one."));
  else if (code == SATCHEL_SYNC_ERROR_CREDENTIALS || *refusal->message == '\0')
    g_set_error_literal (error, SATCHEL_SYNC_ERROR, code, get_sentence (code));
  else
    g_set_error (error, SATCHEL_SYNC_ERROR, code, _ ("%s The server says: %s"), get_sentence (code), refusal->message);
}

static void
explain_redirection (const char *host, const SatchelReply *reply, GError **error)
{
  g_autofree char *detail = reply->location != NULL
                                ? g_strdup_printf (_ ("it sends on to “%s”, which Satchel does not follow"),
                                                   reply->location)
                                : g_strdup (_ ("it sends on to another address, which Satchel does not follow"));

  satchel_sync_error_set_not_a_server (error, host, detail);
}

static void
explain_status (const char *host, const SatchelReply *reply, GError **error)
{
  g_auto (Refusal) refusal = { 0 };
  g_autofree char *detail = NULL;

  if (explain_distress (host, reply, error))
    return;
  if (reply->status >= 300 && reply->status < 400)
    explain_redirection (host, reply, error);
  else if (reply->status >= 400 && read_refusal (reply, &refusal))
    explain_refusal (reply, &refusal, error);
  else
    {
      detail = g_strdup_printf (_ ("it answers with the status %u"), reply->status);
      satchel_sync_error_set_not_a_server (error, host, detail);
    }
}

/* Private: see the header. */
gboolean
satchel_connection_check_reply (SatchelConnection *self, const SatchelReply *reply, guint status,
                                const char *media_type, GError **error)
{
  g_autofree char *host = satchel_address_get_host (satchel_connection_get_server (self));
  g_autofree char *detail = NULL;

  if (reply->status != status)
    {
      explain_status (host, reply, error);
      return FALSE;
    }
  if (media_type != NULL && g_strcmp0 (reply->media_type, media_type) != 0)
    {
      detail = g_strdup_printf (_ ("it answers with “%s”"), reply->media_type != NULL ? reply->media_type : "?");
      satchel_sync_error_set_not_a_server (error, host, detail);
      return FALSE;
    }

  return TRUE;
}
