/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "satchel-icons.h"

typedef struct
{
  const char *name;
  const char *icon;
} Icon;

static const Icon channels[] = {
  { "visit",   "mark-location-symbolic"     },
  { "call",    "call-start-symbolic"        },
  { "mail",    "mail-unread-symbolic"       },
  { "message", "chat-message-new-symbolic"  },
  { "meeting", "system-users-symbolic"      },
  { "virtual", "camera-video-symbolic"      },
  { "web",     "network-workgroup-symbolic" },
  { "event",   "x-office-calendar-symbolic" },
};

static const Icon types[] = {
  { "account",  "user-home-symbolic"         },
  { "contact",  "avatar-default-symbolic"    },
  { "activity", "chat-message-new-symbolic"  },
  { "note",     "document-edit-symbolic"     },
  { "task",     "checkbox-checked-symbolic"  },
  { "order",    "package-x-generic-symbolic" },
};

static const char *
find_icon (const Icon *icons, guint n_icons, const char *name)
{
  for (guint i = 0; i < n_icons; i++)
    if (g_strcmp0 (icons[i].name, name) == 0)
      return icons[i].icon;
  return "x-office-document-symbolic";
}

const char *
satchel_icon_of_channel (const char *channel)
{
  return find_icon (channels, G_N_ELEMENTS (channels), channel);
}

const char *
satchel_icon_of_type (const char *type)
{
  return find_icon (types, G_N_ELEMENTS (types), type);
}

const char *
satchel_icon_of_record (SatchelRecord *record)
{
  const char *type = satchel_type_get_name (satchel_record_get_record_type (record));

  if (g_str_equal (type, "activity"))
    return satchel_icon_of_channel (satchel_record_get_text (record, "channel"));
  return satchel_icon_of_type (type);
}
