/* preferences.c - two tables and the switches, as settings for a capture
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "preferences.h"

#include <epan/prefs.h>
#include <epan/uat-int.h>

#include "compat.h"

/* A row of the table iphttps_endpoints as typed. The comment is the user's own. */
typedef struct {
  char *host;
  char *address;
  char *port;
  char *thumbprint;
  char *comment;
} endpoint_row_t;

typedef struct {
  char *issuer_text;
  char *product;
} inspection_row_t;

static endpoint_row_t *endpoint_rows;
static guint endpoint_row_count;
static inspection_row_t *inspection_rows;
static guint inspection_row_count;
static uat_t *inspection_table;
static bool inspection_defaults_given;
/* By the numbers of the public interface, and by what the preference had as a switch; files keep the descriptions. */
static const enum_val_t null_offers[] = {
    {"0", "0: never", TAG_NULL_OFFERS_NEVER},
    {"1", "1: NULL suites alone or first", TAG_NULL_OFFERS_FIRST},
    {"2", "2: NULL suites anywhere", TAG_NULL_OFFERS_ANYWHERE},
    {"FALSE", "0: never", TAG_NULL_OFFERS_NEVER},
    {"TRUE", "1: NULL suites alone or first", TAG_NULL_OFFERS_FIRST},
    {NULL, NULL, 0},
};
/* Of the dialog; a capture is read with what they were when it began. */
static int tag_null_offers = TAG_NULL_OFFERS_FIRST;
static wireshark_bool tag_learned_endpoints = true;
static wireshark_bool dissect_tunnel = true;
static wireshark_bool annotate_info = true;

static GArray *endpoints; /* parsed from the rows */
static preferences_t preferences;

UAT_CSTRING_CB_DEF(endpoint_rows, host, endpoint_row_t)
UAT_CSTRING_CB_DEF(endpoint_rows, address, endpoint_row_t)
UAT_CSTRING_CB_DEF(endpoint_rows, port, endpoint_row_t)
UAT_CSTRING_CB_DEF(endpoint_rows, thumbprint, endpoint_row_t)
UAT_CSTRING_CB_DEF(endpoint_rows, comment, endpoint_row_t)
UAT_CSTRING_CB_DEF(inspection_rows, issuer_text, inspection_row_t)
UAT_CSTRING_CB_DEF(inspection_rows, product, inspection_row_t)

static endpoint_text_t text_of(const endpoint_row_t *row)
{
  return (endpoint_text_t){
      .host = row->host, .address = row->address, .port = row->port, .thumbprint = row->thumbprint};
}

static void *copy_endpoint_row(void *copy, const void *original, size_t length _U_)
{
  const endpoint_row_t *from = original;
  endpoint_row_t *to = copy;

  *to = (endpoint_row_t){.host = g_strdup(from->host),
                         .address = g_strdup(from->address),
                         .port = g_strdup(from->port),
                         .thumbprint = g_strdup(from->thumbprint),
                         .comment = g_strdup(from->comment)};
  return copy;
}

static void free_endpoint_row(void *freed)
{
  endpoint_row_t *row = freed;

  g_free(row->host);
  g_free(row->address);
  g_free(row->port);
  g_free(row->thumbprint);
  g_free(row->comment);
}

/*
 * Tables are checked column by column: what a column refuses is left out and the rest of the file is read, whereas a
 * refusal by uat_new()'s callback for whole rows would end the reading. Puts the column's new text into the row, and
 * says what is wrong with it.
 */
static wireshark_bool check_endpoint_column(endpoint_text_t *row, const char **column, const char *text,
                                            unsigned length, char **error)
{
  char *copy = g_strndup(text, length);
  endpoint_t endpoint;

  *column = copy;
  *error = endpoint_parse(&endpoint, row);
  endpoint_clear(&endpoint);
  g_free(copy);
  return *error == NULL;
}

static wireshark_bool check_host(void *record _U_, const char *text, unsigned length, const void *check_data _U_,
                                 const void *field_data _U_, char **error)
{
  endpoint_text_t row = {.address = "::"};

  return check_endpoint_column(&row, &row.host, text, length, error);
}

/* One of the first two columns must be there; the first has been set by now, and is not judged again. */
static wireshark_bool check_address(void *record, const char *text, unsigned length, const void *check_data _U_,
                                    const void *field_data _U_, char **error)
{
  const char *host = ((const endpoint_row_t *)record)->host;
  bool has_host = host != NULL && host[strspn(host, " \t")] != '\0';
  endpoint_text_t row = {.host = has_host ? "host.example.com" : NULL};

  return check_endpoint_column(&row, &row.address, text, length, error);
}

static wireshark_bool check_port(void *record _U_, const char *text, unsigned length, const void *check_data _U_,
                                 const void *field_data _U_, char **error)
{
  endpoint_text_t row = {.address = "::"};

  return check_endpoint_column(&row, &row.port, text, length, error);
}

static wireshark_bool check_thumbprint(void *record _U_, const char *text, unsigned length, const void *check_data _U_,
                                       const void *field_data _U_, char **error)
{
  endpoint_text_t row = {.address = "::"};

  return check_endpoint_column(&row, &row.thumbprint, text, length, error);
}

static void *copy_inspection_row(void *copy, const void *original, size_t length _U_)
{
  const inspection_row_t *from = original;
  inspection_row_t *to = copy;

  *to = (inspection_row_t){.issuer_text = g_strdup(from->issuer_text), .product = g_strdup(from->product)};
  return copy;
}

static void free_inspection_row(void *freed)
{
  inspection_row_t *row = freed;

  g_free(row->issuer_text);
  g_free(row->product);
}

static wireshark_bool check_issuer_text(void *record _U_, const char *text, unsigned length, const void *check_data _U_,
                                        const void *field_data _U_, char **error)
{
  bool empty = true;

  for (unsigned i = 0; i < length; i++)
    empty = empty && g_ascii_isspace(text[i]);
  *error = empty ? g_strdup("The text to look for in an issuer is empty: it would match every certificate.") : NULL;
  return !empty;
}

static void clear_endpoint(void *cleared)
{
  endpoint_clear(cleared);
}

static GArray *parse_endpoints(void)
{
  GArray *parsed = g_array_new(FALSE, FALSE, sizeof(endpoint_t));

  g_array_set_clear_func(parsed, clear_endpoint);
  for (guint i = 0; i < endpoint_row_count; i++) {
    endpoint_text_t text = text_of(&endpoint_rows[i]);
    endpoint_t endpoint;
    char *error = endpoint_parse(&endpoint, &text);

    if (error == NULL)
      g_array_append_val(parsed, endpoint);
    g_free(error);
  }
  return parsed;
}

void preferences_read(void)
{
  endpoints = parse_endpoints();
  /* inspection_row_t and inspection_issuer_t are the same two pointers. */
  preferences = (preferences_t){.capture = {.endpoints = (const endpoint_t *)(void *)endpoints->data,
                                            .endpoint_count = endpoints->len,
                                            .inspection_issuers = (const inspection_issuer_t *)inspection_rows,
                                            .inspection_issuer_count = inspection_row_count,
                                            .tag_null_offers = (tag_null_offers_t)tag_null_offers,
                                            .tag_learned_endpoints = tag_learned_endpoints},
                                .dissect_tunnel = dissect_tunnel,
                                .annotate_info = annotate_info};
}

void preferences_forget(void)
{
  g_array_free(endpoints, TRUE);
  preferences = (preferences_t){0};
}

const preferences_t *preferences_current(void)
{
  return &preferences;
}

static uat_t *new_endpoint_table(void)
{
  static uat_field_t columns[] = {
      UAT_FLD_CSTRING_OTHER(
          endpoint_rows, host, "Host name", check_host,
          "The name clients connect to, or the ServerURL that holds it; *.example.com covers one more label"),
      UAT_FLD_CSTRING_OTHER(endpoint_rows, address, "Address", check_address,
                            "IPv4 or IPv6 address, or a range such as 203.0.113.0/24"),
      UAT_FLD_CSTRING_OTHER(endpoint_rows, port, "Port", check_port, "TCP port; empty for 443"),
      UAT_FLD_CSTRING_OTHER(endpoint_rows, thumbprint, "Certificate thumbprint", check_thumbprint,
                            "SHA-1 or SHA-256 hash of the certificate it must show; may be empty"),
      UAT_FLD_CSTRING(endpoint_rows, comment, "Comment", "Your own words"),
      UAT_END_FIELDS,
  };

  return uat_new("DirectAccess endpoints", sizeof(endpoint_row_t), "iphttps_endpoints", true, (void **)&endpoint_rows,
                 &endpoint_row_count, UAT_AFFECTS_DISSECTION, NULL, copy_endpoint_row, NULL, free_endpoint_row, NULL,
                 NULL, columns);
}

static void forget_inspection_defaults(void)
{
  inspection_defaults_given = false;
}

/* Fills the table with the known products where the profile has no file of its own; a file may be empty on purpose. */
static void give_inspection_defaults(void)
{
  if (inspection_table->loaded || inspection_defaults_given || inspection_row_count > 0)
    return;
  inspection_defaults_given = true;
  for (const inspection_issuer_t *known = inspection_known_issuers; known->issuer_text != NULL; known++) {
    inspection_row_t row = {.issuer_text = (char *)known->issuer_text, .product = (char *)known->product};

    uat_add_record(inspection_table, &row, true);
  }
  UAT_UPDATE(inspection_table);
}

static uat_t *new_inspection_table(void)
{
  static uat_field_t columns[] = {
      UAT_FLD_CSTRING_OTHER(inspection_rows, issuer_text, "Text in the issuer", check_issuer_text,
                            "Looked for in the issuer's CN, O and OU"),
      UAT_FLD_CSTRING(inspection_rows, product, "Product", "The TLS-inspection product it betrays"),
      UAT_END_FIELDS,
  };

  inspection_table =
      uat_new("TLS-inspection issuers", sizeof(inspection_row_t), "iphttps_inspection_issuers", true,
              (void **)&inspection_rows, &inspection_row_count, UAT_AFFECTS_DISSECTION, NULL, copy_inspection_row, NULL,
              free_inspection_row, give_inspection_defaults, forget_inspection_defaults, columns);
  return inspection_table;
}

void preferences_register(int proto_iphttps)
{
  module_t *module = prefs_register_protocol(proto_iphttps, NULL);

  prefs_register_uat_preference(module, "endpoints", "DirectAccess endpoints",
                                "The DirectAccess servers, or the load balancers in front of them",
                                new_endpoint_table());
  prefs_register_uat_preference(module, "inspection_issuers", "TLS-inspection issuers",
                                "What betrays the certificate of a TLS-inspection product", new_inspection_table());
  prefs_register_enum_preference(module, "tag_null_offers", "Tag clients that offer NULL cipher suites",
                                 "Take a Client Hello for DirectAccess by where it offers NULL suites",
                                 &tag_null_offers, null_offers, false);
  prefs_register_bool_preference(module, "tag_learned_endpoints", "Tag endpoints seen earlier",
                                 "Take sessions to an endpoint for DirectAccess once one of them has proved to be",
                                 &tag_learned_endpoints);
  prefs_register_bool_preference(module, "dissect_tunnel", "Dissect the tunnel",
                                 "Dissect the IPv6 packets inside the tunnel", &dissect_tunnel);
  prefs_register_bool_preference(module, "annotate_info", "Put findings before the Info column",
                                 "Begin the Info column of a deciding frame with the finding", &annotate_info);
}
