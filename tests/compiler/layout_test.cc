#include "compiler/layout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "bpfc/interpreter.h"
#include "bpfc/verify.h"
#include "tests/compiler/graph_generator.h"
#include "tests/vm/program_generator.h"
#include "vm/opcode.h"

namespace bpfc {
namespace {

// Blocks by hand.
class Blocks {
 public:
  // `count` instructions that do nothing to A, and then on to the next block.
  void filler(std::uint32_t count) {
    begin();
    for (std::uint32_t i = 0; i < count; ++i) emit(Operation::kLoadXConstant, i);
    Block& block = end();
    block.then = number();
  }
  void returns(std::uint32_t k) {
    begin();
    emit(Operation::kReturnConstant, k);
    end();
  }
  // Two instructions, so that no copy is made of it.
  void long_return(std::uint32_t k) {
    begin();
    emit(Operation::kLoadXConstant, 0);
    emit(Operation::kReturnConstant, k);
    end();
  }
  void jumps(std::uint32_t then) {
    begin();
    end().then = then;
  }
  // Block `then` if the byte at `offset` is 1.
  void tests(std::uint32_t offset, std::uint32_t then, std::uint32_t otherwise) {
    begin();
    emit(Operation::kLoadByteAbsolute, offset);
    Block& block = end();
    block.branch = Instruction{encode(Operation::kJumpEqualConstant), 0, 0, 1};
    block.then = then;
    block.otherwise = otherwise;
  }

  std::uint32_t number() const { return static_cast<std::uint32_t>(selection_.blocks.size()); }
  const Selection& selection() const { return selection_; }

  // What the blocks mean.
  std::uint32_t evaluate(const std::vector<std::uint8_t>& bytes) const {
    std::uint32_t at = 0;
    for (;;) {
      const Block& block = selection_.blocks[at];
      const Instruction* last =
          block.count == 0 ? nullptr : &selection_.instructions[block.first + block.count - 1];
      if (!block.branch) {
        if (block.then == Block::kNowhere) return last->k;
        at = block.then;
        continue;
      }
      if (last->k >= bytes.size()) return 0;
      at = bytes[last->k] == 1 ? block.then : block.otherwise;
    }
  }

 private:
  void begin() { first_ = static_cast<std::uint32_t>(selection_.instructions.size()); }
  void emit(Operation operation, std::uint32_t k) {
    selection_.instructions.push_back({encode(operation), 0, 0, k});
  }
  Block& end() {
    Block block;
    block.first = first_;
    block.count = static_cast<std::uint32_t>(selection_.instructions.size()) - first_;
    selection_.blocks.push_back(block);
    return selection_.blocks.back();
  }

  Selection selection_;
  std::uint32_t first_ = 0;
};

std::uint32_t run(const VerifiedProgram& program, const std::vector<std::uint8_t>& bytes) {
  Packet packet;
  packet.captured = bytes;
  return interpret(program, packet);
}

void expect_same(const Blocks& blocks, const std::vector<std::uint8_t>& bytes) {
  const Program program = lay_out(blocks.selection());
  // Longer than the kernel takes is of no interest here.
  const auto verified = verify(program, Rules::kLibpcap);
  ASSERT_TRUE(verified) << verified.error().message;
  ASSERT_EQ(run(*verified, bytes), blocks.evaluate(bytes));
}

std::size_t count(const Program& program, Operation operation) {
  return static_cast<std::size_t>(
      std::count_if(program.begin(), program.end(),
                    [&](const Instruction& i) { return i.code == encode(operation); }));
}

TEST(LayOut, FallsThrough) {
  Blocks blocks;
  blocks.tests(0, 1, 2);
  blocks.returns(1);
  blocks.returns(0);
  const Program program = lay_out(blocks.selection());
  ASSERT_EQ(program.size(), 4U);
  EXPECT_EQ(program[1].jt, 0);
  EXPECT_EQ(program[1].jf, 1);
}

TEST(LayOut, ReachesEveryDistanceByEitherJump) {
  for (std::uint32_t gap = 250; gap <= 262; ++gap) {
    for (const bool then_is_far : {true, false}) {
      Blocks blocks;
      blocks.tests(0, then_is_far ? 2 : 1, then_is_far ? 1 : 2);
      blocks.filler(gap);
      blocks.long_return(7);
      // The near way falls into the far one: tell them apart by where they end.
      const Program program = lay_out(blocks.selection());
      const Instruction& branch = program[1];
      EXPECT_EQ(count(program, Operation::kJump), gap > 255 ? 1U : 0U) << gap;
      if (gap <= 255) {
        EXPECT_EQ(then_is_far ? branch.jt : branch.jf, gap);
      }
      for (const std::uint8_t byte : {std::uint8_t{0}, std::uint8_t{1}})
        expect_same(blocks, {byte});
    }
  }
}

TEST(LayOut, ReachesWithBothJumpsFar) {
  for (std::uint32_t gap = 250; gap <= 260; ++gap) {
    for (std::uint32_t second = 0; second <= 6; ++second) {
      Blocks blocks;
      blocks.tests(0, 2, 4);
      blocks.jumps(5);
      blocks.filler(gap);
      blocks.long_return(7);
      blocks.filler(second);
      blocks.long_return(8);
      // Both ways skip the filler in front of the first return, in two steps.
      for (const std::uint8_t byte : {std::uint8_t{0}, std::uint8_t{1}})
        expect_same(blocks, {byte});
    }
  }
  for (std::uint32_t gap = 250; gap <= 260; ++gap) {
    Blocks blocks;
    blocks.tests(0, 3, 2);
    blocks.filler(gap);
    blocks.long_return(7);
    blocks.long_return(8);
    expect_same(blocks, {0});
    expect_same(blocks, {1});
  }
}

TEST(LayOut, CopiesAReturnThatIsTooFar) {
  Blocks blocks;
  blocks.tests(0, 2, 1);
  blocks.filler(300);
  blocks.returns(7);
  const Program program = lay_out(blocks.selection());
  EXPECT_EQ(count(program, Operation::kJump), 0U);
  EXPECT_EQ(count(program, Operation::kReturnConstant), 2U);
  expect_same(blocks, {0});
  expect_same(blocks, {1});
}

TEST(LayOut, SharesATrampoline) {
  // A hundred tests that lead to the same far place: one `ja` serves them all.
  Blocks blocks;
  for (std::uint32_t i = 0; i < 100; ++i) blocks.tests(i, 101, i + 1);
  blocks.filler(300);
  blocks.long_return(7);
  EXPECT_EQ(count(lay_out(blocks.selection()), Operation::kJump), 1U);
}

TEST(LayOut, RunsRandomBlocksAsTheyMean) {
  testing::GraphGenerator generator(testing::test_seed());
  for (int round = 0; round < 300; ++round) {
    Blocks blocks;
    const std::uint32_t count = 3 + generator.below(600);
    for (std::uint32_t i = 0; i + 2 < count; ++i) {
      const auto ahead = [&] {
        const std::uint32_t left = count - i - 1;
        const std::uint32_t most = generator.one_in(2) ? left : std::min(left, 4U);
        return i + 1 + generator.below(most);
      };
      switch (generator.below(6)) {
        case 0:
          blocks.filler(generator.below(generator.one_in(8) ? 300 : 4));
          break;
        case 1:
          blocks.jumps(ahead());
          break;
        default:
          blocks.tests(generator.below(16), ahead(), ahead());
      }
    }
    blocks.long_return(round % 2 == 0 ? 7 : 8);
    blocks.returns(9);
    const Program program = lay_out(blocks.selection());
    const auto verified = verify(program, Rules::kLibpcap);
    ASSERT_TRUE(verified) << verified.error().message;
    for (int packets = 0; packets < 30; ++packets) {
      std::vector<std::uint8_t> bytes(generator.below(18));
      for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(generator.below(2));
      ASSERT_EQ(run(*verified, bytes), blocks.evaluate(bytes)) << "round " << round;
    }
  }
}

}  // namespace
}  // namespace bpfc
