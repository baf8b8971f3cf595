#include "proof/solver/z3_machine.h"

#include <algorithm>
#include <bit>
#include <string>

#include "vm/packet_load.h"

namespace bpfc::proof {
namespace {

constexpr std::uint32_t kNoHeader = 0xffffffffU;
constexpr const char* kHasInterface = "has_interface";
constexpr const char* kHasHardwareType = "has_hardware_type";
constexpr const char* kHasAncillary = "has_ancillary";

// The least number of the form 2^n - 1 that is no less.
std::uint32_t all_ones_above(std::uint32_t value) {
  return value == 0 ? 0 : 0xffffffffU >> static_cast<unsigned>(std::countl_zero(value));
}

}  // namespace

Z3Machine::Z3Machine(z3::context& context, Rules rules,
                     std::chrono::steady_clock::time_point deadline)
    : context_(context),
      rules_(rules),
      deadline_(deadline),
      conditions_{context.bool_val(true), context.bool_val(false)},
      bytes_(
          context.constant("bytes", context.array_sort(context.bv_sort(32), context.bv_sort(8)))),
      captured_(context.bv_const("captured", 32)),
      network_(context.bv_const("network", 32)),
      link_(context.bv_const("link", 32)),
      wire_length_(add(context.bv_const("wire", 32))) {}

Z3Machine::Word Z3Machine::add(const z3::expr& word, std::uint32_t most) {
  words_.push_back(word);
  known_.push_back({std::nullopt, most});
  return {static_cast<std::uint32_t>(words_.size() - 1)};
}

Z3Machine::Condition Z3Machine::add_condition(const z3::expr& condition) {
  conditions_.push_back(condition);
  return {static_cast<std::uint32_t>(conditions_.size() - 1)};
}

Z3Machine::Word Z3Machine::constant(std::uint32_t value) {
  const Word word = add(literal(value), value);
  known_.back().constant = value;
  return word;
}

std::uint32_t Z3Machine::most_of(Arithmetic arithmetic, Word left, Word right) const {
  constexpr std::uint64_t kMost = 0xffffffffU;
  const std::uint64_t a = most(left);
  const std::uint64_t b = most(right);
  const auto count = constant_of(right);
  const auto fitting = [&](std::uint64_t value) {
    return static_cast<std::uint32_t>(std::min(value, kMost));
  };
  switch (arithmetic) {
    case Arithmetic::kAdd:
      return fitting(a + b);
    case Arithmetic::kMultiply:
      return fitting(a * b);
    case Arithmetic::kDivide:
      return fitting(a);
    case Arithmetic::kModulo:
      return fitting(std::min(a, b));
    case Arithmetic::kAnd:
      return fitting(std::min(a, b));
    case Arithmetic::kOr:
    case Arithmetic::kXor:
      return all_ones_above(fitting(a | b));
    case Arithmetic::kShiftLeft:
      return count && *count < 32 ? fitting(a << *count) : fitting(kMost);
    case Arithmetic::kShiftRight:
      return count && *count < 32 ? fitting(a >> *count) : fitting(a);
    case Arithmetic::kSubtract:
    case Arithmetic::kNegate:
      break;
  }
  return fitting(kMost);
}

// z3 shifts everything out by distances of 32 and more, as libpcap does.
z3::expr Z3Machine::shifted(Arithmetic arithmetic, const z3::expr& left, const z3::expr& right) {
  const z3::expr distance = rules_ == Rules::kKernel ? right & literal(31) : right;
  return arithmetic == Arithmetic::kShiftLeft ? z3::shl(left, distance) : z3::lshr(left, distance);
}

Z3Machine::Word Z3Machine::compute(Arithmetic arithmetic, Word left, Word right) {
  const auto a = constant_of(left);
  const auto b = constant_of(right);
  if (a && b) return constant(bpfc::compute(arithmetic, *a, *b, rules_).value_or(0));
  const std::uint32_t bound = most_of(arithmetic, left, right);
  const z3::expr& l = term(left);
  const z3::expr& r = term(right);
  switch (arithmetic) {
    case Arithmetic::kAdd:
      return b == 0U ? left : add(l + r, bound);
    case Arithmetic::kSubtract:
      return add(l - r, bound);
    case Arithmetic::kMultiply:
      return add(l * r, bound);
    case Arithmetic::kDivide:
      return add(z3::udiv(l, r), bound);
    case Arithmetic::kModulo:
      return add(z3::urem(l, r), bound);
    case Arithmetic::kAnd:
      return add(l & r, bound);
    case Arithmetic::kOr:
      return add(l | r, bound);
    case Arithmetic::kXor:
      return add(l ^ r, bound);
    case Arithmetic::kShiftLeft:
    case Arithmetic::kShiftRight:
      return add(shifted(arithmetic, l, r), bound);
    case Arithmetic::kNegate:
      break;
  }
  return add(-l, bound);
}

bool Z3Machine::same(Word left, Word right) const {
  return left == right || z3::eq(term(left), term(right));
}

Z3Machine::Word Z3Machine::choose(Condition condition, Word yes, Word no) {
  if (condition == kAlways || same(yes, no)) return yes;
  if (condition == kNever) return no;
  return add(z3::ite(term(condition), term(yes), term(no)), std::max(most(yes), most(no)));
}

Z3Machine::Condition Z3Machine::compare(Comparison comparison, Word left, Word right) {
  const auto a = constant_of(left);
  const auto b = constant_of(right);
  if (a && b) return bpfc::compare(comparison, *a, *b) ? kAlways : kNever;
  const z3::expr& l = term(left);
  const z3::expr& r = term(right);
  switch (comparison) {
    case Comparison::kEqual:
      return same(left, right) ? kAlways : add_condition(l == r);
    case Comparison::kGreater:
      return add_condition(z3::ugt(l, r));
    case Comparison::kGreaterOrEqual:
      return add_condition(z3::uge(l, r));
    case Comparison::kAnyBit:
      break;
  }
  return add_condition((l & r) != literal(0));
}

Z3Machine::Condition Z3Machine::both(Condition left, Condition right) {
  if (left == kNever || right == kNever) return kNever;
  if (left == kAlways || left == right) return right;
  if (right == kAlways) return left;
  return add_condition(term(left) && term(right));
}

Z3Machine::Condition Z3Machine::either(Condition left, Condition right) {
  return opposite(both(opposite(left), opposite(right)));
}

Z3Machine::Condition Z3Machine::opposite(Condition condition) {
  if (condition == kAlways) return kNever;
  if (condition == kNever) return kAlways;
  const z3::expr& known = term(condition);
  return add_condition(known.is_not() ? known.arg(0) : !known);
}

z3::expr Z3Machine::in_bounds(const z3::expr& position, unsigned size) {
  const unsigned bits = position.get_sort().bv_size();
  const z3::expr captured = bits == 32 ? captured_ : z3::zext(captured_, bits - 32);
  return z3::uge(captured, position) && z3::uge(captured - position, context_.bv_val(size, bits));
}

z3::expr Z3Machine::header_position(const z3::expr& offset, std::uint32_t base,
                                    const z3::expr& header) {
  return z3::zext(header, 1) + z3::zext(offset - literal(base), 1);
}

Z3Machine::Loaded Z3Machine::load(Word index, std::uint32_t k, unsigned size, Condition /*when*/) {
  z3::expr position = term(compute(Arithmetic::kAdd, index, constant(k)));
  z3::expr succeeds = in_bounds(position, size);
  const std::uint64_t farthest = std::uint64_t{most(index)} + k;
  if (rules_ == Rules::kLibpcap) {
    const std::uint64_t end = std::uint64_t{k} + size;
    if (end > kAncillaryBase) return {constant(0), kNever};
    if (farthest + size > kAncillaryBase) {
      succeeds = succeeds &&
                 z3::ule(term(index), literal(static_cast<std::uint32_t>(kAncillaryBase - end)));
    }
  } else if (farthest >= kFirstSpecialOffset) {
    loads_from_headers_ = true;
    const z3::expr offset = position;
    const z3::expr plain = z3::ult(offset, literal(kFirstSpecialOffset));
    const z3::expr network = z3::uge(offset, literal(kNetworkBase));
    const z3::expr link = z3::uge(offset, literal(kLinkBase)) && !network;
    const z3::expr in_network = header_position(offset, kNetworkBase, network_);
    const z3::expr in_link = header_position(offset, kLinkBase, link_);
    succeeds = (plain && succeeds) ||
               (network && network_ != literal(kNoHeader) && in_bounds(in_network, size)) ||
               (link && link_ != literal(kNoHeader) && in_bounds(in_link, size));
    position =
        z3::ite(plain, offset, z3::ite(network, in_network.extract(31, 0), in_link.extract(31, 0)));
  }
  z3::expr value = z3::select(bytes_, position);
  loaded_.push_back(position);
  for (unsigned i = 1; i < size; ++i) {
    loaded_.push_back((position + literal(i)).simplify());
    value = z3::concat(value, z3::select(bytes_, loaded_.back()));
  }
  constexpr unsigned kWordBits = 32;
  if (size < 4) value = z3::zext(value, kWordBits - size * 8);
  return {add(value, 0xffffffffU >> (kWordBits - size * 8)), add_condition(succeeds)};
}

Z3Machine::Loaded Z3Machine::ancillary(AncillaryLoad load, Word a, Word x, Condition /*when*/) {
  loads_.add(load);
  if (load == AncillaryLoad::kXorX) return {compute(Arithmetic::kXor, a, x), kAlways};
  const std::string name(find_ancillary(ancillary_offset(load))->name);
  if (load == AncillaryLoad::kNetlinkAttribute || load == AncillaryLoad::kNestedNetlinkAttribute) {
    guesses_ = true;
    const z3::sort word = context_.bv_sort(32);
    return {add(context_.function(name.c_str(), word, word, word)(term(a), term(x))), kAlways};
  }
  std::optional<Word>& field = fields_[field_index(load)];
  if (!field) {
    const unsigned bits = field_bits(load);
    const z3::expr variable = context_.bv_const(name.c_str(), bits);
    field = bits == 32 ? add(variable) : add(z3::zext(variable, 32 - bits), (1U << bits) - 1);
  }
  if (rules_ == Rules::kLibpcap) return {*field, add_condition(context_.bool_const(kHasAncillary))};
  if (load == AncillaryLoad::kInterfaceIndex) {
    return {*field, add_condition(context_.bool_const(kHasInterface))};
  }
  if (load == AncillaryLoad::kHardwareType) {
    return {*field, add_condition(context_.bool_const(kHasHardwareType))};
  }
  return {*field, kAlways};
}

z3::expr Z3Machine::captured_at_most(std::uint32_t length) {
  return z3::ule(captured_, literal(length));
}

z3::expr Z3Machine::wire_length_at_least_captured() {
  return z3::uge(term(wire_length_), captured_);
}

z3::expr Z3Machine::wire_length_is_captured() { return term(wire_length_) == captured_; }

z3::expr Z3Machine::has_bytes(const std::vector<KnownByte>& bytes) {
  z3::expr all = context_.bool_val(true);
  for (const KnownByte& byte : bytes) {
    all = all && (z3::select(bytes_, literal(byte.position)) & context_.bv_val(byte.mask, 8)) ==
                     context_.bv_val(byte.value & byte.mask, 8);
  }
  return all;
}

std::uint32_t Z3Machine::number(const z3::model& model, const z3::expr& term) const {
  return static_cast<std::uint32_t>(model.eval(term, true).get_numeral_uint64());
}

std::uint32_t Z3Machine::captured_length(const z3::model& model) const {
  return number(model, captured_);
}

Witness Z3Machine::witness(const z3::model& model) const {
  Witness witness;
  witness.captured.resize(captured_length(model));
  witness.wire_length = number(model, term(wire_length_));
  for (const z3::expr& position : loaded_) {
    const std::uint32_t at = number(model, position);
    if (at >= witness.captured.size()) continue;
    witness.captured[at] = static_cast<std::uint8_t>(number(model, z3::select(bytes_, position)));
  }
  if (loads_from_headers_) {
    witness.network_offset = number(model, network_);
    witness.link_offset = number(model, link_);
  }
  const auto holds = [&](const char* name) {
    return model.eval(context_.bool_const(name), true).is_true();
  };
  if (!loads_.any() || (rules_ == Rules::kLibpcap && !holds(kHasAncillary))) return witness;
  AncillaryFields fields;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i]) fields.values[i] = number(model, term(*fields_[i]));
  }
  fields.has_interface = loads_.has(AncillaryLoad::kInterfaceIndex) && holds(kHasInterface);
  fields.has_hardware_type = loads_.has(AncillaryLoad::kHardwareType) && holds(kHasHardwareType);
  witness.ancillary = to_ancillary(fields);
  return witness;
}

}  // namespace bpfc::proof
