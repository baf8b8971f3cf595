#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "grammar/parse.h"

namespace bpfc::tests {
namespace {

struct Row {
  std::string_view text;
  DiagnosticCode code;
  std::uint32_t column;
  std::uint32_t width;
  std::string_view message;
  std::string_view hint;
};

// What a user is told.
const Row kRows[] = {
#include "error_table.def"
};

TEST(Error, Table) {
  for (const Row& row : kRows) {
    const auto filter = grammar::parse(row.text);
    ASSERT_FALSE(filter) << row.text;
    const Diagnostic& error = filter.error();
    EXPECT_EQ(error.code, row.code) << row.text;
    EXPECT_EQ(error.range.begin + 1, row.column) << row.text;
    EXPECT_EQ(error.range.end - error.range.begin, row.width) << row.text;
    EXPECT_EQ(error.message, row.message) << row.text;
    EXPECT_EQ(error.hint, row.hint) << row.text;
  }
}

TEST(Error, EveryHintParses) {
  for (const Row& row : kRows) {
    if (!row.hint.empty()) {
      EXPECT_TRUE(grammar::parse(row.hint)) << row.text << " gave " << row.hint;
    }
  }
}

// Token names are what no user can know; a sentence has neither a full stop nor a line break.
TEST(Error, MessagesAreInTheUsersWords) {
  for (const Row& row : kRows) {
    const auto filter = grammar::parse(row.text);
    ASSERT_FALSE(filter);
    std::string message = filter.error().message;
    for (const std::string_view internal : {"S_", "YY", "syntax error", "unexpected"}) {
      EXPECT_EQ(message.find(internal), std::string::npos) << message;
    }
    // Four capitals in a row that the user did not write.
    const auto is_capital = [](unsigned char c) { return std::isupper(c) != 0 || c == '_'; };
    const auto shout = std::search_n(message.begin(), message.end(), 4, true, [&](char c, bool) {
      return is_capital(static_cast<unsigned char>(c));
    });
    EXPECT_EQ(shout, message.end()) << message;
    EXPECT_NE(message.back(), '.') << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST(Error, SlipsInALongTextAreNotSearched) {
  std::string text = "tcp";
  while (text.size() < 5000) text += " or udp";
  const auto filter = grammar::parse(text + " 80");
  ASSERT_FALSE(filter);
  EXPECT_EQ(filter.error().hint, "");
  EXPECT_EQ(filter.error().range.begin, text.size() + 1);
}

TEST(Error, ALongTokenIsCutInTheMessage) {
  const auto filter = grammar::parse("tcp " + std::string(10'000, 'x'));
  ASSERT_FALSE(filter);
  EXPECT_LT(filter.error().message.size(), 300U);
  EXPECT_EQ(filter.error().range, (SourceRange{4, 10'004}));
}

}  // namespace
}  // namespace bpfc::tests
