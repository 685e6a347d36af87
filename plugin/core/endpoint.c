/* endpoint.c - the table of configured DirectAccess endpoints, and matching against it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "endpoint.h"

#include <string.h>

#include <glib.h>

#include "text.h"

#define LABEL_MAX 63                 /* characters of a label, RFC 1035 section 2.3.4 */
#define LABELS_BEHIND_WILDCARD_MIN 2 /* a row "*.com" would tag the whole Internet */
#define HTTP_DEFAULT_PORT 80
#define QUOTED_CHARACTERS_MAX 60  /* of a user's text repeated in a sentence */
#define LEFT_TO_RIGHT_MARK 0x200e /* comes along, unseen, with a thumbprint copied from Windows' certificate dialog */
#define SHA1_HEX_DIGITS 40
#define SHA256_HEX_DIGITS (2 * ENDPOINT_THUMBPRINT_MAX)

static size_t length_without_trailing_dot(const char *name)
{
  size_t length = strlen(name);
  return length > 0 && name[length - 1] == '.' ? length - 1 : length;
}

bool name_pattern_covers(const char *pattern, const char *name)
{
  size_t pattern_length = length_without_trailing_dot(pattern);
  size_t name_length = length_without_trailing_dot(name);
  if (name_length == 0 || ip_address_parse_start(name, name_length, NULL))
    return false;
  if (pattern_length > 2 && pattern[0] == '*' && pattern[1] == '.') {
    const size_t first_label = strcspn(name, ".");
    if (first_label == 0)
      return false;
    pattern++;
    pattern_length--;
    name += first_label;
    name_length -= first_label;
  }
  return pattern_length == name_length && g_ascii_strncasecmp(pattern, name, name_length) == 0;
}

bool endpoint_covers_name(const endpoint_t *row, const char *name)
{
  return row->host != NULL && name_pattern_covers(row->host, name);
}

bool endpoint_covers_address(const endpoint_t *row, const ip_address_t *address)
{
  if (row->address.length == 0 || row->address.length != address->length)
    return false;
  const size_t whole_bytes = row->prefix_length / 8;
  const unsigned bits_left = row->prefix_length % 8;
  if (memcmp(row->address.bytes, address->bytes, whole_bytes) != 0)
    return false;
  return bits_left == 0 || (row->address.bytes[whole_bytes] ^ address->bytes[whole_bytes]) >> (8 - bits_left) == 0;
}

/* The functions below that return a fault return the second half of a sentence, which begins with the column and what
 * was typed into it; NULL where nothing is wrong. */

static char *character_fault(const char *at, const char *why)
{
  char *character = text_printable(at, (size_t)(g_utf8_next_char(at) - at), 1);
  char *fault = g_strdup_printf("holds the character \"%s\"%s", character, why);
  g_free(character);
  return fault;
}

static char *host_character_fault(const char *stray)
{
  if (*stray == '*')
    return g_strdup("has \"*\" elsewhere than as its whole first label, as in \"*.example.com\"");
  const char *why = g_ascii_isprint(*stray)
                        ? "; a host name is letters, digits, hyphens and dots, without scheme, port and path"
                        : "; an international name is written in its ASCII form, with \"xn--\"";
  return character_fault(stray, why);
}

static char *label_fault(const char *label)
{
  const size_t length = strlen(label);
  if (length == 0)
    return g_strdup("has an empty label: a dot at its beginning, or two in a row");
  if (length > LABEL_MAX)
    return g_strdup_printf("has a label of more than %d characters", LABEL_MAX);
  if (label[0] == '-' || label[length - 1] == '-')
    return g_strdup("has a label that begins or ends with a hyphen");
  const char *stray = label + strspn(label, "abcdefghijklmnopqrstuvwxyz0123456789-_");
  return *stray != '\0' ? host_character_fault(stray) : NULL;
}

/* RFC 1123 section 2.1: the last label of a name is not all digits, so that a name cannot be taken for an address. */
static bool is_number(const char *label)
{
  return label[strspn(label, "0123456789")] == '\0';
}

static char *labels_fault(char *const *labels, bool behind_wildcard)
{
  const size_t count = g_strv_length((char **)labels);
  for (size_t i = 0; i < count; i++) {
    char *fault = label_fault(labels[i]);
    if (fault != NULL)
      return fault;
  }
  if (behind_wildcard && count < LABELS_BEHIND_WILDCARD_MIN)
    return g_strdup("is too wide: behind \"*.\" two labels or more are needed, as in \"*.example.com\"");
  return is_number(labels[count - 1]) ? g_strdup("ends in a number, as no host name does, and is no IP address") : NULL;
}

static char *name_parse(endpoint_t *endpoint, const char *text)
{
  if (ip_address_parse_start(text, strcspn(text, "/"), NULL))
    return g_strdup("is an IP address; it belongs in the address column");
  const size_t length = length_without_trailing_dot(text);
  if (length > ENDPOINT_NAME_MAX)
    return g_strdup_printf("is longer than %d characters", ENDPOINT_NAME_MAX);
  char *name = g_ascii_strdown(text, (gssize)length);
  const bool wildcard = g_str_has_prefix(name, "*.");
  char **labels = g_strsplit(wildcard ? name + 2 : name, ".", -1);
  char *fault = labels[0] == NULL ? label_fault("") : labels_fault(labels, wildcard);
  g_strfreev(labels);
  if (fault == NULL)
    endpoint->host = name;
  else
    g_free(name);
  return fault;
}

static char *port_parse(endpoint_t *endpoint, const char *text)
{
  guint64 port;
  if (!g_ascii_string_to_unsigned(text, 10, 1, UINT16_MAX, &port, NULL))
    return g_strdup_printf("is not a number from 1 to %d", UINT16_MAX);
  endpoint->port = (uint16_t)port;
  return NULL;
}

/* A ServerURL as Get-NetIPHttpsConfiguration shows it, "https://da.example.com:443/IPHTTPS": its host and port count.
 */
static char *host_parse(endpoint_t *endpoint, const char *text)
{
  static const struct {
    const char *scheme;
    uint16_t port;
  } schemes[] = {{"https://", ENDPOINT_DEFAULT_PORT}, {"http://", HTTP_DEFAULT_PORT}};
  for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
    const size_t length = strlen(schemes[i].scheme);
    if (g_ascii_strncasecmp(text, schemes[i].scheme, length) != 0)
      continue;
    char *host = g_strndup(text + length, strcspn(text + length, "/?#"));
    char *port = host[0] != '[' ? strchr(host, ':') : NULL;
    if (port != NULL)
      *port++ = '\0';
    endpoint->port = schemes[i].port;
    char *fault = port != NULL ? port_parse(endpoint, port) : NULL;
    if (fault != NULL) {
      char *clause = g_strdup_printf("has a port that %s", fault);
      g_free(fault);
      fault = clause;
    } else {
      fault = name_parse(endpoint, host);
    }
    g_free(host);
    return fault;
  }
  return name_parse(endpoint, text);
}

static char *address_parse(endpoint_t *endpoint, const char *text)
{
  const size_t literal_length = strcspn(text, "/");
  if (!ip_address_parse_start(text, literal_length, &endpoint->address))
    return g_strdup("is not an IPv4 or IPv6 address, alone or with a prefix length as in \"192.0.2.0/24\"");
  const unsigned prefix_max = endpoint->address.length * 8u;
  guint64 prefix_length = prefix_max;
  if (text[literal_length] == '/' &&
      !g_ascii_string_to_unsigned(text + literal_length + 1, 10, 0, prefix_max, &prefix_length, NULL))
    return g_strdup_printf("has a prefix length that is not a number from 0 to %u", prefix_max);
  endpoint->prefix_length = (uint8_t)prefix_length;
  return NULL;
}

static bool separates_thumbprint_digits(gunichar character)
{
  return character == ':' || character == LEFT_TO_RIGHT_MARK || g_unichar_isspace(character);
}

static char *thumbprint_parse(endpoint_t *endpoint, const char *text)
{
  size_t digits = 0;
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
    if (g_ascii_isxdigit(*at)) {
      if (digits < SHA256_HEX_DIGITS) {
        uint8_t *byte = &endpoint->thumbprint[digits / 2];
        *byte = (uint8_t)(*byte << 4 | g_ascii_xdigit_value(*at));
      }
      digits++;
    } else if (!separates_thumbprint_digits(g_utf8_get_char(at))) {
      return character_fault(at, ", which is not a hexadecimal digit");
    }
  }
  if (digits != SHA1_HEX_DIGITS && digits != SHA256_HEX_DIGITS) {
    return g_strdup_printf("has %zu hexadecimal digits; a SHA-1 thumbprint has %d, a SHA-256 thumbprint %d", digits,
                           SHA1_HEX_DIGITS, SHA256_HEX_DIGITS);
  }
  endpoint->thumbprint_length = (uint8_t)(digits / 2);
  return NULL;
}

typedef struct {
  const char *title;
  const char *typed;
  char *(*parse)(endpoint_t *parsed, const char *text);
} column_t;

/* Returns the sentence for the user, NULL where the column is empty or makes sense. */
static char *column_parse(endpoint_t *endpoint, const column_t *read)
{
  if (read->typed == NULL)
    return NULL;
  char *text = g_strstrip(g_utf8_make_valid(read->typed, -1));
  char *fault = *text != '\0' ? read->parse(endpoint, text) : NULL;
  char *sentence = NULL;
  if (fault != NULL) {
    char *quoted = text_printable(text, strlen(text), QUOTED_CHARACTERS_MAX);
    sentence = g_strdup_printf("%s \"%s\" %s.", read->title, quoted, fault);
    g_free(quoted);
  }
  g_free(fault);
  g_free(text);
  return sentence;
}

char *endpoint_parse(endpoint_t *endpoint, const endpoint_text_t *text)
{
  const column_t columns[] = {
      {"Host name", text->host, host_parse},
      {"Address", text->address, address_parse},
      {"Port", text->port, port_parse},
      {"Thumbprint", text->thumbprint, thumbprint_parse},
  };
  *endpoint = (endpoint_t){.port = ENDPOINT_DEFAULT_PORT};
  char *sentence = NULL;
  for (size_t i = 0; i < G_N_ELEMENTS(columns) && sentence == NULL; i++)
    sentence = column_parse(endpoint, &columns[i]);
  if (sentence == NULL && endpoint->host == NULL && endpoint->address.length == 0)
    sentence = g_strdup("A row needs a host name or an address.");
  if (sentence != NULL)
    endpoint_clear(endpoint);
  return sentence;
}

void endpoint_clear(endpoint_t *endpoint)
{
  g_free(endpoint->host);
  *endpoint = (endpoint_t){0};
}

void endpoint_copy(endpoint_t *copy, const endpoint_t *original)
{
  *copy = *original;
  copy->host = g_strdup(original->host);
}

const endpoint_t *endpoints_find_name(const endpoint_t *rows, size_t count, const char *name, uint16_t port)
{
  for (size_t i = 0; name != NULL && i < count; i++)
    if ((port == 0 || rows[i].port == port) && endpoint_covers_name(&rows[i], name))
      return &rows[i];
  return NULL;
}

const endpoint_t *endpoints_find_address(const endpoint_t *rows, size_t count, const ip_address_t *address,
                                         uint16_t port)
{
  for (size_t i = 0; i < count; i++)
    if (rows[i].port == port && endpoint_covers_address(&rows[i], address))
      return &rows[i];
  return NULL;
}
