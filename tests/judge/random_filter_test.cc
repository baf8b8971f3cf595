#include "judge/random_filter.h"

#include <gtest/gtest.h>

#include <iostream>
#include <set>

#include "bpfc/compile.h"

namespace bpfc::judge {
namespace {

TEST(RandomFilterTest, MostTextsAreFilters) {
  constexpr int kTexts = 1000;
  RandomFilter filters(1);
  std::set<std::string> texts;
  int compiled = 0;
  for (int i = 0; i < kTexts; ++i) {
    const std::string text = filters.text();
    texts.insert(text);
    const auto compilation = compile(text, {});
    compiled += compilation ? 1 : 0;
    if (compilation) continue;
    const bool syntax = compilation.error().message.find("there should be") != std::string::npos;
    EXPECT_FALSE(syntax) << text << "\n" << compilation.error().message;
  }
  std::cout << compiled << " of " << kTexts << " compile\n";
  EXPECT_GT(compiled, kTexts / 2);
  EXPECT_GT(texts.size(), kTexts * 3U / 4);
}

TEST(RandomFilterTest, TheSameSeedMakesTheSame) {
  RandomFilter one(5);
  RandomFilter other(5);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(one.text(), other.text());
}

}  // namespace
}  // namespace bpfc::judge
