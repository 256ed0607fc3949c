/* SPDX-License-Identifier: GPL-3.0-or-later */

/* satchelctl with a type that exists only in tests. */

#include "ctl.h"
#include "test-vocabulary.h"

int
main (int argc, char **argv)
{
  g_autoptr (SatchelVocabulary) vocabulary = satchel_test_vocabulary_new ();

  return satchelctl_main (vocabulary, argc, argv);
}
