#include "grammar/print.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "grammar/parse.h"

namespace bpfc::tests {
namespace {

std::string printed(const std::string& text) {
  const auto filter = grammar::parse(text);
  return filter ? grammar::print(*filter) : "refused: " + filter.error().message;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  while (times-- > 0) result += text;
  return result;
}

TEST(Print, TheExampleOfTheHeader) {
  EXPECT_EQ(printed("tcp port 80 or 443 and icmp"),
            "1-27 chain\n"
            "  1-11 tcp port number 80\n"
            "  or 16-18 tcp port number 443 (inherited)\n"
            "  and 24-27 icmp\n");
}

TEST(Print, Relations) {
  EXPECT_EQ(printed("not ip[2:2] + len >= -1"),
            "1-23 not\n"
            "  5-23 relation >=\n"
            "    5-17 +\n"
            "      5-11 ip[] size 2\n"
            "        8-8 2\n"
            "      15-17 len\n"
            "    22-23 negate\n"
            "      23-23 1\n");
}

TEST(Print, EmptyFilter) { EXPECT_EQ(printed(""), ""); }

TEST(Print, DeepTreesKeepTheirIndentation) {
  const std::string text = printed(repeated("not ", 10'000) + "tcp");
  std::string last(64, ' ');
  last += "[10000] 40001-40003 tcp\n";
  EXPECT_EQ(text.substr(text.size() - last.size()), last);
  EXPECT_LT(text.size(), 10'000U * 100);
}

TEST(Print, LongSumsDoNotRecurse) {
  const std::string text = printed("len = 1" + repeated(" + 1", 300'000));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 600'003);
}

}  // namespace
}  // namespace bpfc::tests
