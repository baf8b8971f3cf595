// bpfc equiv, implies, overlap, satisfy, and --verify-optimization.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command_runner.h"

namespace bpfc::cli_test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Row {
  std::vector<std::string> arguments;
  std::string first_line;
  int exit_code;
};

TEST(ProveTest, AnswersAndExits) {
  const Row rows[] = {
      {{"equiv", "tcp port 80", "tcp and port 80"}, "equal\n", 0},
      {{"equiv", "port 80", "tcp port 80"}, "different\n", 1},
      {{"equiv", "-s", "96", "ip", "ip and ip"}, "equal\n", 0},
      {{"equiv", "-y", "RAW", "ip", "ip[0] >> 4 = 4"}, "equal\n", 0},
      {{"implies", "tcp port 80", "tcp"}, "implied\n", 0},
      {{"implies", "tcp", "tcp port 80"}, "not implied\n", 1},
      {{"overlap", "tcp", "src port 80"}, "overlapping\n", 0},
      {{"overlap", "tcp", "udp"}, "disjoint\n", 1},
      {{"satisfy", "icmp"}, "satisfiable\n", 0},
      {{"satisfy", "ip[8] > 5 and ip[8] < 5"}, "unsatisfiable\n", 1},
      {{"satisfy", "--linux-ext", "vlan 5"}, "satisfiable\n", 0},
      {{"equiv", "--rules", "libpcap", "ip", "arp"}, "different\n", 1},
      {{"equiv", "--timeout", "0", "ip[12:4] * ip[16:4] = 6", "ip[16:4] * ip[12:4] = 6"},
       "unknown\n",
       3},
  };
  for (const Row& row : rows) {
    const Outcome outcome = run_bpfc(row.arguments);
    EXPECT_EQ(outcome.exit_code, row.exit_code) << row.first_line << outcome.err;
    EXPECT_THAT(outcome.out, StartsWith(row.first_line));
    EXPECT_THAT(outcome.err, HasSubstr(" ms"));
  }
}

TEST(ProveTest, ThePacketIsOneThatRunTakes) {
  const ScratchFolder folder;
  const std::string file = folder.path("witness.pcap");
  const Outcome found = run_bpfc({"equiv", "port 80", "tcp port 80", "-w", file});
  EXPECT_EQ(found.exit_code, 1) << found.err;
  EXPECT_THAT(found.out, HasSubstr("\nverdicts 262144 and 0\n"));
  const auto start = found.out.find("packet ") + 7;
  const std::string packet = found.out.substr(start, found.out.find('\n', start) - start);
  EXPECT_EQ(run_bpfc({"run", "port 80", "--packet", packet}).out, "262144\n");
  EXPECT_EQ(run_bpfc({"run", "tcp port 80", "--packet", packet}).out, "0\n");
  EXPECT_EQ(run_bpfc({"-r", file, "--count", "port 80"}).out, "1 packet\n");
  EXPECT_EQ(run_bpfc({"-r", file, "--count", "tcp port 80"}).out, "0 packets\n");
}

TEST(ProveTest, ReadsProgramFiles) {
  const ScratchFolder folder;
  const std::string listing = folder.write("a", run_bpfc({"-O", "tcp port 80"}).out);
  const std::string decimal = folder.write("b", run_bpfc({"-ddd", "tcp port 80"}).out);
  EXPECT_EQ(run_bpfc({"equiv", "@" + listing, "@" + decimal}).out, "equal\n");
  EXPECT_EQ(run_bpfc({"equiv", "@" + listing, "tcp port 80"}).out, "equal\n");
  const Outcome piped = run_bpfc(
      {.arguments = {"equiv", "@-", "tcp port 80"}, .input = run_bpfc({"-dd", "tcp port 80"}).out});
  EXPECT_EQ(piped.out, "equal\n") << piped.err;
}

TEST(ProveTest, SaysWhatIsWrong) {
  const ScratchFolder folder;
  const std::string loop = folder.write("loop", "3,0 0 0 1,5 0 0 4294967294,6 0 0 1,");
  const struct {
    std::vector<std::string> arguments;
    const char* message;
  } rows[] = {
      {{"equiv", "ip"}, "two filters"},
      {{"equiv", "ip", "tcp", "udp"}, "two filters"},
      {{"satisfy", "ip", "tcp"}, "one filter"},
      {{"equiv", "ip", "tcp or"}, "second filter:1:7"},
      {{"equiv", "ip", "@/nonexistent"}, "/nonexistent"},
      {{"equiv", "@-", "@-"}, "standard input"},
      {{"satisfy", "@" + loop}, "breaks a rule of the kernel"},
      {{"satisfy", "--rules", "libpcap", "@" + loop}, "jumps backward"},
      {{"satisfy", "ip", "-w", "/nonexistent/file"}, "/nonexistent/file"},
      {{"--verify-optimization", "--dump=ast", "ip"}, "--verify-optimization"},
  };
  for (const auto& row : rows) {
    const Outcome outcome = run_bpfc(row.arguments);
    EXPECT_EQ(outcome.exit_code, 2) << row.message;
    EXPECT_THAT(outcome.err, HasSubstr(row.message));
  }
}

TEST(ProveTest, VerifiesAnOptimization) {
  const Outcome outcome = run_bpfc({"--verify-optimization", "tcp port 80"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, run_bpfc({"tcp port 80"}).out);
  EXPECT_THAT(outcome.err, HasSubstr("the optimization is proved"));
}

}  // namespace
}  // namespace bpfc::cli_test
