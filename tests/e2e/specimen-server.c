/* SPDX-License-Identifier: GPL-3.0-or-later */

/* satchel-server with a type that exists only in tests. */

#include "commands/satchel-server.h"
#include "test-vocabulary.h"

int
main (int argc, char **argv)
{
  g_autoptr (SatchelVocabulary) vocabulary = satchel_test_vocabulary_new ();

  return satchel_server_main (vocabulary, argc, argv);
}
