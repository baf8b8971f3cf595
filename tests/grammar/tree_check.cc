#include "tree_check.h"

#include <fmt/format.h>

#include <vector>

namespace bpfc::tests {
namespace {

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

bool inside(SourceRange inner, SourceRange outer) {
  return outer.begin <= inner.begin && inner.begin <= inner.end && inner.end <= outer.end;
}

class Checker {
 public:
  explicit Checker(const ast::Filter& filter)
      : filter_(filter), whole_{0, static_cast<std::uint32_t>(filter.source.size())} {}

  std::string run() {
    for (at_ = 0; at_ < filter_.arithmetic.size(); ++at_) check(filter_.arithmetic[at_]);
    for (at_ = 0; at_ < filter_.nodes.size(); ++at_) check(filter_.nodes[at_]);
    if (filter_.root) {
      expect(*filter_.root + 1 == filter_.nodes.size(), "the root is not the last node");
    } else {
      expect(filter_.nodes.empty(), "there are nodes, and no root");
    }
    return problem_;
  }

 private:
  void expect(bool holds, std::string_view what) {
    if (!holds && problem_.empty()) problem_ = fmt::format("node {}: {}", at_, what);
  }
  // The range of a part that need not be written: empty, or inside the node's.
  void expect_inside(SourceRange part, SourceRange node) {
    expect(inside(part, whole_), "a part lies outside the source");
    expect(inside(part, node), "a part lies outside its node");
  }
  void expect_value(const std::optional<ast::NameOrNumber>& value, SourceRange node) {
    if (value) expect_inside(value->text, node);
  }
  void expect_child(ast::NodeIndex child, SourceRange parent) {
    expect(child < at_, "a child does not stand before its parent");
    if (child < at_) expect(inside(filter_.nodes[child].range, parent), "a child sticks out");
  }
  void expect_operand(ast::ArithmeticIndex child, SourceRange parent, std::size_t limit) {
    expect(child < limit, "an operand does not stand before its parent");
    if (child < limit) {
      expect(inside(filter_.arithmetic[child].range, parent), "an operand sticks out");
    }
  }

  void check(const ast::Arithmetic& node) {
    expect(inside(node.range, whole_), "the range lies outside the source");
    expect(node.range.begin < node.range.end, "the range is empty");
    std::visit(Overloaded{[](const ast::Number&) {}, [](const ast::Length&) {},
                          [&](const ast::Accessor& value) {
                            expect_operand(value.index, node.range, at_);
                            expect_inside(value.protocol_range, node.range);
                            expect_inside(value.size_range, node.range);
                          },
                          [&](const ast::Binary& value) {
                            expect_operand(value.left, node.range, at_);
                            expect_operand(value.right, node.range, at_);
                          },
                          [&](const ast::Negate& value) {
                            expect_operand(value.operand, node.range, at_);
                          }},
               node.value);
  }

  void check(const ast::Node& node) {
    expect(inside(node.range, whole_), "the range lies outside the source");
    expect(node.range.begin < node.range.end, "the range is empty");
    std::visit([&](const auto& value) { check(value, node.range); }, node.value);
  }

  void check(const ast::Identified& value, SourceRange range) {
    expect_inside(value.text, range);
    expect(inside(value.qualifiers.range, whole_), "qualifiers outside the source");
    expect(value.qualifiers.range.end <= value.text.begin, "qualifiers behind the identifier");
    if (value.mask) expect(inside(*value.mask, whole_), "a mask outside the source");
  }
  void check(const ast::Relation& value, SourceRange range) {
    expect_operand(value.left, range, filter_.arithmetic.size());
    expect_operand(value.right, range, filter_.arithmetic.size());
  }
  void check(const ast::ByteTest& value, SourceRange range) {
    expect_inside(value.value_range, range);
  }
  void check(const ast::Encapsulation& value, SourceRange range) {
    expect_inside(value.identifier_range, range);
  }
  void check(const ast::Llc& value, SourceRange range) {
    if (value.type) expect_inside(*value.type, range);
  }
  void check(const ast::Pflog& value, SourceRange range) { expect_inside(value.value.text, range); }
  void check(const ast::Wlan& value, SourceRange range) {
    expect_value(value.type, range);
    expect_value(value.subtype, range);
    expect_value(value.direction, range);
    expect(value.type || value.subtype || value.direction, "nothing is tested");
  }
  void check(const ast::Signalling& value, SourceRange range) {
    expect(value.count > 0, "no number");
    expect(std::size_t{value.first} + value.count <= filter_.numbers.size(),
           "numbers past the last");
    if (!problem_.empty()) return;
    for (std::uint32_t i = 0; i < value.count; ++i) {
      expect_inside(filter_.numbers[value.first + i].range, range);
    }
  }
  void check(const ast::Not& value, SourceRange range) { expect_child(value.operand, range); }
  void check(const ast::Chain& value, SourceRange range) {
    expect(value.count > 1, "a chain of one");
    expect(std::size_t{value.first} + value.count <= filter_.links.size(), "links past the last");
    if (!problem_.empty()) return;
    std::uint32_t reached = range.begin;
    for (std::uint32_t i = 0; i < value.count; ++i) {
      const ast::NodeIndex operand = filter_.links[value.first + i].operand;
      expect_child(operand, range);
      if (!problem_.empty()) return;
      expect(filter_.nodes[operand].range.begin >= reached, "operands out of the text's order");
      reached = filter_.nodes[operand].range.end;
    }
  }
  template <typename Other>
  void check(const Other&, SourceRange) {}

  const ast::Filter& filter_;
  SourceRange whole_;
  std::size_t at_ = 0;
  std::string problem_;
};

}  // namespace

std::string broken_promise(const ast::Filter& filter) { return Checker(filter).run(); }

}  // namespace bpfc::tests
