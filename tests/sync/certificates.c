/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "certificates.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#define DAY (24 * 60 * 60)

static void
check (int status)
{
  if (status < 0)
    g_error ("GnuTLS: %s", gnutls_strerror (status));
}

static char *
take_datum (gnutls_datum_t *datum)
{
  char *text = g_strndup ((const char *) datum->data, datum->size);

  gnutls_free (datum->data);

  return text;
}

static gnutls_x509_privkey_t
make_key (void)
{
  gnutls_x509_privkey_t key;

  check (gnutls_x509_privkey_init (&key));
  check (gnutls_x509_privkey_generate (key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0));

  return key;
}

static gnutls_x509_crt_t
begin_certificate (const char *name, gnutls_x509_privkey_t key, gint64 from, gint64 until)
{
  gnutls_x509_crt_t certificate;
  guint64 serial = GUINT64_TO_BE (g_get_monotonic_time () & G_MAXINT64);

  check (gnutls_x509_crt_init (&certificate));
  check (gnutls_x509_crt_set_version (certificate, 3));
  check (gnutls_x509_crt_set_serial (certificate, &serial, sizeof serial));
  check (gnutls_x509_crt_set_activation_time (certificate, time (NULL) + from));
  check (gnutls_x509_crt_set_expiration_time (certificate, time (NULL) + until));
  check (gnutls_x509_crt_set_dn_by_oid (certificate, GNUTLS_OID_X520_COMMON_NAME, 0, name, strlen (name)));
  check (gnutls_x509_crt_set_key (certificate, key));

  return certificate;
}

static TestCertificate *
end_certificate (const char *name, gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key)
{
  TestCertificate *self = g_new0 (TestCertificate, 1);
  gnutls_datum_t datum;

  self->name = g_strdup (name);
  check (gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_PEM, &datum));
  self->pem = take_datum (&datum);
  check (gnutls_x509_privkey_export2 (key, GNUTLS_X509_FMT_PEM, &datum));
  self->key_pem = take_datum (&datum);
  gnutls_x509_crt_deinit (certificate);
  gnutls_x509_privkey_deinit (key);

  return self;
}

TestCertificate *
test_certificate_new_authority (const char *name)
{
  gnutls_x509_privkey_t key = make_key ();
  gnutls_x509_crt_t certificate = begin_certificate (name, key, -DAY, DAY);

  check (gnutls_x509_crt_set_basic_constraints (certificate, 1, -1));
  check (gnutls_x509_crt_set_key_usage (certificate, GNUTLS_KEY_KEY_CERT_SIGN));
  check (gnutls_x509_crt_sign2 (certificate, certificate, key, GNUTLS_DIG_SHA256, 0));

  return end_certificate (name, certificate, key);
}

static void
set_host (gnutls_x509_crt_t certificate, const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  if (address != NULL)
    check (gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_IPADDRESS, g_inet_address_to_bytes (address),
                                                 g_inet_address_get_native_size (address), GNUTLS_FSAN_SET));
  else
    check (
        gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_DNSNAME, host, strlen (host), GNUTLS_FSAN_SET));
}

static void
import (const TestCertificate *self, gnutls_x509_crt_t *certificate, gnutls_x509_privkey_t *key)
{
  gnutls_datum_t pem = { (unsigned char *) self->pem, strlen (self->pem) };
  gnutls_datum_t key_pem = { (unsigned char *) self->key_pem, strlen (self->key_pem) };

  check (gnutls_x509_crt_init (certificate));
  check (gnutls_x509_crt_import (*certificate, &pem, GNUTLS_X509_FMT_PEM));
  check (gnutls_x509_privkey_init (key));
  check (gnutls_x509_privkey_import (*key, &key_pem, GNUTLS_X509_FMT_PEM));
}

TestCertificate *
test_certificate_new (const TestCertificate *authority, const char *host, gint64 from, gint64 until)
{
  gnutls_x509_privkey_t key = make_key (), authority_key;
  gnutls_x509_crt_t certificate = begin_certificate (host, key, from, until), authority_certificate;

  import (authority, &authority_certificate, &authority_key);
  set_host (certificate, host);
  check (gnutls_x509_crt_set_basic_constraints (certificate, 0, -1));
  check (gnutls_x509_crt_sign2 (certificate, authority_certificate, authority_key, GNUTLS_DIG_SHA256, 0));
  gnutls_x509_crt_deinit (authority_certificate);
  gnutls_x509_privkey_deinit (authority_key);

  return end_certificate (host, certificate, key);
}

void
test_certificate_free (TestCertificate *self)
{
  if (self == NULL)
    return;

  g_free (self->name);
  g_free (self->pem);
  g_free (self->key_pem);
  g_free (self);
}

GTlsCertificate *
test_certificate_load (const TestCertificate *self)
{
  g_autofree char *both = g_strconcat (self->pem, self->key_pem, NULL);
  g_autoptr (GError) error = NULL;
  GTlsCertificate *certificate = g_tls_certificate_new_from_pem (both, -1, &error);

  g_assert_no_error (error);

  return certificate;
}

char *
test_certificate_write (const TestCertificate *self, const char *folder, const char *name)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, self->pem, -1, &error);
  g_assert_no_error (error);

  return path;
}
