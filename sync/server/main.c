/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "commands/satchel-server.h"

int
main (int argc, char **argv)
{
  return satchel_server_main (satchel_vocabulary_get_default (), argc, argv);
}
