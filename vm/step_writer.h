// Puts threaded code together: steps, what leads where, tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "vm/threaded_code.h"

namespace bpfc {

// Where the value that a test looks at comes from; in threaded_step.def's order.
enum class TestSource : std::uint8_t {
  kRegister,
  kByte,
  kHalf,
  kWord,
  kIndexedByte,
  kIndexedHalf,
  kIndexedWord,
  kHeaderByte,
  kHeaderHalf,
  kEitherHalf,
  kEitherWord,
  kEitherIndexedHalf,
  kEitherHeaderHalf,
};

class StepWriter {
 public:
  // For code of so many blocks.
  StepWriter(const VerifiedProgram& program, std::size_t blocks)
      : code_(program), first_steps_(blocks, kNone) {}

  ThreadedCode& code() { return code_; }
  // Stands until the next one is added.
  Step& add(StepKind kind, std::uint32_t k = 0);
  // The kind is of a test, whether the step then goes on to others or returns.
  Step& add_test(TestSource source, SetKind test, bool returns);

  // The block starts with the next step.
  void start_block(std::uint32_t block) { first_steps_[block] = code_.steps.size(); }
  // Where the last step leads.
  void lead_to_blocks(std::uint32_t on_true, std::uint32_t on_false);
  // What the last step returns.
  void return_verdicts(std::uint32_t on_true, std::uint32_t on_false);
  // The last step is a selection: adds its words, the borders and where each piece leads. One more
  // block than borders.
  void select_blocks(const std::vector<std::uint32_t>& borders,
                     const std::vector<std::uint32_t>& blocks);

  // When all blocks that something leads to have been started.
  ThreadedCode finish();

 private:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  // A distance to be filled in.
  struct Way {
    std::size_t step;
    std::uint32_t on_true;
    std::uint32_t on_false;
  };
  struct Selection {
    std::size_t step;
    std::size_t word;
    std::vector<std::uint32_t> blocks;
  };

  ThreadedCode code_;
  std::vector<StepKind> kinds_;           // by step
  std::vector<std::size_t> first_steps_;  // by block
  std::vector<Way> ways_;
  std::vector<Selection> selections_;
};

}  // namespace bpfc
