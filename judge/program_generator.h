// Random classic BPF programs and packets: valid ones, nearly valid ones, and
// ones whose offsets lie around a packet's edges. The same seed yields the same sequence.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "bpfc/program.h"
#include "bpfc/verify.h"

namespace bpfc::judge {

class ProgramGenerator {
 public:
  explicit ProgramGenerator(std::uint64_t seed) : random_(seed) {}

  // Up to `max_length` instructions of valid opcodes that end in a ret; jumps may be out of range,
  // cells unwritten. Offsets gather around `packet_length`. Unused fields are 0.
  Program plausible(std::size_t max_length, std::uint32_t packet_length);
  // plausible(), and then half the time one field of one instruction replaced.
  Program nearly_valid(std::size_t max_length, std::uint32_t packet_length);
  // plausible() until verify() accepts it.
  VerifiedProgram verified(std::size_t max_length, std::uint32_t packet_length, Rules rules);
  // Any bits.
  Program arbitrary(std::size_t max_length);

  std::vector<std::uint8_t> packet(std::size_t length);
  // In [0, bound).
  std::uint32_t below(std::uint32_t bound) { return bound == 0 ? 0 : word() % bound; }
  std::uint32_t word() { return static_cast<std::uint32_t>(random_()); }
  bool one_in(std::uint32_t bound) { return below(bound) == 0; }

 private:
  std::uint32_t constant();
  std::uint32_t offset(std::uint32_t packet_length);
  Instruction instruction(std::size_t index, std::size_t length, std::uint32_t packet_length);
  void spoil(Program& program);

  std::mt19937_64 random_;
};

}  // namespace bpfc::judge
