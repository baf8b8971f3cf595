#include "grammar/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "grammar/keyword.h"

namespace bpfc::grammar {
namespace {

using token = Parser::token;

constexpr std::uint32_t kMostIndented = 32;

template <typename Value>
std::string_view word(Parser::token_kind_type kind, Value value) {
  return spelling(kind, static_cast<std::uint32_t>(value));
}

std::string_view protocol_word(ast::Protocol protocol) { return word(token::PROTOCOL, protocol); }

}  // namespace

std::string_view direction_word(ast::Direction direction) {
  switch (direction) {
    case ast::Direction::kDefault:
      return {};
    case ast::Direction::kSource:
      return "src";
    case ast::Direction::kDestination:
      return "dst";
    case ast::Direction::kEither:
      return "src or dst";
    case ast::Direction::kBoth:
      return "src and dst";
    default:
      return word(token::WLAN_ADDRESS, direction);
  }
}

std::string_view type_word(ast::AddressType type) {
  const std::string_view text = word(token::ADDRESS_TYPE, type);
  return text.empty() ? word(token::UNDIRECTED_TYPE, type) : text;
}

namespace {

std::string_view kind_word(ast::IdentifierKind kind) {
  switch (kind) {
    case ast::IdentifierKind::kName:
      return "name";
    case ast::IdentifierKind::kNumber:
      return "number";
    case ast::IdentifierKind::kIpv4:
      return "ipv4";
    case ast::IdentifierKind::kIpv6:
      return "ipv6";
    case ast::IdentifierKind::kMac48:
      return "mac48";
    case ast::IdentifierKind::kMac8:
      return "mac8";
  }
  return {};
}

std::string_view relation_word(ast::RelationOperator op) {
  switch (op) {
    case ast::RelationOperator::kEqual:
      return "=";
    case ast::RelationOperator::kNotEqual:
      return "!=";
    case ast::RelationOperator::kGreater:
      return ">";
    case ast::RelationOperator::kLess:
      return "<";
    case ast::RelationOperator::kGreaterOrEqual:
      return ">=";
    case ast::RelationOperator::kLessOrEqual:
      return "<=";
    case ast::RelationOperator::kAnd:
      return "&";
    case ast::RelationOperator::kOr:
      return "|";
  }
  return {};
}

std::string_view arithmetic_word(ast::ArithmeticOperator op) {
  switch (op) {
    case ast::ArithmeticOperator::kAdd:
      return "+";
    case ast::ArithmeticOperator::kSubtract:
      return "-";
    case ast::ArithmeticOperator::kMultiply:
      return "*";
    case ast::ArithmeticOperator::kDivide:
      return "/";
    case ast::ArithmeticOperator::kModulo:
      return "%";
    case ast::ArithmeticOperator::kAnd:
      return "&";
    case ast::ArithmeticOperator::kOr:
      return "|";
    case ast::ArithmeticOperator::kXor:
      return "^";
    case ast::ArithmeticOperator::kShiftLeft:
      return "<<";
    case ast::ArithmeticOperator::kShiftRight:
      return ">>";
  }
  return {};
}

std::string_view encapsulation_word(ast::EncapsulationKind kind) {
  const std::string_view text = word(token::ENCAPSULATION, kind);
  return text.empty() ? word(token::PPPOED, kind) : text;
}

std::string_view pflog_word(ast::PflogField field) {
  for (const auto kind : {token::PFLOG_NAME, token::RULE_NUMBER, token::REASON, token::ACTION}) {
    const std::string_view text = word(kind, field);
    if (!text.empty()) return text;
  }
  return {};
}

class Printer {
 public:
  explicit Printer(const ast::Filter& filter) : filter_(filter) {}

  std::string run() {
    if (filter_.root) pending_.push_back({false, *filter_.root, 0, {}});
    while (!pending_.empty()) {
      const Pending next = pending_.back();
      pending_.pop_back();
      depth_ = next.depth;
      if (next.is_arithmetic) {
        const ast::Arithmetic& node = filter_.arithmetic[next.index];
        begin_line(next, node.range);
        std::visit([this](const auto& value) { describe(value); }, node.value);
      } else {
        const ast::Node& node = filter_.nodes[next.index];
        begin_line(next, node.range);
        std::visit([this](const auto& value) { describe(value); }, node.value);
      }
      text_ += '\n';
    }
    return std::move(text_);
  }

 private:
  // A node yet to be printed; the one on top is next, so children are pushed last to first.
  struct Pending {
    bool is_arithmetic;
    std::uint32_t index;
    std::uint32_t depth;
    std::string_view connective;
  };

  template <typename... Values>
  void put(fmt::format_string<Values...> format, Values&&... values) {
    text_ += fmt::format(format, std::forward<Values>(values)...);
  }
  // A word with a space before it, where there is one.
  void put_word(std::string_view text) {
    if (!text.empty()) put(" {}", text);
  }
  void put_value(std::string_view name, const std::optional<ast::NameOrNumber>& value) {
    if (!value) return;
    put_word(name);
    put_word(filter_.text(value->text));
  }

  void begin_line(const Pending& next, SourceRange range) {
    text_.append(std::size_t{2} * std::min(next.depth, kMostIndented), ' ');
    if (next.depth > kMostIndented) put("[{}] ", next.depth);
    if (!next.connective.empty()) put("{} ", next.connective);
    put("{}-{}", range.begin + 1, range.end);
  }
  void push(ast::NodeIndex index, std::string_view connective = {}) {
    pending_.push_back({false, index, depth_ + 1, connective});
  }
  void push_arithmetic(ast::ArithmeticIndex index) {
    pending_.push_back({true, index, depth_ + 1, {}});
  }

  void describe(const ast::Identified& value) {
    put_word(protocol_word(value.qualifiers.protocol));
    put_word(direction_word(value.qualifiers.direction));
    put_word(type_word(value.qualifiers.type));
    put_word(kind_word(value.kind));
    if (value.kind == ast::IdentifierKind::kNumber) {
      put(" {}", value.number);
    } else {
      put_word(filter_.text(value.text));
    }
    if (value.prefix_length) put("/{}", *value.prefix_length);
    if (value.mask) put(" mask {}", filter_.text(*value.mask));
    if (value.inherited) text_ += " (inherited)";
  }
  void describe(const ast::Abbreviation& value) { put_word(protocol_word(value.protocol)); }
  void describe(const ast::Relation& value) {
    put(" relation {}", relation_word(value.op));
    push_arithmetic(value.right);
    push_arithmetic(value.left);
  }
  void describe(const ast::Cast& value) {
    put_word(protocol_word(value.protocol));
    put_word(word(token::CAST, value.multicast));
  }
  void describe(const ast::LengthLimit& value) {
    put(" {} {}", word(token::LENGTH_LIMIT, value.greater), value.limit);
  }
  void describe(const ast::ByteTest& value) {
    put(" byte {} {} {}", value.offset, relation_word(value.op), value.value);
  }
  void describe(const ast::PacketDirection& value) {
    put_word(word(token::PACKET_DIRECTION, value.inbound));
  }
  void describe(const ast::InterfaceIndex& value) { put(" ifindex {}", value.index); }
  void describe(const ast::Encapsulation& value) {
    put_word(encapsulation_word(value.kind));
    if (value.identifier) put(" {}", *value.identifier);
  }
  void describe(const ast::Llc& value) {
    put_word("llc");
    if (value.type) put_word(filter_.text(*value.type));
  }
  void describe(const ast::Pflog& value) { put_value(pflog_word(value.field), value.value); }
  void describe(const ast::Wlan& value) {
    put_word(protocol_word(value.protocol));
    put_value("type", value.type);
    put_value("subtype", value.subtype);
    put_value("dir", value.direction);
  }
  void describe(const ast::Atm& value) { put_word(word(token::ATM_KIND, value.kind)); }
  void describe(const ast::Ss7& value) { put_word(word(token::SS7_KIND, value.kind)); }
  void describe(const ast::Signalling& value) {
    put(" {} {}", word(token::SIGNALLING_FIELD, value.field), relation_word(value.op));
    for (std::uint32_t i = 0; i < value.count; ++i) {
      put("{}{}", i == 0 ? " " : " or ", filter_.numbers[value.first + i].value);
    }
  }
  void describe(const ast::Not& value) {
    put_word("not");
    push(value.operand);
  }
  void describe(const ast::Chain& value) {
    put_word("chain");
    for (std::uint32_t i = value.count; i-- > 0;) {
      const ast::ChainLink& link = filter_.links[value.first + i];
      const std::string_view connective =
          link.connective == ast::Connective::kAnd ? word(token::AND, 0) : word(token::OR, 0);
      push(link.operand, i == 0 ? std::string_view{} : connective);
    }
  }

  void describe(const ast::Number& value) { put(" {}", value.value); }
  void describe(const ast::Length&) { put_word(word(token::LENGTH, 0)); }
  void describe(const ast::Accessor& value) {
    put(" {}[] size {}", protocol_word(value.protocol), value.size);
    push_arithmetic(value.index);
  }
  void describe(const ast::Binary& value) {
    put_word(arithmetic_word(value.op));
    push_arithmetic(value.right);
    push_arithmetic(value.left);
  }
  void describe(const ast::Negate& value) {
    put_word("negate");
    push_arithmetic(value.operand);
  }

  const ast::Filter& filter_;
  std::vector<Pending> pending_;
  std::uint32_t depth_ = 0;
  std::string text_;
};

}  // namespace

std::string print(const ast::Filter& filter) { return Printer(filter).run(); }

}  // namespace bpfc::grammar
