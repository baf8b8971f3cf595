#include "tests/reference/relation.h"

#include <utility>
#include <variant>
#include <vector>

#include "tests/reference/port.h"
#include "tests/reference/protocol.h"

namespace bpfc::reference {

namespace {

using ast::ArithmeticOperator;
using ast::Protocol;
using ast::RelationOperator;

// A number, and what must be so before it is computed. Checks come first, all of them, then all the
// loads of the whole relation.
struct Checked {
  std::vector<Condition> checks;
  Value value;
};

Checked read(const Scope& scope, ast::ArithmeticIndex index);

// `index` bytes behind a place.
Value load_behind(Place place, std::uint32_t size, Value index) {
  return [place, size, index = std::move(index)](State& state) {
    const std::uint32_t distance = index(state);
    return state.load_at(state.variable_part(place) + distance, place.constant, size);
  };
}

// The header in front of an 802.11 header, of a packet that no encapsulation has been found in.
bool has_radio_header(const Scope& scope) {
  const LinkType link_type = scope.environment.link_type;
  return scope.headers.link == Link::kWlan &&
         (link_type == LinkType::kPrismHeader || link_type == LinkType::kRadiotap ||
          link_type == LinkType::kAvs);
}

// The checks of the index come before the accessor's own, but for the transport protocols after
// their check of the link type.
Checked accessor(const Scope& scope, const ast::Accessor& accessor) {
  if (accessor.size != 1 && accessor.size != 2 && accessor.size != 4) {
    throw Refused{"data size must be 1, 2 or 4"};
  }
  const std::uint32_t size = accessor.size;
  Checked result = read(scope, accessor.index);
  switch (accessor.protocol) {
    case Protocol::kLink:
      result.value = load_behind(scope.link_header(), size, std::move(result.value));
      return result;
    case Protocol::kRadio:
      if (!has_radio_header(scope)) {
        throw Refused{"this link type has no radio header"};
      }
      result.value = load_behind(Place{}, size, std::move(result.value));
      return result;
    case Protocol::kIp:
    case Protocol::kIp6:
    case Protocol::kArp:
    case Protocol::kRarp:
    case Protocol::kAtalk:
    case Protocol::kDecnet:
    case Protocol::kLat:
    case Protocol::kSca:
    case Protocol::kMoprc:
    case Protocol::kMopdl:
      result.checks.push_back(abbreviation(scope, accessor.protocol));
      result.value = load_behind(scope.network(), size, std::move(result.value));
      return result;
    case Protocol::kTcp:
    case Protocol::kUdp:
    case Protocol::kSctp:
    case Protocol::kIcmp:
    case Protocol::kIgmp:
    case Protocol::kIgrp:
    case Protocol::kPim:
    case Protocol::kVrrp:
    case Protocol::kCarp:
      result.checks.insert(result.checks.begin(), scope.link_type(kTypeIp));
      result.checks.push_back(abbreviation(scope, accessor.protocol));
      result.checks.push_back(first_fragment(scope));
      result.value = [network = scope.network(), size,
                      index = std::move(result.value)](State& state) {
        const std::uint32_t distance = index(state);
        const std::uint32_t header = ipv4_header_length(state, network);
        return state.load_at(header + distance, network.constant, size);
      };
      return result;
    case Protocol::kIcmp6:
      result.checks.push_back(scope.link_type(kTypeIp6));
      result.checks.push_back(equals(scope.network().plus(6), kByte, 58));
      result.value = load_behind(scope.network().plus(40), size, std::move(result.value));
      return result;
    default:
      throw Refused{"does not support the index operation"};
  }
}

std::uint32_t compute(const State& state, ArithmeticOperator op, std::uint32_t left,
                      std::uint32_t right) {
  switch (op) {
    case ArithmeticOperator::kAdd:
      return left + right;
    case ArithmeticOperator::kSubtract:
      return left - right;
    case ArithmeticOperator::kMultiply:
      return left * right;
    case ArithmeticOperator::kDivide:
    case ArithmeticOperator::kModulo:
      if (right == 0) {
        throw Rejected{};
      }
      return op == ArithmeticOperator::kDivide ? left / right : left % right;
    case ArithmeticOperator::kAnd:
      return left & right;
    case ArithmeticOperator::kOr:
      return left | right;
    case ArithmeticOperator::kXor:
      return left ^ right;
    case ArithmeticOperator::kShiftLeft:
    case ArithmeticOperator::kShiftRight:
      if (right > 31) {
        if (state.machine() == Machine::kLibpcap) {
          return 0;
        }
        right %= 32;
      }
      return op == ArithmeticOperator::kShiftLeft ? left << right : left >> right;
  }
  return 0;
}

// Of the right operand's checks nothing is left: `ip[0] + tcp[0] = 5` asks for IPv4 alone.
Checked binary(const Scope& scope, const ast::Binary& binary) {
  if (const auto* constant =
          std::get_if<ast::Number>(&scope.filter.arithmetic[binary.right].value)) {
    const bool divides =
        binary.op == ArithmeticOperator::kDivide || binary.op == ArithmeticOperator::kModulo;
    const bool shifts =
        binary.op == ArithmeticOperator::kShiftLeft || binary.op == ArithmeticOperator::kShiftRight;
    if (divides && constant->value == 0) {
      throw Refused{"division or modulus by zero"};
    }
    if (shifts && constant->value > 31) {
      throw Refused{"shift by more than 31 bits"};
    }
  }
  Checked left = read(scope, binary.left);
  Checked right = read(scope, binary.right);
  left.value = [op = binary.op, a = std::move(left.value),
                b = std::move(right.value)](State& state) {
    const std::uint32_t left_value = a(state);
    return compute(state, op, left_value, b(state));
  };
  return left;
}

Checked read(const Scope& scope, ast::ArithmeticIndex index) {
  const auto& node = scope.filter.arithmetic[index].value;
  if (const auto* number = std::get_if<ast::Number>(&node)) {
    return {{}, [value = number->value](State&) { return value; }};
  }
  if (std::holds_alternative<ast::Length>(node)) {
    return {{}, [](State& state) { return state.wire_length(); }};
  }
  if (const auto* access = std::get_if<ast::Accessor>(&node)) {
    return accessor(scope, *access);
  }
  if (const auto* operation = std::get_if<ast::Binary>(&node)) {
    return binary(scope, *operation);
  }
  Checked operand = read(scope, std::get<ast::Negate>(node).operand);
  operand.value = [value = std::move(operand.value)](State& state) { return 0U - value(state); };
  return operand;
}

}  // namespace

bool compare(RelationOperator op, std::uint32_t left, std::uint32_t right) {
  switch (op) {
    case RelationOperator::kEqual:
      return left == right;
    case RelationOperator::kNotEqual:
      return left != right;
    case RelationOperator::kGreater:
      return left > right;
    case RelationOperator::kLess:
      return left < right;
    case RelationOperator::kGreaterOrEqual:
      return left >= right;
    case RelationOperator::kLessOrEqual:
      return left <= right;
    case RelationOperator::kAnd:
      return (left & right) != 0;
    case RelationOperator::kOr:
      return (left | right) != 0;
  }
  return false;
}

Condition relation(const Scope& scope, const ast::Relation& relation) {
  Checked left = read(scope, relation.left);
  Checked right = read(scope, relation.right);
  std::vector<Condition> conditions = std::move(left.checks);
  conditions.insert(conditions.end(), right.checks.begin(), right.checks.end());
  conditions.push_back(
      [op = relation.op, a = std::move(left.value), b = std::move(right.value)](State& state) {
        const std::uint32_t left_value = a(state);
        return compare(op, left_value, b(state));
      });
  return all_of(std::move(conditions));
}

Condition byte_test(const Scope& scope, const ast::ByteTest& test) {
  if (test.value > 255) {
    throw Refused{"value is greater than its maximum 255"};
  }
  return [place = scope.link_header().plus(test.offset), test](State& state) {
    return compare(test.op, state.load(place, kByte), test.value);
  };
}

}  // namespace bpfc::reference
