// Whatever the text, the parser gives a tree that keeps its promises or a diagnostic that points
// into the text. BPFC_SEED chooses the texts, BPFC_RANDOM_COUNT how many there are.
#include <gtest/gtest.h>

#include <cstdlib>

#include "grammar/parse.h"
#include "grammar/print.h"
#include "sentence_generator.h"
#include "tree_check.h"

namespace bpfc::tests {
namespace {

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 0);
}

class RandomText : public testing::Test {
 protected:
  // Of a text: whether it is in the language. Fails the test where the outcome is not sound.
  static bool examine(const std::string& text) {
    const auto filter = grammar::parse(text);
    if (filter) {
      EXPECT_EQ(broken_promise(*filter), "") << text;
      EXPECT_EQ(filter->source, text);
      EXPECT_EQ(grammar::print(*filter).empty(), !filter->root.has_value()) << text;
      return true;
    }
    const Diagnostic& error = filter.error();
    EXPECT_LE(error.range.begin, error.range.end) << text;
    EXPECT_LE(error.range.end, text.size()) << text;
    EXPECT_FALSE(error.message.empty()) << text;
    EXPECT_EQ(error.message.find("S_"), std::string::npos) << text;
    EXPECT_EQ(error.message.find('\n'), std::string::npos) << text << '\n' << error.message;
    EXPECT_TRUE(error.hint.empty() || grammar::parse(error.hint)) << text << '\n' << error.hint;
    EXPECT_FALSE(render(error, text, "filter").empty());
    return false;
  }

  std::uint64_t seed_ = setting("BPFC_SEED", 1);
  std::uint64_t count_ = setting("BPFC_RANDOM_COUNT", 4000);
  SentenceGenerator generator_{seed_};
  testing::ScopedTrace trace_{__FILE__, __LINE__, "BPFC_SEED=" + std::to_string(seed_)};
};

TEST_F(RandomText, SentencesOfTheGrammarParse) {
  std::uint64_t valid = 0;
  for (std::uint64_t i = 0; i < count_; ++i) {
    const Tokens tokens = generator_.valid();
    valid += examine(joined(tokens)) ? 1 : 0;
  }
  // The few others are bare identifiers with nothing to inherit from.
  EXPECT_GT(valid, count_ * 9 / 10);
}

TEST_F(RandomText, MutatedSentences) {
  for (std::uint64_t i = 0; i < count_; ++i) {
    examine(joined(generator_.mutate(generator_.valid(), 1 + static_cast<int>(i % 4))));
  }
}

TEST_F(RandomText, KeywordsInNoOrder) {
  for (std::uint64_t i = 0; i < count_; ++i) {
    examine(joined(generator_.scrambled(1 + generator_.below(12))));
  }
}

TEST_F(RandomText, Bytes) {
  for (std::uint64_t i = 0; i < count_; ++i) {
    examine(generator_.bytes(1 + generator_.below(60)));
  }
}

TEST_F(RandomText, SentencesWithABadByte) {
  for (std::uint64_t i = 0; i < count_; ++i) {
    std::string text = joined(generator_.valid());
    text[generator_.below(text.size())] = static_cast<char>(generator_.below(256));
    examine(text);
  }
}

}  // namespace
}  // namespace bpfc::tests
