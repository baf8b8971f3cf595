#include "vm/flow.h"

#include <gmock/gmock.h>

#include <array>
#include <map>
#include <string>

#include "bpfc/interpreter.h"
#include "bpfc/listing.h"
#include "tests/vm/program_generator.h"
#include "vm/needed_length.h"
#include "vm/opcode.h"
#include "vm/partition.h"

namespace bpfc {
namespace {

VerifiedProgram program_of(const char* listing, Rules rules = Rules::kKernel) {
  return verify(parse_program(listing).value(), rules).value();
}

constexpr const char* kTcpPort80 =
    "(000) ldh [12]\n"
    "(001) jeq #0x86dd jt 2 jf 6\n"
    "(002) ldb [20]\n"
    "(003) jeq #0x6 jt 4 jf 15\n"
    "(004) ldh [54]\n"
    "(005) jeq #0x50 jt 14 jf 12\n"
    "(006) jeq #0x800 jt 7 jf 15\n"
    "(007) ldb [23]\n"
    "(008) jeq #0x6 jt 9 jf 15\n"
    "(009) ldxb 4*([14]&0xf)\n"
    "(010) ldh [x + 14]\n"
    "(011) jeq #0x50 jt 14 jf 15\n"
    "(012) ldh [56]\n"
    "(013) jeq #0x50 jt 14 jf 15\n"
    "(014) ret #262144\n"
    "(015) ret #0\n";

TEST(Flow, FindsBlocksAndWays) {
  const VerifiedProgram program = program_of(kTcpPort80);
  const Flow flow(program);
  EXPECT_THAT(flow.blocks(),
              ::testing::ElementsAre(
                  FlowBlock{0, 1, 1, 3, 1}, FlowBlock{2, 3, 2, 8, 1}, FlowBlock{4, 5, 7, 6, 1},
                  FlowBlock{6, 6, 4, 8, 1}, FlowBlock{7, 8, 5, 8, 1}, FlowBlock{9, 11, 7, 8, 1},
                  FlowBlock{12, 13, 7, 8, 1}, FlowBlock{14, 14, kNoBlock, kNoBlock, 3},
                  FlowBlock{15, 15, kNoBlock, kNoBlock, 5}));
  EXPECT_EQ(flow.block_of(11), 5U);
  EXPECT_FALSE(flow.loops());
  EXPECT_EQ(flow.live_in(3), kLiveA);
  EXPECT_EQ(flow.live_in(5), 0U);
}

TEST(Flow, LeadsPastJumpsAndIdleBranches) {
  const Flow flow(
      program_of("(000) ldh [12]\n"
                 "(001) jeq #0x800 jt 2 jf 3\n"
                 "(002) ja 4\n"
                 "(003) jeq #0x1 jt 6 jf 6\n"
                 "(004) ja 5\n"
                 "(005) ret #1\n"
                 "(006) ret #0\n"
                 "(007) ret #2\n"));
  EXPECT_THAT(flow.blocks(), ::testing::ElementsAre(FlowBlock{0, 1, 1, 2, 1},
                                                    FlowBlock{5, 5, kNoBlock, kNoBlock, 1},
                                                    FlowBlock{6, 6, kNoBlock, kNoBlock, 1}));
  EXPECT_EQ(flow.block_of(2), kNoBlock);
  EXPECT_EQ(flow.block_of(7), kNoBlock);
}

TEST(Flow, TakesLoopsAsTheyStand) {
  const Program loop = {
      {0x80, 0, 0, 0}, {0x15, 1, 0, 0}, {0x05, 0, 0, 0xfffffffd}, {0x16, 0, 0, 0}};
  const VerifiedProgram program = verify(loop, Rules::kLibpcap).value();
  const Flow flow(program);
  EXPECT_TRUE(flow.loops());
  ASSERT_EQ(flow.blocks().size(), 3U);
  EXPECT_EQ(flow.blocks()[1].on_true, 0U);
  EXPECT_EQ(flow.blocks()[0].ways_in, 2U);
  EXPECT_EQ(NeededLengths(program, flow).needed(0), 0U);
}

TEST(NeededLengths, ComparesOnceForManyLoads) {
  const VerifiedProgram program = program_of(kTcpPort80);
  const Flow flow(program);
  const NeededLengths lengths(program, flow);
  EXPECT_EQ(lengths.needed(8), kNeverAccepts);
  EXPECT_EQ(lengths.needed(7), 0U);
  EXPECT_EQ(lengths.needed(5), 16U);
  EXPECT_EQ(lengths.needed(3), 24U);
  EXPECT_EQ(lengths.needed(1), 56U);
  EXPECT_EQ(lengths.needed(0), 24U);
  EXPECT_EQ(lengths.certain(1), 24U);
  EXPECT_EQ(lengths.certain(4), 24U);
  for (const std::uint32_t load : {0, 2, 4, 7, 9}) EXPECT_TRUE(lengths.is_covered(load)) << load;
  EXPECT_FALSE(lengths.is_covered(10));  // with the longest header it ends at 76
  EXPECT_TRUE(lengths.is_covered(12));
}

TEST(NeededLengths, CountsNoLoadThatIsElsewhere) {
  for (const std::uint32_t k : {0x7ffffffcU, 0x80000000U, 0xfff00000U}) {
    const Program loads = {{0x20, 0, 0, k}, {0x06, 0, 0, 1}};
    const VerifiedProgram program = verify(loads, Rules::kKernel).value();
    EXPECT_EQ(NeededLengths(program, Flow(program)).needed(0), 0U) << k;
  }
  // Without a device it returns A.
  const Program device = {{0x20, 0, 0, kAncillaryBase + 8}, {0x20, 0, 0, 100}, {0x06, 0, 0, 1}};
  const VerifiedProgram program = verify(device, Rules::kKernel).value();
  EXPECT_EQ(NeededLengths(program, Flow(program)).needed(0), 0U);
}

TEST(NeededLengths, KnowsRangesOfX) {
  const VerifiedProgram program = program_of(
      "(000) ldb [0]\n"
      "(001) and #0x3\n"
      "(002) add #10\n"
      "(003) tax\n"
      "(004) ld [x + 1]\n"
      "(005) ld [x + 0]\n"
      "(006) ret #1\n");
  const NeededLengths lengths(program, Flow(program));
  EXPECT_EQ(lengths.needed(0), 15U);
  EXPECT_TRUE(lengths.is_covered(0));
}

// Where the value leads, branch by branch.
std::uint32_t walk(const VerifiedProgram& program, const Flow& flow, std::uint32_t block,
                   std::uint32_t a, const Partition& partition) {
  std::map<std::uint32_t, bool> ends;
  for (const PartitionPiece& piece : partition.pieces) ends[piece.block] = true;
  for (bool first = true; first || !ends.contains(block); first = false) {
    const DecodedInstruction& last = program.decoded()[flow.blocks()[block].last];
    const auto parts = branch_parts(last.operation);
    block = compare(parts->comparison, a, last.k) ? flow.blocks()[block].on_true
                                                  : flow.blocks()[block].on_false;
  }
  return block;
}

TEST(Partition, FindsTheSetsOfAChain) {
  const VerifiedProgram program = program_of(
      "(000) ld [26]\n"
      "(001) jeq #0x5 jt 7 jf 2\n"
      "(002) jgt #0x7 jt 7 jf 3\n"
      "(003) ja 4\n"
      "(004) ld [26]\n"
      "(005) jset #0xfffffffc jt 6 jf 8\n"
      "(006) ret #2\n"
      "(007) ret #1\n"
      "(008) ret #0\n");
  const Flow flow(program);
  std::size_t effort = 100;
  const auto partition = find_partition(program, flow, 0, effort);
  ASSERT_TRUE(partition);
  const std::uint32_t zero = flow.block_of(8);
  const std::uint32_t one = flow.block_of(7);
  const std::uint32_t two = flow.block_of(6);
  EXPECT_THAT(partition->pieces,
              ::testing::ElementsAre(PartitionPiece{0, 3, zero}, PartitionPiece{4, 4, two},
                                     PartitionPiece{5, 5, one}, PartitionPiece{6, 7, two},
                                     PartitionPiece{8, 0xffffffff, one}));
  EXPECT_EQ(partition->branches, 3U);
  EXPECT_EQ(effort, 97U);
}

TEST(Partition, IsWhatTheBranchesDo) {
  testing::ProgramGenerator random(testing::test_seed());
  for (int round = 0; round < 300; ++round) {
    // Branches on small and on large constants, to anywhere, then returns.
    Program program = {{0x20, 0, 0, 26}};
    const std::uint32_t branches = 1 + random.below(40);
    const std::uint32_t returns = 4;
    for (std::uint32_t i = 0; i < branches; ++i) {
      static constexpr std::array<std::uint16_t, 4> kCodes = {0x15, 0x25, 0x35, 0x45};
      const std::uint32_t left = branches - i + returns - 1;
      const std::uint32_t k = random.one_in(3) ? random.word() : random.below(30);
      program.push_back({kCodes[random.below(10) % kCodes.size()],
                         static_cast<std::uint8_t>(random.below(std::min(left, 6U))),
                         static_cast<std::uint8_t>(random.below(std::min(left, 6U))), k});
    }
    for (std::uint32_t i = 0; i < returns; ++i) program.push_back({0x06, 0, 0, i});
    const VerifiedProgram verified = verify(program, Rules::kKernel).value();
    const Flow flow(verified);
    std::size_t effort = random.one_in(4) ? random.below(10) : 1000;
    const auto partition = find_partition(verified, flow, 0, effort);
    if (!partition) continue;
    std::uint64_t expected_low = 0;
    for (const PartitionPiece& piece : partition->pieces) {
      ASSERT_EQ(piece.low, expected_low);
      ASSERT_GE(piece.high, piece.low);
      for (const std::uint32_t value :
           {piece.low, piece.high, piece.low + (piece.high - piece.low) / 2}) {
        ASSERT_EQ(walk(verified, flow, 0, value, *partition), piece.block)
            << to_listing(program) << "A = " << value;
      }
      expected_low = std::uint64_t{piece.high} + 1;
    }
    ASSERT_EQ(expected_low, std::uint64_t{1} << 32U);
  }
}

TEST(Partition, IsFoundInLongChainsInLittleTime) {
  Program program = {{0x20, 0, 0, 26}};
  constexpr std::uint32_t kHosts = 100'000;
  for (std::uint32_t i = 0; i < kHosts; ++i)
    program.push_back({0x15, 0, 1, i * 7919}), program.push_back({0x06, 0, 0, 1});
  program.push_back({0x06, 0, 0, 0});
  const VerifiedProgram verified = verify(program, Rules::kLibpcap).value();
  std::size_t effort = kHosts;
  const auto partition = find_partition(verified, Flow(verified), 0, effort);
  ASSERT_TRUE(partition);
  EXPECT_EQ(partition->branches, kHosts);
}

}  // namespace
}  // namespace bpfc
