// What the way to a node has told: the outcomes of tests, and how many bytes are there.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "compiler/intern_table.h"

namespace bpfc {

inline constexpr std::size_t kMostFacts = 8;

// The outcome of a test; tests are numbered.
struct Fact {
  std::uint32_t test = 0;
  bool outcome = false;

  friend bool operator==(const Fact&, const Fact&) = default;
};

// What is known where a copy of a node begins: the newest fact last.
struct Facts {
  std::array<Fact, kMostFacts> facts{};
  std::uint8_t count = 0;
  std::uint32_t covered = 0;  // so many bytes are there

  friend bool operator==(const Facts&, const Facts&) = default;
  std::uint64_t hash() const {
    std::uint64_t h = mix(covered, count);
    for (std::size_t i = 0; i < count; ++i) {
      h = mix(h, std::uint64_t{facts[i].test} << 1U | static_cast<std::uint64_t>(facts[i].outcome));
    }
    return h;
  }

  template <typename Predicate>
  void keep_if(Predicate predicate) {
    auto* const end = std::remove_if(facts.begin(), facts.begin() + count,
                                     [&](const Fact& fact) { return !predicate(fact); });
    std::fill(end, facts.begin() + count, Fact{});
    count = static_cast<std::uint8_t>(end - facts.begin());
  }
  void add(const Fact& fact) {
    if (count == kMostFacts) {
      // The oldest goes; of those first that only say what is not.
      auto* oldest = std::find_if(facts.begin(), facts.end(),
                                  [](const Fact& known) { return !known.outcome; });
      if (oldest == facts.end()) oldest = facts.begin();
      std::move(oldest + 1, facts.end(), oldest);
      --count;
    }
    facts[count++] = fact;
  }
  bool knows(const Fact& fact) const {
    return std::find(facts.begin(), facts.begin() + count, fact) != facts.begin() + count;
  }
  // What both know.
  void meet(const Facts& other) {
    keep_if([&](const Fact& fact) { return other.knows(fact); });
    covered = std::min(covered, other.covered);
  }
};

}  // namespace bpfc
