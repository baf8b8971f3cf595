// ARCnet (RFC 1201): a byte names the protocol.
#include <array>

#include "compiler/link/payload_protocol.h"
#include "compiler/protocol_numbers.h"

namespace bpfc {

ConditionIndex arcnet_payload_is(Lowering& lowering, std::uint32_t protocol) {
  struct SystemCode {
    std::uint32_t protocol;
    std::uint32_t code;
  };
  constexpr std::array kCodes = {SystemCode{ethertype::kIp, 212}, SystemCode{ethertype::kArp, 213},
                                 SystemCode{ethertype::kRarp, 214},
                                 SystemCode{ethertype::kAtalk, 221},
                                 SystemCode{ethertype::kIp6, 0xc4}};
  for (const SystemCode& row : kCodes) {
    if (row.protocol == protocol) {
      return lowering.equal(lowering.load(lowering.context.type, 1), row.code);
    }
  }
  return lowering.conditions.always(false);
}

}  // namespace bpfc
