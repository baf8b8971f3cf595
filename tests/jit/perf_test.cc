#include "bpfc/perf.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace bpfc {
namespace {

Jit some_code() {
  return Jit::compile(verify(Program{{0x06, 0, 0, 7}}, Rules::kKernel).value()).value();
}

TEST(PerfMap, NamesCode) {
  const std::string path = "/tmp/perf-" + std::to_string(::getpid()) + ".map";
  const Jit compiled =
      Jit::compile(verify(Program{{0x06, 0, 0, 7}}, Rules::kKernel).value()).value();
  ASSERT_TRUE(add_to_perf_map(compiled, "ip or\narp"));
  std::ifstream file(path);
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  std::ostringstream expected;
  expected << std::hex << reinterpret_cast<std::uintptr_t>(compiled.code().data()) << " "
           << compiled.code().size() << " bpfc:ip or arp";
  EXPECT_EQ(line, expected.str());
  EXPECT_FALSE(std::getline(file, line));
  ::unlink(path.c_str());
}

// By the specification: a header of 40 bytes, then records, each with its length in its second
// word.
TEST(PerfDump, HoldsCode) {
  const std::string folder =
      std::filesystem::temp_directory_path() / ("bpfc-perf-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const Jit compiled = some_code();
  std::string path;
  {
    auto made = PerfDump::in(folder);
    ASSERT_TRUE(made) << made.error();
    EXPECT_FALSE(PerfDump::in(folder));  // it exists
    PerfDump dump = *std::move(made);
    path = dump.path();
    ASSERT_TRUE(dump.add(compiled, "first"));
    ASSERT_TRUE(dump.add(compiled, "second"));
  }
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto word = [&](std::size_t at) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
  };
  EXPECT_EQ(bytes.substr(0, 4), "DTiJ");
  EXPECT_EQ(word(8), 40U);
  EXPECT_EQ(word(20), static_cast<std::uint32_t>(::getpid()));
  std::size_t at = 40;
  for (const std::string name : {"bpfc:first", "bpfc:second"}) {
    ASSERT_LT(at + 56, bytes.size());
    const std::size_t size = word(at + 4);
    EXPECT_EQ(word(at), 0U);
    EXPECT_EQ(size, 56 + name.size() + 1 + compiled.code().size());
    EXPECT_EQ(bytes.substr(at + 56, name.size()), name);
    const std::span<const std::uint8_t> code = compiled.code();
    EXPECT_EQ(bytes.substr(at + 56 + name.size() + 1, code.size()),
              std::string(code.begin(), code.end()));
    at += size;
  }
  EXPECT_EQ(at, bytes.size());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace bpfc
