// Binary decision diagrams: functions of yes-or-no variables, each function in one place only, so
// that equal ones are the same number. Negation is free (complement edges).
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace bpfc::proof {

// A function: twice the number of a node, plus one for its negation.
using Diagram = std::uint32_t;
inline constexpr Diagram kTrue = 0;
inline constexpr Diagram kFalse = 1;
constexpr Diagram negate(Diagram f) { return f ^ 1U; }
constexpr bool is_constant(Diagram f) { return f <= kFalse; }

// Not thread-safe. Nothing is ever freed. Every operation costs at most the product of its
// operands' sizes. Once there are too many nodes, or the time is up, exhausted() is true and what
// operations return means nothing.
class DiagramStore {
 public:
  using Clock = std::chrono::steady_clock;

  // Variables are tested in the order of their numbers.
  using Variable = std::uint32_t;
  static constexpr Variable kNoVariable = 0xffffffffU;

  DiagramStore(std::size_t most_nodes, Clock::time_point deadline);

  Diagram variable(Variable number) { return make(number, kFalse, kTrue); }
  Diagram both(Diagram f, Diagram g);
  Diagram either(Diagram f, Diagram g) { return negate(both(negate(f), negate(g))); }
  Diagram differ(Diagram f, Diagram g);
  Diagram choose(Diagram condition, Diagram yes, Diagram no);

  bool exhausted() const { return exhausted_; }
  std::size_t size() const { return nodes_.size(); }

  // Of the function, which must not be a constant: its first variable, and what it is with that
  // variable being no or yes.
  Variable top(Diagram f) const { return nodes_[f >> 1U].variable; }
  Diagram low(Diagram f) const { return nodes_[f >> 1U].low ^ (f & 1U); }
  Diagram high(Diagram f) const { return nodes_[f >> 1U].high ^ (f & 1U); }

 private:
  // `high` is never a negation.
  struct Node {
    Variable variable;
    Diagram low;
    Diagram high;
  };
  enum class Operation : std::uint8_t { kNone, kBoth, kDiffer, kChoose };
  struct CacheEntry {
    Diagram f = 0;
    Diagram g = 0;
    Diagram h = 0;
    Diagram result = 0;
    Operation operation = Operation::kNone;
  };

  Diagram make(Variable variable, Diagram low, Diagram high);
  void grow_table();
  CacheEntry& cached(Operation operation, Diagram f, Diagram g, Diagram h);
  // What is left of f when the variable is decided; f's first variable may be a later one.
  Diagram low_at(Diagram f, Variable variable) const { return top(f) == variable ? low(f) : f; }
  Diagram high_at(Diagram f, Variable variable) const { return top(f) == variable ? high(f) : f; }

  std::vector<Node> nodes_;
  std::vector<std::uint32_t> table_;  // node numbers by hash; 0: free
  std::vector<CacheEntry> cache_;
  std::size_t most_nodes_;
  Clock::time_point deadline_;
  bool exhausted_ = false;
};

}  // namespace bpfc::proof
