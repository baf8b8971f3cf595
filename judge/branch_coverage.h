// Which ways the branches of a program have gone.
#pragma once

#include <cstdint>
#include <vector>

#include "judge/trace.h"

namespace bpfc::judge {

class BranchCoverage {
 public:
  explicit BranchCoverage(const VerifiedProgram& program);

  // Whether a branch went a way that none had gone before.
  bool add(const Trace& trace);
  bool has(std::uint32_t instruction, bool taken) const { return gone_[edge(instruction, taken)]; }

  // Ways: two for each conditional jump whose targets differ.
  std::size_t total() const { return total_; }
  std::size_t reached() const { return reached_; }

  struct Way {
    std::uint32_t instruction;
    bool taken;
  };
  std::vector<Way> missing() const;

 private:
  static std::size_t edge(std::uint32_t instruction, bool taken) {
    return std::size_t{2} * instruction + (taken ? 1 : 0);
  }

  std::vector<bool> counted_;
  std::vector<bool> gone_;
  std::size_t total_ = 0;
  std::size_t reached_ = 0;
};

}  // namespace bpfc::judge
