// Runs classic BPF programs by libpcap's rules (bpf_filter.c), independently of vm/: a judge of
// programs, libpcap's and our own. Unlike libpcap's, M[] is 0 at the start and no program runs for
// ever.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "bpfc/program.h"

namespace bpfc::oracle {

inline constexpr std::uint64_t kStepLimit = 100'000;

// What the program returns; nothing if it has not ended after `step_limit` instructions, runs off
// its end or holds an instruction without a meaning. A jump with BPF_JA may go backwards. Ancillary
// loads are out of bounds, as all at 2^31 and up.
std::optional<std::uint32_t> run_classic(std::span<const Instruction> program,
                                         std::span<const std::uint8_t> captured,
                                         std::uint32_t wire_length,
                                         std::uint64_t step_limit = kStepLimit);

}  // namespace bpfc::oracle
