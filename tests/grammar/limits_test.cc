#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>

#include "grammar/parse.h"
#include "grammar/print.h"
#include "tree_check.h"

namespace bpfc::tests {
namespace {

// The sanitizers make everything about ten times slower and larger.
#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t kSmall = std::size_t{1} << 17U;
#else
constexpr std::size_t kSmall = std::size_t{1} << 20U;
#endif
constexpr std::size_t kMebibyte = std::size_t{1} << 20U;

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  result.reserve(text.size() * times);
  while (times-- > 0) result += text;
  return result;
}

// Texts of about a given size; what the parser says to them is `valid`.
struct Shape {
  std::string_view name;
  bool valid;
  std::string (*text)(std::size_t bytes);
};

const Shape kShapes[] = {
    {"OrTerms", true,
     [](std::size_t bytes) { return "tcp" + repeated(" or host 1.2.3.4", bytes / 16); }},
    {"InheritedTerms", true,
     [](std::size_t bytes) { return "port 1" + repeated(" or 80", bytes / 6); }},
    {"Groups", true, [](std::size_t bytes) { return "tcp" + repeated(" or (udp)", bytes / 9); }},
    {"Sum", true, [](std::size_t bytes) { return "len = 1" + repeated("+1", bytes / 2); }},
    {"Remainders", true, [](std::size_t bytes) { return "len = 1" + repeated(" % 1", bytes / 4); }},
    {"Numbers", true,
     [](std::size_t bytes) { return "opc (1" + repeated(" or 1", bytes / 5) + ")"; }},
    {"Word", true, [](std::size_t bytes) { return "host " + std::string(bytes, 'a'); }},
    {"EscapedWord", true, [](std::size_t bytes) { return "host \\" + std::string(bytes, ':'); }},
    {"Spaces", true, [](std::size_t bytes) { return std::string(bytes, ' '); }},
    {"Digits", false, [](std::size_t bytes) { return "port " + std::string(bytes, '1'); }},
    {"Colons", true, [](std::size_t bytes) { return "host " + std::string(bytes, ':'); }},
    {"Hyphens", false, [](std::size_t bytes) { return "host a" + std::string(bytes, '-'); }},
    {"Parentheses", false, [](std::size_t bytes) { return std::string(bytes, '('); }},
    {"Negations", false, [](std::size_t bytes) { return std::string(bytes, '!'); }},
    {"Minuses", false, [](std::size_t bytes) { return std::string(bytes, '-'); }},
    {"Loads", false, [](std::size_t bytes) { return repeated("ip[", bytes / 3); }},
    {"ErrorAtTheEnd", false,
     [](std::size_t bytes) { return "tcp" + repeated(" or udp", bytes / 7) + " or"; }},
};

class Limits : public testing::TestWithParam<Shape> {
 protected:
  // Processor seconds that parsing takes, which other processes do not lengthen; the best of a few.
  static double seconds(const std::string& text, int times) {
    double best = 1e9;
    for (int i = 0; i < times; ++i) {
      const std::clock_t begin = std::clock();
      const auto filter = grammar::parse(text);
      const double taken = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
      EXPECT_EQ(filter.has_value(), GetParam().valid);
      best = std::min(best, taken);
    }
    return best;
  }
};

// Time that grows as the square would be 16 times too long; caches and page faults are not 3.
TEST_P(Limits, TimeIsLinear) {
  const std::string small = GetParam().text(kSmall);
  const std::string large = GetParam().text(16 * kSmall);
  double ratio = 0;
  for (int attempt = 0; attempt < 3; ++attempt) {
    // What takes no time to speak of has no ratio either.
    const double floor = 2e-3;
    ratio = std::max(seconds(large, 1), 16 * floor) / (16 * std::max(seconds(small, 3), floor));
    if (ratio < 3) break;
  }
  EXPECT_LT(ratio, 3);
}

TEST_P(Limits, TreeIsSound) {
  const auto filter = grammar::parse(GetParam().text(kSmall));
  ASSERT_EQ(filter.has_value(), GetParam().valid);
  if (!filter) return;
  EXPECT_EQ(broken_promise(*filter), "");
  EXPECT_LT(grammar::print(*filter).size(), 100 * kMebibyte);
}

INSTANTIATE_TEST_SUITE_P(Shapes, Limits, testing::ValuesIn(kShapes),
                         [](const auto& shape) { return std::string(shape.param.name); });

TEST(Limit, AHundredThousandTerms) {
  const auto filter = grammar::parse("host 1.2.3.4" + repeated(" or host 1.2.3.4", 99'999));
  ASSERT_TRUE(filter);
  EXPECT_EQ(filter->nodes.size(), 100'001U);
  EXPECT_EQ(filter->links.size(), 100'000U);
}

// `before` and `after` stand `depth` times around `inner`.
struct Nest {
  std::string_view name;
  std::string_view prefix;
  std::string_view before;
  std::string_view inner;
  std::string_view after;
};

const Nest kNests[] = {
    {"Parentheses", "", "(", "tcp", ")"},
    {"Nots", "", "not ", "tcp", ""},
    {"Negations", "", "!", "tcp", ""},
    {"Minuses", "len = ", "-", "1", ""},
    {"MinusesOnTheLeft", "", "-", "len = 1", ""},
    {"ArithmeticParentheses", "len = ", "(", "1", ")"},
    {"ComputedParentheses", "1 = ", "(", "len", ")"},
    {"NumbersInParentheses", "port ", "(", "1", ")"},
    {"GroupsOfPorts", "port 1 or ", "(1 or ", "2", ")"},
    {"NegatedIdentifiers", "port ", "not ", "1", ""},
    {"RightOperands", "len = ", "1+(", "1", ")"},
    {"Disjunctions", "", "(udp or ", "tcp", ")"},
};

class Nesting : public testing::TestWithParam<Nest> {
 protected:
  static std::string text(std::size_t depth) {
    const Nest& nest = GetParam();
    return std::string(nest.prefix) + repeated(nest.before, depth) + std::string(nest.inner) +
           repeated(nest.after, depth);
  }
};

TEST_P(Nesting, TenThousandDeep) {
  const auto filter = grammar::parse(text(10'000));
  ASSERT_TRUE(filter) << filter.error().message;
  EXPECT_EQ(broken_promise(*filter), "");
  EXPECT_FALSE(grammar::print(*filter).empty());
}

TEST_P(Nesting, TheStatedDepthAndNoMore) {
  EXPECT_TRUE(grammar::parse(text(grammar::kMaxNesting)));
  for (const std::size_t depth : {std::size_t{grammar::kMaxNesting} + 1, kMebibyte}) {
    const auto filter = grammar::parse(text(depth));
    ASSERT_FALSE(filter);
    EXPECT_EQ(filter.error().code, DiagnosticCode::kTooDeep) << filter.error().message;
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, Nesting, testing::ValuesIn(kNests),
                         [](const auto& shape) { return std::string(shape.param.name); });

// Depth is what stands open at one point, not what the text has in all.
TEST(Limit, ClosedNestingDoesNotCount) {
  EXPECT_TRUE(grammar::parse("tcp" + repeated(" or not (not (udp))", 30'000)));
  EXPECT_TRUE(grammar::parse("len = 1" + repeated(" + -(-1)", 30'000)));
  EXPECT_TRUE(grammar::parse("port 1" + repeated(" or not (not 80 or 22)", 30'000)));
}

// An index may nest as it likes: `ip[ip[...]]`.
TEST(Limit, NestedLoads) {
  const auto filter =
      grammar::parse(repeated("ip[", 10'000) + "0" + repeated("]", 10'000) + " = 1");
  ASSERT_TRUE(filter) << filter.error().message;
  EXPECT_EQ(broken_promise(*filter), "");
}

TEST(Limit, TextPastTheGreatestSizeIsRefused) {
  const auto filter = grammar::parse(std::string(grammar::kMaxSource + 1, ' '));
  ASSERT_FALSE(filter);
  EXPECT_EQ(filter.error().code, DiagnosticCode::kTooLarge);
}

}  // namespace
}  // namespace bpfc::tests
