// A traced run is the interpreter's, and its reasons hold.
#include "judge/trace.h"

#include <gtest/gtest.h>

#include "bpfc/listing.h"
#include "judge/steer.h"
#include "tests/vm/program_generator.h"

namespace bpfc::judge {
namespace {

Ancillary some_ancillary(testing::ProgramGenerator& generator) {
  Ancillary known;
  known.protocol = 0x0800;
  if (generator.one_in(2)) known.interface_index = generator.below(4);
  if (generator.one_in(2)) known.hardware_type = 1;
  known.mark = generator.word();
  known.vlan_tag = 5;
  known.vlan_tag_present = generator.one_in(2);
  return known;
}

TEST(TraceTest, VerdictsAreTheInterpreters) {
  testing::ProgramGenerator generator(testing::test_seed());
  Trace run;
  for (const Rules rules : {Rules::kKernel, Rules::kLibpcap}) {
    for (int round = 0; round < 4000; ++round) {
      const std::uint32_t length = generator.below(60);
      const VerifiedProgram program = generator.verified(24, length, rules);
      for (int i = 0; i < 4; ++i) {
        TestPacket packet{generator.packet(length), length + generator.below(3), {}};
        if (generator.one_in(2)) packet.ancillary = some_ancillary(generator);
        trace(program, packet.view(), run);
        std::uint64_t executed = 0;
        ASSERT_EQ(run.verdict, interpret(program, packet.view(), &executed, 1U << 16U))
            << to_listing(program.program());
        if (executed < (1U << 16U)) {
          ASSERT_EQ(run.steps, executed);
        }
      }
    }
  }
}

// Where a value is said to have become another one, it has if the run still comes by.
TEST(TraceTest, AssignedValuesAreSeen) {
  testing::ProgramGenerator generator(testing::test_seed());
  RandomSource random(generator.word());
  Trace before;
  Trace after;
  std::size_t assigned = 0;
  std::size_t seen = 0;
  for (int round = 0; round < 6000; ++round) {
    const VerifiedProgram program = generator.verified(24, 60, Rules::kKernel);
    const TestPacket packet{generator.packet(60), 60, {}};
    trace(program, packet.view(), before);
    for (const Decision& decision : before.decisions) {
      TestPacket changed = packet;
      if (!steer(before, decision, !decision.taken, Rules::kKernel, generator.below(10), random,
                 changed)) {
        EXPECT_EQ(changed, packet);
        continue;
      }
      ++assigned;
      trace(program, changed.view(), after);
      for (const Decision& other : after.decisions) {
        seen += other.instruction == decision.instruction && other.taken != decision.taken ? 1 : 0;
      }
    }
  }
  EXPECT_GT(assigned, 500U);
  EXPECT_GT(seen, assigned / 3);
}

}  // namespace
}  // namespace bpfc::judge
