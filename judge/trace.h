// One run of a program with its reasons: what every value was computed from, and what every branch
// decided on.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bpfc/interpreter.h"
#include "bpfc/verify.h"
#include "vm/ancillary.h"
#include "vm/arithmetic.h"

namespace bpfc::judge {

enum class TermKind : std::uint8_t {
  kConstant,    // or nothing that a packet could change in a foreseeable way
  kBytes,       // `size` bytes of the packet at `position`
  kWireLength,  // of the packet
  kAncillary,   // the field of `load`
  kArithmetic,  // `arithmetic` of the terms `left` and `right`
};

// A value that the run computed.
struct Term {
  TermKind kind = TermKind::kConstant;
  bool varies = false;  // depends on the packet
  std::uint8_t size = 0;
  AncillaryLoad load{};
  Arithmetic arithmetic{};
  std::uint32_t value = 0;
  std::uint32_t position = 0;
  std::uint32_t left = 0;  // indices into Trace::terms, of earlier ones
  std::uint32_t right = 0;
};

struct Decision {
  std::uint32_t instruction = 0;
  Comparison comparison{};
  bool taken = false;
  std::uint32_t left = 0;  // indices into Trace::terms
  std::uint32_t right = 0;
};

struct Trace {
  std::uint32_t verdict = 0;
  std::uint64_t steps = 0;
  std::vector<Term> terms;
  std::vector<Decision> decisions;
  // A load found too few bytes and ended the program; with so many it would have gone on.
  std::optional<std::uint64_t> missing_end;
};

// Into `result`, whose memory is used again. The verdict is interpret()'s; a program with backward
// jumps is stopped after 2^16 steps or so.
void trace(const VerifiedProgram& program, const Packet& packet, Trace& result);

}  // namespace bpfc::judge
