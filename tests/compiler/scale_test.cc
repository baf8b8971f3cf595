// Large filters: what they cost grows with their size, and not faster.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/resource.h>

#include <ctime>
#include <functional>
#include <iostream>

#include "bpfc/compile.h"
#include "bpfc/verify.h"

namespace bpfc {
namespace {

std::string joined(std::uint32_t count, const std::function<std::string(std::uint32_t)>& term) {
  std::string text;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i > 0) text += " or ";
    text += term(i);
  }
  return text;
}

// Of this process: what else the machine does is no part of it.
double seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double compile_seconds(const std::string& text, Optimization level) {
  CompileOptions options;
  options.optimization = level;
  const double start = seconds();
  const auto compiled = compile(text, options);
  const double took = seconds() - start;
  EXPECT_TRUE(compiled) << compiled.error().message;
  if (compiled) {
    EXPECT_TRUE(verify(compiled->program, Rules::kLibpcap));
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::cout << fmt::format(
        "{} bytes of text, level {}: {} instructions, {:.0f} ms, at most {} MiB "
        "so far\n",
        text.size(), static_cast<int>(level), compiled->program.size(), took * 1000,
        usage.ru_maxrss / 1024);
  }
  return took;
}

// What is freed stays with the process, so that the better of two runs has not paid for the first
// touch of each page: on a virtual machine that is most of the time of a large run.
void keep_memory() {
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
}

// Ten times the terms: ten times the work and some cache misses; a quadratic step would make it
// 100.
void expect_near_linear(const std::function<std::string(std::uint32_t)>& term,
                        std::uint32_t count) {
  constexpr double kMostGrowth = 30;
  keep_memory();
  const std::string small = joined(count / 10, term);
  const std::string large = joined(count, term);
  for (const Optimization level : {Optimization::kDefault, Optimization::kNone}) {
    const double before = std::min(compile_seconds(small, level), compile_seconds(small, level));
    const double after = std::min(compile_seconds(large, level), compile_seconds(large, level));
    EXPECT_LT(after, before * kMostGrowth);
  }
}

std::string address(std::uint32_t number) {
  return fmt::format("{}.{}.{}.{}", number >> 24U, number >> 16U & 0xffU, number >> 8U & 0xffU,
                     number & 0xffU);
}

TEST(Scale, HundredThousandHosts) {
  expect_near_linear(
      [](std::uint32_t i) { return "host " + address(0x0a000000U + i * 7919U % 0x1000000U); },
      100'000);
}

TEST(Scale, TenThousandPorts) {
  expect_near_linear([](std::uint32_t i) { return fmt::format("port {}", i * 5); }, 10'000);
}

TEST(Scale, TenThousandNets) {
  expect_near_linear(
      [](std::uint32_t i) { return fmt::format("net {}/24", address(0x0a000000U + (i << 8U))); },
      10'000);
}

TEST(Scale, TenThousandIpv6Hosts) {
  expect_near_linear([](std::uint32_t i) { return fmt::format("host 2001:db8::{:x}", i); }, 10'000);
}

TEST(Scale, LongRowsOfAnd) {
  expect_near_linear(
      [](std::uint32_t i) { return fmt::format("not host {} and ip", address(i + 1)); }, 10'000);
}

TEST(Scale, DeepParenthesesAndNots) {
  constexpr std::size_t kDepth = 10'000;
  for (const Optimization level : {Optimization::kDefault, Optimization::kNone}) {
    CompileOptions options;
    options.optimization = level;
    EXPECT_TRUE(compile(std::string(kDepth, '(') + "tcp" + std::string(kDepth, ')'), options));
    std::string nots;
    std::string both;
    for (std::size_t i = 0; i < kDepth; ++i) nots += "not ";
    for (std::size_t i = 0; i < kDepth / 2; ++i) both += fmt::format("(port {} or not ", i);
    const auto plain = compile("tcp", options);
    const auto negated = compile(nots + "tcp", options);
    ASSERT_TRUE(plain && negated);
    EXPECT_EQ(negated->program, plain->program);
    const auto mixed = compile(both + "udp" + std::string(kDepth / 2, ')'), options);
    ASSERT_TRUE(mixed) << mixed.error().message;
    EXPECT_TRUE(verify(mixed->program, Rules::kLibpcap));
  }
}

TEST(Scale, DeepArithmeticIsRefusedOrCompiles) {
  for (const std::size_t depth : {std::size_t{100}, std::size_t{1000}, std::size_t{9000}}) {
    std::string sum = "len";
    for (std::size_t i = 0; i < depth; ++i) sum += " + ip[0]";
    std::string nested;
    for (std::size_t i = 0; i < depth; ++i) nested += "(1 + ";
    for (const std::string& text : {sum + " = 5", nested + "len" + std::string(depth, ')') + " = 5",
                                    std::string(depth, '-') + "len = 5"}) {
      const auto compiled = compile(text, CompileOptions{});
      if (!compiled) {
        EXPECT_TRUE(compiled.error().code == DiagnosticCode::kTooComplex ||
                    compiled.error().code == DiagnosticCode::kTooDeep)
            << compiled.error().message;
      }
    }
  }
}

}  // namespace
}  // namespace bpfc
