// What is warned of, where and with which hint, and what is not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/compiler/warning_table.h"

namespace bpfc {
namespace {

using testing::all_warnings;
using testing::ExpectedWarning;
using testing::options_for;
using testing::quiet_filters;
using testing::QuietFilter;
using testing::warned_filters;
using testing::WarnedFilter;

WarningSet all_but_fragments() { return all_warnings().without({DiagnosticCode::kWarnFragments}); }

std::string to_text(std::string_view name, std::uint32_t begin, std::uint32_t end,
                    std::string_view hint) {
  return std::string(name) + " " + std::to_string(begin) + "-" + std::to_string(end) + " " +
         std::string(hint) + "\n";
}

TEST(Warning, SaysWhatAndWhereAndWhatInstead) {
  for (const WarnedFilter& row : warned_filters()) {
    const bool fragments = std::any_of(row.warnings.begin(), row.warnings.end(),
                                       [](const auto& w) { return w.name == "fragments"; });
    const auto compiled = compile(
        row.text, options_for(row.link_type, fragments ? all_warnings() : all_but_fragments()));
    ASSERT_TRUE(compiled) << row.text << ": " << compiled.error().message;
    std::string expected;
    std::string actual;
    for (const ExpectedWarning& warning : row.warnings) {
      expected += to_text(warning.name, warning.begin, warning.end, warning.hint);
    }
    for (const Diagnostic& warning : compiled->warnings) {
      actual += to_text(name(warning.code), warning.range.begin, warning.range.end, warning.hint);
    }
    EXPECT_EQ(actual, expected) << row.link_type << ": " << row.text;
  }
}

TEST(Warning, IsSilentWhereNothingSurprises) {
  for (const QuietFilter& quiet : quiet_filters()) {
    const auto compiled = compile(quiet.text, options_for(quiet.link_type, all_but_fragments()));
    ASSERT_TRUE(compiled) << quiet.text << ": " << compiled.error().message;
    for (const Diagnostic& warning : compiled->warnings) {
      ADD_FAILURE() << quiet.link_type << ": " << render(warning, quiet.text, "filter", "warning");
    }
  }
}

TEST(Warning, OfEveryKindHasARow) {
  const auto table = warned_filters();
  for (const WarningKind& kind : warning_kinds()) {
    EXPECT_EQ(find_warning(name(kind.code)), &kind);
    EXPECT_FALSE(kind.about.empty());
    // Takes a filter too long for a row; error_test.cc has it.
    if (kind.code == DiagnosticCode::kWarnProgramTooLong) continue;
    EXPECT_TRUE(std::any_of(table.begin(), table.end(), [&](const WarnedFilter& row) {
      return std::any_of(row.warnings.begin(), row.warnings.end(),
                         [&](const ExpectedWarning& w) { return w.name == name(kind.code); });
    })) << name(kind.code);
  }
  EXPECT_EQ(find_warning("nonsense"), nullptr);
  EXPECT_EQ(find_warning("unknown-name"), nullptr) << "an error";
}

TEST(Warning, LevelsInclude) {
  const WarningSet always = warnings_up_to(WarningLevel::kAlways);
  const WarningSet usual = warnings_up_to(WarningLevel::kUsual);
  EXPECT_EQ(always, kFreeWarnings);
  EXPECT_TRUE(always.without(usual).empty());
  EXPECT_TRUE(usual.without(all_warnings()).empty());
  EXPECT_FALSE(usual.has(DiagnosticCode::kWarnFragments));
}

TEST(Warning, ComesOnlyIfAskedFor) {
  for (const WarnedFilter& row : warned_filters()) {
    for (const WarningKind& kind : warning_kinds()) {
      const auto compiled = compile(row.text, options_for(row.link_type, {kind.code}));
      ASSERT_TRUE(compiled);
      for (const Diagnostic& warning : compiled->warnings) EXPECT_EQ(warning.code, kind.code);
    }
    const auto silent = compile(row.text, options_for(row.link_type, {}));
    ASSERT_TRUE(silent);
    EXPECT_TRUE(silent->warnings.empty()) << row.text;
  }
}

TEST(Warning, HintsCompileAndMatchSomething) {
  for (const WarnedFilter& row : warned_filters()) {
    for (const ExpectedWarning& warning : row.warnings) {
      if (warning.hint.empty()) continue;
      const auto compiled = compile(warning.hint, options_for(row.link_type, kFreeWarnings));
      ASSERT_TRUE(compiled) << warning.hint << ": " << compiled.error().message;
      EXPECT_TRUE(compiled->warnings.empty()) << warning.hint;
    }
  }
}

TEST(Warning, IsTheSameWithoutOptimization) {
  for (const WarnedFilter& row : warned_filters()) {
    CompileOptions options = options_for(row.link_type, all_warnings().without(kFreeWarnings));
    const auto optimized = compile(row.text, options);
    options.optimization = Optimization::kNone;
    const auto plain = compile(row.text, options);
    ASSERT_TRUE(optimized && plain);
    EXPECT_EQ(plain->warnings, optimized->warnings) << row.text;
  }
}

// Counts what it is asked.
class CountingNames final : public NameResolver {
 public:
  Expected<HostAddresses, NameError> host(std::string_view name) const override {
    ++asked[std::string(name)];
    return table_.host(name);
  }
  Expected<EthernetAddress, NameError> ether(std::string_view name) const override {
    return table_.ether(name);
  }
  Expected<std::uint32_t, NameError> network(std::string_view name) const override {
    return table_.network(name);
  }
  Expected<ServicePorts, NameError> port(std::string_view name) const override {
    return table_.port(name);
  }
  Expected<std::uint32_t, NameError> protocol(std::string_view name) const override {
    return table_.protocol(name);
  }

  mutable std::map<std::string, int> asked;

 private:
  static NameTable table() {
    NameTable names;
    names.hosts = {{"one", {{0x01020304}, {}}}, {"two", {{0x05060708}, {}}}};
    return names;
  }
  TableNameResolver table_{table()};
};

TEST(Warning, AsksForANameOnce) {
  const CountingNames names;
  CompileOptions options = options_for("EN10MB", all_warnings());
  options.resolver = &names;
  const auto compiled = compile("not host one and two or tcp and (udp or host one)", options);
  ASSERT_TRUE(compiled);
  EXPECT_FALSE(compiled->warnings.empty());
  EXPECT_THAT(names.asked, ::testing::ElementsAre(::testing::Pair("one", 1),  //
                                                  ::testing::Pair("two", 1)));
}

TEST(Warning, AreFewWhateverTheFilter) {
  std::string text = "tcp";
  for (int i = 0; i < 40; ++i) text += " or not port 80 or 443 or (vlan or tcp[0] = 1)";
  CompileOptions options = options_for("EN10MB", all_warnings());
  const auto compiled = compile(text, options);
  ASSERT_TRUE(compiled) << compiled.error().message;
  std::map<DiagnosticCode, int> counts;
  for (const Diagnostic& warning : compiled->warnings) ++counts[warning.code];
  EXPECT_EQ(counts[DiagnosticCode::kWarnPartialNot], 8);
  EXPECT_EQ(counts[DiagnosticCode::kWarnMovedHeaders], 8);
  EXPECT_EQ(counts[DiagnosticCode::kWarnIpv4Only], 1);
  EXPECT_EQ(counts[DiagnosticCode::kWarnFragments], 1);
}

TEST(Warning, OfDeepFiltersNeedsNoStack) {
  const std::string open(6'000, '(');
  std::string text;
  for (int i = 0; i < 6'000; ++i) text += "not (";
  text += "vlan or tcp[0] = 1 or port 80 or (ip and ip6)" + std::string(6'000, ')');
  const auto compiled = compile(text, options_for("EN10MB", all_warnings()));
  ASSERT_TRUE(compiled) << compiled.error().message;
}

TEST(Warning, OfDeadBranchesIsForFiltersOfUsualSize) {
  const auto warns = [](int alternatives) {
    std::string text = "ip and ip6 or arp";
    for (int i = 0; i < alternatives; ++i) text += " or len = " + std::to_string(i);
    const auto compiled = compile(text, options_for("EN10MB", {DiagnosticCode::kWarnDeadBranch}));
    EXPECT_TRUE(compiled);
    return !compiled->warnings.empty();
  };
  EXPECT_TRUE(warns(100));
  EXPECT_FALSE(warns(200));
}

}  // namespace
}  // namespace bpfc
