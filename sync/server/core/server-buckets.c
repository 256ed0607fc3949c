/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which bucket a record lives in, and who moves along when it moves. */

#include "satchel-config.h"

#include "server-buckets.h"

#include <string.h>

#define ORG "org"
#define MOVES_MAX_DEPTH 8

void
satchel_place_clear (SatchelPlace *self)
{
  g_clear_pointer (&self->bucket, g_free);
  g_clear_pointer (&self->account, g_free);
  g_clear_pointer (&self->target, g_free);
}

/* ---- Reading fields that decide ------------------------------------------------------------------- */

static const char *
get_text_field (const SatchelRecord *record, const char *field)
{
  guint index;

  if (!satchel_type_lookup_field (satchel_record_get_record_type (record), field, &index))
    return NULL;

  return satchel_record_get_text (record, field);
}

static gboolean
is_private (const SatchelRecord *record)
{
  guint index;

  return satchel_type_lookup_field (satchel_record_get_record_type (record), "private", &index) &&
         satchel_record_get_integer (record, "private") != 0;
}

static char *
make_user_bucket (const char *user)
{
  return user != NULL ? g_strconcat ("user:", user, NULL) : NULL;
}

/* ---- The rules ------------------------------------------------------------------------------------ */

static char *
find_account_bucket (const SatchelRecord *record)
{
  const char *territory = get_text_field (record, "territory");

  if (territory != NULL)
    return g_strconcat ("territory:", territory, NULL);

  return make_user_bucket (get_text_field (record, "owner"));
}

static gboolean
may_hang_on (SatchelLedger *ledger, const SatchelRow *row)
{
  return row != NULL && row->bucket != NULL && !satchel_row_is_binned (row) &&
         satchel_view_sees_bucket (satchel_ledger_get_view (ledger), row->bucket);
}

static gboolean
is_account (const SatchelRow *row)
{
  return satchel_type_get_home (row->type) == SATCHEL_HOME_ACCOUNT;
}

static gboolean
field_is_checked (const SatchelType *type, guint index, const char *checked)
{
  return checked == NULL || strcmp (satchel_type_get_unit_of_field (type, index)->name, checked) == 0;
}

/* The account is what the first anchor leads to. */
static void
follow_anchors (SatchelLedger *ledger, const SatchelRecord *record, const char *checked, SatchelPlace *place)
{
  const SatchelType *type = satchel_record_get_record_type (record);

  for (guint i = 0; i < satchel_type_get_n_fields (type); i++)
    {
      const SatchelField *field = satchel_type_get_field (type, i);
      const SatchelValue *value = satchel_record_get_value (record, i);
      SatchelRow *row;

      if ((field->flags & SATCHEL_FIELD_ANCHOR) == 0 || satchel_value_is_null (value))
        continue;
      row = satchel_ledger_find (ledger, value->text);
      if (row == NULL)
        place->absent = TRUE;
      if (field_is_checked (type, i, checked) && !may_hang_on (ledger, row))
        place->gone = TRUE;
      if (row != NULL && place->account == NULL)
        place->account = g_strdup (is_account (row) ? satchel_record_get_id (row->record) : row->account);
    }
}

static void
place_anchored (SatchelLedger *ledger, const SatchelRecord *record, const char *checked, SatchelPlace *place)
{
  SatchelRow *account;

  follow_anchors (ledger, record, checked, place);
  if (is_private (record))
    {
      place->bucket = make_user_bucket (satchel_record_get_created_by (record));
      return;
    }

  account = place->account != NULL ? satchel_ledger_find (ledger, place->account) : NULL;
  if (account != NULL)
    place->bucket = g_strdup (account->bucket);
  if (place->bucket == NULL)
    place->bucket = make_user_bucket (get_text_field (record, "assignee"));
  if (place->bucket == NULL)
    place->bucket = make_user_bucket (satchel_record_get_created_by (record));
}

/* What a record is about is named by the field that ends so. */
static const char *
get_target (const SatchelRecord *record)
{
  const SatchelType *type = satchel_record_get_record_type (record);

  for (guint i = 0; i < satchel_type_get_n_fields (type); i++)
    {
      const SatchelValue *value = satchel_record_get_value (record, i);

      if (g_str_has_suffix (satchel_type_get_field (type, i)->name, "_id") && !satchel_value_is_null (value))
        return value->text;
    }

  return NULL;
}

static void
place_at_target (SatchelLedger *ledger, const SatchelRecord *record, const char *checked, SatchelPlace *place)
{
  const char *target = get_target (record);
  SatchelRow *row = target != NULL ? satchel_ledger_find (ledger, target) : NULL;

  place->absent = row == NULL;
  if (row == NULL || (checked == NULL && !may_hang_on (ledger, row)))
    place->gone = TRUE;
  if (row == NULL)
    return;

  place->target = g_strdup (target);
  place->account = g_strdup (is_account (row) ? target : row->account);
  place->bucket = g_strdup (row->bucket);
}

void
satchel_place_find (SatchelLedger *ledger, const SatchelRecord *record, const char *checked, SatchelPlace *place)
{
  *place = (SatchelPlace) { 0 };

  switch (satchel_type_get_home (satchel_record_get_record_type (record)))
    {
    case SATCHEL_HOME_ACCOUNT:
      place->bucket = find_account_bucket (record);
      break;
    case SATCHEL_HOME_ANCHORED:
      place_anchored (ledger, record, checked, place);
      break;
    case SATCHEL_HOME_TARGET:
      place_at_target (ledger, record, checked, place);
      break;
    case SATCHEL_HOME_ORG:
    default:
      place->bucket = g_strdup (ORG);
      break;
    }
}

static gboolean
name_places (const SatchelType *type, const SatchelField *field)
{
  switch (satchel_type_get_home (type))
    {
    case SATCHEL_HOME_ACCOUNT:
      return strcmp (field->name, "territory") == 0 || strcmp (field->name, "owner") == 0;
    case SATCHEL_HOME_ANCHORED:
      return (field->flags & SATCHEL_FIELD_ANCHOR) != 0 || strcmp (field->name, "assignee") == 0 ||
             strcmp (field->name, "private") == 0;
    case SATCHEL_HOME_TARGET:
      return g_str_has_suffix (field->name, "_id");
    case SATCHEL_HOME_ORG:
    default:
      return FALSE;
    }
}

gboolean
satchel_unit_places (const SatchelType *type, const char *unit)
{
  const SatchelUnit *declared = satchel_type_lookup_unit (type, unit);

  for (guint i = 0; declared != NULL && i < declared->n_fields; i++)
    if (name_places (type, satchel_type_get_field (type, declared->fields[i])))
      return TRUE;

  return FALSE;
}

/* ---- Moving --------------------------------------------------------------------------------------- */

static void settle (SatchelLedger *ledger, SatchelRow *row, guint depth);

static void
settle_all (SatchelLedger *ledger, GPtrArray *rows, guint depth)
{
  for (guint i = 0; i < rows->len; i++)
    settle (ledger, g_ptr_array_index (rows, i), depth);
}

/* Bounded: what hangs on an account, and what is about that, is as deep as it goes. */
static void
settle (SatchelLedger *ledger, SatchelRow *row, guint depth)
{
  g_auto (SatchelPlace) place = { 0 };
  const char *id = satchel_record_get_id (row->record);
  g_autofree char *bucket = g_strdup (row->bucket);
  g_autofree char *account = g_strdup (row->account);
  g_autoptr (GPtrArray) hanging = NULL;
  g_autoptr (GPtrArray) about = NULL;

  satchel_place_find (ledger, row->record, "", &place);
  if (place.bucket == NULL)
    return;
  satchel_ledger_move (ledger, row, place.bucket, place.account, place.target);

  if ((g_strcmp0 (bucket, row->bucket) == 0 && g_strcmp0 (account, row->account) == 0) || depth >= MOVES_MAX_DEPTH ||
      bucket == NULL)
    return;

  /* What hung on the same account through this record, as lines through their order, follows it. */
  if (is_account (row) || account != NULL)
    {
      hanging = satchel_ledger_list_hanging (ledger, is_account (row) ? id : account);
      settle_all (ledger, hanging, depth + 1);
    }
  about = satchel_ledger_list_about (ledger, id);
  settle_all (ledger, about, depth + 1);
}

void
satchel_row_settle (SatchelLedger *ledger, SatchelRow *row)
{
  settle (ledger, row, 0);
}

/* ---- Filling in ----------------------------------------------------------------------------------- */

static gboolean
find_account_field (SatchelLedger *ledger, const SatchelType *type, guint *index)
{
  const SatchelVocabulary *vocabulary = satchel_type_get_vocabulary (type);

  for (guint i = 0; i < satchel_type_get_n_fields (type); i++)
    {
      const SatchelField *field = satchel_type_get_field (type, i);
      const SatchelType *target = field->target != NULL ? satchel_vocabulary_lookup (vocabulary, field->target) : NULL;

      if ((field->flags & SATCHEL_FIELD_ANCHOR) != 0 && target != NULL &&
          satchel_type_get_home (target) == SATCHEL_HOME_ACCOUNT)
        {
          *index = i;
          return TRUE;
        }
    }

  return FALSE;
}

void
satchel_record_complete (SatchelLedger *ledger, SatchelRecord *record, const SatchelPlace *place)
{
  const SatchelType *type = satchel_record_get_record_type (record);
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  guint index;

  if (satchel_type_get_home (type) != SATCHEL_HOME_ANCHORED || place->account == NULL ||
      !find_account_field (ledger, type, &index) || !satchel_value_is_null (satchel_record_get_value (record, index)))
    return;

  satchel_value_set_text (&value, place->account);
  satchel_record_take_value (record, index, &value);
}

void
satchel_record_give_owner (SatchelLedger *ledger, SatchelRecord *record)
{
  const SatchelType *type = satchel_record_get_record_type (record);
  const char *user = satchel_record_get_created_by (record);
  g_auto (SatchelValue) value = SATCHEL_VALUE_INIT;
  guint index;

  if (user == NULL || satchel_type_get_home (type) != SATCHEL_HOME_ACCOUNT ||
      !satchel_type_lookup_field (type, "owner", &index) ||
      !satchel_value_is_null (satchel_record_get_value (record, index)))
    return;

  satchel_value_set_text (&value, user);
  satchel_record_take_value (record, index, &value);
}
