/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "records/satchel-record.h"

G_BEGIN_DECLS

/**
 * SatchelQuery:
 *
 * What a list shows: one type, conditions, a search, an order. Immutable once
 * it is handed to a replica; counted by reference.
 */
typedef struct _SatchelQuery SatchelQuery;

#define SATCHEL_TYPE_QUERY (satchel_query_get_type ())
GType satchel_query_get_type (void);
SatchelQuery *satchel_query_new (const SatchelType *type);
SatchelQuery *satchel_query_copy (const SatchelQuery *self);
SatchelQuery *satchel_query_ref (SatchelQuery *self);
void satchel_query_unref (SatchelQuery *self);

const SatchelType *satchel_query_get_record_type (const SatchelQuery *self);

/* Field equals value (null: has none). For a set: has the member. Several conditions all hold. */
void satchel_query_where (SatchelQuery *self, const char *field, const SatchelValue *value);
/* Field does not equal value (null: has one); a field without a value equals none. Not for sets. */
void satchel_query_where_not (SatchelQuery *self, const char *field, const SatchelValue *value);
/* The machine's written form of the value, checked. Also takes id, created_by, updated_by, rev. */
gboolean satchel_query_where_text (SatchelQuery *self, const char *field, const char *text, GError **error);
void satchel_query_set_search (SatchelQuery *self, const char *text);
/* NULL: the type's own order (its title, folded; times newest first where it has no title order). Also created_at,
 * updated_at. Ties are broken by id. */
gboolean satchel_query_set_sort (SatchelQuery *self, const char *field, gboolean descending, GError **error);
/* Binned records instead of live ones. */
void satchel_query_set_in_bin (SatchelQuery *self, gboolean in_bin);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SatchelQuery, satchel_query_unref)

G_END_DECLS
