// Relations: `tcp[tcpflags] & tcp-syn != 0`.
//
// An accessor implies its protocol: the relation holds only where the protocol's own test does. As
// in libpcap the tests come first, then all loads. And as in libpcap an operator keeps the tests of
// its left operand only: `ip[0] + tcp[0] = 5` tests for ip, and not for tcp.
#include <fmt/format.h>

#include "compiler/lowering.h"
#include "compiler/protocol_numbers.h"

namespace bpfc {
namespace {

// An expression's value and what must hold for it to be looked at.
struct Term {
  ir::ValueIndex value = ir::kNoValue;
  std::optional<ConditionIndex> guard;
};

std::optional<ConditionIndex> both(Lowering& lowering, std::optional<ConditionIndex> first,
                                   std::optional<ConditionIndex> second) {
  if (!first) return second;
  if (!second) return first;
  return lowering.conditions.all({*first, *second});
}

// Where the bytes that an accessor counts are.
enum class Base : std::uint8_t {
  kPacket,   // the radio header, at the packet's start
  kLink,     // the link-layer header
  kNetwork,  // the network header, whatever it is
  kIp4,      // behind the IPv4 header of a first fragment
  kIcmp6,    // behind the fixed IPv6 header
  kNone,     // nothing that can be indexed
};

Base base_of(ast::Protocol protocol) {
  switch (protocol) {
    case ast::Protocol::kRadio:
      return Base::kPacket;
    case ast::Protocol::kLink:
      return Base::kLink;
    case ast::Protocol::kIp:
    case ast::Protocol::kIp6:
    case ast::Protocol::kArp:
    case ast::Protocol::kRarp:
    case ast::Protocol::kAtalk:
    case ast::Protocol::kDecnet:
    case ast::Protocol::kLat:
    case ast::Protocol::kSca:
    case ast::Protocol::kMopdl:
    case ast::Protocol::kMoprc:
      return Base::kNetwork;
    case ast::Protocol::kTcp:
    case ast::Protocol::kUdp:
    case ast::Protocol::kSctp:
    case ast::Protocol::kIcmp:
    case ast::Protocol::kIgmp:
    case ast::Protocol::kIgrp:
    case ast::Protocol::kPim:
    case ast::Protocol::kVrrp:
    case ast::Protocol::kCarp:
      return Base::kIp4;
    case ast::Protocol::kIcmp6:
      return Base::kIcmp6;
    default:
      return Base::kNone;
  }
}

// `index` bytes from a place: X + k, which is an address and no sum, unless the place moves too.
HeaderOffset indexed(Lowering& lowering, const HeaderOffset& place, ir::ValueIndex index) {
  if (place.base == ir::kNoValue) return {index, place.constant};
  return {lowering.graph.values.alu(Arithmetic::kAdd, index, place.base), place.constant};
}

Term lower_accessor(Lowering& lowering, const ast::Accessor& accessor, const Term& index,
                    SourceRange range) {
  if (accessor.size != 1 && accessor.size != 2 && accessor.size != 4) {
    Lowering::fail(DiagnosticCode::kDataSize, accessor.size_range,
                   fmt::format("data size must be 1, 2 or 4, not {}", accessor.size));
  }
  const auto size = static_cast<std::uint8_t>(accessor.size);
  auto& conditions = lowering.conditions;
  const auto abbreviation = [&](ast::Protocol protocol) {
    return lower_abbreviation(lowering, protocol, accessor.protocol_range);
  };
  switch (base_of(accessor.protocol)) {
    case Base::kPacket:
      if (!lowering.link().has_radio) {
        lowering.fail_on_link_type("radio", accessor.protocol_range);
      }
      return {lowering.load(indexed(lowering, {}, index.value), size), index.guard};
    case Base::kLink: {
      if (lowering.context.cooked_socket) {
        Lowering::fail(DiagnosticCode::kUnsupportedLinkType, range,
                       fmt::format("a live {} socket does not show the bytes of the link-layer "
                                   "header",
                                   lowering.context.link_type->name));
      }
      return {lowering.load(indexed(lowering, lowering.context.link_header, index.value), size),
              index.guard};
    }
    case Base::kNetwork: {
      const auto guard = both(lowering, index.guard, abbreviation(accessor.protocol));
      return {lowering.load(indexed(lowering, lowering.network(), index.value), size), guard};
    }
    case Base::kIp4: {
      const ConditionIndex ip4 = lowering.payload_is(ethertype::kIp);
      const ConditionIndex protocol = abbreviation(accessor.protocol);
      const ConditionIndex own = conditions.all({protocol, lowering.first_fragment()});
      const auto guard = both(lowering, ip4, both(lowering, index.guard, own));
      return {lowering.load(indexed(lowering, lowering.ip4_payload(), index.value), size), guard};
    }
    case Base::kIcmp6: {
      constexpr std::uint32_t kNextHeader = 6;
      const ConditionIndex own =
          conditions.all({lowering.payload_is(ethertype::kIp6),
                          lowering.equal(lowering.load(lowering.network().plus(kNextHeader), 1),
                                         ip_protocol::kIcmp6)});
      return {lowering.load(indexed(lowering, lowering.ip6_payload(), index.value), size),
              both(lowering, index.guard, own)};
    }
    case Base::kNone:
      break;
  }
  Lowering::fail(DiagnosticCode::kNotIndexable, accessor.protocol_range,
                 fmt::format("'{}' does not support the index operation",
                             lowering.filter.text(accessor.protocol_range)));
}

constexpr std::array kOperators = {
    Arithmetic::kAdd,       Arithmetic::kSubtract,   Arithmetic::kMultiply, Arithmetic::kDivide,
    Arithmetic::kModulo,    Arithmetic::kAnd,        Arithmetic::kOr,       Arithmetic::kXor,
    Arithmetic::kShiftLeft, Arithmetic::kShiftRight,
};

Term lower_binary(Lowering& lowering, const ast::Binary& binary, const Term& left,
                  const Term& right, SourceRange right_range) {
  const Arithmetic op = kOperators[static_cast<std::size_t>(binary.op)];
  const auto constant = lowering.graph.values.constant_of(right.value);
  if ((op == Arithmetic::kDivide || op == Arithmetic::kModulo) && constant && *constant == 0) {
    Lowering::fail(DiagnosticCode::kDivisionByZero, right_range,
                   op == Arithmetic::kDivide ? "division by zero" : "modulus by zero");
  }
  if ((op == Arithmetic::kShiftLeft || op == Arithmetic::kShiftRight) && constant &&
      *constant > 31) {
    Lowering::fail(DiagnosticCode::kShiftTooFar, right_range,
                   fmt::format("shift by {}, which is more than 31 bits", *constant));
  }
  return {lowering.graph.values.alu(op, left.value, right.value), left.guard};
}

// The value of an expression's arena entry. Operands stand before it, so a loop over the entries
// that belong to the relation meets them first.
class Evaluation {
 public:
  explicit Evaluation(Lowering& lowering) : lowering_(lowering) {}

  Term evaluate(ast::ArithmeticIndex root) {
    const ast::ArithmeticIndex begin = first_of(root);
    terms_.clear();
    terms_.reserve(root - begin + 1);
    for (ast::ArithmeticIndex i = begin; i <= root; ++i) {
      const ast::Arithmetic& entry = lowering_.filter.arithmetic[i];
      const auto term = [&](ast::ArithmeticIndex operand) -> const Term& {
        return terms_[operand - begin];
      };
      terms_.push_back(lower_entry(entry, term));
      if (lowering_.graph.values.facts(terms_.back().value).depth > ir::kMaxDepth) {
        Lowering::fail(
            DiagnosticCode::kTooComplex, entry.range,
            fmt::format("more than {} arithmetic operations on top of each other", ir::kMaxDepth));
      }
    }
    return terms_.back();
  }

 private:
  // An expression's entries are contiguous: the leftmost leaf is the first of them.
  ast::ArithmeticIndex first_of(ast::ArithmeticIndex index) const {
    for (;;) {
      const auto& value = lowering_.filter.arithmetic[index].value;
      if (const auto* binary = std::get_if<ast::Binary>(&value)) {
        index = binary->left;
      } else if (const auto* negate = std::get_if<ast::Negate>(&value)) {
        index = negate->operand;
      } else if (const auto* accessor = std::get_if<ast::Accessor>(&value)) {
        index = accessor->index;
      } else {
        return index;
      }
    }
  }

  template <typename TermOf>
  Term lower_entry(const ast::Arithmetic& entry, TermOf term) {
    auto& values = lowering_.graph.values;
    if (const auto* number = std::get_if<ast::Number>(&entry.value)) {
      return {values.constant(number->value), {}};
    }
    if (std::holds_alternative<ast::Length>(entry.value)) return {values.length(), {}};
    if (const auto* accessor = std::get_if<ast::Accessor>(&entry.value)) {
      return lower_accessor(lowering_, *accessor, term(accessor->index), entry.range);
    }
    if (const auto* negate = std::get_if<ast::Negate>(&entry.value)) {
      const Term& operand = term(negate->operand);
      return {values.alu(Arithmetic::kNegate, operand.value, ir::kNoValue), operand.guard};
    }
    const auto& binary = std::get<ast::Binary>(entry.value);
    return lower_binary(lowering_, binary, term(binary.left), term(binary.right),
                        lowering_.filter.arithmetic[binary.right].range);
  }

  Lowering& lowering_;
  std::vector<Term> terms_;
};

}  // namespace

ConditionIndex compare(Lowering& lowering, ast::RelationOperator op, ir::ValueIndex left,
                       ir::ValueIndex right) {
  auto& conditions = lowering.conditions;
  switch (op) {
    case ast::RelationOperator::kNotEqual:
      return conditions.negate(conditions.test(Comparison::kEqual, left, right));
    case ast::RelationOperator::kGreater:
      return conditions.test(Comparison::kGreater, left, right);
    case ast::RelationOperator::kGreaterOrEqual:
      return conditions.test(Comparison::kGreaterOrEqual, left, right);
    case ast::RelationOperator::kLess:
      return conditions.negate(conditions.test(Comparison::kGreaterOrEqual, left, right));
    case ast::RelationOperator::kLessOrEqual:
      return conditions.negate(conditions.test(Comparison::kGreater, left, right));
    default:
      return conditions.test(Comparison::kEqual, left, right);
  }
}

ConditionIndex lower_relation(Lowering& lowering, const ast::Relation& relation) {
  lowering.graph.values.set_folding(lowering.relations == Relations::kFolded);
  Evaluation evaluation(lowering);
  const Term left = evaluation.evaluate(relation.left);
  const Term right = evaluation.evaluate(relation.right);
  lowering.graph.values.set_folding(true);
  const ConditionIndex comparison = compare(lowering, relation.op, left.value, right.value);
  const auto guard = both(lowering, left.guard, right.guard);
  if (!guard) return comparison;
  return lowering.conditions.all({*guard, comparison});
}

}  // namespace bpfc
