// bpfc-filter(7): its examples compile, or are refused, as it says; and it leaves nothing out.
#include <gtest/gtest.h>

#include <cctype>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

#include "bpfc/compile.h"
#include "document.h"
#include "filter_example.h"

namespace bpfc::docs {
namespace {

const std::string kPage = BPFC_SOURCE_DIR "/docs/bpfc-filter.7";

// What man leaves of 80 columns for an example.
constexpr std::size_t kWidth = 71;

const std::vector<FilterExample>& filters() {
  static const std::vector<FilterExample> kFilters = read_filters(kPage);
  return kFilters;
}

// The names that the examples use.
const TableNameResolver& names() {
  static const TableNameResolver kResolver = [] {
    NameTable table;
    table.hosts["www"] = {.ipv4 = {0x0a000007, 0x0a000008}, .ipv6 = {{0x20, 1, 0x0d, 0xb8}}};
    table.hosts["router"] = {.ipv4 = {0x0a000001}, .ipv6 = {}};
    table.hosts["my-host.example.net"] = {.ipv4 = {0x0a000009}, .ipv6 = {}};
    table.ethers["router"] = {0, 0x1b, 0x21, 0x3c, 0x4d, 1};
    table.ethers["printer"] = {0, 0x1b, 0x21, 0x3c, 0x4d, 2};
    table.networks["lab"] = 0x0a010000;
    table.ports["domain"] = {.tcp = 53, .udp = 53, .sctp = {}};
    table.ports["http"] = {.tcp = 80, .udp = {}, .sctp = {}};
    table.ports["https"] = {.tcp = 443, .udp = {}, .sctp = {}};
    table.protocols["icmp"] = 1;
    table.protocols["tcp"] = 6;
    table.protocols["udp"] = 17;
    table.protocols["ospf"] = 89;
    return TableNameResolver(table);
  }();
  return kResolver;
}

// The options that the page uses, with the values it gives them.
CompileOptions compile_options(const FilterExample& filter, const LinkType& link_type) {
  CompileOptions options;
  options.link_type = &link_type;
  options.resolver = &names();
  for (const std::string& word : filter.options) {
    if (word == "--linux-ext") {
      options.target = Target::kLiveLinux;
    } else if (word == "255.255.255.0") {
      options.netmask = 0xffffff00;
    } else {
      EXPECT_EQ(word, "-m") << kPage << ":" << filter.line << ": an option this test does not know";
    }
  }
  return options;
}

std::string place(const FilterExample& filter, const std::string& link_type) {
  return kPage + ":" + std::to_string(filter.line) + ": on " + link_type + ": " + filter.expression;
}

TEST(FilterPage, ExamplesCompileUnlessTheySayRefused) {
  ASSERT_FALSE(filters().empty());
  for (const FilterExample& filter : filters()) {
    for (const std::string& name : filter.link_types) {
      const LinkType* link_type = find_link_type(name);
      if (link_type == nullptr) {
        ADD_FAILURE() << place(filter, name) << ": unknown link type";
        continue;
      }
      const auto compilation = compile(filter.expression, compile_options(filter, *link_type));
      EXPECT_EQ(compilation.has_value(), !filter.refused)
          << place(filter, name) << ": "
          << (compilation ? "compiles" : compilation.error().message);
    }
  }
}

// The same program is more than the page promises, and easily judged.
TEST(FilterPage, FiltersThatMeanTheSameAreTheSameProgram) {
  for (const FilterExample& filter : filters()) {
    if (filter.same_as.empty()) continue;
    for (const std::string& name : filter.link_types) {
      const LinkType* link_type = find_link_type(name);
      if (link_type == nullptr) continue;  // the test above says so
      const CompileOptions options = compile_options(filter, *link_type);
      const auto compilation = compile(filter.expression, options);
      const auto same = compile(filter.same_as, options);
      ASSERT_TRUE(same) << place(filter, name) << ": " << filter.same_as << ": "
                        << same.error().message;
      EXPECT_TRUE(compilation && compilation->program == same->program)
          << place(filter, name) << ": " << filter.same_as;
    }
  }
}

constexpr std::string_view kKeywords[] = {
#define BPFC_KEYWORD(spelling, token, value) spelling,
#include "grammar/keyword.def"
#undef BPFC_KEYWORD
};

// The longest runs of characters that belong.
template <typename Belongs>
std::vector<std::string> runs_of(const std::string& text, Belongs belongs) {
  std::vector<std::string> runs(1);
  for (const char c : text) {
    if (belongs(static_cast<unsigned char>(c))) {
      runs.back() += c;
    } else if (!runs.back().empty()) {
      runs.emplace_back();
    }
  }
  return runs;
}

TEST(FilterPage, EveryKeywordIsInAnExampleThatCompiles) {
  // A word with a backslash is no keyword.
  std::set<std::string, std::less<>> words;
  for (const FilterExample& filter : filters()) {
    if (filter.refused) continue;
    for (std::string word : runs_of(filter.expression, [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '\\' || c == '-' || c == '_' || c == '.';
         })) {
      while (!word.empty() && (word.back() == '-' || word.back() == '_')) word.pop_back();
      words.insert(std::move(word));
    }
  }
  for (const std::string_view keyword : kKeywords) {
    EXPECT_TRUE(words.contains(keyword)) << keyword;
  }
}

// A link type for private use has no rules of its own, now or ever: whatever stands for that in
// the table stands there. Null rules mean the same.
bool has_rules_of_its_own(const LinkType& link_type) {
  const LinkType* user = find_link_type("USER0");
  return link_type.rules != nullptr && (user == nullptr || link_type.rules != user->rules);
}

TEST(FilterPage, EveryLinkTypeWithRulesOfItsOwnIsMentioned) {
  std::ifstream file(kPage);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::set<std::string, std::less<>> mentioned;
  for (std::string& name : runs_of(text, [](unsigned char c) {
         return std::isupper(c) != 0 || std::isdigit(c) != 0 || c == '_';
       })) {
    mentioned.insert(std::move(name));
  }
  for (const LinkType& link_type : link_types()) {
    if (!has_rules_of_its_own(link_type)) continue;
    EXPECT_TRUE(mentioned.contains(link_type.name)) << link_type.name;
  }
}

TEST(FilterPage, ExamplesFitTheTerminal) {
  for (const Block& block : read_blocks(kPage)) {
    for (const Line& line : block) {
      EXPECT_LE(line.text.size(), kWidth) << kPage << ":" << line.number << ": " << line.text;
    }
  }
}

}  // namespace
}  // namespace bpfc::docs
