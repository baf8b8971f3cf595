// bpfc -D in a network namespace of the test's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "command_runner.h"
#include "tests/capture/test_network.h"

namespace bpfc::cli_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class InterfaceListTest : public TestNetwork {};

// By line, then by words.
std::vector<std::vector<std::string>> words_of(const std::string& text) {
  std::vector<std::vector<std::string>> lines;
  std::istringstream all(text);
  for (std::string line; std::getline(all, line);) {
    std::istringstream words(line);
    lines.emplace_back();
    for (std::string word; words >> word;) lines.back().push_back(word);
  }
  return lines;
}

TEST_F(InterfaceListTest, HasALineForEach) {
  const std::string strange = "a\x1b[1m\\";
  ASSERT_TRUE(judge::make_veth_pair(strange));
  ASSERT_EQ(judge::set_interface_up("lo", true), "");
  const Outcome outcome = run_bpfc({"-D"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
  const auto lines = words_of(outcome.out);
  ASSERT_THAT(lines, SizeIs(7)) << outcome.out;
  EXPECT_THAT(lines[0], ElementsAre("index", "name", "state", "link", "type", "addresses"));
  EXPECT_THAT(lines[1], ElementsAre("0", "any", "-", "LINUX_SLL2", "-"));
  EXPECT_THAT(lines[2], ElementsAre("1", "lo", "up,loopback", "EN10MB", "127.0.0.1/8"));
  EXPECT_THAT(outcome.out, HasSubstr(" a\\x1b[1m\\x5ca "));
  EXPECT_THAT(outcome.out, HasSubstr(" cableb "));
  EXPECT_EQ(run_bpfc({"--list-interfaces"}).out, outcome.out);
}

TEST_F(InterfaceListTest, SaysWhatIsDown) {
  ASSERT_EQ(judge::set_interface_up("cablea", false), "");
  bool found = false;
  for (const auto& words : words_of(run_bpfc({"-D"}).out)) {
    if (words.size() < 3 || words[1] != "cablea") continue;
    found = true;
    EXPECT_EQ(words[2], "down");
  }
  EXPECT_TRUE(found);
  ASSERT_EQ(judge::set_interface_up("cablea", true), "");
}

}  // namespace
}  // namespace bpfc::cli_test
