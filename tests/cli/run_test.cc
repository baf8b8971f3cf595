// bpfc run: verdicts of filters and of programs in each format.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "command_runner.h"

namespace bpfc::cli_test {
namespace {

using testing::HasSubstr;

// Ethernet, IPv4, TCP from port 4660 to port 80.
constexpr const char* kTcpPacket =
    "ffffffffffff0000000000010800"
    "4500002800000000400600000a0000010a000002"
    "1234005000000000000000005002000000000000";

std::string verdict(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "run");
  const Outcome outcome = run_bpfc(std::move(arguments));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return outcome.out;
}

TEST(RunTest, JudgesAPacket) {
  EXPECT_EQ(verdict({"tcp port 80", "--packet", kTcpPacket}), "262144\n");
  EXPECT_EQ(verdict({"tcp", "port", "81", "--packet", kTcpPacket}), "0\n");
  EXPECT_EQ(verdict({"--packet", kTcpPacket, "-s", "96", "tcp"}), "96\n");
  EXPECT_EQ(verdict({"--packet", "45:00 00\n14 00000000 40060000 0a000001 0A000002", "-yRAW",
                     "src 10.0.0.1"}),
            "262144\n");
  EXPECT_EQ(verdict({"--packet", "", ""}), "262144\n");
  EXPECT_EQ(verdict({"--packet", "", "ip"}), "0\n");
}

TEST(RunTest, TheLengthOnTheWireIsTold) {
  EXPECT_EQ(verdict({"len = 54", "--packet", kTcpPacket}), "262144\n");
  EXPECT_EQ(verdict({"len = 1500", "--packet", kTcpPacket}), "0\n");
  EXPECT_EQ(verdict({"len = 1500", "--packet", kTcpPacket, "--wirelen", "1500"}), "262144\n");
  EXPECT_EQ(verdict({"len = 0", "--packet", kTcpPacket, "--wirelen=0"}), "262144\n");
}

TEST(RunTest, JudgesEachPacketOfACapture) {
  for (const char* name : {"http4.pcap", "null-big-endian.pcap", "mixed-link-types.pcapng"}) {
    const std::string verdicts = verdict({"tcp", "-r", data_file(name), "-s", "1"});
    const auto accepted = std::ranges::count(verdicts, '1');
    EXPECT_EQ(accepted + std::ranges::count(verdicts, '0'), std::ranges::count(verdicts, '\n'));
    EXPECT_THAT(run_bpfc({"-r", data_file(name), "--count", "tcp"}).out,
                testing::StartsWith(std::to_string(accepted) + " "));
  }
  // The snaplen of each packet's interface is the verdict.
  const std::string mixed = verdict({"", "-r", data_file("mixed-link-types.pcapng")});
  EXPECT_THAT(mixed, HasSubstr("65535\n"));
  EXPECT_THAT(mixed, HasSubstr("262144\n"));
}

TEST(RunTest, PrintedProgramsReadBack) {
  const ScratchFolder folder;
  for (const char* filter : {"tcp port 80", "", "host 10.0.0.1 or ip6 host fd77::2",
                             "ip[2:2] - 40 > len", "vlan and arp", "portrange 1-1023 and not icmp",
                             "icmp[0] = 8 or udp[2:2] & 0xff00 = 0", "geneve or tcp"}) {
    const std::string expected = verdict({filter, "-r", data_file("http4.pcap"), "-s", "77"});
    for (const char* format : {"-d", "-dd", "-ddd"}) {
      const std::string text = run_bpfc({format, "-s", "77", filter}).out;
      const std::string file = folder.write("program", text);
      EXPECT_EQ(verdict({"--program", file, "-r", data_file("http4.pcap")}), expected)
          << filter << format;
    }
    std::string line = run_bpfc({"-ddd", "-s", "77", filter}).out;
    std::ranges::replace(line, '\n', ',');
    line.pop_back();
    const std::string file = folder.write("program", line);
    EXPECT_EQ(verdict({"--program", file, "-r", data_file("http4.pcap")}), expected) << filter;
  }
}

TEST(RunTest, ReadsTheProgramFromStandardInput) {
  const Outcome outcome = run_bpfc(Invocation{
      .arguments = {"run", "--program", "-", "--packet", kTcpPacket}, .input = "1,6 0 0 42"});
  EXPECT_EQ(outcome.out, "42\n");
}

struct BadProgram {
  std::string text;
  std::vector<std::string> messages;
};

void PrintTo(const BadProgram& bad, std::ostream* stream) {
  *stream << testing::PrintToString(bad.text);
}

class BadProgramTest : public testing::TestWithParam<BadProgram> {};

TEST_P(BadProgramTest, IsRefusedWithItsReason) {
  const ScratchFolder folder;
  const std::string file = folder.write("program", GetParam().text);
  const Outcome outcome = run_bpfc({"run", "--program", file, "--packet", "00"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.out, "");
  for (const std::string& message : GetParam().messages) {
    EXPECT_THAT(outcome.err, HasSubstr(message));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Programs, BadProgramTest,
    testing::Values(BadProgram{"1,21 0 0 1",
                               {"program: the program breaks a rule of the kernel", "0"}},
                    BadProgram{"2,4 0 0 1,5 0 0 9", {"instruction 1"}},
                    BadProgram{"2,52 0 0 0,6 0 0 0", {"instruction 0", "constant 0"}},
                    BadProgram{"2,100 0 0 32,6 0 0 0", {"instruction 0", "shift"}},
                    BadProgram{"2,2 0 0 16,6 0 0 0", {"instruction 0"}},
                    BadProgram{"2,96 0 0 3,6 0 0 0", {"instruction 0"}},
                    BadProgram{"2,255 0 0 0,6 0 0 0", {"instruction 0"}},
                    BadProgram{"1,4 0 0 1", {"instruction"}}, BadProgram{"0", {"program"}},
                    BadProgram{"3,6 0 0 0", {"program:1:"}}, BadProgram{"", {"program:1:1:"}},
                    BadProgram{"(000) ldq [12]\n", {"program:1:7:"}},
                    BadProgram{"4\n40 0 0 12\n21 0 1\n", {"program:"}},
                    BadProgram{"{ 0x28, 0, 0, 0x1ffffffff },", {"program:1:"}},
                    BadProgram{std::string("\0\xff\x1b[2J", 6), {"program:1:1:"}},
                    BadProgram{"99999999999,6 0 0 0", {"program:1:1:"}},
                    BadProgram{"1,6 0 0 -1", {"program:1:"}}));

TEST(RulesTest, AreThoseAskedFor) {
  const ScratchFolder folder;
  // A cell that was never written: libpcap does not mind.
  const std::string file = folder.write("program", "2,96 0 0 3,22 0 0 0");
  EXPECT_EQ(verdict({"--program", file, "--packet", "00", "--rules", "libpcap"}), "0\n");
  EXPECT_EQ(run_bpfc({"run", "--program", file, "--packet", "00", "--rules=kernel"}).exit_code, 1);
  std::string longer = "5000";
  for (int i = 0; i < 4999; ++i) longer += ",4 0 0 1";
  longer += ",22 0 0 0";
  const std::string long_file = folder.write("long", longer);
  EXPECT_EQ(verdict({"--program", long_file, "--packet", "00", "--rules", "libpcap"}), "4999\n");
  const Outcome kernel = run_bpfc({"run", "--program", long_file, "--packet", "00"});
  EXPECT_EQ(kernel.exit_code, 1);
  EXPECT_THAT(kernel.err, HasSubstr("4096"));
}

TEST(RunTest, StatisticsAndEngine) {
  const Outcome outcome =
      run_bpfc({"run", "--stats", "--engine=interp", "ip", "--packet", kTcpPacket});
  EXPECT_EQ(outcome.out, "262144\n");
  EXPECT_THAT(outcome.err, HasSubstr("3.0 instructions executed a packet"));
}

}  // namespace
}  // namespace bpfc::cli_test
