// bpfc where names cannot be had: a diagnostic in time, and the end of the program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <chrono>
#include <future>
#include <string>
#include <vector>

#include "command_runner.h"
#include "tests/compiler/private_etc.h"

namespace bpfc::cli_test {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;

// What SystemNameResolver waits for one name, and what the program and a loaded machine may add.
constexpr seconds kTimeout{10};
constexpr seconds kLate{5};

class NamesThatCannotBeHad : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string& reason = bpfc::testing::enter_private_namespaces();
    if (!reason.empty()) GTEST_SKIP() << reason;
  }

  // The diagnostics of the filter, which come in time.
  static std::string refusal(const std::string& filter, seconds limit) {
    const auto start = Clock::now();
    const Outcome outcome = run_bpfc({filter});
    EXPECT_LT(Clock::now() - start, limit) << filter;
    EXPECT_FALSE(outcome.timed_out) << filter;
    EXPECT_EQ(outcome.exit_code, 1) << filter << "\n" << outcome.err;
    EXPECT_EQ(outcome.out, "") << filter;
    return outcome.err;
  }

  ScratchFolder files_;
};

// Neither would end for minutes: the C library waits for the name server that long, and for ever
// for a file that blocks whoever opens it, as on a file server that is away. The program leaves the
// late call behind, and ends.
TEST_F(NamesThatCannotBeHad, BecauseNobodyAnswers) {
  files_.write("nsswitch.conf", "hosts: files dns\n");
  files_.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:30 attempts:5\n");
  ASSERT_EQ(mkfifo(files_.path("ethers").c_str(), 0600), 0);
  const bpfc::testing::SilentNameServer server;
  const bpfc::testing::PrivateEtc etc(files_.path(""));
  struct Case {
    const char* filter;
    const char* expected;
  };
  const std::array cases = {
      // The first name ends it: there is one time to wait, not two.
      Case{"host nobody or host somebody",
           "unknown host 'nobody': the system's name service did not answer in time\n"
           "  host nobody or host somebody\n"
           "       ^~~~~~\n"},
      // The compiler tries what it proposes instead: names are asked for there, once.
      Case{"tcp 80 or host nobody", "'80' cannot stand here"},
      Case{"ether host nobody", "unknown ether host 'nobody'"},
  };
  std::vector<std::future<std::string>> errors;
  for (const Case& c : cases) {
    errors.push_back(std::async(std::launch::async, refusal, c.filter, kTimeout + kLate));
  }
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_THAT(errors[i].get(), HasSubstr(cases[i].expected)) << cases[i].filter;
  }
}

TEST_F(NamesThatCannotBeHad, BecauseNoNameServerIsReached) {
  files_.write("nsswitch.conf", "hosts: files dns\n");
  files_.write("resolv.conf", "nameserver 192.0.2.1\n");
  const bpfc::testing::PrivateEtc etc(files_.path(""));
  EXPECT_THAT(refusal("host nobody", kLate), HasSubstr("unknown host 'nobody': "));
}

TEST_F(NamesThatCannotBeHad, BecauseThereAreNoFiles) {
  const bpfc::testing::PrivateEtc etc(files_.path(""));
  struct Case {
    const char* filter;
    const char* expected;
  };
  for (const Case& c : {
           Case{"net nowhere", "unknown network 'nowhere'"},
           Case{"ether host nobody", "unknown ether host 'nobody'"},
           Case{"gateway nobody", "unknown ether host 'nobody'"},
           Case{"port nothing", "unknown port 'nothing'"},
           Case{"portrange 80-nothing", "unknown port 'nothing'"},
           Case{"ip proto nothing", "unknown protocol 'nothing'"},
           Case{"host nobody", "unknown host 'nobody'"},
       }) {
    EXPECT_THAT(refusal(c.filter, kLate), HasSubstr(c.expected)) << c.filter;
  }
}

TEST_F(NamesThatCannotBeHad, ButTheOthersCan) {
  const bpfc::testing::PrivateEtc etc(data_file("names"));
  const Outcome outcome = run_bpfc({"-O", "-d", "host multi and port http and ether host alpha"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out, HasSubstr("0xa010204"));
}

}  // namespace
}  // namespace bpfc::cli_test
