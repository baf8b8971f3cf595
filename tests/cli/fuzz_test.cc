// bpfc fuzz: that it runs, says what it has done, and takes what it should.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command_runner.h"

namespace bpfc::cli_test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::StartsWith;

TEST(FuzzTest, FindsThatAllEnginesAgree) {
  const Outcome outcome = run_bpfc({"fuzz", "--seconds", "2", "--seed", "7"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, StartsWith("seed 7\n"));
  for (const char* row :
       {"\ninterpreter  .*  optimized ", "\nprepared interpreter  .*  unoptimized ",
        "\nJIT  .*  optimized ", "\nJIT, batch  .*  optimized "}) {
    EXPECT_THAT(outcome.out, ContainsRegex(row));
  }
  EXPECT_THAT(outcome.out, ContainsRegex("\n[1-9][0-9]* filters, [1-9][0-9]* random programs, "
                                         "[1-9][0-9]* packets, [1-9][0-9]* verdicts\n"));
  EXPECT_THAT(outcome.out, HasSubstr("\n0 disagreements\n"));
}

TEST(FuzzTest, SaysWhatItIsMadeFrom) {
  const Outcome outcome = run_bpfc({"fuzz", "--seconds=0"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, ContainsRegex("^seed [0-9]+\n"));
}

TEST(FuzzTest, RefusesWhatMakesNoSense) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"fuzz", "ip"},
                                             {"fuzz", "--seconds", "-1"},
                                             {"fuzz", "--seed", "x"},
                                             {"fuzz", "-W"},
                                             {"fuzz", "-r", "x"}}) {
    EXPECT_EQ(run_bpfc(arguments).exit_code, 2) << testing::PrintToString(arguments);
  }
  EXPECT_THAT(run_bpfc({"fuzz", "--help"}).out, HasSubstr("--seconds"));
}

}  // namespace
}  // namespace bpfc::cli_test
