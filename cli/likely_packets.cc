#include "cli/likely_packets.h"

#include <algorithm>
#include <array>
#include <optional>

namespace bpfc::cli {
namespace {

// Where the ethertype stands, if there is one, and the network header.
struct Layout {
  std::uint16_t link_type;  // the number in capture files
  std::optional<std::uint32_t> type;
  std::uint32_t network;
};

constexpr std::array kLayouts = {
    Layout{1, 12, 14},  Layout{101, std::nullopt, 0}, Layout{113, 14, 16},
    Layout{228, {}, 0}, Layout{229, std::nullopt, 0}, Layout{276, 0, 20},
};

struct Payload {
  std::uint16_t ethertype;
  std::optional<std::uint8_t> first_byte;
};

constexpr std::array kPayloads = {
    Payload{0x0800, 0x45},
    Payload{0x86dd, 0x60},
    Payload{0x0806, std::nullopt},
};

}  // namespace

std::vector<std::vector<KnownByte>> likely_packets(const LinkType& link_type) {
  std::vector<std::vector<KnownByte>> result;
  const auto* layout = std::find_if(kLayouts.begin(), kLayouts.end(), [&](const Layout& row) {
    return row.link_type == link_type.file_number;
  });
  if (layout == kLayouts.end()) return result;
  for (const Payload& payload : kPayloads) {
    std::vector<KnownByte> bytes;
    if (layout->type) {
      bytes.push_back({*layout->type, static_cast<std::uint8_t>(payload.ethertype >> 8U)});
      bytes.push_back({*layout->type + 1, static_cast<std::uint8_t>(payload.ethertype)});
    }
    if (payload.first_byte) bytes.push_back({layout->network, *payload.first_byte});
    if (!bytes.empty()) result.push_back(std::move(bytes));
  }
  return result;
}

}  // namespace bpfc::cli
