// The last pass: short runs of a program's instructions that shorter ones can stand for.
#pragma once

#include <span>

#include "bpfc/program.h"
#include "peephole/rule.h"

namespace bpfc::peephole {

// A program with the same verdict on every packet, by the kernel's rules and by libpcap's, of which
// it obeys those that the program obeys; never longer, and executing no more on any packet.
// Instructions that nothing reaches are dropped. A program that jumps backward, or breaks the rules
// of both, is left as it is. Near linear.
// `uses`, where it is not empty, counts by rule what is replaced.
Program shortened(const Program& program, const RuleTable& table = rules(),
                  std::span<std::size_t> uses = {});

}  // namespace bpfc::peephole
