// Plain numbers as a domain of WindowRun; without a packet, which only running needs.
#pragma once

#include "peephole/window_run.h"
#include "vm/arithmetic.h"

namespace bpfc::peephole {

class Numbers {
 public:
  using Word = std::uint32_t;
  using Condition = bool;

  explicit Numbers(Rules rules = Rules::kKernel) : rules_(rules) {}

  static Word number(std::uint32_t n) { return n; }
  Word compute(Arithmetic op, Word left, Word right) const {
    return bpfc::compute(op, left, right, rules_).value_or(0);
  }
  static Condition compare(Comparison comparison, Word left, Word right) {
    return bpfc::compare(comparison, left, right);
  }
  static Condition always() { return true; }
  static Condition opposite(Condition c) { return !c; }
  static Condition both(Condition c, Condition d) { return c && d; }

 protected:
  Rules rules_;
};

}  // namespace bpfc::peephole
