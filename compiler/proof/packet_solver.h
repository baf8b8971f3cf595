// The question that every proof comes down to, is there a packet that...?, and who answers it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "bpfc/prove.h"
#include "bpfc/verify.h"
#include "vm/arithmetic.h"

namespace bpfc::proof {

enum class Question : std::uint8_t {
  kDiffer,         // two verdicts are not the same number
  kDifferInMatch,  // one is 0, the other is not
  kFirstAlone,     // the first is not 0, the second is
  kBothMatch,
};

// What verdicts have to be for the packet to be an answer.
constexpr bool answers(Question question, std::uint32_t first, std::uint32_t second) {
  switch (question) {
    case Question::kDiffer:
      return first != second;
    case Question::kDifferInMatch:
      return (first != 0) != (second != 0);
    case Question::kFirstAlone:
      return first != 0 && second == 0;
    case Question::kBothMatch:
      return first != 0 && second != 0;
  }
  return false;
}

// The same in a domain (proof/symbolic_run.h).
template <typename Domain>
typename Domain::Condition answers(Domain& domain, Question question,
                                   const typename Domain::Word& first,
                                   const typename Domain::Word& second) {
  const auto matches = [&](const typename Domain::Word& verdict) {
    return domain.compare(Comparison::kGreater, verdict, domain.constant(0));
  };
  const auto alone = [&](const typename Domain::Word& one, const typename Domain::Word& other) {
    return domain.both(matches(one), domain.opposite(matches(other)));
  };
  switch (question) {
    case Question::kDifferInMatch:
      return domain.either(alone(first, second), alone(second, first));
    case Question::kFirstAlone:
      return alone(first, second);
    case Question::kBothMatch:
      return domain.both(matches(first), matches(second));
    case Question::kDiffer:
      break;
  }
  return domain.opposite(domain.compare(Comparison::kEqual, first, second));
}

struct Search {
  // Without loops, of the same rules.
  const VerifiedProgram& first;
  const VerifiedProgram& second;
  Question question = Question::kDiffer;
  std::vector<std::vector<KnownByte>> likely;
  bool shortest_of_all = false;  // not only of the likely ones
  std::chrono::steady_clock::time_point deadline;
};

inline constexpr std::uint32_t kLongestWitness = 64U << 20U;

struct Finding {
  enum class Kind : std::uint8_t {
    kPacket,
    kNone,     // there is none
    kUnknown,  // gave up
  };
  Kind kind = Kind::kUnknown;
  Witness witness;  // without verdicts
  bool shortest = false;
  // The witness stands on an assumption about the packet that running it may not bear out.
  bool guessed = false;
  std::string reason;
};

}  // namespace bpfc::proof

namespace bpfc {

// Thread-safe.
class PacketSolver {
 public:
  PacketSolver() = default;
  PacketSolver(const PacketSolver&) = delete;
  PacketSolver& operator=(const PacketSolver&) = delete;
  virtual ~PacketSolver() = default;

  virtual proof::Finding find(const proof::Search& search) const = 0;
};

}  // namespace bpfc
