/* inner_streams.c - keeps TCP streams of different tunnels apart where they have the same addresses
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark's TCP knows a stream by addresses and ports. One tunnel captured on both sides of a load balancer would
 * thus show each segment as its own retransmission. So where a second tunnel carries a pair of addresses, its number is
 * added behind their bytes before TCP takes them for a key. Other protocols are left as they are: some of what runs on
 * UDP copies an IPv6 address into 16 bytes, however long it is.
 */
#include "tunnel/inner_streams.h"

#include <string.h>

#include <epan/address.h>
#include <epan/packet.h>

#include "compat.h"

enum { NEXT_HEADER_OFFSET = 6, ADDRESSES_OFFSET = 8, ADDRESS_LENGTH = 16, HEADER_LENGTH = 40, TCP = 6 }; /* RFC 8200 */

typedef struct {
  uint8_t addresses[2 * ADDRESS_LENGTH]; /* the lower one first */
} address_pair_t;

static wmem_map_t
    *owners;          /* address_pair_t -> number of the tunnel that had it first; changes on the first pass only */
static uint32_t mark; /* number of the tunnel whose packet is dissected, 0 if its addresses are its own */
static dissector_handle_t tcp_handle; /* of TCP while mark is set */
static dissector_handle_t marked_tcp_handle;
static dissector_table_t ip_protocols;

static guint hash_pair(gconstpointer pair)
{
  return wmem_strong_hash(pair, sizeof(address_pair_t));
}

static gboolean equal_pairs(gconstpointer one, gconstpointer other)
{
  return memcmp(one, other, sizeof(address_pair_t)) == 0;
}

static address_pair_t pair_of(const uint8_t *packet)
{
  const uint8_t *source = packet + ADDRESSES_OFFSET;
  const uint8_t *destination = source + ADDRESS_LENGTH;
  bool in_order = memcmp(source, destination, ADDRESS_LENGTH) <= 0;
  address_pair_t pair;
  memcpy(pair.addresses, in_order ? source : destination, ADDRESS_LENGTH);
  memcpy(pair.addresses + ADDRESS_LENGTH, in_order ? destination : source, ADDRESS_LENGTH);
  return pair;
}

static uint32_t owner_of(const address_pair_t *pair, uint32_t tunnel_number)
{
  uint32_t owner = GPOINTER_TO_UINT(wmem_map_lookup(owners, pair));
  if (owner != 0 || wmem_map_size(owners) >= INNER_STREAMS_PAIRS_MAX)
    return owner;
  wmem_map_insert(owners, wmem_memdup(wmem_file_scope(), pair, sizeof *pair), GUINT_TO_POINTER(tunnel_number));
  return tunnel_number;
}

/* Each half of the number stands beside its complement, so that checksums over the address come out the same (RFC
 * 1071). */
static void mark_address(packet_info *pinfo, address *marked)
{
  if (marked->type != AT_IPv6 || marked->len != ADDRESS_LENGTH)
    return;
  const uint32_t halves[] = {mark >> 16, mark & 0xffff};
  uint8_t *data = wmem_alloc(pinfo->pool, ADDRESS_LENGTH + 8);
  uint8_t *end = data + ADDRESS_LENGTH;
  memcpy(data, marked->data, ADDRESS_LENGTH);
  for (size_t i = 0; i < G_N_ELEMENTS(halves); i++) {
    *end++ = (uint8_t)(halves[i] >> 8);
    *end++ = (uint8_t)halves[i];
    *end++ = (uint8_t)(~halves[i] >> 8);
    *end++ = (uint8_t)~halves[i];
  }
  set_address(marked, AT_IPv6, (int)(end - data), data);
}

static int dissect_marked_tcp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
  mark_address(pinfo, &pinfo->src);
  mark_address(pinfo, &pinfo->dst);
  return call_dissector_only(tcp_handle, tvb, pinfo, tree, data);
}

void inner_streams_register(void)
{
  owners = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), hash_pair, equal_pairs);
  marked_tcp_handle = create_dissector_handle(dissect_marked_tcp, -1);
}

void inner_streams_reg_handoff(void)
{
  ip_protocols = find_dissector_table("ip.proto");
}

void inner_streams_enter(uint32_t tunnel_number, const uint8_t *packet, size_t captured)
{
  if (captured < HEADER_LENGTH || packet[NEXT_HEADER_OFFSET] != TCP)
    return;
  address_pair_t pair = pair_of(packet);
  uint32_t owner = owner_of(&pair, tunnel_number);
  tcp_handle = dissector_get_uint_handle(ip_protocols, TCP);
  if (owner == tunnel_number || owner == 0 || tcp_handle == NULL)
    return;
  mark = tunnel_number;
  dissector_change_uint("ip.proto", TCP, marked_tcp_handle);
}

void inner_streams_leave(void)
{
  if (mark == 0)
    return;
  mark = 0;
  dissector_change_uint("ip.proto", TCP, tcp_handle);
}
