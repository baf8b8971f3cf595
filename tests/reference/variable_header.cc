#include "tests/reference/variable_header.h"

namespace bpfc::reference {

namespace {

std::uint32_t byte_at(const State& state, std::uint32_t offset) {
  return state.load_at(0, offset, 1);
}

std::uint32_t word_at(const State& state, std::uint32_t offset) {
  return state.load_at(0, offset, 4);
}

// The length, little-endian, in bytes 2 and 3, of which the last is loaded first.
std::uint32_t little_endian_length(const State& state) {
  const std::uint32_t high = byte_at(state, 3);
  return high << 8U | byte_at(state, 2);
}

// Of the header in front of the 802.11 header.
std::uint32_t outer_length(LinkType link_type, const State& state) {
  switch (link_type) {
    case LinkType::kPrismHeader: {
      // One that says its length, as AVS headers do, or the fixed old one.
      constexpr std::uint32_t kAvsMagic = 0x80211000;
      constexpr std::uint32_t kOldLength = 144;
      return (word_at(state, 0) & 0xfffff000U) == kAvsMagic ? word_at(state, 4) : kOldLength;
    }
    case LinkType::kAvs:
      return word_at(state, 4);
    case LinkType::kRadiotap:
    case LinkType::kPpi:
      return little_endian_length(state);
    default:
      return 0;
  }
}

// Radiotap's flags say that the payload is padded to a multiple of four; they stand behind a
// timestamp if there is one. A second word of field bits is not understood.
bool is_padded(const State& state) {
  constexpr std::uint32_t kHasFlags = 0x02000000;
  constexpr std::uint32_t kMoreBits = 0x00000080;
  constexpr std::uint32_t kHasTimestamp = 0x01000000;
  constexpr std::uint32_t kPadded = 0x20;
  const std::uint32_t fields = word_at(state, 4);
  if ((fields & kHasFlags) == 0 || (fields & kMoreBits) != 0) {
    return false;
  }
  return (byte_at(state, (fields & kHasTimestamp) != 0 ? 16 : 8) & kPadded) != 0;
}

// Behind the 802.11 header: its fourth address is not reckoned with.
std::uint32_t wlan_payload(LinkType link_type, const State& state, std::uint32_t header) {
  constexpr std::uint32_t kControlBit = 0x04;
  constexpr std::uint32_t kDataBit = 0x08;
  constexpr std::uint32_t kQosBit = 0x80;
  constexpr std::uint32_t kHeaderLength = 24;
  constexpr std::uint32_t kQosLength = 2;
  std::uint32_t payload = header + kHeaderLength;
  const std::uint32_t frame_control = state.load_at(header, 0, 1);
  if ((frame_control & kDataBit) == 0 || (frame_control & kControlBit) != 0) {
    return payload;
  }
  if ((frame_control & kQosBit) != 0) {
    payload += kQosLength;
  }
  if (link_type == LinkType::kRadiotap && is_padded(state)) {
    payload = (payload + 3) & ~3U;
  }
  return payload;
}

std::uint32_t pflog_length(const State& state) { return (byte_at(state, 0) + 3) & ~3U; }

}  // namespace

Condition variable_headers(LinkType link_type, const std::set<int>& variables_read) {
  const bool needs_outer = variables_read.count(kOuterLength) != 0;
  const bool needs_payload = variables_read.count(kPayloadStart) != 0;
  return [=](State& state) {
    switch (link_type) {
      case LinkType::kPpi: {
        // The link type of what follows PPI's header: 802.11's number, little-endian.
        constexpr std::uint32_t kPpiIs80211 = 0x69000000;
        if (word_at(state, 4) != kPpiIs80211) {
          return false;
        }
        break;
      }
      case LinkType::kPflog:
        if (needs_payload) {
          state.variable(kPayloadStart) = pflog_length(state);
        }
        return true;
      case LinkType::kIeee80211:
      case LinkType::kPrismHeader:
      case LinkType::kAvs:
      case LinkType::kRadiotap:
        break;
      default:
        return true;
    }
    std::uint32_t outer = 0;
    if (needs_outer) {
      outer = outer_length(link_type, state);
      state.variable(kOuterLength) = outer;
    }
    // Nothing reads a payload without asking about the header first.
    if (needs_payload) {
      state.variable(kPayloadStart) = wlan_payload(link_type, state, outer);
    }
    return true;
  };
}

}  // namespace bpfc::reference
