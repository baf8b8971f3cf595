#include "tests/reference/packet_direction.h"

#include <array>
#include <string>
#include <utility>

namespace bpfc::reference {

namespace {

// The field holds `outbound` on a packet that goes out, and on one that comes in `inbound`, or, if
// that says so, anything else.
struct Row {
  std::uint32_t link_type;
  std::uint32_t offset;
  std::uint32_t size;
  std::uint32_t outbound;
  std::uint32_t outbound_mask;
  std::uint32_t inbound;
  std::uint32_t inbound_mask;
  bool inbound_is_the_rest;
};

constexpr std::uint32_t kAll = 0xffffffffU;

constexpr std::array kRows{
    Row{8, 0, kByte, 1, kAll, 0, kAll, false},        // SLIP
    Row{113, 0, kHalf, 4, kAll, 0, 0, true},          // LINUX_SLL
    Row{117, 60, kByte, 2, kAll, 1, kAll, false},     // PFLOG
    Row{166, 0, kByte, 1, kAll, 0, kAll, false},      // PPP_PPPD
    Row{226, 2, kHalf, 1, kAll, 2, kAll, false},      // IPNET
    Row{276, 10, kByte, 4, kAll, 0, 0, true},         // LINUX_SLL2
    Row{281, 12, kByte, 0x20, 0xe0, 0, 0xe0, false},  // DSA_TAG_BRCM
    Row{284, 12, kByte, 0x40, 0xc0, 0, 0x40, false},  // DSA_TAG_DSA
};

constexpr Row kJuniper{0, 3, kByte, 0, 1, 1, 1, false};

void require_live(const Scope& scope, const std::string& keyword) {
  if (scope.environment.target != Target::kLiveLinux) {
    throw Refused{"'" + keyword + "' is not supported: not a live capture"};
  }
}

const Row* row_of(LinkType link_type) {
  if (outermost(link_type).link == Link::kJuniper) {
    return &kJuniper;
  }
  for (const Row& row : kRows) {
    if (row.link_type == static_cast<std::uint32_t>(link_type)) {
      return &row;
    }
  }
  return nullptr;
}

// The link header that is spoken of now is not the one that says it.
bool is_encapsulated(const Scope& scope) {
  return scope.headers.after_tunnel ||
         scope.headers.link != outermost(scope.environment.link_type).link;
}

Condition outgoing(const Scope& scope) {
  require_live(scope, "inbound/outbound");
  constexpr std::uint32_t kPacketOutgoing = 4;
  return [](State& state) { return state.ancillary().packet_type == kPacketOutgoing; };
}

}  // namespace

Condition packet_direction(const Scope& scope, bool inbound) {
  const Row* const row = row_of(scope.environment.link_type);
  if (row == nullptr || is_encapsulated(scope)) {
    return inbound ? negation(outgoing(scope)) : outgoing(scope);
  }
  const Place field{row->offset};
  Condition outbound = equals(field, row->size, row->outbound, row->outbound_mask);
  if (!inbound) {
    return outbound;
  }
  return row->inbound_is_the_rest ? negation(std::move(outbound))
                                  : equals(field, row->size, row->inbound, row->inbound_mask);
}

Condition interface_index(const Scope& scope, std::uint32_t index) {
  if (scope.environment.link_type == LinkType::kLinuxSll2 && !is_encapsulated(scope)) {
    return equals(Place{4}, kWord, index);
  }
  require_live(scope, "ifindex");
  return [index](State& state) {
    if (!state.ancillary().interface_index) {
      throw Rejected{};
    }
    return *state.ancillary().interface_index == index;
  };
}

}  // namespace bpfc::reference
