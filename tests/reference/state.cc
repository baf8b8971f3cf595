#include "tests/reference/state.h"

#include <utility>

namespace bpfc::reference {

namespace {

const Ancillary kNoAncillary{};

// Offsets from here up are no bytes of the packet: ancillary data and header-relative loads.
constexpr std::uint32_t kFirstSpecial = 0x80000000U;

}  // namespace

State::State(std::span<const std::uint8_t> captured, std::uint32_t wire_length,
             const Ancillary* ancillary, Machine machine, std::size_t variables)
    : captured_(captured),
      wire_length_(wire_length),
      ancillary_(ancillary != nullptr ? ancillary : &kNoAncillary),
      machine_(machine),
      variables_(variables, 0) {}

std::uint32_t State::variable_part(Place place) {
  return place.variable == Place::kNone ? 0 : variable(place.variable);
}

std::uint32_t State::load(Place place, std::uint32_t size) {
  return load_at(variable_part(place), place.constant, size);
}

std::uint32_t State::load_at(std::uint32_t x, std::uint32_t k, std::uint32_t size) const {
  const std::uint64_t exact = std::uint64_t{x} + k;
  if (machine_ == Machine::kLibpcap && exact > 0xffffffffU) {
    throw Rejected{};
  }
  const auto offset = static_cast<std::uint32_t>(exact);
  if (offset >= kFirstSpecial || std::size_t{offset} + size > captured_.size()) {
    throw Rejected{};
  }
  std::uint32_t value = 0;
  for (std::uint32_t i = 0; i < size; ++i) {
    value = value << 8U | captured_[offset + i];
  }
  return value;
}

Condition always(bool truth) {
  return [truth](State&) { return truth; };
}

Condition negation(Condition condition) {
  return [condition = std::move(condition)](State& state) { return !condition(state); };
}

Condition all_of(std::vector<Condition> conditions) {
  return [conditions = std::move(conditions)](State& state) {
    for (const Condition& condition : conditions) {
      if (!condition(state)) {
        return false;
      }
    }
    return true;
  };
}

Condition any_of(std::vector<Condition> conditions) {
  return [conditions = std::move(conditions)](State& state) {
    for (const Condition& condition : conditions) {
      if (condition(state)) {
        return true;
      }
    }
    return false;
  };
}

Condition equals(Place place, std::uint32_t size, std::uint32_t value, std::uint32_t mask) {
  return [=](State& state) { return (state.load(place, size) & mask) == value; };
}

}  // namespace bpfc::reference
