#include <fmt/format.h>
#include <gtest/gtest.h>

#include "grammar/parse.h"

namespace bpfc::tests {
namespace {

// A reading with every parenthesis written, for trees that are small.
std::string reading(const ast::Filter& filter, ast::ArithmeticIndex index) {
  static constexpr std::string_view kOperators[] = {"+", "-", "*", "/",  "%",
                                                    "&", "|", "^", "<<", ">>"};
  const ast::Arithmetic& node = filter.arithmetic[index];
  if (const auto* number = std::get_if<ast::Number>(&node.value)) {
    return fmt::format("{}", number->value);
  }
  if (const auto* accessor = std::get_if<ast::Accessor>(&node.value)) {
    return fmt::format("{}[{}:{}]", filter.text(accessor->protocol_range),
                       reading(filter, accessor->index), accessor->size);
  }
  if (const auto* binary = std::get_if<ast::Binary>(&node.value)) {
    return fmt::format("({}{}{})", reading(filter, binary->left),
                       kOperators[static_cast<std::size_t>(binary->op)],
                       reading(filter, binary->right));
  }
  if (const auto* negate = std::get_if<ast::Negate>(&node.value)) {
    return fmt::format("(-{})", reading(filter, negate->operand));
  }
  return "len";
}

TEST(Arithmetic, Precedence) {
  const struct {
    std::string_view text;
    std::string_view reading;
  } kRows[] = {
      {"1 + 2", "(1+2)"},
      {"1 + 2 + 3", "((1+2)+3)"},
      {"1 - 2 - 3", "((1-2)-3)"},
      {"1 + 2 * 3", "(1+(2*3))"},
      {"1 * 2 + 3", "((1*2)+3)"},
      {"1 / 2 * 3", "((1/2)*3)"},
      {"1 << 2 + 3", "(1<<(2+3))"},
      {"1 << 2 >> 3", "((1<<2)>>3)"},
      {"1 & 2 << 3", "(1&(2<<3))"},
      {"1 | 2 & 3", "(1|(2&3))"},
      {"1 & 2 | 3", "((1&2)|3)"},
      {"1 | 2 | 3", "((1|2)|3)"},
      {"- 1 + 2", "((-1)+2)"},
      {"- 1 * 2", "((-1)*2)"},
      {"1 - - 2", "(1-(-2))"},
      {"- - 1", "(-(-1))"},
      {"1 + - 2 * 3", "(1+((-2)*3))"},
      {"(1 + 2) * 3", "((1+2)*3)"},
      {"((1)) + ((len))", "(1+len)"},
      {"-(1 + 2)", "(-(1+2))"},
      // libpcap gives % and ^ no precedence: it reads on.
      {"len % 2 + 1", "(len%(2+1))"},
      {"len ^ 1 & 1", "(len^(1&1))"},
      {"len ^ 1 | 1", "(len^(1|1))"},
      {"1 + len % 2", "(1+(len%2))"},
      {"1 * len % 2", "(1*(len%2))"},
      {"1 | len ^ 2", "(1|(len^2))"},
      {"1 * 2 % 3 * 4", "(1*(2%(3*4)))"},
      {"1 % 2 % 3", "(1%(2%3))"},
      {"1 ^ 2 ^ 3", "(1^(2^3))"},
      {"1 % 2 ^ 3", "(1%(2^3))"},
      {"1 ^ 2 % 3", "(1^(2%3))"},
      {"- 1 % 2", "(-(1%2))"},
      {"- 1 ^ 2 + 3", "(-(1^(2+3)))"},
      {"(1 % 2) + 3", "((1%2)+3)"},
      {"1 << len ^ 2 | 3", "(1<<(len^(2|3)))"},
      {"ip[2]", "ip[2:1]"},
      {"ip[2:2]", "ip[2:2]"},
      {"ip[2:3]", "ip[2:3]"},
      {"ip[2+2:4]", "ip[(2+2):4]"},
      {"ip[ip[0] & 0xf]", "ip[(ip[0:1]&15):1]"},
      {"ether[0] & 1 << 2", "(ether[0:1]&(1<<2))"},
      {"tcp[tcpflags] & tcp-syn", "(tcp[13:1]&2)"},
  };
  for (const auto& row : kRows) {
    for (const auto& [format, left] :
         {std::pair{"{} = 7", true}, std::pair{"7 = {}", false}, std::pair{"({}) = 7", true}}) {
      const std::string text = fmt::format(fmt::runtime(format), row.text);
      const auto filter = grammar::parse(text);
      ASSERT_TRUE(filter) << text;
      const auto& relation = std::get<ast::Relation>(filter->nodes.back().value);
      EXPECT_EQ(reading(*filter, left ? relation.left : relation.right), row.reading) << text;
    }
  }
}

TEST(Arithmetic, Relations) {
  const struct {
    std::string_view text;
    ast::RelationOperator op;
  } kRows[] = {
      {"len = 1", ast::RelationOperator::kEqual},
      {"len == 1", ast::RelationOperator::kEqual},
      {"len != 1", ast::RelationOperator::kNotEqual},
      {"len > 1", ast::RelationOperator::kGreater},
      {"len < 1", ast::RelationOperator::kLess},
      {"len >= 1", ast::RelationOperator::kGreaterOrEqual},
      {"len <= 1", ast::RelationOperator::kLessOrEqual},
  };
  for (const auto& row : kRows) {
    const auto filter = grammar::parse(row.text);
    ASSERT_TRUE(filter) << row.text;
    EXPECT_EQ(std::get<ast::Relation>(filter->nodes[0].value).op, row.op) << row.text;
    EXPECT_EQ(filter->nodes[0].range.end, row.text.size());
  }
}

}  // namespace
}  // namespace bpfc::tests
