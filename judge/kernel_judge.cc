#include "judge/kernel_judge.h"

#include <sched.h>

#include <algorithm>

#include "vm/ancillary.h"
#include "vm/opcode.h"

namespace bpfc::judge {

const char* to_string(Vantage vantage) {
  switch (vantage) {
    case Vantage::kUnixSocket:
      return "AF_UNIX";
    case Vantage::kReceive:
      return "AF_PACKET on receive";
    case Vantage::kTransmit:
      return "AF_PACKET on transmit";
  }
  return "";
}

Packet Sighting::view() const {
  return {.captured = bytes,
          .wire_length = static_cast<std::uint32_t>(bytes.size()),
          .network_offset = network_offset,
          .link_offset = link_offset,
          .ancillary = &ancillary};
}

bool is_deterministic(const VerifiedProgram& program) {
  return std::none_of(program.decoded().begin(), program.decoded().end(),
                      [](const DecodedInstruction& load) {
                        return info(load.operation).format == OperandFormat::kAbsolute &&
                               load.k == ancillary_offset(AncillaryLoad::kRandom);
                      });
}

std::optional<std::uint32_t> stay_on_processor() {
  const int present = sched_getcpu();
  if (present < 0) return std::nullopt;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(present), &one);
  if (sched_setaffinity(0, sizeof one, &one) != 0) return std::nullopt;
  return static_cast<std::uint32_t>(present);
}

}  // namespace bpfc::judge
