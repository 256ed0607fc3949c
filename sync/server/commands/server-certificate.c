/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A private certificate authority and a server certificate, for a LAN, a demo and tests. */

#include "satchel-config.h"

#include "server-certificate.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>

#define AUTHORITY_DAYS 3650
#define SERVER_DAYS 825 /* the longest that common clients take */
#define SERIAL_BYTES 16

typedef struct
{
  gnutls_x509_crt_t certificate;
  gnutls_x509_privkey_t key;
} Identity;

static void
identity_clear (Identity *identity)
{
  if (identity->certificate != NULL)
    gnutls_x509_crt_deinit (identity->certificate);
  if (identity->key != NULL)
    gnutls_x509_privkey_deinit (identity->key);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Identity, identity_clear)

static gboolean
check (int code, GError **error)
{
  if (code >= 0)
    return TRUE;

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("The certificate could not be made: %s."),
               gnutls_strerror (code));
  return FALSE;
}

static gboolean
identity_init (Identity *identity, const char *name, const char *organisation, int days, GError **error)
{
  guint8 serial[SERIAL_BYTES];
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  gnutls_rnd (GNUTLS_RND_NONCE, serial, sizeof serial);
  serial[0] &= 0x7f;

  return check (gnutls_x509_privkey_init (&identity->key), error) &&
         check (gnutls_x509_privkey_generate (identity->key, GNUTLS_PK_ECDSA,
                                              GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0),
                error) &&
         check (gnutls_x509_crt_init (&identity->certificate), error) &&
         check (gnutls_x509_crt_set_version (identity->certificate, 3), error) &&
         check (gnutls_x509_crt_set_serial (identity->certificate, serial, sizeof serial), error) &&
         check (gnutls_x509_crt_set_activation_time (identity->certificate, now - 3600), error) &&
         check (gnutls_x509_crt_set_expiration_time (identity->certificate, now + days * 24LL * 3600), error) &&
         check (gnutls_x509_crt_set_dn_by_oid (identity->certificate, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                               (unsigned) strlen (name)),
                error) &&
         check (gnutls_x509_crt_set_dn_by_oid (identity->certificate, GNUTLS_OID_X520_ORGANIZATION_NAME, 0,
                                               organisation, (unsigned) strlen (organisation)),
                error) &&
         check (gnutls_x509_crt_set_key (identity->certificate, identity->key), error);
}

static gboolean
identity_sign (Identity *identity, Identity *authority, GError **error)
{
  guint8 id[64], authority_id[64];
  size_t length = sizeof id, authority_length = sizeof authority_id;

  return check (gnutls_x509_crt_get_key_id (identity->certificate, 0, id, &length), error) &&
         check (gnutls_x509_crt_set_subject_key_id (identity->certificate, id, length), error) &&
         check (gnutls_x509_crt_get_key_id (authority->certificate, 0, authority_id, &authority_length), error) &&
         check (gnutls_x509_crt_set_authority_key_id (identity->certificate, authority_id, authority_length), error) &&
         check (gnutls_x509_crt_sign2 (identity->certificate, authority->certificate, authority->key, GNUTLS_DIG_SHA256,
                                       0),
                error);
}

static gboolean
write_private (const char *folder, const char *name, const gnutls_datum_t *data, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_set_contents_full (path, (const char *) data->data, data->size,
                                   G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                   g_str_has_suffix (name, ".key") ? 0600 : 0644, error);
}

static char *
dup_text (const gnutls_datum_t *data)
{
  return g_strndup ((const char *) data->data, data->size);
}

/* Who knows the authority only by its fingerprint gets it from the server. */
static gboolean
write_chain (const char *folder, const char *name, const gnutls_datum_t *certificate, Identity *authority,
             GError **error)
{
  gnutls_datum_t above = { NULL, 0 };
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *both = NULL;

  if (!check (gnutls_x509_crt_export2 (authority->certificate, GNUTLS_X509_FMT_PEM, &above), error))
    return FALSE;

  first = dup_text (certificate);
  second = dup_text (&above);
  both = g_strconcat (first, second, NULL);
  gnutls_free (above.data);

  return write_private (folder, name, &(gnutls_datum_t) { (unsigned char *) both, (unsigned) strlen (both) }, error);
}

static gboolean
identity_write (Identity *identity, Identity *authority, const char *folder, const char *certificate_name,
                const char *key_name, GError **error)
{
  gnutls_datum_t certificate = { NULL, 0 };
  gnutls_datum_t key = { NULL, 0 };
  gboolean written = check (gnutls_x509_crt_export2 (identity->certificate, GNUTLS_X509_FMT_PEM, &certificate),
                            error) &&
                     check (gnutls_x509_privkey_export2_pkcs8 (identity->key, GNUTLS_X509_FMT_PEM, NULL,
                                                               GNUTLS_PKCS_PLAIN, &key),
                            error) &&
                     (identity == authority ? write_private (folder, certificate_name, &certificate, error)
                                            : write_chain (folder, certificate_name, &certificate, authority, error)) &&
                     write_private (folder, key_name, &key, error);

  if (key.data != NULL)
    gnutls_memset (key.data, 0, key.size);
  gnutls_free (key.data);
  gnutls_free (certificate.data);
  return written;
}

/* ---- The authority -------------------------------------------------------------------------------- */

static gboolean
read_authority (Identity *authority, const char *certificate, gsize certificate_length, const char *key,
                gsize key_length, GError **error)
{
  const gnutls_datum_t certificate_data = { (unsigned char *) certificate, (unsigned) certificate_length };
  const gnutls_datum_t key_data = { (unsigned char *) key, (unsigned) key_length };

  return check (gnutls_x509_crt_init (&authority->certificate), error) &&
         check (gnutls_x509_crt_import (authority->certificate, &certificate_data, GNUTLS_X509_FMT_PEM), error) &&
         check (gnutls_x509_privkey_init (&authority->key), error) &&
         check (gnutls_x509_privkey_import2 (authority->key, &key_data, GNUTLS_X509_FMT_PEM, NULL, 0), error);
}

static gboolean
make_authority (Identity *authority, const char *folder, const char *organisation, GError **error)
{
  g_autofree char *name = g_strdup_printf ("Satchel CA of %s", organisation);

  return identity_init (authority, name, organisation, AUTHORITY_DAYS, error) &&
         check (gnutls_x509_crt_set_basic_constraints (authority->certificate, 1, 0), error) &&
         check (gnutls_x509_crt_set_key_usage (authority->certificate, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN),
                error) &&
         identity_sign (authority, authority, error) &&
         identity_write (authority, authority, folder, "ca.pem", "ca.key", error);
}

/* The one that is there, so that devices that know it need nothing new; else a new one. */
static gboolean
get_authority (Identity *authority, const char *folder, const char *organisation, GError **error)
{
  g_autofree char *certificate_path = g_build_filename (folder, "ca.pem", NULL);
  g_autofree char *key_path = g_build_filename (folder, "ca.key", NULL);
  g_autofree char *certificate = NULL;
  g_autofree char *key = NULL;
  gsize certificate_length, key_length;

  if (!g_file_test (certificate_path, G_FILE_TEST_EXISTS) && !g_file_test (key_path, G_FILE_TEST_EXISTS))
    return make_authority (authority, folder, organisation, error);

  return g_file_get_contents (certificate_path, &certificate, &certificate_length, error) &&
         g_file_get_contents (key_path, &key, &key_length, error) &&
         read_authority (authority, certificate, certificate_length, key, key_length, error);
}

/* ---- The server ----------------------------------------------------------------------------------- */

static gboolean
add_host (gnutls_x509_crt_t certificate, const char *host, GError **error)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  if (address == NULL)
    return check (gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_DNSNAME, host, (unsigned) strlen (host),
                                                        GNUTLS_FSAN_APPEND),
                  error);

  return check (
      gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_IPADDRESS, g_inet_address_to_bytes (address),
                                            (unsigned) g_inet_address_get_native_size (address), GNUTLS_FSAN_APPEND),
      error);
}

static gboolean
make_server (const char *folder, const char *organisation, const char *const *hosts, Identity *authority,
             GError **error)
{
  g_auto (Identity) server = { NULL, NULL };

  if (!identity_init (&server, hosts[0], organisation, SERVER_DAYS, error))
    return FALSE;

  for (guint i = 0; hosts[i] != NULL; i++)
    if (!add_host (server.certificate, hosts[i], error))
      return FALSE;

  return check (gnutls_x509_crt_set_basic_constraints (server.certificate, 0, -1), error) &&
         check (gnutls_x509_crt_set_key_usage (server.certificate, GNUTLS_KEY_DIGITAL_SIGNATURE), error) &&
         check (gnutls_x509_crt_set_key_purpose_oid (server.certificate, GNUTLS_KP_TLS_WWW_SERVER, 0), error) &&
         identity_sign (&server, authority, error) &&
         identity_write (&server, authority, folder, "server.pem", "server.key", error);
}

/**
 * server_certificate_make:
 * @folder: where to put `ca.pem`, `ca.key`, `server.pem` and `server.key`; made when it is missing
 * @organisation: whose it is, for people to read
 * @hosts: (array zero-terminated=1): names and addresses that the server is reached by, at least one
 * @error: return location for an error
 *
 * Makes a certificate authority, unless the folder has one already, and a certificate for the server that it signs.
 * Keys can be read by the owner alone.
 *
 * Returns: whether it was made
 */
gboolean
server_certificate_make (const char *folder, const char *organisation, const char *const *hosts, GError **error)
{
  g_auto (Identity) authority = { NULL, NULL };

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("%s could not be made: %s."), folder,
                   g_strerror (errno));
      return FALSE;
    }

  return get_authority (&authority, folder, organisation, error) &&
         make_server (folder, organisation, hosts, &authority, error);
}
