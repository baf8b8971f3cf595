// Proofs of rules by z3: for all constants, registers, cells and packets.
#pragma once

#include <chrono>
#include <cstdint>

#include "peephole/rule.h"

namespace bpfc::peephole {

enum class RuleProof : std::uint8_t { kProved, kRefuted, kUndecided };

// By the kernel's rules and by libpcap's.
RuleProof prove_rule(const Rule& rule, std::chrono::milliseconds timeout);

}  // namespace bpfc::peephole
