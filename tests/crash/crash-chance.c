/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Ids, tokens and times in the place of those of the system: the linker gives these functions to the code under test
 * (--wrap, see meson.build). */

#include "crash-subject.h"
#include "records/satchel-id.h"

#define FIRST_DAY_MS G_GINT64_CONSTANT (1767225600000)
#define STEP_MS 60000

char *__wrap_satchel_id_new (void);
char *__wrap_satchel_token_new (void);

static struct
{
  gint step; /* atomic, as threads of the subject ask too */
  gint n_made;
} chance;

static gint64
get_time (gpointer data)
{
  return FIRST_DAY_MS + (gint64) g_atomic_int_get (&chance.step) * STEP_MS;
}

void
crash_chance_begin (guint step)
{
  satchel_time_set_clock (get_time, NULL);
  g_atomic_int_set (&chance.step, (gint) step);
  g_atomic_int_set (&chance.n_made, 0);
}

char *
__wrap_satchel_id_new (void)
{
  return g_strdup_printf ("019b0000-0000-7000-8000-%06x%06x", (guint) g_atomic_int_get (&chance.step),
                          (guint) g_atomic_int_add (&chance.n_made, 1));
}

/* As long as a real one. */
char *
__wrap_satchel_token_new (void)
{
  return g_strdup_printf ("token-%018d-%018d", g_atomic_int_get (&chance.step), g_atomic_int_add (&chance.n_made, 1));
}
