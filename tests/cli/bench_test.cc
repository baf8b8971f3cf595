// bpfc bench: which rows there are and what is refused; never how fast anything is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command_runner.h"

namespace bpfc::cli_test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

TEST(BenchTest, HasARowForEachEngine) {
  const Outcome outcome =
      run_bpfc({"bench", "udp port 53", "-r", data_file("dns.pcap"), "--no-compiler"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out, ContainsRegex("^[0-9]+ instructions, [0-9.]+ executed a packet; [0-9]+ "
                                         "packets \\(.*dns.pcap\\), [0-9]+ match\n"));
  for (const char* row : {"\n  plain ", "\n  interpreter ", "\n  jit ", "\n  jit batch "}) {
    EXPECT_THAT(outcome.out, ContainsRegex(std::string(row) + " *[0-9]+\\.[0-9]+ "));
  }
  EXPECT_THAT(outcome.out, Not(HasSubstr("gcc")));
}

TEST(BenchTest, MakesTrafficAndAsksTheCompiler) {
  const Outcome outcome = run_bpfc({"bench", "icmp"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("20000 packets (made, mixed traffic)"));
  EXPECT_THAT(outcome.out, HasSubstr("\n1000 packets, in cache"));
  EXPECT_THAT(outcome.out, HasSubstr("\n20000 packets "));
}

TEST(BenchTest, WorksWhereThereIsNoCompiler) {
  const Outcome outcome =
      run_bpfc(Invocation{.arguments = {"bench", "icmp", "-r", data_file("dns.pcap")},
                          .environment = {{"PATH", "/nowhere"}, {"CC", ""}}});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("there is no C compiler"));
  EXPECT_THAT(outcome.out, HasSubstr("\n  jit batch "));
}

struct BadBench {
  std::vector<std::string> arguments;
  int exit_code;
  std::string message;
};

TEST(BenchTest, Refuses) {
  const std::string capture = data_file("dns.pcap");
  const BadBench kBad[] = {
      {{"bench"}, 2, "takes a filter"},
      {{"bench", "-y", "RAW", "ip"}, 1, "-r FILE"},
      {{"bench", "ip", "-r", "/nonexistent"}, 1, "/nonexistent"},
      {{"bench", "--linux-ext", "ip"}, 2, "--linux-ext"},
      {{"bench", "tcp port"}, 1, "error"},
      {{"bench", "-F", "-", "-r", "-"}, 2, "standard input"},
  };
  for (const BadBench& bad : kBad) {
    const Outcome outcome = run_bpfc(bad.arguments);
    EXPECT_EQ(outcome.exit_code, bad.exit_code) << testing::PrintToString(bad.arguments);
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, HasSubstr(bad.message));
  }
}

}  // namespace
}  // namespace bpfc::cli_test
