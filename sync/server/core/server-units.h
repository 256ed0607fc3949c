/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "records/satchel-mutation.h"

G_BEGIN_DECLS

/* Units as the server meets them: those that its vocabulary declares, custom fields (extra.KEY), and units of a newer
 * vocabulary, whose members are carried in the extra fields. */
SatchelPolicy satchel_unit_get_policy (const SatchelType *type, const char *unit);
/* What is added and removed tells that a unit is a set, whoever declares it. */
SatchelPolicy satchel_unit_get_change_policy (const SatchelType *type, const SatchelUnitChange *change);
/* A value with the members that the change is about, for satchel_unit_dup_value(); NULL: those that are declared. */
JsonObject *satchel_unit_change_dup_like (const SatchelType *type, const SatchelUnitChange *change);
/* The value of a unit. @like: a value that tells which unknown members belong to it too, or NULL. */
JsonObject *satchel_unit_dup_value (const SatchelRecord *record, const char *unit, JsonObject *like);
/* A copy of @record with the change laid over it. */
SatchelRecord *satchel_unit_try (const SatchelRecord *record, const SatchelUnitChange *change, GError **error);
SatchelRecord *satchel_unit_try_value (const SatchelRecord *record, const char *unit, JsonObject *value,
                                       GError **error);
gboolean satchel_unit_value_equal (JsonObject *a, JsonObject *b);
char *satchel_unit_value_to_text (JsonObject *value);
JsonObject *satchel_unit_value_from_text (const char *text); /* NULL when there is none */
/* The text of a unit of policy text: its only field's. */
const char *satchel_unit_value_get_text (const SatchelType *type, const char *unit, JsonObject *value);
JsonObject *satchel_unit_value_new_text (const SatchelType *type, const char *unit, const char *text);

G_END_DECLS
