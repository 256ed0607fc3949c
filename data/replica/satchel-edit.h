/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "records/satchel-mutation.h"

G_BEGIN_DECLS

/**
 * SatchelEdit:
 *
 * What a person did, before it is committed: one or more changes that become
 * one group. Values are checked when they are added. Changes of one record
 * within one edit are folded into one mutation.
 *
 * The record handed to an edit is the record as the person saw it: what it
 * was filled from decides the base of each unit, whatever has landed since.
 */
#define SATCHEL_TYPE_EDIT (satchel_edit_get_type ())
G_DECLARE_FINAL_TYPE (SatchelEdit, satchel_edit, SATCHEL, EDIT, GObject)

SatchelEdit *satchel_edit_new (void);
void satchel_edit_set_strict (SatchelEdit *self, gboolean strict);
gboolean satchel_edit_is_empty (SatchelEdit *self);

/* A new record; its id may be given by the record, else one is made. Returns the id. Validated at commit. */
const char *satchel_edit_create (SatchelEdit *self, SatchelRecord *record);

/* Saves each unit in which @changed differs from @seen, on the bases of @seen; nothing when nothing differs. Sets
 * become adds and removes. */
void satchel_edit_update (SatchelEdit *self, const SatchelRecord *seen, const SatchelRecord *changed);

/* One field of a record, the rest of its unit as seen. @text is the machine's written form; "" clears. */
gboolean satchel_edit_set_field (SatchelEdit *self, const SatchelRecord *seen, const char *field, const char *text,
                                 GError **error);
gboolean satchel_edit_add_members (SatchelEdit *self, const SatchelRecord *seen, const char *field,
                                   const char *const *members, GError **error);
gboolean satchel_edit_remove_members (SatchelEdit *self, const SatchelRecord *seen, const char *field,
                                      const char *const *members, GError **error);

void satchel_edit_delete (SatchelEdit *self, const SatchelRecord *seen);
void satchel_edit_restore (SatchelEdit *self, const SatchelRecord *seen);

/* Settling a conflict. @current is its target as seen (for the base). */
void satchel_edit_resolve_keep_current (SatchelEdit *self, const SatchelRecord *conflict, const SatchelRecord *current);
gboolean satchel_edit_resolve_keep_value (SatchelEdit *self, const SatchelRecord *conflict,
                                          const SatchelRecord *current, guint number, GError **error);
gboolean satchel_edit_resolve_with (SatchelEdit *self, const SatchelRecord *conflict, const SatchelRecord *current,
                                    JsonObject *value, GError **error);

/* The group as it stands, for the replica. */
const SatchelGroup *satchel_edit_peek_group (SatchelEdit *self);

G_END_DECLS
