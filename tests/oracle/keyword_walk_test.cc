// Every keyword with every qualifier on every link type: each cell compiles where libpcap 1.10.3
// compiles it, and is refused, with a diagnostic that points at something, where libpcap refuses
// it. What differs stands in known_differences.h with its reason.
#include <gtest/gtest.h>

#include <iostream>
#include <map>

#include "bpfc/compile.h"
#include "tests/oracle/contest.h"
#include "tests/oracle/expression_generator.h"
#include "tests/oracle/known_differences.h"
#include "tests/oracle/libpcap_judge.h"
#include "tests/oracle/link_expressions.h"
#include "tests/oracle/link_types.h"
#include "tests/oracle/system_names.h"

namespace bpfc::oracle {
namespace {

struct Cells {
  std::size_t compiled = 0;
  std::size_t refused = 0;
  std::size_t known = 0;     // differ, for a reason that is listed
  std::size_t unjudged = 0;  // libpcap has no rules for the link type
};

class KeywordWalk : public testing::Test {
 protected:
  // Of the link types that have no rules some cells are as good as all.
  static constexpr std::size_t kEveryCellOfBareTypes = 16;

  void walk(const TestedLinkType& type, const std::string& text, bool judged) {
    CompileOptions options;
    options.link_type = find_link_type(type.name);
    ASSERT_NE(options.link_type, nullptr) << type.name;
    options.optimization = Optimization::kNone;
    options.netmask = kTestNetmask;
    options.resolver = &names_;
    const auto ours = compile(text, options);
    if (ours) {
      ++cells_.compiled;
    } else {
      ++cells_.refused;
      ++reasons_[ours.error().code];
      check_diagnostic(ours.error(), type, text);
    }
    if (!judged || !libpcap_judges(type)) {
      ++cells_.unjudged;
      return;
    }
    const auto theirs = libpcap_compile(text, {type.number, 262144, kTestNetmask, false});
    if (ours.has_value() == theirs.has_value()) {
      return;
    }
    const std::string our_answer = ours ? "" : ours.error().message;
    const std::string their_answer = theirs ? "" : theirs.error();
    if (is_known_refusal(std::string(type.name), text, theirs.has_value()) ||
        is_known_refusal(text, our_answer, their_answer, false)) {
      ++cells_.known;
      return;
    }
    ADD_FAILURE() << type.name << ": " << text << "\n  bpfc: " << our_answer
                  << "\n  libpcap: " << their_answer;
  }

  static void check_diagnostic(const Diagnostic& diagnostic, const TestedLinkType& type,
                               const std::string& text) {
    EXPECT_FALSE(diagnostic.message.empty()) << type.name << ": " << text;
    EXPECT_LE(diagnostic.range.end, text.size()) << type.name << ": " << text;
    EXPECT_LE(diagnostic.range.begin, diagnostic.range.end) << type.name << ": " << text;
  }

  SystemNames names_;
  Cells cells_;
  std::map<DiagnosticCode, std::size_t> reasons_;
};

TEST_F(KeywordWalk, CompilesWhatLibpcapCompiles) {
  std::vector<std::string> texts = generated_primitives();
  const std::vector<std::string> own = link_expressions();
  texts.insert(texts.end(), own.begin(), own.end());
  std::size_t link_types = 0;
  for (const TestedLinkType& type : tested_link_types()) {
    ++link_types;
    const bool bare = type.family == LinkFamily::kBare || type.family == LinkFamily::kUnopened;
    const std::size_t stride = bare ? kEveryCellOfBareTypes : 1;
    for (std::size_t i = static_cast<std::size_t>(type.number) % stride; i < texts.size();
         i += stride) {
      walk(type, texts[i], true);
    }
    for (const std::string& newer : generated_newer_primitives()) {
      walk(type, newer, false);
    }
  }
  EXPECT_GT(cells_.compiled, 90'000U);
  EXPECT_GT(cells_.refused, 500'000U);
  std::cout << link_types << " link types, " << texts.size() << " texts, "
            << cells_.compiled + cells_.refused << " cells: " << cells_.compiled << " compiled, "
            << cells_.refused << " refused; " << cells_.known << " known differences, "
            << cells_.unjudged << " without a judge\n";
  for (const auto& [code, count] : reasons_) {
    std::cout << "  refused: " << name(code) << " " << count << "\n";
  }
}

}  // namespace
}  // namespace bpfc::oracle
