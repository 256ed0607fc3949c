/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ctl.h"

int
main (int argc, char **argv)
{
  return satchelctl_main (satchel_vocabulary_get_default (), argc, argv);
}
