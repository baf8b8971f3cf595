// verify() and interpret() under Rules::kLibpcap against bpf_validate() and bpf_filter().
#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include "bpfc/interpreter.h"
#include "bpfc/listing.h"
#include "tests/vm/program_generator.h"
#include "vm/opcode.h"

namespace bpfc {
namespace {

static_assert(sizeof(bpf_insn) == sizeof(Instruction));

const bpf_insn* raw(const Program& program) {
  return reinterpret_cast<const bpf_insn*>(program.data());
}

bool all_codes_valid(const Program& program) {
  for (const Instruction& instruction : program) {
    if (!decode(instruction.code)) return false;
  }
  return true;
}

TEST(LibpcapMachine, AcceptsWhatValidates) {
  testing::ProgramGenerator generator(testing::test_seed());
  int accepted = 0;
  for (int round = 0; round < 300'000; ++round) {
    const Program program = generator.nearly_valid(12, 40);
    const bool validates = bpf_validate(raw(program), static_cast<int>(program.size())) != 0;
    const bool verifies = verify(program, Rules::kLibpcap).has_value();
    ASSERT_EQ(verifies, validates && all_codes_valid(program)) << to_c_array(program);
    accepted += verifies ? 1 : 0;
  }
  EXPECT_GT(accepted, 30'000);
}

// Where libpcap's own result is defined: cells written before they are read, no shift by a constant
// of 32 or more, forward jumps. The kernel's rules make sure of that.
TEST(LibpcapMachine, RunsToTheSameVerdict) {
  testing::ProgramGenerator generator(testing::test_seed());
  int accepting = 0;
  for (int round = 0; round < 60'000; ++round) {
    const std::uint32_t length = generator.below(generator.one_in(3) ? 300 : 40);
    const Program program = generator.verified(24, length, Rules::kKernel).program();
    const auto verified = verify(program, Rules::kLibpcap);
    ASSERT_TRUE(verified);
    for (int i = 0; i < 5; ++i) {
      const auto bytes =
          generator.packet(generator.one_in(3) ? generator.below(length + 4) : length);
      const auto captured = static_cast<std::uint32_t>(bytes.size());
      const std::uint32_t wire_length = captured + (generator.one_in(2) ? generator.below(9) : 0);
      const std::uint32_t ours =
          interpret(*verified, {.captured = bytes, .wire_length = wire_length});
      ASSERT_EQ(ours, bpf_filter(raw(program), bytes.data(), wire_length, captured))
          << to_listing(program) << captured;
      accepting += ours != 0 ? 1 : 0;
    }
  }
  EXPECT_GT(accepting, 60'000);
}

}  // namespace
}  // namespace bpfc
