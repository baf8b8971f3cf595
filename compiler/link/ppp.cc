// PPP, which has numbers of its own (IANA, PPP DLL Protocol Numbers), and Cisco's HDLC, which has
// ethertypes in the same place.
#include <array>

#include "compiler/link/payload_protocol.h"
#include "compiler/protocol_numbers.h"

namespace bpfc {
namespace {

struct PppNumber {
  std::uint32_t protocol;
  std::uint32_t ppp;
};
constexpr std::array kNumbers = {
    PppNumber{ethertype::kIp, 0x0021},     PppNumber{ethertype::kIp6, 0x0057},
    PppNumber{ethertype::kDecnet, 0x0027}, PppNumber{ethertype::kAtalk, 0x0029},
    PppNumber{ethertype::kXns, 0x0025},    PppNumber{sap::kIso, 0x0023},
    PppNumber{sap::kSpanningTree, 0x0031}, PppNumber{sap::kIpx, 0x002b}};

// Cisco's mark of OSI protocols.
constexpr std::uint32_t kCiscoIso = 0xfefe;

}  // namespace

ConditionIndex ppp_payload_is(Lowering& lowering, std::uint32_t protocol) {
  for (const PppNumber& row : kNumbers) {
    if (row.protocol == protocol) return plain_type_is(lowering, row.ppp);
  }
  return plain_type_is(lowering, protocol);
}

// BSD/OS also hands out packets whose TCP and IP headers are compressed (RFC 1144), or whose
// compression has just been started anew.
ConditionIndex ppp_bsdos_payload_is(Lowering& lowering, std::uint32_t protocol) {
  constexpr std::uint32_t kCompressed = 0x002d;
  constexpr std::uint32_t kUncompressed = 0x002f;
  const ConditionIndex plain = ppp_payload_is(lowering, protocol);
  if (protocol != ethertype::kIp) return plain;
  return lowering.conditions.any(
      {plain, plain_type_is(lowering, kCompressed), plain_type_is(lowering, kUncompressed)});
}

ConditionIndex cisco_payload_is(Lowering& lowering, std::uint32_t protocol) {
  return plain_type_is(lowering, protocol == sap::kIso ? kCiscoIso : protocol);
}

// A byte of padding stands before the protocol's own first byte.
ConditionIndex cisco_iso_protocol_is(Lowering& lowering, std::uint32_t protocol) {
  constexpr std::uint32_t kPadding = 1;
  const ConditionIndex iso = lowering.payload_is(sap::kIso);
  const ir::ValueIndex first = lowering.load(lowering.network_no_snap().plus(kPadding), 1);
  return lowering.conditions.all({iso, lowering.equal(first, protocol)});
}

}  // namespace bpfc
