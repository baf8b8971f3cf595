// Reading captures: lines, counts, damage, streams that close.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "command_runner.h"

namespace bpfc::cli_test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::StartsWith;

std::ptrdiff_t lines(const std::string& text) { return std::ranges::count(text, '\n'); }

std::string packets(std::ptrdiff_t count) {
  return std::to_string(count) + (count == 1 ? " packet\n" : " packets\n");
}

TEST(ReadTest, PrintsALineForEachMatch) {
  const Outcome all = run_bpfc({"-r", data_file("dns.pcap")});
  EXPECT_EQ(all.exit_code, 0);
  EXPECT_EQ(all.err, "");
  EXPECT_GT(lines(all.out), 10);
  EXPECT_EQ(run_bpfc({"-r", data_file("dns.pcap"), "--count"}).out, packets(lines(all.out)));
  const Outcome tcp = run_bpfc({"-r", data_file("dns.pcap"), "tcp", "port", "53"});
  EXPECT_GT(lines(tcp.out), 0);
  EXPECT_LT(lines(tcp.out), lines(all.out));
  std::istringstream text(tcp.out);
  for (std::string line; std::getline(text, line);) {
    EXPECT_THAT(line, HasSubstr(".53"));
    EXPECT_THAT(line, HasSubstr(" tcp"));
    EXPECT_NE(all.out.find(line), std::string::npos) << "the number is that in the file";
  }
}

TEST(ReadTest, SaysThatAnotherLinkTypeIsTaken) {
  const Outcome other = run_bpfc({"-r", data_file("dns.pcap"), "-y", "RAW", "--count", "ip"});
  EXPECT_EQ(other.exit_code, 0);
  EXPECT_THAT(other.err, HasSubstr("the capture says EN10MB, and is filtered as RAW (-y)"));
  EXPECT_EQ(run_bpfc({"-r", data_file("dns.pcap"), "-y", "EN10MB", "--count", "ip"}).err, "");
}

TEST(ReadTest, StopsAfterSoManyMatches) {
  const std::string file = data_file("http4.pcap");
  EXPECT_EQ(lines(run_bpfc({"-r", file, "-c", "3", "tcp"}).out), 3);
  EXPECT_EQ(run_bpfc({"-r", file, "-c3", "--count", "tcp"}).out, packets(3));
  EXPECT_EQ(run_bpfc({"-r", file, "--count", "-c", "1", "tcp"}).out, packets(1));
  EXPECT_EQ(run_bpfc({"-r", file, "--count", "-c", "18446744073709551615", "udp"}).out, packets(0));
}

TEST(ReadTest, ReadsStandardInput) {
  for (const char* name : {"dns.pcap", "ethernet.pcapng", "mixed-link-types.pcapng"}) {
    const Outcome from_file = run_bpfc({"-r", data_file(name), "ip"});
    const Outcome piped = run_bpfc(
        Invocation{.arguments = {"-r", "-", "ip"}, .input = file_contents(data_file(name))});
    EXPECT_EQ(piped.out, from_file.out);
    EXPECT_EQ(piped.exit_code, 0) << piped.err;
    const Outcome redirected =
        run_bpfc(Invocation{.arguments = {"-r-", "ip"}, .input_path = data_file(name)});
    EXPECT_EQ(redirected.out, from_file.out);
  }
}

TEST(ReadTest, PrintsTheProgramForTheFile) {
  const std::vector<std::string> filter = {"ip", "and", "udp"};
  const auto with = [&](std::vector<std::string> options) {
    options.insert(options.end(), filter.begin(), filter.end());
    return run_bpfc(options).out;
  };
  EXPECT_EQ(with({"-r", data_file("sll2.pcap"), "-dd"}), with({"-y", "LINUX_SLL2", "-dd"}));
  EXPECT_EQ(with({"-r", data_file("null-big-endian.pcap"), "-d"}),
            with({"-y", "NULL", "--savefile=swapped"}));
  EXPECT_EQ(with({"-r", data_file("null.pcap"), "-d"}), with({"-y", "NULL", "--savefile=native"}));
  EXPECT_EQ(with({"-r", data_file("snaplen60.pcap"), "-ddd"}), with({"-s", "60", "-ddd"}));
}

TEST(ReadTest, CompilesForEachLinkType) {
  for (const char* name : {"mixed-link-types.pcapng", "mixed-sections.pcapng"}) {
    const auto count = [&](const char* filter) {
      const Outcome outcome = run_bpfc({"-r", data_file(name), "--count", filter});
      EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
      return std::stoi(outcome.out);
    };
    EXPECT_EQ(count("ip or ip6 or arp"), count("")) << name;
    EXPECT_EQ(count("ip") + count("not ip"), count("")) << name;
    EXPECT_GT(count("ip"), 0) << name;
  }
}

class DamageTest : public testing::TestWithParam<const char*> {};

TEST_P(DamageTest, PacketsBeforeItComeOut) {
  const std::string file = data_file(GetParam());
  const Outcome counted = run_bpfc({"-r", file, "--count", ""});
  EXPECT_EQ(counted.exit_code, 1);
  EXPECT_THAT(counted.err, HasSubstr("at byte "));
  EXPECT_THAT(counted.err, HasSubstr(GetParam()));
  const int count = std::stoi(counted.out);
  EXPECT_GT(count, 0);
  const Outcome printed = run_bpfc({"-r", file});
  EXPECT_EQ(printed.exit_code, 1);
  EXPECT_EQ(printed.err, counted.err);
  EXPECT_EQ(lines(printed.out), count);
  const Outcome judged = run_bpfc({"run", "", "-r", file});
  EXPECT_EQ(judged.exit_code, 1);
  EXPECT_EQ(lines(judged.out), count);
  const ScratchFolder folder;
  const Outcome written = run_bpfc({"-r", file, "-w", folder.path("out")});
  EXPECT_EQ(written.exit_code, 1);
  EXPECT_EQ(written.err, counted.err);
  const Outcome again = run_bpfc({"-r", folder.path("out"), "--count"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(again.out, counted.out);
  const Outcome before = run_bpfc({"-r", file, "-c", "1"});
  EXPECT_EQ(before.exit_code, 0) << "what is not read is not reported";
}

INSTANTIATE_TEST_SUITE_P(Captures, DamageTest,
                         testing::Values("broken-cut-in-block.pcapng", "broken-cut-in-header.pcap",
                                         "broken-cut-in-packet.pcap", "broken-length.pcap",
                                         "broken-no-such-interface.pcapng",
                                         "broken-trailer.pcapng"));

// A capture that gives far more lines than a pipe holds.
std::string long_capture() {
  const std::string once = file_contents(data_file("http4.pcap"));
  constexpr std::size_t kHeader = 24;
  std::string capture = once;
  while (capture.size() < 8000000) capture.append(once, kHeader);
  return capture;
}

TEST(ReadTest, CountsNothingWhereTheFilterFailsLate) {
  const Outcome outcome =
      run_bpfc({"-r", data_file("mixed-link-types.pcapng"), "--count", "ip or mpls"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find("LINUX_SLL2"), std::string::npos) << outcome.err;
}

TEST(ReadTest, SaysThatOtherLinkTypesHaveProgramsOfTheirOwn) {
  const Outcome outcome = run_bpfc({"-r", data_file("mixed-link-types.pcapng"), "-d", "ip"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.err.find("EN10MB"), std::string::npos) << outcome.err;
}

TEST(StreamTest, AClosedPipeIsReported) {
  const ScratchFolder folder;
  const std::string file = folder.write("long.pcap", long_capture());
  const std::vector<std::vector<std::string>> commands = {
      {"-r", file}, {"-r", file, "-w", "-"}, {"run", "tcp", "-r", file}};
  for (const auto& arguments : commands) {
    const Outcome outcome = run_bpfc(Invocation{.arguments = arguments, .close_after = 100});
    EXPECT_EQ(outcome.exit_code, 1) << outcome.signal;
    EXPECT_EQ(lines(outcome.err), 1) << outcome.err;
    EXPECT_THAT(outcome.err, ContainsRegex("standard output: .*Broken pipe"));
  }
}

TEST(StreamTest, AFullDiskIsReported) {
  const ScratchFolder folder;
  const std::string file = folder.write("long.pcap", long_capture());
  const std::string small = data_file("dns.pcap");
  const std::vector<std::vector<std::string>> commands = {{"tcp"},
                                                          {"-L"},
                                                          {"--help"},
                                                          {"--version"},
                                                          {"--dump=ast", "tcp"},
                                                          {"-r", small},
                                                          {"-r", file},
                                                          {"-r", file, "--count"},
                                                          {"-r", file, "-w", "-"},
                                                          {"-r", small, "-w", "-"},
                                                          {"run", "tcp", "-r", file},
                                                          {"run", "tcp", "--packet", "00"}};
  for (const auto& arguments : commands) {
    const Outcome outcome =
        run_bpfc(Invocation{.arguments = arguments, .output_path = "/dev/full"});
    EXPECT_EQ(outcome.exit_code, 1) << arguments.front();
    EXPECT_EQ(lines(outcome.err), 1) << outcome.err;
    EXPECT_THAT(outcome.err, ContainsRegex("standard output: .*No space left on device"));
  }
  for (const std::string& input : {small, file}) {
    const Outcome outcome = run_bpfc({"-r", input, "-w", "/dev/full"});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_EQ(lines(outcome.err), 1) << outcome.err;
    EXPECT_THAT(outcome.err, ContainsRegex("/dev/full: .*No space left on device"));
  }
}

TEST(StreamTest, ClosedStreamsAreNoFiles) {
  const ScratchFolder folder;
  const std::string output = folder.path("out.pcap");
  const std::string expected = file_contents(data_file("dns.pcap"));
  for (const auto& streams : std::vector<std::vector<int>>{{0}, {1}, {2}, {0, 1, 2}}) {
    const Outcome outcome =
        run_bpfc(Invocation{.arguments = {"-r", data_file("dns.pcap"), "-w", output, "--stats"},
                            .closed_streams = streams});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(file_contents(output), expected);
  }
  const Outcome lines_lost =
      run_bpfc(Invocation{.arguments = {"-r", data_file("dns.pcap")}, .closed_streams = {1}});
  EXPECT_EQ(lines_lost.exit_code, 1);
  EXPECT_THAT(lines_lost.err, HasSubstr("standard output: Bad file descriptor"));
  const Outcome no_input = run_bpfc(Invocation{.arguments = {"-F", "-"}, .closed_streams = {0}});
  EXPECT_EQ(no_input.exit_code, 1);
  EXPECT_THAT(no_input.err, HasSubstr("standard input: Bad file descriptor"));
}

// A chroot may have no devpts.
class TerminalTest : public testing::Test {
 protected:
  void SetUp() override {
    const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    if (terminal < 0) GTEST_SKIP() << "this machine gives no pseudo-terminals";
    close(terminal);
  }
};

TEST_F(TerminalTest, ColoursDiagnosticsOnly) {
  const Outcome coloured = run_bpfc_on_terminal(
      Invocation{.arguments = {"tcp prt 80"}, .environment = {{"NO_COLOR", ""}}});
  EXPECT_EQ(coloured.exit_code, 1);
  EXPECT_THAT(coloured.out, HasSubstr("\x1b[1;31merror:"));
  const Outcome plain = run_bpfc_on_terminal(
      Invocation{.arguments = {"tcp prt 80"}, .environment = {{"NO_COLOR", "1"}}});
  EXPECT_EQ(plain.exit_code, 1);
  EXPECT_EQ(plain.out.find('\x1b'), std::string::npos) << plain.out;
  const Outcome program = run_bpfc_on_terminal(Invocation{.arguments = {"tcp"}});
  EXPECT_EQ(program.exit_code, 0);
  EXPECT_EQ(program.out.find('\x1b'), std::string::npos) << program.out;
}

TEST_F(TerminalTest, ShowsProgressOfWhatTakesLong) {
  // A pipe that stays silent for a while stands for a long file.
  const ScratchFolder folder;
  const std::string pipe = folder.path("pipe");
  const std::string capture = folder.write("long.pcap", long_capture());
  const std::string script = "mkfifo " + pipe + "; (cat " + capture + "; sleep 1.5; tail -c +25 " +
                             capture + ") > " + pipe + " &";
  ASSERT_EQ(std::system(script.c_str()), 0);
  const Outcome counted =
      run_bpfc_on_terminal(Invocation{.arguments = {"-r", pipe, "--count", "tcp"}});
  EXPECT_EQ(counted.exit_code, 0) << counted.out;
  EXPECT_THAT(counted.out, HasSubstr(" packets, "));
  EXPECT_THAT(counted.out, HasSubstr("MiB\r\x1b[K"));
  const Outcome quick =
      run_bpfc_on_terminal(Invocation{.arguments = {"-r", data_file("dns.pcap"), "--count"}});
  EXPECT_EQ(quick.out.find('\x1b'), std::string::npos) << quick.out;
}

}  // namespace
}  // namespace bpfc::cli_test
