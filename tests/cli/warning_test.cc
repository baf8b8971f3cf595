// Which warnings the options choose, and that nothing else depends on them.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "command_runner.h"

namespace bpfc::cli_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Three kinds: two of the usual ones, and one that has to be asked for.
const std::string kSurprising = "vlan or not port 80 or 443";
const std::string kNothing = "len < 0";

// The names in `[-WNAME]`, in order.
std::string named(const std::string& text) {
  std::string names;
  for (std::size_t at = text.find("[-W"); at != std::string::npos; at = text.find("[-W", at + 1)) {
    names += text.substr(at + 3, text.find(']', at) - at - 3) + " ";
  }
  return names;
}

struct Choice {
  std::vector<std::string> options;
  std::string names;
};

void PrintTo(const Choice& choice, std::ostream* stream) {
  *stream << testing::PrintToString(choice.options);
}

class WarningChoiceTest : public testing::TestWithParam<Choice> {};

TEST_P(WarningChoiceTest, ShowsTheseAndChangesNoProgram) {
  std::vector<std::string> arguments = GetParam().options;
  arguments.push_back(kSurprising);
  const Outcome outcome = run_bpfc(arguments);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(named(outcome.err), GetParam().names) << outcome.err;
  EXPECT_EQ(outcome.out, run_bpfc({"-Wno-all", kSurprising}).out);
}

INSTANTIATE_TEST_SUITE_P(
    Options, WarningChoiceTest,
    testing::Values(Choice{{}, ""}, Choice{{"-W"}, "moved-headers partial-not "},
                    Choice{{"-dW"}, "moved-headers partial-not "},
                    Choice{{"-Wall"}, "moved-headers partial-not fragments "},
                    Choice{{"-Wfragments"}, "fragments "},
                    Choice{{"-Wfragments", "-Wpartial-not"}, "partial-not fragments "},
                    Choice{{"-W", "-Wno-partial-not"}, "moved-headers "},
                    Choice{{"-Wno-partial-not", "-W"}, "moved-headers partial-not "},
                    Choice{{"-Wall", "-Wno-moved-headers", "-Wno-fragments"}, "partial-not "},
                    Choice{{"-Wall", "-Wno-all"}, ""},
                    Choice{{"-Wno-all", "-Wfragments"}, "fragments "},
                    Choice{{"-Wdead-branch"}, ""}, Choice{{"-Wno-fragments"}, ""}));

TEST(WarningTest, OfNothingToMatchIsAlwaysThere) {
  EXPECT_EQ(named(run_bpfc({kNothing}).err), "never-matches ");
  EXPECT_EQ(named(run_bpfc({"-Wall", kNothing}).err), "never-matches ");
  EXPECT_EQ(run_bpfc({"-Wno-never-matches", kNothing}).err, "");
  EXPECT_EQ(run_bpfc({"-Wno-all", kNothing}).err, "");
}

TEST(WarningTest, ShowsPlaceAndBetterSpelling) {
  EXPECT_EQ(run_bpfc({"-W", "vlan 100 or tcp port 80"}).err,
            "filter:1:13: warning: 'vlan 100' moves the headers of all to its right, so this is "
            "looked for behind a VLAN tag, also in packets that have none [-Wmoved-headers]\n"
            "  vlan 100 or tcp port 80\n"
            "              ^~~~~~~~~~~\n"
            "  perhaps: tcp port 80 or vlan 100\n");
}

TEST(WarningTest, OptionsStandAnywhereButBehindTheMark) {
  EXPECT_EQ(named(run_bpfc({"not port 80", "-W", "or 443"}).err), "partial-not ");
  EXPECT_EQ(named(run_bpfc({"-W", "--", "not port 80", "or 443"}).err), "partial-not ");
  EXPECT_EQ(named(run_bpfc({"-W", "--", "5", "= 5 or (ip and ip6)"}).err), "dead-branch ");
  const Outcome behind = run_bpfc({"--", "tcp", "-W"});
  EXPECT_EQ(behind.exit_code, 1);
  EXPECT_THAT(behind.err, HasSubstr("tcp -W"));
  // The value of another option.
  const Outcome value = run_bpfc({"-F", "-Wall"});
  EXPECT_EQ(value.exit_code, 1);
  EXPECT_THAT(value.err, HasSubstr("-Wall: No such file"));
}

TEST(WarningTest, OfACaptureCompilesForItsLinkType) {
  const Outcome ethernet = run_bpfc({"-r", data_file("dns.pcap"), "--count", "-W", "icmp or arp"});
  EXPECT_EQ(ethernet.err, "");
  const Outcome raw = run_bpfc({"-r", data_file("raw.pcap"), "--count", "-W", "icmp or arp"});
  EXPECT_EQ(named(raw.err), "dead-branch ");
  // Once, whatever the file holds.
  const Outcome mixed =
      run_bpfc({"-r", data_file("mixed-link-types.pcapng"), "--count", "-W", kSurprising});
  EXPECT_EQ(named(mixed.err), "moved-headers partial-not ") << mixed.err;
}

TEST(WarningTest, OfAVerdict) {
  const Outcome outcome = run_bpfc({"run", "-W", "not port 80 or 443", "--packet", "00"});
  EXPECT_EQ(named(outcome.err), "partial-not ");
  EXPECT_EQ(outcome.out, "0\n");
}

TEST(WarningTest, ComesByItselfOnATerminal) {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0) GTEST_SKIP() << "this machine gives no pseudo-terminals";
  close(terminal);
  const auto on_terminal = [](std::vector<std::string> arguments) {
    return run_bpfc_on_terminal(
        Invocation{.arguments = std::move(arguments), .environment = {{"NO_COLOR", "1"}}});
  };
  const Outcome plain = on_terminal({kSurprising});
  EXPECT_EQ(named(plain.out), "moved-headers partial-not ") << plain.out;
  EXPECT_EQ(named(on_terminal({"-Wno-moved-headers", kSurprising}).out), "partial-not ");
  EXPECT_EQ(named(on_terminal({"-Wfragments", kSurprising}).out),
            "moved-headers partial-not fragments ");
  EXPECT_EQ(named(on_terminal({"-Wno-all", kSurprising}).out), "");
}

TEST(WarningTest, HelpListsEveryKind) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--help"}, {"run", "--help"}}) {
    EXPECT_THAT(run_bpfc(arguments).out,
                AllOf(HasSubstr("never-matches"), HasSubstr("program-too-long"),
                      HasSubstr("moved-headers"), HasSubstr("partial-not"), HasSubstr("ipv4-only"),
                      HasSubstr("dead-branch"), HasSubstr("fragments"), Not(HasSubstr("unknown"))));
  }
}

}  // namespace
}  // namespace bpfc::cli_test
