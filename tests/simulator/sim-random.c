/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "sim-random.h"

#include <sodium.h>

#include "fault-vfs.h"

/* splitmix64 */
static guint64
next (SimRandom *self)
{
  guint64 mixed = self->state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  mixed = (mixed ^ (mixed >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  mixed = (mixed ^ (mixed >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);

  return mixed ^ (mixed >> 31);
}

void
sim_random_seed (SimRandom *self, guint64 seed, guint64 stream)
{
  self->state = seed;
  self->state = next (self) ^ (stream * G_GUINT64_CONSTANT (0xd6e8feb86659fd93));
  next (self);
}

guint
sim_random_below (SimRandom *self, guint limit)
{
  return limit == 0 ? 0 : (guint) (next (self) % limit);
}

gboolean
sim_random_percent (SimRandom *self, guint percent)
{
  return sim_random_below (self, 100) < percent;
}

gpointer
sim_random_pick (SimRandom *self, GPtrArray *array)
{
  return array->len == 0 ? NULL : g_ptr_array_index (array, sim_random_below (self, array->len));
}

/* ---- What the libraries take for chance ----------------------------------------------------------- */

static SimRandom library;

static const char *
name_implementation (void)
{
  return "simulator";
}

static uint32_t
give_random (void)
{
  return (uint32_t) next (&library);
}

static void
fill (void *const buffer, const size_t size)
{
  guint8 *bytes = buffer;

  for (size_t i = 0; i < size; i++)
    bytes[i] = (guint8) next (&library);
}

static struct randombytes_implementation implementation = {
  .implementation_name = name_implementation,
  .random = give_random,
  .buf = fill,
};

void
sim_random_seed_libraries (guint64 seed, guint64 stream)
{
  SimRandom random;

  sim_random_seed (&random, seed, stream);
  g_random_set_seed ((guint32) next (&random));
  library = random;
  randombytes_set_implementation (&implementation);
  fault_vfs_seed (next (&random));
}
