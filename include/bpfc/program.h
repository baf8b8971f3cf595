// A classic BPF program as the kernel and libpcap exchange it.
#pragma once

#include <cstdint>
#include <vector>

#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

// One instruction, laid out as struct sock_filter (linux/filter.h) and struct bpf_insn
// (pcap/bpf.h). jt and jf count instructions from the next one on. Any bit pattern may stand here:
// only a VerifiedProgram (verify.h) promises a meaning.
struct Instruction {
  std::uint16_t code = 0;
  std::uint8_t jt = 0;
  std::uint8_t jf = 0;
  std::uint32_t k = 0;

  friend bool operator==(const Instruction&, const Instruction&) = default;
};
static_assert(sizeof(Instruction) == 8);

using Program = std::vector<Instruction>;

// What the kernel takes at most (BPF_MAXINSNS, linux/bpf_common.h).
inline constexpr std::size_t kKernelMaxInstructions = 4096;
// M[0..15] (BPF_MEMWORDS).
inline constexpr std::uint32_t kScratchCells = 16;
// Ancillary loads are absolute loads at this offset plus a number below 64 (SKF_AD_OFF).
inline constexpr std::uint32_t kAncillaryBase = 0xfffff000U;

}  // namespace bpfc
