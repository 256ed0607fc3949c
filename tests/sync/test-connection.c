/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib/gstdio.h>
#include <string.h>

#include "client/satchel-connection-private.h"
#include "client/satchel-errand.h"
#include "fake-server.h"
#include "wire/satchel-frames.h"

#define DAY (24 * 60 * 60)

/* Made once: keys are slow. */
typedef struct
{
  char *folder;
  char *ca_file;
  char *other_ca_file;
  TestCertificate *authority;
  TestCertificate *server;
} Fixture;

static Fixture fixture;

static GBytes *
make_bytes (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

static SatchelConnection *
connect_to (FakeServer *server, const char *ca_file)
{
  g_autoptr (GError) error = NULL;
  SatchelConnection *connection = satchel_connection_new (fake_server_get_address (server), ca_file, &error);

  g_assert_no_error (error);

  return connection;
}

static GBytes *
sync_once (SatchelConnection *connection, GError **error)
{
  g_autoptr (GBytes) request = make_bytes ("request");

  return satchel_connection_sync (connection, request, 0, NULL, error);
}

static void
assert_fails (FakeServer *server, SatchelSyncError code, const char *word)
{
  g_autoptr (SatchelConnection) connection = connect_to (server, fixture.ca_file);
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GError) error = NULL;

  answer = sync_once (connection, &error);
  g_assert_null (answer);
  g_assert_error (error, SATCHEL_SYNC_ERROR, (int) code);
  if (word != NULL && strstr (error->message, word) == NULL)
    g_error ("“%s” does not say “%s”", error->message, word);
}

/* ---- Addresses ---- */

static void
test_addresses_taken (void)
{
  static const struct
  {
    const char *text, *normal;
  } cases[] = {
    { "https://crm.example.org",       "https://crm.example.org"      },
    { "https://crm.example.org/",      "https://crm.example.org"      },
    { "https://CRM.Example.org:8443/", "https://crm.example.org:8443" },
    { "HTTPS://crm.example.org",       "https://crm.example.org"      },
    { "https://crm.example.org:443",   "https://crm.example.org"      },
    { "crm.example.org",               "https://crm.example.org"      },
    { "  crm.example.org:8443 ",       "https://crm.example.org:8443" },
    { "127.0.0.1:8443",                "https://127.0.0.1:8443"       },
    { "[::1]:8443",                    "https://[::1]:8443"           },
    { "localhost:8443",                "https://localhost:8443"       },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *normal = satchel_address_normalise (cases[i].text, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (normal, ==, cases[i].normal);
    }
}

static void
test_addresses_refused (void)
{
  static const char *const texts[] = {
    "",
    "   ",
    "https://",
    "http://crm.example.org",
    "http://127.0.0.1:8443",
    "ftp://crm.example.org",
    "https://user:pass@crm.example.org",
    "https://crm.example.org/path",
    "https://crm.example.org/?q=1",
    "https://crm.example.org/#x",
    "crm.example.org:99999",
    "crm.example.org:0",
    "not an address",
    "://",
    "https:///x",
    "crm.example.org:port",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (SatchelConnection) connection = satchel_connection_new (texts[i], NULL, &error);

      if (connection != NULL)
        g_error ("“%s” was taken for an address", texts[i]);
      g_assert_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_ADDRESS);
    }
}

/* ---- What is sent and what comes back ---- */

static void
answer_well (FakeServer *server, SoupServerMessage *message, gpointer data)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  SoupMessageBody *body = soup_server_message_get_request_body (message);

  g_assert_cmpstr (soup_server_message_get_method (message), ==, "POST");
  g_assert_cmpstr (g_uri_get_path (soup_server_message_get_uri (message)), ==, "/v1/sync");
  g_assert_cmpstr (soup_message_headers_get_one (headers, "Authorization"), ==, "Bearer secret");
  g_assert_cmpstr (soup_message_headers_get_content_type (headers, NULL), ==, SATCHEL_FRAMES_MEDIA_TYPE);
  g_assert_cmpint (soup_message_headers_get_content_length (headers), ==, 7);
  g_assert_null (soup_message_headers_get_list (headers, "Accept-Encoding"));
  g_assert_null (soup_message_headers_get_list (headers, "Transfer-Encoding"));
  g_assert_null (soup_message_headers_get_list (headers, "Range"));
  g_assert_cmpmem (body->data, body->length, "request", 7);
  fake_server_answer (message, 200, SATCHEL_FRAMES_MEDIA_TYPE, "answer", 6);
}

static void
test_exchange (void)
{
  g_autoptr (FakeServer) server = fake_server_new (fixture.server, answer_well, NULL);
  g_autoptr (SatchelConnection) connection = connect_to (server, fixture.ca_file);

  satchel_connection_set_token (connection, "secret");
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) answer = sync_once (connection, &error);

      g_assert_no_error (error);
      g_assert_cmpmem (g_bytes_get_data (answer, NULL), g_bytes_get_size (answer), "answer", 6);
    }

  g_assert_cmpuint (fake_server_count_requests (server), ==, 5);
  g_assert_cmpuint (fake_server_count_connections (server), ==, 1);
}

/* The wire stays open whichever thread the next request comes from. */
static void
test_errands (void)
{
  g_autoptr (FakeServer) server = fake_server_new (fixture.server, answer_well, NULL);
  g_autoptr (SatchelConnection) connection = connect_to (server, fixture.ca_file);
  g_autoptr (GBytes) request = make_bytes ("request");

  satchel_connection_set_token (connection, "secret");
  for (guint i = 0; i < 5; i++)
    {
      SatchelErrand *errand = satchel_errand_new (connection, request, 0, NULL, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) answer = satchel_errand_finish (errand, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (g_bytes_get_size (answer), ==, 6);
    }

  g_assert_cmpuint (fake_server_count_connections (server), ==, 1);
}

static void
answer_and_hang_up (FakeServer *server, SoupServerMessage *message, gpointer data)
{
  static const char raw[] = "HTTP/1.1 200 OK\r\nContent-Type: " SATCHEL_FRAMES_MEDIA_TYPE
                            "\r\nContent-Length: 6\r\n\r\nanswer";

  fake_server_answer_raw (message, raw, strlen (raw));
}

/* A server may close a wire that it has kept for a while: that is no failure. */
static void
test_kept_wire_is_closed (void)
{
  g_autoptr (FakeServer) server = fake_server_new (fixture.server, answer_and_hang_up, NULL);
  g_autoptr (SatchelConnection) connection = connect_to (server, fixture.ca_file);

  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) answer = sync_once (connection, &error);

      g_assert_no_error (error);
    }
}

static void
hold (FakeServer *server, SoupServerMessage *message, gpointer data)
{
  soup_server_message_pause (message);
}

static void
test_cancel (void)
{
  g_autoptr (FakeServer) server = fake_server_new (fixture.server, hold, NULL);
  g_autoptr (SatchelConnection) connection = connect_to (server, fixture.ca_file);
  g_autoptr (GBytes) request = make_bytes ("request");
  SatchelErrand *errand = satchel_errand_new (connection, request, 55, NULL, NULL);
  g_autoptr (GError) error = NULL;

  fake_server_wait_for (server, 1);
  g_assert_false (satchel_errand_has_arrived (errand));
  satchel_errand_cancel (errand);
  g_assert_null (satchel_errand_finish (errand, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* ---- Trust ---- */

static char *
make_fingerprint (const TestCertificate *certificate)
{
  g_autoptr (GTlsCertificate) loaded = test_certificate_load (certificate);
  g_autoptr (GByteArray) der = NULL;
  g_autofree char *hex = NULL;
  GString *text = g_string_new (NULL);

  g_object_get (loaded, "certificate", &der, NULL);
  hex = g_compute_checksum_for_data (G_CHECKSUM_SHA256, der->data, der->len);
  for (guint i = 0; hex[i] != '\0'; i += 2)
    g_string_append_printf (text, "%s%c%c", i > 0 ? ":" : "", g_ascii_toupper (hex[i]), g_ascii_toupper (hex[i + 1]));

  return g_string_free_and_steal (text);
}

static void
assert_untrusted (const TestCertificate *certificate, const char *ca_file, const char *reason)
{
  g_autoptr (FakeServer) server = fake_server_new (certificate, answer_well, NULL);
  g_autoptr (SatchelConnection) connection = connect_to (server, ca_file);
  g_autofree char *fingerprint = make_fingerprint (certificate);
  g_autofree char *subject = g_strdup_printf ("CN=%s", certificate->name);
  g_autoptr (GError) error = NULL;

  g_assert_null (sync_once (connection, &error));
  g_assert_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_UNTRUSTED);
  g_assert_nonnull (strstr (error->message, reason));
  g_assert_nonnull (strstr (error->message, fingerprint));
  g_assert_nonnull (strstr (error->message, subject));
  g_assert_nonnull (strstr (error->message, "CN=Satchel test authority"));
  g_assert_cmpuint (fake_server_count_requests (server), ==, 0);
}

static void
test_unknown_authority (void)
{
  assert_untrusted (fixture.server, NULL, "no authority that this device trusts");
  assert_untrusted (fixture.server, fixture.other_ca_file, "no authority that this device trusts");
}

static void
test_bad_host (void)
{
  g_autoptr (TestCertificate) certificate = test_certificate_new (fixture.authority, "crm.example.org", -DAY, DAY);

  assert_untrusted (certificate, fixture.ca_file, "it is not for “127.0.0.1”");
}

static void
test_expired (void)
{
  g_autoptr (TestCertificate) certificate = test_certificate_new (fixture.authority, "127.0.0.1", -2 * DAY, -DAY);

  assert_untrusted (certificate, fixture.ca_file, "it expired on");
}

static void
test_not_yet_valid (void)
{
  g_autoptr (TestCertificate) certificate = test_certificate_new (fixture.authority, "127.0.0.1", DAY, 2 * DAY);

  assert_untrusted (certificate, fixture.ca_file, "it is not valid before");
}

static void
test_missing_ca_file (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (satchel_connection_new ("127.0.0.1", "/nowhere/ca.pem", &error));
  g_assert_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_UNTRUSTED);
  g_assert_nonnull (strstr (error->message, "/nowhere/ca.pem"));
}

/* ---- Not a server of ours ---- */

static void
test_nobody (void)
{
  FakeServer *server = fake_server_new (fixture.server, answer_well, NULL);
  g_autoptr (SatchelConnection) connection = connect_to (server, fixture.ca_file);
  g_autoptr (GError) error = NULL;

  fake_server_free (server);
  g_assert_null (sync_once (connection, &error));
  g_assert_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_UNREACHABLE);
}

static void
test_unknown_host (void)
{
  g_autoptr (SatchelConnection) connection = satchel_connection_new ("nowhere.invalid", NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (sync_once (connection, &error));
  g_assert_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_UNREACHABLE);
}

/* Answers whatever it is sent with a line of its own, as a mail server or plain HTTP would. */
static gboolean
greet_cb (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
  static const char greeting[] = "220 mail.example.org ready\r\n";

  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), greeting, strlen (greeting),
                             NULL, NULL, NULL);

  return FALSE;
}

static void
test_no_tls (void)
{
  g_autoptr (GSocketService) service = g_threaded_socket_service_new (1);
  guint port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (service), NULL, NULL);
  g_autofree char *address = g_strdup_printf ("127.0.0.1:%u", port);
  g_autoptr (SatchelConnection) connection = satchel_connection_new (address, NULL, NULL);
  g_autoptr (GBytes) request = make_bytes ("request");
  SatchelErrand *errand;
  g_autoptr (GError) error = NULL;

  g_signal_connect (service, "run", G_CALLBACK (greet_cb), NULL);
  errand = satchel_errand_new (connection, request, 0, NULL, NULL);
  while (!satchel_errand_has_arrived (errand))
    g_main_context_iteration (NULL, FALSE);
  g_assert_null (satchel_errand_finish (errand, &error));
  g_assert_true (error->domain == SATCHEL_SYNC_ERROR);
  g_assert_true (error->code == SATCHEL_SYNC_ERROR_NOT_A_SERVER || error->code == SATCHEL_SYNC_ERROR_UNREACHABLE);
  g_socket_service_stop (service);
}

typedef struct
{
  guint status;
  const char *media_type;
  const char *body;
  const char *header;
  const char *value;
} Scripted;

static void
answer_scripted (FakeServer *server, SoupServerMessage *message, gpointer data)
{
  const Scripted *scripted = data;

  if (scripted->header != NULL)
    soup_message_headers_replace (soup_server_message_get_response_headers (message), scripted->header,
                                  scripted->value);
  fake_server_answer (message, scripted->status, scripted->media_type, scripted->body, strlen (scripted->body));
}

static void
assert_scripted (const Scripted *scripted, SatchelSyncError code, const char *word)
{
  g_autoptr (FakeServer) server = fake_server_new (fixture.server, answer_scripted, (gpointer) scripted);

  assert_fails (server, code, word);
  g_assert_cmpuint (fake_server_count_requests (server), ==, 1);
}

static void
test_other_servers (void)
{
  static const Scripted page = { 200, "text/html", "<html>Welcome</html>", NULL, NULL };
  static const Scripted json = { 200, "application/json", "{}", NULL, NULL };
  static const Scripted missing = { 404, "text/html", "<html>No such page</html>", NULL, NULL };
  static const Scripted forbidden = { 403, "text/html", "<html>Forbidden</html>", NULL, NULL };
  static const Scripted password = { 401, "text/html", "Password?", "WWW-Authenticate", "Basic realm=\"x\"" };
  static const Scripted strange = { 401, "application/json", "{\"oops\":true}", NULL, NULL };
  static const Scripted moved = { 302, "text/html", "", "Location", "https://elsewhere.example.org/" };
  static const Scripted moved_for_good = { 308, "text/html", "", "Location", "/login" };

  assert_scripted (&page, SATCHEL_SYNC_ERROR_NOT_A_SERVER, "text/html");
  assert_scripted (&json, SATCHEL_SYNC_ERROR_NOT_A_SERVER, "application/json");
  assert_scripted (&missing, SATCHEL_SYNC_ERROR_NOT_A_SERVER, "404");
  assert_scripted (&forbidden, SATCHEL_SYNC_ERROR_NOT_A_SERVER, "403");
  assert_scripted (&password, SATCHEL_SYNC_ERROR_NOT_A_SERVER, "401");
  assert_scripted (&strange, SATCHEL_SYNC_ERROR_NOT_A_SERVER, "401");
  assert_scripted (&moved, SATCHEL_SYNC_ERROR_NOT_A_SERVER, "https://elsewhere.example.org/");
  assert_scripted (&moved_for_good, SATCHEL_SYNC_ERROR_NOT_A_SERVER, "/login");
}

/* ---- A server of ours that says no ---- */

static void
test_refusals (void)
{
  static const struct
  {
    guint status;
    const char *code;
    SatchelSyncError expected;
  } cases[] = {
    { 400, "malformed",   SATCHEL_SYNC_ERROR_PROTOCOL    },
    { 400, "limits",      SATCHEL_SYNC_ERROR_PROTOCOL    },
    { 400, "protocol",    SATCHEL_SYNC_ERROR_VERSION     },
    { 401, "credentials", SATCHEL_SYNC_ERROR_CREDENTIALS },
    { 401, "token",       SATCHEL_SYNC_ERROR_SIGNED_OUT  },
    { 403, "disabled",    SATCHEL_SYNC_ERROR_REFUSED     },
    { 403, "permission",  SATCHEL_SYNC_ERROR_REFUSED     },
    { 404, "not_found",   SATCHEL_SYNC_ERROR_REFUSED     },
    { 408, "malformed",   SATCHEL_SYNC_ERROR_PROTOCOL    },
    { 411, "malformed",   SATCHEL_SYNC_ERROR_PROTOCOL    },
    { 413, "limits",      SATCHEL_SYNC_ERROR_PROTOCOL    },
    { 415, "malformed",   SATCHEL_SYNC_ERROR_PROTOCOL    },
    { 501, "malformed",   SATCHEL_SYNC_ERROR_PROTOCOL    },
    { 429, "busy",        SATCHEL_SYNC_ERROR_BUSY        },
    { 503, "busy",        SATCHEL_SYNC_ERROR_BUSY        },
    { 500, "internal",    SATCHEL_SYNC_ERROR_BUSY        },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *body = g_strdup_printf ("{\"error\":{\"code\":\"%s\",\"message\":\"The reason.\"}}",
                                               cases[i].code);
      Scripted scripted = { cases[i].status, "application/json", body, NULL, NULL };

      assert_scripted (&scripted, cases[i].expected, NULL);
    }
}

static void
test_distress_of_a_proxy (void)
{
  static const Scripted bad_gateway = { 502, "text/html", "<html>nginx</html>", NULL, NULL };
  static const Scripted timeout = { 504, "text/html", "<html>nginx</html>", NULL, NULL };
  static const Scripted unavailable = { 503, "text/html", "<html>nginx</html>", NULL, NULL };

  assert_scripted (&bad_gateway, SATCHEL_SYNC_ERROR_UNREACHABLE, "502");
  assert_scripted (&timeout, SATCHEL_SYNC_ERROR_UNREACHABLE, "504");
  assert_scripted (&unavailable, SATCHEL_SYNC_ERROR_BUSY, NULL);
}

static void
assert_retry_after (const char *text, int seconds)
{
  Scripted scripted = { 429, "application/json", "{\"error\":{\"code\":\"busy\",\"message\":\"\"}}", "Retry-After",
                        text };
  g_autoptr (FakeServer) server = fake_server_new (fixture.server, answer_scripted, &scripted);
  g_autoptr (SatchelConnection) connection = connect_to (server, fixture.ca_file);
  g_autoptr (GError) error = NULL;

  g_assert_null (sync_once (connection, &error));
  g_assert_error (error, SATCHEL_SYNC_ERROR, SATCHEL_SYNC_ERROR_BUSY);
  g_assert_cmpint (satchel_connection_get_retry_after (connection), ==, seconds);
}

static void
test_retry_after (void)
{
  assert_retry_after ("17", 17);
  assert_retry_after ("-1", 0);
  assert_retry_after ("99999999999999999999", 0);
  assert_retry_after ("Fri, 31 Dec 1999 23:59:59 GMT", 0);
}

/* ---- Answers that are cut or endless ---- */

static void
answer_raw (FakeServer *server, SoupServerMessage *message, gpointer data)
{
  GBytes *raw = data;

  fake_server_answer_raw (message, g_bytes_get_data (raw, NULL), g_bytes_get_size (raw));
}

static void
test_cut (void)
{
  static const char whole[] = "HTTP/1.1 200 OK\r\nContent-Type: " SATCHEL_FRAMES_MEDIA_TYPE
                              "\r\nContent-Length: 20\r\n\r\n01234567890123456789";

  for (gsize length = 0; length < strlen (whole); length++)
    {
      g_autoptr (GBytes) raw = g_bytes_new (whole, length);
      g_autoptr (FakeServer) server = fake_server_new (fixture.server, answer_raw, raw);

      assert_fails (server, SATCHEL_SYNC_ERROR_UNREACHABLE, NULL);
    }
}

static void
test_announced_too_large (void)
{
  static const char text[] = "HTTP/1.1 200 OK\r\nContent-Type: " SATCHEL_FRAMES_MEDIA_TYPE
                             "\r\nContent-Length: 999999999999\r\n\r\n01234";
  g_autoptr (GBytes) raw = g_bytes_new_static (text, strlen (text));
  g_autoptr (FakeServer) server = fake_server_new (fixture.server, answer_raw, raw);

  assert_fails (server, SATCHEL_SYNC_ERROR_PROTOCOL, "larger");
}

/* Without saying how long it will be. */
static void
test_endless (void)
{
  g_autoptr (GByteArray) text = g_byte_array_new ();
  g_autoptr (GBytes) raw = NULL;
  g_autoptr (FakeServer) server = NULL;
  static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: " SATCHEL_FRAMES_MEDIA_TYPE
                             "\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n";

  g_byte_array_append (text, (const guint8 *) head, strlen (head));
  g_byte_array_set_size (text, SATCHEL_ANSWER_MAX_BYTES + 1024 * 1024);
  raw = g_bytes_new (text->data, text->len);
  server = fake_server_new (fixture.server, answer_raw, raw);

  assert_fails (server, SATCHEL_SYNC_ERROR_PROTOCOL, "larger");
}

static void
test_no_http (void)
{
  g_autoptr (GBytes) raw = g_bytes_new_static ("220 mail ready\r\n\r\n", 18);
  g_autoptr (FakeServer) server = fake_server_new (fixture.server, answer_raw, raw);

  assert_fails (server, SATCHEL_SYNC_ERROR_UNREACHABLE, NULL);
}

/* ---- Set up ---- */

static void
set_up (void)
{
  g_autoptr (TestCertificate) other = test_certificate_new_authority ("Another authority");
  g_autoptr (GError) error = NULL;

  fixture.folder = g_dir_make_tmp ("satchel-connection-XXXXXX", &error);
  g_assert_no_error (error);
  fixture.authority = test_certificate_new_authority ("Satchel test authority");
  fixture.server = test_certificate_new (fixture.authority, "127.0.0.1", -DAY, DAY);
  fixture.ca_file = test_certificate_write (fixture.authority, fixture.folder, "ca.pem");
  fixture.other_ca_file = test_certificate_write (other, fixture.folder, "other.pem");
}

static void
tear_down (void)
{
  g_unlink (fixture.ca_file);
  g_unlink (fixture.other_ca_file);
  g_rmdir (fixture.folder);
  g_free (fixture.ca_file);
  g_free (fixture.other_ca_file);
  g_free (fixture.folder);
  test_certificate_free (fixture.authority);
  test_certificate_free (fixture.server);
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  set_up ();

  g_test_add_func ("/connection/addresses/taken", test_addresses_taken);
  g_test_add_func ("/connection/addresses/refused", test_addresses_refused);
  g_test_add_func ("/connection/exchange", test_exchange);
  g_test_add_func ("/connection/errands", test_errands);
  g_test_add_func ("/connection/kept-wire-is-closed", test_kept_wire_is_closed);
  g_test_add_func ("/connection/cancel", test_cancel);
  g_test_add_func ("/connection/trust/unknown-authority", test_unknown_authority);
  g_test_add_func ("/connection/trust/bad-host", test_bad_host);
  g_test_add_func ("/connection/trust/expired", test_expired);
  g_test_add_func ("/connection/trust/not-yet-valid", test_not_yet_valid);
  g_test_add_func ("/connection/trust/missing-ca-file", test_missing_ca_file);
  g_test_add_func ("/connection/others/nobody", test_nobody);
  g_test_add_func ("/connection/others/unknown-host", test_unknown_host);
  g_test_add_func ("/connection/others/no-tls", test_no_tls);
  g_test_add_func ("/connection/others/no-http", test_no_http);
  g_test_add_func ("/connection/others/pages", test_other_servers);
  g_test_add_func ("/connection/refusals/all", test_refusals);
  g_test_add_func ("/connection/refusals/proxy", test_distress_of_a_proxy);
  g_test_add_func ("/connection/refusals/retry-after", test_retry_after);
  g_test_add_func ("/connection/broken/cut", test_cut);
  g_test_add_func ("/connection/broken/announced-too-large", test_announced_too_large);
  g_test_add_func ("/connection/broken/endless", test_endless);

  status = g_test_run ();
  tear_down ();

  return status;
}
