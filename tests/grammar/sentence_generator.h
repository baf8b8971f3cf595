// Random sentences of the filter language, right ones and nearly right ones.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace bpfc::tests {

using Tokens = std::vector<std::string>;

// Draws sentences from a table of productions (sentence_generator.cc). The same seed gives the same
// sentences. Not thread-safe.
class SentenceGenerator {
 public:
  explicit SentenceGenerator(std::uint64_t seed) : random_(seed) {}

  // A sentence of the language, as tokens.
  Tokens valid();
  // Deletes, inserts, replaces, doubles or exchanges `edits` tokens.
  Tokens mutate(Tokens tokens, int edits);
  // Keywords, operators and literals in no order.
  Tokens scrambled(std::size_t count);
  // Any bytes; half of the time only those that mean something.
  std::string bytes(std::size_t count);

  std::size_t below(std::size_t limit) { return random_() % limit; }

 private:
  std::string token();
  void expand(std::string_view symbol, int depth, Tokens& tokens);

  std::mt19937_64 random_;
};

// Every word of the language.
const std::vector<std::string>& keyword_spellings();

// The tokens with a space between each two.
std::string joined(const Tokens& tokens);

}  // namespace bpfc::tests
