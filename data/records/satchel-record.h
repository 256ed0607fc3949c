/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-value.h"

G_BEGIN_DECLS

#define SATCHEL_TYPE_RECORD (satchel_record_get_type ())

/**
 * SatchelRecord:
 *
 * One record as somebody saw it: its values, the revision they belong to and,
 * where the device's own unsent work is part of them, which of it. Counted by
 * reference; not changed any more once it is shared between threads.
 */
typedef struct _SatchelRecord SatchelRecord;

GType satchel_record_get_type (void);
SatchelRecord *satchel_record_new (const SatchelType *type, const char *id);
SatchelRecord *satchel_record_copy (const SatchelRecord *self);
SatchelRecord *satchel_record_ref (SatchelRecord *self);
void satchel_record_unref (SatchelRecord *self);

const SatchelType *satchel_record_get_record_type (const SatchelRecord *self);
const char *satchel_record_get_id (const SatchelRecord *self);

/* Bookkeeping: all nullable. */
const char *satchel_record_get_rev (const SatchelRecord *self);
void satchel_record_set_rev (SatchelRecord *self, const char *rev);
const char *satchel_record_get_bucket (const SatchelRecord *self);
void satchel_record_set_bucket (SatchelRecord *self, const char *bucket);
const char *satchel_record_get_created_at (const SatchelRecord *self);
const char *satchel_record_get_created_by (const SatchelRecord *self);
const char *satchel_record_get_updated_at (const SatchelRecord *self);
const char *satchel_record_get_updated_by (const SatchelRecord *self);
void satchel_record_set_created (SatchelRecord *self, const char *at, const char *by);
void satchel_record_set_updated (SatchelRecord *self, const char *at, const char *by);
const char *satchel_record_get_deleted_at (const SatchelRecord *self);
void satchel_record_set_deleted_at (SatchelRecord *self, const char *at);
const char *satchel_record_get_deleted_with (const SatchelRecord *self); /* the account it went to the bin with */
void satchel_record_set_deleted_with (SatchelRecord *self, const char *account_id);

/* Values, by field index or by name (a name must be of the type: our own mistake otherwise). */
const SatchelValue *satchel_record_get_value (const SatchelRecord *self, guint field_index);
void satchel_record_set_value (SatchelRecord *self, guint field_index, const SatchelValue *value);
void satchel_record_take_value (SatchelRecord *self, guint field_index, SatchelValue *value);
const char *satchel_record_get_text (const SatchelRecord *self, const char *field);
gint64 satchel_record_get_integer (const SatchelRecord *self, const char *field);
gboolean satchel_record_has (const SatchelRecord *self, const char *field);
gboolean satchel_record_set_from_text (SatchelRecord *self, const char *field, const char *text, GError **error);

/* Custom and unknown fields: canonical JSON object text, or NULL when there are none. */
const char *satchel_record_get_extra (const SatchelRecord *self);
void satchel_record_set_extra (SatchelRecord *self, const char *extra);

/* Pending work: whether any unit shows unsent work; and the base an edit of a unit is made on:
 * "@N" when the device's own group N set it (or created the record) and is not settled, else the revision.
 * With no unit: that of the whole record, for a delete. */
gboolean satchel_record_get_pending (const SatchelRecord *self);
void satchel_record_set_unit_pending (SatchelRecord *self, const char *unit, gint64 group);
char *satchel_record_dup_base (const SatchelRecord *self, const char *unit);

/* What the record is called in a list: its title fields joined; falls back to other texts; never empty. */
char *satchel_record_dup_title (const SatchelRecord *self);

/* All fields checked: required present, references look like ids. */
gboolean satchel_record_validate (const SatchelRecord *self, GError **error);

/* The value of a unit: a JSON object of all its fields ("extra.KEY": of that key), nulls included. */
JsonObject *satchel_record_dup_unit (const SatchelRecord *self, const char *unit);
gboolean satchel_record_apply_unit (SatchelRecord *self, const char *unit, JsonObject *value, GError **error);

/* The wire object: id, type, rev, bucket, times, authors, deleted_at, deleted_with and non-null fields, extra's keys
 * laid beside the fields. Derived fields are left out. Unknown keys are read into extra. */
JsonObject *satchel_record_to_wire (const SatchelRecord *self);
char *satchel_record_to_wire_text (const SatchelRecord *self); /* the same as text, for the many of the server */
SatchelRecord *satchel_record_from_wire (const SatchelVocabulary *vocabulary, JsonObject *object, GError **error);
/* The same from JSON text that nobody has checked, without building the object: for the many of a first sync. */
SatchelRecord *satchel_record_from_wire_text (const SatchelVocabulary *vocabulary, const char *text, gsize length,
                                              GError **error);

/* What the digests run over: the canonical text of the wire object without rev's sender-side extras. */
char *satchel_record_to_canonical (const SatchelRecord *self);

/* What --json prints: fields by name (nulls left out), id, type, rev, pending, times, authors, extra. */
JsonNode *satchel_record_to_json (const SatchelRecord *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelRecord, satchel_record_unref)

G_END_DECLS
