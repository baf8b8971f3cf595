#include "jit/vector_program.h"

#include <gtest/gtest.h>

#include "bpfc/listing.h"
#include "jit/vector_schedule.h"
#include "jit/vector_tile.h"

namespace bpfc::jit {
namespace {

VerifiedProgram program(const char* listing) {
  const auto parsed = parse_program(listing);
  EXPECT_TRUE(parsed.has_value());
  return *verify(*parsed, Rules::kKernel);
}

// The example of the header.
constexpr const char* kMerging =
    "(000) ldh [12]\n"
    "(001) jeq #0x800 jt 2 jf 4\n"
    "(002) ldxb 4*([14]&0xf)\n"
    "(003) ja 5\n"
    "(004) ldx #0x28\n"
    "(005) ldh [x + 14]\n"
    "(006) jeq #0x50 jt 7 jf 8\n"
    "(007) ret #262144\n"
    "(008) ret #0\n";

TEST(VectorProgram, MergesWhatWaysBring) {
  const VerifiedProgram verified = program(kMerging);
  const auto made = to_vector_program(verified, Flow(verified));
  ASSERT_TRUE(made.has_value());
  ASSERT_EQ(made->blocks.size(), 6U);
  // Both ways to the block of the load write what its address is made of.
  const auto& constant = made->blocks[2].exit.ways.at(0);
  const auto& computed = made->blocks[1].exit.ways.at(0);
  ASSERT_EQ(constant.writes.size(), 1U);
  ASSERT_EQ(computed.writes.size(), 1U);
  const ValueId merge = constant.writes[0].merge;
  EXPECT_EQ(computed.writes[0].merge, merge);
  EXPECT_EQ(made->values[merge].kind, VectorValueKind::kMerge);
  EXPECT_EQ(made->values[merge].maximum, 60U);
  EXPECT_EQ(made->values[constant.writes[0].value].k, 0x28U);
  ASSERT_EQ(made->blocks[3].checks.size(), 1U);
  EXPECT_EQ(made->values[made->blocks[3].checks[0].load].left, merge);
  EXPECT_EQ(constant_verdict(*made, 4), 262144U);
  EXPECT_EQ(constant_verdict(*made, 5), 0U);
  EXPECT_EQ(constant_verdict(*made, 3), std::nullopt);
}

TEST(VectorProgram, LoadsTilesForTheirScope) {
  const VerifiedProgram verified = program(kMerging);
  const auto made = to_vector_program(verified, Flow(verified));
  ASSERT_TRUE(made.has_value());
  const VectorSchedule schedule(*made);
  const auto tiles = tiles_of(*made);
  ASSERT_EQ(tiles.size(), 2U);
  for (const VectorTile& tile : tiles) {
    if (tile.left == kNoValue) {
      // The half at 12 and the byte at 14.
      EXPECT_EQ(tile.loads.size(), 2U);
      EXPECT_EQ(tile.k, 11U);
      EXPECT_EQ(tile.end(), 15U);
      EXPECT_EQ(schedule.scope(tile.loads), 0U);
    } else {
      EXPECT_EQ(tile.k, 12U);
      EXPECT_EQ(tile.end(), 16U);
      EXPECT_EQ(schedule.scope(tile.loads), 3U);
    }
  }
}

TEST(VectorProgram, ChainsAreSets) {
  const VerifiedProgram verified = program(
      "(000) ld [26]\n"
      "(001) jeq #0x1 jt 5 jf 2\n"
      "(002) jge #0xa jt 3 jf 6\n"
      "(003) jgt #0x14 jt 6 jf 4\n"
      "(004) ret #1\n"
      "(005) ret #1\n"
      "(006) ret #0\n");
  const auto made = to_vector_program(verified, Flow(verified));
  ASSERT_TRUE(made.has_value());
  const VectorExit& exit = made->blocks[0].exit;
  ASSERT_EQ(exit.kind, VectorExitKind::kSet);
  ASSERT_EQ(exit.ways.size(), 2U);
  EXPECT_EQ(constant_verdict(*made, exit.ways[0].block), 0U);
  EXPECT_EQ(constant_verdict(*made, exit.ways[1].block), 1U);
  ASSERT_EQ(exit.ranges.size(), 1U);
  ASSERT_EQ(exit.ranges[0].size(), 2U);
  EXPECT_EQ(exit.ranges[0][0].low, 1U);
  EXPECT_EQ(exit.ranges[0][0].high, 1U);
  EXPECT_EQ(exit.ranges[0][1].low, 10U);
  EXPECT_EQ(exit.ranges[0][1].high, 20U);
}

}  // namespace
}  // namespace bpfc::jit
