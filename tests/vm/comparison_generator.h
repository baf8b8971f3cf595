// Random programs that look like filters: loaded values compared with constants, in chains, trees
// and conjunctions, with shared ends and trampolines. Where engines that take many instructions as
// one find what they look for, and what nearly is it.
#pragma once

#include <cstdint>
#include <vector>

#include "bpfc/program.h"
#include "tests/vm/program_generator.h"

namespace bpfc::testing {

// The same random numbers yield the same program. Of any length; jumps go forward and are in
// range, cells are written before they are read, and all of it is valid by both rules. Offsets
// gather below `packet_length`.
class ComparisonGenerator {
 public:
  ComparisonGenerator(ProgramGenerator& random, std::uint32_t packet_length);

  // About `comparisons` branches.
  Program make(std::size_t comparisons);

 private:
  // How far from the program's end an instruction is.
  using Place = std::size_t;

  Place put(Instruction instruction);
  Place put_jump(Place target);
  // With trampolines where a jump is too long or, now and then, where it is not.
  Place put_branch(std::uint16_t code, std::uint32_t k, Place on_true, Place on_false);
  Place put_load();
  Place put_chain(std::size_t length, Place hit, Place miss);
  Place put_tree(std::size_t first, std::size_t count, Place hit, Place miss);
  Place put_conjunction(std::size_t length, Place all, Place miss);
  Place put_pair(Place hit, Place miss);
  Place put_arithmetic();
  // One of those that there are, most often a late one.
  Place any_place();
  std::uint32_t value();
  std::uint32_t offset();

  ProgramGenerator& random_;
  std::uint32_t packet_length_;
  std::vector<Instruction> reversed_;
  std::vector<Place> places_;  // that may be jumped to
  std::vector<std::uint32_t> values_;
};

}  // namespace bpfc::testing
