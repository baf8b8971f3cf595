// What is refused, with which exit code, and that standard output stays empty.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command_runner.h"

namespace bpfc::cli_test {
namespace {

using testing::HasSubstr;

struct Refusal {
  std::vector<std::string> arguments;
  int exit_code;
  std::string message;  // is in standard error
};

void PrintTo(const Refusal& refusal, std::ostream* stream) {
  *stream << testing::PrintToString(refusal.arguments);
}

class RefusalTest : public testing::TestWithParam<Refusal> {};

TEST_P(RefusalTest, SaysWhyAndPrintsNothing) {
  const Refusal& refusal = GetParam();
  const Outcome outcome = run_bpfc(refusal.arguments);
  EXPECT_EQ(outcome.exit_code, refusal.exit_code) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr(refusal.message));
  EXPECT_EQ(outcome.err.find('\x1b'), std::string::npos) << "colour without a terminal";
}

const std::string kCapture = data_file("dns.pcap");

INSTANTIATE_TEST_SUITE_P(
    Usage, RefusalTest,
    testing::Values(
        Refusal{{}, 2, "what filter?"}, Refusal{{"--nonsense", "tcp"}, 2, "'--nonsense'"},
        Refusal{{"-len = 5"}, 2, "follows --"}, Refusal{{"tcp", "-k"}, 2, "'-k'"},
        Refusal{{"-y"}, 2, "--linktype"}, Refusal{{"-y", "ETHERNET2", "tcp"}, 2, "bpfc -L"},
        Refusal{{"-y", "99999", "tcp"}, 2, "99999"}, Refusal{{"-y", "-1", "tcp"}, 2, "-1"},
        Refusal{{"-y", "", "tcp"}, 2, "empty"}, Refusal{{"--linktype=", "tcp"}, 2, "empty"},
        Refusal{{"-s", "x", "tcp"}, 2, "'x'"},
        Refusal{{"-s", "-18446744073709551615", "tcp"}, 2, "not a number"},
        Refusal{{"-s", "0x", "tcp"}, 2, "not a number"},
        Refusal{{"-s", "", "tcp"}, 2, "not a number"},
        Refusal{{"-s", "4294967296", "tcp"}, 2, "4294967296"},
        Refusal{{"-s", "-1", "tcp"}, 2, "-1"}, Refusal{{"-s", "0", "tcp"}, 1, "snaplen of 0"},
        Refusal{{"-s", "99999999999", "tcp"}, 2, "99999999999"},
        Refusal{{"-m", "255.255", "ip broadcast"}, 2, "netmask"},
        Refusal{{"-m", "/33", "ip broadcast"}, 2, "netmask"},
        Refusal{{"-m", "0x1ffffffff", "ip broadcast"}, 2, "netmask"},
        Refusal{{"-m", "", "ip"}, 2, "empty"}, Refusal{{"-dddd", "tcp"}, 2, "-ddd"},
        Refusal{{"--savefile=big", "tcp"}, 2, "native"},
        Refusal{{"--optimize=fast", "tcp"}, 2, "size"},
        Refusal{{"--optimize", "", "tcp"}, 2, "full"},
        Refusal{{"-O", "--optimize=size", "tcp"}, 2, "choose one"},
        Refusal{{"-d", "--format=c", "tcp"}, 2, "choose one"},
        Refusal{{"--dump=ast", "--format=c", "tcp"}, 2, "--dump"},
        Refusal{{"--format=c", "-r", kCapture, "--count", "tcp"}, 2, "do not apply"},
        Refusal{{"--savefile", "native", "--linux-ext", "tcp"}, 2, "choose one"},
        Refusal{{"-F", "x", "tcp"}, 2, "twice"}, Refusal{{"-F", "", "tcp"}, 2, "empty"},
        Refusal{{"-r", "", "tcp"}, 2, "empty"},
        Refusal{{"-r", kCapture, "-c", "0", "tcp"}, 2, "above 0"},
        Refusal{{"-r", kCapture, "-c", "-1", "tcp"}, 2, "-1"},
        Refusal{{"-r", kCapture, "-c", "1x", "tcp"}, 2, "1x"},
        Refusal{{"-r", kCapture, "-c", "99999999999999999999", "tcp"}, 2, "9999"},
        Refusal{{"-r", kCapture, "-w", "", "tcp"}, 2, "empty"},
        Refusal{{"-r", kCapture, "-w", "-", "--count", "tcp"}, 2, "together"},
        Refusal{{"-r", kCapture, "-d", "--count", "tcp"}, 2, "-d"},
        Refusal{{"-r", kCapture, "-d", "-w", "-", "tcp"}, 2, "-d"},
        Refusal{{"-r", kCapture, "--dump=ast", "-c", "1", "tcp"}, 2, "--dump"},
        Refusal{{"tcp", "---"}, 2, "'---'"}, Refusal{{"- len = 5"}, 2, "'- len = 5'"},
        Refusal{{"--count=no", "-r", kCapture}, 2, "count"},
        Refusal{{"--linux-ext=no", "tcp"}, 2, "linux-ext"},
        Refusal{{"-r", kCapture, "--linux-ext", "inbound"}, 2, "live sockets"},
        Refusal{{"-Wnonsense", "tcp"}, 2, "'nonsense'"},
        Refusal{{"-Wno-nonsense", "tcp"}, 2, "'nonsense'"}, Refusal{{"-Wno-", "tcp"}, 2, "''"},
        Refusal{{"-W", "5", "=", "len"}, 2, "follows --"}, Refusal{{"-W5", "tcp"}, 2, "'5'"},
        Refusal{{"tcp", "-W", "5"}, 2, "'5'"}, Refusal{{"-Wunknown-name", "tcp"}, 2, "bpfc --help"},
        Refusal{{"run", "--program", "x", "-W", "--packet", "00"}, 2, "for filters"},
        Refusal{{"run", "-Wx", "tcp", "--packet", "00"}, 2, "'x'"},
        Refusal{{"-r", "-", "-F", "-"}, 2, "not both"},
        Refusal{{"run", "-r", "-", "-F", "-"}, 2, "not both"},
        Refusal{{"run", "-r", "-", "--program", "-"}, 2, "not both"},
        Refusal{{"run"}, 2, "run takes a filter"}, Refusal{{"run", "tcp"}, 2, "run takes --packet"},
        Refusal{{"run", "tcp", "--packet", "00", "-r", kCapture}, 2, "run takes --packet"},
        Refusal{{"run", "tcp", "--program", "x", "--packet", "00"}, 2, "run takes a filter"},
        Refusal{{"run", "--packet", "00"}, 2, "run takes a filter"},
        Refusal{{"run", "--program", "", "--packet", "00"}, 2, "empty"},
        Refusal{{"run", "tcp", "-r", ""}, 2, "empty"},
        Refusal{{"run", "tcp", "-r", kCapture, "--wirelen", "5"}, 2, "--wirelen"},
        Refusal{{"run", "tcp", "--packet", "0"}, 2, "hexadecimal"},
        Refusal{{"run", "tcp", "--packet", "0g"}, 2, "hexadecimal"},
        Refusal{{"run", "tcp", "--packet", "0x00"}, 2, "hexadecimal"},
        Refusal{{"run", "tcp", "--packet", "00", "--wirelen", "-1"}, 2, "-1"},
        Refusal{{"run", "tcp", "--packet", "00", "--wirelen", "4294967296"}, 2, "4294967296"},
        Refusal{{"run", "tcp", "--packet", "00", "--engine", "none"}, 2, "interp"},
        Refusal{{"run", "tcp", "--packet", "00", "--rules", "none"}, 2, "libpcap"},
        Refusal{{"run", "--program", "x", "-y", "RAW", "--packet", "00"}, 2, "for filters"},
        Refusal{{"run", "--program", "x", "-O", "--packet", "00"}, 2, "for filters"},
        Refusal{{"run", "-d", "tcp", "--packet", "00"}, 2, "'-d'"}));

// Before anything is opened: no interface is called that, and none is asked for.
INSTANTIATE_TEST_SUITE_P(
    Captures, RefusalTest,
    testing::Values(
        Refusal{{"-i", "no such", "tcp"}, 1, "is called 'no"},
        Refusal{{"-i", "", "tcp"}, 2, "empty"}, Refusal{{"-i", "lo", "tcp port"}, 1, "filter:1:"},
        Refusal{{"-i", "lo", "-y", "RAW"}, 1, "LINUX_SLL2"},
        Refusal{{"-r", kCapture, "-i", "lo"}, 2, "--interface"},
        Refusal{{"-r", kCapture, "-p", "tcp"}, 2, "-p is for a capture"},
        Refusal{{"-r", kCapture, "-B", "4", "tcp"}, 2, "-B is for a capture"},
        Refusal{{"-i", "lo", "-Q", "up"}, 2, "inout"}, Refusal{{"-i", "lo", "-B", "0"}, 2, "-B"},
        Refusal{{"-i", "lo", "-B", "-1"}, 2, "-1"}, Refusal{{"-i", "lo", "-B", "x"}, 2, "'x'"},
        Refusal{{"-i", "lo", "-c", "0"}, 2, "above 0"},
        Refusal{{"-i", "lo", "--threads", "0"}, 2, "from 1 to"},
        Refusal{{"-i", "lo", "--threads", "65"}, 2, "from 1 to"},
        Refusal{{"-i", "lo", "-C", "1"}, 2, "-w FILE"},
        Refusal{{"-i", "lo", "-G", "1", "-w", "-"}, 2, "-w FILE"},
        Refusal{{"-i", "lo", "-w", "x", "-C", "0"}, 2, "no size"},
        Refusal{{"-i", "lo", "-w", "x", "-C", "1t"}, 2, "no size"},
        Refusal{{"-i", "lo", "-w", "x", "-G", "0"}, 2, "above 0"},
        Refusal{{"-i", "lo", "-w", "x", "-W", "5"}, 2, "goes with -C or -G"},
        Refusal{{"-i", "lo", "-w", "x", "-C", "1", "-W", "0"}, 2, "number of files"},
        Refusal{{"-i", "lo", "-w", "x", "--count"}, 2, "together"},
        Refusal{{"-i", "lo", "-w", "-", "--print"}, 2, "standard output"},
        Refusal{{"-i", "lo", "--savefile=native"}, 2, "--savefile"},
        Refusal{{"-i", "lo", "--dump=ast"}, 2, "--dump"},
        Refusal{{"-i", "lo", "-Z", ""}, 2, "empty"},
        Refusal{{"-i", "any", "-d", "ether host 1:2:3:4:5:6"}, 1, "filter:1:"}));

INSTANTIATE_TEST_SUITE_P(
    Filters, RefusalTest,
    testing::Values(
        Refusal{{"tcp port 80 or"}, 1, "filter:1:"}, Refusal{{"host 1.2.3.300"}, 1, "filter:1:6:"},
        Refusal{{"ip proto tcp"}, 1, "filter:1:10:"}, Refusal{{"len / 0 = 1"}, 1, "filter:1:"},
        Refusal{{"tcp", "prt", "80"}, 1, "filter:1:5:"}, Refusal{{"ip broadcast"}, 1, "netmask"},
        Refusal{{"tcp\xff"}, 1, "filter:1:4:"}, Refusal{{"tcp\nprt 80"}, 1, "filter:2:1:"},
        Refusal{{"host \x1b[31m"}, 1, "filter:1:"}, Refusal{{"port \x07"}, 1, "filter:1:6:"},
        Refusal{{"("}, 1, "filter:1:2:"}, Refusal{{"tcp", "++"}, 1, "filter:1:5:"},
        Refusal{{"tcp", "-"}, 1, "filter:1:"}, Refusal{{"run"}, 2, ""},
        Refusal{{"--", "run"}, 1, "run"},
        Refusal{{"-y", "RAW", "ether host 1:2:3:4:5:6"}, 1, "filter:1:"},
        Refusal{{"inbound", "-y", "EN10MB"}, 1, "filter:1:1:"},
        Refusal{{"-r", kCapture, "tcp port"}, 1, "filter:1:"},
        Refusal{{"-r", kCapture, "--count", "tcp port"}, 1, "filter:1:"},
        Refusal{{"-r", kCapture, "-w", "-", "tcp port"}, 1, "filter:1:"},
        Refusal{{"run", "tcp port", "--packet", "00"}, 1, "filter:1:"},
        Refusal{{"run", "tcp port", "-r", kCapture}, 1, "filter:1:"}));

INSTANTIATE_TEST_SUITE_P(
    Files, RefusalTest,
    testing::Values(
        Refusal{{"-F", "/nonexistent/file"}, 1, "/nonexistent/file: No such file"},
        Refusal{{"-F", "/tmp"}, 1, "/tmp: Is a directory"},
        Refusal{{"-F", "/dev/zero"}, 1, "256 MiB"}, Refusal{{"-F", kCapture}, 1, "dns.pcap:1:1:"},
        Refusal{
            {"-r", "/nonexistent/file", "tcp"}, 1, "/nonexistent/file: cannot open: No such file"},
        Refusal{{"-r", "/tmp", "tcp"}, 1, "/tmp: cannot read: Is a directory"},
        Refusal{{"-r", "/proc/self/mem", "tcp"}, 1, "/proc/self/mem: cannot read"},
        Refusal{{"-F", "/proc/self/mem"}, 1, "/proc/self/mem: Input/output error"},
        Refusal{{"-r", kCapture, "-w", "/proc/version"}, 1, "/proc/version: "},
        Refusal{{"-r", "/dev/null", "tcp"}, 1, "/dev/null"},
        Refusal{{"-r", "/dev/zero", "tcp"}, 1, "/dev/zero"},
        Refusal{{"-r", data_file("README.md"), "tcp"}, 1, "README.md"},
        Refusal{{"-r", "/nonexistent/file", "-d", "tcp"}, 1, "/nonexistent/file"},
        Refusal{
            {"-r", kCapture, "-w", "/nonexistent/file", "tcp"}, 1, "/nonexistent/file: No such"},
        Refusal{{"-r", kCapture, "-w", "/tmp", "tcp"}, 1, "/tmp: Is a directory"},
        Refusal{{"run", "--program", "/nonexistent/file", "--packet", "00"}, 1, "No such file"},
        Refusal{{"run", "--program", "/tmp", "--packet", "00"}, 1, "Is a directory"},
        Refusal{{"run", "--program", kCapture, "--packet", "00"}, 1, "dns.pcap:1:1:"},
        Refusal{{"run", "--program", "/dev/null", "--packet", "00"}, 1, "/dev/null"},
        Refusal{{"run", "tcp", "-r", "/nonexistent/file"}, 1, "No such file"}));

TEST(DiagnosticTest, ShowsNoControlCharacters) {
  for (const char* text : {"host \x1b[31m", "\x1b]0;title\x07", "tcp\r\x1b[K", "port a\x1b[2J"}) {
    const Outcome outcome = run_bpfc({text});
    EXPECT_EQ(outcome.exit_code, 1);
    for (const char c : outcome.err) {
      EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= ' ') << outcome.err;
    }
  }
}

TEST(DiagnosticTest, OfTextsWithNulBytesAndGarbage) {
  for (const std::string& text :
       {std::string("tcp\0udp", 7), std::string(1000, '\0'), std::string(100000, '\xff'),
        std::string("tcp \xef\xbb\xbf"), std::string(1000000, '(')}) {
    const Outcome outcome = run_bpfc(Invocation{.arguments = {"-F", "-"}, .input = text});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, HasSubstr("standard input:1:"));
    EXPECT_LT(outcome.err.size(), 2000U);
  }
}

TEST(DiagnosticTest, LongExpressionsInOneArgument) {
  std::string text = "port 1";
  for (int i = 2; text.size() < 120000; ++i) {
    text += " or src port " + std::to_string(i) + " and dst port " + std::to_string(i + 1);
  }
  const Outcome outcome = run_bpfc({"-ddd", text});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("4096"));
  EXPECT_NE(outcome.out, "");
  const Outcome wrong = run_bpfc({text + " or"});
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_LT(wrong.err.size(), 2000U);
}

}  // namespace
}  // namespace bpfc::cli_test
