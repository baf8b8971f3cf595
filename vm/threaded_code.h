// A program decoded for the fast interpreter: steps, each of which does the work of one instruction
// or of many, and the tables that they look into.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "bpfc/verify.h"
#include "vm/value_set.h"

namespace bpfc {

enum class StepKind : std::uint16_t {
#define BPFC_STEP(name) k##name,
#define BPFC_TEST(source, test) k##source##test##Branch, k##source##test##Return,
#define BPFC_SELECT(source) kSelect##source,
#include "vm/threaded_step.def"
};

// Half a cache line, so that none lies in two.
struct alignas(32) Step {
  // The machine code for its kind.
  const void* handler = nullptr;
  // Of a test or selection that loads: the load's offset; where there are two, the first one's.
  std::uint16_t offset = 0;
  // Of a test or selection: packets with fewer captured bytes are rejected. Where the source begins
  // with an `ldxb`: its offset, where there is a byte for certain.
  std::uint16_t needed = 0;
  // Of a test or selection: the bits of the value that are looked at. Where there are two loads,
  // all are, and this is the second one's offset. Else the instruction's k: an offset, a constant,
  // a cell.
  std::uint32_t k = 0xffffffffU;
  // Of a test: ValueSet's. Of other loads: what must have been captured is `low`.
  std::uint32_t low = 0;
  std::uint32_t width = 0;
  // Where it goes on, or what it returns: first where the test does not hold, or where there is but
  // one way, then where it holds.
  std::array<std::int32_t, 2> ways{};
};
static_assert(sizeof(Step) == 32);

// Steps lead to others by the distance to them in units of eight bytes, which an address may have
// as a factor.
constexpr std::int32_t step_distance(std::size_t from, std::size_t to) {
  constexpr std::int64_t kUnits = sizeof(Step) / 8;
  return static_cast<std::int32_t>(
      (static_cast<std::int64_t>(to) - static_cast<std::int64_t>(from)) * kUnits);
}
inline const Step* step_at(const Step* from, std::int32_t distance) {
  return reinterpret_cast<const Step*>(reinterpret_cast<const std::uint64_t*>(from) + distance);
}

// Sixteen bytes of the packet, under a mask.
struct alignas(16) BytesTest {
  std::array<std::uint8_t, 16> mask{};
  std::array<std::uint8_t, 16> value{};
};

struct ThreadedCode {
  explicit ThreadedCode(const VerifiedProgram& source) : program(source), rules(source.rules()) {}

  VerifiedProgram program;           // for what the steps cannot do
  std::vector<Step> steps;           // starts with the first one
  std::vector<Step> steps_for_many;  // the same with handlers of another loop
  SetTables tables;
  std::vector<BytesTest> bytes_tests;
  // Packets with fewer captured bytes are rejected before the first step.
  std::uint32_t needed = 0;
  // A byte that is likely to be looked at.
  std::uint32_t first_byte = 0;
  // Loads at X + k that end here or before and past the captured bytes are out of bounds by all
  // rules.
  std::uint64_t plain_end = 0;
  Rules rules;
  bool full = false;  // has special loads, or loops
};

// Linear in the program's length, but for n log n where many branches test one value. Keeps nothing
// of it.
ThreadedCode make_threaded_code(const VerifiedProgram& program);

}  // namespace bpfc
