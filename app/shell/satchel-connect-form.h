/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-services.h"

G_BEGIN_DECLS

/**
 * SatchelConnectForm: asks for server, name and password, and connects. When
 * it has, the replica's status says so; signal `connected` for who waits.
 */
#define SATCHEL_TYPE_CONNECT_FORM (satchel_connect_form_get_type ())
G_DECLARE_FINAL_TYPE (SatchelConnectForm, satchel_connect_form, SATCHEL, CONNECT_FORM, AdwBin)

void satchel_connect_form_set_certificate (SatchelConnectForm *self, GFile *file);
/* What a `satchel:connect?server=…&user=…` link says; NULL where it says nothing. */
void satchel_connect_form_fill (SatchelConnectForm *self, const char *server, const char *user);

G_END_DECLS
