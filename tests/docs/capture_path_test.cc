// The commands of docs/capture-path.md, in one shell in a network namespace of the test's own,
// print what the page shows. With BPFC_REBASE=1 the page is rewritten to show what they print.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "document.h"
#include "judge/network_namespace.h"
#include "tests/cli/command_runner.h"

namespace bpfc::docs {
namespace {

constexpr const char* kPage = BPFC_SOURCE_DIR "/docs/capture-path.md";

std::string mark(std::size_t number) { return "== end of " + std::to_string(number) + " ==\n"; }

// Each number of a socket or process, which nobody can foresee, as N.
std::string without_numbers(std::string text) {
  for (const std::string before : {"socket ", "process: "}) {
    for (std::size_t at = text.find(before); at != std::string::npos; at = text.find(before, at)) {
      at += before.size();
      const std::size_t end = std::min(text.find_first_not_of("0123456789", at), text.size());
      if (end > at) text.replace(at, end - at, "N");
    }
  }
  return text;
}

// Bash keeps the jobs of a script in its process group, so that none outlives `timeout`.
std::string run_all(const std::vector<Example>& examples) {
  std::string script = "exec 2>&1; PATH='" BPFC_PROGRAM_DIR "':\"$PATH\"\n";
  for (std::size_t i = 0; i < examples.size(); ++i) {
    script += examples[i].command + "\nprintf '" + mark(i).substr(0, mark(i).size() - 1) + "\\n'\n";
  }
  const cli_test::ScratchFolder folder;
  return cli_test::run_program(cli_test::find_installed("timeout"),
                               {.arguments = {"-k", "1", "60", "bash", "-c", script},
                                .environment = {{"TMPDIR", folder.path("")}}})
      .out;
}

TEST(CapturePath, IsWhatThePageShows) {
  for (const char* needed : {"bash", "ip", "perl", "setpriv", "tcpdump", "timeout"}) {
    if (cli_test::find_installed(needed).empty()) GTEST_SKIP() << needed << " is not installed";
  }
  if (const auto why_not = judge::enter_network_namespace(); !why_not.empty()) {
    GTEST_SKIP() << why_not;
  }
  if (cli_test::file_contents("/proc/self/setgroups") == "deny\n") {
    GTEST_SKIP() << "tcpdump changes its groups, which this user namespace forbids";
  }
  std::vector<Example> examples = read_examples(kPage);
  ASSERT_FALSE(examples.empty());
  const bool rebase = std::getenv("BPFC_REBASE") != nullptr;
  const std::string output = run_all(examples);
  std::size_t begin = 0;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const std::size_t end = output.find(mark(i), begin);
    ASSERT_NE(end, std::string::npos) << "the shell ended: " << output.substr(begin);
    const std::string printed = output.substr(begin, end - begin);
    begin = end + mark(i).size();
    if (rebase) {
      examples[i].output = printed;
    } else {
      EXPECT_EQ(without_numbers(printed), without_numbers(examples[i].output))
          << kPage << ":" << examples[i].line << ": " << examples[i].command;
    }
  }
  if (rebase) rewrite_examples(kPage, examples);
}

}  // namespace
}  // namespace bpfc::docs
