#include "bpfc/jit.h"

#include <gtest/gtest.h>

#include "bpfc/interpreter.h"
#include "bpfc/listing.h"
#include "tests/jit/guarded_packets.h"
#include "tests/vm/program_generator.h"

namespace bpfc {
namespace {

std::uint32_t run(const VerifiedProgram& program, const Packet& packet) {
  return Jit::compile(program).value().run(packet);
}

TEST(Jit, SaysWhatTheInterpreterSays) {
  testing::ProgramGenerator random(testing::test_seed());
  for (int round = 0; round < 3000; ++round) {
    const Rules rules = random.one_in(2) ? Rules::kKernel : Rules::kLibpcap;
    const VerifiedProgram program = random.verified(random.one_in(4) ? 100 : 25, 40, rules);
    const auto compiled = Jit::compile(program);
    ASSERT_TRUE(compiled) << compiled.error();
    testing::GuardedPackets packets;
    for (int i = 0; i < 30; ++i) packets.add(random.packet(random.below(60)), random.below(100));
    for (const PacketView& view : packets.views()) {
      Ancillary ancillary;
      ancillary.mark = random.word();
      ancillary.vlan_tag = static_cast<std::uint16_t>(random.word());
      if (random.one_in(2)) ancillary.interface_index = random.below(5);
      Packet packet = to_packet(view);
      if (random.one_in(2)) {
        packet.ancillary = &ancillary;
        packet.network_offset = random.below(50);
        packet.link_offset = random.one_in(3) ? 0xffffffff : random.below(5);
      }
      ASSERT_EQ(compiled->run(packet), interpret(program, packet))
          << to_listing(program.program()) << "rules " << static_cast<int>(rules) << " length "
          << view.captured;
    }
  }
}

TEST(Jit, RunsTheSmallestProgram) {
  EXPECT_EQ(run(verify(Program{{0x06, 0, 0, 7}}, Rules::kKernel).value(), {}), 7U);
}

TEST(Jit, SaysWhereInstructionsAre) {
  const Program program = {{0x28, 0, 0, 12}, {0x15, 0, 1, 0x800}, {0x06, 0, 0, 7}, {0x06, 0, 0, 0}};
  const auto verified = verify(program, Rules::kKernel).value();
  const Jit compiled = Jit::compile(verified, {.locations = true}).value();
  ASSERT_FALSE(compiled.locations().empty());
  std::uint32_t last = 0;
  for (const CodeLocation& location : compiled.locations()) {
    EXPECT_GE(location.offset, last);
    EXPECT_LT(location.offset, compiled.code().size());
    EXPECT_LT(location.instruction, program.size());
    last = location.offset;
  }
  EXPECT_TRUE(Jit::compile(verified).value().locations().empty());
}

}  // namespace
}  // namespace bpfc
