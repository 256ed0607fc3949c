/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * TestCertificate: a certificate and its key, made for a test, in PEM.
 */
typedef struct
{
  char *name;
  char *pem;
  char *key_pem;
} TestCertificate;

/* An authority, or a certificate for @host signed by one; valid from and until so many seconds from now. */
TestCertificate *test_certificate_new_authority (const char *name);
TestCertificate *test_certificate_new (const TestCertificate *authority, const char *host, gint64 from, gint64 until);
void test_certificate_free (TestCertificate *self);

GTlsCertificate *test_certificate_load (const TestCertificate *self);
/* Writes the certificate into a file; the path. */
char *test_certificate_write (const TestCertificate *self, const char *folder, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestCertificate, test_certificate_free)

G_END_DECLS
