// How the kernel converts a classic program to an extended one (bpf_convert_filter() in
// net/core/filter.c of Linux 6.18), as far as its size goes. The size decides whether a program
// that obeys every rule can be attached: it is what is charged to the socket's memory, and jumps in
// the extended program reach 32767 instructions at most.
//
// `ldh [12]; jeq #0x800 jt 0 jf 1; ret #100; ret #0` becomes 3 instructions of a prologue that
// clears A and X, 4 more that fetch the packet's data since something loads from it, 14 for the
// load (the quick way, and the call of a helper for what is not in the first fragment), 1 for the
// jump, whose target on success is the next instruction, and 2 for each return: 26.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "bpfc/verify.h"

namespace bpfc::capture {

struct KernelConversion {
  std::size_t length = 0;  // extended instructions, the prologue's included
  // The first instruction, if any, whose jump cannot be expressed: the kernel says EINVAL.
  std::optional<std::size_t> far_jump;
};

// `program` has been verified by Rules::kKernel. Linear.
KernelConversion kernel_conversion(const VerifiedProgram& program);

// The bytes charged for an extended program of this length: struct bpf_prog and its instructions.
std::size_t kernel_charge(std::size_t length);

}  // namespace bpfc::capture
