#include "vm/special_load.h"

#include "vm/opcode.h"
#include "vm/packet_load.h"

namespace bpfc {
namespace {

constexpr LoadOutcome kReject = {0, true};

}  // namespace

LoadOutcome load_absolute_beyond(const DecodedInstruction& load, std::uint32_t a, std::uint32_t x,
                                 const Packet& packet, Rules rules) {
  if (load.k < kAncillaryBase || info(load.operation).format != OperandFormat::kAbsolute) {
    return load_indexed_beyond(load.k, load_size(load.operation), packet, rules);
  }
  const auto ancillary = find_ancillary(load.k);
  if (!ancillary) return kReject;
  if (rules == Rules::kLibpcap) {
    // pcap_filter_with_aux_data() knows these two alone, only as ldb, only where it got such data.
    const bool known = ancillary->load == AncillaryLoad::kVlanTag ||
                       ancillary->load == AncillaryLoad::kVlanTagPresent;
    if (!known || load.operation != Operation::kLoadByteAbsolute || packet.ancillary == nullptr) {
      return kReject;
    }
  }
  return load_ancillary(ancillary->load, a, x, packet);
}

LoadOutcome load_indexed_beyond(std::uint64_t offset, unsigned size, const Packet& packet,
                                Rules rules) {
  if (rules == Rules::kLibpcap) return kReject;
  const auto value = kernel_load(packet, static_cast<std::uint32_t>(offset), size);
  return value ? LoadOutcome{*value, false} : kReject;
}

}  // namespace bpfc
