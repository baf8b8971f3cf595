#include <algorithm>
#include <array>

#include "bpfc/interfaces.h"

namespace bpfc {
namespace {

struct Row {
  std::uint16_t hardware_type;
  SocketLink link;
};

constexpr std::array kRows = {
#define BPFC_HARDWARE_TYPE(name, number, link_type, file_number, framing, header) \
  Row{number, {file_number, PacketFraming::framing, header}},
#include "capture/hardware_type.def"
#undef BPFC_HARDWARE_TYPE
};

constexpr std::uint16_t kLinuxSll2 = 276;

}  // namespace

SocketLink socket_link(std::uint16_t hardware_type) {
  const auto row = std::find_if(kRows.begin(), kRows.end(), [hardware_type](const Row& candidate) {
    return candidate.hardware_type == hardware_type;
  });
  return row == kRows.end() ? any_interface_link() : row->link;
}

SocketLink any_interface_link() { return {kLinuxSll2, PacketFraming::kCooked, 20}; }

}  // namespace bpfc
