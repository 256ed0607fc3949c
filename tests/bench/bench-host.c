/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "bench-host.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "records/satchel-id.h"

static void
check (const GError *error)
{
  if (error != NULL)
    g_error ("%s", error->message);
}

static void
run (BenchHost *self, const char *const *words)
{
  g_autoptr (GStrvBuilder) line = g_strv_builder_new ();
  g_auto (GStrv) arguments = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  g_strv_builder_add (line, self->program);
  g_strv_builder_addv (line, (const char **) words);
  g_strv_builder_add_many (line, "--data-dir", self->folder, NULL);
  arguments = g_strv_builder_end (line);
  process = g_subprocess_newv ((const char *const *) arguments, G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error);
  check (error);
  g_subprocess_wait_check (process, NULL, &error);
  check (error);
}

#define RUN(self, ...) run (self, (const char *const[]) { __VA_ARGS__, NULL })

static void
write_file (const char *path, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  check (error);
}

/* Names that differ, in three scripts. */
static void
append_account (GString *csv, GRand *random, guint n)
{
  static const char *const words[] = { "Markt",    "Delikatessen", "Bistro", "Трейд", "Чайная", "ร้านอาหาร",
                                       "Holdings", "Pasteis",      "Søn",    "Östra", "Grüne",  "Imports" };
  static const char *const cities[] = { "Berlin", "México D.F.", "Москва", "กรุงเทพมหานคร", "London", "Łódź" };
  guint first = g_rand_int_range (random, 0, G_N_ELEMENTS (words)), city = g_rand_int_range (random, 0, 6);

  g_string_append_printf (csv,
                          "%s %s %u,business,retail,Food trade,+49 30 %07d,info%u@example.org,Obere Str. %d,%s,%05u,"
                          "Germany,Eastern,customer\n",
                          words[first], cities[city], n, g_rand_int_range (random, 0, 9999999), n,
                          g_rand_int_range (random, 1, 200), cities[city], n % 100000);
}

static void
import_accounts (BenchHost *self, guint n_accounts)
{
  g_autofree char *folder = g_build_filename (self->folder, "csv", NULL);
  g_autofree char *path = g_build_filename (folder, "account.csv", NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autoptr (GString) csv = g_string_new (
      "name,kind,market,industry,phone,email,street,city,postcode,country,territory,stage\n");

  g_mkdir_with_parents (folder, 0700);
  for (guint i = 1; i <= n_accounts; i++)
    append_account (csv, random, i);
  write_file (path, csv->str);
  RUN (self, "import", folder);
}

/* With time for a client that shakes hands under valgrind. */
static void
serve (BenchHost *self)
{
  g_autoptr (GDataInputStream) output = NULL;
  g_autofree char *line = NULL;
  g_autoptr (GError) error = NULL;

  self->process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error,
                                    self->program, "serve", "--listen", "127.0.0.1:0", "--data-dir", self->folder,
                                    "--head-timeout", "300", NULL);
  check (error);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  line = g_data_input_stream_read_line (output, NULL, NULL, &error);
  check (error);
  if (line == NULL || strrchr (line, ' ') == NULL)
    g_error ("The server does not say where it listens");
  self->url = g_strdup (strrchr (line, ' ') + 1);
}

BenchHost *
bench_host_new (const char *program, guint n_accounts)
{
  BenchHost *self = g_new0 (BenchHost, 1);
  g_autofree char *password_file = NULL;
  g_autoptr (GError) error = NULL;

  self->program = program;
  self->folder = g_dir_make_tmp ("satchel-bench-XXXXXX", &error);
  check (error);
  password_file = g_build_filename (self->folder, "password", NULL);
  write_file (password_file, BENCH_PASSWORD "\n");
  self->ca_file = g_build_filename (self->folder, "tls", "ca.pem", NULL);

  RUN (self, "init", "--organisation", "Bench");
  RUN (self, "certificate", "--host", "127.0.0.1");
  RUN (self, "territory", "add", "Eastern");
  RUN (self, "user", "add", BENCH_USER, "--territory", "Eastern", "--password-file", password_file);
  import_accounts (self, n_accounts);
  serve (self);

  return self;
}

double
bench_host_get_processor_seconds (BenchHost *self)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/stat", g_subprocess_get_identifier (self->process));
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gulong user, system;

  g_file_get_contents (path, &text, NULL, &error);
  check (error);
  /* The fourteenth and the fifteenth number; the name before them may hold anything. */
  if (sscanf (strrchr (text, ')'), ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
    g_error ("%s cannot be read", path);

  return (double) (user + system) / sysconf (_SC_CLK_TCK);
}

void
bench_host_free (BenchHost *self)
{
  g_subprocess_send_signal (self->process, SIGTERM);
  g_subprocess_wait (self->process, NULL, NULL);
  g_clear_object (&self->process);
  bench_remove_folder (self->folder);
  g_free (self->folder);
  g_free (self->ca_file);
  g_free (self->url);
  g_free (self);
}

void
bench_remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autoptr (GFile) file = g_file_new_for_path (path);

      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        bench_remove_folder (path);
      else
        g_file_delete (file, NULL, NULL);
    }
  g_clear_pointer (&dir, g_dir_close);
  g_rmdir (folder);
}
