#include "jit/executable_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace bpfc::jit {
namespace {

// mov eax, VALUE; ret
std::vector<std::uint8_t> returning(std::uint8_t value) {
  return {0xb8, value, 0x00, 0x00, 0x00, 0xc3};
}

using Number = int (*)();

// How /proc/self/maps describes the mapping that holds `address`, such as `r-xp`; empty: none does.
std::string permissions(std::uintptr_t address) {
  std::ifstream maps("/proc/self/maps");
  std::string line;
  while (std::getline(maps, line)) {
    std::size_t read = 0;
    const std::uintptr_t begin = std::stoull(line, &read, 16);
    const std::uintptr_t end = std::stoull(line.substr(read + 1), nullptr, 16);
    if (begin <= address && address < end) return line.substr(line.find(' ') + 1, 4);
  }
  return {};
}

TEST(ExecutableMemory, RunsWhatItHolds) {
  const auto memory = ExecutableMemory::holding(returning(42));
  ASSERT_TRUE(memory.has_value()) << memory.error();
  EXPECT_EQ(memory->function<Number>()(), 42);
  EXPECT_THAT(memory->code(), testing::ElementsAreArray(returning(42)));
}

TEST(ExecutableMemory, AFunctionMayStartInside) {
  std::vector<std::uint8_t> code = returning(1);
  for (const std::uint8_t byte : returning(2)) code.push_back(byte);
  const auto memory = ExecutableMemory::holding(code);
  ASSERT_TRUE(memory.has_value()) << memory.error();
  EXPECT_EQ(memory->function<Number>()(), 1);
  EXPECT_EQ(memory->function<Number>(6)(), 2);
}

TEST(ExecutableMemory, IsNeverWritableAndHasGuards) {
  constexpr std::size_t kPage = 4096;
  const std::vector<std::uint8_t> code(kPage + 1, 0xc3);
  const auto memory = ExecutableMemory::holding(code);
  ASSERT_TRUE(memory.has_value()) << memory.error();
  const auto address = reinterpret_cast<std::uintptr_t>(memory->code().data());
  EXPECT_EQ(permissions(address - 1), "---p");
  EXPECT_EQ(permissions(address), "r-xp");
  EXPECT_EQ(permissions(address + 2 * kPage - 1), "r-xp");
  EXPECT_EQ(permissions(address + 2 * kPage), "---p");
  // What follows the code stops who gets there.
  EXPECT_EQ(memory->code().data()[code.size()], 0xcc);
}

TEST(ExecutableMemory, Moves) {
  auto first = ExecutableMemory::holding(returning(1));
  auto second = ExecutableMemory::holding(returning(2));
  ASSERT_TRUE(first.has_value() && second.has_value());
  const auto address = reinterpret_cast<std::uintptr_t>(first->code().data());
  ExecutableMemory moved = std::move(*first);
  EXPECT_EQ(moved.function<Number>()(), 1);
  moved = std::move(*second);
  EXPECT_EQ(moved.function<Number>()(), 2);
  EXPECT_NE(permissions(address), "r-xp");
}

TEST(ExecutableMemory, MayHoldNothing) {
  const auto memory = ExecutableMemory::holding({});
  ASSERT_TRUE(memory.has_value()) << memory.error();
  EXPECT_TRUE(memory->code().empty());
}

}  // namespace
}  // namespace bpfc::jit
