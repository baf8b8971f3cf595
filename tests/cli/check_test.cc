// bpfc check: agreement, mutants and the commands that show them again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "command_runner.h"

namespace bpfc::cli_test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Outcome check(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "check");
  return run_bpfc(std::move(arguments));
}

// The rest of the line that begins so.
std::string rest_of_line(const std::string& text, const std::string& start) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(start)) return line.substr(start.size());
  }
  return {};
}

// As a shell runs it, where it finds bpfc.
Outcome run_command(const std::string& command) {
  return run_program("/bin/sh",
                     {.arguments = {"-c", "PATH='" BPFC_PROGRAM_DIR "':$PATH; " + command}});
}

// The listing with one word of it replaced, as a file.
std::string mutant(const ScratchFolder& folder, const std::string& filter, const std::string& from,
                   const std::string& to) {
  std::string text = run_bpfc({"-d", filter}).out;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << text;
  return folder.write("mutant", text.replace(at, from.size(), to));
}

TEST(CheckTest, EnginesAgree) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"tcp port 80"},
           {"tcp", "dst", "portrange", "8000-9000", "--random=500"},
           {"vlan 5 and udp", "--linux-ext", "-r", data_file("vlan.pcap")},
           {"", "-O"},
           {"port 53", "-y", "LINUX_SLL2", "--random", "0x100"},
           {"tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420", "-r", data_file("http4.pcap")},
           {"port 53 or arp", "-r", data_file("mixed-link-types.pcapng")},
           {"ip broadcast", "-m", "255.255.255.0", "-s", "96", "--random", "0"}}) {
    const Outcome outcome = check(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
    EXPECT_EQ(outcome.err, "");
    EXPECT_THAT(outcome.out, StartsWith("engine "));
    EXPECT_THAT(outcome.out, HasSubstr("\n0 disagreements\n")) << outcome.out;
    EXPECT_THAT(outcome.out, HasSubstr("interpreter "));
    EXPECT_THAT(outcome.out, HasSubstr("AF_UNIX "));
    EXPECT_THAT(outcome.out, HasSubstr("AF_PACKET "));
    // Of the lowered program some ways are closed, since it asks the same thing twice.
    EXPECT_THAT(rest_of_line(outcome.out, "branches: optimized: "), Not(HasSubstr("; not")));
  }
}

TEST(CheckTest, SaysTheSameForTheSameSeed) {
  const Outcome first = check({"icmp or vlan", "--seed", "7"});
  EXPECT_EQ(first.exit_code, 0);
  EXPECT_THAT(first.out, HasSubstr("10000 random; seed 7\n"));
  EXPECT_EQ(check({"icmp or vlan", "--seed=7"}).out, first.out);
  EXPECT_NE(check({"icmp or vlan", "--seed=8"}).out, first.out);
}

TEST(CheckTest, FindsAMutantAndShowsItAgain) {
  const ScratchFolder folder;
  struct Mutant {
    const char* filter;
    const char* from;
    const char* to;
  };
  for (const auto& [filter, from, to] :
       {Mutant{"tcp port 80", "#0x50 ", "#0x51 "}, Mutant{"tcp port 80", "[12]", "[13]"},
        Mutant{"udp port 53 and host 10.0.0.1", "jt 12", "jt 10"},
        Mutant{"ip[8] > 5 or len > 99", "jge ", "jgt "},
        Mutant{"ip[8] > 5", "ret      #0", "ret      #1"}}) {
    const std::string program = mutant(folder, filter, from, to);
    const Outcome outcome = check({"--program", program, filter, "--random", "2000"});
    EXPECT_EQ(outcome.exit_code, 1) << filter << outcome.out;
    EXPECT_THAT(outcome.out, Not(HasSubstr("\n0 disagreements")));
    const std::string command = rest_of_line(outcome.out, "to see it again: ");
    ASSERT_THAT(command, StartsWith("bpfc check --program ")) << outcome.out;
    const Outcome again = run_command(command);
    EXPECT_EQ(again.exit_code, 1) << command << again.out << again.err;
    EXPECT_THAT(again.out, HasSubstr("(not so unoptimized: ")) << again.out;
  }
}

// What the file holds is looked for in the file's own link type and byte order.
TEST(CheckTest, ShowsDisagreementsOnCapturesAgain) {
  const ScratchFolder folder;
  const std::string program = folder.write("program", run_bpfc({"-d", "-y", "NULL", "ip6"}).out);
  const Outcome outcome =
      check({"--program", program, "ip", "-r", data_file("null-big-endian.pcap"), "-s", "77"});
  EXPECT_EQ(outcome.exit_code, 1);
  const std::string command = rest_of_line(outcome.out, "to see it again: ");
  EXPECT_THAT(command, HasSubstr(" -y NULL -s 77 --savefile=swapped ")) << command;
  const Outcome again = run_command(command);
  EXPECT_EQ(again.exit_code, 1) << command << again.out;
}

TEST(CheckTest, ShowsWhatTheKernelTellsAgain) {
  const ScratchFolder folder;
  const std::string program =
      folder.write("program", run_bpfc({"-d", "--linux-ext", "ifindex 6"}).out);
  const Outcome outcome = check({"--program", program, "--linux-ext", "ifindex 5", "--random=0"});
  EXPECT_EQ(outcome.exit_code, 1);
  const std::string command = rest_of_line(outcome.out, "to see it again: ");
  EXPECT_THAT(command, HasSubstr("--ancillary ifidx=")) << command;
  EXPECT_EQ(run_command(command).exit_code, 1) << command;
}

TEST(CheckTest, AHandMadeProgramIsTheFilter) {
  const ScratchFolder folder;
  // It keeps other lengths of what it accepts, but no packet is as long.
  const std::string program = folder.write(
      "program", "6,40 0 0 12,21 0 3 2048,48 0 0 23,21 0 1 1,6 0 0 4294967295,6 0 0 0,");
  EXPECT_EQ(check({"--program", program, "icmp"}).exit_code, 0);
  EXPECT_EQ(check({"--program", program, "icmp or arp"}).exit_code, 1);
  EXPECT_EQ(check({"--program", program}).exit_code, 0);
  const Outcome piped = run_bpfc(Invocation{.arguments = {"check", "--program", "-", "icmp"},
                                            .input = file_contents(program)});
  EXPECT_EQ(piped.exit_code, 0) << piped.out << piped.err;
}

TEST(CheckTest, SaysWhichJudgesItCannotUse) {
  const ScratchFolder folder;
  std::string filter = "len = 0";
  for (int i = 1; i < 4200; ++i) filter += " or len = " + std::to_string(i);
  const std::string file = folder.write("filter", filter);
  const Outcome large = check({"-F", file, "-Wno-all", "--random=10"});
  EXPECT_EQ(large.exit_code, 0);
  EXPECT_THAT(large.out, HasSubstr("AF_UNIX not used: the kernel does not take the unoptimized "
                                   "program: the program has "));
  EXPECT_THAT(large.out, HasSubstr("AF_PACKET not used: "));
  EXPECT_THAT(check({"-y", "RAW", "ip", "--random=10"}).out,
              HasSubstr("AF_PACKET not used: its frames are of EN10MB, and the filter is for RAW"));
  const std::string random = folder.write("random", "2,32 0 0 4294963256,22 0 0 0");
  EXPECT_THAT(check({"--program", random, "--random=10"}).out,
              HasSubstr("AF_UNIX not used: a program loads a random number"));
}

TEST(CheckTest, OnePacketIsJudgedByAll) {
  const Outcome outcome = check({"ip", "--packet", "00000000000000000000000008 00"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("interpreter            optimized    accepts, keeping 14"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("seed")));
  EXPECT_THAT(check({"len = 20", "--packet", "00", "--wirelen", "20"}).out, HasSubstr("accepts"));
  EXPECT_THAT(
      check({"vlan 5", "--linux-ext", "--packet", "00", "--ancillary", "vlanp=1,vlan_tci=5"}).out,
      HasSubstr("accepts"));
}

TEST(CheckTest, RefusesWhatMakesNoSense) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"--program", "x", "-y", "RAW"},
                                             {"--program", "x", "-W"},
                                             {"ip", "--packet", "00", "--seed", "1"},
                                             {"ip", "--packet", "00", "-r", "x"},
                                             {"ip", "--packet", "0"},
                                             {"ip", "--packet", "00", "--ancillary", "nothing=1"},
                                             {"ip", "--packet", "00", "--ancillary", "vlanp=2"},
                                             {"ip", "--wirelen", "1"},
                                             {"ip", "--ancillary", "vlanp=1"},
                                             {"--program", "-", "-F", "-"},
                                             {"ip", "--random", "-1"}}) {
    EXPECT_EQ(check(arguments).exit_code, 2) << testing::PrintToString(arguments);
  }
  EXPECT_EQ(check({"tcp and udp"}).exit_code, 1);
  EXPECT_EQ(check({"ip", "-r", data_file("broken-length.pcap")}).exit_code, 1);
  EXPECT_EQ(check({"--program", "/nonexistent"}).exit_code, 1);
}

}  // namespace
}  // namespace bpfc::cli_test
