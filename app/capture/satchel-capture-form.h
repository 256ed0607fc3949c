/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "capture/satchel-capture-kinds.h"
#include "shell/satchel-services.h"
#include "widgets/satchel-form.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_CAPTURE_FORM (satchel_capture_form_get_type ())
G_DECLARE_FINAL_TYPE (SatchelCaptureForm, satchel_capture_form, SATCHEL, CAPTURE_FORM, AdwNavigationPage)

AdwNavigationPage *satchel_capture_form_new (SatchelServices *services, const SatchelCaptureKind *kind,
                                             const char *account_id);
SatchelForm *satchel_capture_form_get_form (SatchelCaptureForm *self);
SatchelForm *satchel_capture_form_get_next_step (SatchelCaptureForm *self);
void satchel_capture_form_start (SatchelCaptureForm *self);
void satchel_capture_form_keep (SatchelCaptureForm *self);

G_END_DECLS
