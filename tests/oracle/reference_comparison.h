// The reference evaluator beside libpcap's unoptimized program.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "tests/oracle/expression_list.h"
#include "tests/oracle/packet_corpus.h"

namespace bpfc::oracle {

// Compares, and counts what it has seen. Fails the running test on a difference that is not known.
class Comparison {
 public:
  // On all packets. Both refuse the expression, or neither.
  void compare(const ListedExpression& line, std::span<const CorpusPacket> packets);

  // Prints the counts.
  void report(const std::string& title) const;

  std::uint64_t expressions() const { return expressions_; }
  std::uint64_t refusals() const { return refusals_; }
  std::uint64_t accepted() const { return accepted_; }

 private:
  std::uint64_t expressions_ = 0;  // that both take
  std::uint64_t refusals_ = 0;     // by both
  std::uint64_t verdicts_ = 0;
  std::uint64_t accepted_ = 0;
  std::uint64_t known_verdicts_ = 0;
  std::uint64_t known_refusals_ = 0;  // by one of them
};

}  // namespace bpfc::oracle
