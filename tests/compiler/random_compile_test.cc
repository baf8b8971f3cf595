// BPFC_TEST_SEED and BPFC_RANDOM_COUNT of the environment choose the cases and their number.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "tests/compiler/compile_check.h"
#include "tests/compiler/random_filter.h"
#include "tests/vm/program_generator.h"

namespace bpfc {
namespace {

constexpr std::uint64_t kDefaultCount = 20'000;

TEST(RandomCompile, GivesDiagnosticsAndProgramsThatVerify) {
  const char* given = std::getenv("BPFC_RANDOM_COUNT");
  const std::uint64_t count = given == nullptr ? kDefaultCount : std::strtoull(given, nullptr, 0);
  testing::RandomFilter random(testing::test_seed());
  std::uint64_t compiled = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string text = random.text();
    const CompileOptions options = random.options();
    const testing::CompileCheck check = testing::check_compile(text, options);
    ASSERT_EQ(check.wrong, "") << "case " << i << ", " << options.link_type->name << ", target "
                               << static_cast<int>(options.target) << ", optimize "
                               << static_cast<int>(options.optimization) << ": " << text;
    if (check.compiles) ++compiled;
  }
  std::cout << compiled << " of " << count << " compile\n";
  EXPECT_GT(compiled, count / 20);
}

}  // namespace
}  // namespace bpfc
