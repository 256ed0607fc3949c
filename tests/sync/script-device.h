/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "../replica/replica-fixture.h"
#include "script.h"

G_BEGIN_DECLS

/* A device that is tied to a server which a script plays. */
typedef struct
{
  Fixture replica;
  SatchelSyncCore *core;
} Device;

#define CORE_TEST(path, function) g_test_add (path, Device, NULL, device_set_up, function, device_tear_down)

void device_set_up (Device *self, gconstpointer data);
void device_tear_down (Device *self, gconstpointer data);
void device_restart (Device *self); /* as if the process had been killed */

SatchelLink *device_get_link (Device *self);
ScriptRequest *device_send (Device *self);
ScriptRequest *device_send_waiting (Device *self, guint wait);
SatchelSyncStep device_receive (Device *self, ScriptAnswer *answer);
SatchelSyncStep device_exchange (Device *self, ScriptAnswer *answer); /* asks, is told @answer */

char *device_settle_account (Device *self, const char *name); /* at the head, it holds one account of revision "e.1" */
SatchelRecord *device_with_phone (Device *self, const char *id, const char *phone); /* as it is, with a phone */
void device_assert_name (Device *self, const char *id, const char *name);
void device_assert_phone (Device *self, const char *id, const char *phone);

G_END_DECLS
