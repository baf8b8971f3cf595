// The packet under evaluation, and the conditions that filters are made of.
//
// A condition asks one packet a question. It is made once, from the text; what it loads, and in
// what order, is part of its meaning: the first load beyond the captured bytes rejects the packet,
// whatever the rest of the filter would have said.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "bpfc/interpreter.h"

namespace bpfc::reference {

// Thrown by a load beyond the captured bytes, and by a division by zero: the packet is rejected.
struct Rejected {};

// Thrown while a filter is read: the language has no such filter on this link type.
struct Refused {
  std::string reason;
};

// What X + k past 2^32 in a load, and a computed shift by 32 or more, mean.
enum class Machine : std::uint8_t {
  kKernel,   // modulo 2^32; modulo 32
  kLibpcap,  // out of bounds; 0
};

// Where a header starts: a constant, and, where an encapsulation found its place only in the
// packet, one of the state's variables besides.
struct Place {
  static constexpr int kNone = -1;

  std::uint32_t constant = 0;
  int variable = kNone;

  Place plus(std::uint32_t distance) const { return {constant + distance, variable}; }
};

// One evaluation of one packet.
class State {
 public:
  State(std::span<const std::uint8_t> captured, std::uint32_t wire_length,
        const Ancillary* ancillary, Machine machine, std::size_t variables);

  std::uint32_t wire_length() const { return wire_length_; }
  const Ancillary& ancillary() const { return *ancillary_; }
  Machine machine() const { return machine_; }
  // 0 until an encapsulation has matched.
  std::uint32_t& variable(int index) { return variables_[static_cast<std::size_t>(index)]; }
  // The variable part of a place, 0 if it has none.
  std::uint32_t variable_part(Place place);

  // Big-endian loads of 1, 2 or 4 bytes.
  std::uint32_t load(Place place, std::uint32_t size);
  std::uint32_t load_at(std::uint32_t x, std::uint32_t k, std::uint32_t size) const;

 private:
  std::span<const std::uint8_t> captured_;
  std::uint32_t wire_length_;
  const Ancillary* ancillary_;
  Machine machine_;
  std::vector<std::uint32_t> variables_;
};

using Condition = std::function<bool(State&)>;
using Value = std::function<std::uint32_t(State&)>;

Condition always(bool truth);
Condition negation(Condition condition);
// From the left, stopping as soon as the outcome is known.
Condition all_of(std::vector<Condition> conditions);
Condition any_of(std::vector<Condition> conditions);
// (load & mask) == value
Condition equals(Place place, std::uint32_t size, std::uint32_t value,
                 std::uint32_t mask = 0xffffffffU);

}  // namespace bpfc::reference
