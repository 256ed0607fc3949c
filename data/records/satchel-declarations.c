/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every record type and field of Satchel, declared once. Adding a field is adding a line;
 * HACKING.md says what follows from it. */

#include "satchel-config.h"

#include "satchel-declarations.h"

#include <glib/gi18n-lib.h>

/* Kinds. */
#define TEXT .kind = SATCHEL_KIND_TEXT
#define LONG_TEXT .kind = SATCHEL_KIND_LONG_TEXT, .policy = SATCHEL_POLICY_TEXT
#define PHONE .kind = SATCHEL_KIND_PHONE
#define EMAIL .kind = SATCHEL_KIND_EMAIL
#define URI .kind = SATCHEL_KIND_URI
#define INTEGER .kind = SATCHEL_KIND_INTEGER
#define NUMBER .kind = SATCHEL_KIND_NUMBER
#define BOOLEAN .kind = SATCHEL_KIND_BOOLEAN
#define MONEY .kind = SATCHEL_KIND_MONEY
#define CURRENCY .kind = SATCHEL_KIND_CURRENCY
#define DATE .kind = SATCHEL_KIND_DATE
#define TIME .kind = SATCHEL_KIND_TIME
#define CHOICE(list) .kind = SATCHEL_KIND_CHOICE, .choices = list
#define PROPOSED(list) .kind = SATCHEL_KIND_TEXT, .choices = list
#define REFERENCE(type) .kind = SATCHEL_KIND_REFERENCE, .target = type
#define SET .kind = SATCHEL_KIND_SET, .policy = SATCHEL_POLICY_SET
#define SET_OF(type) .kind = SATCHEL_KIND_SET, .policy = SATCHEL_POLICY_SET, .target = type
#define JSON .kind = SATCHEL_KIND_JSON

/* Policies other than `ask` that do not follow from the kind. */
#define LATEST .policy = SATCHEL_POLICY_LATEST
#define DERIVED .policy = SATCHEL_POLICY_DERIVED

/* Flags. */
#define REQUIRED SATCHEL_FIELD_REQUIRED
#define SEARCHABLE SATCHEL_FIELD_SEARCHABLE
#define PERSONAL SATCHEL_FIELD_PERSONAL
#define TITLE SATCHEL_FIELD_TITLE
#define ANCHOR SATCHEL_FIELD_ANCHOR
#define REASSIGN SATCHEL_FIELD_REASSIGN
#define SERVER SATCHEL_FIELD_SERVER
#define HIDDEN SATCHEL_FIELD_HIDDEN
#define EITHER SATCHEL_FIELD_EITHER

#define END { NULL, NULL }

static const SatchelChoice account_kinds[] = {
  { "business", N_ ("Business") },
  { "person",   N_ ("Person")   },
  END,
};

static const SatchelChoice markets[] = {
  { "wholesale", N_ ("Wholesale") },
  { "retail",    N_ ("Retail")    },
  { "consumer",  N_ ("Consumer")  },
  { "partner",   N_ ("Partner")   },
  END,
};

static const SatchelChoice account_stages[] = {
  { "prospect", N_ ("Prospect") },
  { "customer", N_ ("Customer") },
  { "dormant",  N_ ("Dormant")  },
  { "lost",     N_ ("Lost")     },
  END,
};

static const SatchelChoice tiers[] = {
  { "A", N_ ("A") },
  { "B", N_ ("B") },
  { "C", N_ ("C") },
  END,
};

static const SatchelChoice genders[] = {
  { "female", N_ ("Female") },
  { "male",   N_ ("Male")   },
  END,
};

static const SatchelField account_fields[] = {
  { "name", N_ ("Name"), TEXT, .flags = REQUIRED | SEARCHABLE | TITLE },
  { "kind", N_ ("Kind"), CHOICE (account_kinds) },
  { "market", N_ ("Market"), CHOICE (markets) },
  { "industry", N_ ("Industry"), TEXT, .flags = SEARCHABLE },
  { "employees", N_ ("Employees"), INTEGER, .unit = "size" },
  { "revenue", N_ ("Revenue"), MONEY, .unit = "size" },
  { "currency", N_ ("Currency"), CURRENCY, .unit = "size" },
  { "phone", N_ ("Phone"), PHONE, .flags = SEARCHABLE | PERSONAL },
  { "email", N_ ("Email"), EMAIL, .flags = SEARCHABLE | PERSONAL },
  { "website", N_ ("Website"), URI, .flags = SEARCHABLE },
  { "street", N_ ("Street"), TEXT, .unit = "address", .flags = SEARCHABLE | PERSONAL },
  { "city", N_ ("City"), TEXT, .unit = "address", .flags = SEARCHABLE | PERSONAL },
  { "region", N_ ("Region"), TEXT, .unit = "address", .flags = PERSONAL },
  { "postcode", N_ ("Postcode"), TEXT, .unit = "address", .flags = PERSONAL },
  { "country", N_ ("Country"), TEXT, .unit = "address", .flags = PERSONAL },
  { "latitude", N_ ("Latitude"), NUMBER, .unit = "address", .flags = PERSONAL | HIDDEN },
  { "longitude", N_ ("Longitude"), NUMBER, .unit = "address", .flags = PERSONAL | HIDDEN },
  { "owner", N_ ("Owner"), REFERENCE ("user"), .flags = REASSIGN },
  { "territory", N_ ("Territory"), REFERENCE ("territory"), .flags = REASSIGN },
  { "stage", N_ ("Stage"), CHOICE (account_stages) },
  { "tier", N_ ("Tier"), CHOICE (tiers) },
  { "source", N_ ("Source"), TEXT },
  { "referred_by", N_ ("Referred by"), REFERENCE ("account") },
  { "parent", N_ ("Parent account"), REFERENCE ("account") },
  { "preferences", N_ ("Preferences"), LONG_TEXT, .flags = SEARCHABLE },
  { "tags", N_ ("Tags"), SET, .flags = SEARCHABLE },
  { "birthday", N_ ("Birthday"), DATE, .flags = PERSONAL },
  { "gender", N_ ("Gender"), PROPOSED (genders), .flags = PERSONAL },
  { "next_visit_every", N_ ("Visit every (days)"), INTEGER, LATEST },
};

static const SatchelChoice buying_roles[] = {
  { "decides",    N_ ("Decides")         },
  { "influences", N_ ("Influences")      },
  { "uses",       N_ ("Uses")            },
  { "buys",       N_ ("Buys")            },
  { "guards",     N_ ("Guards the door") },
  END,
};

static const SatchelChoice channels[] = {
  { "visit",   N_ ("Visit")           },
  { "call",    N_ ("Call")            },
  { "mail",    N_ ("Mail")            },
  { "message", N_ ("Message")         },
  { "meeting", N_ ("Meeting")         },
  { "virtual", N_ ("Virtual meeting") },
  { "web",     N_ ("Web")             },
  { "event",   N_ ("Event")           },
  END,
};

static const SatchelField contact_fields[] = {
  { "account", N_ ("Account"), REFERENCE ("account"), .flags = REQUIRED | ANCHOR },
  { "given_name", N_ ("Given name"), TEXT, .unit = "name", .flags = REQUIRED | SEARCHABLE | PERSONAL | TITLE },
  { "family_name", N_ ("Family name"), TEXT, .unit = "name", .flags = REQUIRED | SEARCHABLE | PERSONAL | TITLE },
  { "role", N_ ("Role"), TEXT, .flags = SEARCHABLE },
  { "buying_role", N_ ("Part in buying"), CHOICE (buying_roles) },
  { "phone", N_ ("Phone"), PHONE, .flags = SEARCHABLE | PERSONAL },
  { "mobile", N_ ("Mobile"), PHONE, .flags = SEARCHABLE | PERSONAL },
  { "email", N_ ("Email"), EMAIL, .flags = SEARCHABLE | PERSONAL },
  { "preferred_channel", N_ ("Preferred channel"), PROPOSED (channels) },
  { "language", N_ ("Language"), TEXT },
  { "birthday", N_ ("Birthday"), DATE, .flags = PERSONAL },
  { "tags", N_ ("Tags"), SET, .flags = SEARCHABLE },
  { "notes", N_ ("Notes"), LONG_TEXT, .flags = SEARCHABLE | PERSONAL },
};

static const SatchelChoice directions[] = {
  { "out", N_ ("To them")   },
  { "in",  N_ ("From them") },
  END,
};

static const SatchelField activity_fields[] = {
  { "account", N_ ("Account"), REFERENCE ("account"), .flags = ANCHOR },
  { "contact", N_ ("Contact"), REFERENCE ("contact"), .flags = ANCHOR },
  { "deal", N_ ("Deal"), REFERENCE ("deal"), .flags = ANCHOR },
  { "case", N_ ("Case"), REFERENCE ("case"), .flags = ANCHOR },
  { "channel", N_ ("Channel"), CHOICE (channels), .flags = REQUIRED },
  { "direction", N_ ("Direction"), PROPOSED (directions) },
  { "subject", N_ ("Subject"), TEXT, .flags = SEARCHABLE | TITLE },
  { "body", N_ ("What was said"), LONG_TEXT, .flags = SEARCHABLE | PERSONAL },
  { "starts_at", N_ ("Starts"), TIME, .unit = "when", .flags = REQUIRED },
  { "ends_at", N_ ("Ends"), TIME, .unit = "when" },
  { "outcome", N_ ("Outcome"), TEXT, .flags = SEARCHABLE },
  { "place_latitude", N_ ("Place: latitude"), NUMBER, .unit = "place", .flags = HIDDEN },
  { "place_longitude", N_ ("Place: longitude"), NUMBER, .unit = "place", .flags = HIDDEN },
  { "place_accuracy", N_ ("Place: accuracy (m)"), NUMBER, .unit = "place", .flags = HIDDEN },
  { "location_uri", N_ ("Link to the room"), URI },
};

static const SatchelField note_fields[] = {
  { "account", N_ ("Account"), REFERENCE ("account"), .flags = ANCHOR },
  { "title", N_ ("Title"), TEXT, .flags = SEARCHABLE | TITLE },
  { "body", N_ ("Text"), LONG_TEXT, .flags = SEARCHABLE | PERSONAL },
  { "pinned", N_ ("Pinned"), BOOLEAN, LATEST },
  { "tags", N_ ("Tags"), SET, .flags = SEARCHABLE },
  { "private", N_ ("Private"), BOOLEAN },
};

static const SatchelChoice priorities[] = {
  { "high",   N_ ("High")   },
  { "normal", N_ ("Normal") },
  { "low",    N_ ("Low")    },
  END,
};

static const SatchelChoice task_states[] = {
  { "open",      N_ ("Open")      },
  { "done",      N_ ("Done")      },
  { "cancelled", N_ ("Cancelled") },
  END,
};

static const SatchelField task_fields[] = {
  { "account", N_ ("Account"), REFERENCE ("account"), .flags = ANCHOR },
  { "contact", N_ ("Contact"), REFERENCE ("contact"), .flags = ANCHOR },
  { "deal", N_ ("Deal"), REFERENCE ("deal"), .flags = ANCHOR },
  { "title", N_ ("Title"), TEXT, .flags = REQUIRED | SEARCHABLE | TITLE },
  { "details", N_ ("Details"), LONG_TEXT, .flags = SEARCHABLE },
  { "due_on", N_ ("Due"), DATE, .unit = "due" },
  { "due_at", N_ ("Due at"), TIME, .unit = "due" },
  { "remind_at", N_ ("Remind at"), TIME, .unit = "due" },
  { "priority", N_ ("Priority"), PROPOSED (priorities), LATEST },
  { "assignee", N_ ("Assigned to"), REFERENCE ("user") },
  { "status", N_ ("Status"), CHOICE (task_states), .unit = "status" },
  { "done_at", N_ ("Done at"), TIME, .unit = "status", .flags = HIDDEN },
  { "repeat", N_ ("Repeat"), TEXT },
};

static const SatchelChoice deal_kinds[] = {
  { "new",          N_ ("New")          },
  { "resell",       N_ ("Re-sell")      },
  { "cross_sell",   N_ ("Cross-sell")   },
  { "up_sell",      N_ ("Up-sell")      },
  { "reactivation", N_ ("Reactivation") },
  { "referral",     N_ ("Referral")     },
  END,
};

static const SatchelField deal_fields[] = {
  { "account", N_ ("Account"), REFERENCE ("account"), .flags = REQUIRED | ANCHOR },
  { "contact", N_ ("Contact"), REFERENCE ("contact"), .flags = ANCHOR },
  { "title", N_ ("Title"), TEXT, .flags = REQUIRED | SEARCHABLE | TITLE },
  { "kind", N_ ("Kind"), CHOICE (deal_kinds) },
  { "pipeline", N_ ("Pipeline"), TEXT, .unit = "stage" },
  { "stage", N_ ("Stage"), TEXT, .unit = "stage" },
  { "probability", N_ ("Probability (%)"), INTEGER, .unit = "stage" },
  { "lost_reason", N_ ("Lost because"), TEXT, .unit = "stage" },
  { "won_at", N_ ("Won"), TIME, .unit = "stage" },
  { "lost_at", N_ ("Lost"), TIME, .unit = "stage" },
  { "amount", N_ ("Amount"), MONEY, .unit = "value" },
  { "currency", N_ ("Currency"), CURRENCY, .unit = "value" },
  { "expected_on", N_ ("Expected"), DATE },
  { "owner", N_ ("Owner"), REFERENCE ("user") },
  { "source", N_ ("Source"), TEXT },
  { "next_step", N_ ("Next step"), TEXT, .flags = SEARCHABLE },
};

static const SatchelField deal_line_fields[] = {
  { "deal", N_ ("Deal"), REFERENCE ("deal"), .flags = REQUIRED | ANCHOR },
  { "product", N_ ("Product"), REFERENCE ("product"), .flags = REQUIRED },
  { "quantity", N_ ("Quantity"), NUMBER },
  { "unit_price", N_ ("Unit price"), MONEY, .unit = "price" },
  { "discount", N_ ("Discount"), NUMBER, .unit = "price" },
  { "currency", N_ ("Currency"), CURRENCY, .unit = "price" },
};

static const SatchelField product_fields[] = {
  { "sku", N_ ("Article number"), TEXT, .flags = REQUIRED | SEARCHABLE },
  { "name", N_ ("Name"), TEXT, .flags = REQUIRED | SEARCHABLE | TITLE },
  { "category", N_ ("Category"), TEXT, .flags = SEARCHABLE },
  { "description", N_ ("Description"), LONG_TEXT, .flags = SEARCHABLE },
  { "price", N_ ("Price"), MONEY, .unit = "price" },
  { "currency", N_ ("Currency"), CURRENCY, .unit = "price" },
  { "unit", N_ ("Unit"), TEXT },
  { "stock", N_ ("Stock"), NUMBER, .unit = "stock", .flags = SERVER },
  { "stock_at", N_ ("Stock as of"), TIME, .unit = "stock", .flags = SERVER },
  { "discontinued", N_ ("Discontinued"), BOOLEAN },
  { "related", N_ ("Goes with"), SET_OF ("product") },
};

static const SatchelChoice order_states[] = {
  { "draft",     N_ ("Draft")     },
  { "placed",    N_ ("Placed")    },
  { "confirmed", N_ ("Confirmed") },
  { "shipped",   N_ ("Shipped")   },
  { "delivered", N_ ("Delivered") },
  { "cancelled", N_ ("Cancelled") },
  END,
};

static const SatchelField order_fields[] = {
  { "account", N_ ("Account"), REFERENCE ("account"), .flags = REQUIRED | ANCHOR },
  { "deal", N_ ("Deal"), REFERENCE ("deal"), .flags = ANCHOR },
  { "number", N_ ("Number"), TEXT, .flags = SEARCHABLE | TITLE },
  { "placed_at", N_ ("Placed"), TIME },
  { "required_on", N_ ("Required"), DATE },
  { "shipped_at", N_ ("Shipped"), TIME },
  { "delivered_at", N_ ("Delivered"), TIME },
  { "status", N_ ("Status"), CHOICE (order_states) },
  { "channel", N_ ("Channel"), PROPOSED (channels) },
  { "place", N_ ("Place"), TEXT },
  { "currency", N_ ("Currency"), CURRENCY },
  { "total", N_ ("Total"), MONEY, DERIVED },
  { "note", N_ ("Note"), LONG_TEXT, .flags = SEARCHABLE },
};

static const SatchelField order_line_fields[] = {
  { "order",      N_ ("Order"),      REFERENCE ("order"),   .flags = REQUIRED | ANCHOR },
  { "product",    N_ ("Product"),    REFERENCE ("product"), .flags = REQUIRED          },
  { "quantity",   N_ ("Quantity"),   NUMBER,                .flags = REQUIRED          },
  { "unit_price", N_ ("Unit price"), MONEY,                 .unit = "price"            },
  { "discount",   N_ ("Discount"),   NUMBER,                .unit = "price"            },
  { "currency",   N_ ("Currency"),   CURRENCY,              .unit = "price"            },
};

static const SatchelChoice case_kinds[] = {
  { "question",  N_ ("Question")        },
  { "fault",     N_ ("Fault")           },
  { "complaint", N_ ("Complaint")       },
  { "return",    N_ ("Return")          },
  { "proactive", N_ ("We called first") },
  END,
};

static const SatchelChoice case_states[] = {
  { "open",     N_ ("Open")     },
  { "waiting",  N_ ("Waiting")  },
  { "resolved", N_ ("Resolved") },
  END,
};

static const SatchelField case_fields[] = {
  { "account", N_ ("Account"), REFERENCE ("account"), .flags = REQUIRED | ANCHOR },
  { "contact", N_ ("Contact"), REFERENCE ("contact"), .flags = ANCHOR },
  { "order", N_ ("Order"), REFERENCE ("order"), .flags = ANCHOR },
  { "product", N_ ("Product"), REFERENCE ("product") },
  { "subject", N_ ("Subject"), TEXT, .flags = REQUIRED | SEARCHABLE | TITLE },
  { "details", N_ ("Details"), LONG_TEXT, .flags = SEARCHABLE },
  { "kind", N_ ("Kind"), CHOICE (case_kinds) },
  { "priority", N_ ("Priority"), PROPOSED (priorities), LATEST },
  { "status", N_ ("Status"), PROPOSED (case_states), .unit = "status" },
  { "resolution", N_ ("Resolution"), TEXT, .unit = "status" },
  { "resolved_at", N_ ("Resolved"), TIME, .unit = "status" },
  { "fixed_first_time", N_ ("Fixed first time"), BOOLEAN, .unit = "status" },
  { "rating", N_ ("Rating"), INTEGER },
};

static const SatchelChoice campaign_kinds[] = {
  { "direct",    N_ ("Direct")    },
  { "phone",     N_ ("Phone")     },
  { "mail",      N_ ("Mail")      },
  { "event",     N_ ("Event")     },
  { "promotion", N_ ("Promotion") },
  { "referral",  N_ ("Referral")  },
  { "social",    N_ ("Social")    },
  END,
};

static const SatchelField campaign_fields[] = {
  { "name", N_ ("Name"), TEXT, .flags = REQUIRED | SEARCHABLE | TITLE },
  { "kind", N_ ("Kind"), CHOICE (campaign_kinds) },
  { "objective", N_ ("Objective"), TEXT },
  { "audience", N_ ("Audience"), REFERENCE ("segment") },
  { "starts_on", N_ ("Starts"), DATE, .unit = "when" },
  { "ends_on", N_ ("Ends"), DATE, .unit = "when" },
  { "budget", N_ ("Budget"), MONEY, .unit = "cost" },
  { "currency", N_ ("Currency"), CURRENCY, .unit = "cost" },
  { "message", N_ ("Message"), LONG_TEXT },
  { "status", N_ ("Status"), TEXT },
};

static const SatchelChoice member_states[] = {
  { "planned",   N_ ("Planned")   },
  { "sent",      N_ ("Sent")      },
  { "opened",    N_ ("Opened")    },
  { "replied",   N_ ("Replied")   },
  { "declined",  N_ ("Declined")  },
  { "converted", N_ ("Converted") },
  END,
};

static const SatchelField campaign_member_fields[] = {
  { "campaign",     N_ ("Campaign"),  REFERENCE ("campaign"), .flags = REQUIRED          },
  { "account",      N_ ("Account"),   REFERENCE ("account"),  .flags = REQUIRED | ANCHOR },
  { "contact",      N_ ("Contact"),   REFERENCE ("contact"),  .flags = ANCHOR            },
  { "status",       N_ ("Status"),    CHOICE (member_states), .unit = "status"           },
  { "responded_at", N_ ("Responded"), TIME,                   .unit = "status"           },
  { "deal",         N_ ("Deal"),      REFERENCE ("deal"),     .flags = ANCHOR            },
};

static const SatchelChoice consent_states[] = {
  { "granted",   N_ ("Granted")   },
  { "refused",   N_ ("Refused")   },
  { "withdrawn", N_ ("Withdrawn") },
  END,
};

static const SatchelField consent_fields[] = {
  { "contact", N_ ("Contact"), REFERENCE ("contact"), .flags = ANCHOR | EITHER },
  { "account", N_ ("Account"), REFERENCE ("account"), .flags = ANCHOR | EITHER },
  { "channel", N_ ("Channel"), PROPOSED (channels), .flags = REQUIRED },
  { "purpose", N_ ("Purpose"), TEXT, .flags = REQUIRED | TITLE },
  { "state", N_ ("State"), CHOICE (consent_states), .flags = REQUIRED },
  { "given_at", N_ ("Given"), TIME },
  { "source", N_ ("Source"), TEXT },
  { "wording", N_ ("Wording"), LONG_TEXT },
  { "expires_on", N_ ("Expires"), DATE },
  { "evidence", N_ ("Evidence"), TEXT },
  { "supersedes", N_ ("Supersedes"), SET_OF ("consent"), .flags = HIDDEN },
};

static const SatchelField segment_fields[] = {
  { "name", N_ ("Name"), TEXT, .flags = REQUIRED | SEARCHABLE | TITLE },
  { "description", N_ ("Description"), TEXT },
  { "rule", N_ ("Rule"), JSON },
};

static const SatchelField loyalty_entry_fields[] = {
  { "account", N_ ("Account"), REFERENCE ("account"), .flags = REQUIRED | ANCHOR },
  { "points", N_ ("Points"), INTEGER, .flags = REQUIRED },
  { "reason", N_ ("Reason"), TEXT, .flags = TITLE },
  { "order", N_ ("Order"), REFERENCE ("order"), .flags = ANCHOR },
  { "expires_on", N_ ("Expires"), DATE },
};

static const SatchelField survey_fields[] = {
  { "title", N_ ("Title"), TEXT, .flags = REQUIRED | SEARCHABLE | TITLE },
  { "questions", N_ ("Questions"), JSON },
  { "active", N_ ("Active"), BOOLEAN },
};

static const SatchelField survey_answer_fields[] = {
  { "survey", N_ ("Survey"), REFERENCE ("survey"), .flags = REQUIRED },
  { "account", N_ ("Account"), REFERENCE ("account"), .flags = ANCHOR },
  { "contact", N_ ("Contact"), REFERENCE ("contact"), .flags = ANCHOR },
  { "answers", N_ ("Answers"), JSON, .flags = PERSONAL },
  { "answered_at", N_ ("Answered"), TIME },
  { "channel", N_ ("Channel"), PROPOSED (channels) },
};

static const SatchelField attachment_fields[] = {
  { "owner_type", N_ ("Belongs to (type)"), TEXT, .flags = REQUIRED | HIDDEN },
  { "owner_id", N_ ("Belongs to"), TEXT, .flags = REQUIRED | HIDDEN },
  { "name", N_ ("Name"), TEXT, .flags = SEARCHABLE | TITLE },
  { "media_type", N_ ("Media type"), TEXT },
  { "size", N_ ("Size (bytes)"), INTEGER },
  { "sha256", N_ ("Checksum"), TEXT, .flags = HIDDEN },
  { "state", N_ ("State"), TEXT },
};

static const SatchelField custom_field_fields[] = {
  { "on_type", N_ ("On"), TEXT, .flags = REQUIRED },
  { "name", N_ ("Name"), TEXT, .flags = REQUIRED },
  { "label", N_ ("Label"), TEXT, .flags = TITLE },
  { "kind", N_ ("Kind"), TEXT },
  { "choices", N_ ("Choices"), JSON },
  { "required", N_ ("Required"), BOOLEAN },
  { "position", N_ ("Position"), INTEGER, LATEST },
  { "group", N_ ("Group"), TEXT },
};

static const SatchelField territory_fields[] = {
  { "name", N_ ("Name"), TEXT, .flags = REQUIRED | TITLE },
  { "parent", N_ ("Part of"), REFERENCE ("territory") },
  { "manager", N_ ("Manager"), REFERENCE ("user") },
};

static const SatchelChoice user_roles[] = {
  { "rep",     N_ ("Rep")           },
  { "manager", N_ ("Manager")       },
  { "admin",   N_ ("Administrator") },
  END,
};

static const SatchelField user_fields[] = {
  { "name", N_ ("Name"), TEXT, .flags = REQUIRED },
  { "full_name", N_ ("Full name"), TEXT, .flags = TITLE },
  { "email", N_ ("Email"), EMAIL },
  { "role", N_ ("Role"), CHOICE (user_roles) },
  { "active", N_ ("Active"), BOOLEAN },
};

static const SatchelChoice conflict_states[] = {
  { "open",     N_ ("Open")     },
  { "resolved", N_ ("Resolved") },
  END,
};

static const SatchelField conflict_fields[] = {
  { "target_type", N_ ("About (type)"), TEXT, .flags = REQUIRED | HIDDEN },
  { "target_id", N_ ("About"), TEXT, .flags = REQUIRED | HIDDEN },
  { "unit", N_ ("What"), TEXT, .flags = REQUIRED | TITLE },
  { "base", N_ ("Before"), JSON },
  { "values", N_ ("Values"), JSON },
  { "state", N_ ("State"), CHOICE (conflict_states) },
  { "resolved_by", N_ ("Resolved by"), REFERENCE ("user") },
  { "resolved_at", N_ ("Resolved"), TIME },
  { "resolution", N_ ("Resolution"), JSON },
};

#define DECLARE(symbol, type_number, singular, many, home_rule, right, type_flags) \
  static const SatchelTypeDeclaration symbol##_declaration = {                     \
    .name = #symbol,                                                               \
    .number = type_number,                                                         \
    .label = singular,                                                             \
    .plural = many,                                                                \
    .home = SATCHEL_HOME_##home_rule,                                              \
    .rights = SATCHEL_RIGHTS_##right,                                              \
    .flags = SATCHEL_TYPE_##type_flags,                                            \
    .fields = symbol##_fields,                                                     \
    .n_fields = G_N_ELEMENTS (symbol##_fields),                                    \
  }

DECLARE (account, 1, N_ ("Account"), N_ ("Accounts"), ACCOUNT, REP, PLAIN);
DECLARE (contact, 2, N_ ("Contact"), N_ ("Contacts"), ANCHORED, REP, PLAIN);
DECLARE (activity, 3, N_ ("Activity"), N_ ("Activities"), ANCHORED, REP, PLAIN);
DECLARE (note, 4, N_ ("Note"), N_ ("Notes"), ANCHORED, REP, PLAIN);
DECLARE (task, 5, N_ ("Task"), N_ ("Tasks"), ANCHORED, REP, PLAIN);
DECLARE (deal, 6, N_ ("Deal"), N_ ("Deals"), ANCHORED, REP, PLAIN);
DECLARE (deal_line, 7, N_ ("Deal line"), N_ ("Deal lines"), ANCHORED, REP, PLAIN);
DECLARE (product, 8, N_ ("Product"), N_ ("Products"), ORG, ADMIN, PLAIN);
DECLARE (order, 9, N_ ("Order"), N_ ("Orders"), ANCHORED, REP, PLAIN);
DECLARE (order_line, 10, N_ ("Order line"), N_ ("Order lines"), ANCHORED, REP, PLAIN);
DECLARE (case, 11, N_ ("Case"), N_ ("Cases"), ANCHORED, REP, PLAIN);
DECLARE (campaign, 12, N_ ("Campaign"), N_ ("Campaigns"), ORG, MANAGER, PLAIN);
DECLARE (campaign_member, 13, N_ ("Campaign member"), N_ ("Campaign members"), ANCHORED, REP, PLAIN);
DECLARE (consent, 14, N_ ("Consent"), N_ ("Consents"), ANCHORED, REP, APPEND_ONLY);
DECLARE (segment, 15, N_ ("Segment"), N_ ("Segments"), ORG, OWN, PLAIN);
DECLARE (loyalty_entry, 16, N_ ("Loyalty entry"), N_ ("Loyalty entries"), ANCHORED, REP, APPEND_ONLY);
DECLARE (survey, 17, N_ ("Survey"), N_ ("Surveys"), ORG, MANAGER, PLAIN);
DECLARE (survey_answer, 18, N_ ("Survey answer"), N_ ("Survey answers"), ANCHORED, REP, APPEND_ONLY);
DECLARE (attachment, 19, N_ ("Attachment"), N_ ("Attachments"), TARGET, REP, PLAIN);
DECLARE (custom_field, 20, N_ ("Custom field"), N_ ("Custom fields"), ORG, ADMIN, PLAIN);
DECLARE (territory, 21, N_ ("Territory"), N_ ("Territories"), ORG, ADMIN, PLAIN);
DECLARE (user, 22, N_ ("User"), N_ ("Users"), ORG, ADMIN, PLAIN);
DECLARE (conflict, 23, N_ ("Conflict"), N_ ("Conflicts"), TARGET, SERVER, PLAIN);

static const SatchelTypeDeclaration *const declarations[] = {
  &account_declaration,
  &contact_declaration,
  &activity_declaration,
  &note_declaration,
  &task_declaration,
  &deal_declaration,
  &deal_line_declaration,
  &product_declaration,
  &order_declaration,
  &order_line_declaration,
  &case_declaration,
  &campaign_declaration,
  &campaign_member_declaration,
  &consent_declaration,
  &segment_declaration,
  &loyalty_entry_declaration,
  &survey_declaration,
  &survey_answer_declaration,
  &attachment_declaration,
  &custom_field_declaration,
  &territory_declaration,
  &user_declaration,
  &conflict_declaration,
};

/**
 * satchel_declarations_get:
 * @n_declarations: (out): how many there are
 *
 * Every type that Satchel knows, in the order that people and lists show them.
 *
 * Returns: (transfer none) (array length=n_declarations): the declarations
 */
const SatchelTypeDeclaration *const *
satchel_declarations_get (guint *n_declarations)
{
  *n_declarations = G_N_ELEMENTS (declarations);
  return declarations;
}
