#include "jit/vector_places.h"

#include <utility>

#include "jit/vector_frame.h"

namespace bpfc::jit {

using namespace frame;  // NOLINT(google-build-using-namespace): a few names of registers

VectorPlaces::VectorPlaces(const VectorProgram& program, VectorConstants& constants,
                           Assembler& code)
    : program_(program), constants_(constants), code_(code), places_(program.values.size()) {
  for (int i = kLastValue; i >= kFirstValue; --i) free_registers_.push_back(i);
  for (int i = kMostSpilled - 1; i >= 0; --i) free_slots_.push_back(i);
}

Xbyak::Address VectorPlaces::slot(int index) const {
  return code_.ptr[code_.rsp + kSpilledSlots + 32 * index];
}

void VectorPlaces::allocate(ValueId value) {
  Place& place = places_[value];
  std::vector<int>& from = free_registers_.empty() ? free_slots_ : free_registers_;
  if (from.empty()) {
    failed_ = true;
    place = {Place::Kind::kSlot, 0};
    return;
  }
  place = {free_registers_.empty() ? Place::Kind::kSlot : Place::Kind::kRegister, from.back()};
  from.pop_back();
}

void VectorPlaces::release(ValueId value) {
  const Place place = std::exchange(places_[value], {});
  if (place.kind == Place::Kind::kRegister) free_registers_.push_back(place.index);
  if (place.kind == Place::Kind::kSlot) free_slots_.push_back(place.index);
}

Xbyak::Ymm VectorPlaces::target(ValueId value) {
  allocate(value);
  const Place& place = places_[value];
  return place.kind == Place::Kind::kRegister ? Ymm(place.index) : kUnplaced;
}

void VectorPlaces::put(ValueId value, const Xbyak::Ymm& from) {
  const Place& place = places_[value];
  if (place.kind == Place::Kind::kSlot) code_.vmovdqu32(slot(place.index), from);
}

Xbyak::Ymm VectorPlaces::in_register(ValueId value, const Xbyak::Ymm& moment) {
  const VectorValue& of = program_.values[value];
  if (of.kind == VectorValueKind::kConstant) {
    code_.vpbroadcastd(moment, constants_.word(of.k));
    return moment;
  }
  if (of.kind == VectorValueKind::kWireLength) return kWireLength;
  const Place& place = places_[value];
  if (place.kind == Place::Kind::kRegister) return Ymm(place.index);
  code_.vmovdqu32(moment, slot(place.index));
  return moment;
}

void VectorPlaces::write(ValueId merge, ValueId value, const Xbyak::Opmask& lanes) {
  const bool first = places_[merge].kind == Place::Kind::kNone;
  if (first) allocate(merge);
  const Place& place = places_[merge];
  if (place.kind == Place::Kind::kSlot) {
    code_.vmovdqu32(slot(place.index) | lanes, in_register(value, Ymm(0)));
    return;
  }
  // The first write does not wait for what the register held.
  const Ymm to = first ? Ymm(place.index) | lanes | code_.T_z : Ymm(place.index) | lanes;
  const VectorValue& of = program_.values[value];
  if (of.kind == VectorValueKind::kConstant) {
    code_.vpbroadcastd(to, constants_.word(of.k));
  } else {
    with_operand(value, [&](const Xbyak::Operand& operand) { code_.vmovdqa32(to, operand); });
  }
}

}  // namespace bpfc::jit
