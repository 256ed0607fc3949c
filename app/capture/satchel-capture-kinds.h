/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SatchelCaptureKind:
 * @name: of `win.new-NAME`
 * @title: what the sheet offers, marked for translation
 * @icon: a symbolic icon
 * @type: the record type that it makes
 * @channel: (nullable): of an activity
 * @first: (nullable) (array zero-terminated=1): the fields that are shown at first
 * @focus: (nullable): the field in which writing starts
 * @has_next_step: whether it asks what comes next, which becomes a task
 * @saved: what the toast says, marked for translation
 *
 * One thing that a rep writes down in the field.
 */
typedef struct
{
  const char *name;
  const char *title;
  const char *icon;
  const char *type;
  const char *channel;
  const char *const *first;
  const char *focus;
  gboolean has_next_step;
  const char *saved;
} SatchelCaptureKind;

const SatchelCaptureKind *satchel_capture_kinds_get (guint *n_kinds);
const SatchelCaptureKind *satchel_capture_kinds_lookup (const char *name);

G_END_DECLS
