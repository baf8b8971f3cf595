// Makes threaded code of a program (threaded_code.cc says how).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "vm/block_end.h"
#include "vm/flow.h"
#include "vm/needed_length.h"
#include "vm/step_writer.h"

namespace bpfc {

// One block after the other, in the program's order.
class ThreadedDecoder {
 public:
  explicit ThreadedDecoder(const VerifiedProgram& program);

  ThreadedCode decode();

 private:
  // What is known where a block starts, by all that leads to it.
  struct Start {
    bool reached = false;
    std::uint32_t captured = 0;  // at least
    PlainLoad a;                 // what A holds
  };
  // An instruction to be decoded, and what must have been captured first.
  struct Item {
    std::uint32_t instruction = 0;
    std::uint32_t required = 0;
  };

  // threaded_code.cc
  void decode_block(std::uint32_t block);
  void decode_block_of_loop(std::uint32_t block);
  std::uint32_t gather(std::uint32_t block);
  std::uint32_t first_byte() const;
  std::uint32_t required_at(std::uint32_t block) const;
  void add_items(std::size_t count);
  void add_instruction(const DecodedInstruction& now);
  void require(std::uint32_t length);
  void reach(std::uint32_t block, std::uint32_t captured);

  // Where a test's value comes from.
  struct Tested {
    TestSource source = TestSource::kRegister;
    PlainLoad load;            // none: the value is A
    std::uint32_t needed = 0;  // must have been captured
    std::uint32_t mask = ~0U;  // the value's bits that are tested
    std::uint32_t header = 0;  // offset that an `ldxb` before loads from, where the source has one
    std::uint32_t second = 0;  // offset of another load, where the source has one
  };

  // threaded_end.cc: what a block's last instructions become.
  void add_end(std::uint32_t block);
  void add_comparison_with_x(const FlowBlock& at);
  void add_jump(std::uint32_t block);
  bool add_bytes_test(std::uint32_t block);
  bool join_equality(std::uint32_t block, std::vector<EqualityTest>& joined) const;
  bool add_selection(const Partition& partition);
  void add_set_test(SetTest set, std::uint32_t mask);
  void add_branch_alone(const FlowBlock& at);
  Tested take_source(bool a_is_needed);
  bool take_second(Tested& tested, SetTest& set);

  const VerifiedProgram& program_;
  std::span<const DecodedInstruction> code_;
  Flow flow_;
  NeededLengths lengths_;
  BlockEnds ends_;
  StepWriter writer_;
  std::vector<Start> starts_;  // by block
  std::size_t effort_;         // that may be spent on partitions

  // Of the block that is decoded.
  std::vector<Item> items_;
  std::uint32_t required_ = 0;  // before the branch that follows the items
  std::uint32_t captured_ = 0;  // at least
  PlainLoad a_;
};

}  // namespace bpfc
