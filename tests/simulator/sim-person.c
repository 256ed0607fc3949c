/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What people do on their devices. Everything typed has a token of its own; the oracle is told what was seen when. */

#include "sim-person.h"

#include <string.h>

#include "records/satchel-id.h"

#define HOT_THINGS 9
#define HOT_PERCENT 60
#define TRIES 4
#define MAX_FORMS 3

/* ---- Saving --------------------------------------------------------------------------------------- */

/* "phone: 900000012 on 900000007" for each thing that was typed. */
static char *
describe (const OracleSave *saved)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < saved->typed->len; i++)
    {
      const Typed *typed = g_ptr_array_index (saved->typed, i);
      g_autofree char *made = oracle_tokens_write (typed->made);
      g_autofree char *saw = oracle_tokens_write (typed->saw);

      g_string_append_printf (text, "%s%s: %s", i == 0 ? " (" : "; ", typed->unit, made);
      if (typed->made == NULL)
        g_string_append_printf (text, "%u", typed->token);
      if (typed->saw != NULL)
        g_string_append_printf (text, " on %s", saw);
    }
  if (text->len > 0)
    g_string_append_c (text, ')');

  return g_string_free_and_steal (text);
}

/* Takes both. What is refused at once was never saved. */
static void
save (SimDevice *self, SatchelEdit *edit, OracleSave *saved, const char *what)
{
  g_autoptr (SatchelEdit) owned = edit;
  g_autofree char *details = describe (saved);
  g_autoptr (GError) error = NULL;

  if (satchel_edit_is_empty (edit))
    oracle_save_free (saved);
  else if (sim_device_commit (self, edit, saved, TRUE, &error))
    sim_trace_say (&self->sim->trace, "%s on device %u %s%s", self->user->name, self->number, what, details);
  else
    sim_trace_say (&self->sim->trace, "%s on device %u cannot do it: %s: %s", self->user->name, self->number, what,
                   error->message);
}

static OracleSave *
save_new (SimDevice *self, gboolean strict)
{
  return oracle_save_new (self->lineage, self->number, strict);
}

/* ---- What is on the screen ------------------------------------------------------------------------ */

/* A record that this device shows, mostly one of those that everybody works on. */
static SatchelRecord *
pick_record (SimDevice *self, const char *type, gboolean in_bin)
{
  Sim *sim = self->sim;

  for (guint i = 0; i < TRIES; i++)
    {
      guint limit = sim_random_percent (&sim->random, HOT_PERCENT) ? MIN (HOT_THINGS, sim->things->len)
                                                                   : sim->things->len;
      const SimThing *thing = g_ptr_array_index (sim->things, sim_random_below (&sim->random, limit));
      g_autoptr (SatchelRecord) record = NULL;

      if (type != NULL && strcmp (thing->type, type) != 0)
        continue;
      record = satchel_replica_get (self->replica, thing->id, NULL);
      if (record != NULL && (satchel_record_get_deleted_at (record) != NULL) == in_bin)
        return g_steal_pointer (&record);
    }

  return NULL;
}

/* ---- Typing --------------------------------------------------------------------------------------- */

static gboolean
can_be_typed (const SatchelField *field)
{
  if (field->policy == SATCHEL_POLICY_DERIVED || field->target != NULL ||
      (field->flags & (SATCHEL_FIELD_SERVER | SATCHEL_FIELD_REASSIGN | SATCHEL_FIELD_HIDDEN)) != 0)
    return FALSE;

  switch (field->kind)
    {
    case SATCHEL_KIND_TEXT:
    case SATCHEL_KIND_LONG_TEXT:
    case SATCHEL_KIND_PHONE:
    case SATCHEL_KIND_EMAIL:
    case SATCHEL_KIND_URI:
    case SATCHEL_KIND_INTEGER:
    case SATCHEL_KIND_MONEY:
    case SATCHEL_KIND_SET:
    case SATCHEL_KIND_JSON:
      return TRUE;
    case SATCHEL_KIND_NUMBER:
    case SATCHEL_KIND_BOOLEAN:
    case SATCHEL_KIND_CURRENCY:
    case SATCHEL_KIND_DATE:
    case SATCHEL_KIND_TIME:
    case SATCHEL_KIND_CHOICE:
    case SATCHEL_KIND_REFERENCE:
    default:
      return FALSE;
    }
}

static guint
pick_field (SimDevice *self, const SatchelType *type)
{
  guint n_fields = satchel_type_get_n_fields (type);
  guint index = sim_random_below (&self->sim->random, n_fields);

  while (!can_be_typed (satchel_type_get_field (type, index)))
    index = (index + 1) % n_fields;

  return index;
}

static char *
write_text (const SatchelField *field, guint token)
{
  switch (field->kind)
    {
    case SATCHEL_KIND_PHONE:
      return g_strdup_printf ("+49 %u", token);
    case SATCHEL_KIND_EMAIL:
      return g_strdup_printf ("a.%u@example.com", token);
    case SATCHEL_KIND_URI:
      return g_strdup_printf ("https://example.com/%u", token);
    case SATCHEL_KIND_JSON:
      return g_strdup_printf ("{\"number\":%u}", token);
    default:
      return g_strdup_printf ("word %u", token);
    }
}

/* A line is changed, comes in or goes. */
static guint
write_lines (SimDevice *self, SatchelRecord *record, guint index)
{
  Sim *sim = self->sim;
  const SatchelValue *value = satchel_record_get_value (record, index);
  g_auto (GStrv) lines = g_strsplit (satchel_value_is_null (value) ? "" : value->text, "\n", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) changed = NULL;
  guint place = sim_random_below (&sim->random, MAX (g_strv_length (lines), 1));
  guint what = sim_random_below (&sim->random, 5);
  guint token = what == 0 ? 0 : oracle_new_token (&sim->oracle);
  SatchelValue text = SATCHEL_VALUE_INIT;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (i == place && token != 0)
        g_strv_builder_take (builder, g_strdup_printf ("line %u", token));
      if (i != place || what > 2)
        g_strv_builder_add (builder, lines[i]);
    }
  if (lines[0] == NULL && token != 0)
    g_strv_builder_take (builder, g_strdup_printf ("line %u", token));
  changed = g_strv_builder_end (builder);
  satchel_value_take_text (&text, g_strjoinv ("\n", changed));
  satchel_record_take_value (record, index, &text);

  return token;
}

/* Returns the token of what was typed; 0 when something was only taken away. */
static guint
type_field (SimDevice *self, SatchelRecord *record, guint index)
{
  const SatchelField *field = satchel_type_get_field (satchel_record_get_record_type (record), index);
  SatchelValue value = SATCHEL_VALUE_INIT;
  guint token;

  if (field->policy == SATCHEL_POLICY_TEXT)
    return write_lines (self, record, index);

  token = oracle_new_token (&self->sim->oracle);
  if (field->kind == SATCHEL_KIND_INTEGER || field->kind == SATCHEL_KIND_MONEY)
    satchel_value_set_integer (&value, token);
  else
    satchel_value_take_text (&value, write_text (field, token));
  satchel_record_take_value (record, index, &value);

  return token;
}

/* ---- Editing -------------------------------------------------------------------------------------- */

static void
add_member (SimDevice *self, SatchelEdit *edit, OracleSave *saved, const SatchelRecord *seen, const SatchelField *field)
{
  guint token = oracle_new_token (&self->sim->oracle);
  g_autofree char *member = g_strdup_printf ("m%u", token);
  const char *const members[] = { member, NULL };

  if (satchel_edit_add_members (edit, seen, field->name, members, NULL))
    oracle_save_add (saved, TYPED_ADD, seen, field->name)->token = token;
}

static gboolean
remove_member (SimDevice *self, SatchelEdit *edit, OracleSave *saved, const SatchelRecord *seen, guint index)
{
  const SatchelField *field = satchel_type_get_field (satchel_record_get_record_type (seen), index);
  g_auto (GStrv) set = satchel_value_dup_set (satchel_record_get_value (seen, index));
  const char *members[] = { NULL, NULL };

  if (set == NULL || set[0] == NULL || !sim_random_percent (&self->sim->random, 40))
    return FALSE;
  members[0] = set[sim_random_below (&self->sim->random, g_strv_length (set))];
  if (satchel_edit_remove_members (edit, seen, field->name, members, NULL))
    oracle_save_add (saved, TYPED_REMOVE, seen, field->name)->made = oracle_tokens_of_text (members[0]);

  return TRUE;
}

static void
change_field (SimDevice *self, SatchelEdit *edit, OracleSave *saved, const SatchelRecord *seen, SatchelRecord *changed,
              guint index)
{
  const SatchelType *type = satchel_record_get_record_type (seen);
  const SatchelField *field = satchel_type_get_field (type, index);

  if (field->kind == SATCHEL_KIND_SET)
    {
      if (!remove_member (self, edit, saved, seen, index))
        add_member (self, edit, saved, seen, field);
    }
  else
    {
      guint token = type_field (self, changed, index);

      oracle_save_value (saved, seen, changed, satchel_type_get_unit_of_field (type, index)->name, token);
    }
}

/* One or two units of a record that was read when the form was opened. */
static void
change (SimDevice *self, SatchelEdit *edit, OracleSave *saved, const SatchelRecord *seen)
{
  const SatchelType *type = satchel_record_get_record_type (seen);
  g_autoptr (SatchelRecord) changed = satchel_record_copy (seen);
  guint first = pick_field (self, type);
  guint second = pick_field (self, type);

  change_field (self, edit, saved, seen, changed, first);
  if (satchel_type_get_unit_of_field (type, first) != satchel_type_get_unit_of_field (type, second) &&
      sim_random_percent (&self->sim->random, 30))
    change_field (self, edit, saved, seen, changed, second);
  satchel_edit_update (edit, seen, changed);
}

static gboolean
is_append_only (const SatchelRecord *record)
{
  return (satchel_type_get_flags (satchel_record_get_record_type (record)) & SATCHEL_TYPE_APPEND_ONLY) != 0;
}

static void
edit_record (SimDevice *self, const SatchelRecord *seen, const char *how)
{
  SatchelEdit *edit = satchel_edit_new ();
  OracleSave *saved = save_new (self, FALSE);
  g_autofree char *what = g_strdup_printf ("%s %s", how, sim_name (self->sim, satchel_record_get_id (seen)));

  change (self, edit, saved, seen);
  save (self, edit, saved, what);
}

static void
edit_something (SimDevice *self)
{
  g_autoptr (SatchelRecord) seen = pick_record (self, NULL, FALSE);

  if (seen != NULL && !is_append_only (seen))
    edit_record (self, seen, "changes");
}

/* All of it or nothing. */
static void
edit_together (SimDevice *self)
{
  SatchelEdit *edit = satchel_edit_new ();
  OracleSave *saved = save_new (self, TRUE);

  satchel_edit_set_strict (edit, TRUE);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (SatchelRecord) seen = pick_record (self, NULL, FALSE);

      if (seen != NULL && !is_append_only (seen) && !sim_edit_touches (edit, seen))
        change (self, edit, saved, seen);
    }
  save (self, edit, saved, "changes two things together");
}

static void
open_form (SimDevice *self)
{
  SatchelRecord *seen = self->forms->len < MAX_FORMS ? pick_record (self, NULL, FALSE) : NULL;

  if (seen == NULL)
    return;
  g_ptr_array_add (self->forms, seen);
  sim_trace_say (&self->sim->trace, "%s on device %u opens %s", self->user->name, self->number,
                 sim_name (self->sim, satchel_record_get_id (seen)));
}

static void
save_form (SimDevice *self)
{
  g_autoptr (SatchelRecord) seen = NULL;

  if (self->forms->len == 0)
    return;
  seen = g_ptr_array_steal_index (self->forms, sim_random_below (&self->sim->random, self->forms->len));
  if (!is_append_only (seen))
    edit_record (self, seen, "saves the form of");
}

/* ---- New records ---------------------------------------------------------------------------------- */

static void
set_text (SatchelRecord *record, const char *field, const char *text)
{
  gboolean fits = satchel_record_set_from_text (record, field, text, NULL);

  g_assert (fits);
}

static void
fill_place (SimDevice *self, SatchelRecord *record, const char *type)
{
  Sim *sim = self->sim;
  g_autoptr (SatchelRecord) account = NULL;
  const SimUser *user = sim_random_pick (&sim->random, sim->start->users);

  if (strcmp (type, "account") == 0)
    {
      if (sim_random_percent (&sim->random, 70))
        set_text (record, "territory", sim_random_pick (&sim->random, sim->start->territories));
      return;
    }

  account = pick_record (self, "account", FALSE);
  if (account != NULL && sim_random_percent (&sim->random, 85))
    set_text (record, "account", satchel_record_get_id (account));
  if (strcmp (type, "note") == 0 && sim_random_percent (&sim->random, 20))
    set_text (record, "private", "true");
  if (strcmp (type, "consent") == 0)
    {
      set_text (record, "channel", "call");
      set_text (record, "state", "granted");
    }
  if (strcmp (type, "task") == 0 && sim_random_percent (&sim->random, 40))
    set_text (record, "assignee", user->id);
}

static void
type_new_field (SimDevice *self, OracleSave *saved, SatchelRecord *record, const char *name)
{
  const SatchelType *type = satchel_record_get_record_type (record);
  guint index, token;

  satchel_type_lookup_field (type, name, &index);
  token = type_field (self, record, index);
  oracle_save_value (saved, NULL, record, satchel_type_get_unit_of_field (type, index)->name, token);
}

static void
create (SimDevice *self)
{
  static const struct
  {
    const char *type;
    const char *fields[3];
  } kinds[] = {
    { "specimen", { "title", "phone", "story" } },
    { "note",     { "title", "body", NULL }     },
    { "task",     { "title", "details", NULL }  },
    { "contact",  { "family_name", "notes" }    },
    { "deal",     { "title", "next_step" }      },
    { "consent",  { "purpose", "source", NULL } },
    { "account",  { "name", "industry", NULL }  },
  };
  Sim *sim = self->sim;
  guint kind = sim_random_below (&sim->random, G_N_ELEMENTS (kinds));
  g_autofree char *id = satchel_id_new ();
  g_autoptr (SatchelRecord) record = NULL;
  g_autofree char *what = NULL;
  const SatchelType *type;
  SatchelEdit *edit;
  OracleSave *saved;

  type = satchel_vocabulary_lookup (sim_device_get_vocabulary (self), kinds[kind].type);
  if (type == NULL)
    return;
  record = satchel_record_new (type, id);
  edit = satchel_edit_new ();
  saved = save_new (self, FALSE);
  fill_place (self, record, kinds[kind].type);
  for (guint i = 0; i < G_N_ELEMENTS (kinds[kind].fields) && kinds[kind].fields[i] != NULL; i++)
    type_new_field (self, saved, record, kinds[kind].fields[i]);
  g_ptr_array_add (sim->things, sim_thing_new (id, kinds[kind].type));
  what = g_strdup_printf ("makes %s", sim_name (sim, id));
  satchel_edit_create (edit, record);
  save (self, edit, saved, what);
}

/* ---- Taking back ---------------------------------------------------------------------------------- */

/* On what the last save made of it, whatever has landed since. */
static void
undo (SimDevice *self)
{
  g_autoptr (SatchelEdit) edit = g_steal_pointer (&self->undo);
  OracleSave *undone = g_steal_pointer (&self->undone);
  g_autofree char *details = NULL;
  g_autoptr (GError) error = NULL;

  if (edit == NULL)
    return;
  details = describe (undone);
  if (sim_device_commit (self, edit, undone, FALSE, &error))
    sim_trace_say (&self->sim->trace, "%s on device %u takes the last change back%s", self->user->name, self->number,
                   details);
  else
    sim_trace_say (&self->sim->trace, "%s on device %u cannot take the last change back: %s", self->user->name,
                   self->number, error->message);
}

/* ---- The bin -------------------------------------------------------------------------------------- */

static void delete (SimDevice *self)
{
  g_autoptr (SatchelRecord) seen = pick_record (self, NULL, FALSE);
  g_autofree char *what = NULL;
  SatchelEdit *edit;
  OracleSave *saved;

  if (seen == NULL || (strcmp (satchel_type_get_name (satchel_record_get_record_type (seen)), "account") == 0 &&
                       !sim_random_percent (&self->sim->random, 25)))
    return;

  edit = satchel_edit_new ();
  saved = save_new (self, FALSE);
  satchel_edit_delete (edit, seen);
  oracle_save_add (saved, TYPED_DELETE, seen, "deleted")->saw = oracle_tokens_of_record (seen);
  what = g_strdup_printf ("deletes %s", sim_name (self->sim, satchel_record_get_id (seen)));
  save (self, edit, saved, what);
}

static void
restore (SimDevice *self)
{
  g_autoptr (SatchelRecord) seen = pick_record (self, NULL, TRUE);
  g_autofree char *what = NULL;
  SatchelEdit *edit;
  OracleSave *saved;

  if (seen == NULL)
    return;

  edit = satchel_edit_new ();
  saved = save_new (self, FALSE);
  satchel_edit_restore (edit, seen);
  oracle_save_add (saved, TYPED_RESTORE, seen, "deleted")->saw = oracle_tokens_of_record (seen);
  what = g_strdup_printf ("restores %s", sim_name (self->sim, satchel_record_get_id (seen)));
  save (self, edit, saved, what);
}

/* ---- Moving --------------------------------------------------------------------------------------- */

/* An account goes to another territory or owner; a contact goes to another account. */
static void
move (SimDevice *self)
{
  Sim *sim = self->sim;
  g_autoptr (SatchelRecord) seen = pick_record (self, NULL, FALSE);
  g_autoptr (SatchelRecord) account = pick_record (self, "account", FALSE);
  const SimUser *user = sim_random_pick (&sim->random, sim->start->users);
  g_autofree char *what = NULL;
  SatchelEdit *edit;
  const char *field = "account", *value;
  guint index;

  if (seen == NULL || account == NULL || is_append_only (seen))
    return;
  value = satchel_record_get_id (account);
  if (strcmp (satchel_type_get_name (satchel_record_get_record_type (seen)), "account") == 0)
    {
      gboolean to_owner = sim_random_percent (&sim->random, 30);

      field = to_owner ? "owner" : "territory";
      value = to_owner ? user->id : sim_random_pick (&sim->random, sim->start->territories);
    }
  if (!satchel_type_lookup_field (satchel_record_get_record_type (seen), field, &index))
    return;

  edit = satchel_edit_new ();
  satchel_edit_set_field (edit, seen, field, value, NULL);
  what = g_strdup_printf ("moves %s to another %s", sim_name (sim, satchel_record_get_id (seen)), field);
  save (self, edit, save_new (self, FALSE), what);
}

/* ---- Conflicts ------------------------------------------------------------------------------------ */

static SatchelRecord *
pick_conflict (SimDevice *self)
{
  g_autoptr (GPtrArray) conflicts = satchel_replica_list_conflicts (self->replica, NULL);
  SatchelRecord *conflict = conflicts != NULL ? sim_random_pick (&self->sim->random, conflicts) : NULL;

  return conflict != NULL ? satchel_record_ref (conflict) : NULL;
}

static JsonArray *
parse_values (const SatchelRecord *conflict)
{
  g_autoptr (JsonNode) node = json_from_string (satchel_record_get_text (conflict, "values"), NULL);

  return json_node_dup_array (node);
}

static OracleTokens *
tokens_of_element (JsonArray *values, guint index)
{
  g_autofree char *text = json_to_string (json_array_get_element (values, index), FALSE);

  return oracle_tokens_of_text (text);
}

static gboolean
keep_value (SimDevice *self, SatchelEdit *edit, const SatchelRecord *conflict, const SatchelRecord *current,
            JsonArray *values, Typed *typed)
{
  guint number = sim_random_below (&self->sim->random, json_array_get_length (values)) + 1;

  if (!satchel_edit_resolve_keep_value (edit, conflict, current, number, NULL))
    return FALSE;
  typed->made = tokens_of_element (values, number - 1);

  return TRUE;
}

static void
keep_current (SatchelEdit *edit, const SatchelRecord *conflict, const SatchelRecord *current, Typed *typed)
{
  satchel_edit_resolve_keep_current (edit, conflict, current);
  typed->made = oracle_tokens_of_unit (current, typed->unit);
}

/* With a value of one's own, in the first field of the unit that can be typed. */
static gboolean
keep_own (SimDevice *self, SatchelEdit *edit, const SatchelRecord *conflict, const SatchelRecord *current, Typed *typed)
{
  const SatchelType *type = satchel_record_get_record_type (current);
  const SatchelUnit *unit = satchel_type_lookup_unit (type, typed->unit);
  g_autoptr (SatchelRecord) changed = satchel_record_copy (current);
  g_autoptr (JsonObject) value = NULL;

  for (guint i = 0; unit != NULL && i < unit->n_fields; i++)
    if (unit->policy != SATCHEL_POLICY_SET && can_be_typed (satchel_type_get_field (type, unit->fields[i])))
      {
        guint token = type_field (self, changed, unit->fields[i]);

        value = satchel_record_dup_unit (changed, typed->unit);
        if (!satchel_edit_resolve_with (edit, conflict, current, value, NULL))
          return FALSE;
        typed->token = token;
        typed->made = oracle_tokens_of_unit (changed, typed->unit);
        return TRUE;
      }

  return FALSE;
}

static void
choose (SimDevice *self, SatchelEdit *edit, const SatchelRecord *conflict, const SatchelRecord *current, Typed *typed)
{
  g_autoptr (JsonArray) values = parse_values (conflict);
  guint chance = sim_random_below (&self->sim->random, 100);

  if (chance < 45 && keep_value (self, edit, conflict, current, values, typed))
    return;
  if (chance < 65 && keep_own (self, edit, conflict, current, typed))
    return;
  keep_current (edit, conflict, current, typed);
}

static void
resolve (SimDevice *self)
{
  g_autoptr (SatchelRecord) conflict = pick_conflict (self);
  g_autoptr (SatchelRecord) current = NULL;
  g_autofree char *what = NULL;
  SatchelEdit *edit;
  OracleSave *saved;
  Typed *typed;

  if (conflict == NULL)
    return;
  current = satchel_replica_get (self->replica, satchel_record_get_text (conflict, "target_id"), NULL);
  if (current == NULL)
    return;

  edit = satchel_edit_new ();
  saved = save_new (self, FALSE);
  typed = oracle_save_add (saved, TYPED_RESOLVE, current, satchel_record_get_text (conflict, "unit"));
  typed->conflict = g_strdup (satchel_record_get_id (conflict));
  typed->saw = strcmp (typed->unit, "deleted") == 0 ? oracle_tokens_of_record (current)
                                                    : oracle_tokens_of_unit (current, typed->unit);
  typed->listed = oracle_tokens_of_text (satchel_record_get_text (conflict, "values"));
  choose (self, edit, conflict, current, typed);
  what = g_strdup_printf ("settles a conflict on %s of %s", typed->unit,
                          sim_name (self->sim, satchel_record_get_id (current)));
  save (self, edit, saved, what);
}

/* ---- The tray ------------------------------------------------------------------------------------- */

static char *
write_mutations (const SatchelWork *work)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < work->mutations->len; i++)
    {
      g_autoptr (JsonObject) object = satchel_mutation_to_json (g_ptr_array_index (work->mutations, i));
      g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);
      g_autofree char *one = json_to_string (node, FALSE);

      g_string_append (text, one);
    }

  return g_string_free_and_steal (text);
}

static void
look_into_tray (SimDevice *self)
{
  g_autoptr (GPtrArray) tray = satchel_replica_list_tray (self->replica, NULL);
  const SatchelWork *work = tray != NULL ? sim_random_pick (&self->sim->random, tray) : NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gboolean drops = sim_random_percent (&self->sim->random, 40);

  if (work == NULL)
    return;
  text = write_mutations (work);
  /* When it is killed meanwhile nobody knows: then it counts as done, for what is asked of it afterwards. */
  if (drops)
    oracle_let_go (&self->sim->oracle, self->number, text);
  else
    oracle_send_again (&self->sim->oracle, text);
  if (drops ? !satchel_replica_tray_drop (self->replica, work->id, &error)
            : !satchel_replica_tray_retry (self->replica, work->id, &error))
    sim_trace_say (&self->sim->trace, "%s on device %u cannot take out of the tray: %s", self->user->name, self->number,
                   error->message);
  sim_trace_say (&self->sim->trace, "%s on device %u %s what was refused (%s)", self->user->name, self->number,
                 drops ? "drops" : "tries again", work->code);
}

/* ---- One step ------------------------------------------------------------------------------------- */

void
sim_person_step (SimDevice *device)
{
  static const struct
  {
    guint weight;
    void (*act) (SimDevice *self);
  } acts[] = {
    { 38, edit_something },
    { 4,  undo           },
    { 8,  edit_together  },
    { 8,  open_form      },
    { 10, save_form      },
    { 14, create         },
    { 3,  delete         },
    { 3,  restore        },
    { 2,  move           },
    { 6,  resolve        },
    { 4,  look_into_tray },
  };
  guint chance = sim_random_below (&device->sim->random, 100);

  sim_device_act (device);
  for (guint i = 0; i < G_N_ELEMENTS (acts); i++)
    {
      if (chance < acts[i].weight)
        {
          acts[i].act (device);
          return;
        }
      chance -= acts[i].weight;
    }
}
