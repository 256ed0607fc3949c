/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SatchelKind:
 *
 * What a field holds. The kind decides how a value is stored, checked, typed,
 * shown and sent. Numbers are fixed: they may be stored; only add at the end.
 *
 * @SATCHEL_KIND_TEXT: one line of text
 * @SATCHEL_KIND_LONG_TEXT: text of many lines
 * @SATCHEL_KIND_PHONE: a telephone number as a person writes it
 * @SATCHEL_KIND_EMAIL: a mail address
 * @SATCHEL_KIND_URI: a web address
 * @SATCHEL_KIND_INTEGER: a whole number (64 bit)
 * @SATCHEL_KIND_NUMBER: a real number (coordinates, percentages)
 * @SATCHEL_KIND_BOOLEAN: yes or no, stored as 1 or 0
 * @SATCHEL_KIND_MONEY: whole minor units of the unit's currency field
 * @SATCHEL_KIND_CURRENCY: an ISO 4217 code
 * @SATCHEL_KIND_DATE: a plain date, `2026-03-09`
 * @SATCHEL_KIND_TIME: an instant, UTC ISO 8601 with milliseconds, `2026-03-09T08:15:30.000Z`
 * @SATCHEL_KIND_CHOICE: one of the field's choices
 * @SATCHEL_KIND_REFERENCE: the id of a record of the field's target type
 * @SATCHEL_KIND_SET: a set of short texts, or of ids where the field has a target
 * @SATCHEL_KIND_JSON: any JSON value
 */
typedef enum
{
  SATCHEL_KIND_TEXT,
  SATCHEL_KIND_LONG_TEXT,
  SATCHEL_KIND_PHONE,
  SATCHEL_KIND_EMAIL,
  SATCHEL_KIND_URI,
  SATCHEL_KIND_INTEGER,
  SATCHEL_KIND_NUMBER,
  SATCHEL_KIND_BOOLEAN,
  SATCHEL_KIND_MONEY,
  SATCHEL_KIND_CURRENCY,
  SATCHEL_KIND_DATE,
  SATCHEL_KIND_TIME,
  SATCHEL_KIND_CHOICE,
  SATCHEL_KIND_REFERENCE,
  SATCHEL_KIND_SET,
  SATCHEL_KIND_JSON,
} SatchelKind;

/**
 * SatchelPolicy:
 *
 * How two different values of one merge unit meet.
 *
 * @SATCHEL_POLICY_ASK: a conflict for a person
 * @SATCHEL_POLICY_TEXT: three-way merge by line, an overlap is a conflict
 * @SATCHEL_POLICY_SET: adds and removes merge
 * @SATCHEL_POLICY_LATEST: the last to arrive wins, the other stays in the history
 * @SATCHEL_POLICY_DERIVED: computed on both ends, never sent, never in a digest
 */
typedef enum
{
  SATCHEL_POLICY_ASK,
  SATCHEL_POLICY_TEXT,
  SATCHEL_POLICY_SET,
  SATCHEL_POLICY_LATEST,
  SATCHEL_POLICY_DERIVED,
} SatchelPolicy;

/**
 * SatchelFieldFlags:
 * @SATCHEL_FIELD_REQUIRED: a record without it is refused
 * @SATCHEL_FIELD_SEARCHABLE: found by the search
 * @SATCHEL_FIELD_PERSONAL: personal data
 * @SATCHEL_FIELD_TITLE: part of what the record is called in a list, in order
 * @SATCHEL_FIELD_ANCHOR: names, directly or through its target, the account a record hangs on
 * @SATCHEL_FIELD_REASSIGN: after creation only a manager or an admin changes it
 * @SATCHEL_FIELD_SERVER: only the server's own operations change it
 * @SATCHEL_FIELD_HIDDEN: not a row of the form of its own (bookkeeping, shown elsewhere)
 * @SATCHEL_FIELD_EITHER: a record needs at least one of its type's fields with this flag
 *
 * Of several required fields in one unit, one is enough (a contact's given or family name).
 */
typedef enum
{
  SATCHEL_FIELD_PLAIN = 0,
  SATCHEL_FIELD_REQUIRED = 1 << 0,
  SATCHEL_FIELD_SEARCHABLE = 1 << 1,
  SATCHEL_FIELD_PERSONAL = 1 << 2,
  SATCHEL_FIELD_TITLE = 1 << 3,
  SATCHEL_FIELD_ANCHOR = 1 << 4,
  SATCHEL_FIELD_REASSIGN = 1 << 5,
  SATCHEL_FIELD_SERVER = 1 << 6,
  SATCHEL_FIELD_HIDDEN = 1 << 7,
  SATCHEL_FIELD_EITHER = 1 << 8,
} SatchelFieldFlags;

/**
 * SatchelHome:
 *
 * Which bucket a record of a type lives in.
 *
 * @SATCHEL_HOME_ACCOUNT: its territory, else `user:OWNER`
 * @SATCHEL_HOME_ANCHORED: the bucket of the account that its anchor fields name,
 *   else `user:ASSIGNEE`, else `user:CREATOR`; a private one always `user:CREATOR`
 * @SATCHEL_HOME_TARGET: the bucket of the record that it is about
 * @SATCHEL_HOME_ORG: `org`, which everybody is granted
 */
typedef enum
{
  SATCHEL_HOME_ACCOUNT,
  SATCHEL_HOME_ANCHORED,
  SATCHEL_HOME_TARGET,
  SATCHEL_HOME_ORG,
} SatchelHome;

/**
 * SatchelRights:
 *
 * Who may create and edit records of a type through a device.
 *
 * @SATCHEL_RIGHTS_REP: everybody who is granted the bucket
 * @SATCHEL_RIGHTS_OWN: the record's owner or creator, managers and admins
 * @SATCHEL_RIGHTS_MANAGER: managers and admins
 * @SATCHEL_RIGHTS_ADMIN: admins
 * @SATCHEL_RIGHTS_SERVER: nobody; only the server's own operations
 */
typedef enum
{
  SATCHEL_RIGHTS_REP,
  SATCHEL_RIGHTS_OWN,
  SATCHEL_RIGHTS_MANAGER,
  SATCHEL_RIGHTS_ADMIN,
  SATCHEL_RIGHTS_SERVER,
} SatchelRights;

/**
 * SatchelTypeFlags:
 * @SATCHEL_TYPE_APPEND_ONLY: records are added and never changed or deleted
 */
typedef enum
{
  SATCHEL_TYPE_PLAIN = 0,
  SATCHEL_TYPE_APPEND_ONLY = 1 << 0,
} SatchelTypeFlags;

/**
 * SatchelChoice:
 * @value: what is stored
 * @label: what a person reads, marked for translation
 */
typedef struct
{
  const char *value;
  const char *label;
} SatchelChoice;

/**
 * SatchelField:
 * @name: the field's name everywhere a machine or a command sees it
 * @label: what a person reads, marked for translation
 * @kind: what it holds
 * @policy: how two values meet; the same for all fields of a unit
 * @unit: (nullable): the name of the merge unit that it belongs to, or %NULL for one of its own name
 * @flags: see #SatchelFieldFlags
 * @target: (nullable): the type that a reference, or a set of ids, points at
 * @choices: (nullable) (array zero-terminated=1): the choices of a choice, ended by a %NULL value;
 *   of a text, what is proposed (anything else may be typed)
 *
 * One line of the vocabulary. Nothing lists the fields a second time.
 */
typedef struct
{
  const char *name;
  const char *label;
  SatchelKind kind;
  SatchelPolicy policy;
  const char *unit;
  SatchelFieldFlags flags;
  const char *target;
  const SatchelChoice *choices;
} SatchelField;

/**
 * SatchelTypeDeclaration:
 * @name: the type's name everywhere a machine or a command sees it
 * @number: fixed for ever, from 1 to 63; never used again for another type
 * @label: what a person calls one of them, marked for translation
 * @plural: what a person calls many of them, marked for translation
 * @fields: its fields in the order of forms and columns
 * @n_fields: how many
 */
typedef struct
{
  const char *name;
  guint number;
  const char *label;
  const char *plural;
  SatchelHome home;
  SatchelRights rights;
  SatchelTypeFlags flags;
  const SatchelField *fields;
  guint n_fields;
} SatchelTypeDeclaration;

/**
 * SatchelUnit:
 * @name: the unit's name
 * @policy: how two values of it meet
 * @fields: (array length=n_fields): indexes into the type's fields, ascending
 */
typedef struct
{
  const char *name;
  SatchelPolicy policy;
  const guint *fields;
  guint n_fields;
} SatchelUnit;

typedef struct _SatchelType SatchelType;
typedef struct _SatchelVocabulary SatchelVocabulary;

/* The whole vocabulary. Immutable once made, so any thread may use it. */
const SatchelVocabulary *satchel_vocabulary_get_default (void);
SatchelVocabulary *satchel_vocabulary_new (const SatchelTypeDeclaration *const *declarations, guint n_declarations);
SatchelVocabulary *satchel_vocabulary_new_with (const SatchelTypeDeclaration *additional);
void satchel_vocabulary_free (SatchelVocabulary *self);
guint satchel_vocabulary_get_n_types (const SatchelVocabulary *self);
const SatchelType *satchel_vocabulary_get_type_at (const SatchelVocabulary *self, guint index);
const SatchelType *satchel_vocabulary_lookup (const SatchelVocabulary *self, const char *name);
const SatchelType *satchel_vocabulary_lookup_number (const SatchelVocabulary *self, guint number);
const SatchelType *satchel_vocabulary_find (const SatchelVocabulary *self, const char *name, GError **error);
const char *satchel_vocabulary_get_fingerprint (const SatchelVocabulary *self);

/* One type. */
const SatchelVocabulary *satchel_type_get_vocabulary (const SatchelType *self);
const char *satchel_type_get_name (const SatchelType *self);
guint satchel_type_get_number (const SatchelType *self);
const char *satchel_type_get_label (const SatchelType *self);
const char *satchel_type_get_plural (const SatchelType *self);
SatchelHome satchel_type_get_home (const SatchelType *self);
SatchelRights satchel_type_get_rights (const SatchelType *self);
SatchelTypeFlags satchel_type_get_flags (const SatchelType *self);
guint satchel_type_get_n_fields (const SatchelType *self);
const SatchelField *satchel_type_get_field (const SatchelType *self, guint index);
gboolean satchel_type_lookup_field (const SatchelType *self, const char *name, guint *index);
const SatchelField *satchel_type_find_field (const SatchelType *self, const char *name, GError **error);
guint satchel_type_get_n_units (const SatchelType *self);
const SatchelUnit *satchel_type_get_unit (const SatchelType *self, guint index);
const SatchelUnit *satchel_type_lookup_unit (const SatchelType *self, const char *name);
const SatchelUnit *satchel_type_get_unit_of_field (const SatchelType *self, guint field_index);

/* What a person reads, translated. */
const char *satchel_field_get_display_label (const SatchelField *self);
const char *satchel_field_get_choice_label (const SatchelField *self, const char *value);
const char *satchel_type_get_display_label (const SatchelType *self);
const char *satchel_type_get_display_plural (const SatchelType *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelVocabulary, satchel_vocabulary_free)

G_END_DECLS
