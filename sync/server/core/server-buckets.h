/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server-ledger.h"

G_BEGIN_DECLS

/* Where a record lives. */
typedef struct
{
  char *bucket; /* NULL: nowhere (an account of nobody, put in by the administrator) */
  char *account; /* the account it hangs on */
  char *target; /* the record it is about */
  gboolean gone; /* what it hangs on is in the bin, was never there, or may not be seen */
  gboolean absent; /* some of that is not here at all */
} SatchelPlace;

/* Where @record belongs as it is. @checked: only the anchors in this unit need to be alive (NULL: all). */
void satchel_place_find (SatchelLedger *ledger, const SatchelRecord *record, const char *checked, SatchelPlace *place);
void satchel_place_clear (SatchelPlace *self);

/* Whether changing that unit may change where a record lives. */
gboolean satchel_unit_places (const SatchelType *type, const char *unit);

/* Puts a row where it belongs now, and what hangs on it or is about it after it. */
void satchel_row_settle (SatchelLedger *ledger, SatchelRow *row);

/* Fills in what the server knows better: the owner of an account, the account of what names a contact or a deal. */
void satchel_record_complete (SatchelLedger *ledger, SatchelRecord *record, const SatchelPlace *place);
void satchel_record_give_owner (SatchelLedger *ledger, SatchelRecord *record);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SatchelPlace, satchel_place_clear)

G_END_DECLS
