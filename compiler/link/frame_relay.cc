// Frame Relay (RFC 2427): behind two bytes of address a control byte, 3, and one that names the
// network layer's protocol (NLPID).
#include <array>

#include "compiler/link/payload_protocol.h"
#include "compiler/protocol_numbers.h"

namespace bpfc {
namespace {

constexpr std::uint32_t kControlField = 2;
constexpr std::uint32_t kUnnumbered = 0x03;

ConditionIndex nlpid_is(Lowering& lowering, std::uint32_t nlpid) {
  return lowering.equal(lowering.load_link(kControlField, 2), kUnnumbered << 8U | nlpid);
}

}  // namespace

ConditionIndex frame_relay_payload_is(Lowering& lowering, std::uint32_t protocol) {
  constexpr std::uint32_t kIp = 0xcc;
  constexpr std::uint32_t kIp6 = 0x8e;
  switch (protocol) {
    case ethertype::kIp:
      return nlpid_is(lowering, kIp);
    case ethertype::kIp6:
      return nlpid_is(lowering, kIp6);
    case sap::kIso:
      return lowering.conditions.any({nlpid_is(lowering, iso_protocol::kClnp),
                                      nlpid_is(lowering, iso_protocol::kEsis),
                                      nlpid_is(lowering, iso_protocol::kIsis)});
    default:
      return lowering.conditions.always(false);
  }
}

ConditionIndex frame_relay_iso_protocol_is(Lowering& lowering, std::uint32_t protocol) {
  return nlpid_is(lowering, protocol);
}

}  // namespace bpfc
