/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-config.h"

#include "satchel-samples.h"

#include <glib/gi18n-lib.h>

#include "exchange/satchel-csv.h"
#include "records/satchel-error.h"
#include "replica/satchel-replica-sync.h"

/* Who a person is in the demo. */
#define DEMO_COMPANY "northwind"
#define DEMO_USER "nancy"
#define DEMO_REVISION "demo.1"

/**
 * satchel_samples_find:
 * @name: the name of a sample company, or a folder
 * @error: return location
 *
 * Where the CSV files of a sample company are: installed, in the source tree, or in a folder of the caller's.
 *
 * Returns: (transfer full) (nullable): a folder; %NULL with #SATCHEL_DATA_ERROR_NOT_FOUND
 */
char *
satchel_samples_find (const char *name, GError **error)
{
  static const char *const places[] = { SATCHEL_SAMPLES_DIR, SATCHEL_SOURCE_SAMPLES_DIR };

  for (guint i = 0; i < G_N_ELEMENTS (places) && strchr (name, G_DIR_SEPARATOR) == NULL; i++)
    {
      g_autofree char *folder = g_build_filename (places[i], name, NULL);

      if (g_file_test (folder, G_FILE_TEST_IS_DIR))
        return g_steal_pointer (&folder);
    }
  if (g_file_test (name, G_FILE_TEST_IS_DIR))
    return g_strdup (name);
  g_set_error (error, SATCHEL_DATA_ERROR, SATCHEL_DATA_ERROR_NOT_FOUND,
               _ ("There is no sample company and no folder “%s”."), name);
  return NULL;
}

/* ---- The demo ---- */

typedef struct
{
  SatchelDelivery *delivery;
  char *user_id;
} Demo;

/* Everything in the demo is everybody's. */
static gboolean
add_record (Demo *demo, SatchelRecord *record, GError **error)
{
  const char *type = satchel_type_get_name (satchel_record_get_record_type (record));
  g_autoptr (JsonObject) wire = NULL;

  satchel_record_set_rev (record, DEMO_REVISION);
  satchel_record_set_bucket (record, "org");
  if (satchel_record_get_updated_at (record) == NULL)
    satchel_record_set_updated (record, satchel_record_get_created_at (record), satchel_record_get_created_by (record));
  if (g_str_equal (type, "user") && g_strcmp0 (satchel_record_get_text (record, "name"), DEMO_USER) == 0)
    g_set_str (&demo->user_id, satchel_record_get_id (record));
  wire = satchel_record_to_wire (record);
  return satchel_delivery_add_put (demo->delivery, wire, error);
}

static gboolean
add_rows (Demo *demo, SatchelCsvReader *reader, GError **error)
{
  for (;;)
    {
      g_autoptr (SatchelRecord) record = NULL;
      guint64 line;

      switch (satchel_csv_reader_next (reader, &record, &line, error))
        {
        case SATCHEL_CSV_END:
          return TRUE;
        case SATCHEL_CSV_RECORD:
          if (!add_record (demo, record, error))
            return FALSE;
          break;
        case SATCHEL_CSV_REFUSED:
        case SATCHEL_CSV_FAILED:
        default:
          return FALSE;
        }
    }
}

static gboolean
add_file (Demo *demo, const SatchelType *type, const char *folder, GError **error)
{
  g_autofree char *name = g_strconcat (satchel_type_get_name (type), ".csv", NULL);
  g_autoptr (GFile) file = g_file_new_build_filename (folder, name, NULL);
  g_autoptr (GFileInputStream) stream = NULL;
  g_autoptr (SatchelCsvReader) reader = NULL;

  if (!g_file_query_exists (file, NULL))
    return TRUE;
  stream = g_file_read (file, NULL, error);
  if (stream == NULL)
    return FALSE;
  reader = satchel_csv_reader_new (type, G_INPUT_STREAM (stream));
  return satchel_csv_reader_start (reader, NULL, error) && add_rows (demo, reader, error);
}

static gboolean
apply (Demo *demo, SatchelReplica *replica, GError **error)
{
  const SatchelDeliveryEnd end = { .cursor = "", .epoch = "demo" };
  const SatchelLink link = { .user_id = demo->user_id, .user_name = (char *) DEMO_USER };

  SatchelDeliveryResult result;

  return satchel_delivery_apply (demo->delivery, &end, &result, error) &&
         satchel_replica_set_link (replica, &link, error);
}

static gboolean
fill (SatchelReplica *replica, const char *folder, GError **error)
{
  const SatchelVocabulary *vocabulary = satchel_replica_get_vocabulary (replica);
  g_autoptr (SatchelDelivery) delivery = satchel_delivery_new (replica);
  Demo demo = { .delivery = delivery };
  gboolean done = TRUE;

  for (guint i = 0; done && i < satchel_vocabulary_get_n_types (vocabulary); i++)
    done = add_file (&demo, satchel_vocabulary_get_type_at (vocabulary, i), folder, error);
  done = done && apply (&demo, replica, error);
  g_free (demo.user_id);
  return done;
}

/**
 * satchel_samples_fill:
 * @replica: a replica that is not connected
 * @error: return location
 *
 * Lays the sample company down as if a server had sent it: nothing waits to
 * be sent. Blocks; not for the UI thread.
 *
 * Returns: whether the demo is there
 */
gboolean
satchel_samples_fill (SatchelReplica *replica, GError **error)
{
  g_autoptr (SatchelStatus) status = satchel_replica_get_status (replica, error);
  g_autofree char *folder = NULL;

  if (status == NULL)
    return FALSE;
  if (status->user_id != NULL)
    return TRUE;
  folder = satchel_samples_find (DEMO_COMPANY, error);
  return folder != NULL && fill (replica, folder, error);
}
