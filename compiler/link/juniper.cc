// Juniper's headers start with a magic number. What they carry is not told apart: as in libpcap
// each protocol's test is the same one.
#include "compiler/link/payload_protocol.h"

namespace bpfc {

ConditionIndex juniper_payload_is(Lowering& lowering, std::uint32_t /*protocol*/) {
  constexpr std::uint32_t kMagic = 0x4d474300;  // "MGC"
  constexpr std::uint32_t kMagicMask = 0xffffff00;
  return lowering.equal(lowering.load_link(0, 4), kMagic, kMagicMask);
}

}  // namespace bpfc
