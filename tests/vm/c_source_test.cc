// Functions in C, compiled by gcc as C99 and as C++ where every warning is an error, say what the
// interpreter says. Many stand in one file, so that gcc runs few times.
#include "bpfc/c_source.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "bpfc/interpreter.h"
#include "bpfc/listing.h"
#include "judge/packet_generator.h"
#include "tests/golden/golden_file.h"
#include "tests/vm/program_generator.h"
#include "vm/opcode.h"

namespace bpfc {
namespace {

using bpfc::testing::ProgramGenerator;
using ::testing::HasSubstr;
using ::testing::Not;

using Function = std::uint32_t (*)(const std::uint8_t*, std::uint32_t, std::uint32_t);

std::string function_name(std::size_t index) { return "filter_" + std::to_string(index); }

// A directory that goes away with this.
class Workshop {
 public:
  Workshop() {
    std::string path = (std::filesystem::temp_directory_path() / "bpfc_c_source_XXXXXX").string();
    if (mkdtemp(path.data()) != nullptr) path_ = path;
  }
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;
  ~Workshop() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// The programs of one file, as functions.
class CompiledPrograms {
 public:
  explicit CompiledPrograms(std::span<const VerifiedProgram> programs) {
    const std::string source = workshop_.file("filters.c");
    {
      std::ofstream file(source);
      for (std::size_t i = 0; i < programs.size(); ++i) {
        const std::string name = function_name(i);
        file << to_c_source(programs[i], {.name = name, .about = "*/ no comment /* \\"});
      }
    }
    constexpr const char* kWarnings = " -Wall -Wextra -pedantic -Werror ";
    const std::string object = workshop_.file("filters.so");
    const std::string compile =
        std::string("gcc -std=c99 -O1 -shared -fPIC") + kWarnings + source + " -o " + object;
    const std::string check =
        std::string("g++ -x c++ -std=c++11 -fsyntax-only") + kWarnings + source;
    if (std::system(compile.c_str()) != 0 || std::system(check.c_str()) != 0) return;
    library_ = dlopen(object.c_str(), RTLD_NOW | RTLD_LOCAL);
  }
  CompiledPrograms(const CompiledPrograms&) = delete;
  CompiledPrograms& operator=(const CompiledPrograms&) = delete;
  ~CompiledPrograms() {
    if (library_ != nullptr) dlclose(library_);
  }

  bool compiled() const { return library_ != nullptr; }
  Function function(std::size_t index) const {
    return reinterpret_cast<Function>(dlsym(library_, function_name(index).c_str()));
  }

 private:
  Workshop workshop_;
  void* library_ = nullptr;
};

std::uint32_t expected(const VerifiedProgram& program, std::span<const std::uint8_t> bytes,
                       std::uint32_t length) {
  return interpret(program, {.captured = bytes, .wire_length = length});
}

// The listings of all golden files.
std::vector<VerifiedProgram> golden_programs() {
  std::vector<VerifiedProgram> programs;
  for (const auto& entry : std::filesystem::directory_iterator(BPFC_SOURCE_DIR "/tests/golden")) {
    if (entry.path().extension() != ".txt" || entry.path().filename() == "CMakeLists.txt") continue;
    for (const golden::Entry& golden : golden::read_golden_file(entry.path())) {
      for (const std::string& text : {golden.optimized, golden.unoptimized}) {
        const std::size_t begin = text.find("(000)");
        if (begin == std::string::npos) continue;
        const auto program = parse_program(text.substr(begin));
        if (!program) continue;
        const Rules rules = programs.size() % 2 == 0 ? Rules::kKernel : Rules::kLibpcap;
        if (auto verified = verify(*program, rules)) programs.push_back(std::move(*verified));
      }
    }
  }
  return programs;
}

TEST(CSource, GoldenProgramsSayWhatTheInterpreterSays) {
  const std::vector<VerifiedProgram> programs = golden_programs();
  ASSERT_GE(programs.size(), 200U);
  const CompiledPrograms compiled(programs);
  ASSERT_TRUE(compiled.compiled());
  std::uint64_t accepted = 0;
  for (std::size_t i = 0; i < programs.size(); ++i) {
    constexpr std::uint64_t kEffort = 3'000;
    const VerifiedProgram* const one = &programs[i];
    judge::PacketGenerator packets({&one, 1}, i, kEffort);
    const Function function = compiled.function(i);
    ASSERT_NE(function, nullptr);
    for (const judge::TestPacket& packet : packets.branch_packets()) {
      const std::uint32_t verdict = expected(programs[i], packet.bytes, packet.wire_length);
      accepted += verdict != 0 ? 1 : 0;
      ASSERT_EQ(function(packet.bytes.data(), static_cast<std::uint32_t>(packet.bytes.size()),
                         packet.wire_length),
                verdict)
          << to_listing(programs[i].program());
    }
  }
  EXPECT_GT(accepted, 1000U);
}

TEST(CSource, RandomProgramsSayWhatTheInterpreterSays) {
  constexpr std::size_t kPrograms = 600;
  constexpr std::uint32_t kPacketLength = 64;
  ProgramGenerator random(testing::test_seed());
  std::vector<VerifiedProgram> programs;
  for (std::size_t i = 0; i < kPrograms; ++i) {
    programs.push_back(random.verified(1 + random.below(24), kPacketLength,
                                       i % 2 == 0 ? Rules::kKernel : Rules::kLibpcap));
  }
  const CompiledPrograms compiled(programs);
  ASSERT_TRUE(compiled.compiled());
  for (std::size_t i = 0; i < programs.size(); ++i) {
    const Function function = compiled.function(i);
    ASSERT_NE(function, nullptr);
    for (int round = 0; round < 200; ++round) {
      const std::vector<std::uint8_t> bytes = random.packet(random.below(kPacketLength + 8));
      const std::uint32_t length = random.below(100);
      ASSERT_EQ(function(bytes.data(), static_cast<std::uint32_t>(bytes.size()), length),
                expected(programs[i], bytes, length))
          << to_listing(programs[i].program());
    }
  }
}

VerifiedProgram libpcap_program(const char* text) {
  return *verify(*parse_program(text), Rules::kLibpcap);
}

// Back to the start as long as the byte at X is not 0; the last of them would never end.
TEST(CSource, LoopsEndAsTheInterpreterEndsThem) {
  const std::vector<VerifiedProgram> programs = {
      libpcap_program("7,80 0 0 0,21 3 0 0,4 0 0 1,7 0 0 0,5 0 0 4294967291,6 0 0 5,6 0 0 7"),
      libpcap_program("5,135 0 0 0,4 0 0 1,7 0 0 0,5 0 0 4294967292,6 0 0 1"),
      libpcap_program("6,135 0 0 0,4 0 0 1,7 0 0 0,37 1 0 262140,5 0 0 4294967291,22 0 0 0"),
      libpcap_program("6,135 0 0 0,4 0 0 1,7 0 0 0,37 1 0 209715,5 0 0 4294967291,22 0 0 0"),
      libpcap_program("6,135 0 0 0,4 0 0 1,7 0 0 0,37 1 0 209716,5 0 0 4294967291,22 0 0 0"),
      libpcap_program("6,135 0 0 0,4 0 0 1,7 0 0 0,37 1 0 209710,5 0 0 4294967291,22 0 0 0"),
  };
  const CompiledPrograms compiled(programs);
  ASSERT_TRUE(compiled.compiled());
  const std::vector<std::uint8_t> bytes = {3, 1, 4, 1, 5, 0, 2};
  for (std::size_t i = 0; i < programs.size(); ++i) {
    EXPECT_EQ(compiled.function(i)(bytes.data(), 7, 7), expected(programs[i], bytes, 7)) << i;
  }
}

TEST(CSource, ReadsLikeTheProgram) {
  const auto program = verify(*parse_program("6,48 0 0 23,21 0 3 1,40 0 0 12,21 0 1 2048,6 0 0 "
                                             "262144,6 0 0 0"),
                              Rules::kKernel);
  ASSERT_TRUE(program);
  EXPECT_EQ(to_c_source(*program, {.name = "is_icmp", .about = "icmp"}),
            R"(/* icmp */
#include <stdint.h>

uint32_t is_icmp(const uint8_t *packet, uint32_t captured, uint32_t length) {
  uint32_t a = 0;
  (void)length;
  if (captured < 24u) return 0;
  a = packet[23];                                /* (000) ldb      [23] */
  if (a != 0x1u) return 0u;                      /* (001) jeq      #0x1             jt 2 jf 5 */
  if (captured < 14u) return 0;
  a = (uint32_t)packet[12] << 8 | packet[13];    /* (002) ldh      [12] */
  if (a != 0x800u) return 0u;                    /* (003) jeq      #0x800           jt 4 jf 5 */
  return 262144u;                                /* (004) ret      #262144 */
}
)");
}

TEST(CSource, HasALabelOnlyWherePathsMeet) {
  const std::string text =
      to_c_source(libpcap_program("6,48 0 0 0,21 1 0 1,21 0 2 2,48 0 0 1,22 0 0 0,6 0 0 0"));
  EXPECT_THAT(text, HasSubstr("\nL3:\n"));
  EXPECT_THAT(text, Not(HasSubstr("L2:")));
  EXPECT_THAT(text, Not(HasSubstr("L5")));
}

}  // namespace
}  // namespace bpfc
