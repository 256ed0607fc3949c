/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "satchel-record.h"

G_BEGIN_DECLS

#define SATCHEL_EXTRA_PREFIX "extra."

/* What is kept of every record beside its fields, in the order of the wire. */
typedef enum
{
  SATCHEL_BOOKKEEPING_ID,
  SATCHEL_BOOKKEEPING_TYPE, /* has its place in the order; its text is the type's name */
  SATCHEL_BOOKKEEPING_REV,
  SATCHEL_BOOKKEEPING_BUCKET,
  SATCHEL_BOOKKEEPING_CREATED_AT,
  SATCHEL_BOOKKEEPING_CREATED_BY,
  SATCHEL_BOOKKEEPING_UPDATED_AT,
  SATCHEL_BOOKKEEPING_UPDATED_BY,
  SATCHEL_BOOKKEEPING_DELETED_AT,
  SATCHEL_BOOKKEEPING_DELETED_WITH,
  SATCHEL_N_BOOKKEEPING,
} SatchelBookkeeping;

struct _SatchelRecord
{
  gatomicrefcount ref_count;
  const SatchelType *type;
  char *bookkeeping[SATCHEL_N_BOOKKEEPING];
  char *extra;
  GHashTable *pending;     /* (nullable): unit's name -> gint64 *, the group; "*": all that are not named */
  guint n_fields;
  SatchelValue values[];
};

extern const char *const satchel_bookkeeping_names[SATCHEL_N_BOOKKEEPING];

/* Whether a member name is taken by what every record has. */
gboolean satchel_bookkeeping_find (const char *name, SatchelBookkeeping *found);

/* A record whose id is set before anybody else sees it. */
SatchelRecord *satchel_record_new_without_id (const SatchelType *type);

/* Places in the order of the wire: first the bookkeeping, then the fields. `next` is where to look first. */
const char *satchel_wire_get_name (const SatchelRecord *record, guint place);
gboolean satchel_wire_find_place (const SatchelRecord *record, const char *name, guint *next, guint *place);

/* The extra fields as an object; on damage none. And back, checked. */
JsonObject *satchel_record_dup_extra_object (const SatchelRecord *self);
gboolean satchel_record_take_extra_object (SatchelRecord *self, JsonObject *extra, GError **error);

/* KEY of "extra.KEY", or NULL for another unit. */
const char *satchel_unit_get_extra_key (const char *unit);
gboolean satchel_unit_name_is_valid (const char *unit);

G_END_DECLS
