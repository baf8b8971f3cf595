// What options say of a program's cost and of the compiler's time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command_runner.h"

namespace bpfc::cli_test {
namespace {

using testing::ContainsRegex;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST(CostTest, StatisticsTellTheLengthsOfTheWays) {
  EXPECT_EQ(run_bpfc({"--stats", "ip"}).err, "bpfc: 4 instructions, 3 executed\n");
  EXPECT_EQ(run_bpfc({"--stats", "icmp"}).err, "bpfc: 6 instructions, 3 to 5 executed\n");
  EXPECT_EQ(run_bpfc({"--stats", "-r", data_file("dns.pcap"), "-d", "icmp"}).err,
            "bpfc: 6 instructions, 3 to 5 executed\n");
}

TEST(CostTest, ExplainsHowFarEachInstructionIs) {
  const Outcome outcome = run_bpfc({"--explain-cost", "icmp"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(lines(outcome.out), 8U);
  EXPECT_THAT(outcome.out, HasSubstr("          3 to 5  (005) ret      #0\n"));
  EXPECT_THAT(outcome.out, EndsWith("3 to 5 executed\n"));
}

TEST(CostTest, ExplainsWhichInstructionsPacketsExecute) {
  const std::string file = data_file("arp-icmp.pcap");
  const std::string count = run_bpfc({"-r", file, "--count", "icmp"}).out;
  const std::string matches = count.substr(0, count.find(' '));
  const Outcome outcome = run_bpfc({"--explain-cost", "-r", file, "icmp"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("100.0%"));
  EXPECT_THAT(outcome.out, HasSubstr(" " + matches + "  (004) ret"));
  EXPECT_THAT(outcome.out, ContainsRegex("[0-9]+ executed for [0-9]+ packets: [345]\\.[0-9]+ a"));
  const Outcome piped = run_bpfc(
      Invocation{.arguments = {"-r", "-", "--explain-cost", "icmp"}, .input = file_contents(file)});
  EXPECT_EQ(piped.out, outcome.out);
}

TEST(CostTest, ExplainsEachKindOfPacket) {
  const Outcome outcome =
      run_bpfc({"--explain-cost", "-r", data_file("mixed-link-types.pcapng"), "icmp"});
  EXPECT_THAT(outcome.out, StartsWith("EN10MB:\n"));
  EXPECT_THAT(outcome.out, HasSubstr("\nLINUX_SLL2:\n"));
}

TEST(CostTest, ExplainsWhatPrecedesDamage) {
  const Outcome outcome =
      run_bpfc({"--explain-cost", "-r", data_file("broken-cut-in-packet.pcap"), "ip"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("executed for"));
  EXPECT_THAT(outcome.err, HasSubstr("broken-cut-in-packet.pcap"));
}

TEST(CostTest, TellsTheTimeOfEachStageInOrder) {
  const Outcome outcome = run_bpfc({"--time-passes", "tcp port 80"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, run_bpfc({"tcp port 80"}).out);
  std::size_t at = 0;
  for (const char* stage :
       {"%  ast\n", "%  graph\n", "%  fold\n", "%  generate\n", "100.0%  total\n"}) {
    at = outcome.err.find(stage, at);
    EXPECT_NE(at, std::string::npos) << stage << outcome.err;
  }
  EXPECT_EQ(run_bpfc({"--time-passes", "-O", "tcp"}).err.find("fold"), std::string::npos);
  EXPECT_THAT(run_bpfc({"--time-passes", "-r", data_file("dns.pcap"), "-d", "tcp"}).err,
              HasSubstr("generate"));
}

TEST(CostTest, RefusesWhatDoesNotGoTogether) {
  const std::string file = data_file("dns.pcap");
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"--explain-cost", "-i", "lo", "tcp"},
           {"--explain-cost", "-r", file, "--count", "tcp"},
           {"--explain-cost", "-dd", "tcp"},
           {"--explain-cost", "--dump=ast", "tcp"},
           {"--explain-cost", "--time-passes", "tcp"},
           {"--time-passes", "-r", file, "tcp"},
           {"--time-passes", "-i", "lo", "tcp"},
       }) {
    const Outcome outcome = run_bpfc(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << arguments[0] << arguments[1];
    EXPECT_EQ(outcome.out, "");
  }
}

// What bpfc says the packets of the file execute.
double executed(std::vector<std::string> arguments) {
  const Outcome outcome = run_bpfc(std::move(arguments));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const std::size_t place = outcome.out.rfind(": ");
  return place == std::string::npos ? 0 : std::stod(outcome.out.substr(place + 2));
}

TEST(ProfileTest, MakesItsPacketsCostLess) {
  const std::string file = data_file("dns.pcap");
  const std::string filter = "port 80 or 53 or 22";
  const double without = executed({"--explain-cost", "-r", file, filter});
  EXPECT_LT(executed({"--explain-cost", "-r", file, "--profile", file, filter}), without);
  EXPECT_EQ(run_bpfc({"-r", file, "--count", "--profile", file, filter}).out,
            run_bpfc({"-r", file, "--count", filter}).out);
  const Outcome printed = run_bpfc({"--profile", file, "--stats", filter});
  EXPECT_EQ(printed.exit_code, 0) << printed.err;
  EXPECT_NE(printed.out, run_bpfc({filter}).out);
}

TEST(ProfileTest, IsRefusedWhereItSaysNothing) {
  const std::string file = data_file("dns.pcap");
  EXPECT_EQ(run_bpfc({"--profile", file, "-y", "RAW", "ip"}).err,
            "bpfc: " + file + ": the filter is for RAW, and the packets are EN10MB\n");
  EXPECT_EQ(run_bpfc({"--profile", "no-such-file", "ip"}).exit_code, 1);
  EXPECT_EQ(run_bpfc({"--profile", "-", "ip"}).exit_code, 2);
  EXPECT_EQ(run_bpfc({"-O", "--profile", file, "ip"}).exit_code, 2);
  EXPECT_EQ(run_bpfc({"equiv", "--profile", file, "ip", "ip"}).exit_code, 2);
}

}  // namespace
}  // namespace bpfc::cli_test
