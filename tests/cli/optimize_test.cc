// bpfc optimize: programs that are there already.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command_runner.h"

namespace bpfc::cli_test {
namespace {

using testing::HasSubstr;

Outcome optimized(const std::string& program, std::vector<std::string> options = {}) {
  std::vector<std::string> arguments = {"optimize", "--program", "-"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return run_bpfc(Invocation{.arguments = arguments, .input = program});
}

TEST(OptimizeTest, PrintsAShorterProgram) {
  // len >= 60, as tcpdump -O has it.
  const Outcome outcome = optimized(
      "(000) ld #0x3c\n(001) st M[1]\n(002) ld #pktlen\n(003) st M[0]\n(004) ldx M[1]\n"
      "(005) ld M[0]\n(006) jge x jt 7 jf 8\n(007) ret #262144\n(008) ret #0\n",
      {"--stats"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "(000) ldx      #0x3c\n"
            "(001) ld       #pktlen\n"
            "(002) jge      x                jt 3\tjf 4\n"
            "(003) ret      #262144\n"
            "(004) ret      #0\n");
  EXPECT_THAT(outcome.err, HasSubstr("5 instructions, 9 before"));
}

TEST(OptimizeTest, ReadsAndPrintsEveryForm) {
  for (const char* form : {"-d", "-dd", "-ddd"}) {
    const std::string program = run_bpfc({"-O", form, "tcp port 80"}).out;
    const Outcome outcome = optimized(program, {form});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_LE(outcome.out.size(), program.size());
    EXPECT_EQ(optimized(outcome.out, {form}).out, outcome.out);
  }
}

TEST(OptimizeTest, LeavesOutWhatNoPacketNeeds) {
  // As tcpdump -O has it, the protocol is asked for twice.
  const std::string program = run_bpfc({"-O", "-ddd", "tcp port 80 or tcp port 443"}).out;
  const Outcome plain = optimized(program, {"-ddd"});
  const Outcome full = optimized(program, {"--full", "-ddd"});
  EXPECT_EQ(full.exit_code, 0) << full.err;
  EXPECT_LT(std::stoi(full.out) + 5, std::stoi(plain.out));
  const Outcome proof = run_bpfc(
      Invocation{.arguments = {"equiv", "@-", "tcp port 80 or tcp port 443"}, .input = full.out});
  EXPECT_EQ(proof.exit_code, 0) << proof.out << proof.err;
}

TEST(OptimizeTest, IsProvedByEquiv) {
  const std::string program = run_bpfc({"-O", "ip[8] & 1 = 0"}).out;
  const std::string shorter = optimized(program).out;
  EXPECT_LT(shorter.size(), program.size());
  const Outcome outcome =
      run_bpfc(Invocation{.arguments = {"equiv", "@-", "ip[8] & 1 = 0"}, .input = shorter});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
}

TEST(OptimizeTest, RefusesWhatIsNoProgram) {
  EXPECT_EQ(optimized("no program").exit_code, 1);
  const Outcome outcome = optimized("(000) ld M[99]\n(001) ret #0\n");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(run_bpfc({"optimize"}).exit_code, 2);
  EXPECT_EQ(run_bpfc({"optimize", "--program", "no-such-file"}).exit_code, 1);
  EXPECT_EQ(run_bpfc({"optimize", "--program", "-", "tcp"}).exit_code, 2);
}

}  // namespace
}  // namespace bpfc::cli_test
