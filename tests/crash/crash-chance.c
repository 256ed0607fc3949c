/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Ids and times in the place of those of the system: the linker gives the code under test these ids (--wrap, see
 * meson.build). */

#include "crash-subject.h"
#include "records/satchel-id.h"

#define FIRST_DAY_MS G_GINT64_CONSTANT (1767225600000)
#define STEP_MS 60000

char *__wrap_satchel_id_new (void);

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

guint32
crash_chance_draw (void)
{
  guint32 n = (guint32) g_atomic_int_add (&chance.n_made, 1);

  return (n + (guint32) g_atomic_int_get (&chance.step) * 4096) * 2654435761u;
}

const char *
crash_id (guint number)
{
  g_autofree char *id = g_strdup_printf ("019a0000-0000-7000-8000-%012u", number);

  return g_intern_string (id);
}
